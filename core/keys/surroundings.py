"""What stands around the key files: sign state, left-overs, another generation's key, a git work tree. No secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..finding import Refusal
from ..home.model import Home
from ..world import Files
from .model import KeyFile
from .sign_state import StateFile, Trouble, parse_sign_state

_STATE_LIMIT = 1 << 20
_TRACES = ("state.db", "blockstore.db", "cs.wal", "priv_validator_state.json")
"""What a data folder has that was used."""


def git_work_tree(files: Files, path: Path) -> Path | None:
    """The folder at or above ``path`` that is a git work tree."""
    return next((folder for folder in (path, *path.parents) if files.stat(folder / ".git")), None)


def sign_state_of(files: Files, home: Home, validator: KeyFile | None) -> StateFile:
    """The sign state of the key file where that has it (up to 0.27), else of its own file."""
    if home.files.sign_state is not None:
        return read_sign_state(files, home)
    inside = validator.inside if validator is not None else None
    return StateFile(missing=True) if inside is None else inside


def read_sign_state(files: Files, home: Home, path: Path | None = None) -> StateFile:
    """The sign state file of ``home``, or the one at ``path``, as the node of its profile reads it."""
    path = path or home.files.sign_state
    if path is None:
        return StateFile(missing=True)
    try:
        content = files.read(path, _STATE_LIMIT)
    except Refusal:
        return StateFile(troubles=(Trouble("it can not be read", "Run quorate as the owner of the home."),))
    if content is None:
        return StateFile(missing=True)
    return parse_sign_state(content, round_quoted=home.profile.state_round_quoted)


def older_data(files: Files, home: Home) -> Iterator[tuple[Path, StateFile]]:
    """Folders that once were the data folder, beside it or in the home, and the sign state in each."""
    data = home.files.data
    for folder in dict.fromkeys((data.parent, home.path)):
        for name in _names(files, folder):
            other = folder / name
            if other != data and any(_exists(files, other / trace) for trace in _TRACES):
                yield other, read_sign_state(files, home, other / "priv_validator_state.json")


def state_copies(files: Files, home: Home) -> Iterator[tuple[Path, StateFile]]:
    """Copies of the sign state beside it: the same name with something behind it."""
    state = home.files.sign_state
    for name in _names(files, state.parent) if state is not None else ():
        if state is not None and name.startswith(state.name) and name != state.name:
            yield state.parent / name, read_sign_state(files, home, state.parent / name)


def _names(files: Files, folder: Path) -> tuple[str, ...]:
    try:
        return files.names(folder)
    except Refusal:
        return ()


def _exists(files: Files, path: Path) -> bool:
    try:
        return files.stat(path) is not None
    except Refusal:
        return False


def other_generation(files: Files, home: Home) -> Path | None:
    path = home.files.other_validator_key
    return path if path != home.files.validator_key and files.stat(path) else None


def strays(files: Files, home: Home) -> tuple[Path, ...]:
    folders = dict.fromkeys((home.path / "config", home.path / "data"))
    return tuple(
        folder / name
        for folder in folders
        if (stat := files.stat(folder)) and stat.kind in ("folder", "link")
        for name in files.names(folder)
        if name.startswith("write-file-atomic-")
    )
