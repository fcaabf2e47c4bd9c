"""How many hold exactly this record and this genesis. QUORATE, and free to start, when all who vote at the start do.

Counted are the initial validators of the genesis section: later versions over the same genesis add nobody and leave
nobody out, and an acceptance of any of them holds for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ..finding import Finding
from . import conflicts
from .acceptance import Acceptance, Attestation
from .conflicts import Word
from .record import NetworkRecord
from .roster import RosterMember


@dataclass(frozen=True, slots=True)
class Tally:
    """Monikers, in the record's order."""

    accepted: tuple[str, ...] = ()
    attested: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    conflicting: tuple[str, ...] = ()
    """Signed something else of the same version; never counted."""
    watching: tuple[str, ...] = ()
    """Full nodes without power that accepted: shown, not counted."""
    findings: tuple[Finding, ...] = ()

    @property
    def needed(self) -> int:
        return len(self.accepted) + len(self.attested) + len(self.missing) + len(self.conflicting)

    @property
    def quorate(self) -> bool:
        return self.needed > 0 and not self.missing and not self.conflicting

    @property
    def sentence(self) -> str:
        """ "3 signed, 1 attested of 5; missing Dave"."""
        attested = f", {len(self.attested)} attested" if self.attested else ""
        missing = f"; missing {', '.join(self.missing)}" if self.missing else ""
        conflicting = f"; in conflict {', '.join(self.conflicting)}" if self.conflicting else ""
        return f"{len(self.accepted)} signed{attested} of {self.needed}{missing}{conflicting}"


def tally(
    record: NetworkRecord,
    acceptances: Iterable[Acceptance],
    attestations: Iterable[Attestation] = (),
    *,
    earlier: Iterable[NetworkRecord] = (),
) -> Tally:
    """Count for the genesis of ``record``. ``earlier``: the versions before it over the same genesis.

    Only what carries a signature is counted (``read_acceptance``, ``read_attestation``).
    """
    era = {one.id: one for one in (*earlier, record) if one.section.canonical == record.section.canonical}
    return _Count(record, era, tuple(acceptances), tuple(attestations)).result()


class _Count:
    """One count, while it is made."""

    def __init__(
        self,
        record: NetworkRecord,
        era: dict[str, NetworkRecord],
        acceptances: tuple[Acceptance, ...],
        attestations: tuple[Attestation, ...],
    ) -> None:
        self.record = record
        self.era = era
        self.versions = {one.version for one in era.values()}
        known = [(one.id, member) for one in era.values() for member in _speaking(one)]
        self.members = {member.node_id: member for _, member in known}
        self.names = {member.validator_key: member.moniker for _, member in known}
        self.rows = {(record_id, member.node_id): member for record_id, member in known}
        self.acceptances = _in_order(acceptances)
        self.attestations = _in_order(attestations)
        self.conflicts: set[bytes] = set()
        self.findings: list[Finding] = []

    def result(self) -> Tally:
        self.findings.extend(self.find_conflicts())
        accepted = {member.validator_key: member for member in self.accepting()}
        attested = {member.validator_key for member in self.attesting()} - set(accepted)
        voters = [(one.key, self.names.get(one.key, one.name)) for one in self.record.section.validators]
        keys = {one.key for one in self.record.section.validators}
        return Tally(
            accepted=tuple(name for key, name in voters if key in accepted and key not in self.conflicts),
            attested=tuple(name for key, name in voters if key in attested and key not in self.conflicts),
            missing=tuple(name for key, name in voters if key not in {*accepted, *attested, *self.conflicts}),
            conflicting=tuple(name for key, name in voters if key in self.conflicts),
            watching=tuple(member.moniker for key, member in accepted.items() if key not in keys),
            findings=tuple(dict.fromkeys(self.findings)),
        )

    def accepting(self) -> Iterator[RosterMember]:
        for one in self.acceptances:
            member = self.rows.get((one.record, one.node_id))
            if member is None or not self.holds(one):
                continue
            if not one.words_checked and len(self.era[one.record].members) > 1:
                self.findings.append(conflicts.words_unchecked(member))
            yield member

    def attesting(self) -> Iterator[RosterMember]:
        for one in self.attestations:
            member = self.rows.get((one.record, one.node_id))
            if member is None or not self.holds(one):
                continue
            if one.owner not in {owner.key for owner in self.era[one.record].owners}:
                self.findings.append(conflicts.no_owner(one, member))
            elif member.signed:
                self.findings.append(conflicts.attested_signed(member))
            else:
                yield member

    def holds(self, one: Word) -> bool:
        record = self.era[one.record]
        return one.genesis_sha256 == record.genesis_sha256 and one.version == record.version

    def find_conflicts(self) -> Iterator[Finding]:
        """Members who signed (or for whom was attested) something else of a version of this era, or a later version."""
        said: tuple[Word, ...] = (*self.acceptances, *self.attestations)
        for word in said:
            member = self.members.get(word.node_id)
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
            return not self.holds(word)
        return word.version in self.versions

    def counterpart(self, word: Word) -> Word | None:
        """What the same member signed of this record, for showing both."""
        same = self.acceptances if isinstance(word, Acceptance) else self.attestations
        return next(
            (one for one in same if one.node_id == word.node_id and one.record in self.era and self.holds(one)), None
        )


def _speaking(record: NetworkRecord) -> tuple[RosterMember, ...]:
    """The members who can speak for their validator key: nobody without power for the key of one who has it."""
    voting = {member.validator_key for member in record.voters}
    return tuple(member for member in record.members if member.power or member.validator_key not in voting)


Kind = TypeVar("Kind", Acceptance, Attestation)


def _in_order(words: tuple[Kind, ...]) -> tuple[Kind, ...]:
    return tuple(sorted((one for one in words if one.signature), key=lambda one: (one.node_id, one.serial, one.id)))
