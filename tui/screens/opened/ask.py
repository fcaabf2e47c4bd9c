"""One thing asked for, in one line: a place, a reason, how it was compared. Enter does it, Esc does nothing."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.finding import Finding, Refusal, Severity, has_error, worst_first

from ...action import Action
from ...page import Page
from ...theme import cut
from ...topic import Topic
from ...widgets.facts import Facts, Item, Prose
from ...widgets.field import Entry, Question
from ...widgets.findings import Findings

Done = Callable[[str], Awaitable[None]]
"""With what was typed. Raises Refusal, which is shown; the page stays."""


@dataclass(frozen=True, slots=True)
class Ask:
    title: str
    purpose: str
    label: str
    value: str
    sentence: str
    """Line 23: what Enter does."""
    help: str
    """For F1."""
    below: tuple[Item, ...] = ()
    check: Callable[[str], tuple[Finding, ...]] = lambda _: ()
    acts: bool = True
    """Whether Enter does it; or only leads to a page that shows what would be done."""


class AskPage(Page):
    def __init__(self, ask: Ask, done: Done) -> None:
        super().__init__()
        self._ask = ask
        self._done = done
        self._refused: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.base.step_id
        with Vertical(classes="scroll"):
            yield Facts((Prose(self._ask.purpose), ""), id="purpose").add_class("purpose")
            yield Entry("answer", self._ask.label, self._ask.value, long=True, acts=self._ask.acts)
            yield Facts(("", *self._ask.below))
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self._tell()

    @property
    def value(self) -> str:
        return self.query_one(Entry).value

    @property
    def findings(self) -> tuple[Finding, ...]:
        return worst_first((*self._refused, *self._ask.check(self.value)))

    def _tell(self) -> None:
        found: Sequence[Finding] = self.findings
        self.query_one(Findings).put(found)
        self.query_one(Entry).tell(found[0] if found else None)
        self.told()

    @on(Question.Changed)
    def _changed(self, event: Question.Changed) -> None:
        event.stop()
        self._refused = ()
        self._tell()

    @on(Question.Taken)
    async def _taken(self, event: Question.Taken) -> None:
        event.stop()
        if event.enter:
            await self.next()

    def heading(self) -> str:
        return self._ask.title

    def keys(self) -> str:
        return "Enter do it   Tab move   ^N next   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one(Entry).box

    def action(self) -> Action:
        found = self.findings if self.query(Entry) else ()
        if has_error(found):
            so = re.split(r"[,;:.] |\.$", found[0].message)[0]
            return Action("FIX", f"{cut(so, self.app.size.width - 36)}. ^N goes to the field.")
        return Action("NEXT", self._ask.sentence, acts=self._ask.acts)

    @property
    def discards(self) -> bool:
        return self.query_one(Entry).touched

    async def next(self) -> None:
        if has_error(self._ask.check(self.value)):
            self.screen.set_focus(self.query_one(Entry).box)
            return
        try:
            await self._done(self.value)
        except Refusal as refusal:
            self._refused = refusal.findings
            self._tell()
            return
        if self.is_mounted and self.frame.page is self:
            await self.frame.close()

    def topic(self, focused: Widget | None) -> Topic:
        fix = tuple(one.fix for one in self.findings if one.fix and one.severity is not Severity.INFO)
        return Topic(self._ask.label, self.heading(), (self._ask.help,), fix=fix, back=f"the field {self._ask.label}")
