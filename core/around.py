"""A look at every step: what it comes to, k of N, and the one next action."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from .documents.bulk import many_values
from .finding import Finding, Refusal, Severity, has_error, worst_first
from .run import Preview, one_look, preview
from .standing import Pulse, Standing, Station, keep, kept, with_station
from .step import Report, Step, silent
from .steps import IDS, step
from .way import Blank, Way, once, plan_of, way
from .world import World

if TYPE_CHECKING:
    from .agreement.current import Current
    from .apply.receipt import Pending
    from .running import NodeNow


async def standing(world: World, report: Report = silent) -> Standing:
    """Look at every step as it is now, but for those whose look is costly: of them, what was found last.

    The result is kept in the state. Raises Refusal only if the state itself cannot be read.
    """
    from .agreement.ahead import ahead
    from .apply.engine import receipts
    from .network.handover import handed_over
    from .seen import seen_without_keys

    state, world = world.state, one_look(world)
    assert state is not None
    before = kept(state)
    seen = (await seen_without_keys(world)).current
    joins = _joins(world, seen)
    applied = {receipt.step for receipt in receipts(world) if not receipt.undone}
    stations = []
    with many_values():
        for step_id in IDS:
            chosen = step(step_id)
            if (chosen.of_a_node and _has_no_node(world)) or (joins and chosen.of_a_record):
                found = Station(step_id, chosen.title, "done")
            elif chosen.cost == "network":
                found = _as_before(chosen, before)
            else:
                found = await _station(chosen, world, report)
            stations.append(replace(found, applied=step_id in applied))
    tally, is_quorate = (seen.tally.sentence, seen.tally.quorate) if seen.tally else ("", False)
    findings = tuple(ahead(seen))
    node = await _node(world, seen) if is_quorate or joins else None
    following = _next(world, tuple(stations), tally, node, findings, is_quorate, joins=joins)
    if following[0] == _START and handed_over(seen):
        why = "Send what you signed. This node's power went to another: do not start it."
        following = way("network", "share"), why
    pulse = replace(_pulse(seen), node=node.word if node else "")
    now = Standing(tuple(stations), tally, is_quorate, *following, findings, pulse, node.sentence if node else "")
    keep(state, now)
    return now


async def _node(world: World, seen: Current) -> NodeNow | None:
    from .running import here

    own = seen.exchange.own
    return None if own is None else await here(world, seen.exchange.record, own)


def _joins(world: World, seen: Current) -> bool:
    """Whether this member's node joins a network without a record, whose genesis.json was given to them."""
    local = world.state.local if world.state else None
    return local is not None and local.role != "coordinator" and bool(local.foreign_genesis) and not seen.records


def looked(world: World, shown: Preview) -> None:
    """A step was looked at by itself: where that is costly, what came of it is kept for the looks at all of them."""
    if shown.step.cost != "network" or world.state is None:
        return
    before = kept(world.state)
    if before is not None:
        at = world.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        keep(world.state, with_station(before, replace(_of(shown), at=at)))


def _as_before(chosen: Step[Any], before: Standing | None) -> Station:
    known = None if before is None else before.station(chosen.id)
    if known is not None and known.at:
        return known
    return Station(chosen.id, chosen.title, "todo", (), plan_of(chosen.id), f"{chosen.purpose} Not looked at yet.")


async def _station(chosen: Step[Any], world: World, report: Report) -> Station:
    try:
        return _of(await preview(chosen, world, {}, report))
    except Refusal as refusal:
        return _blocked(chosen, refusal.findings)


def _of(shown: Preview) -> Station:
    chosen, planned = shown.step, shown.plan
    findings = worst_first((*shown.inspection.findings, *planned.findings))
    if has_error(planned.findings):
        return _blocked(chosen, findings, planned.way)
    if planned.changes:
        return Station(chosen.id, chosen.title, "todo", findings, plan_of(chosen.id), chosen.purpose)
    if planned.way is not None:
        return Station(chosen.id, chosen.title, "todo", findings, planned.way, _reason_for(planned.way, findings))
    if has_error(findings):
        return _blocked(chosen, findings)
    return Station(chosen.id, chosen.title, "done", findings)


