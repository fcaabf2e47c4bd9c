"""Whose signatures make a record: k of n of its own owners, and of the owners before.

Of a first version, an owner's acceptance counts as their signature: it names the record by its hash, and saves a round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..documents.document import Document, Signature
from ..documents.sshsig import verify
from .record import NetworkRecord, Owner, parse_record


@dataclass(frozen=True, slots=True)
class SignedRecord:
    record: NetworkRecord
    signatures: frozenset[Signature] = frozenset()
    accepted: frozenset[bytes] = frozenset()
    """The node keys that signed an acceptance of exactly this record."""

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def version(self) -> int:
        return self.record.version

    @property
    def network(self) -> str:
        return self.record.network

    @property
    def subject(self) -> str:
        return f"{self.network} version {self.version}"

    def with_more(self, other: SignedRecord) -> SignedRecord:
        """The same record with the signatures and acceptances of both."""
        return SignedRecord(self.record, self.signatures | other.signatures, self.accepted | other.accepted)


def read_record(document: Document) -> SignedRecord | None:
    """The record of a document, or None where it can not be read (``parse_record`` tells why)."""
    record, _ = parse_record(document.payload)
    return None if record is None else SignedRecord(record, document.signatures)


def signed_by(signed: SignedRecord, owners: Iterable[Owner]) -> tuple[Owner, ...]:
    """The owners, each key once, who signed the record. Signatures are verified here again: all rests on them."""
    keys = _good_keys(signed.record.payload, signed.signatures)
    if signed.version == 1:
        keys |= signed.accepted
    return tuple({owner.key: owner for owner in owners if owner.key in keys}.values())


def share_an_owner(records: Sequence[SignedRecord]) -> bool:
    """Whether one owner signed all of these records; there is at least one."""
    return bool(set.intersection(*({owner.key for owner in signed_by(one, one.record.owners)} for one in records)))


def has_threshold(signed: SignedRecord, of: NetworkRecord) -> bool:
    """Whether as many owners of the record ``of`` as it asks for have signed ``signed``."""
    return 0 < of.threshold <= len(signed_by(signed, of.owners))


@lru_cache(maxsize=256)
def _good_keys(payload: bytes, signatures: frozenset[Signature]) -> frozenset[bytes]:
    return frozenset(one.key for one in signatures if verify("record", payload, one))


def waits_for(signed: SignedRecord, before: NetworkRecord | None) -> str:
    """Who has signed and how many are missing, for people; empty when nobody is."""
    parts = [_missing(signed, signed.record, "its owners")]
    if before is not None and (before.owners, before.threshold) != (signed.record.owners, signed.record.threshold):
        parts.append(_missing(signed, before, "the owners before"))
    return "; ".join(part for part in parts if part)


def _missing(signed: SignedRecord, of: NetworkRecord, whose: str) -> str:
    if has_threshold(signed, of):
        return ""
    have = signed_by(signed, of.owners)
    names = ", ".join(owner.name for owner in have) or "nobody"
    others = ", ".join(owner.name for owner in of.owners if owner not in have) or "nobody else"
    return f"{len(have)} of {of.threshold} of {whose} signed ({names}); {others} can"
