"""What there is to say about records that are not in force, each with both sides."""

from __future__ import annotations

from collections.abc import Iterable

from ..finding import Finding, error, info, warning
from .owners import SignedRecord, share_an_owner, signed_by
from .record import NetworkRecord, Owner
from .roster import RosterMember

_SETTLE = "Show both to all owners and members; let the owners tell which one holds, and make the next version of it."


def title(record: NetworkRecord) -> str:
    """ "version 2 (1a2b3c4d)"."""
    return f"version {record.version} ({record.id[:8]})"


def _shown(one: SignedRecord) -> str:
    record = one.record
    names = ", ".join(owner.name for owner in signed_by(one, record.owners)) or "nobody"
    return (
        f"{record.id} (version {record.version}, chain id {record.chain_id}, genesis {record.genesis_sha256}, "
        f"signed by {names})"
    )


def rivals(valid: list[SignedRecord], last: SignedRecord | None) -> Finding:
    both = " and ".join(_shown(one) for one in valid)
    if last is not None:
        message = f"{title(last.record).capitalize()} has {len(valid)} successors, and none is in force: {both}."
        return error("record-fork", f"record version {last.version + 1}", message, _SETTLE)
    if share_an_owner(valid):
        message = f"The same owners signed {len(valid)} first records, and none is in force: {both}."
        return error("record-equivocation", f"record version {valid[0].version}", message, _SETTLE)
    message = f"{len(valid)} records by different owners are here under one network name, and none is in force: {both}."
    fix = "Compare the eight words of the record with the coordinator, over another channel, and choose that record."
    return error("record-two-founders", "record", message, fix)


def other_founders(one: SignedRecord, kept: SignedRecord) -> Finding:
    return warning(
        "record-other-founders",
        f"record {one.id[:8]}",
        f"{_shown(one)} is not of the network that you accepted, which starts with {_shown(kept)}.",
        "Do not use it. Ask its owners to take another network name.",
    )


def signed_twice(one: SignedRecord, kept: SignedRecord, owners: Iterable[Owner]) -> Finding:
    names = ", ".join(owner.name for owner in owners)
    return error(
        "record-signed-twice",
        f"record {one.id[:8]}",
        f"{names} signed two first records: {_shown(one)}, which is not used, and {_shown(kept)}, which stays: "
        "too few of its owners signed the other one.",
        f"Show both to all members, and ask {names} on a call. Do not use {one.id[:8]}.",
    )


def card_forged(member: RosterMember) -> Finding:
    return error(
        "record-card-forged",
        member.moniker,
        f"The signature under the card of {member.moniker} is not one of their node key {member.node_id}.",
        f"Do not use the record. Ask {member.moniker}, over another channel, for their card.",
    )


def gap(one: SignedRecord) -> Finding:
    return warning(
        "record-gap",
        f"record {one.id[:8]}",
        f"{title(one.record).capitalize()} follows {one.record.previous[:8]}, which is not here.",
        f"Import version {one.version - 1} too.",
    )


def no_version(one: SignedRecord) -> Finding:
    return error(
        "record-version",
        f"record {one.id[:8]}",
        f"Its version is {one.version}, and the record before is "
        f'"{one.record.previous}"; only version 1 has none before it.',
        "Do not use it. Ask the coordinator to publish again with quorate.",
    )


def no_successor(one: NetworkRecord, last: NetworkRecord) -> Finding:
    return error(
        "record-version",
        f"record {one.id[:8]}",
        f"Its version is {one.version}; after {title(last)} it must be {last.version + 1}, of network {last.network}.",
        "Do not use it. Ask the coordinator to publish again with quorate.",
    )


def genesis_changed(one: NetworkRecord, before: NetworkRecord) -> Finding:
    return error(
        "record-genesis-changed",
        f"record {one.id[:8]}",
        f"{title(one).capitalize()} has the genesis {one.genesis_sha256} under the chain id {one.chain_id}, which "
        f"{title(before)} already gave to the genesis {before.genesis_sha256}.",
        "Do not use it. Ask the coordinator for another chain id, or for the same genesis section.",
    )


def rollback(one: SignedRecord, kept: SignedRecord) -> Finding:
    return warning(
        "record-rollback",
        f"record {one.id[:8]}",
        f"{_shown(one)} would replace {_shown(kept)}, whose later versions you accepted.",
        "Do not use it. Ask the owners who signed it why.",
    )


def waits(one: SignedRecord, what: str) -> Finding:
    return info(
        "record-waiting",
        f"record {one.id[:8]}",
        f"{title(one.record).capitalize()} is not in force yet: {what}.",
        "Ask an owner who has not signed to import it, look at it, and sign.",
    )


def hanging(one: SignedRecord) -> Finding:
    return warning(
        "record-not-in-force",
        f"record {one.id[:8]}",
        f"{title(one.record).capitalize()} follows {one.record.previous[:8]}, which is not in force.",
        "Settle the version before it first.",
    )


def step_back(record: NetworkRecord, in_force: NetworkRecord) -> Finding:
    message = (
        f"Version {record.version} ({record.id}) was offered; version {in_force.version} ({in_force.id}) is in force."
    )
    fix = "Do not go back to it. Ask whoever sent it for the versions in between."
    return error("record-step-back", f"record {record.id[:8]}", message, fix)
