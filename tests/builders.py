"""Documents for tests, really signed: valid as they come, and one keyword spoils each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from nacl.signing import SigningKey

from core.agreement.acceptance import acceptance_body, attestation_body
from core.agreement.build import Row, amend, build
from core.agreement.record import NetworkRecord, Owner, parse_record
from core.card.model import NodeCard, UnsignedEntry
from core.documents.canonical import canonical, parse_canonical
from core.documents.document import Document, Signature
from core.documents.ed25519 import address, node_id, to_base64
from core.documents.sshsig import namespace, signed_bytes
from core.genesis.model import default_params
from core.profiles import profile

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GENESIS_TIME = NOW + timedelta(days=3)
SERIAL = int(NOW.timestamp()) - 3600
NETWORK = "example-net"
CHAIN_ID = "example-1"
PROFILE = "tendermint-0.34"
MONIKERS = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy")


@dataclass(frozen=True)
class TestKey:
    """An ed25519 key pair, the same one for the same name."""

    __test__ = False

    name: str

    @property
    def signing(self) -> SigningKey:
        return _signing(self.name)

    @property
    def public(self) -> bytes:
        return bytes(self.signing.verify_key)

    @property
    def base64(self) -> str:
        return to_base64(self.public)

    @property
    def node_id(self) -> str:
        return node_id(self.public)

    @property
    def address(self) -> str:
        return address(self.public)

    def sign(self, kind: str, payload: bytes) -> Signature:
        value = self.signing.sign(signed_bytes(payload, namespace(kind))).signature
        return Signature(self.public, value)

    @property
    def owner(self) -> Owner:
        return Owner(self.name, self.public)


@lru_cache(maxsize=4096)
def _signing(name: str) -> SigningKey:
    return SigningKey(hashlib.sha256(f"key of {name}".encode()).digest())


def a_key(name: str = "alice") -> TestKey:
    """The node key of a member, or any other key: ``a_key("alice validator")``."""
    return TestKey(name)


def moniker(number: int) -> str:
    """The moniker of the member of that number, from 0."""
    return MONIKERS[number] if number < len(MONIKERS) else f"member-{number:05d}"


def a_node_card(moniker: str = "alice", **spoil: Any) -> NodeCard:
    """What a card says. ``node`` and ``validator`` are the names of its keys; every field can be given."""
    node = a_key(spoil.pop("node", moniker))
    validator = a_key(spoil.pop("validator", f"{moniker} validator"))
    slug = "".join(char if char.isalnum() else "-" for char in moniker.lower())
    fields: dict[str, Any] = {
        "network": NETWORK,
        "serial": SERIAL,
        "moniker": moniker,
        "p2p": (f"{slug}.example.org:26656",),
        "api": f"{slug}.example.org:9984",
        "contact": f"{slug}@example.org",
        "software": "tendermint 0.34.24",
        "node_key": node.base64,
        "validator_key": validator.base64,
        "node_id": node.node_id,
        "validator_address": validator.address,
    }
    return NodeCard(**(fields | spoil))


def a_card(moniker: str = "alice", *, signer: str = "", **spoil: Any) -> Document:
    """A card, signed by its node key or by the key named ``signer``."""
    key = a_key(signer or spoil.get("node", moniker))
    return sign("card", a_node_card(moniker, **spoil).payload, key)


def an_unsigned(moniker: str = "dave", **spoil: Any) -> UnsignedEntry:
    """What is known of a member without quorate."""
    card = a_node_card(moniker)
    return replace(UnsignedEntry(moniker, card.p2p, card.node_id, card.validator_key), **spoil)


def sign(kind: str, payload: bytes, *keys: TestKey) -> Document:
    return Document(kind, payload, frozenset(key.sign(kind, payload) for key in keys))


def rows(members: int | Sequence[Document | UnsignedEntry], powers: Sequence[int] = ()) -> list[Row]:
    """The first ``members`` members with power 10 each, or these members with these powers."""
    cards = [a_card(moniker(number)) for number in range(members)] if isinstance(members, int) else list(members)
    return [(card, powers[at] if at < len(powers) else 10) for at, card in enumerate(cards)]


def a_record(
    members: int | Sequence[Document | UnsignedEntry] = 4,
    *,
    powers: Sequence[int] = (),
    owners: Sequence[str] = ("alice",),
    threshold: int = 1,
    signers: Sequence[str] | None = None,
    previous: Document | None = None,
    genesis_time: datetime = GENESIS_TIME,
    chain_id: str = CHAIN_ID,
    profile_name: str = PROFILE,
    note: str = "",
    **spoil: Any,
) -> Document:
    """A record signed by all its owners (or ``signers``). ``spoil`` replaces fields of it or of its genesis section."""
    body = build(
        network=spoil.pop("network", NETWORK),
        profile=profile_name,
        chain_id=chain_id,
        genesis_time=genesis_time,
        params=spoil.pop("params", default_params(profile(profile_name))),
        members=rows(members, powers),
        owners=[a_key(name).owner for name in owners],
        threshold=threshold,
        previous=None if previous is None else the_record(previous),
        note=note,
    )
    return sign("record", spoiled(body, spoil), *(a_key(name) for name in (owners if signers is None else signers)))


def an_amendment(
    previous: Document,
    members: int | Sequence[Document | UnsignedEntry] | None = None,
    *,
    powers: Sequence[int] = (),
    owners: Sequence[str] | None = None,
    threshold: int | None = None,
    signers: Sequence[str] | None = None,
    note: str = "",
    **spoil: Any,
) -> Document:
    """The version after ``previous`` over the same genesis, signed by its old and new owners (or ``signers``)."""
    record = the_record(previous)
    body = amend(
        record,
        members=None if members is None else rows(members, powers),
        owners=None if owners is None else [a_key(name).owner for name in owners],
        threshold=threshold,
        note=note,
    )
    names = {*(owner.name for owner in record.owners), *(owners or ())} if signers is None else signers
    return sign("record", spoiled(body, spoil), *(a_key(name) for name in names))


def spoiled(body: bytes, spoil: dict[str, Any]) -> bytes:
    """The payload with fields replaced, in its genesis section where they stand there."""
    value: Any = parse_canonical(body)
    for name, new in spoil.items():
        where = value["genesis"] if name in value.get("genesis", {}) else value
        where[name] = new
    return canonical(value)


def the_record(document: Document) -> NetworkRecord:
    record, findings = parse_record(document.payload)
    assert record is not None, findings
    return record


def an_acceptance(
    record: Document,
    member: str = "alice",
    *,
    serial: int = SERIAL + 60,
    words: bool = True,
    signer: str = "",
    **spoil: Any,
) -> Document:
    """The acceptance of ``record`` by the node key of ``member``."""
    body = acceptance_body(the_record(record), node_key=a_key(member).public, words_checked=words)
    payload = spoiled(body, {"serial": serial, **spoil})
    return sign("acceptance", payload, a_key(signer or member))


def an_attestation(
    record: Document,
    member: str = "dave",
    *,
    owner: str = "alice",
    how: str = "read the eight words to me on the phone",
    serial: int = SERIAL + 60,
    signer: str = "",
    **spoil: Any,
) -> Document:
    """An owner's word that ``member``, who has no quorate, confirmed the hash of ``record``."""
    node, key = a_key(member).node_id, a_key(owner)
    body = attestation_body(the_record(record), node_id=node, owner=key.public, how=how)
    return sign("attestation", spoiled(body, {"serial": serial, **spoil}), a_key(signer or owner))
