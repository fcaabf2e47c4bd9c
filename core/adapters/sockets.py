"""What this machine's network stack says: which addresses it has, and which names resolve."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading

_NOT_HERE = {
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EAFNOSUPPORT: "this machine has no addresses of that family",
    errno.EINVAL: "this machine has no interface for it",
    errno.ENODEV: "this machine has no such interface",
}
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class LocalSockets:
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
