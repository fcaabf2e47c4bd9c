"""What two versions of a record differ in, by meaning: "carol: p2p", not "line 312"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..card.model import NodeCard
from ..documents.ed25519 import to_base64
from .record import NetworkRecord
from .roster import RosterMember


@dataclass(frozen=True, slots=True)
class Difference:
    subject: str
    """A member's or owner's name, ``genesis`` or ``record``."""
    field: str
    old: str
    """Empty: there was none."""
    new: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.field} {self.old or 'none'} -> {self.new or 'none'}"


def record_changes(old: NetworkRecord, new: NetworkRecord) -> tuple[Difference, ...]:
    """Everything that is different, but for version, hash link and signatures."""
    return (*_of_record(old, new), *_of_genesis(old, new), *_of_members(old, new), *_of_owners(old, new))


def by_whom(differences: Iterable[Difference], own: str) -> tuple[tuple[str, tuple[Difference, ...]], ...]:
    """In the order in which a person reads them: own first, then each other member or owner, then what is for all.

    ``own``: the moniker of this operator's node; empty: none. An empty name stands for what is for all.
    """
    groups: dict[str, list[Difference]] = {}
    for one in differences:
        groups.setdefault("" if one.subject in ("genesis", "record") else one.subject, []).append(one)
    order = sorted(groups, key=lambda name: (name != own, not name))
    return tuple((name, tuple(groups[name])) for name in order)


def _pairs(subject: str, pairs: Iterable[tuple[str, object, object]]) -> Iterator[Difference]:
    for field, old, new in pairs:
        if old != new:
            yield Difference(subject, field, str(old), str(new))


def _of_record(old: NetworkRecord, new: NetworkRecord) -> Iterator[Difference]:
    yield from _pairs(
        "record",
        (
            ("network", old.network, new.network),
            ("profile", old.profile, new.profile),
            ("threshold", old.threshold, new.threshold),
            ("note", old.note, new.note),
        ),
    )


def _of_genesis(old: NetworkRecord, new: NetworkRecord) -> Iterator[Difference]:
    one, two = old.section, new.section
    yield from _pairs(
        "genesis",
        (
            ("chain id", one.chain_id, two.chain_id),
            ("time", one.genesis_time, two.genesis_time),
            ("initial height", one.initial_height, two.initial_height),
            ("app hash", one.app_hash, two.app_hash),
            ("sha256", one.genesis_sha256, two.genesis_sha256),
        ),
    )
    before, after = dict(one.params), dict(two.params)
    paths = sorted({*before, *after})
    yield from _pairs("genesis", ((path, _shown(before.get(path, "")), _shown(after.get(path, ""))) for path in paths))


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _of_members(old: NetworkRecord, new: NetworkRecord) -> Iterator[Difference]:
    """Told apart by node id; a member with a new node key is the one with the same validator key."""
    left = {member.node_id: member for member in old.members}
    for member in new.members:
        before = left.pop(member.node_id, None) or _same_validator(left, new, member)
        if before is None:
            yield Difference(member.moniker, "member", "", f"{member.node_id} with power {member.power}")
        else:
            left.pop(before.node_id, None)
            yield from _of_member(before, member)
    for member in left.values():
        yield Difference(member.moniker, "member", f"{member.node_id} with power {member.power}", "")


def _same_validator(left: dict[str, RosterMember], new: NetworkRecord, member: RosterMember) -> RosterMember | None:
    kept = {one.node_id for one in new.members}
    same = (one for one in left.values() if one.validator_key == member.validator_key and one.node_id not in kept)
    return next(same, None)


def _of_member(old: RosterMember, new: RosterMember) -> Iterator[Difference]:
    yield from _pairs(
        new.moniker,
        (
            ("moniker", old.moniker, new.moniker),
            ("node id", old.node_id, new.node_id),
            ("validator key", to_base64(old.validator_key), to_base64(new.validator_key)),
            ("power", old.power, new.power),
            ("p2p", ", ".join(old.p2p), ", ".join(new.p2p)),
            ("api", old.api, new.api),
            ("contact", old.contact, new.contact),
            ("software", _software(old), _software(new)),
            ("signed by", "their node key" if old.signed else "nobody", "their node key" if new.signed else "nobody"),
        ),
    )


def _software(member: RosterMember) -> str:
    return member.card.software if isinstance(member.card, NodeCard) else ""


def _of_owners(old: NetworkRecord, new: NetworkRecord) -> Iterator[Difference]:
    before = {owner.key: owner.name for owner in old.owners}
    after = {owner.key: owner.name for owner in new.owners}
    for key in sorted({*before, *after}):
        name, was = after.get(key, ""), before.get(key, "")
        if name and was:
            yield from _pairs(name, (("owner name", was, name),))
        else:
            yield Difference(name or was, "owner", to_base64(key) if was else "", to_base64(key) if name else "")
