"""quorate's own folder for one network: ``STATE/<network>/`` (0700; files 0600). Never a secret in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .documents.document import Document, Status

Role = Literal["", "member", "coordinator"]
Verdict = Literal["approve", "hold", "refuse"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the coordinator (or a member, for the words) decided about one card, by its id: it dies with the card."""

    card: str
    """Id (SHA-256 hex) of the card, or of the unsigned entry, that was looked at."""
    verdict: Verdict | None = None
    reason: str = ""
    confirmed: str = ""
    """How its words were compared ("phone, 2026-11-21"); empty: unverified."""


@dataclass(frozen=True, slots=True)
class Local:
    """What this operator said and decided; enough to draw the first screen. Kept in ``local.json``."""

    role: Role = ""
    home: str = ""
    """Absolute path of the node home; empty for a coordinator without a node."""
    profile: str = ""
    """The profile that was answered; empty: as recognised."""
    step: str = ""
    field: str = ""
    """Where the person was: step and field."""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By step id, by field name, as typed."""
    expected: tuple[str, ...] = ()
    """Monikers that the coordinator waits for."""
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    """By node id."""
    unsigned: Mapping[str, str] = field(default_factory=dict)
    """Members without quorate: canonical JSON of their unsigned entry, by node id."""


class State:
    """Opened for one network. Reading never locks; every writing method holds the lock only while it writes."""

    root: Path
    network: str

    @classmethod
    def networks(cls, root: Path) -> tuple[str, ...]:
        """The networks that have a folder below ``root``."""
        raise NotImplementedError

    @classmethod
    def open(cls, root: Path, network: str) -> State:
        """Raises Refusal (``state-unreadable``, ``state-damaged``, ``network-name``). Writes nothing until something is saved."""
        raise NotImplementedError

    @property
    def folder(self) -> Path:
        raise NotImplementedError

    @property
    def local(self) -> Local:
        raise NotImplementedError

    def save(self, local: Local) -> None:
        """Replace ``local.json`` atomically. Raises Refusal (``state-locked`` naming the holder, ``state-unwritable``)."""
        raise NotImplementedError

    def documents(self) -> tuple[Document, ...]:
        """All documents of ``documents.txt``, signatures of equal ids merged, in the order in which they came."""
        raise NotImplementedError

    def add(self, documents: tuple[Document, ...]) -> tuple[tuple[Document, Status], ...]:
        """Append what is not there yet (new document or new signature), fsynced. Raises Refusal as ``save``."""
        raise NotImplementedError
