"""What taking a run back does, in words: the same lines before it is done and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..safe import safe
from .journal import Journal, Move, Secret, Signing, Write


def way_back(journal: Journal) -> tuple[str, ...]:
    """What would be done, one line each, the last change first."""
    return tuple(_lines(journal, "remove", "bring back", "keep"))


def taken_back(journal: Journal) -> tuple[str, ...]:
    """What was done, one line each, the last change first."""
    return tuple(_lines(journal, "removed", "brought back", "kept"))


def _lines(journal: Journal, remove: str, bring: str, keep: str) -> Iterator[str]:
    for index, entry in reversed(tuple(enumerate(journal.intent.entries))):
        match entry:
            case Write(before=None):
                yield f"{remove} {safe(entry.path)}, which was made"
            case Write():
                yield f"{bring} {safe(entry.path)} as it was before"
            case Move():
                yield f"{bring} {safe(entry.path)}, which was set aside as {safe(Path(entry.to).name)}"
            case Secret() if index in journal.started:
                yield f"{keep} the key file {safe(entry.path)}"
            case Signing() if index in journal.payloads:
                yield f"{keep} the signed {entry.kind}"
            case _:
                continue
