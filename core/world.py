"""The ports of one run: what steps read the world through. Real ones are made in ``core.adapters``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from .finding import Refusal, error

if TYPE_CHECKING:
    from .state import State


@dataclass(frozen=True, slots=True)
class FileStat:
    """What a path is; a link at its end is itself unless it was followed."""

    kind: Literal["file", "folder", "link", "other"]
    mode: int
    """Permission bits, 0o0000 to 0o7777."""
    uid: int
    size: int


class Files(Protocol):
    """Reading only: what is written in a home, ``core.changes`` writes, as ``core.apply`` has it do."""

    def read(self, path: Path, limit: int = 1 << 20, *, follow: bool = True) -> bytes | None:
        """The content, or None where nothing is. ``follow=False`` opens no link, pipe or device.

        Raises Refusal (``file-unreadable``, ``file-too-large``, ``file-not-regular``).
        """
        ...

    def stat(self, path: Path, *, follow: bool = False) -> FileStat | None:
        """What is at ``path``, or None if nothing is; ``follow`` looks behind a link at its end.

        Raises Refusal (``file-unreadable``).
        """
        ...

    def names(self, folder: Path, limit: int = 10_000) -> tuple[str, ...]:
        """The names in a folder, sorted; none where it is missing.

        Raises Refusal (``folder-unreadable``, ``folder-too-large``).
        """
        ...

    def real(self, path: Path) -> Path:
        """The place to which ``path`` leads through every link on the way and at its end; it need not exist."""
        ...


def required(files: Files, path: Path, fix: str, limit: int = 1 << 20) -> bytes:
    """The content of a file that a person named. Raises Refusal (``file-missing``, and as ``Files.read``)."""
    content = files.read(path, limit)
    if content is None:
        raise Refusal(error("file-missing", path, f"{path} does not exist", fix))
    return content


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that has ended."""

    code: int
    stdout: bytes
    stderr: bytes


class Running(Protocol):
    """A process that stays, with the last lines that it printed."""

    @property
    def lines(self) -> Sequence[str]: ...

    @property
    def ended(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        ...

    def ask_to_end(self) -> None:
        """Send TERM, and wait for nothing."""
        ...


class Processes(Protocol):
    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        seconds: float = 20,
    ) -> Completed:
        """Run to the end; killed after ``seconds`` or when the task is cancelled. No shell, ever.

        Raises Refusal (``program-missing``, ``program-timeout``).
        """
        ...

    def start(
        self, argv: Sequence[str], *, environ: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[Running]:
        """A process that runs while the context lasts, and ends with it however it is left.

        Raises Refusal (``program-missing``).
        """
        ...

    def find(self, name: str) -> Path | None:
        """Where a program of that name stands on PATH."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def zone(self) -> tzinfo:
        """The operator's own time zone."""
        ...


class Stream(Protocol):
    """A connection; each call raises OSError where it is lost."""

    async def read(self, limit: int) -> bytes:
        """What has come, at most ``limit`` bytes; nothing at the end."""
        ...

    async def write(self, data: bytes) -> None: ...

    def close(self) -> None:
        """At once, whatever is still on its way."""
        ...


class Net(Protocol):
    """What this machine's network stack says. Nothing is sent, except by ``look_up`` and ``connect``."""

    def bind_fault(self, ip: str) -> str | None:
        """Why no program can listen at that IP address; empty if one can, None if it could not be determined."""
        ...

    def free_ports(self, count: int, first: int) -> tuple[int, ...]:
        """Loopback TCP ports that nothing listens on, counted up from ``first``. Raises Refusal (``ports-taken``)."""
        ...

    def listening(self) -> frozenset[tuple[str, int]] | None:
        """IP address and TCP port of all that listens here; None if it could not be determined."""
        ...

    async def connect(self, host: str, port: int, *, tls: bool = False) -> Stream:
        """Without a time limit of its own. With ``tls`` the certificate is verified. Raises OSError."""
        ...

    async def look_up(self, name: str, seconds: float = 5) -> tuple[str, ...] | None:
        """The IP addresses of a name, none if it does not resolve; None if it could not be determined."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    files: Files
    processes: Processes
    clock: Clock
    environ: Mapping[str, str]
    net: Net | None = None
    """None: what depends on the network stack could not be determined."""
    state: State | None = None
    """The state of the network at hand; None for commands that touch none (check, review, diff)."""

    def at(self, state: State) -> World:
        return replace(self, state=state)
