"""One HTTP GET over a stream, parsed by h11. Its size is limited here, its time by the caller."""

from __future__ import annotations

import h11

from .world import Stream

_HEAD_LIMIT = 64 << 10
_PIECE = 1 << 16


class HttpError(Exception):
    """The answer cannot be used; the text says why, as a clause. ``is_http``: an HTTP server gave it, whole."""

    def __init__(self, why: str, *, is_http: bool = True) -> None:
        super().__init__(why)
        self.is_http = is_http


async def get(stream: Stream, host: str, target: str, limit: int) -> bytes:
    """The body of ``GET target``, whatever its status: no redirect is followed.

    ``host``: the value of the Host header. ``limit``: bytes of the body. Raises HttpError, and OSError as the stream.
    """
    connection = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT)
    headers = [("Host", host), ("Accept", "application/json"), ("Connection", "close")]
    try:
        request = connection.send(h11.Request(method="GET", target=target, headers=headers))
        await stream.write((request or b"") + (connection.send(h11.EndOfMessage()) or b""))
        return await _body(stream, connection, limit)
    except h11.LocalProtocolError as wrong:
        raise HttpError(str(wrong), is_http=False) from wrong


async def _body(stream: Stream, connection: h11.Connection, limit: int) -> bytes:
    body, came = bytearray(), b""
    begun = ended = False
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as wrong:
            raise _wrong(wrong, came, begun, ended, len(body)) from wrong
        if event is h11.NEED_DATA:
            piece = await stream.read(_PIECE)
            ended = not piece
            came = (came + piece)[:16]
            connection.receive_data(piece)
        elif isinstance(event, h11.Response):
            begun = True
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > limit:
                raise HttpError(f"the answer is larger than {limit} bytes")
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            return bytes(body)


def _wrong(wrong: h11.RemoteProtocolError, came: bytes, begun: bool, ended: bool, length: int) -> HttpError:
    if begun and ended:
        return HttpError(f"the answer broke off after {length} bytes", is_http=False)
    if not came.startswith(b"HTTP/"):
        return HttpError("what answers is no HTTP server", is_http=False)
    if wrong.error_status_hint == 431:
        return HttpError(f"the head of the answer is larger than {_HEAD_LIMIT} bytes")
    return HttpError("the answer broke off" if ended else f"the answer is not valid HTTP ({wrong})", is_http=False)
