"""A look at all steps in the background, after the first paint: the rail's marks, the pulse of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.finding import Refusal
from core.steps import IDS

from .session import Session

if TYPE_CHECKING:
    from core.standing import Standing


async def look_around(session: Session) -> Standing | None:
    """Renew marks and pulse of the session. None where there is no state, or it can not be read."""
    if session.state is None:
        return None
    from core.around import standing

    try:
        now = await standing(session.world)
        session.see(now)
    except Refusal:
        return None
    return now


def first_open(session: Session) -> str:
    """The first step that is not done; the last where all are."""
    marks = dict(session.step_marks())
    return next((step for step in IDS if marks[step] != "done"), IDS[-1])
