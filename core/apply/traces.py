"""What the runs of a network have left in a home."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..changes.sign import Signing
from ..documents.kinds import KINDS
from ..finding import Refusal
from .journal import Journal, journals

_KEYS = "keys"
"""The keys of a home belong to no network: any that begins there goes on with them."""


def has_traces(state: Path, home: Path) -> bool:
    """Return True if a network has written to ``home`` or accepted a record with its key, or that cannot be read.

    ``state``: the network's folder. ``home``: through no link.
    """
    try:
        return any(_is_trace(journal, home) for journal in journals(state))
    except Refusal:
        return True


def is_in_use(state: Path, home: Path) -> bool:
    """As :func:`has_traces`, and where anything was signed with its key, such as a card."""
    try:
        return any(_is_trace(one, home) or any(_signed_below(one, home)) for one in journals(state))
    except Refusal:
        return True


def _is_trace(journal: Journal, home: Path) -> bool:
    written = journal.places if journal.intent.step != _KEYS else ()
    if journal.phase in ("applying", "applied", "undoing") and any(_is_below(str(one), home) for one in written):
        return True
    # A signature stays, whatever became of the files.
    return any(KINDS[entry.kind].binds for entry in _signed_below(journal, home))


def _signed_below(journal: Journal, home: Path) -> Iterator[Signing]:
    for index, entry in enumerate(journal.entries):
        if isinstance(entry, Signing) and _is_below(entry.home, home) and journal.noted(index).get("signed"):
            yield entry


def _is_below(path: str, home: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(home)
