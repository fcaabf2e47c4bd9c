"""What is left of a plan once it was applied: the finished Receipt, or the Pending one of a run that was cut off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..finding import Finding

if TYPE_CHECKING:
    from ..documents.document import Document


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    """Names the journal entry; empty for a plan without changes, which leaves none."""
    step: str
    digest: str
    at: str
    """When it was begun, UTC: ``2026-11-21T09:30:00Z``."""
    done: tuple[str, ...]
    """What was done, one line each, for people; once it is undone: what was taken back."""
    findings: tuple[Finding, ...] = ()
    documents: tuple[Document, ...] = ()
    """What was signed in it."""
    undone: bool = False
    back: tuple[str, ...] = ()
    """What undoing it would do, one line each, the last change first; empty once it is undone."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A run that was cut off: it can be finished (``resume``) or taken back (``undo``)."""

    id: str
    step: str
    digest: str
    at: str
    lines: tuple[str, ...]
    """What it was about to do, one line each."""
    direction: Literal["apply", "undo"]
    back: tuple[str, ...] = ()
    """What undoing it would do, one line each, the last change first."""
