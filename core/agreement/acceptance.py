"""Acceptance: a member signs record and genesis hash. Attestation: an owner's word for a member without quorate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from ..documents.canonical import JsonValue, canonical
from ..documents.document import Document
from ..documents.ed25519 import node_id, to_base64
from ..finding import Finding, error
from .head import read_head
from .wire import VERSION, AcceptanceWire, AttestationWire, bytes_of, read_shape

if TYPE_CHECKING:
    from .record import NetworkRecord


_FORGED = "Do not use it. Ask the sender, over another channel, to send the document again."


@dataclass(frozen=True, slots=True)
class Acceptance:
    """ "I hold exactly this record and this genesis." """

    id: str
    """SHA-256 of the payload, lower-case hex."""
    network: str
    serial: int
    """Seconds since 1970, strictly increasing for one member."""
    record: str
    """Id of the record."""
    version: int
    genesis_sha256: str
    node_id: str
    node_key: bytes
    words_checked: bool
    """Whether the member noted, before signing, that another member read the same eight words (``compared``)."""
    signature: bytes = b""
    """The node key's signature, 64 bytes; empty where only the payload was read."""

    @property
    def subject(self) -> str:
        return self.node_id


@dataclass(frozen=True, slots=True)
class Attestation:
    """An owner says how a member without quorate confirmed the hash."""

    id: str
    network: str
    serial: int
    record: str
    version: int
    genesis_sha256: str
    node_id: str
    owner: bytes
    """ed25519 public key of the owner, 32 bytes."""
    how: str
    signature: bytes = b""

    @property
    def subject(self) -> str:
        return self.node_id


def acceptance_body(record: NetworkRecord, *, node_key: bytes, words_checked: bool) -> bytes:
    """The payload of an acceptance but for its ``serial``, which is set at signing; canonical JSON."""
    return canonical(
        {
            **_named("acceptance", record),
            "node_id": node_id(node_key),
            "node_key": to_base64(node_key),
            "words_checked": int(words_checked),
        }
    )


def attestation_body(record: NetworkRecord, *, node_id: str, owner: bytes, how: str) -> bytes:
    """The payload of an attestation but for its ``serial``; ``how`` is 1 to 500 printable ASCII characters."""
    return canonical(
        {
            **_named("attestation", record),
            "node_id": node_id,
            "owner": to_base64(owner),
            "how": how,
        }
    )


def _named(kind: str, record: NetworkRecord) -> dict[str, JsonValue]:
    return {
        "kind": kind,
        "v": VERSION,
        "network": record.network,
        "record": record.id,
        "version": record.version,
        "genesis_sha256": record.genesis_sha256,
    }


@lru_cache(maxsize=4096)
def parse_acceptance(payload: bytes) -> tuple[Acceptance | None, tuple[Finding, ...]]:
    """The acceptance, not its signature, or findings as :func:`read_head` and :func:`read_shape` tell them."""
    value, findings = read_head(payload, "acceptance")
    if value is None:
        return None, findings
    wire, findings = read_shape(AcceptanceWire, value, "acceptance")
    if wire is None:
        return None, findings
    return Acceptance(
        id=hashlib.sha256(payload).hexdigest(),
        network=wire.network,
        serial=wire.serial,
        record=wire.record,
        version=wire.version,
        genesis_sha256=wire.genesis_sha256,
        node_id=wire.node_id,
        node_key=bytes_of(wire.node_key, 32),
        words_checked=bool(wire.words_checked),
    ), ()


@lru_cache(maxsize=4096)
def parse_attestation(payload: bytes) -> tuple[Attestation | None, tuple[Finding, ...]]:
    """The attestation, without a signature, or findings as :func:`parse_acceptance`."""
    value, findings = read_head(payload, "attestation")
    if value is None:
        return None, findings
    wire, findings = read_shape(AttestationWire, value, "attestation")
    if wire is None:
        return None, findings
    return Attestation(
        id=hashlib.sha256(payload).hexdigest(),
        network=wire.network,
        serial=wire.serial,
        record=wire.record,
        version=wire.version,
        genesis_sha256=wire.genesis_sha256,
        node_id=wire.node_id,
        owner=bytes_of(wire.owner, 32),
        how=wire.how,
    ), ()


Signed = TypeVar("Signed", Acceptance, Attestation)


def read_acceptance(document: Document) -> tuple[Acceptance | None, tuple[Finding, ...]]:
    """The acceptance with its signature; findings also where its node key did not sign, or has another node id."""
    parsed, findings = parse_acceptance(document.payload)
    if parsed is None:
        return None, findings
    if node_id(parsed.node_key) != parsed.node_id:
        return None, (_not_of_key(parsed),)
    return _signed(parsed, parsed.node_key, document, "the node key in it")


def read_attestation(document: Document) -> tuple[Attestation | None, tuple[Finding, ...]]:
    """The attestation with its signature; a finding where the owner in it did not sign it."""
    parsed, findings = parse_attestation(document.payload)
    if parsed is None:
        return None, findings
    return _signed(parsed, parsed.owner, document, "the owner in it")


def _signed(parsed: Signed, key: bytes, document: Document, who: str) -> tuple[Signed | None, tuple[Finding, ...]]:
    values = sorted(signature.value for signature in document.signatures if signature.key == key)
    if values:
        return replace(parsed, signature=values[0]), ()
    return None, (
        error(
            "document-not-by-its-key",
            f"{document.kind} of {parsed.node_id[:8]}",
            f"It is not signed by {who}, but by {len(document.signatures)} other keys.",
            _FORGED,
        ),
    )


def _not_of_key(acceptance: Acceptance) -> Finding:
    return error(
        "acceptance-node-id",
        f"acceptance of {acceptance.node_id[:8]}",
        f"It is for node id {acceptance.node_id}; its key has node id {node_id(acceptance.node_key)}.",
        _FORGED,
    )
