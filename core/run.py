"""How a step is run, for command line, wizard and demo alike: look, plan, apply, look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .finding import Finding
from .plan import Plan
from .state import State
from .step import Answers, Inspection, Report, Step, silent
from .world import Completed, Processes, World

if TYPE_CHECKING:
    from .apply import Receipt


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step found, what was answered, and what would be done."""

    step: Step[Any]
    inspection: Inspection[Any]
    answers: Answers
    plan: Plan


@dataclass(frozen=True, slots=True)
class Outcome:
    receipt: Receipt
    findings: tuple[Finding, ...]
    """What is so after it, by looking again."""


async def preview(step: Step[Any], world: World, given: Mapping[str, str], report: Report = silent) -> Preview:
    """Inspect and plan; writes nothing. An answer given now counts before one kept, and that before a suggestion.

    Raises Refusal.
    """
    kept = {} if world.state is None else world.state.local.answers.get(step.id, {})
    said = {**kept, **given}
    inspection = await step.inspect(replace(world, answers=said), report)
    answers = {**step.suggest(inspection.facts), **said}
    return Preview(step, inspection, answers, step.plan(inspection.facts, answers))


async def carry_out(shown: Preview, world: World, digest: str | None = None) -> Outcome:
    """Apply what was shown, keep what was answered, and look again.

    ``digest`` is the one that the person approved; another plan is refused. Raises Refusal.
    """
    from .apply import apply

    receipt = await apply(shown.plan, world, expect_digest=digest)
    findings = await shown.step.verify(world)
    return Outcome(receipt, (*receipt.findings, *findings))


def keep_answers(state: State, step: str, answers: Mapping[str, str]) -> None:
    """Remember what was typed for a step, so that going on later finds it."""
    local = state.local
    kept = replace(local, answers={**local.answers, step: {**local.answers.get(step, {}), **answers}})
    if step == "home":
        # Role, home and profile stand apart, because everything else is read by them.
        role, home, profile = (answers.get(name, getattr(local, name)) for name in ("role", "home", "profile"))
        kept = replace(kept, role=role, home=home, profile=profile)
    if kept != local or not answers:
        state.save(kept)


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

    def find(self, name: str) -> Path | None:
        return self._inner.find(name)
