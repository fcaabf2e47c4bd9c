"""Reading the file system of this machine."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Literal

from ..finding import Refusal, error, unknown
from ..world import FileStat

_HEAD = 4096
_PRIVATE = re.compile(rb'"priv_key"\s*:|-----BEGIN [A-Z ]*PRIVATE KEY-----', re.IGNORECASE)
"""In the first bytes of every form of a node's key files, and of PEM and OpenSSH keys."""
_NOTHING = (FileNotFoundError, NotADirectoryError)


class LocalFiles:
    def read(self, path: Path, limit: int = 1 << 20, *, follow: bool = True) -> bytes | None:
        """The content, or None where nothing is. Opens plain files only, and with ``follow=False`` no link either.

        Raises Refusal (``file-unreadable``, ``file-too-large``, ``file-not-regular``, ``file-private-key``).
        """
        if not follow and (seen := self.stat(path)) is not None and seen.kind != "file":
            raise _not_regular(path)
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        try:
            fd = os.open(path, flags if follow else flags | os.O_NOFOLLOW)
        except _NOTHING:
            return None
        except (OSError, ValueError) as problem:
            raise _unreadable("file-unreadable", path, problem) from problem
        try:
            return _content(fd, path, limit)
        except OSError as problem:
            raise _unreadable("file-unreadable", path, problem) from problem
        finally:
            os.close(fd)

    def stat(self, path: Path, *, follow: bool = False) -> FileStat | None:
        """What is at ``path``, or None if nothing is; ``follow`` looks behind a link at its end.

        Raises Refusal (``file-unreadable``).
        """
        try:
            seen = os.stat(path, follow_symlinks=follow)
        except _NOTHING:
            return None
        except (OSError, ValueError) as problem:
            raise _unreadable("file-unreadable", path, problem) from problem
        return FileStat(_kind(seen.st_mode), stat.S_IMODE(seen.st_mode), seen.st_uid, seen.st_size)

    def names(self, folder: Path, limit: int = 10_000) -> tuple[str, ...]:
        """The names in a folder, sorted; none where it is missing.

        Raises Refusal (``folder-unreadable``, ``folder-too-large``).
        """
        found: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found.append(entry.name)
                    if len(found) > limit:
                        raise _too_large("folder-too-large", folder, f"more than {limit} names", f"at most {limit}")
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as problem:
            raise _unreadable("folder-unreadable", folder, problem) from problem
        return tuple(sorted(found))

    def real(self, path: Path) -> Path:
        """The place to which ``path`` leads through every link on the way and at its end; it need not exist."""
        try:
            return Path(os.path.realpath(path))
        except ValueError:
            return path  # No file can have a name with a NUL in it: it leads nowhere.


def _content(fd: int, path: Path, limit: int) -> bytes:
    seen = os.fstat(fd)
    if not stat.S_ISREG(seen.st_mode):
        raise _not_regular(path)
    head = os.pread(fd, _HEAD, 0)
    if _PRIVATE.search(head):
        raise _private(path)
    chunks: list[bytes] = []
    left = limit + 1
    while left > 0 and (chunk := os.read(fd, min(left, 1 << 20))):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0:
        size = max(seen.st_size, limit + 1)
        raise _too_large("file-too-large", path, f"{size} bytes", f"at most {limit}")
    return b"".join(chunks)


def _private(path: Path) -> Refusal:
    """Whatever its name is, and whoever asks: only the key process reads a private key (P1)."""
    message = f"{path} holds a private key; nothing more of it was read, and it is not shown"
    fix = f"Put the file there that belongs there, and the key file back to its own name: see ls -l {path}"
    return Refusal(error("file-private-key", path, message, fix))


def _kind(mode: int) -> Literal["file", "folder", "link", "other"]:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def _unreadable(code: str, path: Path, problem: OSError | ValueError) -> Refusal:
    why = problem.strerror if isinstance(problem, OSError) else str(problem)
    return Refusal(error(code, path, f"{path} can not be read: {why}", "Look at the path and its permissions."))


def _too_large(code: str, path: Path, found: str, expected: str) -> Refusal:
    """A limit of ours says nothing about the file: it was not looked at."""
    fix = "Check that this is the right path; quorate does not judge what is larger."
    return Refusal(unknown(code, path, f"{path} has {found}; quorate reads {expected}", fix))


def _not_regular(path: Path) -> Refusal:
    return Refusal(
        error(
            "file-not-regular",
            path,
            f"{path} is a link, folder, pipe or device, expected a plain file",
            "Name the plain file itself.",
        )
    )
