"""The shape of a step, one station of the wizard: inspect, plan, verify. No step writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .finding import Finding
from .plan import Plan
from .world import World

Facts = TypeVar("Facts")
FactsT = TypeVar("FactsT")

Answers = Mapping[str, str]
"""What the person said, by field name, as typed. ``plan`` parses it and yields a finding whose subject is the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a step: the form's field, ``--set name=value`` and its explanation come from this."""

    name: str
    label: str
    help: str
    """What it is, why it is asked, what a good answer looks like."""
    once: bool = False
    """Said of one plan, and not kept for the next: a consent, or a word about exactly this document."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where long work is; ``total`` 0 means unknown."""

    text: str
    done: int = 0
    total: int = 0


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Inspection(Generic[Facts]):
    """What a step found: facts for the plan, findings for the person."""

    facts: Facts
    findings: tuple[Finding, ...] = ()


class Step(Protocol[FactsT]):
    """``inspect`` reads, ``plan`` decides (pure), ``verify`` looks again after ``apply``."""

    id: str
    title: str
    purpose: str
    """One sentence: what this station is for."""
    fields: tuple[Field, ...]

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[FactsT]:
        """Read the world as it is, and what an answer names (a home, a file).

        Streams progress to ``report``; cancelled as any task is. Raises Refusal.
        """
        ...

    def suggest(self, facts: FactsT) -> Answers:
        """An answer for every field that can be known from the facts."""
        ...

    def plan(self, facts: FactsT, answers: Answers) -> Plan:
        """What would be done. Pure: the same facts and answers give the same plan, with the same digest."""
        ...

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        """Whether what the plan for these answers promised is so now."""
        ...


def silent(progress: Progress) -> None:
    """A report that nobody listens to."""
