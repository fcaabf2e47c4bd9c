"""What a member has to know before they accept a record, and an owner before they sign one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from ..agreement.doubles import check_doubles
from ..agreement.owners import SignedRecord, waits_for
from ..agreement.record import NetworkRecord, profile_newer
from ..agreement.roster import RosterMember
from ..agreement.verdicts import card_forged
from ..card.checks import check_content
from ..card.model import NodeCard
from ..documents.document import Signature
from ..documents.ed25519 import is_good_point, to_base64
from ..finding import Finding, Refusal, error, info, warning
from ..genesis.checks import check as check_genesis
from ..genesis.model import ZERO_TIME, params_of
from ..profiles import NAMES, profile
from .settings import NOTICE


def review_record(
    record: NetworkRecord,
    signatures: Iterable[Signature],
    *,
    own: str | None = None,
    own_validator: bytes | None = None,
    own_card: str | None = None,
    now: datetime,
    known_chain_ids: Collection[str] = (),
    before: NetworkRecord | None = None,
    known_genesis: bool = False,
    introduction: NetworkRecord | None = None,
    notice: timedelta = NOTICE,
    coordinator: bool = False,
) -> Iterator[Finding]:
    """Everything that can be said about one record, to a member or to the ``coordinator``.

    ``own``: this member's node id, with the validator key (32 bytes) of their home and the id of their newest card;
    None for a coordinator without a node. ``known_chain_ids``: of networks that this machine knows, but for this one.
    ``before``: the version before, where it is here. ``known_genesis``: whether this operator has signed or accepted
    another version with the same genesis, so that nothing of it is new. ``introduction``: the earliest version with it,
    if that is another one. Raises Refusal as ``ed25519.is_good_point``.
    """
    yield from check_owners(record)
    yield from check_signatures(SignedRecord(record, frozenset(signatures)), before)
    yield from check_roster(record)
    yield from check_section(record, now)
    if own is not None:
        yield from check_own(record, own, own_validator, own_card)
    if not known_genesis:
        yield from check_validators(introduction or record)
        yield from _adopted(record) if record.adopted else check_start(record, now, notice, coordinator=coordinator)
        yield from check_chain_id(record, known_chain_ids)


def check_signatures(signed: SignedRecord, before: NetworkRecord | None) -> Iterator[Finding]:
    record = signed.record
    waiting = waits_for(signed, before)
    if waiting:
        fix = "Ask an owner who has not signed to import the record, look at it, and sign."
        yield error("record-signatures", "signatures", f"The record lacks signatures: {waiting}.", fix)
    owners = {owner.key for owner in (*record.owners, *(before.owners if before else ()))}
    strangers = sorted(to_base64(one.key) for one in signed.signatures if one.key not in owners)
    if strangers:
        message = f"It is also signed by {', '.join(strangers)}, which is no owner; that does not count."
        yield info("record-stranger-signature", "signatures", message)


def check_owners(record: NetworkRecord) -> Iterator[Finding]:
    if record.threshold > len(record.owners):
        message = f"It asks for {record.threshold} signatures and names {len(record.owners)} owners."
        yield error(
            "record-threshold", "threshold", message, "Ask the coordinator for a threshold that can be reached."
        )
    for key, count in Counter(owner.key for owner in record.owners).items():
        if count > 1:
            message = f"The key {to_base64(key)} is listed {count} times; one key signs once."
            yield error("record-owner-twice", "owners", message, "Ask the coordinator to list every owner once.")
    for owner in record.owners:
        if not is_good_point(owner.key):
            message = f"The key {to_base64(owner.key)} of {owner.name} is no sound ed25519 key: others can sign for it."
            yield error("record-owner-key", "owners", message, "Ask the coordinator for a record without it.")
    for name, count in Counter(owner.name.casefold() for owner in record.owners).items():
        if count > 1:
            message = f"{count} owners are called {name}."
            yield warning("record-owner-name-twice", "owners", message, "Compare the keys of both with their owners.")


def check_roster(record: NetworkRecord) -> Iterator[Finding]:
    if not record.voters:
        message = f"None of its {len(record.members)} members has power; a network needs at least one."
        yield error("record-no-voters", "members", message, "Ask the coordinator to give the members power.")
    for member in record.members:
        yield from check_member(member, record.network)
    yield from check_doubles([member.card for member in record.members])


def check_member(member: RosterMember, network: str) -> Iterator[Finding]:
    """One member of the roster."""
    if member.signature is None:
        message = f"Nobody signed the values of {member.moniker}, who has no quorate; an owner attests for them."
        yield info("record-member-unsigned", member.moniker, message)
    elif member.forged:
        yield card_forged(member)
    if isinstance(member.card, NodeCard) and member.card.network != network:
        message = f"The card of {member.moniker} is for the network {member.card.network}; the record is for {network}."
        yield error("record-card-foreign", member.moniker, message, f"Ask {member.moniker} for a card for {network}.")
    for finding in check_content(member.card):
        subject = f"{member.moniker}: {finding.subject}"
        told = finding.message
        if member.moniker not in told:
            told = f"On {member.moniker}'s card: {told}"
        yield Finding(finding.code, finding.severity, subject, told, finding.fix)


def check_section(record: NetworkRecord, now: datetime) -> Iterator[Finding]:
    """The genesis as this machine computes it: its hash, and everything that the real node would say of it."""
    if record.profile not in NAMES:
        yield profile_newer(record.profile)
        return
    node = profile(record.profile)
    if not node.whole:
        message = f"{record.profile} is known for checks and review only; no network is formed with it."
        yield error("record-profile-partial", "profile", message, "Ask the coordinator for a profile that is whole.")
    known = {param.path for param in params_of(node)}
    for path, _ in record.section.params:
        if path not in known:
            message = f"The parameter {path} is none of {record.profile}, and no genesis.json would have it."
            yield error(
                "record-param-unknown", f"genesis.params.{path}", message, "Ask the coordinator to leave it out."
            )
    yield from _computed(record, now)


def _computed(record: NetworkRecord, now: datetime) -> Iterator[Finding]:
    try:
        computed = record.genesis_bytes()
    except Refusal as refusal:
        yield from refusal.findings
        return
    found = hashlib.sha256(computed).hexdigest()
    if found != record.genesis_sha256:
        message = f"The record says that genesis.json has SHA-256 {record.genesis_sha256}; computed from it: {found}."
        fix = "Do not accept it. Ask the coordinator whether both use the same quorate."
        yield error("record-genesis-hash", "genesis.genesis_sha256", message, fix)
    yield from check_genesis(computed, profile(record.profile), now=now)


def check_validators(record: NetworkRecord) -> Iterator[Finding]:
    """The initial validators must be exactly the members with power: name, key and power."""
    initial = {(one.key, one.name, one.power) for one in record.section.validators}
    voters = {(one.validator_key, one.moniker, one.power) for one in record.voters}
    for key, name, power in sorted(initial - voters, key=lambda one: one[1:]):
        message = (
            f"The genesis has {name} ({to_base64(key)}) with power {power}, whom the roster does not have like that."
        )
        yield error("record-validators-differ", name, message, _DIFFER)
    for key, name, power in sorted(voters - initial, key=lambda one: one[1:]):
        message = (
            f"The roster has {name} ({to_base64(key)}) with power {power}, whom the genesis does not have like that."
        )
        yield error("record-validators-differ", name, message, _DIFFER)


_DIFFER = "Do not accept it. Ask the coordinator to publish again with quorate."


def _adopted(record: NetworkRecord) -> Iterator[Finding]:
    message = (
        f"The record describes a network that runs already, since {record.section.genesis_time}; no start is agreed."
    )
    fix = "Ask a member whose node runs whether this is its chain id and genesis time."
    yield info("record-adopted", "genesis.genesis_time", message, fix)


def check_start(
    record: NetworkRecord, now: datetime, notice: timedelta, *, coordinator: bool = False
) -> Iterator[Finding]:
    ahead = record.section.time - now
    if ahead <= timedelta() and record.section.genesis_time != ZERO_TIME:
        message = (
            f"The genesis time {record.section.genesis_time} is past: nodes make blocks as soon as they are started."
        )
        who = "choose a time" if coordinator else "ask the coordinator for a time"
        fix = f"Where the network does not run yet, {who} that leaves everybody notice."
        yield warning("record-genesis-past", "genesis.genesis_time", message, fix)
    elif timedelta() < ahead < notice:
        message = (
            f"The genesis time {record.section.genesis_time} is {_span(ahead)} from now; "
            f"{_span(notice)} of notice were expected."
        )
        who = "choose a later time" if coordinator else "ask the coordinator for a later time"
        fix = f"Make sure that every member can act before then, or {who}."
        yield warning("record-notice-short", "genesis.genesis_time", message, fix)


def check_chain_id(record: NetworkRecord, known: Collection[str]) -> Iterator[Finding]:
    if record.chain_id in known:
        message = f"The chain id {record.chain_id} is already that of another genesis on this machine."
        fix = "Ask the coordinator for another one: nodes of the old network would dial into the new one."
        yield error("record-chain-id-reused", "genesis.chain_id", message, fix)


def check_own(record: NetworkRecord, own: str, validator: bytes | None, card: str | None) -> Iterator[Finding]:
    """The member's own line: there exactly once, with the keys of their own home."""
    mine = [member for member in record.members if member.node_id == own]
    if len(mine) != 1:
        message = f"Your node {own} is in the record {len(mine)} times; once was expected."
        fix = "Send the coordinator your newest card, and ask for a record with you in it once."
        yield error("record-own-missing" if not mine else "record-own-twice", "members", message, fix)
    for member in mine:
        yield from _own_line(member, validator, card)
    others = [one for one in record.members if one.node_id != own and one.validator_key == validator]
    for member in others:
        message = f"{member.moniker} ({member.node_id}) has your validator key {to_base64(member.validator_key)}."
        yield error("record-own-key-elsewhere", member.moniker, message, "Do not accept it. Ask the coordinator why.")


def _own_line(member: RosterMember, validator: bytes | None, card: str | None) -> Iterator[Finding]:
    if validator is not None and member.validator_key != validator:
        message = (
            f"The record has your validator key as {to_base64(member.validator_key)}; "
            f"your home has {to_base64(validator)}."
        )
        fix = "Do not accept it. Send the coordinator a card made from this home."
        yield error("record-own-validator-key", member.moniker, message, fix)
    if card is not None and member.card_id != card:
        message = f"The record has your card {member.card_id[:8]}; your newest one is {card[:8]}."
        fix = "Check whether the change matters; send the coordinator your newest card, and ask for the next version."
        yield warning("record-own-card-older", member.moniker, message, fix)
    if not member.power:
        message = "You have no power in this record: your node follows the chain, and does not vote."
        yield info("record-own-no-power", member.moniker, message)


def _span(span: timedelta) -> str:
    hours = int(span.total_seconds()) // 3600
    return f"{hours} hours" if hours > 1 else f"{int(span.total_seconds()) // 60} minutes"
