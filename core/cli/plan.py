"""``plan``, ``apply``: a step's changes shown, and made. The same for every step."""

from __future__ import annotations

import shlex
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from ..around import looked
from ..changes import WriteFile
from ..documents.kinds import KINDS
from ..finding import Finding, Refusal, error, has_error, info
from ..plan import Plan
from ..real_place import with_real_places
from ..run import Preview, carry_out, keep_answers, preview
from ..safe import safe
from ..steps import step
from .answer import Answer
from .session import Session, absolute, settings

if TYPE_CHECKING:
    from ..apply.receipt import Receipt


async def plan(arguments: Namespace, session: Session) -> Answer:
    shown = await look(session, arguments.step, arguments.set, base=arguments.base)
    lines = plan_lines(shown.plan)
    if arguments.out is None:
        answer = Answer(lines=lines, data=plan_json(shown), findings=_findings(shown), next=_next(shown, arguments))
        return _after_earlier_runs(answer, session)
    return _write_out(arguments.out, shown, session.local.home)


def _after_earlier_runs(answer: Answer, session: Session) -> Answer:
    """A plan can be applied once every run that was cut off has ended."""
    from ..apply.engine import command_for, unfinished
    from ..around import cut_off_why
    from .status import journal_findings

    world = session.at_state()
    answer = replace(answer, findings=(*journal_findings(world), *answer.findings))
    cut_off = unfinished(world)
    if not cut_off:
        return answer
    return replace(answer, next=command_for(cut_off[-1], "finish", world), why=cut_off_why(cut_off[-1]))


def _write_out(folder: str, shown: Preview, home: str) -> Answer:
    """The files of the plan, and those that a home has or would have: a folder for machines that have no home here."""
    from .export import write_files

    # Where there is no config.toml to edit, flags and variables say the same: then it is no fault that none is here.
    findings = tuple(one for one in _findings(shown) if one.code != "config-no-file")
    if has_error(findings):
        return Answer(data={**plan_json(shown), "written": []}, findings=findings)
    writes = [change for change in shown.plan.changes if isinstance(change, WriteFile)]
    # The mark is about the home that is here, and says nothing on another machine.
    planned = {one.path.name: one.after for one in writes if one != getattr(shown.inspection.facts, "mark", None)}
    files, told = shown.step.files_elsewhere(shown.inspection.facts, shown.answers, planned)
    written = [str(path) for path in write_files(absolute(folder), files, home=home)] if files else []
    nothing = () if files else (info("plan-no-files", shown.step.id, "this step writes no file"),)
    return Answer(
        lines=tuple(written), data={**plan_json(shown), "written": written}, findings=(*findings, *told, *nothing)
    )


async def apply(arguments: Namespace, session: Session) -> Answer:
    return await apply_step(session, arguments.step, arguments.set, arguments.digest)


async def apply_step(session: Session, step_id: str, pairs: list[str], digest: str | None) -> Answer:
    """Show the plan of a step, have it approved (by the person, or by its digest), and carry it out."""
    from ..apply.engine import refuse_unfinished

    shown = await look(session, step_id, pairs)
    keep = settings(pairs, [field.name for field in shown.step.fields])
    if not shown.plan.changes:
        if shown.plan.is_safe:
            keep_answers(session.state, step_id, keep)
        nothing = (info("plan-nothing", step_id, "nothing is left to do in this step"),) if shown.plan.is_safe else ()
        answer = Answer(data=plan_json(shown), findings=(*_findings(shown), *nothing))
        return await with_next(answer, session)
    if shown.plan.is_safe:
        refuse_unfinished(session.at_state())
    command = _command(step_id, pairs)
    refused = () if not shown.plan.is_safe else approve(session, shown.plan, digest)
    if not shown.plan.is_safe or refused:
        lines = () if session.output.interactive and refused else plan_lines(shown.plan)
        answer = Answer(lines=lines, data=plan_json(shown), findings=(*refused, *_findings(shown)))
        return answer if digest or not refused else to_approve(answer, shown.plan, f"quorate apply {command}")
    keep_answers(session.state, step_id, keep)
    outcome = await carry_out(shown, session.at_state(), digest)
    answer = Answer(
        lines=done_lines(session, shown.plan, outcome.receipt, digest),
        data={**plan_json(shown), "receipt": receipt_json(outcome.receipt)},
        findings=tuple(dict.fromkeys((*shown.plan.findings, *outcome.findings))),
    )
    return await with_next(answer, session, outcome.receipt)


async def apply_plan(session: Session, planned: Plan, digest: str | None, *, again: str) -> Answer:
    """Carry out a plan that no step made; approved in the same way."""
    from ..apply.engine import apply

    planned = with_real_places(planned, session.world.files)
    refused = approve(session, planned, digest)
    data: dict[str, object] = {"digest": planned.digest, "changes": [change.describe() for change in planned.changes]}
    if refused:
        lines = () if session.output.interactive else plan_lines(planned)
        answer = Answer(lines=lines, data=data, findings=refused)
        return answer if digest else to_approve(answer, planned, again)
    receipt = await apply(planned, session.at_state(), expect_digest=digest)
    data["receipt"] = receipt_json(receipt)
    lines = done_lines(session, planned, receipt, digest)
    return await with_next(Answer(lines, data, receipt.findings), session, receipt)


