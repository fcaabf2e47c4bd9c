"""``status``: where am I, k of N, the one next action."""

from __future__ import annotations

from argparse import Namespace

from ..finding import Finding, info, warning
from ..standing import standing
from .answer import Answer
from .session import Session

_BEGIN = "quorate home --network NAME --role ROLE --home DIR"
_BEGIN_WHY = (
    "NAME: what all members call the network. ROLE: member, or coordinator. DIR: your node's home; a new node gets "
    "its keys there. To see it all first: quorate demo"
)
_MARKS = {"done": "+", "todo": ".", "blocked": "x"}


async def show(arguments: Namespace, session: Session) -> Answer:
    if session.find_state() is None:
        nothing = info("status-nothing-yet", str(session.root), "no network is known here yet", _BEGIN)
        return Answer(data={"network": None, "steps": []}, findings=(nothing,), next=_BEGIN, why=_BEGIN_WHY)
    world = session.at_state()
    now = await standing(world, session.report)
    local = session.local
    head = f"Network {session.state.network}, {local.role or 'no role yet'}, home {local.home or 'none'}"
    lines = [head, ""]
    for station in now.stations:
        worst = f"   {station.findings[0].message}" if station.mark == "blocked" and station.findings else ""
        lines.append(f" {_MARKS[station.mark]} {station.title:<8}{worst}")
    if now.tally:
        lines += ["", ("QUORATE: " if now.is_quorate else "") + now.tally]
    return Answer(
        lines=tuple(lines),
        data={
            "network": session.state.network,
            "role": local.role,
            "home": local.home,
            "steps": [
                {
                    "id": s.step,
                    "mark": s.mark,
                    "findings": [f.as_json() for f in s.findings],
                    "next": session.typed(s.next),
                    "why": s.why,
                }
                for s in now.stations
            ],
            "tally": now.tally,
            "quorate": now.is_quorate,
        },
        findings=_interrupted(session),
        next=now.next,
        why=now.why,
    )


def _interrupted(session: Session) -> tuple[Finding, ...]:
    from ..apply import unfinished

    return tuple(
        warning(
            "apply-interrupted",
            pending.step,
            "a plan was interrupted before it was finished",
            "Finish it with `quorate undo --finish`, or take it back with `quorate undo`.",
        )
        for pending in unfinished(session.at_state())
    )
