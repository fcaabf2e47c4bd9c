"""``import``: take in whatever people sent, and say of each document what it is."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from ..counted import counted
from ..finding import Finding, Refusal, Severity, error, has_error, unknown
from ..peers.receive import Received, Reception, judge, receive
from .answer import Answer, UsageError
from .plan import with_next
from .session import Session, absolute

_LIMIT = 16 << 20


async def take(arguments: Namespace, session: Session) -> Answer:
    try:
        return await _take(arguments, session)
    except Refusal as refusal:
        return Answer(data={"documents": []}, findings=refusal.findings, judges=arguments.check)


async def _take(arguments: Namespace, session: Session) -> Answer:
    if arguments.forget_parts:
        return await _forget_parts(session)
    if arguments.source is None:
        raise UsageError(
            "FILE|DIR|-: what is to be imported is missing", subject="FILE", fix="Name it, or - for stdin."
        )
    source = _source(session, arguments.source)
    if arguments.check:
        reception = await judge(session.world, source, arguments.network)
        return replace(_answer(reception), findings=(*reception.findings, *_nothing(reception)), judges=True)
    reception = await receive(session.at_state(), source, arguments.moniker or "")
    answer = _answer(reception)
    return await with_next(replace(answer, findings=(*answer.findings, *_nothing(reception))), session)


async def _forget_parts(session: Session) -> Answer:
    parts = session.state.parts()
    session.state.keep_parts(())
    told = f"discarded {counted(len(parts), 'part')} of messages that were not whole"
    return await with_next(Answer(lines=(told,), data={"documents": [], "discarded": len(parts)}), session)


def _source(session: Session, name: str) -> Path | bytes:
    if name != "-":
        return absolute(name)
    data = session.output.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        message = f"more than {_LIMIT} bytes came; at most so many are looked through"
        raise Refusal(unknown("import-too-large", "-", message, "Import the files one by one."))
    return data


def _nothing(reception: Reception) -> tuple[Finding, ...]:
    """A check that looked at nothing has not passed."""
    unread = any(finding.severity is Severity.UNKNOWN for finding in reception.findings)
    told = reception.waiting or unread or has_error(reception.findings)
    if reception.rows or reception.unsigned or told:
        return ()
    return (error("import-nothing", "text", "it holds no document of quorate", "Copy from BEGIN to END, whole."),)


def _answer(reception: Reception) -> Answer:
    lines: list[str] = []
    for row in reception.rows:
        lines.append(f"{row.status:<8} {row.kind:<11} {row.subject}")
        lines += [f"         {change}" for change in row.changes]
    for entry in reception.unsigned:
        lines.append(f"unsigned values of node {entry.node_id}")
    return Answer(
        lines=tuple(lines),
        data={
            "documents": [_row(row) for row in reception.rows],
            "unsigned": [
                {"node_id": entry.node_id, "validator_key": entry.validator_key, "p2p": list(entry.p2p)}
                for entry in reception.unsigned
            ],
        },
        findings=reception.findings,
    )


def _row(row: Received) -> dict[str, object]:
    return {
        "kind": row.kind,
        "status": row.status,
        "subject": row.subject,
        "id": row.document.id if row.document else "",
        "changes": [{"field": change.field, "old": change.old, "new": change.new} for change in row.changes],
    }
