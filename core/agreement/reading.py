"""One document as what it says: its content, or the reason why it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..card.model import NodeCard
from ..documents.document import Document, Status
from ..documents.kinds import ACCEPTANCE, ATTESTATION, CARD, RECORD
from ..finding import Finding, error
from .acceptance import read_acceptance, read_attestation
from .content import Content
from .head import read_head
from .owners import SignedRecord
from .record import parse_record


@dataclass(frozen=True, slots=True)
class Read:
    document: Document
    content: Content | None
    """None exactly where ``status`` is not ``known``."""
    status: Status
    subject: str
    findings: tuple[Finding, ...] = ()


def read(document: Document, network: str) -> Read:
    """What the document says to the network at hand. Raises Refusal as ``ed25519.is_good_point``."""
    content, findings = READERS[document.kind](document)
    if content is None:
        return _unusable(document, findings)
    if content.network != network:
        return Read(document, None, "foreign", content.subject, (_foreign(document, content, network),))
    return Read(document, content, "known", content.subject)


def _signed_record(document: Document) -> tuple[SignedRecord | None, tuple[Finding, ...]]:
    record, findings = parse_record(document.payload)
    return (None if record is None else SignedRecord(record, document.signatures)), findings


def _signed_card(document: Document) -> tuple[NodeCard | None, tuple[Finding, ...]]:
    card, findings = NodeCard.parse(document.payload)
    if card is None:
        return None, (*read_head(document.payload, "card")[1], *findings)
    key = card.node_public
    if any(one.key == key for one in document.signatures):
        return card, ()
    message = f"The card of {card.moniker} is not signed by the node key in it, whose node id is {card.node_id}."
    fix = f"Do not use it. Ask {card.moniker}, over another channel, to send the card again."
    return None, (error("card-not-by-its-key", card.moniker, message, fix),)


Reader = Callable[[Document], tuple[Content | None, tuple[Finding, ...]]]
"""What a document says, or why it cannot be used. Raises Refusal as ``ed25519.is_good_point``."""

READERS: dict[str, Reader] = {
    CARD.name: _signed_card,
    RECORD.name: _signed_record,
    ACCEPTANCE.name: read_acceptance,
    ATTESTATION.name: read_attestation,
}
"""By kind."""


def _unusable(document: Document, findings: tuple[Finding, ...]) -> Read:
    codes = {finding.code for finding in findings}
    newer = [finding for finding in findings if finding.code == "document-later-version"]
    if newer:
        return Read(document, None, "newer", document.kind, tuple(newer))
    forged = codes & {"card-not-by-its-key", "document-not-by-its-key", "acceptance-node-id"}
    return Read(document, None, "forged" if forged else "damaged", f"{document.kind} {document.id[:8]}", findings)


def _foreign(document: Document, content: Content, network: str) -> Finding:
    message = f"This {document.kind} is for the network {content.network}; this one is {network}."
    fix = f"Ask its signer for a {document.kind} of {network}, or import it into the other network's state."
    return error("document-other-network", content.subject, message, fix)
