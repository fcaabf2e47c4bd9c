"""What there is to say about acceptances and attestations, with the signatures where two do not agree (P5)."""

from __future__ import annotations

from ..documents.ed25519 import to_base64
from ..finding import Finding, error, info, warning
from .acceptance import Acceptance, Attestation
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
