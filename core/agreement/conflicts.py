"""What there is to say about acceptances and attestations, with the signatures where two do not agree (P5)."""

from __future__ import annotations

from collections.abc import Iterator

from ..documents.ed25519 import to_base64
from ..finding import Finding, error, info, warning
from ..way import Blank, way
from .acceptance import Acceptance, Attestation
from .holders import Holders, Move
from .record import NetworkRecord
from .roster import RosterMember

Word = Acceptance | Attestation


def _shown(word: Word) -> str:
    key = word.node_key if isinstance(word, Acceptance) else word.owner
    return (
        f"record {word.record} version {word.version} with genesis {word.genesis_sha256} "
        f"(document {word.id}, key {to_base64(key)}, signature {to_base64(word.signature)})"
    )


def conflict(word: Word, other: Word | None, member: RosterMember, record: NetworkRecord) -> Finding:
    who = f"{member.moniker} signed" if isinstance(word, Acceptance) else f"An owner attested for {member.moniker}"
    if other is not None:
        message = f"{who} two things as version {word.version}: {_shown(other)} and {_shown(word)}."
        fix = f"Show both to all members. Ask {member.moniker}, on another channel, which one their node has."
        return error("acceptance-conflict", member.moniker, message, fix)
    message = (
        f"{who} another version {word.version} than this one: {_shown(word)}; "
        f"here it is record {record.id} with genesis {record.genesis_sha256}."
    )
    fix = f"Compare the eight words with {member.moniker} and with the coordinator before anything is started."
    return error("acceptance-other-record", member.moniker, message, fix)


def words_unchecked(member: RosterMember) -> Finding:
    return info(
        "acceptance-words-not-compared",
        member.moniker,
        f"{member.moniker} accepted the record, and had noted of no other member that they read the same eight words.",
        f"Read the eight words with {member.moniker}, over another channel.",
    )


def no_owner(word: Attestation, member: RosterMember) -> Finding:
    return warning(
        "attestation-not-by-owner",
        member.moniker,
        f"It was attested for {member.moniker} by {to_base64(word.owner)}, which is no owner of the record.",
        "Have an owner of the record attest it.",
    )


def attested_signed(member: RosterMember) -> Finding:
    return warning(
        "attestation-for-signed",
        member.moniker,
        f"It was attested for {member.moniker}, who has a signed card and can sign an acceptance themself.",
        f"Ask {member.moniker} for their acceptance.",
    )


def ahead(word: Word, member: RosterMember, record: NetworkRecord) -> Finding:
    return warning(
        "acceptance-ahead",
        member.moniker,
        f"{member.moniker} is at version {word.version}, here version {record.version} is in force: {_shown(word)}.",
        "Ask the coordinator for the newest record, and import it.",
    )


def whose(move: Move) -> str:
    """The moniker of the member whose power it was."""
    return (move.old or move.new[0]).moniker if move.old or move.new else to_base64(move.key)


def moves(held: Holders, own: str | None) -> Iterator[Finding]:
    """Who lost their power to a different node, with both values: without their signature, or agreed."""
    for move in held.open:
        yield _open(move, own)
    for move in held.settled:
        how = "signed with the old node key" if move.settled == "handed over" else "all members accepted that version"
        message = f"{_version(move.record)} moves the power of {whose(move)}: {_between(move)}; {how}."
        yield info("record-power-agreed", whose(move), message)


def _open(move: Move, own: str | None) -> Finding:
    name = whose(move)
    message = (
        f"{_version(move.record)} moves the power of {name} (validator key {to_base64(move.key)}) without the "
        f"signature of their old node key: {_between(move)}."
    )
    following = way("network", "handover") if move.is_of(own) else way("import", Blank("FILE"))
    if move.is_of(own):
        fix = (
            "If you changed it yourself, sign it with this node's key: `quorate network handover`. If not, accept "
            "nothing, and show this record to all members."
        )
    else:
        fix = (
            f"Ask {name} on a call. If they changed it, they run quorate network handover with their old node key and "
            "send you what it signs: `quorate import FILE`. If not, accept nothing, and show the record to all members."
        )
    return error("record-power-moved", name, message, fix, way=following)


def _version(record: NetworkRecord) -> str:
    return f"Version {record.version} ({record.id[:8]})"


def _between(move: Move) -> str:
    """ "node id OLD -> NEW"."""
    if len(move.new) > 1 or move.old is None:
        nodes = " and ".join(f"{one.moniker} ({one.node_id})" for one in move.new) or "nobody"
        return f"node id {move.old.node_id if move.old else 'not determined'} -> {nodes}"
    if not move.new:
        now = move.record.member(move.old.node_id)
        if now is None or now.validator_key == move.key:
            return f"node id {move.old.node_id} -> none, they are left out"
        return f"validator key {to_base64(move.key)} -> {to_base64(now.validator_key)}"
    (new,) = move.new
    if move.old.node_id != new.node_id:
        return f"node id {move.old.node_id} -> {new.node_id}"
    return "card signed by their node key -> entry signed by nobody"
