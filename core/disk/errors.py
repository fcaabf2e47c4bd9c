"""What the operating system refused, as a Refusal that says what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from ..finding import Refusal, error

_KNOWN = {
    errno.ENOSPC: ("disk-full", "the disk is full", "Free some space there, then do it again."),
    errno.EDQUOT: ("disk-full", "the disk quota is used up", "Free some space there, then do it again."),
    errno.EROFS: (
        "disk-read-only",
        "the file system is mounted read-only",
        "Remount it for writing, or choose another folder.",
    ),
    errno.EBUSY: (
        "file-busy",
        "it is a mount point, as a file mounted into a container is",
        "Mount the folder above it instead, or do this outside the container.",
    ),
    errno.EPERM: (
        "file-not-permitted",
        "the operating system does not permit it",
        "Look for an immutable flag (lsattr; chattr -i takes it off), and run as the owner of the file.",
    ),
    errno.EACCES: (
        "file-denied",
        "permission denied",
        "Run as the owner of that folder, or give yourself the permission.",
    ),
    errno.EIO: ("disk-failing", "input/output error", "Look at the kernel's log (dmesg): the disk may be failing."),
}
_OTHER = ("file-trouble", "Look at that path, then do it again.")


def trouble(problem: OSError, path: Path | str) -> Refusal:
    """The Refusal for an OSError at ``path``."""
    if problem.errno in _KNOWN:
        code, message, fix = _KNOWN[problem.errno]
        return Refusal(error(code, path, f"{path}: {message}", fix))
    code, fix = _OTHER
    return Refusal(error(code, path, f"{path}: {problem.strerror or problem}", fix))


def stale(path: Path, message: str) -> Refusal:
    """The disk is not as the plan has it."""
    return Refusal(error("plan-stale", path, message, "Make the plan again and check it."))


class told:  # noqa: N801  (used as a function: ``with told(path):``)
    """Every OSError inside becomes a Refusal that names ``path``, or ``name`` in the folder ``path``."""

    __slots__ = ("name", "path")

    def __init__(self, path: Path | str, name: str = "") -> None:
        self.path, self.name = path, name

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, problem: BaseException | None, at: object) -> None:
        if isinstance(problem, OSError):
            raise trouble(problem, Path(self.path, self.name)) from problem
