"""What an import would bring: each document against what was known before, by status and field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..card.changes import FieldChange, card_changes
from ..card.model import NodeCard
from ..documents.document import Document, Status
from ..documents.ed25519 import to_base64
from ..documents.kinds import CARD, RECORD
from ..finding import Finding, Severity
from .changes import record_changes
from .exchange import DocumentStatus, Exchange
from .owners import SignedRecord
from .reading import read
from .reduce import merged, reduce
from .verdicts import step_back


@dataclass(frozen=True, slots=True)
class Compared:
    id: str
    kind: str
    status: Status
    subject: str
    changes: tuple[FieldChange, ...] = ()
    """What is different from the member's card (or the record in force) before."""
    findings: tuple[Finding, ...] = ()


def compare(before: Exchange, after: Exchange, incoming: Iterable[Document]) -> tuple[Compared, ...]:
    """Each incoming document once, in the order in which they came; that order changes no status.

    ``after``: as :func:`after_import` has it.
    """
    had = {one.id: one for one in before.documents}
    have = {one.id: one for one in after.documents}
    back = rolled_back(before, after)
    ids = dict.fromkeys(one.id for one in incoming)
    return tuple(
        _older(after.statuses[one], back)
        if one in back
        else _compared(after.statuses[one], have[one], had.get(one), before)
        for one in ids
    )


def copied(told: Compared, had: Document | None, copy: Document) -> Compared:
    """The same for one copy of the document: what it brings besides ``had``, which is what came of it before."""
    if had is None or told.status not in ("new", "known", "older", "changed"):
        return told
    changes = _more_signatures(had, had.with_signatures(copy.signatures))
    return replace(told, status="changed" if changes else "known", changes=changes)


def new_errors(before: Exchange, after: Exchange) -> tuple[Finding, ...]:
    """What is wrong with record and acceptances afterwards, and was not before."""
    known = set(before.agreement)
    return tuple(one for one in after.agreement if one.severity is Severity.ERROR and one not in known)


def rolled_back(before: Exchange, after: Exchange) -> dict[str, Finding]:
    """The records that would put an older version in force than was in force before, each with its error."""
    was, is_now = before.record, after.record
    if was is None or is_now is None or is_now.version >= was.version:
        return {}
    known = {one.id for one in before.documents}
    return {one.id: step_back(one.record, was) for one in after.succession.lineage if one.id not in known}


def after_import(before: Exchange, documents: Iterable[Document]) -> Exchange:
    """What is known once ``documents`` are added to what was known ``before``."""
    return reduce(
        merged((*before.documents, *documents)),
        network=before.network,
        now=before.now,
        own=before.own,
        local=before.local,
    )


def _older(told: DocumentStatus, back: Mapping[str, Finding]) -> Compared:
    return Compared(told.id, told.kind, "older", told.subject, findings=(*told.findings, back[told.id]))


def _compared(told: DocumentStatus, document: Document, had: Document | None, before: Exchange) -> Compared:
    status, changes = told.status, tuple[FieldChange, ...]()
    if had is not None and status in ("known", "older"):
        changes = _more_signatures(had, document)
        status = "changed" if changes else "known"
    elif status in ("known", "changed"):
        changes = tuple(_changes(document, before))
        status = "changed" if changes or status == "changed" else "new"
    return Compared(told.id, told.kind, status, told.subject, changes, told.findings)


def _more_signatures(had: Document, document: Document) -> tuple[FieldChange, ...]:
    new = document.signatures - had.signatures
    if not new:
        return ()
    keys = ", ".join(sorted(to_base64(one.key) for one in new))
    return (FieldChange("signatures", str(len(had.signatures)), f"{len(document.signatures)} (new: {keys})"),)


def _changes(document: Document, before: Exchange) -> Iterator[FieldChange]:
    """Against what was there before, where its kind is one of which something is replaced."""
    content = read(document, before.network).content
    if content is not None and document.kind in DIFFERENCES:
        yield from DIFFERENCES[document.kind](content, before)


def _of_card(card: NodeCard, before: Exchange) -> Iterator[FieldChange]:
    """Against the card of that node."""
    if card.node_id in before.cards:
        known = before.cards[card.node_id].card
        yield FieldChange("serial", str(known.serial), str(card.serial))
        yield from card_changes(known, card)


def _of_record(signed: SignedRecord, before: Exchange) -> Iterator[FieldChange]:
    """Against the record in force."""
    if before.record is not None:
        yield FieldChange("version", str(before.record.version), str(signed.version))
        for change in record_changes(before.record, signed.record):
            yield FieldChange(f"{change.subject}: {change.field}", change.old, change.new)


DIFFERENCES: dict[str, Callable[[Any, Exchange], Iterator[FieldChange]]] = {
    CARD.name: _of_card,
    RECORD.name: _of_record,
}
"""By kind: what is different from what it replaces."""
