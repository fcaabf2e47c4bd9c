"""Where this operator stands: each step's state, k of N, and the one next action."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .documents.bulk import many_values
from .finding import Finding, Refusal, Severity, has_error, worst_first
from .plan import Plan
from .run import one_look, preview
from .step import Report, Step, silent
from .steps import IDS, step
from .world import World

if TYPE_CHECKING:
    from .apply.receipt import Pending

Mark = Literal["done", "todo", "blocked"]


@dataclass(frozen=True, slots=True)
class Station:
    step: str
    title: str
    mark: Mark
    findings: tuple[Finding, ...]
    next: str
    """The command to type now at this station, words in CAPITALS to be filled in; empty when it is done."""
    why: str = ""
    """What that command is for."""


@dataclass(frozen=True, slots=True)
class Standing:
    stations: tuple[Station, ...]
    tally: str
    """"3 signed, 1 attested of 4; missing dave"; empty before there is a record."""
    is_quorate: bool
    next: str
    """The one next action: a command, as ``Station.next``."""
    why: str
    findings: tuple[Finding, ...] = ()
    """What is known and not yet in the record in force."""


async def standing(world: World, report: Report = silent) -> Standing:
    """Look at every step as it is now. Raises Refusal only where the state itself can not be read."""
    world = one_look(world)
    with many_values():
        stations = tuple([await _station(world, step_id, report) for step_id in IDS])
    from .agreement.ahead import ahead
    from .network.handover import handed_over
    from .seen import seen_without_keys

    seen = (await seen_without_keys(world)).current
    tally, is_quorate = (seen.tally.sentence, seen.tally.quorate) if seen.tally else ("", False)
    findings = tuple(ahead(seen))
    following = _next(world, stations, tally, is_quorate, findings)
    if following[0] == "quorate genesis" and handed_over(seen):
        following = "quorate network share", "Send what you signed. This node's power went to another: do not start it."
    return Standing(stations, tally, is_quorate, *following, findings)


async def _station(world: World, step_id: str, report: Report) -> Station:
    chosen = step(step_id)
    if chosen.of_a_node and _has_no_node(world):
        return Station(step_id, chosen.title, "done", (), "")
    try:
        shown = await preview(chosen, world, {}, report)
    except Refusal as refusal:
        return _blocked(chosen, refusal.findings)
    findings = worst_first((*shown.inspection.findings, *shown.plan.findings))
    if has_error(shown.plan.findings):
        return _blocked(chosen, findings, shown.plan)
    if shown.plan.changes:
        return Station(step_id, chosen.title, "todo", findings, f"quorate plan {step_id}", chosen.purpose)
    if shown.plan.next:
        why = _reason_for(shown.plan.next, shown.plan.findings)
        return Station(step_id, chosen.title, "todo", findings, shown.plan.next, why)
    if has_error(findings):
        return _blocked(chosen, findings)
    return Station(step_id, chosen.title, "done", findings, "")


def _has_no_node(world: World) -> bool:
    local = world.state.local if world.state else None
    return local is not None and local.role == "coordinator" and not local.home


def _blocked(chosen: Step[Any], findings: tuple[Finding, ...], plan: Plan | None = None) -> Station:
    wrong = worst_first(one for one in findings if one.severity is Severity.ERROR) or worst_first(findings)
    given = plan.next if plan else ""
    why = _reason_for(given, wrong) or _reason(wrong)
    return Station(chosen.id, chosen.title, "blocked", findings, given or _way_out(chosen, wrong), why)


def _way_out(chosen: Step[Any], wrong: tuple[Finding, ...]) -> str:
    """The command of the worst finding's fix; for fields that are not answered, the command that answers them."""
    names = [field.name for field in chosen.fields]
    asked = [name for name in names if any(finding.subject == name for finding in wrong)]
    if wrong[0].subject in asked and chosen.command:
        words = (f"--{field.name} {field.placeholder}" for field in chosen.fields if field.name in asked)
        return f"{chosen.command} " + " ".join(words)
    if wrong[0].subject in asked:
        return f"quorate plan {chosen.id} " + " ".join(f"--set {name}={_word(name, wrong)}" for name in asked)
    return _command(wrong[0].fix) or f"quorate plan {chosen.id}"


def _word(name: str, wrong: tuple[Finding, ...]) -> str:
    """What a fix says that the answer is to be; else a word in its place."""
    said = (re.search(rf"--set {name}=([^\s`]+)", one.fix) for one in wrong if one.subject == name)
    return next((found[1] for found in said if found), name.upper())


def _command(fix: str) -> str:
    """A fix that is one command, or the first that stands in it between backticks."""
    if fix.startswith("quorate "):
        return fix
    quoted = re.search("`(quorate [^`]+)`", fix)
    return quoted.group(1) if quoted else ""


def _reason_for(command: str, findings: tuple[Finding, ...]) -> str:
    """What the finding says whose fix is this command, and what comes after it; empty where none asks for it."""
    asks = next((one for one in worst_first(findings) if command and command in one.fix), None)
    if asks is None:
        return ""
    if not asks.fix.startswith(command):
        return _reason((asks,))
    after = asks.fix.removeprefix(command).strip()
    return f"{asks.message}; {after}" if after.startswith("and ") else asks.message


def _reason(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return ""
    worst = worst_first(findings)[0]
    return worst.message if worst.fix.startswith("quorate ") else f"{worst.message} -> {worst.fix}".rstrip(" ->")


def cut_off_why(pending: Pending) -> str:
    """Why the command that finishes it is the next action."""
    return f"A run of the step {pending.step} was cut off. This finishes it; quorate undo undoes it."


def _next(
    world: World, stations: tuple[Station, ...], tally: str, is_quorate: bool, ahead: tuple[Finding, ...]
) -> tuple[str, str]:
    from .apply.engine import command_for, unfinished

    for pending in unfinished(world):
        return command_for(pending, "finish", world), cut_off_why(pending)
    waiting = next((station for station in stations if station.mark != "done"), None)
    if waiting is not None:
        return waiting.next, waiting.why
    for finding in ahead:
        command, _, then = finding.fix.partition("    ")
        return command, f"{finding.message}. {then}"
    if is_quorate:
        return "quorate genesis", "All members hold the same genesis. Start the node as this shows, at the agreed time."
    return "quorate import FILE", f"{tally}. Send what you signed (quorate network share), import what the others send."
