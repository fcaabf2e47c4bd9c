"""``undo``: the last plan taken back, or an interrupted one ended. The same for every step."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from ..finding import Finding, Refusal, error
from .answer import Answer
from .plan import receipt_json, receipt_lines, with_next
from .session import Session

if TYPE_CHECKING:
    from ..apply import Pending, Receipt


async def undo(arguments: Namespace, session: Session) -> Answer:
    from ..apply import receipts, unfinished

    world = session.at_state()
    if arguments.list:
        return _list(receipts(world))
    pending = next(reversed(unfinished(world)), None)
    if arguments.give_up or arguments.finish:
        if pending is None:
            raise _nothing(session, "nothing was interrupted")
        return await (_give_up if arguments.give_up else _finish)(pending, session)
    last = pending or next((entry for entry in receipts(world) if not entry.undone), None)
    if last is None:
        raise _nothing(session, "nothing was applied that could be taken back")
    return await _take_back(last, session)


def _list(known: tuple[Receipt, ...]) -> Answer:
    return Answer(
        lines=tuple(f"{entry.id}  {entry.at}  {entry.step}{'  undone' if entry.undone else ''}" for entry in known),
        data={"receipts": [receipt_json(entry) for entry in known]},
    )


async def _give_up(pending: Pending, session: Session) -> Answer:
    from ..apply import give_up

    await give_up(pending, session.at_state())
    lines = ("Left as it stands; the copies of the files stay in the journal.",)
    return await with_next(Answer(lines=lines), session)


async def _finish(pending: Pending, session: Session) -> Answer:
    from ..apply import resume

    receipt = await resume(pending, session.at_state())
    return await with_next(_answer(receipt), session, receipt)


async def _take_back(run: Receipt | Pending, session: Session) -> Answer:
    """What undoing does is shown first, and a person at a terminal is asked."""
    from ..apply import refuse_undo
    from ..apply import undo as take_back

    world = session.at_state()
    refuse_undo(run, world)
    session.output.talk(f"Taking back the step {run.step} of {run.at}, the last change first:")
    for line in run.back:
        session.output.talk(f"  {line}")
    asked = session.output.interactive
    if asked and session.output.ask("Take it back? [y/N] ").lower() not in {"y", "yes"}:
        return Answer(findings=(_declined(run),))
    receipt = await take_back(run, world)
    return await with_next(_answer(receipt, shown=asked and session.output.on_screen), session)


def _answer(receipt: Receipt, *, shown: bool = False) -> Answer:
    """``shown``: what was done stands a few lines above, in what the person was asked about."""
    lines = (f"Done. Receipt {receipt.id}",) if shown else receipt_lines(receipt)
    return Answer(lines=lines, data={"receipt": receipt_json(receipt)}, findings=receipt.findings)


def _nothing(session: Session, what: str) -> Refusal:
    return Refusal(error("undo-nothing", session.state.network, what, "See quorate undo --list."))


def _declined(run: Receipt | Pending) -> Finding:
    return error("undo-declined", run.step, "you did not say yes; nothing was taken back", "Run it again when ready.")
