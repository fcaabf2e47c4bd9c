"""The exports of the command line, which were asked for by path. Never over a file, and never into a node home."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from ..disk.folder import Folder
from ..disk.passage import hold
from ..finding import Refusal, error

_FOLDER_MODE = 0o755


def write_files(folder: Path, files: Mapping[str, bytes], *, home: str) -> tuple[Path, ...]:
    """Write new files into ``folder``, made where missing. Names are ours, never foreign text. Their real places.

    ``home``: the operator's node home. A file that is there with the same content is left; with another, Refusal
    (``export-exists``). Raises Refusal too for a folder of a node home (``export-into-home``).
    """
    _refuse_home(folder, home)
    with hold(folder, _FOLDER_MODE) as held:
        return tuple(_write(held, name, content) for name, content in files.items())


def write_file(path: Path, content: bytes, *, home: str) -> Path:
    """Write one new file, 0644, and return its real place.

    Raises Refusal (as ``write_files``, ``link-owner``, what the operating system refuses).
    """
    return write_files(path.parent, {path.name: content}, home=home)[0]


def _refuse_home(folder: Path, known: str) -> None:
    """Nothing gets into a home that a plan has not shown (P7)."""
    place = Path(os.path.realpath(folder))
    home = Path(os.path.realpath(known)) if known else None
    if home is None or home not in (place, *place.parents):
        above = (place.parent,) if place.name in ("config", "data") else ()
        home = next((at for at in (place, *above) if _is_home(at)), None)
    if home is not None:
        message = f"{folder} is part of the node home {home}; expected a folder beside it"
        fix = (
            "Name a different folder. What belongs into your own home, the steps put there once you approved it: "
            "quorate apply genesis, quorate apply config"
        )
        raise Refusal(error("export-into-home", folder, message, fix))


def _is_home(folder: Path) -> bool:
    config = folder / "config"
    if any((config / name).exists() for name in ("priv_validator_key.json", "node_key.json")):
        return True
    # Beside flags.txt it is an earlier export for a machine that has no home here.
    return (config / "config.toml").exists() and not (config / "flags.txt").exists()


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
