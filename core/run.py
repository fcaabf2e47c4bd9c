"""How a step is run, for command line, wizard and demo alike: look, plan, apply, look again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .finding import Finding, Refusal, Severity
from .plan import Plan
from .real_place import with_real_places
from .state import Local, State
from .step import Answers, Inspection, Report, Step, silent
from .steps import step as step_of
from .world import Clock, Completed, Processes, Running, World

if TYPE_CHECKING:
    from .apply.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step found, what was answered, and what would be done."""

    step: Step[Any]
    inspection: Inspection[Any]
    answers: Answers
    plan: Plan
    documents: str | None = None
    """Names the documents that were looked at (``State.fingerprint``); None where there is no state."""


@dataclass(frozen=True, slots=True)
class Outcome:
    receipt: Receipt
    findings: tuple[Finding, ...]
    """What is so after it, by looking again."""


async def preview(step: Step[Any], world: World, given: Mapping[str, str], report: Report = silent) -> Preview:
    """Inspect and plan; writes nothing. An answer given now counts before one kept, and that before a suggestion.

    Raises Refusal.
    """
    kept = {} if world.state is None else kept_answers(world.state, step, given)
    said = step.typed({**kept, **given}, world.environ)
    documents = None if world.state is None else world.state.fingerprint()
    inspection = await step.inspect(world, said, report)
    answers = {**step.suggest(inspection.facts), **said}
    return planned(Preview(step, inspection, answers, Plan(step.id), documents), answers, world)


def planned(shown: Preview, answers: Answers, world: World) -> Preview:
    """The same look with the plan for ``answers``, and where its paths lead now."""
    plan = shown.step.plan(shown.inspection.facts, answers)
    used = _used_elsewhere(shown.step, world, answers)
    plan = replace(plan, findings=tuple(dict.fromkeys((*plan.findings, *used))))
    try:
        plan = with_real_places(plan, world.files)
    except Refusal as refusal:
        plan = replace(plan, changes=(), findings=(*plan.findings, *refusal.findings))
    return replace(shown, answers=answers, plan=plan)


def _used_elsewhere(step: Step[Any], world: World, said: Answers) -> tuple[Finding, ...]:
    """What keeps every plan about a home from being carried out: the home is in use by another network."""
    from .home.claim import check

    if world.state is None or not step.of_a_home or said.get("base"):
        return ()
    home = said.get("home") or world.state.local.home
    return tuple(one for one in check(world, Path(home)) if one.severity is Severity.ERROR) if home else ()


async def carry_out(shown: Preview, world: World, digest: str | None = None) -> Outcome:
    """Apply what was shown, and look again.

    ``digest`` is the one that the person approved; another plan is refused. Raises Refusal.
    """
    from .apply.engine import apply

    receipt = await apply(shown.plan, world, expect_digest=digest, expect_documents=shown.documents)
    findings = await shown.step.verify(world, shown.answers)
    return Outcome(receipt, (*receipt.findings, *findings))


def kept_answers(state: State, step: Step[Any], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """What was answered for a step, as far as it still holds beside what is ``given`` now."""
    return _holding(state.local, state, step, given or {})


def _holding(local: Local, state: State, step: Step[Any], given: Mapping[str, str]) -> dict[str, str]:
    kept = local.answers.get(step.id, {})
    holds = step.holding(kept, given, state)
    return {name: answer for name, answer in kept.items() if name in holds}


def keep_answers(state: State, step: str, answers: Mapping[str, str], environ: Mapping[str, str] | None = None) -> None:
    """Remember what was typed for a step, so that going on later finds it. ``environ``: this process's, if None."""
    said = step_of(step).typed(answers, os.environ if environ is None else environ)
    if not said or _with_answers(state.local, state, step, said) != state.local:
        state.change(lambda local: _with_answers(local, state, step, said))


def _with_answers(local: Local, state: State, step: str, answers: Mapping[str, str]) -> Local:
    chosen = step_of(step)
    once = {field.name for field in chosen.fields if field.once}
    said = {name: answer for name, answer in answers.items() if name not in once}
    kept = {**_holding(local, state, chosen, answers), **said, **chosen.noted(state)}
    return chosen.settled(replace(local, answers={**local.answers, step: kept}), answers, state)


def one_look(world: World) -> World:
    """The world for as long as one only looks: each program runs once, and the time stands still.

    So all steps see the same documents at the same moment, and what they say is reduced once.
    """
    return replace(world, processes=Remembering(world.processes), clock=_Stopped(world.clock))


class _Stopped:
    def __init__(self, inner: Clock) -> None:
        self._now, self._zone = inner.now(), inner.zone()

    def now(self) -> datetime:
        return self._now

    def zone(self) -> tzinfo:
        return self._zone


class Remembering:
    """Processes that run each program once for the same words and input: for as long as nothing is changed by them."""

    def __init__(self, inner: Processes) -> None:
        self._inner = inner
        self._known: dict[tuple[tuple[str, ...], bytes], Completed] = {}

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        seconds: float = 20,
    ) -> Completed:
        key = tuple(argv), stdin
        if key not in self._known:
            self._known[key] = await self._inner.run(argv, stdin=stdin, environ=environ, seconds=seconds)
        return self._known[key]

    def start(
        self, argv: Sequence[str], *, environ: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[Running]:
        return self._inner.start(argv, environ=environ)

    def find(self, name: str) -> Path | None:
        return self._inner.find(name)
