"""The content of a file, before and after a change, for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from ..safe import safe


def unified(path: Path, before: bytes | None, after: bytes | None) -> Iterator[str]:
    """A unified diff, safe to show; None where there is no file."""
    old, new = ((side or b"").decode("utf-8", "replace").splitlines() for side in (before, after))
    old_name, new_name = ("/dev/null" if side is None else safe(path) for side in (before, after))
    for line in difflib.unified_diff(old, new, old_name, new_name, lineterm=""):
        yield safe(line)


def size_of(content: bytes) -> str:
    size = len(content)
    return f"{size} B" if size < 1000 else f"{size / 1000:.1f} kB"
