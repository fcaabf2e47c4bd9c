"""Whether a node runs on a folder: its databases lock a file called LOCK (goleveldb by flock, others by fcntl)."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..finding import Refusal, error

_DEPTH = 3


def held_locks(folder: Path) -> tuple[Path, ...]:
    """Every file LOCK at most three folders below ``folder`` that another process holds; sorted.

    Raises Refusal (``node-lock-unreadable``) where one can not be tested, for then nobody knows.
    """
    return tuple(path for path in sorted(_locks(folder, _DEPTH)) if _is_held(path))


def refuse_running(folder: Path) -> None:
    """Raise Refusal (``node-running``) where a node runs on ``folder``."""
    for path in held_locks(folder):
        raise Refusal(
            error(
                "node-running",
                path,
                f"a running node holds {path}, expected the node stopped",
                "Stop the node and whatever restarts it (systemd, Monit, Docker), then do it again.",
            )
        )


def _locks(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as problem:
        raise _unreadable(folder, problem) from problem
    for entry in entries:
        if entry.name == "LOCK" and entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
        elif depth > 1 and entry.is_dir(follow_symlinks=False):
            yield from _locks(Path(entry.path), depth - 1)


def _is_held(path: Path) -> bool:
    try:
        fd = _open(path)
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode) and (_is_flocked(fd) or _is_range_locked(fd))
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    finally:
        os.close(fd)


def _open(path: Path) -> int:
    more = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, os.O_RDWR | more)
    except (PermissionError, OSError) as problem:
        if problem.errno not in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise
        return os.open(path, os.O_RDONLY | more)


def _is_flocked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False


def _is_range_locked(fd: int) -> bool:
    # A shared test lock needs no permission to write, and meets every exclusive one.
    try:
        fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as problem:
        if problem.errno in {errno.EACCES, errno.EAGAIN}:
            return True
        raise
    fcntl.lockf(fd, fcntl.LOCK_UN)
    return False


def _unreadable(path: Path, problem: OSError) -> Refusal:
    return Refusal(
        error(
            "node-lock-unreadable",
            path,
            f"whether a node runs can not be told: {path}: {problem.strerror}",
            "Run as the owner of the node's home.",
        )
    )
