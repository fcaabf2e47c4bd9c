"""One folder, opened once and held: everything below goes through its descriptor, so that no link can be slipped in."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from ..finding import Refusal, error
from .errors import stale, told
from .renameat2 import EXCHANGE, NOREPLACE, renameat2

_PASS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HOLD = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK = 1 << 16
"""Small enough that every read finds its memory at hand: one of a MiB is mapped and given back each time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A regular file as it stands."""

    content: bytes
    mode: int
    uid: int
    gid: int
    links: int
    attributes: tuple[tuple[str, bytes], ...]


class Folder:
    """A folder held open. Every method raises Refusal."""

    def __init__(self, path: Path) -> None:
        """``path`` is absolute and goes through no link."""
        self.path = path
        with told(path):
            self.fd = _open(path)
            seen = os.fstat(self.fd)
        self.uid, self.gid, self.mode = seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: object, value: object, at: object) -> None:
        self.close()

    def close(self) -> None:
        os.close(self.fd)

    def refuse_unsafe(self, file_owner: int | None = None) -> None:
        """Raise Refusal if another user could swap files in it (``folder-writable``, ``folder-owner``)."""
        refuse_writable(self.path, self.mode)
        me = os.geteuid()
        if self.uid == file_owner or (me == 0 and file_owner is None):
            return
        refuse_owner(self.path, self.uid)

    def has(self, name: str) -> bool:
        return self._lstat(name) is not None

    def look(self, name: str) -> Standing | None:
        """The file ``name``, or None where nothing is. Raises Refusal (``target-not-regular``) for all else."""
        seen = self._lstat(name)
        if seen is None:
            return None
        if not stat.S_ISREG(seen.st_mode):
            raise _not_regular(self.path / name)
        with told(self.path, name):
            fd = os.open(name, _READ, dir_fd=self.fd)
            try:
                return _standing(fd, self.path, name)
            finally:
                os.close(fd)

    def make_file(self, name: str, content: bytes, mode: int, like: Standing | None = None) -> None:
        """A new file, synced: owner, mode, attributes as ``like``; else ``mode`` and, for root, the folder's owner."""
        with told(self.path, name):
            fd = os.open(name, _MAKE, 0o600, dir_fd=self.fd)
            try:
                _fill(fd, content)
                self._give(fd, mode, like)
                os.fsync(fd)
            finally:
                os.close(fd)

    def make_folder(self, name: str, mode: int = 0o700) -> None:
        """A new folder, synced; nothing where one stands already."""
        with told(self.path, name):
            try:
                self._make_folder(name, (self.uid, self.gid), mode)
            except FileExistsError:
                return

    def make_folder_like(self, name: str, like: str) -> None:
        """A new folder, synced, with the owner and mode of the folder ``like``. Raises Refusal if ``name`` exists."""
        seen = self._lstat(like)
        with told(self.path, name):
            if seen is None or not stat.S_ISDIR(seen.st_mode):
                self._make_folder(name, (self.uid, self.gid), 0o700)
            else:
                self._make_folder(name, (seen.st_uid, seen.st_gid), 0o700 | (seen.st_mode & 0o055))

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder; nothing where none is."""
        with told(self.path, name):
            try:
                os.rmdir(name, dir_fd=self.fd)
            except FileNotFoundError:
                return

    def rename(self, name: str, to: str, target: Folder | None = None) -> None:
        """Rename, in this folder or into ``target``; an old file at ``to`` is replaced."""
        where = target or self
        with told(where.path, to):
            os.rename(name, to, src_dir_fd=self.fd, dst_dir_fd=where.fd)

    def rename_new(self, name: str, to: str, target: Folder | None = None) -> None:
        """Rename, in this folder or into ``target``. Raises Refusal (``plan-stale``) if anything is at ``to``."""
        where = target or self
        try:
            with told(where.path, to):
                if renameat2(self.fd, name, where.fd, to, NOREPLACE):
                    return
                if not where.has(to):
                    os.rename(name, to, src_dir_fd=self.fd, dst_dir_fd=where.fd)
                    return
        except Refusal as refusal:
            if not isinstance(refusal.__cause__, FileExistsError):
                raise
        raise stale(where.path / to, f"{where.path / to} exists, expected nothing there")

    def exchange(self, name: str, other: str) -> bool:
        """Exchange two names in one step. False if the file system cannot; then nothing was done."""
        with told(self.path, other):
            return renameat2(self.fd, name, self.fd, other, EXCHANGE)

    def remove(self, name: str) -> None:
        """Unlink a file; nothing where none is."""
        with told(self.path, name):
            try:
                os.unlink(name, dir_fd=self.fd)
            except FileNotFoundError:
                return

    def sync(self) -> None:
        with told(self.path):
            os.fsync(self.fd)

    def replace(self, name: str, temp: str, content: bytes, mode: int) -> None:
        """Put ``content`` at ``name``, atomically and synced, by way of ``temp``, which is gone afterwards."""
        try:
            self.make_file(temp, content, mode)
            self.rename(temp, name)
        except BaseException:
            self.remove(temp)
            raise
        self.sync()

    def _lstat(self, name: str) -> os.stat_result | None:
        with told(self.path, name):
            try:
                return os.stat(name, dir_fd=self.fd, follow_symlinks=False)
            except FileNotFoundError:
                return None

    def _make_folder(self, name: str, owner: tuple[int, int], mode: int) -> None:
        os.mkdir(name, 0o700, dir_fd=self.fd)
        if os.geteuid() == 0 and owner != (0, 0):
            os.chown(name, *owner, dir_fd=self.fd, follow_symlinks=False)
        os.chmod(name, mode, dir_fd=self.fd)
        os.fsync(self.fd)

    def _give(self, fd: int, mode: int, like: Standing | None) -> None:
        owner = (self.uid, self.gid) if like is None else (like.uid, like.gid)
        seen = os.fstat(fd)
        if owner != (seen.st_uid, seen.st_gid) and (like is not None or os.geteuid() == 0):
            os.fchown(fd, *owner)
        os.fchmod(fd, mode if like is None else like.mode)
        for name, value in like.attributes if like else ():
            _set_attribute(fd, name, value)


class Folders:
    """Folders that are opened once and held for a while. To be forgotten when one of them is renamed."""

    def __init__(self) -> None:
        self._held: dict[str, Folder] = {}

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, kind: object, value: object, at: object) -> None:
        self.forget()

    def at(self, path: Path | str) -> Folder:
        """Raises Refusal."""
        held = self._held.get(str(path))
        if held is None:
            held = self._held[str(path)] = Folder(Path(path))
        return held

    def of(self, file: str) -> tuple[Folder, str]:
        """The folder of a file, and the file's name in it. Raises Refusal."""
        parent, name = os.path.split(file)
        return self.at(parent), name

    def sync(self) -> None:
        """Raises Refusal."""
        for folder in self._held.values():
            folder.sync()

    def forget(self) -> None:
        for folder in self._held.values():
            folder.close()
        self._held.clear()


