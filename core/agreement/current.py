"""What this operator's state says now: the exchange reduced, and the record that matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..card.model import UnsignedEntry
from ..documents.document import Document, Signature
from ..documents.ed25519 import node_id
from ..finding import Finding, error
from ..way import Blank, once
from .exchange import Exchange, KnownCard, KnownEntry, known_members
from .owners import SignedRecord, signed_by
from .record import NetworkRecord
from .roster import RosterMember
from .tally import Tally


@dataclass(frozen=True, slots=True)
class Admitted:
    """A member whose present card (or entry) the coordinator has approved."""

    moniker: str
    node_id: str
    source: Document | UnsignedEntry | RosterMember
    node_key: bytes | None
    """None for a member without quorate."""
    kept: bool = False
    """As the record before has them: another card came since, or none, and nobody approved or refused it."""


@dataclass(frozen=True)
class Current:
    exchange: Exchange
    signed: SignedRecord | None
    """The record in force; where none is, the one that is accepted first, or the highest that waits for owners."""
    outbox: Mapping[Path, bytes]
    """Records and attestations that wait for a signature by an OpenSSH key."""
    other_chain_ids: frozenset[str]
    """Of the other networks that this operator has a state for."""

    @cached_property
    def records(self) -> tuple[SignedRecord, ...]:
        """All that are here, whatever became of them."""
        succession = self.exchange.succession
        rivals = (one for several in succession.rivals for one in several)
        return (*succession.lineage, *succession.waiting, *succession.refused, *rivals)

    @property
    def offered(self) -> tuple[SignedRecord, ...]:
        """What waits for owners to sign it, and an owner has begun to: the next version, or else the first record."""
        last = self.exchange.succession.in_force
        waiting = [one for one in self.exchange.succession.waiting if not last or one.record.previous == last.id]
        return tuple(one for one in waiting if signed_by(one, (last or one.record).owners))

    @property
    def pending(self) -> SignedRecord | None:
        """The one of them that is shown, where there are several."""
        return max(self.offered, key=lambda one: (one.version, one.id), default=None)

    @property
    def record(self) -> NetworkRecord | None:
        return self.signed.record if self.signed else None

    @property
    def chosen(self) -> str:
        """Id of the record that was answered in the step network, where several exclude one another."""
        return self.exchange.local.answers.get("network", {}).get("record", "")

    @property
    def in_force(self) -> bool:
        return self.exchange.succession.in_force is not None

    @property
    def state(self) -> str:
        """How far the record is, for people."""
        if self.in_force:
            return "in force"
        return "its owners accept it" if self.exchange.record else "waits for its owners"

    @property
    def signatures(self) -> frozenset[Signature]:
        return self.signed.signatures if self.signed else frozenset()

    @property
    def tally(self) -> Tally | None:
        return self.exchange.tally

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.exchange.findings

    @property
    def own_card(self) -> str | None:
        """Id of the newest own card."""
        own = self.exchange.cards.get(self.exchange.own or "")
        return own.document.id if own else None

    @property
    def undecided(self) -> tuple[KnownCard | KnownEntry, ...]:
        """The cards (and entries) that were neither approved nor refused."""
        known = known_members(self.exchange).values()
        return tuple(one for one in known if one.decision is None or one.decision.verdict in (None, "hold"))

    @property
    def refused(self) -> frozenset[str]:
        """Node ids."""
        return frozenset(node_id for node_id, one in known_members(self.exchange).items() if one.refused)

    def missing(self, members: Iterable[Admitted]) -> tuple[str, ...]:
        """Monikers that are expected, and of whom nothing is approved."""
        there = {one.moniker.casefold() for one in members}
        return tuple(name for name in self.exchange.local.expected if name.casefold() not in there)

    def before(self, record: NetworkRecord) -> NetworkRecord | None:
        """The version before, where it is here."""
        return next((one.record for one in self.records if one.id == record.previous), None)

    def head(self, key: bytes | None) -> NetworkRecord | None:
        """What a next version follows: the record at hand, or what the owner ``key`` has made after it already.

        Without a key, or where it is no owner's: what any of the owners has. A second successor of the same version
        would exclude the first one.
        """
        found = next((one.record for one in self.records if one.id == self.chosen), None) or self.record
        while found is not None:
            after = [one for one in self.records if one.record.previous == found.id and _made_by(one, key, found)]
            if len(after) != 1:
                return found
            found = after[0].record
        return None

    def has_part(self, key: bytes, record: NetworkRecord) -> bool:
        """Whether the node of this key signed, accepted, chose or wrote down the record, or one before it.

        That it is named as an owner is no part of its own: anybody can name it.
        """
        chosen = {one.record for one in self.exchange.acceptances if one.node_id == self.exchange.own} | {self.chosen}
        chosen |= {one.id for one in self.records if _has(one, key)}
        following: NetworkRecord | None = record
        while following is not None:
            if following.id in chosen or following.payload in self.outbox.values():
                return True
            following = self.before(following)
        return False

    def chain_ids_besides(self, record: NetworkRecord) -> frozenset[str]:
        """Chain ids that the genesis of ``record`` must not take: of other networks, and of an earlier genesis."""
        earlier, section, before = set[str](), record.section.canonical, self.before(record)
        while before is not None:
            if earlier or before.section.canonical != section:
                earlier.add(before.chain_id)
            before = self.before(before)
        return self.other_chain_ids | earlier

    def knows_genesis(self, record: NetworkRecord, key: bytes | None) -> bool:
        """Return True if this operator has accepted, signed (with ``key``) or written one more version of it."""
        accepted = {one.record for one in self.exchange.acceptances if one.node_id == self.exchange.own}
        section = record.section.canonical
        same = (one for one in self.records if one.record.section.canonical == section and one.id != record.id)
        return any(
            one.id in accepted or (key is not None and _has(one, key)) or one.record.payload in self.outbox.values()
            for one in same
        )

    def introduction(self, record: NetworkRecord) -> NetworkRecord:
        """The earliest version here that leads to ``record`` with the same genesis: its roster made that genesis."""
        before = self.before(record)
        while before is not None and before.section.canonical == record.section.canonical:
            record, before = before, self.before(before)
        return record

    def awaiting(self, key: bytes) -> tuple[NetworkRecord, ...]:
        """The records that wait, of which ``key`` is an owner's who has still to sign, and signed none beside them."""
        return tuple(one.record for one in self.offered if self._asks(one, key))

    def _asks(self, one: SignedRecord, key: bytes) -> bool:
        if one.version == 1 and one.record.member(node_id(key)) is not None:
            # A member's acceptance of the first version is their signature as an owner.
            return False
        beside = [other for other in self.records if other.record.previous == one.record.previous]
        signed = any(signature.key == key for other in beside for signature in other.signatures)
        before = self.before(one.record)
        owners = {owner.key for owner in (*one.record.owners, *(before.owners if before else ()))}
        return key in owners and not (one.record.previous and signed) and not _has(one, key)

    def awaits(self, key: bytes) -> NetworkRecord | None:
        """The one of them to be signed: the chosen one, or the only one. None where that is not clear."""
        several = self.awaiting(key)
        named = next((one for one in several if one.id == self.chosen), None)
        if named is not None or len(several) != 1:
            return named
        beside = {one.id for one in self.records if one.record.previous == several[0].previous}
        return None if self.chosen in beside else several[0]

    def accepted(self, record: NetworkRecord) -> bool:
        """Whether this operator's node has accepted this record, or an earlier version over the same genesis.

        Where power has moved without a signature, only an acceptance of exactly this version counts.
        """
        moved = self.tally is not None and self.tally.moves
        versions = () if moved else self.exchange.succession.era
        era = {one.id for one in versions if one.section.canonical == record.section.canonical}
        holds = (one.record for one in self.exchange.acceptances if one.node_id == self.exchange.own)
        return any(one == record.id or one in era for one in holds)