def approve(session: Session, planned: Plan, digest: str | None, question: str = "Apply this?") -> tuple[Finding, ...]:
    """Why a plan may not be carried out: it is shown and asked about, or its digest is compared."""
    if digest is not None:
        return _another(planned, digest)
    if not session.output.interactive:
        fix = f"Look at it, then add --digest {planned.digest}"
        message = "without a terminal only a plan that was looked at is carried out"
        return (error("apply-needs-digest", planned.step, message, fix),)
    for line in plan_lines(planned):
        session.output.talk(line)
    session.output.tell(planned.findings)
    if session.output.ask(f"{question} [y/N] ").lower() in {"y", "yes"}:
        return ()
    return (
        error("apply-declined", planned.step, "not confirmed; nothing was written", "Rerun it when you are ready."),
    )


def to_approve(answer: Answer, planned: Plan, command: str) -> Answer:
    """The plan was shown and not applied: the command that applies exactly it."""
    before, dashes, member = command.partition(" -- ")
    return replace(answer, next=f"{before} --digest {planned.digest}{dashes}{member}")


def _another(planned: Plan, digest: str) -> tuple[Finding, ...]:
    """What apply itself would say of another digest; asked before anything that was answered is kept."""
    from ..apply.engine import refuse_unapproved

    try:
        refuse_unapproved(planned, digest)
    except Refusal as refusal:
        return refusal.findings
    return ()


async def look(session: Session, step_id: str, pairs: list[str], *, base: str | None = None) -> Preview:
    chosen = step(step_id)
    given = settings(pairs, [field.name for field in chosen.fields])
    chosen.refuse(given, session.state)
    if base is not None:
        given["base"] = str(absolute(base))
    world = session.at_state()
    shown = await preview(chosen, world, given, session.report)
    if base is None:
        looked(world, shown)
    return shown


def plan_lines(planned: Plan) -> tuple[str, ...]:
    if not planned.changes and not planned.ends:
        return ("Nothing would change.",)
    lines: list[str] = [] if planned.changes else ["No file would change."]
    for change in planned.changes:
        lines += [change.describe(), *(f"  {line}" for line in change.diff())]
        lines += [""] if change.acts else []
    lines += [f"Then: {restart}" for restart in planned.restarts]
    return (*lines, f"Digest: {planned.digest}")


def plan_json(shown: Preview) -> dict[str, object]:
    return {**changes_json(shown.plan), "answers": dict(shown.answers)}


def changes_json(planned: Plan) -> dict[str, object]:
    return {
        "step": planned.step,
        "digest": planned.digest,
        "safe": planned.is_safe,
        "changes": [
            {"kind": type(change).__name__, "what": change.describe(), "diff": list(change.diff())}
            for change in planned.changes
        ],
        "restarts": list(planned.restarts),
    }


def _findings(shown: Preview) -> tuple[Finding, ...]:
    """What is so, and what would be; without what is said of a file that the plan makes, and no longer then."""
    made = {safe(change.makes, 200) for change in shown.plan.changes if change.makes is not None}
    stays = (one for one in shown.inspection.findings if one.subject not in made)
    return tuple(dict.fromkeys((*stays, *shown.plan.findings)))


def _next(shown: Preview, arguments: Namespace) -> str:
    """The command that applies what was shown: with the same answers, or it would be another plan."""
    planned = shown.plan
    if not planned.is_safe or arguments.base is not None:
        return ""
    command = f"quorate apply {_command(planned.step, arguments.set)}"
    if not planned.changes:
        return command if arguments.set else planned.next
    return f"{command} --digest {planned.digest}"


def _command(step_id: str, pairs: list[str]) -> str:
    return shlex.join((step_id, *(word for pair in pairs for word in ("--set", pair))))


async def with_next(answer: Answer, session: Session, receipt: Receipt | None = None, *, sent: str = "") -> Answer:
    """The answer, and the one next action after it: to send what was just signed, or what the steps say.

    ``sent``: the command that this was, where it printed a text to be sent: it is not the next one again.
    """
    from ..around import standing

    signed = [KINDS[document.kind] for document in receipt.documents] if receipt and not receipt.undone else []
    for kind in signed:
        if not (kind.is_for_coordinator and session.local.role == "coordinator"):
            return replace(answer, next=kind.follows.command, why=kind.follows.then)
    now = await standing(session.at_state())
    if sent and now.next == sent:
        return replace(answer, next="quorate import FILE", why="Send this text. FILE is what the others send back.")
    return replace(answer, next=now.next, why=now.why)


def done_lines(session: Session, planned: Plan, receipt: Receipt, digest: str | None) -> tuple[str, ...]:
    """The receipt; without what stands a few lines above, in the plan that the person was asked about."""
    if digest is not None or not session.output.on_screen:
        return receipt_lines(receipt)
    shown = {change.describe() for change in planned.changes}
    return (*(line for line in receipt.done if line not in shown), f"Done. Receipt {receipt.id}")


def receipt_lines(receipt: Receipt) -> tuple[str, ...]:
    return (*receipt.done, f"Receipt {receipt.id}")


def receipt_json(receipt: Receipt) -> dict[str, object]:
    return {
        "id": receipt.id,
        "step": receipt.step,
        "digest": receipt.digest,
        "at": receipt.at,
        "done": list(receipt.done),
        "documents": [document.id for document in receipt.documents],
        "undone": receipt.undone,
        "network": receipt.network,
    }
