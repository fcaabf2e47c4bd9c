"""``undo``: the end of an earlier run, shown and approved as a plan is: it is undone, finished, or given up."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..finding import Finding, Refusal, error, warning
from ..plan import Plan
from ..state import OF_HOMES, State
from ..world import World
from .answer import Answer, UsageError
from .plan import approve, changes_json, plan_lines, receipt_json, receipt_lines, to_approve, with_next
from .session import Session

if TYPE_CHECKING:
    from ..apply.ending import How
    from ..apply.receipt import Pending, Receipt

_WORDS = {"undo": "Undo", "finish": "Finish", "give-up": "Give up"}


async def undo(arguments: Namespace, session: Session) -> Answer:
    from ..apply.engine import runs, unreadable_runs

    world = session.anywhere()
    known, damaged = _within_reach(runs(world), arguments, world), unreadable_runs(world)
    if arguments.list:
        return _list(known, damaged)
    how: How = "finish" if arguments.finish else "give-up" if arguments.give_up else "undo"
    try:
        run, planned, skipped = _choose(known, arguments.run, how, world)
    except Refusal as refusal:
        return Answer(findings=(*refusal.findings, *damaged))
    head = f"{_WORDS[how]} the run {run.id} of {run.at}, {run.step}{_network(run)}:"
    command = f"quorate undo {run.id}" + ("" if how == "undo" else f" --{how}")
    findings = (*planned.findings, *skipped, *map(_beside, damaged))
    data = {"run": run.id, "network": run.network, "how": how, **changes_json(planned)}
    shown = Answer(lines=(head, *plan_lines(planned)), data=data, findings=findings)
    if arguments.plan:
        return to_approve(shown, planned, command)
    if session.output.interactive and arguments.digest is None:
        session.output.tell((*skipped, *map(_beside, damaged)))
        session.output.talk(head)
    if refused := approve(session, planned, arguments.digest, f"{_WORDS[how]} it?"):
        asked = session.output.interactive and arguments.digest is None
        answer = replace(shown, lines=() if asked else shown.lines, findings=(*refused, *findings))
        return answer if arguments.digest is not None else to_approve(answer, planned, command)
    return await _carry_out(run, how, planned, session, world, shown)


async def _carry_out(
    run: Receipt | Pending, how: How, planned: Plan, session: Session, world: World, shown: Answer
) -> Answer:
    from ..apply.engine import give_up, resume
    from ..apply.engine import undo as undo_run
    from ..apply.receipt import Pending

    receipt = None
    if how == "undo":
        receipt = await undo_run(run, world, expect_digest=planned.digest)
    else:
        assert isinstance(run, Pending)
        if how == "finish":
            receipt = await resume(run, world, expect_digest=planned.digest)
        else:
            await give_up(run, world, expect_digest=planned.digest)
    if receipt is None:
        lines: tuple[str, ...] = (f"Given up: everything is left as it is; the copies of run {run.id} are kept.",)
    elif session.output.interactive and session.output.on_screen and session.arguments.digest is None:
        # What was done is a few lines above, in the plan that the person was asked about.
        lines = (f"Done. Receipt {receipt.id}",)
    else:
        lines = receipt_lines(receipt)
    lines += tuple(f"Then: {restart}" for restart in planned.restarts)
    data = {**shown.data, **({"receipt": receipt_json(receipt)} if receipt else {})}
    answer = Answer(lines, data, (*(receipt.findings if receipt else ()), *shown.findings))
    if world.state is None or world.state.network == OF_HOMES:
        return answer if State.networks(session.root) else replace(answer, next="quorate status")
    return await with_next(answer, session, receipt)


def _choose(
    known: tuple[Receipt | Pending, ...], named: str | None, how: How, world: World
) -> tuple[Receipt | Pending, Plan, tuple[Finding, ...]]:
    """The run that is meant, how it would end, and why newer ones are left. Raises Refusal."""
    from ..apply.engine import plan_ending
    from ..apply.receipt import Pending

    if named is not None:
        run = _named(known, named)
        return run, plan_ending(run, how, world), ()
    pending = next((run for run in known if isinstance(run, Pending)), None)
    if pending is not None:
        return pending, plan_ending(pending, how, world), ()
    if how != "undo":
        raise _nothing("no run was cut off")
    blocked: list[tuple[Receipt | Pending, Refusal]] = []
    for run in known:
        try:
            planned = None if _is_undone(run) else plan_ending(run, "undo", world)
        except Refusal as refusal:
            blocked.append((run, refusal))
            continue
        # Keys and signatures stay: a run that made nothing else has nothing to undo.
        if planned is not None and not planned.is_empty:
            return run, planned, tuple(_skipped(*one) for one in blocked)
    if blocked:
        raise Refusal(*dict.fromkeys(finding for _, refusal in blocked for finding in refusal.findings))
    raise _nothing("nothing was applied that can be undone; keys and signatures stay")


def _is_undone(run: Receipt | Pending) -> bool:
    return getattr(run, "undone", False)


def _within_reach(
    all_runs: tuple[Receipt | Pending, ...], arguments: Namespace, world: World
) -> tuple[Receipt | Pending, ...]:
    """Where a network was named: its runs, and those of homes without a network. A run that is named is one of all."""
    if arguments.network is None or arguments.run is not None:
        return all_runs
    return tuple(run for run in all_runs if run.network in (arguments.network, OF_HOMES))


def _named(known: Iterable[Receipt | Pending], name: str) -> Receipt | Pending:
    found = [run for run in known if name and run.id.startswith(name)]
    if len(found) == 1:
        return found[0]
    what = "more than one run begins with it" if found else "no run begins with it"
    raise UsageError(f"RUN {name}: {what}", subject="RUN", fix="See quorate undo --list.")


def _skipped(run: Receipt | Pending, refusal: Refusal) -> Finding:
    why = "; ".join(finding.message for finding in refusal.findings)
    message = f"the newer run of {run.at} for {run.step} cannot be undone and stays: {why}"
    return warning("undo-skipped", run.id, message, f"What to do about it: quorate undo --plan {run.id}")


def _beside(finding: Finding) -> Finding:
    """What cannot be read is no obstacle for a run that can."""
    return warning(finding.code, finding.subject, finding.message, finding.fix)


def _network(run: Receipt | Pending) -> str:
    return "" if run.network == OF_HOMES else f", network {run.network}"


def _list(known: tuple[Receipt | Pending, ...], damaged: tuple[Finding, ...]) -> Answer:
    from ..apply.receipt import Pending

    lines, receipts, pendings = [], [], []
    for run in known:
        cut_off = isinstance(run, Pending)
        end = "  cut off" if cut_off else "  undone" if _is_undone(run) else ""
        lines.append(f"{run.id}  {run.at}  {run.step}{_network(run)}{end}")
        if isinstance(run, Pending):
            what = {"id": run.id, "step": run.step, "at": run.at, "network": run.network, "direction": run.direction}
            pendings.append(what)
        else:
            receipts.append(receipt_json(run))
    return Answer(tuple(lines), {"receipts": receipts, "unfinished": pendings}, damaged)


def _nothing(what: str) -> Refusal:
    return Refusal(error("undo-nothing", "undo", what, "See quorate undo --list."))
