"""Leaving: what is saved, what is open, how to come back. Nothing can be lost, so leaving has the focus."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from ...action import Action
from ...page import Page
from ...session import TITLES, StepMark
from ...theme import mark, styled
from ...topic import Topic
from ...widgets.edges import MARKS
from ...widgets.facts import Facts, Heading, Item
from ...widgets.field import Buttons

_SAID: dict[StepMark, str] = {
    "done": "done",
    "begun": "begun; what you typed is kept",
    "stale": "to be looked at again",
    "blocked": "blocked by an error",
    "open": "open",
}


class LeavePage(Page):
    def compose(self) -> ComposeResult:
        self.step_id = self.frame.pages[0].step_id
        with Vertical(classes="scroll"):
            yield Facts(tuple(self._items()))
            yield Buttons("Leave now?", (("leave", "Leave"), ("stay", "Stay")), id="say", acts=False)

    def _items(self) -> Iterator[Item]:
        session = self.session
        if session.state is None:
            yield from ("Nothing was written to this machine yet.", "")
        else:
            yield from ("All is saved, at every field. Nothing is half written.", "")
            for word, steps in _groups(session.step_marks()):
                yield styled("  ", mark(MARKS[word]), f"   {_names(steps)}: {_SAID[word]}")
            yield from ("", "You come back to this field.", "")
        yield from (Heading("To come back"), f"  quorate{session.state_words()}", "")

    def heading(self) -> str:
        return "Leave?"

    def keys(self) -> str:
        return "Left/Right choose   Enter do it   Esc stay"

    def arrival(self) -> Widget:
        return self.query_one("#say")

    def action(self) -> Action:
        return Action("WAIT", "For your word. Enter leaves.", "")

    async def next(self) -> None:
        self.query_one("#say").focus()

    async def on_buttons_pressed(self, event: Buttons.Pressed) -> None:
        event.stop()
        if event.value == "leave":
            self.desk.leave()
        else:
            await self.frame.close()

    def topic(self, focused: Widget | None) -> Topic:
        so = ("Answers are kept when you leave their field, and the place of the cursor with them.",)
        return Topic("Leave", "Leave", so, back="the choice")


def _groups(marks: tuple[tuple[str, StepMark], ...]) -> Iterator[tuple[StepMark, list[str]]]:
    """Steps in their order, neighbours with one mark together."""
    group: list[str] = []
    last: StepMark = "open"
    for step, word in marks:
        if group and word != last:
            yield last, group
            group = []
        group.append(step)
        last = word
    if group:
        yield last, group


def _names(steps: list[str]) -> str:
    return TITLES[steps[0]] if len(steps) == 1 else f"{TITLES[steps[0]]} to {TITLES[steps[-1]]}"
