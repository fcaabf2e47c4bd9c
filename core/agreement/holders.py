"""Whose power it is: who holds each validator key of the genesis, followed from version to version.

The validator keys of a genesis are fixed; the member under one of them is what a later version can change. A change of
that member counts once the old node key has signed an acceptance of exactly that version (the hand-over), or once all
members have accepted exactly that version, words compared, most of them with the keys that they had before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .acceptance import Acceptance, Attestation
from .record import NetworkRecord
from .roster import RosterMember

Settled = Literal["", "handed over", "accepted anew"]


@dataclass(frozen=True, slots=True)
class Move:
    """A version that gives the power of a validator key to a different member, or to nobody."""

    key: bytes
    old: RosterMember | None
    """None where the versions before did not say whose it is."""
    new: tuple[RosterMember, ...]
    """Empty: nobody; several: it cannot be determined whose power it is."""
    record: NetworkRecord
    settled: Settled = ""

    def is_of(self, node_id: str | None) -> bool:
        """Return True if it takes the power from the node of this id."""
        return self.old is not None and self.old.node_id == node_id


@dataclass(frozen=True, slots=True)
class Holders:
    """What the versions up to the last one have settled."""

    members: Mapping[bytes, RosterMember]
    """By validator key of the genesis: whose power it is."""
    left: frozenset[bytes]
    """Validator keys whose members have agreed to leave the roster."""
    settled: tuple[Move, ...]
    open: tuple[Move, ...]
    """Of the last version: nobody has agreed to these."""


def holding(record: NetworkRecord) -> Mapping[bytes, tuple[RosterMember, ...]]:
    """The members of ``record`` by validator key: nobody without power beside one who has it."""
    found: defaultdict[bytes, list[RosterMember]] = defaultdict(list)
    for member in record.members:
        found[member.validator_key].append(member)
    return {key: tuple(one for one in several if one.power) or tuple(several) for key, several in found.items()}


def holders(
    lineage: Iterable[NetworkRecord],
    acceptances: Iterable[Acceptance],
    attestations: Iterable[Attestation],
    own: str | None = None,
) -> Holders:
    """Follow the versions of ``lineage``, the first one first. ``own``: this operator's node id."""
    walk = _Walk(tuple(acceptances), tuple(attestations), own)
    for record in lineage:
        walk.enter(record)
    return Holders(walk.members, frozenset(walk.left), tuple(walk.settled), tuple(walk.open))


def holds(word: Acceptance | Attestation, record: NetworkRecord) -> bool:
    """Return True if ``word`` is about exactly this record and its genesis."""
    return (word.record, word.version, word.genesis_sha256) == (record.id, record.version, record.genesis_sha256)


class _Walk:
    def __init__(
        self, acceptances: tuple[Acceptance, ...], attestations: tuple[Attestation, ...], own: str | None
    ) -> None:
        self.accepted: defaultdict[tuple[str, str], list[Acceptance]] = defaultdict(list)
        self.attested: defaultdict[tuple[str, str], list[Attestation]] = defaultdict(list)
        for one in acceptances:
            self.accepted[one.record, one.node_id].append(one)
        for other in attestations:
            self.attested[other.record, other.node_id].append(other)
        self.own = own
        self.members: dict[bytes, RosterMember] = {}
        self.left: set[bytes] = set()
        self.doubtful: set[bytes] = set()
        self.settled: list[Move] = []
        self.open: list[Move] = []

    def enter(self, record: NetworkRecord) -> None:
        keys = tuple(dict.fromkeys(validator.key for validator in record.section.validators))
        found = holding(record)
        members = {key: found.get(key, ()) for key in keys}
        moves = tuple(self.moves(record, members))
        settled = [move for move in moves if self.handed_over(move)]
        rest = [move for move in moves if move not in settled]
        self.open = []
        if rest and self.accepted_anew(record, members, rest):
            self.settle(rest, "accepted anew")
        else:
            self.open = rest
        self.settle(settled, "handed over")

    def moves(self, record: NetworkRecord, members: Mapping[bytes, tuple[RosterMember, ...]]) -> Iterator[Move]:
        for key, new in members.items():
            old = self.members.get(key)
            if len(new) == 1 and key not in self.left | self.doubtful and (old is None or _same(old, new[0])):
                self.members[key] = new[0]
            elif new or key not in self.left:
                if old is None and key not in self.left:
                    self.doubtful.add(key)
                yield Move(key, old, new, record)
        # A new genesis may leave members out. To the one who is left out it never counts without their signature.
        gone = {key: old for key, old in self.members.items() if key not in members and old.node_id == self.own}
        yield from (Move(key, old, (), record) for key, old in gone.items())

    def handed_over(self, move: Move) -> bool:
        return (
            move.old is not None
            and len(move.new) < 2
            and any(holds(one, move.record) for one in self.accepted[move.record.id, move.old.node_id])
        )

    def accepted_anew(
        self, record: NetworkRecord, members: Mapping[bytes, tuple[RosterMember, ...]], moves: list[Move]
    ) -> bool:
        """Return True if all members with power accepted exactly this version, most of them with their old keys."""
        return (
            2 * len(moves) < len(members)
            and all(len(found) < 2 for found in members.values())
            and all((move.old or move.new) and not move.is_of(self.own) for move in moves)
            and all(self.accepts(record, found[0]) for found in members.values() if found)
        )

    def accepts(self, record: NetworkRecord, member: RosterMember) -> bool:
        if member.signed:
            return any(one.words_checked and holds(one, record) for one in self.accepted[record.id, member.node_id])
        owners = {owner.key for owner in record.owners}
        return any(one.owner in owners and holds(one, record) for one in self.attested[record.id, member.node_id])

    def settle(self, moves: Iterable[Move], how: Settled) -> None:
        for move in moves:
            self.doubtful.discard(move.key)
            self.left.discard(move.key)
            if move.new:
                self.members[move.key] = move.new[0]
            else:
                self.members.pop(move.key, None)
                self.left.add(move.key)
            self.settled.append(Move(move.key, move.old, move.new, move.record, how))


def _same(old: RosterMember, new: RosterMember) -> bool:
    """Return True if what ``old`` accepted covers ``new``: a member who can sign now needs no owner's word any more."""
    return old.node_id == new.node_id and (new.signed or not old.signed)
