"""A signed document as a value: a payload and the set of signatures over it. Parsing is in the features' models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Status = Literal["new", "known", "older", "changed", "damaged", "forged", "foreign", "newer"]


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    key: bytes
    """The signer's ed25519 public key, 32 bytes."""
    value: bytes
    """The ed25519 signature over the SSHSIG bytes of the payload, 64 bytes."""


@dataclass(frozen=True)
class Document:
    """``payload`` is canonical JSON; ``signatures`` are detached, merge as a set, and were checked when read."""

    kind: str
    payload: bytes
    signatures: frozenset[Signature]

    @property
    def id(self) -> str:
        """SHA-256 of the payload, lower-case hex."""
        # Not a cached_property: in Python 3.11 that takes a lock at every look, and ids are looked at all the time.
        known: str | None = self.__dict__.get("_id")
        if known is None:
            known = self.__dict__["_id"] = hashlib.sha256(self.payload).hexdigest()
        return known

    def with_signatures(self, more: Iterable[Signature]) -> Document:
        return replace(self, signatures=self.signatures | frozenset(more))


def merge(copies: Iterable[Document]) -> dict[str, Document]:
    """By id, each document with the signatures of all its copies, in the order in which they came."""
    whole: dict[str, Document] = {}
    for one in copies:
        known = whole.get(one.id)
        whole[one.id] = one if known is None else known.with_signatures(one.signatures)
    return whole