def _has(one: SignedRecord, key: bytes) -> bool:
    return any(signature.key == key for signature in one.signatures)


def _made_by(one: SignedRecord, key: bytes | None, before: NetworkRecord) -> bool:
    if any(owner.key == key for owner in before.owners):
        return _has(one, key or b"")
    return bool(signed_by(one, before.owners))


def no_record(seen: Current) -> tuple[Finding, ...]:
    """Why there is none: none has come, several have that exclude one another, or owners have still to sign."""
    if seen.exchange.succession.rivals:
        return seen.exchange.succession.findings
    if seen.record is not None:
        message = f"record version {seen.record.version} is here and not in force: owners have still to sign it"
        waits = once("the owners of the record", "import", Blank("FILE"))
        return (error("network-no-record", "record", message, "Ask its owners; see quorate network show.", way=waits),)
    return (
        error(
            "network-no-record",
            "record",
            "no record has come yet",
            "Send your card to the coordinator (quorate card show); when the record comes: quorate import FILE",
            way=once("the record of your coordinator", "import", Blank("FILE")),
        ),
    )


def signed_at_hand(exchange: Exchange) -> SignedRecord | None:
    succession = exchange.succession
    if succession.lineage or succession.opening:
        return succession.lineage[-1] if succession.lineage else succession.opening
    return max(succession.waiting, key=lambda one: (one.version, one.id), default=None)


def admitted(exchange: Exchange) -> Iterator[Admitted]:
    """Approved, and still the same card that was looked at: a decision dies with the card."""
    for name, one in sorted(known_members(exchange).items()):
        if one.decision is None or one.decision.verdict != "approve":
            continue
        if isinstance(one, KnownCard):
            yield Admitted(one.card.moniker, name, one.document, one.card.node_public)
        else:
            yield Admitted(one.entry.moniker, name, one.entry, None)
