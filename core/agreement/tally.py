"""How many hold exactly this record and this genesis. QUORATE, and free to start, when all who vote at the start do.

Counted are the initial validators of the genesis section: later versions over the same genesis add nobody and leave
nobody out. An acceptance of any of them holds for all, as long as the validator key is still held by the member who
accepted (``holders``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from ..finding import Finding
from . import conflicts
from .acceptance import Acceptance, Attestation
from .conflicts import Word
from .holders import Move, holders, holding, holds
from .record import NetworkRecord
from .roster import RosterMember

Counted = Literal["accepted", "attested", "missing", "conflicting", "moved", "watching"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Monikers, in the record's order."""

    accepted: tuple[str, ...] = ()
    attested: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Also those of ``moved`` who have power in this genesis."""
    conflicting: tuple[str, ...] = ()
    """Signed something else of the same version; never counted."""
    moved: tuple[str, ...] = ()
    """Whose power this version gives to a different node, without their signature."""
    watching: tuple[str, ...] = ()
    """Full nodes without power that accepted: shown, not counted."""
    waits: str = ""
    """Which owners have still to sign or accept a first version; empty where it is in force."""
    counted: Mapping[bytes, Counted] = field(default_factory=dict)
    """By validator key."""
    moves: tuple[Move, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def needed(self) -> int:
        return len(self.accepted) + len(self.attested) + len(self.missing) + len(self.conflicting)

    @property
    def quorate(self) -> bool:
        return self.needed > 0 and not (self.missing or self.conflicting or self.moved or self.waits)

    @property
    def sentence(self) -> str:
        """ "3 signed, 1 attested of 5; missing Dave"."""
        attested = f", {len(self.attested)} attested" if self.attested else ""
        parts = (
            f"{len(self.accepted)} signed{attested} of {self.needed}",
            f"missing {', '.join(self.missing)}" if self.missing else "",
            f"in conflict {', '.join(self.conflicting)}" if self.conflicting else "",
            f"power moved without a signature of {', '.join(self.moved)}" if self.moved else "",
            self.waits,
        )
        return "; ".join(filter(None, parts))


def tally(
    record: NetworkRecord,
    acceptances: Iterable[Acceptance],
    attestations: Iterable[Attestation] = (),
    *,
    earlier: Iterable[NetworkRecord] = (),
    own: str | None = None,
    signers: Collection[str] = (),
    waits: str = "",
) -> Tally:
    """Count for the genesis of ``record``. ``earlier``: the versions before it. ``own``: this operator's node id.

    ``signers``: node ids of whom a signed card is here, whatever the record says of them.

    Only what carries a signature is counted (``read_acceptance``, ``read_attestation``).
    """
    lineage = sorted({one.id: one for one in (*earlier, record)}.values(), key=lambda one: one.version)
    return _Count(record, lineage, _in_order(acceptances), _in_order(attestations), own, signers).result(waits)


class _Count:
    """One count, while it is made."""

    def __init__(
        self,
        record: NetworkRecord,
        lineage: list[NetworkRecord],
        acceptances: tuple[Acceptance, ...],
        attestations: tuple[Attestation, ...],
        own: str | None,
        signers: Collection[str],
    ) -> None:
        self.record = record
        self.own = own
        self.signers = {*signers, *((own,) if own else ())}
        self.era = {one.id: one for one in lineage if one.section.canonical == record.section.canonical}
        self.versions = {one.version for one in self.era.values()}
        self.held = holders(lineage, acceptances, attestations, own)
        self.voters = {one.key: one.name for one in record.section.validators if one.key not in self.held.left}
        self.members = self.who_counts()
        self.acceptances = acceptances
        self.attestations = attestations
        self.conflicts: set[bytes] = set()
        self.findings: list[Finding] = []

    def who_counts(self) -> dict[tuple[str, str], RosterMember]:
        """By record of this era and node id: who speaks for a validator key, and holds it still."""
        moved = {move.key for move in self.held.open}
        holds_now = {**{key: found[0] for key, found in holding(self.record).items()}, **self.held.members}
        return {
            (record_id, found[0].node_id): found[0]
            for record_id, record in self.era.items()
            for key, found in holding(record).items()
            if len(found) == 1 and key not in moved and key in holds_now and holds_now[key].node_id == found[0].node_id
        }

    def result(self, waits: str) -> Tally:
        self.findings.extend(self.find_conflicts())
        counted: dict[bytes, Counted] = dict.fromkeys(self.voters, "missing")
        counted |= {member.validator_key: "attested" for member in self.attesting()}
        counted |= {member.validator_key: "accepted" for member in self.accepting()}
        counted |= dict.fromkeys(self.conflicts & self.voters.keys(), "conflicting")
        counted |= {move.key: "moved" for move in self.held.open}
        counted |= {key: "watching" for key, how in counted.items() if key not in self.voters and how == "accepted"}
        return Tally(
            accepted=self.names(counted, "accepted"),
            attested=self.names(counted, "attested"),
            missing=self.names(counted, "missing", "moved"),
            conflicting=self.names(counted, "conflicting"),
            moved=tuple(conflicts.whose(move) for move in self.held.open),
            watching=tuple(one.moniker for one in self.record.members if counted.get(one.validator_key) == "watching"),
            waits=waits,
            counted=counted,
            moves=self.held.open,
            findings=tuple(dict.fromkeys((*conflicts.moves(self.held, self.own), *self.findings))),
        )

    def names(self, counted: Mapping[bytes, Counted], *how: Counted) -> tuple[str, ...]:
        names = {key: member.moniker for key, member in self.held.members.items()}
        return tuple(names.get(key, name) for key, name in self.voters.items() if counted[key] in how)

    def accepting(self) -> Iterator[RosterMember]:
        for one in self.acceptances:
            member = self.members.get((one.record, one.node_id))
            if member is None or not holds(one, self.era[one.record]):
                continue
            if not one.words_checked and len(self.era[one.record].members) > 1:
                self.findings.append(conflicts.words_unchecked(member))
            yield member

    def attesting(self) -> Iterator[RosterMember]:
        for one in self.attestations:
            member = self.members.get((one.record, one.node_id))
            if member is None or not holds(one, self.era[one.record]):
                continue
            if one.owner not in {owner.key for owner in self.era[one.record].owners}:
                self.findings.append(conflicts.no_owner(one, member))
            elif member.signed or self.signs_now(member) or member.node_id in self.signers:
                self.findings.append(conflicts.attested_signed(member))
            else:
                yield member

    def signs_now(self, member: RosterMember) -> bool:
        """Return True if a later version has the card of a member who could not sign before."""
        now = self.record.member(member.node_id)
        return now is not None and now.signed

    def find_conflicts(self) -> Iterator[Finding]:
        """Members who signed (or for whom was attested) something else of a version of this era, or a later version."""
        before = (move.old for move in (*self.held.settled, *self.held.open) if move.old is not None)
        members = {member.node_id: member for member in (*before, *self.members.values())}
        said: tuple[Word, ...] = (*self.acceptances, *self.attestations)
        for word in said:
            member = members.get(word.node_id)
            if member is None or (isinstance(word, Attestation) and not self.counts(word, member)):
                continue
            if self.is_other(word):
                self.conflicts.add(member.validator_key)
                yield conflicts.conflict(word, self.counterpart(word), member, self.record)
            elif word.version > max(self.versions):
                yield conflicts.ahead(word, member, self.record)

    def counts(self, word: Attestation, member: RosterMember) -> bool:
        return not member.signed and any(
            word.owner == owner.key for record in self.era.values() for owner in record.owners
        )

    def is_other(self, word: Word) -> bool:
        if word.record in self.era:
            return not holds(word, self.era[word.record])
        return word.version in self.versions

    def counterpart(self, word: Word) -> Word | None:
        """What the same member signed of this record, for showing both."""
        same = self.acceptances if isinstance(word, Acceptance) else self.attestations
        mine = (one for one in same if one.node_id == word.node_id and one.record in self.era)
        return next((one for one in mine if holds(one, self.era[one.record])), None)


Kind = TypeVar("Kind", Acceptance, Attestation)


def _in_order(words: Iterable[Kind]) -> tuple[Kind, ...]:
    return tuple(sorted((one for one in words if one.signature), key=lambda one: (one.node_id, one.serial, one.id)))