def is_folder(path: Path) -> bool:
    """Return True if ``path``, a real place, is a folder. Raises Refusal if it cannot be determined."""
    with told(path):
        try:
            return stat.S_ISDIR(os.lstat(path).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False


def refuse_writable(path: Path, mode: int) -> None:
    """Raise Refusal (``folder-writable``) if others may rename what is in the folder ``path``."""
    if mode & 0o022 and not mode & stat.S_ISVTX:
        message = f"{path} has mode {mode:04o}, expected go-w: others could swap files in it"
        raise Refusal(
            error("folder-writable", path, message, f"Take the permission away: `chmod go-w {shlex.quote(str(path))}`")
        )


def refuse_owner(path: Path, uid: int, also: int | None = None) -> None:
    """Raise Refusal (``folder-owner``) if another user owns the folder ``path``, and so can swap what is in it.

    ``also``: the owner of what is written, who may own the folders on the way to it.
    """
    me = os.geteuid()
    if uid in {me, 0, also}:
        return
    expected = " or ".join(f"user {one}" for one in dict.fromkeys((me, also)) if one is not None and one != 0)
    message = f"{path} belongs to user {uid}, expected {f'{expected} or root' if expected else 'root'}"
    fix = f"Run as user {uid}, or give the folder to the owner of the files in it."
    raise Refusal(error("folder-owner", path, message, fix))


def _open(path: Path) -> int:
    """A descriptor of ``path``, which goes through no link. Raises Refusal (``folder-linked``) if it does."""
    try:
        fd = os.open(path, _HOLD)
    except OSError as problem:
        if problem.errno not in {errno.ELOOP, errno.ENOTDIR}:
            raise
        return _walk(path)
    try:
        # The kernel's own name of what was opened: it is another one where a link was on the way.
        if os.readlink(f"/proc/self/fd/{fd}") == str(path):
            return fd
    except OSError:
        pass
    os.close(fd)
    return _walk(path)


def _walk(path: Path) -> int:
    parts = path.parts
    fd = os.open(parts[0], _HOLD if len(parts) == 1 else _PASS)
    for index, part in enumerate(parts[1:], 2):
        try:
            below = os.open(part, _HOLD if index == len(parts) else _PASS, dir_fd=fd)
        except OSError:
            _refuse_link(Path(*parts[:index]), fd)
            raise
        finally:
            os.close(fd)
        fd = below
    return fd


def _refuse_link(path: Path, fd: int) -> None:
    try:
        leads = os.readlink(path.name, dir_fd=fd)
    except OSError:
        return
    raise Refusal(
        error(
            "folder-linked",
            path,
            f"{path} is a link now (to {leads}), expected a folder: nothing is written through it",
            "Check who made the link. Put the folder back, or make the plan again and check where it leads.",
        )
    )


def _standing(fd: int, folder: Path, name: str) -> Standing:
    seen = os.fstat(fd)
    if not stat.S_ISREG(seen.st_mode):
        raise _not_regular(folder / name)
    chunks = []
    while chunk := os.read(fd, _CHUNK):
        chunks.append(chunk)
    mode = stat.S_IMODE(seen.st_mode)
    return Standing(b"".join(chunks), mode, seen.st_uid, seen.st_gid, seen.st_nlink, _attributes(fd))


def _attributes(fd: int) -> tuple[tuple[str, bytes], ...]:
    if not hasattr(os, "listxattr"):
        return ()
    try:
        return tuple((name, os.getxattr(fd, name)) for name in os.listxattr(fd))
    except OSError:
        return ()


def _set_attribute(fd: int, name: str, value: bytes) -> None:
    # Best effort: a label that only the kernel may set (security.*) is set by the kernel anyway.
    try:
        os.setxattr(fd, name, value)
    except OSError:
        return


def _fill(fd: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _not_regular(path: Path) -> Refusal:
    return Refusal(
        error(
            "target-not-regular",
            path,
            f"{path} is a link, folder, pipe or device, expected a plain file",
            "Put a plain file there, or set it aside.",
        )
    )
