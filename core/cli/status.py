"""``status``: where am I, k of N, the one next action."""

from __future__ import annotations

from argparse import Namespace

from ..around import cut_off_why, standing
from ..finding import Finding, info, warning
from ..world import World
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
        return _nothing_yet(session)
    world = session.at_state()
    now = await standing(world, session.report)
    local = session.local
    head = f"Network {session.state.network}, {local.role or 'no role yet'}, home {local.home or 'none'}"
    lines = [head, ""]
    for station in now.stations:
        worst = f"   {station.findings[0].message}" if station.mark == "blocked" and station.findings else ""
        age = station.age(world.clock.now())
        lines.append(f" {_MARKS[station.mark]} {station.title:<8}{worst}{f'   {age}' if age else ''}")
    if now.tally:
        lines += ["", ("QUORATE: " if now.is_quorate else "") + now.tally]
    if now.node:
        lines += [now.node]
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
                    "findings": s.findings,
                    "next": session.typed(s.next),
                    "why": s.why,
                }
                for s in now.stations
            ],
            "tally": now.tally,
            "quorate": now.is_quorate,
            "node": now.node,
        },
        findings=(*journal_findings(world), *now.findings),
        next=now.next,
        why=now.why,
    )


def _nothing_yet(session: Session) -> Answer:
    from ..apply.engine import command_for, unfinished

    world = session.anywhere()
    nothing = info("status-nothing-yet", str(session.root), "no network is known here yet", _BEGIN)
    findings, cut_off = (nothing, *journal_findings(world)), unfinished(world)
    data: dict[str, object] = {"network": None, "steps": []}
    if cut_off:
        return Answer(
            data=data, findings=findings, next=command_for(cut_off[-1], "finish", world), why=cut_off_why(cut_off[-1])
        )
    return Answer(data=data, findings=findings, next=_BEGIN, why=_BEGIN_WHY)


def journal_findings(world: World) -> tuple[Finding, ...]:
    """What is to be done about earlier runs: those that were cut off, and what cannot be read of them."""
    from ..apply.engine import command_for, unfinished, unreadable_runs

    cut_off = (
        warning(
            "apply-interrupted",
            pending.step,
            f"the run {pending.id} of {pending.at} for {pending.step} was cut off before it was finished",
            f"Finish it with `{command_for(pending, 'finish', world)}`, "
            f"or undo it with `{command_for(pending, 'undo', world)}`.",
        )
        for pending in unfinished(world)
    )
    return (*cut_off, *unreadable_runs(world))
