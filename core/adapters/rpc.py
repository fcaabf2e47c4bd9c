"""What a running node answers over its RPC port: plain HTTP GET, bounded in time and size."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request

from ..finding import Refusal, unknown

_LIMIT = 32 << 20


async def get(base: str, path: str, seconds: float = 5) -> bytes:
    """The body of ``GET base/path``. Raises Refusal (``rpc-unreachable``); no proxy and no redirect is followed."""
    return await asyncio.to_thread(_get, f"{base.rstrip('/')}/{path}", seconds)


async def result(base: str, path: str, seconds: float = 5) -> object:
    """The ``result`` of a JSON-RPC answer. Raises Refusal (``rpc-unreachable``, ``rpc-answer``)."""
    body = await get(base, path, seconds)
    try:
        answer = json.loads(body)
        return answer["result"]
    except (ValueError, KeyError, TypeError, RecursionError) as reason:
        raise Refusal(
            unknown("rpc-answer", base, "the answer is not that of a node's RPC", "Give the address of port 26657.")
        ) from reason


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _get(url: str, seconds: float) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise Refusal(unknown("rpc-unreachable", url, "an RPC address begins with http://", "Use http://HOST:26657."))
    try:
        with _OPENER.open(url, timeout=seconds) as response:
            body: bytes = response.read(_LIMIT + 1)
    except urllib.error.HTTPError as failure:
        body = failure.read(_LIMIT + 1)
    except (OSError, ValueError) as failure:
        why = getattr(failure, "reason", failure)
        raise Refusal(
            unknown("rpc-unreachable", url, f"no answer: {why}", "See whether the node runs and its RPC port is right.")
        ) from failure
    if len(body) > _LIMIT:
        raise Refusal(unknown("rpc-answer", url, f"the answer is larger than {_LIMIT} bytes", "Ask another node."))
    return body
