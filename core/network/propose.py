"""From what the coordinator wants to the payload that the owners sign: the first record, or the version after it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from ..finding import Finding, Refusal, error, has_error, warning
from .build import Row, amend, build
from .checks import review_record
from .facts import Admitted, NetworkFacts
from .record import NetworkRecord, parse_record
from .settings import NOTICE, Settings, power_text, read_powers, read_settings

_SLUG = re.compile(r"[^a-z0-9]+")
_CHAIN_ID_HEX = 8
_CHAIN_ID_LIMIT = 20
"""Planetmint's chain migration appends 20 characters and a height, and Tendermint takes 50 in all."""


def propose(facts: NetworkFacts, answers: Mapping[str, str]) -> tuple[bytes | None, tuple[Finding, ...]]:
    """The payload of the record that the answers describe, and what there is to say of it.

    It is the payload of the record that is there where the answers describe that one.
    """
    settings, found = read_settings(
        answers,
        names=[(one.moniker, one.node_id) for one in facts.admitted],
        known=facts.owners_by_name(),
        default_profile=facts.profile.name,
    )
    findings = (*found, *_about_members(facts))
    if settings is None or has_error(findings):
        return None, findings
    try:
        body = _body(facts, settings)
    except Refusal as refusal:
        return None, (*findings, *refusal.findings)
    return body, (*findings, *review(facts, body, settings.notice))


def proposed_powers(facts: NetworkFacts, answers: Mapping[str, str]) -> tuple[tuple[Admitted, int], ...]:
    """The approved members with the power that the answers give each; what can not be read counts as the usual one."""
    powers, _ = read_powers(answers.get("power", ""), [(one.moniker, one.node_id) for one in facts.admitted])
    return tuple((one, powers.of(one.moniker, one.node_id)) for one in facts.admitted)


def as_answers(record: NetworkRecord) -> dict[str, str]:
    """The answers that describe this record."""
    return {
        "chain_id": record.chain_id,
        "genesis_time": record.section.time.strftime("%Y-%m-%d %H:%M:%S"),
        "power": power_text((one.node_id, str(one.power)) for one in record.members),
        "parameters": " ".join(
            f"{path}={value if isinstance(value, str) else ','.join(value)}" for path, value in record.section.params
        ),
        "owners": "; ".join(f"{owner.name}={_base64(owner.key)}" for owner in record.owners),
        "threshold": str(record.threshold),
        "profile": record.profile,
        "note": record.note,
    }


def _body(facts: NetworkFacts, settings: Settings) -> bytes:
    there = facts.current.record
    if there is None:
        return _built(facts, settings, settings.chain_id or _made_chain_id(facts, settings), None)
    same = _built(facts, settings, settings.chain_id or there.chain_id, there)
    proposed, _ = parse_record(same)
    assert proposed is not None
    if proposed.section.canonical != there.section.canonical or proposed.profile != there.profile:
        changed = settings.chain_id if settings.chain_id != there.chain_id else ""
        return _built(facts, settings, changed or _made_chain_id(facts, settings), there)
    return (
        there.payload
        if _same_but_version(proposed, there)
        else amend(
            there,
            members=_rows(facts, settings),
            owners=settings.owners,
            threshold=settings.threshold,
            note=settings.note,
        )
    )


def _built(facts: NetworkFacts, settings: Settings, chain_id: str, previous: NetworkRecord | None) -> bytes:
    return build(
        network=facts.network,
        profile=settings.profile.name,
        chain_id=chain_id,
        genesis_time=settings.time,
        params=settings.params,
        members=_rows(facts, settings),
        owners=settings.owners,
        threshold=settings.threshold,
        previous=previous,
        note=settings.note,
    )


def _made_chain_id(facts: NetworkFacts, settings: Settings) -> str:
    """``harbour-7c1e09ab``: another genesis gets another chain id, so that its nodes refuse ours by name."""
    record, _ = parse_record(_built(facts, settings, "-", None))
    assert record is not None
    digest = hashlib.sha256(record.section.canonical).hexdigest()[:_CHAIN_ID_HEX]
    slug = _SLUG.sub("-", facts.network)[: _CHAIN_ID_LIMIT - _CHAIN_ID_HEX - 1].strip("-") or "net"
    return f"{slug}-{digest}"


def _rows(facts: NetworkFacts, settings: Settings) -> list[Row]:
    return [(one.source, settings.powers.of(one.moniker, one.node_id)) for one in facts.admitted]


def _same_but_version(one: NetworkRecord, other: NetworkRecord) -> bool:
    """Whether a next version would say nothing new."""
    return (
        {(row.card_id, row.power) for row in one.members} == {(row.card_id, row.power) for row in other.members}
        and {(owner.name, owner.key) for owner in one.owners} == {(owner.name, owner.key) for owner in other.owners}
        and (one.threshold, one.note) == (other.threshold, other.note)
    )


def review(facts: NetworkFacts, body: bytes, notice: timedelta = NOTICE) -> Iterator[Finding]:
    """What an owner has to know before they sign this payload of a record."""
    record, wrong = parse_record(body)
    if record is None:
        yield from wrong
        return
    own = facts.own
    reviewed = review_record(
        record,
        (),
        own=own.node_id if own else None,
        own_validator=own.validator_key if own else None,
        now=facts.now,
        known_chain_ids=facts.current.chain_ids_besides(record),
        before=facts.current.before(record),
        notice=notice,
    )
    # It is about to be signed: that it is not yet is no news.
    yield from (finding for finding in reviewed if finding.code != "record-signatures")


def _about_members(facts: NetworkFacts) -> Iterator[Finding]:
    if not facts.admitted:
        yield error(
            "network-no-members",
            "members",
            "no card is approved yet, and a network needs at least one member",
            "Import the members' cards and approve them: quorate import FILE, quorate peers approve MEMBER",
        )
    for name in facts.current.missing(facts.admitted):
        yield error(
            "network-member-missing",
            name,
            f"{name} is expected, and not approved; they would be left out",
            f"Approve their card, or take them off the list: quorate peers approve {name}, quorate peers expect ...",
        )
    for name in facts.current.undecided:
        yield warning(
            "network-member-undecided",
            name,
            f"the card of {name} is here, and neither approved nor refused; it would be left out",
            f"quorate peers approve {name}, or: quorate peers refuse {name} --reason TEXT",
        )


def _base64(key: bytes) -> str:
    from ..documents.ed25519 import to_base64

    return to_base64(key)
