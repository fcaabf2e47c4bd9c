"""Building the payload of a record: the same members and answers give the same bytes, in whatever order they came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ..card.model import UnsignedEntry
from ..documents.canonical import JsonValue, canonical, parse_canonical
from ..documents.document import Document
from ..documents.ed25519 import to_base64
from ..finding import Refusal
from .record import NetworkRecord, Owner, Params, parse_record
from .roster import RosterMember, member_of
from .wire import VERSION

Row = tuple[Document | UnsignedEntry | RosterMember, int]
"""A member (their signed card's document, their unsigned entry, or the member of an earlier record) and their power."""


def build(
    *,
    network: str,
    profile: str,
    chain_id: str,
    genesis_time: datetime | str,
    params: Params,
    members: Iterable[Row],
    owners: Sequence[Owner],
    threshold: int,
    previous: NetworkRecord | None = None,
    initial_height: int = 0,
    app_hash: str = "",
    note: str = "",
    adopted: bool = False,
) -> bytes:
    """The payload of version 1, or of the version after ``previous`` with a genesis (and chain id) of its own.

    The order in which the members come does not matter. ``genesis_time``: as in genesis.json, or aware, and cut to
    whole seconds. ``adopted``: the network runs already. Raises Refusal (``record-card-unsigned``,
    ``record-profile-newer``, or what :func:`parse_record` finds wrong).
    """
    rows = _rows(members)
    section: dict[str, JsonValue] = {
        "chain_id": chain_id,
        "genesis_time": genesis_time if isinstance(genesis_time, str) else _utc(genesis_time),
        "initial_height": str(initial_height),
        "app_hash": app_hash,
        "params": {path: value if isinstance(value, str) else list(value) for path, value in params},
        "validators": [_validator(row) for row in rows if row.power],
        "genesis_sha256": "0" * 64,
    }
    body = _body(network, profile, section, rows, owners, threshold, previous, note, adopted)
    section["genesis_sha256"] = hashlib.sha256(_checked(body).genesis_bytes()).hexdigest()
    return _body(network, profile, section, rows, owners, threshold, previous, note, adopted)


def amend(
    previous: NetworkRecord,
    *,
    members: Iterable[Row] | None = None,
    owners: Sequence[Owner] | None = None,
    threshold: int | None = None,
    note: str = "",
) -> bytes:
    """The payload of the version after ``previous`` over the same genesis; what is not given stays. Raises Refusal."""
    rows = _rows(((member, member.power) for member in previous.members) if members is None else members)
    section = parse_canonical(previous.section.canonical)
    body = _body(
        previous.network,
        previous.profile,
        section,
        rows,
        previous.owners if owners is None else owners,
        previous.threshold if threshold is None else threshold,
        previous,
        note,
        previous.adopted,
    )
    _checked(body)
    return body


def _body(
    network: str,
    profile_name: str,
    section: JsonValue,
    rows: Sequence[RosterMember],
    owners: Sequence[Owner],
    threshold: int,
    previous: NetworkRecord | None,
    note: str,
    adopted: bool,
) -> bytes:
    value: dict[str, JsonValue] = {
        "kind": "record",
        "v": VERSION,
        "network": network,
        "version": 1 if previous is None else previous.version + 1,
        "previous": "" if previous is None else previous.id,
        "profile": profile_name,
        "genesis": section,
        "members": [row.as_json() for row in rows],
        "owners": [
            {"name": owner.name, "key": to_base64(owner.key)} for owner in sorted(owners, key=lambda one: one.key)
        ],
        "threshold": threshold,
    }
    if note:
        value["note"] = note
    if adopted:
        value["adopted"] = 1
    return canonical(value)


def _rows(members: Iterable[Row]) -> list[RosterMember]:
    """Sorted by node id, so that the bytes do not depend on the order of asking."""
    return sorted((member_of(member, power) for member, power in members), key=lambda row: (row.node_id, row.card_id))


def _validator(row: RosterMember) -> dict[str, JsonValue]:
    return {"key": to_base64(row.validator_key), "name": row.moniker, "power": str(row.power)}


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _checked(body: bytes) -> NetworkRecord:
    record, findings = parse_record(body)
    if record is None:
        raise Refusal(*findings)
    return record