def _has_no_node(world: World) -> bool:
    local = world.state.local if world.state else None
    return local is not None and local.role == "coordinator" and not local.home


def _blocked(chosen: Step[Any], findings: tuple[Finding, ...], given: Way | None = None) -> Station:
    wrong = worst_first(one for one in findings if one.severity is Severity.ERROR) or worst_first(findings)
    why = (_reason_for(given, wrong) if given else "") or _reason(wrong[0])
    return Station(chosen.id, chosen.title, "blocked", findings, given or _way_out(chosen, wrong), why)


def _way_out(chosen: Step[Any], wrong: tuple[Finding, ...]) -> Way:
    """That of the worst finding; for fields that are not answered, the command that answers them."""
    asked = [field for field in chosen.fields if any(finding.subject == field.name for finding in wrong)]
    if not any(wrong[0].subject == field.name for field in asked):
        return wrong[0].way or plan_of(chosen.id)
    if chosen.command:
        words = (word for field in asked for word in (f"--{field.name}", Blank(field.placeholder)))
        return way(*chosen.command, *words)
    return plan_of(chosen.id, *(_setting(field.name, wrong) for field in asked))


def _setting(name: str, wrong: tuple[Finding, ...]) -> str:
    """With the answer that a finding asks for; else a word in its place."""
    asked = (one.way.answer(name) for one in wrong if one.subject == name and one.way is not None)
    answer = next(filter(None, asked), "")
    return f"{name}={answer}" if answer else Blank(f"{name}={name.upper()}")


def _reason_for(given: Way, findings: tuple[Finding, ...]) -> str:
    """What the finding says whose way this is; empty where none asks for it."""
    asks = next((one for one in worst_first(findings) if one.way == given), None)
    return "" if asks is None else _reason(asks)


def _reason(finding: Finding) -> str:
    """The message, and what to do besides the command."""
    if finding.way is not None and finding.fix == finding.way.said:
        return _sentences(finding.message, finding.way.then)
    return f"{finding.message} -> {finding.fix}".rstrip(" ->")


def _sentences(*said: str) -> str:
    """Each with its full stop but the last, which is as it was said."""
    told = [one for one in said if one]
    return " ".join((*(one if one.endswith((".", "?", "!")) else f"{one}." for one in told[:-1]), *told[-1:]))


def _pulse(seen: Current) -> Pulse:
    exchange = seen.exchange
    record, tally = exchange.record, exchange.tally
    known = len(exchange.cards) + len(exchange.unsigned)
    whole = len(record.members) if record else max(known, len(exchange.local.expected))
    start = record.section.time.strftime("%a %H:%M UTC") if record else ""
    if tally is None:
        return Pulse(known, whole, start=start)
    return Pulse(known, whole, len(tally.accepted) + len(tally.attested), tally.needed, start)


def cut_off_why(pending: Pending) -> str:
    """Why the command that finishes it is the next action."""
    return f"A run of the step {pending.step} was cut off. This finishes it; quorate undo undoes it."


_START = way("genesis")


def _next(
    world: World,
    stations: tuple[Station, ...],
    tally: str,
    node: NodeNow | None,
    ahead: tuple[Finding, ...],
    is_quorate: bool,
    *,
    joins: bool = False,
) -> tuple[Way, str]:
    from .apply.engine import unfinished, way_to_end

    for pending in unfinished(world):
        return way_to_end(pending, "finish", world), cut_off_why(pending)
    for station in stations:
        if station.mark != "done" and station.way is not None:
            return station.way, station.why
    for finding in ahead:
        if finding.way is not None:
            return finding.way, _reason(finding)
    if node is not None and node.life != "down":
        return way("status"), node.sentence
    if joins:
        return _START, "This node has the genesis and the peers of the network. Start it as this shows."
    if is_quorate:
        return _START, "All members hold the same genesis. Start the node as this shows, at the agreed time."
    why = f"{tally}. Send what you signed (quorate network share), import what the others send."
    return once("the other members", "import", Blank("FILE")), why
