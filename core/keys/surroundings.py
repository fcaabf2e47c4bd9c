"""What stands around the key files: sign state, left-overs, another generation's key, a git work tree. No secrets."""

from __future__ import annotations

from pathlib import Path

from ..finding import Refusal
from ..home.model import Home
from ..world import Files
from .model import DamagedState, KeyFile, SignState, parse_sign_state

_STATE_LIMIT = 1 << 20


def git_work_tree(files: Files, path: Path) -> Path | None:
    """The folder at or above ``path`` that is a git work tree."""
    return next((folder for folder in (path, *path.parents) if files.stat(folder / ".git")), None)


def sign_state_of(files: Files, home: Home, validator: KeyFile | None) -> tuple[SignState | None, str]:
    if home.files.sign_state is None:
        if validator is None or validator.sign_state is None:
            return None, (validator.state_damaged if validator else "") or "missing"
        return validator.sign_state, ""
    return read_sign_state(files, home.files.sign_state)


def read_sign_state(files: Files, path: Path) -> tuple[SignState | None, str]:
    """A sign state file (since 0.28), and what is wrong with it: empty, ``missing``, or our words."""
    try:
        content = files.read(path, _STATE_LIMIT)
        return (None, "missing") if content is None else (parse_sign_state(content), "")
    except DamagedState as problem:
        return None, str(problem)
    except Refusal:
        return None, "it can not be read"


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
