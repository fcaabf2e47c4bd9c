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
    """Names the run; empty for a plan without changes, which leaves none."""
    step: str
    digest: str
    at: str
    """When it was begun, UTC: ``2026-11-21T09:30:00Z``."""
    done: tuple[str, ...]
    """What was done, one line each, for people; once it is undone: what was undone."""
    findings: tuple[Finding, ...] = ()
    documents: tuple[Document, ...] = ()
    """What was signed in it."""
    undone: bool = False
    network: str = ""
    """The folder of the state in which its journal is."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A run that was cut off: it can be finished (``resume``), undone (``undo``) or given up (``give_up``)."""

    id: str
    step: str
    digest: str
    at: str
    lines: tuple[str, ...]
    """What it was about to do, one line each."""
    direction: Literal["apply", "undo"]
    network: str = ""
    """The folder of the state in which its journal is."""
