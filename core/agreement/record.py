"""The NetworkRecord: what a network is, signed by its owners. Every file of a member follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ..documents.canonical import canonical
from ..finding import Finding, Refusal, error
from ..genesis.model import Genesis, ParamValue, Validator, in_order, render
from ..profiles import NAMES, profile
from .head import read_head
from .roster import RosterMember, roster_of
from .wire import AdoptedRecordWire, GenesisWire, RecordWire, bytes_of, read_shape

Params = tuple[tuple[str, ParamValue], ...]
"""Path (``block.max_bytes``) and value of each consensus parameter, as genesis.json has it."""


@dataclass(frozen=True, slots=True)
class Owner:
    name: str
    key: bytes
    """ed25519 public key, 32 bytes: of a node, or of an OpenSSH identity."""


@dataclass(frozen=True, slots=True)
class GenesisSection:
    """What genesis.json is computed from, apart from the roster, so that later rosters leave it as it is."""

    chain_id: str
    genesis_time: str
    """UTC: ``2026-11-21T12:00:00Z``; of an adopted network with a fraction of a second, as its genesis has it."""
    initial_height: str
    app_hash: str
    params: Params
    validators: tuple[Validator, ...]
    genesis_sha256: str
    canonical: bytes
    """The section as it stands in the record: two sections are the same when these bytes are."""

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.genesis_time)


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    payload: bytes
    id: str
    """SHA-256 of the payload, lower-case hex."""
    network: str
    version: int
    previous: str
    """Id of the record before; empty for version 1."""
    profile: str
    section: GenesisSection
    members: tuple[RosterMember, ...]
    owners: tuple[Owner, ...]
    threshold: int
    note: str = ""
    adopted: bool = False
    """Whether the network ran before there was a record: its genesis was taken over, and no node starts it anew."""

    @property
    def genesis_sha256(self) -> str:
        return self.section.genesis_sha256

    @property
    def chain_id(self) -> str:
        return self.section.chain_id

    @property
    def voters(self) -> tuple[RosterMember, ...]:
        """The members with power."""
        return tuple(member for member in self.members if member.power)

    def member(self, node_id: str) -> RosterMember | None:
        """The first member of that node id, or None."""
        return next((member for member in self.members if member.node_id == node_id), None)

    def genesis(self) -> Genesis:
        """The genesis that the section describes. Raises Refusal (``record-profile-newer``)."""
        return _genesis(self.profile, self.section)

    def genesis_bytes(self) -> bytes:
        """genesis.json, byte for byte (P6). Raises Refusal (``record-profile-newer``)."""
        return _render(self.profile, self.section)


@lru_cache(maxsize=16)
def _render(profile_name: str, section: GenesisSection) -> bytes:
    return render(_genesis(profile_name, section), profile(profile_name))


def _genesis(profile_name: str, section: GenesisSection) -> Genesis:
    if profile_name not in NAMES:
        raise Refusal(profile_newer(profile_name))
    return Genesis(
        chain_id=section.chain_id,
        genesis_time=section.genesis_time,
        params=in_order(section.params, profile(profile_name)),
        validators=section.validators,
        initial_height=int(section.initial_height),
        app_hash=section.app_hash,
    )


def profile_newer(name: str) -> Finding:
    return error(
        "record-profile-newer",
        "record.profile",
        f'The record is for profile "{name}"; this quorate knows {", ".join(NAMES)}.',
        "Install the newest quorate, and import the record again.",
    )


@lru_cache(maxsize=64)
def parse_record(payload: bytes) -> tuple[NetworkRecord | None, tuple[Finding, ...]]:
    """The record, or findings (``record-member``, and as ``read_head`` and ``read_shape`` tell them)."""
    value, findings = read_head(payload, "record")
    if value is None:
        return None, findings
    wire, findings = read_shape(AdoptedRecordWire if "adopted" in value else RecordWire, value, "record")
    if wire is None:
        return None, findings
    members, findings = roster_of(wire.members)
    if members is None:
        return None, findings
    return _record(payload, wire, members), ()


def _record(payload: bytes, wire: RecordWire, members: tuple[RosterMember, ...]) -> NetworkRecord:
    return NetworkRecord(
        payload=payload,
        id=hashlib.sha256(payload).hexdigest(),
        network=wire.network,
        version=wire.version,
        previous=wire.previous,
        profile=wire.profile,
        section=_section(wire.genesis),
        members=members,
        owners=tuple(Owner(owner.name, bytes_of(owner.key, 32)) for owner in wire.owners),
        threshold=wire.threshold,
        note=wire.note,
        adopted=isinstance(wire, AdoptedRecordWire),
    )


def _section(wire: GenesisWire) -> GenesisSection:
    return GenesisSection(
        chain_id=wire.chain_id,
        genesis_time=wire.genesis_time,
        initial_height=wire.initial_height,
        app_hash=wire.app_hash,
        params=_params(wire.params),
        validators=tuple(Validator(bytes_of(one.key, 32), int(one.power), one.name) for one in wire.validators),
        genesis_sha256=wire.genesis_sha256,
        canonical=canonical(wire.model_dump()),
    )


def _params(value: Mapping[str, str | list[str]]) -> Params:
    return tuple((path, one if isinstance(one, str) else tuple(one)) for path, one in sorted(value.items()))
