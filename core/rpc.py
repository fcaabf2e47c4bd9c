"""What a running node answers over its RPC port: plain HTTP GET, bounded in size, and in time as a whole.

An HTTP client's time limit is for each read, and a port that trickles would be read for ever.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from . import http
from .finding import Refusal, unknown
from .world import Net

_LIMIT = 32 << 20
_ERROR = 4096
"""Bytes of the longest answer that may be an error."""
_WHOLE = 128 << 20
"""Bytes of a genesis that comes in pieces of 16 MiB (rpc/core/env.go, genesisChunkSize)."""
_PIECE_SECONDS = 30


async def get(net: Net, base: str, path: str, seconds: float = 5) -> bytes:
    """The body of ``GET base/path``. Raises Refusal (``rpc-unreachable``, ``rpc-answer``).

    No proxy is asked, and no redirect followed. ``seconds`` are for all of it.
    """
    url = f"{base.rstrip('/')}/{path}"
    host, port, secure, named, target = _parts(url)
    try:
        async with asyncio.timeout(seconds):
            stream = await net.connect(host, port, tls=secure)
            try:
                return await http.get(stream, named, target, _LIMIT)
            finally:
                stream.close()
    except TimeoutError as late:
        raise _unreachable(url, f"nothing whole came within {seconds:g} s") from late
    except http.HttpError as wrong:
        raise (_no_answer if wrong.is_http else _unreachable)(url, str(wrong)) from wrong
    except (OSError, EOFError, UnicodeError) as failure:
        raise _unreachable(url, _why(failure)) from failure


async def result(net: Net, base: str, path: str, seconds: float = 5) -> object:
    """The ``result`` of a JSON-RPC answer. Raises Refusal (``rpc-unreachable``, ``rpc-answer``)."""
    body = await get(net, base, path, seconds)
    try:
        answer = json.loads(body)
        return answer["result"]
    except (ValueError, KeyError, TypeError, RecursionError) as reason:
        raise _no_answer(base, "the answer is not that of a node's RPC") from reason


async def genesis(net: Net, base: str) -> bytes:
    """The answer to ``/genesis``; where the node says that it is too large, the document itself from its pieces.

    Raises Refusal as ``result``.
    """
    answer = await get(net, base, "genesis")
    if len(answer) > _ERROR or b"genesis_chunked" not in answer:
        return answer
    whole, total, number = bytearray(), 1, 0
    while number < total:
        told: Any = await result(net, base, f"genesis_chunked?chunk={number}", _PIECE_SECONDS)
        try:
            total, data = int(told["total"]), base64.b64decode(told["data"], validate=True)
        except (KeyError, TypeError, ValueError) as reason:
            raise _no_answer(base, f"the answer for piece {number} is not that of a node's RPC") from reason
        if not data or len(whole) + len(data) > _WHOLE:
            raise _no_answer(base, f"its genesis is empty, or larger than {_WHOLE} bytes")
        whole += data
        number += 1
    return bytes(whole)


def _parts(url: str) -> tuple[str, int, bool, str, str]:
    """Host, port, whether by TLS, what the Host header says, and path with query. Raises Refusal."""
    if not re.fullmatch(r"https?://[!-~]+", url):
        raise _unreachable(url, "an RPC address begins with http://, and has no blanks")
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
    except ValueError as wrong:
        raise _unreachable(url, str(wrong)) from wrong
    if not parts.hostname:
        raise _unreachable(url, "it names no host")
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return parts.hostname, port, secure, parts.netloc.rpartition("@")[2], target


def _why(failure: BaseException) -> str:
    with suppress(AttributeError):
        return str(failure.strerror or type(failure).__name__)  # type: ignore[attr-defined]
    return type(failure).__name__


def _unreachable(url: str, why: str) -> Refusal:
    fix = "See whether the node runs, and give its RPC address: http://HOST:26657"
    return Refusal(unknown("rpc-unreachable", url, f"no answer: {why}", fix))


def _no_answer(url: str, what: str) -> Refusal:
    return Refusal(unknown("rpc-answer", url, what, "Give the address of a node's RPC, port 26657."))
