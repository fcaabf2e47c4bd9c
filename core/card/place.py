"""Where a card is saved for sending: a name made of the moniker, in a folder of the operator's own."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

from ..world import Files

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


def file_name(moniker: str) -> str:
    """``alice.card``: letters, digits, dots and hyphens of the moniker, so that every system can hold it."""
    return (_ODD.sub("-", moniker).strip("-._") or "my") + ".card"


def free_place(files: Files, folder: Path, moniker: str, content: bytes) -> Path:
    """Where ``content`` stands in ``folder`` already, or where nothing does: ``alice.card``, ``alice-2.card``.

    Raises Refusal as ``Files.stat`` and ``Files.read``.
    """
    name = file_name(moniker)
    names = (name, *(f"{name.removesuffix('.card')}-{number}.card" for number in range(2, 100)))
    for path in (folder / one for one in names):
        stat = files.stat(path)
        if stat is None or (stat.kind == "file" and stat.size == len(content) and files.read(path) == content):
            return path
    return folder / next(f"{name}-{number}" for number in count(100) if files.stat(folder / f"{name}-{number}") is None)
