"""The exports of the command line, which were asked for by path. Never over a file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from ..apply.folder import Folder
from ..apply.passage import hold
from ..finding import Refusal, error

_FOLDER_MODE = 0o755


def write_files(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write new files into ``folder``, made where missing. Names are ours, never foreign text. Their real places.

    A file that is there with the same content is left; with another, Refusal (``export-exists``).
    """
    with hold(folder, _FOLDER_MODE) as held:
        return tuple(_write(held, name, content) for name, content in files.items())


def write_file(path: Path, content: bytes) -> Path:
    """Write one new file, 0644, and return its real place.

    Raises Refusal (``export-exists``, ``link-owner``, what the operating system refuses).
    """
    with hold(path.parent, _FOLDER_MODE) as held:
        return _write(held, path.name, content)


def _write(folder: Folder, name: str, content: bytes) -> Path:
    path = folder.path / name
    temp = f".quorate-{os.getpid()}-{secrets.token_hex(4)}.tmp"
    if folder.has(name):
        if _holds(folder, name, content):
            return path
        raise Refusal(error("export-exists", path, "something else is there", "Name another place, or move it."))
    try:
        folder.make_file(temp, content, 0o644)
        folder.rename_new(temp, name)
    finally:
        folder.remove(temp)
    folder.sync()
    return path


def _holds(folder: Folder, name: str, content: bytes) -> bool:
    # A file of a different size is not opened: it may be a key file that was named by mistake.
    if os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_size != len(content):
        return False
    try:
        standing = folder.look(name)
    except Refusal:
        return False
    return standing is not None and standing.content == content
