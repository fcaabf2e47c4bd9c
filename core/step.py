"""The shape of a step, one station of the wizard: inspect, plan, verify. No step writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from .finding import Finding
from .plan import Plan
from .world import World

if TYPE_CHECKING:
    from .state import Local, State

Facts = TypeVar("Facts")
FactsT = TypeVar("FactsT")

Answers = Mapping[str, str]
"""What the person said, by field name, as typed. ``plan`` parses it and yields a finding whose subject is the field."""

Files = Mapping[str, bytes]
"""Content by file name."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a step: the form's field, ``--set name=value`` and its explanation come from this."""

    name: str
    label: str
    help: str
    """What it is, why it is asked, what a good answer looks like."""
    once: bool = False
    """Said of one plan, and not kept for the next: a consent, or a word about exactly this document."""
    word: str = ""
    """What stands for an answer in a command that a person completes: ``DIR``; empty: the name in capitals."""

    @property
    def placeholder(self) -> str:
        return self.word or self.name.upper()


Cost = Literal["files", "loopback", "network"]
"""What a look costs. ``files``: what is on this machine is read. ``loopback``: programs of this machine are asked, for
at most 0.3 s. ``network``: others are asked; that is done when the step itself is looked at, and elsewhere the result
of the last time is shown, with its age."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where long work is; ``total`` 0 means unknown."""

    text: str
    done: int = 0
    total: int = 0
    findings: tuple[Finding, ...] = ()
    """All that has been found so far: shown while the rest is looked at."""


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Inspection(Generic[Facts]):
    """What a step found: facts for the plan, findings for the person."""

    facts: Facts
    findings: tuple[Finding, ...] = ()


class Step(Protocol[FactsT]):
    """``inspect`` reads, ``plan`` decides (pure), ``verify`` looks again after ``apply``.

    A class takes :class:`UsualStep` as its base and says only what is different; generic code asks the step, and
    knows none by its id.
    """

    id: str
    title: str
    purpose: str
    """One sentence: what this station is for."""
    fields: tuple[Field, ...]
    cost: Cost
    """What ``inspect`` costs."""
    of_a_node: bool
    """A coordinator without a node has nothing to do in it."""
    of_a_record: bool
    """A member of a network without a record has nothing to do in it."""
    of_a_home: bool
    """Its plan is about a home: it is refused where another network uses that home."""
    command: tuple[str, ...]
    """The words of the command whose options are the fields; none: ``quorate plan ID --set NAME=VALUE``."""

    def typed(self, answers: Answers, environ: Mapping[str, str]) -> dict[str, str]:
        """The answers as a shell would expand them: ``~`` is the person's own folder."""
        ...

    def refuse(self, given: Answers, state: State) -> None:
        """Raise Refusal for an answer that this person may not give, before anything is kept."""
        ...

    def holding(self, kept: Answers, given: Answers, state: State) -> frozenset[str]:
        """The names of the kept answers that still apply, together with what is ``given`` now."""
        ...

    def noted(self, state: State) -> Answers:
        """What is kept beside the answers, for ``holding``."""
        ...

    def settled(self, local: Local, answers: Answers, state: State) -> Local:
        """``local`` with what these answers decide for the other steps."""
        ...

    def files_elsewhere(self, facts: FactsT, answers: Answers, planned: Files) -> tuple[Files, tuple[Finding, ...]]:
        """The files for a machine whose home is elsewhere; ``planned``: the files of the plan, by name."""
        ...

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


class UsualStep:
    """What most steps say."""

    fields: tuple[Field, ...] = ()
    cost: Cost = "files"
    of_a_node = False
    of_a_record = False
    of_a_home = False
    command: tuple[str, ...] = ()

    def typed(self, answers: Answers, environ: Mapping[str, str]) -> dict[str, str]:
        return dict(answers)

    def refuse(self, given: Answers, state: State) -> None:
        return

    def holding(self, kept: Answers, given: Answers, state: State) -> frozenset[str]:
        return frozenset(kept) - {field.name for field in self.fields if field.once}

    def noted(self, state: State) -> Answers:
        return {}

    def settled(self, local: Local, answers: Answers, state: State) -> Local:
        return local

    def files_elsewhere(self, facts: Any, answers: Answers, planned: Files) -> tuple[Files, tuple[Finding, ...]]:
        return planned, ()


def silent(progress: Progress) -> None:
    """A report that nobody listens to."""
