"""The members that a record admits, with the card (or unsigned entry) of each embedded whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ..card.model import NodeCard, UnsignedEntry
from ..documents.canonical import JsonValue, canonical, parse_canonical
from ..documents.document import Document, Signature
from ..documents.ed25519 import to_base64
from ..documents.sshsig import verify
from ..finding import Finding, Refusal, error
from .wire import SignedWire, UnsignedWire, bytes_of, read_shape


@dataclass(frozen=True, slots=True)
class RosterMember:
    """One member that the record admits."""

    card: NodeCard | UnsignedEntry
    payload: bytes
    """The card's payload, or the entry's canonical JSON."""
    card_id: str
    """SHA-256 of it, lower-case hex."""
    signature: Signature | None
    """The node key's signature over the card; None for a member without quorate."""
    power: int
    """0: a full node that does not vote."""

    @property
    def signed(self) -> bool:
        return self.signature is not None

    @property
    def forged(self) -> bool:
        """Return True if the signature under the card is not one of its node key."""
        return self.signature is not None and not _is_good(self.payload, self.signature)

    @property
    def moniker(self) -> str:
        return self.card.moniker

    @property
    def node_id(self) -> str:
        return self.card.node_id

    @property
    def node_key(self) -> bytes:
        """32 bytes; empty for a member without quorate."""
        return self.card.node_public if isinstance(self.card, NodeCard) else b""

    @property
    def validator_key(self) -> bytes:
        return self.card.validator_public

    @property
    def dial(self) -> tuple[str, ...]:
        """``id@host:port``, canonical."""
        return self.card.dial

    @property
    def p2p(self) -> tuple[str, ...]:
        """``host:port``, or ``id@host:port`` of a sentry, canonical."""
        return self.card.p2p

    @property
    def api(self) -> str:
        return self.card.api if isinstance(self.card, NodeCard) else ""

    @property
    def contact(self) -> str:
        return self.card.contact if isinstance(self.card, NodeCard) else ""

    def as_json(self) -> dict[str, JsonValue]:
        """The member as it stands in a record's payload."""
        value = parse_canonical(self.payload)
        if self.signature is None:
            return {"unsigned": value, "power": str(self.power)}
        return {"card": value, "signature": to_base64(self.signature.value), "power": str(self.power)}


@lru_cache(maxsize=1 << 14)
def _is_good(payload: bytes, signature: Signature) -> bool:
    return verify("card", payload, signature)


def roster_of(rows: Sequence[dict[str, JsonValue]]) -> tuple[tuple[RosterMember, ...] | None, tuple[Finding, ...]]:
    """All rows as members, or None and a finding for each row that can not be read."""
    members: list[RosterMember] = []
    findings: list[Finding] = []
    for number, row in enumerate(rows):
        member, told = _member(row, f"members[{number}]")
        findings.extend(told)
        if member is not None:
            members.append(member)
    return (None if findings else tuple(members)), tuple(findings)


def _member(row: dict[str, JsonValue], where: str) -> tuple[RosterMember | None, tuple[Finding, ...]]:
    return _unsigned(row, where) if "unsigned" in row else _signed(row, where)


def _signed(row: dict[str, JsonValue], where: str) -> tuple[RosterMember | None, tuple[Finding, ...]]:
    wire, findings = read_shape(SignedWire, row, "record", where)
    if wire is None:
        return None, findings
    payload = canonical(wire.card)
    card, told = NodeCard.parse(payload)
    if card is None:
        return None, _of_member(where, told)
    signature = Signature(card.node_public, bytes_of(wire.signature, 64))
    return _roster_member(card, payload, signature, int(wire.power)), ()


def _unsigned(row: dict[str, JsonValue], where: str) -> tuple[RosterMember | None, tuple[Finding, ...]]:
    wire, findings = read_shape(UnsignedWire, row, "record", where)
    if wire is None:
        return None, findings
    payload = canonical(wire.unsigned)
    entry, told = UnsignedEntry.parse(payload)
    if entry is None:
        return None, _of_member(where, told)
    return _roster_member(entry, payload, None, int(wire.power)), ()


def _of_member(where: str, told: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(
        error(
            "record-member",
            f"record.{where}",
            f"The card of {where} can not be used. {finding.message}",
            "Ask the coordinator for a record without it, or with the member's new card.",
        )
        for finding in told
    )


def member_of(member: Document | UnsignedEntry | RosterMember, power: int) -> RosterMember:
    """A member as a record admits them. Raises Refusal (``record-card-unsigned``)."""
    if isinstance(member, RosterMember):
        return replace(member, power=power)
    if isinstance(member, UnsignedEntry):
        return _roster_member(member, member.body, None, power)
    card, findings = NodeCard.parse(member.payload)
    if card is None:
        raise Refusal(*findings)
    signatures = sorted(one for one in member.signatures if one.key == card.node_public)
    if not signatures:
        raise Refusal(_not_signed(card.moniker))
    return _roster_member(card, member.payload, signatures[0], power)


def _roster_member(
    card: NodeCard | UnsignedEntry, payload: bytes, signature: Signature | None, power: int
) -> RosterMember:
    return RosterMember(card, payload, hashlib.sha256(payload).hexdigest(), signature, power)


def _not_signed(moniker: str) -> Finding:
    return error(
        "record-card-unsigned",
        moniker,
        f'The card of "{moniker}" is not signed by the node key in it.',
        "Ask the member to send the card again, whole.",
    )
