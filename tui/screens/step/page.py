"""The page of a step, written once: look -> facts, findings, form -> preview -> apply -> receipt -> undo.

What a step's own screen brings (all of it optional; ``StepPage("card")`` alone is a whole page already)::

    class CardPage(StepPage):
        step_id = "card"
        long = frozenset({"more"})                # fields that take a long value; the others are 26 wide, with a note
        reads = frozenset({"home"})               # fields whose answer ``inspect`` reads: it looks again

        def form(self):                           # widgets in the order of Tab; ``self.entry(name)`` makes a field of
            yield self.entry("moniker")           # the step's own declaration, ``self.radio(name, options)`` a choice;
            yield self.entry("host")              # any other widget too (``Lines``, ``Facts``, ``Buttons``)

        def show(self, facts, answers):           # rows under the form, anew after each look and each key: Fact, Table,
            yield Heading("From your keys")       # Heading, Note, Prose, Content, str (tui/widgets/facts.py), made safe
            yield Fact("Node id", grouped(facts.node_id), "✓")

        def asked(self, facts, answers):          # names of the fields that matter now; the others are not shown
        def looked(self) -> None:                 # it has looked: fill widgets of your own

        def own_action(self) -> Action | None:    # another line 23, with what ``^N`` does; None for the usual one
        def purpose(self) -> str:                 # the first line
        def after(self) -> Iterable[Choice]:      # ways to go on that the receipt offers; ``async chosen(value)``

At hand: ``self.step``, ``self.facts`` (None until it has looked), ``self.values`` (the answers as they stand),
``self.shown`` (the Preview), ``self.findings``, ``self.sign(*subjects)`` (the mark of the worst finding about them, or
``✓``), ``self.world``, ``self.session``. ``await self.frame.open(page)`` lays a
page of your own over this one, ``await self.frame.go("keys")`` goes to a step. After you changed the state yourself
(``self.session.state.change(...)``, ``receive``): ``self.look()`` and ``self.desk.look_around()``.

What comes by itself: every field is kept when it is left; the worst finding whose subject is a field's name is the note
at that field; line 23 follows from the findings of the plan (an error: FIX, and ``^N`` goes to the field or finding;
changes: NEXT, and ``^N`` opens the preview; neither: NEXT goes to the next step). A Refusal is shown as findings.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from core.around import looked
from core.finding import Finding, Refusal, Severity, worst_first
from core.run import Preview, planned, preview
from core.safe import safe
from core.step import Field, Progress, Step
from core.steps import IDS, step
from core.way import Way
from core.world import World

from ...action import Action
from ...onward import PASTE, Place, name_of, place_of
from ...page import KEYS, KEYS_OF_LIST, Page
from ...session import TITLES
from ...theme import MARKS, bar, cut, wrap
from ...topic import Topic, of_field, of_step
from ...widgets.facts import Facts, Item
from ...widgets.field import Entry, Question, Radio
from ...widgets.findings import Findings
from ...widgets.lines import Choice, Lines, Row, text_rows

_TYPING = 0.15
"""Seconds after the last key until the plan is made anew."""
_SLOW = 1.0
"""Shorter work shows no bar, so that it does not flash."""


class StepPage(Page):
    looks_again = True
    long: ClassVar[frozenset[str]] = frozenset()
    reads: ClassVar[frozenset[str]] = frozenset()
    hands_on: bool = False
    keeps_half: ClassVar[bool] = True
    """Whether a field is kept before it is left: not where each letter would be another network."""

    def __init__(self, step_id: str = "", field: str = "") -> None:
        """``field``: where the person was, and has the focus again."""
        super().__init__()
        self.step_id = step_id or type(self).step_id
        self.step: Step[Any] = step(self.step_id)
        self.shown: Preview | None = None
        self.refused: tuple[Finding, ...] = ()
        """Why it could not look."""
        self.progress: Progress | None = None
        self._came_from = field
        self._worker: Worker[None] | None = None
        self._slow = False
        self._typing: Timer | None = None
        self._settled = False
        self._has_asked = False
        """Whether the person wanted to go on while fields were still to be filled in: from then on that is an error."""
        self._written: dict[str, str] = {}
        """What this page has kept: it is not kept again, for a command may have said otherwise since."""

    # What a step's own page overrides --------------------------------------------------------------------------------

    def form(self) -> Iterable[Widget]:
        """Every declared field as a line to type in."""
        return tuple(self.entry(field.name) for field in self.step.fields)

    def show(self, facts: Any, answers: Mapping[str, str]) -> Iterable[Item]:
        return ()

    def asked(self, facts: Any, answers: Mapping[str, str]) -> Iterable[str]:
        """``facts`` is None before it has looked."""
        return (field.name for field in self.step.fields)

    def looked(self) -> None:
        """It has looked: fill widgets of your own."""

    def purpose(self) -> str:
        return self.step.purpose

    def own_action(self) -> Action | None:
        """What is next here, where that is not the usual; without a ``do`` of its own it goes on to the next step."""
        return None

    def after(self) -> Iterable[Choice]:
        return ()

    async def chosen(self, value: object) -> None:
        """One of ``after`` was chosen."""

    # What it can use -------------------------------------------------------------------------------------------------

    def entry(self, name: str, label: str = "") -> Entry:
        field = self.declared(name)
        return Entry(name, label or field.label, self.kept(name), long=name in self.long)

    def radio(self, name: str, options: Iterable[tuple[str, str]], label: str = "") -> Radio:
        """``options``: value and word of each."""
        return Radio(name, label or self.declared(name).label, tuple(options), self.kept(name))

    def kept(self, name: str) -> str:
        return self.session.answers(self.step_id).get(name, "")

    def declared(self, name: str) -> Field:
        return next(field for field in self.step.fields if field.name == name)

    def sign(self, *subjects: object) -> str:
        """The mark of the worst finding about one of these subjects; fine where there is none."""
        named = {safe(subject, 200) for subject in subjects}
        about = worst_first(finding for finding in self.findings if finding.subject in named)
        return MARKS[about[0].severity] if about else "✓"

    def question(self, name: str) -> Entry | Radio | None:
        return next((one for one in self.questions if one.name == name), None)

    @property
    def questions(self) -> list[Entry | Radio]:
        """Those that are shown."""
        return [one for one in self.query("Entry, Radio") if isinstance(one, Entry | Radio) and one.display]

    @property
    def world(self) -> World:
        return self.session.world

    @property
    def facts(self) -> Any:
        return self.shown.inspection.facts if self.shown else None

    @property
    def values(self) -> dict[str, str]:
        """The answers as they stand: suggested, kept, typed."""
        suggested = dict(self.shown.answers) if self.shown else {}
        return {**suggested, **{str(one.name): one.value for one in self.questions}}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said now. An error that the plan takes away is not said: the facts show it."""
        if self.working and self.progress is not None and self.progress.findings:
            return worst_first(self.progress.findings)
        if self.shown is None:
            return self.refused
        plan, seen = self.shown.plan, self.shown.inspection.findings
        rest = tuple(one for one in seen if not plan.changes or one.severity is not Severity.ERROR)
        order = {one.name: number for number, one in enumerate(self.questions)}
        return worst_first(sorted((*plan.findings, *rest), key=lambda one: order.get(one.subject, len(order))))

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)

    @property
    def to_fill_in(self) -> tuple[Entry, ...]:
        """Fields in which nobody has written anything yet, where that is all that is wrong with them."""
        if self._has_asked:
            return ()
        subjects = {finding.subject for finding in self.wrong}
        empty = (one for one in self.questions if isinstance(one, Entry) and not one.value and not one.touched)
        return tuple(one for one in empty if one.name in subjects and not self.kept(str(one.name)))

    @property
    def told_findings(self) -> tuple[Finding, ...]:
        """Without the errors about fields that are still to be filled in: line 23 asks for them."""
        names = {one.name for one in self.to_fill_in}
        return tuple(one for one in self.findings if one.subject not in names or one.severity is not Severity.ERROR)

    # The page --------------------------------------------------------------------------------------------------------

    DEFAULT_CSS = """
    StepPage #form { height: auto; layout: vertical; }
    """

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Lines(self._purpose, id="purpose").add_class("purpose")
            with Vertical(id="form"):
                yield from self.form()
            yield Facts(id="facts")
        yield Findings(id="findings")

    def _purpose(self, width: int) -> Sequence[Row]:
        return text_rows((*wrap(self.purpose(), width - 1), ""))

    def on_mount(self) -> None:
        self.session.here = self.step_id
        self._ask()
        self.look()

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        if isinstance(self.screen.focused, Findings):
            return "Up/Down finding   Enter or F1 explain   ^R check again   ^P back   ^Q leave"
        listed = isinstance(self.screen.focused, Lines) and not isinstance(self.screen.focused, Radio)
        return (
            KEYS_OF_LIST
            if listed and self.screen.focused is not None and self in self.screen.focused.ancestors
            else KEYS
        )

    def arrival(self) -> Widget | None:
        came = self.question(self._came_from)
        if came is not None:
            return _focus_of(came)
        wrong = [finding.subject for finding in self.wrong]
        fields = self.questions
        first = next((one for one in fields if one.name in wrong), None)
        first = first or next((one for one in fields if not one.value), None)
        return _focus_of(first) if first is not None else None

    # Looking ---------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Inspect and plan in the background; what is there stays until it is done."""
        self._slow = False
        self.progress = None
        self._worker = self.run_worker(self._look, group="look", exclusive=True, exit_on_error=True)
        self.set_timer(_SLOW, self._is_slow)
        self.told()

    @property
    def working(self) -> bool:
        return self._worker is not None and not self._worker.is_finished

    @property
    def unsettled(self) -> bool:
        return self.working or self._typing is not None

    def _is_slow(self) -> None:
        self._slow = True
        if self.working:
            self.told()

    async def _look(self) -> None:
        try:
            world = self.world
            shown = await preview(self.step, world, self._said(), self._report)
            looked(world, shown)
        except Refusal as refusal:
            self.shown, self.refused = None, refusal.findings
        else:
            self.shown, self.refused = shown, ()
            self._fill(shown)
            self.looked()
        self._worker = None
        self._draw()
        self._settle()

    def _said(self) -> dict[str, str]:
        """What was typed; what was only suggested is suggested anew."""
        typed = {str(one.name): one.value for one in self.questions if one.touched}
        return {**self.session.drafts.get(self.step_id, {}), **typed}

    def _report(self, progress: Progress) -> None:
        more = self.progress is None or progress.findings != self.progress.findings
        self.progress = progress
        if more and progress.findings and self.is_mounted:
            self.query_one("#findings", Findings).put(self.findings)
        if self._slow:
            self.told()

    def _fill(self, shown: Preview) -> None:
        for one in self.questions:
            if not one.touched:
                one.put(shown.answers.get(str(one.name), ""))

    def _settle(self) -> None:
        """The first time that it has looked: the focus goes where it is needed, unless the person has moved already."""
        if self._settled:
            return
        self._settled = True
        if self.is_mounted and self.frame.page is self and not any(one.touched for one in self.questions):
            self.frame.arrive()
            self.call_after_refresh(self._bring_into_sight)

    def _bring_into_sight(self) -> None:
        """What was found has taken its place by now, and may have pushed the field out."""
        here = self.screen.focused if self.is_attached else None
        if here is not None and self in here.ancestors:
            here.scroll_visible(animate=False)

    # Typing ----------------------------------------------------------------------------------------------------------

    @on(Question.Changed)
    def _changed(self, event: Question.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING, self._paused)

    def _paused(self) -> None:
        """Whoever stops typing for a moment may be cut off the next: what stands in the fields is kept by then."""
        if self.keeps_half and self.session.state is not None:
            self._keep_typed()
        self.replan()

    @on(Question.Taken)
    def _taken(self, event: Question.Taken) -> None:
        event.stop()
        question = event.question
        assert isinstance(question, Entry | Radio)
        self.keep({str(question.name): question.value})
        if question.name in self.reads:
            self.look()
        else:
            self.replan()
        if event.enter:
            self.screen.focus_next()

    def keep(self, answers: Mapping[str, str]) -> None:
        """Remember answers of this step."""
        try:
            self.session.keep(self.step_id, answers)
            self._written.update(answers)
        except Refusal as refusal:
            self.refused = refusal.findings
            self.shown = None
            self._draw()

    def replan(self) -> None:
        """The plan for the answers as they stand: pure, so it can follow each key."""
        self._typing = None
        if self.shown is None:
            return
        answers = self.step.typed(self.values, self.session.environ)
        self.shown = planned(self.shown, answers, self.world)
        self._draw()

    def _draw(self) -> None:
        """Facts, notes, findings and line 23 as they are now."""
        if not self.is_mounted:
            return
        self._ask()
        findings = self.told_findings
        for one in self.questions:
            about = worst_first(finding for finding in findings if finding.subject == one.name)
            one.tell(about[0] if about else None)
        self._mark()
        self.query_one("#purpose", Lines).renew()
        if self.shown is not None:
            rows = tuple(self.show(self.shown.inspection.facts, self.shown.answers))
            self.query_one("#facts", Facts).put(("", *rows) if rows and self.questions else rows)
        fine = "Nothing to fix." if self.shown is not None and not self.to_fill_in else ""
        self.query_one("#findings", Findings).put(findings, fine)
        self.told()

    def _mark(self) -> None:
        """The rail's mark of this step, from what is known of it here."""
        if self.session.state is None:
            return
        was = self.session.marks.get(self.step_id, "open")
        to_fill_in = {one.name for one in self.to_fill_in}
        if self.shown is not None and to_fill_in and all(one.subject in to_fill_in for one in self.wrong):
            self.session.marks[self.step_id] = "begun"
        elif self.shown is None or self.wrong:
            self.session.marks[self.step_id] = "blocked"
        elif self.shown.plan.changes or self.shown.plan.next:
            self.session.marks[self.step_id] = "stale" if was in ("done", "stale") else "begun"
        else:
            self.session.marks[self.step_id] = "done"

    def _ask(self) -> None:
        facts, answers = (self.facts, self.shown.answers) if self.shown else (None, {})
        asked = frozenset(self.asked(facts, answers)) if self.shown or not self.refused else frozenset()
        for one in self.query("Entry, Radio"):
            declared = any(field.name == one.name for field in self.step.fields)
            one.display = not declared or one.name in asked

    # Line 23 ---------------------------------------------------------------------------------------------------------

    def action(self) -> Action:
        if self.working and (self._slow or (self.shown is None and not self.refused)):
            return self._busy()
        if self.refused:
            return self.repairing(self.refused[0])
        own = self.own_action()
        if own is not None:
            return own if own.do is not None else replace(own, do=self._finish)
        if (waits := self.waits) is not None:
            open_it = partial(self._open, self._elsewhere(waits))
            return Action("WAIT", f"For {safe(waits.whom, 60)}.{self._opens(waits)}", do=open_it)
        if self.to_fill_in and all(one.severity is not Severity.ERROR for one in self.told_findings):
            labels = " and ".join(one.label for one in self.to_fill_in)
            return Action("NEXT", f"Fill in {cut(labels, self.app.size.width - 36)}", do=self._ask_for)
        if self.wrong:
            return self.repairing(self.wrong[0])
        if self.shown is not None and self.shown.plan.changes:
            return Action("NEXT", f"See what will be done: {self.shown.plan.summary}", do=self._open_preview)
        return replace(self.going_on(), do=self._finish)

    def repairing(self, finding: Finding) -> Action:
        return Action("FIX", self._blocked(finding), do=partial(self._repair, finding))

    async def _ask_for(self) -> None:
        first = self.to_fill_in[0]
        self._has_asked = True
        self._draw()
        self.screen.set_focus(first.box)

    def _busy(self) -> Action:
        progress = self.progress
        if progress is None or not self._slow:
            return Action("BUSY", "Looking", "", do=_nothing)
        of = f"{progress.done} of {progress.total}   " if progress.total else ""
        shown = bar(progress.done, progress.total, 20) if progress.total else None
        return Action("BUSY", of + safe(progress.text, 60), "Esc stop", shown, do=_nothing)

    @property
    def waits(self) -> Way | None:
        """What somebody else has to do first."""
        if self.shown is None or (self.shown.plan.changes and not self.wrong):
            return None
        following = self.shown.plan.way or (self.wrong[0].way if self.wrong else None)
        return following if following is not None and following.who == "others" else None

    def _elsewhere(self, way: Way | None) -> Place:
        """Where the way goes, if that is not here."""
        place = "" if way is None else place_of(way)
        return "" if place == self.step_id else place

    def _step_of(self, finding: Finding) -> Place:
        """The other step where it is fixed. For a paste the finding itself says what to paste."""
        place = self._elsewhere(finding.way)
        return "" if place == PASTE or self.question(finding.subject) is not None else place

    def _opens(self, way: Way) -> str:
        place = self._elsewhere(way)
        return f" ^N opens {name_of(place)}." if place == PASTE else f" ^N goes to {name_of(place)}." if place else ""

    async def _open(self, place: Place) -> None:
        if place == PASTE:
            from ..opened.paste import PastePage

            await self.frame.open(PastePage())
        elif place:
            await self.frame.go(place)

    def _blocked(self, finding: Finding) -> str:
        place = self._step_of(finding)
        where = "the field" if self.question(finding.subject) is not None else "the finding"
        where = name_of(place) if place else where
        so = re.split(r"[;:.] ", finding.message)[0].rstrip(".")
        so = cut(so, self.app.size.width - 36)
        return f"{so}{'' if so.endswith('..') else '.'} ^N goes to {where}."

    def going_on(self) -> Action:
        following = _after(self.step_id)
        if following is None:
            return self._at_the_end()
        return Action("NEXT", f"Go to {TITLES[following]}")

    def _at_the_end(self) -> Action:
        marks = self.session.marks
        left = [step for step in IDS if marks.get(step) != "done"]
        if not left:
            return Action("DONE", f"{self.session.node or 'All steps are done.'} ^N looks at all steps.")
        if any(step not in marks for step in left):
            return Action("NEXT", "Look at all steps")
        more = f", and {len(left) - 1} more" if len(left) > 1 else ""
        return Action("NEXT", f"Look at all steps: not done yet is {TITLES[left[0]]}{more}")

    async def next(self) -> None:
        """What line 23 says."""
        if self.working and self.shown is None:
            return
        if self._typing is not None:
            self._typing.stop()
            self.replan()
        await super().next()

    async def _finish(self) -> None:
        self.accept()
        await self.onwards()

    def accept(self) -> None:
        """Keep the form as it stands, also what was only suggested: the person has seen it."""
        self.keep({str(one.name): one.value for one in self.questions})

    async def onwards(self) -> None:
        """To the next step."""
        self.desk.look_around()
        following = _after(self.step_id)
        if following is None:
            await self.frame.action_steps()
        else:
            await self.frame.go(following)

    async def _repair(self, finding: Finding) -> None:
        """Where it can be fixed: on another page, in the field, or as the finding says."""
        if place := self._step_of(finding):
            await self._open(place)
        else:
            self._go_to(finding)

    def _go_to(self, finding: Finding) -> None:
        question = self.question(finding.subject)
        if question is not None:
            self.screen.set_focus(_focus_of(question))
            return
        listed = self.query_one("#findings", Findings)
        listed.focus()
        listed.go(listed.findings.index(finding))

    async def _open_preview(self) -> None:
        from .preview import PreviewPage

        assert self.shown is not None
        self.accept()
        await self.frame.open(PreviewPage(self, self.shown))

    async def again(self) -> None:
        self.look()

    def escape(self) -> bool:
        if self._worker is not None and self.working:
            self._worker.cancel()
            self._worker = None
            self.told()
            return True
        return False

    def left(self) -> None:
        """What is typed in the field with the focus is kept too."""
        self._keep_typed()

    def _keep_typed(self) -> None:
        typed = {str(one.name): one.value for one in self.questions if one.touched}
        if new := {name: value for name, value in typed.items() if self._written.get(name) != value}:
            self.keep(new)

    def returned(self) -> None:
        self.look()

    # Explanation and text --------------------------------------------------------------------------------------------

    def field_here(self) -> str:
        """The name of the field with the focus."""
        question = self._question_of(self.screen.focused if self.is_attached else None)
        return str(question.name) if question is not None else ""

    def _question_of(self, focused: Widget | None) -> Entry | Radio | None:
        around = [] if focused is None else [focused, *focused.ancestors]
        return next((one for one in around if isinstance(one, Entry | Radio)), None)

    def topic(self, focused: Widget | None) -> Topic:
        place = self.heading()
        question = self._question_of(focused)
        if question is not None and any(field.name == question.name for field in self.step.fields):
            about = tuple(finding for finding in self.findings if finding.subject == question.name)
            return of_field(self.declared(str(question.name)), place, about)
        return of_step(self.step, place)

    def commands(self) -> Iterable[str]:
        given = {str(one.name): one.value for one in self.questions if one.value}
        words = [f"--set {shlex.quote(f'{name}={value}')}" for name, value in given.items()]
        yield f"quorate{self.session.state_words()} plan {' '.join([self.step_id, *words])}"


async def _nothing() -> None:
    """Work runs."""


def _after(step_id: str) -> str | None:
    at = IDS.index(step_id) + 1
    return IDS[at] if at < len(IDS) else None


def _focus_of(question: Entry | Radio) -> Widget:
    return question.box if isinstance(question, Entry) else question
