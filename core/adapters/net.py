"""What this machine's network stack says: which addresses it has, and which names resolve."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import struct
import sys
import threading
from pathlib import Path

from ..finding import Refusal, error

_NOT_HERE = {
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EAFNOSUPPORT: "this machine has no addresses of that family",
    errno.EINVAL: "this machine has no interface for it",
    errno.ENODEV: "this machine has no such interface",
}
_PROC = Path("/proc/net")
_LISTENS = "0A"
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class LocalStream:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, limit: int) -> bytes:
        return await self._reader.read(limit)

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        self._writer.transport.abort()


class LocalNet:
    def bind_fault(self, ip: str) -> str | None:
        """Why no program can listen at that IP address; empty if one can, None if it could not be determined.

        A socket is bound to a port that the system chooses and closed at once; it never listens.
        """
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(
                ip, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )[0]
            with socket.socket(family, kind, protocol) as bound:
                bound.bind(place)
        except socket.gaierror:
            return None
        except OSError as problem:
            return _NOT_HERE.get(problem.errno or 0)
        return ""

    def free_ports(self, count: int, first: int) -> tuple[int, ...]:
        """Loopback TCP ports that nothing listens on, counted up from ``first``: practice looks like the real thing.

        Raises Refusal (``ports-taken``).
        """
        found: list[int] = []
        port = first
        while len(found) < count and port < 65000:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                    found.append(port)
                except OSError:
                    pass
            port += 1
        if len(found) < count:
            raise Refusal(
                error("ports-taken", "127.0.0.1", f"no {count} free ports from {first} on", "End other programs.")
            )
        return tuple(found)

    def listening(self) -> frozenset[tuple[str, int]] | None:
        """From /proc/net, where Linux lists its sockets (proc(5))."""
        found = set[tuple[str, int]]()
        for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
            try:
                lines = (_PROC / name).read_text("ascii").splitlines()[1:]
            except FileNotFoundError:
                continue
            except OSError:
                return None
            found |= {_place(line.split()[1], family) for line in lines if line.split()[3] == _LISTENS}
        return frozenset(found)

    async def connect(self, host: str, port: int, *, tls: bool = False) -> LocalStream:
        reader, writer = await asyncio.open_connection(host, port, ssl=tls or None)
        return LocalStream(reader, writer)

    async def look_up(self, name: str, seconds: float = 5) -> tuple[str, ...] | None:
        """The IP addresses of a name, none if it does not resolve; None if it could not be determined."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[str, ...] | None] = loop.create_future()

        def give(found: tuple[str, ...] | None) -> None:
            if not answer.done():
                answer.set_result(found)

        def ask() -> None:
            found = _addresses(name)
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(give, found)

        # A daemon: the system's resolver has no time limit of ours, and nobody waits for it at the end.
        threading.Thread(target=ask, daemon=True).start()
        try:
            return await asyncio.wait_for(answer, seconds)
        except TimeoutError:
            return None


def _addresses(name: str) -> tuple[str, ...] | None:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as problem:
        return () if problem.errno in _NO_SUCH_NAME else None
    except (OSError, UnicodeError):
        return None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _place(text: str, family: int) -> tuple[str, int]:
    """``0100007F:1A2B``: 32-bit words in the machine's own order, and the port."""
    address, _, port = text.partition(":")
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    packed = struct.pack(f"{'<' if sys.byteorder == 'little' else '>'}{len(words)}I", *words)
    return socket.inet_ntop(family, packed), int(port, 16)
