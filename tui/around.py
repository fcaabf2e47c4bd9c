"""A look at all steps in the background, after the first paint: the rail's marks, the pulse of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.finding import Refusal
from core.steps import IDS

from .session import Session, StepMark

if TYPE_CHECKING:
    from core.agreement.current import Current
    from core.standing import Standing


async def look_around(session: Session) -> Standing | None:
    """Renew marks and pulse of the session. None where there is no state, or it can not be read."""
    if session.state is None:
        return None
    from core.run import one_look
    from core.seen import seen
    from core.standing import standing

    world = one_look(session.world)
    try:
        now = await standing(world)
        session.marks = _marks(session, now)
        session.pulse = _pulse((await seen(world)).current)
    except Refusal:
        return None
    return now


def _marks(session: Session, now: Standing) -> dict[str, StepMark]:
    from core.apply.engine import receipts

    applied = {receipt.step for receipt in receipts(session.world) if not receipt.undone}
    begun = session.local.answers
    here = session.local.step
    marks: dict[str, StepMark] = {}
    for station in now.stations:
        was = session.marks.get(station.step)
        touched = bool(begun.get(station.step)) or station.step in (here, session.here, *applied)
        if station.mark == "done":
            marks[station.step] = "done"
        elif station.step in applied or was in ("done", "stale"):
            marks[station.step] = "stale" if station.mark == "todo" else "blocked"
        elif not touched:
            marks[station.step] = "open"
        else:
            marks[station.step] = "blocked" if station.mark == "blocked" else "begun"
    return marks


def _pulse(seen: Current) -> tuple[str, ...]:
    exchange = seen.exchange
    record = exchange.record
    known = len(exchange.cards) + len(exchange.unsigned)
    whole = len(record.members) if record else max(known, len(exchange.local.expected))
    tally = exchange.tally
    accepted = len(tally.accepted) + len(tally.attested) if tally else 0
    cards = f"{known}/{whole}" if known else "-"
    signed = f"{accepted}/{tally.needed}" if tally else "-"
    start = record.section.time.strftime("%a %H:%M UTC") if record else "no start yet"
    return (_line("cards", cards), _line("accepted", signed), start)


def _line(word: str, value: str) -> str:
    """12 cells: ``accepted 3/4``, ``accept 40/40``."""
    room = 12 - len(value)
    return f"{word[: room - 1]:<{room}}{value}"


def first_open(session: Session) -> str:
    """The first step that is not done; the last where all are."""
    marks = dict(session.step_marks())
    return next((step for step in IDS if marks[step] != "done"), IDS[-1])
