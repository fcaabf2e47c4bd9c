"""The lock of one state folder: flock, so that it dies with its holder.

The file tells who holds it (JSON: pid, host, doing), and by its time of change since when.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ..finding import Refusal, error
from .errors import told, trouble
from .folder import Folder
from .passage import made

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PAUSE = 0.02


class Lock:
    """``folder/lock``; ``folder`` is made (0700) where it is missing.

    Another name is another lock: the wizard holds ``wizard`` for as long as it is open, and commands go on working.
    """

    def __init__(self, folder: Path, name: str = "lock") -> None:
        self.path = folder / name
        self.mine = False
        """Whether this very object holds it."""

    @contextmanager
    def held(self, doing: str, patience: float = 0.2, *, make: bool = True) -> Iterator[None]:
        """Hold it; wait at most ``patience`` seconds. ``make``: also the folder, where it is missing.

        Raises Refusal (``state-locked``, ``state-unwritable``, ``state-gone``).
        """
        if self.mine:
            raise _locked(self.path, f"this very run (process {os.getpid()})")
        fd = self._take(patience, make)
        try:
            self._tell(fd, doing)
            self.mine = True
            if self.path.name == "lock":
                _sweep(self.path.parent)
            yield
        finally:
            self.mine = False
            os.close(fd)

    def holder(self) -> str:
        """Who holds it now, for people; empty where nobody does."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return ""
        except OSError as problem:
            raise trouble(problem, self.path) from problem
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(fd)
        finally:
            os.close(fd)
        return ""

    def _take(self, patience: float, make: bool) -> int:
        until = time.monotonic() + patience
        while True:
            fd = self._open(make)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                who = _read_holder(fd)
                os.close(fd)
                if time.monotonic() >= until:
                    raise _locked(self.path, who) from None
                time.sleep(_PAUSE)
                continue
            except OSError as problem:
                os.close(fd)
                raise trouble(problem, self.path) from problem
            try:
                if _same(fd, self.path):
                    return fd
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)

    def _open(self, make: bool) -> int:
        try:
            with made(self.path.parent) if make else Folder(self.path.parent) as folder:
                return os.open(self.path.name, _FLAGS, 0o600, dir_fd=folder.fd)
        except OSError as problem:
            raise _unwritable(self.path, problem) from problem
        except Refusal as refusal:
            if not make and isinstance(refusal.__cause__, FileNotFoundError):
                raise _gone(self.path.parent) from refusal
            if isinstance(refusal.__cause__, OSError):
                raise _unwritable(self.path, refusal.__cause__) from refusal
            raise

    def _tell(self, fd: int, doing: str) -> None:
        who = json.dumps({"pid": os.getpid(), "host": os.uname().nodename, "doing": doing})
        try:
            os.fchmod(fd, 0o600)
            os.ftruncate(fd, 0)
            os.pwrite(fd, who.encode() + b"\n", 0)
        except OSError as problem:
            raise _unwritable(self.path, problem) from problem


def _same(fd: int, path: Path) -> bool:
    with told(path):
        here = os.fstat(fd)
        try:
            there = os.stat(path, follow_symlinks=False)
        except FileNotFoundError:
            return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _sweep(path: Path) -> None:
    """Remove what a run that died while saving left behind: under the lock nobody else writes here."""
    with Folder(path) as folder, told(path):
        for name in os.listdir(folder.fd):
            if name.startswith(".quorate-") and name.endswith(".tmp"):
                folder.remove(name)


def _read_holder(fd: int) -> str:
    try:
        told = json.loads(os.pread(fd, 1000, 0))
        since = datetime.fromtimestamp(os.fstat(fd).st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"process {int(told['pid'])} on {told['host']} ({told['doing']}, since {since})"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"


def _locked(path: Path, who: str) -> Refusal:
    return Refusal(
        error(
            "state-locked",
            path,
            f"{who} holds the lock of this state, expected nobody",
            "Wait until it has ended, then do it again; a lock dies with its process, so there is nothing to delete.",
        )
    )


def _gone(folder: Path) -> Refusal:
    return Refusal(
        error(
            "state-gone",
            folder,
            f"{folder} is no longer there: the network was renamed, or its folder moved, while this ran",
            "See which networks there are, then repeat the command with --network NAME: quorate status",
        )
    )


def _unwritable(path: Path, problem: OSError) -> Refusal:
    return Refusal(
        error(
            "state-unwritable",
            path,
            f"{path}: {problem.strerror}",
            "Run as the owner of the state, or name another one with --state DIR.",
        )
    )
