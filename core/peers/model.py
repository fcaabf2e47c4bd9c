"""The door to the exchange: what all documents together say, and what an import would change."""

from __future__ import annotations

from .changes import FieldChange, card_changes
from .compare import Compared, after_import, compare
from .exchange import DocumentStatus, Exchange, KnownCard, KnownEntry
from .reduce import merged, reduce

__all__ = [
    "Compared",
    "DocumentStatus",
    "Exchange",
    "FieldChange",
    "KnownCard",
    "KnownEntry",
    "after_import",
    "card_changes",
    "compare",
    "merged",
    "reduce",
]
