"""What all documents together say: a value, the same for the same set of documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from ..card.model import NodeCard, UnsignedEntry
from ..documents.document import Document, Status
from ..documents.ed25519 import node_id
from ..finding import Finding
from ..state import Decision, Local
from .acceptance import Acceptance, Attestation
from .content import Content
from .record import NetworkRecord
from .succession import Succession
from .tally import Tally

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class KnownCard:
    """The newest card of one node, or the earlier one that this operator keeps instead."""

    card: NodeCard
    document: Document
    history: tuple[NodeCard, ...] = ()
    """Earlier cards of that node, the newest first."""
    decision: Decision | None = None
    """About exactly this card."""
    earlier: Decision | None = None
    """About an earlier card of the node, as long as nothing is decided about this one."""
    passed: NodeCard | None = None
    """The newest card, where this earlier one is kept."""

    @property
    def verified(self) -> bool:
        return self.decision is not None and self.decision.confirmed != ""

    @property
    def refused(self) -> bool:
        return self.decision is not None and self.decision.verdict == "refuse"


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """A member without quorate, of whom there is no card."""

    entry: UnsignedEntry
    decision: Decision | None = None

    @property
    def verified(self) -> bool:
        return self.decision is not None and self.decision.confirmed != ""

    @property
    def refused(self) -> bool:
        return self.decision is not None and self.decision.verdict == "refuse"


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """One document as the others show it: ``known`` (in use), older, damaged, forged, foreign or newer."""

    id: str
    kind: str
    status: Status
    subject: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Exchange:
    network: str
    now: datetime
    own: str | None
    """Node id of this operator's node."""
    local: Local
    documents: tuple[Document, ...] = ()
    """Each once, with all its signatures, sorted by id."""
    cards: Mapping[str, KnownCard] = field(default_factory=dict)
    """By node id, sorted by moniker."""
    unsigned: Mapping[str, KnownEntry] = field(default_factory=dict)
    """By node id, sorted by moniker; nobody who has a card."""
    disputed: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    """By node id: different cards of one serial, the newest there is; none of them is used."""
    succession: Succession = field(default_factory=Succession)
    acceptances: tuple[Acceptance, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    contents: tuple[Content, ...] = ()
    """What every document says that is of this network and can be used, sorted by its id."""
    tally: Tally | None = None
    """Of ``record``."""
    statuses: Mapping[str, DocumentStatus] = field(default_factory=dict)
    """By document id."""
    agreement: tuple[Finding, ...] = ()
    """About record and acceptances, also among the ``findings``."""
    findings: tuple[Finding, ...] = ()

    def said(self, kind: type[Said]) -> tuple[Said, ...]:
        """What the documents of one kind say."""
        return tuple(one for one in self.contents if isinstance(one, kind))

    @property
    def record(self) -> NetworkRecord | None:
        """The record in force; to an owner, also the first version that their acceptance helps to put in force."""
        record = self.succession.at_hand
        if record is None or self.succession.lineage:
            return record
        return record if any(node_id(owner.key) == self.own for owner in record.owners) else None

    @property
    def members(self) -> tuple[NodeCard | UnsignedEntry, ...]:
        """Whom the coordinator has not refused."""
        return (
            *(one.card for one in self.cards.values() if not one.refused),
            *(one.entry for one in self.unsigned.values() if not one.refused),
        )


def known_members(exchange: Exchange) -> dict[str, KnownCard | KnownEntry]:
    """By node id: those with a card first."""
    return {**exchange.cards, **exchange.unsigned}


def moniker_of(one: KnownCard | KnownEntry) -> str:
    return one.card.moniker if isinstance(one, KnownCard) else one.entry.moniker


def node_id_of(one: KnownCard | KnownEntry) -> str:
    return one.card.node_id if isinstance(one, KnownCard) else one.entry.node_id


def card_id_of(one: KnownCard | KnownEntry) -> str:
    return one.document.id if isinstance(one, KnownCard) else one.entry.id
