"""One HTTP GET over a stream, parsed by h11: bounded in size by us, and in time by whoever asks."""

from __future__ import annotations

import h11

from .world import Stream

_HEAD_LIMIT = 64 << 10
_PIECE = 1 << 16


class HttpError(Exception):
    """What came is no answer that can be used; the text says why, as a clause. ``is_http``: it is one of a server."""

    def __init__(self, why: str, *, is_http: bool = True) -> None:
        super().__init__(why)
        self.is_http = is_http


async def get(stream: Stream, host: str, target: str, limit: int) -> bytes:
    """The body of ``GET target``, whatever its status: no redirect is followed.

    ``host``: as the header says it. ``limit``: bytes of the body. Raises HttpError, and OSError as the stream.
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
    begun = False
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as wrong:
            raise _wrong(wrong, came, begun, len(body)) from wrong
        if event is h11.NEED_DATA:
            piece = await stream.read(_PIECE)
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


def _wrong(wrong: h11.RemoteProtocolError, came: bytes, begun: bool, length: int) -> HttpError:
    if begun:
        return HttpError(f"the answer broke off after {length} bytes", is_http=False)
    if not came.startswith(b"HTTP/"):
        return HttpError("what answers is no HTTP server", is_http=False)
    if wrong.error_status_hint == 431:
        return HttpError(f"the head of the answer is larger than {_HEAD_LIMIT} bytes")
    return HttpError("the answer broke off", is_http=False)
