"""Where this operator stands: each step's state, k of N, and the one next action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .finding import Finding, Refusal, Severity, has_error, worst_first
from .run import preview
from .step import Report, silent
from .steps import IDS, step
from .world import World

Mark = Literal["done", "todo", "blocked"]


@dataclass(frozen=True, slots=True)
class Station:
    step: str
    title: str
    mark: Mark
    findings: tuple[Finding, ...]
    next: str
    """What a person does now at this station; empty when it is done."""


@dataclass(frozen=True, slots=True)
class Standing:
    stations: tuple[Station, ...]
    tally: str
    """"3 signed, 1 attested of 4; missing dave"; empty before there is a record."""
    is_quorate: bool
    next: str


async def standing(world: World, report: Report = silent) -> Standing:
    """Look at every step as it is now. Raises Refusal only where the state itself can not be read."""
    stations = [await _station(world, step_id, report) for step_id in IDS]
    tally, is_quorate = _tally(world)
    waiting = next((station.next for station in stations if station.mark != "done"), "")
    return Standing(tuple(stations), tally, is_quorate, waiting or _after(tally, is_quorate))


async def _station(world: World, step_id: str, report: Report) -> Station:
    chosen = step(step_id)
    try:
        shown = await preview(chosen, world, {}, report)
    except Refusal as refusal:
        return Station(step_id, chosen.title, "blocked", refusal.findings, _fix(refusal.findings))
    findings = worst_first((*shown.inspection.findings, *shown.plan.findings))
    if has_error(findings):
        return Station(step_id, chosen.title, "blocked", findings, _fix(findings))
    if shown.plan.changes:
        return Station(step_id, chosen.title, "todo", findings, f"quorate plan {step_id}    ({chosen.purpose})")
    return Station(step_id, chosen.title, "done", findings, "")


def _fix(findings: tuple[Finding, ...]) -> str:
    worst = worst_first(finding for finding in findings if finding.severity is Severity.ERROR)[0]
    return f"{worst.message}. {worst.fix}" if worst.fix else worst.message


def _tally(world: World) -> tuple[str, bool]:
    from .peers.current import current

    tally = current(world, None).tally
    return ("", False) if tally is None else (tally.sentence, tally.quorate)


def _after(tally: str, is_quorate: bool) -> str:
    if is_quorate:
        return "All members hold the same genesis. Start the node with the --genesis_hash that quorate genesis shows."
    return f"Send what you have to the others (quorate network share) and import what they send. {tally}"
