"""A signed document as a value: a payload and the set of signatures over it. Parsing is in the features' models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from ..plan import DocumentKind

Status = Literal["new", "known", "older", "changed", "damaged", "forged", "foreign", "newer"]


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    key: bytes
    """The signer's ed25519 public key, 32 bytes."""
    value: bytes
    """The ed25519 signature over the SSHSIG bytes of the payload, 64 bytes."""


@dataclass(frozen=True)
class Document:
    """``payload`` is canonical JSON; ``signatures`` are detached, each good (checked when it was read), and merge as a set."""

    kind: DocumentKind
    payload: bytes
    signatures: frozenset[Signature]

    @cached_property
    def id(self) -> str:
        """SHA-256 of the payload, lower-case hex."""
        return hashlib.sha256(self.payload).hexdigest()

    def with_signatures(self, more: Iterable[Signature]) -> Document:
        return replace(self, signatures=self.signatures | frozenset(more))
