"""From what the coordinator wants to the payload that the owners sign: the first record, or the version after it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from ..agreement.build import Row, amend, build
from ..agreement.current import Admitted
from ..agreement.record import NetworkRecord, parse_record
from ..finding import Finding, Refusal, has_error
from .adopt import about_adopted, time_of
from .checks import review_record
from .facts import NetworkFacts
from .owner_words import default_threshold, owners_as_words
from .powers import power_text, read_powers
from .proposal_checks import SEVERAL, about_base, about_choice, about_members, about_owners, at_field
from .settings import NOTICE, Settings, parameters_text, read_settings

_SLUG = re.compile(r"[^a-z0-9]+")
_CHAIN_ID_HEX = 8
_CHAIN_ID_LIMIT = 20
"""Planetmint's chain migration appends 20 characters and a height, and Tendermint takes 50 in all."""


def propose(facts: NetworkFacts, answers: Mapping[str, str]) -> tuple[bytes | None, tuple[Finding, ...]]:
    """The payload of the record that the answers describe, and what there is to say of it.

    It is the payload of the record that is there where the answers describe that one.
    """
    settings, found = read_settings(answers, facts.named(), facts.profile.name)
    findings = (
        *facts.unreadable,
        *found,
        *about_choice(facts, answers.get("record", "").strip()),
        *about_members(facts),
    )
    if settings is None or has_error(findings):
        return None, findings
    try:
        body = _body(facts, settings)
    except Refusal as refusal:
        return None, (*findings, *refusal.findings)
    reviewed = (at_field(finding) for finding in review(facts, body, settings.notice))
    owners = about_owners(facts, settings, answers.get("one_owner", "").strip())
    adopts = about_adopted(facts.adopted, _parsed(body), facts.members) if facts.base is None and facts.adopted else ()
    return body, (*findings, *owners, *adopts, *about_base(facts, _parsed(body)), *reviewed)


def default_owners(facts: NetworkFacts) -> str:
    """All members, where the loss of one of them leaves enough to sign the next version."""
    nodes = {one.node_key for one in facts.members if one.node_key}
    if len(nodes) < SEVERAL:
        return "me" if facts.own else ""
    return "members" if facts.own is None or facts.own.node_key in nodes else "me; members"


def proposed_powers(facts: NetworkFacts, answers: Mapping[str, str]) -> tuple[tuple[Admitted, int], ...]:
    """The members to be with the power that the answers give each; what can not be read counts as the usual one."""
    powers, _ = read_powers(answers.get("power", ""), facts.named().members)
    return tuple((one, powers.of(one.node_id)) for one in facts.members)


def as_answers(record: NetworkRecord, *, without: Collection[str] = ()) -> dict[str, str]:
    """The answers that describe this record. ``without``: node ids of members who leave it."""
    return {
        "chain_id": record.chain_id,
        "genesis_time": record.section.time.strftime("%Y-%m-%d %H:%M:%S"),
        "power": power_text((one.node_id, str(one.power)) for one in record.members if one.node_id not in without),
        "parameters": parameters_text(record.section.params),
        "owners": "members" if _owned_by_members(record) else owners_as_words(record.owners),
        # As many as the usual rule asks for: said as that, so that more owners ask for more.
        "threshold": "" if record.threshold == default_threshold(len(record.owners)) else str(record.threshold),
        "profile": record.profile,
        "note": record.note,
    }


def _owned_by_members(record: NetworkRecord) -> bool:
    """Said as that, so that the owners follow where a member's node key does."""
    return {owner.key for owner in record.owners} == {member.node_key for member in record.members if member.signed}


def _body(facts: NetworkFacts, settings: Settings) -> bytes:
    base = facts.base
    if base is None:
        since = time_of(facts.adopted) if facts.adopted else ""
        return _built(facts, settings, settings.chain_id or _made_chain_id(facts, settings, None), None, since)
    since = base.section.genesis_time if base.adopted else ""
    same = _parsed(_built(facts, settings, settings.chain_id or base.chain_id, base, since))
    if not _same_genesis(same, base):
        changed = settings.chain_id if settings.chain_id != base.chain_id else ""
        return _built(facts, settings, changed or _made_chain_id(facts, settings, base), base)
    if _same_but_version(same, base):
        return base.payload
    rows, owners = _rows(facts, settings), settings.owners
    return amend(base, members=rows, owners=owners, threshold=settings.threshold, note=settings.note)


def _built(
    facts: NetworkFacts, settings: Settings, chain_id: str, previous: NetworkRecord | None, since: str = ""
) -> bytes:
    """``since``: the genesis time of a network that runs already; empty: a new one is formed."""
    section, adopted = previous.section if previous else None, facts.adopted if since else None
    return build(
        network=facts.network,
        profile=settings.profile.name,
        chain_id=chain_id,
        genesis_time=since if since and _is_second_of(since, settings.time) else settings.time,
        params=settings.params,
        members=_rows(facts, settings),
        owners=settings.owners,
        threshold=settings.threshold,
        previous=previous,
        initial_height=int(section.initial_height) if section else adopted.initial_height if adopted else 0,
        app_hash=section.app_hash if section else adopted.app_hash.upper() if adopted else "",
        note=settings.note,
        adopted=bool(since),
    )


def _is_second_of(exact: str, time: datetime) -> bool:
    """Return True if ``time`` is ``exact`` without its fraction of a second: answers have none."""
    with suppress(ValueError):
        return datetime.fromisoformat(exact).replace(microsecond=0) == time
    return False


def _made_chain_id(facts: NetworkFacts, settings: Settings, base: NetworkRecord | None) -> str:
    """``harbour-7c1e09ab``: another genesis gets another chain id, so that its nodes refuse ours by name.

    Made from what is before too: a genesis that comes back gets a new one, as no chain id is used twice.
    """
    section = _parsed(_built(facts, settings, "-", base)).section.canonical
    digest = hashlib.sha256(section + bytes.fromhex(base.id if base else "")).hexdigest()[:_CHAIN_ID_HEX]
    slug = _SLUG.sub("-", facts.network)[: _CHAIN_ID_LIMIT - _CHAIN_ID_HEX - 1].strip("-") or "net"
    return f"{slug}-{digest}"


def _parsed(body: bytes) -> NetworkRecord:
    """What :func:`build` made, which has parsed it already."""
    record, _ = parse_record(body)
    assert record is not None
    return record


def _rows(facts: NetworkFacts, settings: Settings) -> list[Row]:
    return [(one.source, settings.powers.of(one.node_id)) for one in facts.members]


def _same_genesis(one: NetworkRecord, other: NetworkRecord) -> bool:
    """Return True if a chain of ``other`` goes on under ``one``: whatever node or name is under a validator key now."""

    def meaning(record: NetworkRecord) -> tuple[object, ...]:
        section = record.section
        powers = frozenset((validator.key, validator.power) for validator in section.validators)
        at = (section.chain_id, section.genesis_time, section.initial_height, section.app_hash)
        return (record.profile, *at, section.params, powers)

    return meaning(one) == meaning(other)


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
        known_genesis=facts.current.knows_genesis(record, own.node_key if own else None),
        introduction=facts.current.introduction(record),
        notice=notice,
        coordinator=facts.current.exchange.local.role == "coordinator",
    )
    # It is about to be signed: that it is not yet is no news.
    yield from (finding for finding in reviewed if finding.code != "record-signatures")
