"""``peers``: the inbox, and the coordinator's word about each member."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace

from ..agreement.current import Current
from ..agreement.exchange import KnownCard, KnownEntry, card_id_of, known_members, moniker_of
from ..card.unsigned import typed_entry
from ..documents.words import eight_words
from ..finding import Finding
from ..peers.decide import confirm as note_words
from ..peers.decide import decide, find_member, newest, same
from ..peers.decide import expect as wait_for
from ..peers.decide import keep as keep_earlier
from ..peers.misplaced import misplaced
from ..peers.receive import enter
from ..seen import seen
from ..state import Local, Verdict
from .answer import Answer
from .plan import with_next
from .session import Session


async def show(arguments: Namespace, session: Session) -> Answer:
    now = await _current(session)
    exchange = now.exchange
    rows = [_row(node_id, one) for node_id, one in known_members(exchange).items()]
    there = {row["moniker"].casefold() for row in rows}
    missing = [name for name in exchange.local.expected if name.casefold() not in there]
    lines = [f"{r['moniker']:<16} {r['node_id'][:8]}..  {r['address']:<28} {r['state']}" for r in rows]
    lines += [f"{name:<16} {'':<10}  {'':<28} missing: no card yet" for name in missing]
    return Answer(
        lines=tuple(lines) or ("No cards yet. Import them: quorate import FILE",),
        data={"members": rows, "missing": missing},
        findings=exchange.findings,
    )


def _row(node_id: str, one: KnownCard | KnownEntry) -> dict[str, str]:
    member = one.card if isinstance(one, KnownCard) else one.entry
    return {
        "moniker": member.moniker,
        "node_id": node_id,
        "address": ", ".join(member.p2p),
        "signed": "yes" if isinstance(one, KnownCard) else "no: without quorate",
        "state": _state(one),
    }


def _state(one: KnownCard | KnownEntry) -> str:
    decision = one.decision
    words = {"approve": "approved", "hold": "held", "refuse": "refused"}
    verdict = words[decision.verdict] if decision and decision.verdict else "undecided"
    verdict += ", a newer card passed over" if isinstance(one, KnownCard) and one.passed else ""
    reason = f" ({decision.reason})" if decision and decision.reason else ""
    verified = f", confirmed: {decision.confirmed}" if decision and decision.confirmed else ", unverified"
    return verdict + reason + verified + ("" if isinstance(one, KnownCard) else ", unsigned")


async def approve(arguments: Namespace, session: Session) -> Answer:
    return await _say(session, arguments.member, "approve", "")


async def hold(arguments: Namespace, session: Session) -> Answer:
    return await _say(session, [arguments.member], "hold", arguments.reason)


async def refuse(arguments: Namespace, session: Session) -> Answer:
    return await _say(session, [arguments.member], "refuse", arguments.reason)


async def keep(arguments: Namespace, session: Session) -> Answer:
    return await _change(session, [arguments.member], newest if arguments.newest else keep_earlier)


async def confirm(arguments: Namespace, session: Session) -> Answer:
    note = note_words if session.local.role == "coordinator" else same
    return await _change(
        session, [arguments.member], lambda local, node_id, one: note(local, node_id, one, arguments.how)
    )


async def words(arguments: Namespace, session: Session) -> Answer:
    node_id, one = find_member((await _current(session)).exchange, arguments.member)
    eight = eight_words(bytes.fromhex(card_id_of(one)), "card")
    return Answer(lines=(" ".join(eight),), data={"node_id": node_id, "moniker": moniker_of(one), "words": list(eight)})


async def expect(arguments: Namespace, session: Session) -> Answer:
    session.state.change(lambda local: wait_for(local, arguments.monikers))
    return await with_next(await show(arguments, session), session)


async def add(arguments: Namespace, session: Session) -> Answer:
    entry, findings = typed_entry(
        moniker=arguments.moniker, addresses=arguments.address, node_id=arguments.node_id, validator_key=arguments.key
    )
    if entry is None:
        return Answer(findings=findings)
    own, current = await seen(session.at_state())
    wrong = misplaced(entry, current.exchange, own)
    if wrong:
        return Answer(findings=(*findings, *wrong))
    findings = (*findings, *enter(session.state, entry))
    shown = await show(arguments, session)
    return await with_next(replace(shown, findings=(*findings, *shown.findings)), session)


async def _say(session: Session, members: list[str], verdict: Verdict, reason: str) -> Answer:
    return await _change(session, members, lambda local, node_id, one: decide(local, node_id, one, verdict, reason))


async def _change(
    session: Session, members: list[str], change: Callable[[Local, str, KnownCard | KnownEntry], Local]
) -> Answer:
    now = await _current(session)
    found = [find_member(now.exchange, name) for name in members]

    def change_all(local: Local) -> Local:
        for node_id, one in found:
            local = change(local, node_id, one)
        return local

    session.state.change(change_all)
    after = await _current(session)
    rows = [_row(node_id, known_members(after.exchange)[node_id]) for node_id, _ in found]
    answer = Answer(
        lines=tuple(f"{row['moniker']}: {row['state']}" for row in rows),
        data={"members": rows},
        findings=_about(after, {node_id for node_id, _ in found}),
    )
    return await with_next(answer, session)


def _about(seen: Current, node_ids: set[str]) -> tuple[Finding, ...]:
    """Findings that name one of these members."""
    known = known_members(seen.exchange)
    names = {moniker_of(known[node_id]) for node_id in node_ids}
    return tuple(finding for finding in seen.findings if finding.subject in names | node_ids)


async def _current(session: Session) -> Current:
    return (await seen(session.at_state())).current
