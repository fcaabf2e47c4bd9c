"""All steps with their state; Enter goes there, Esc returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.finding import worst_first
from core.steps import IDS

from ...action import Action
from ...page import Page
from ...session import TITLES
from ...topic import Topic
from ...widgets.edges import MARKS
from ...widgets.facts import Facts, Note, Table, fact_rows, table_rows
from ...widgets.lines import Lines, Row

if TYPE_CHECKING:
    from core.standing import Standing


class StepsPage(Page):
    def __init__(self) -> None:
        super().__init__()
        self._needs: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        if self.session.standing is not None:
            self._see(self.session.standing)
        self.step_id = self.frame.pages[0].step_id
        with Vertical(classes="scroll"):
            yield Facts((f"All {len(IDS)}, with what each still needs. Enter goes there.", ""), id="purpose")
            at = IDS.index(self.step_id) if self.step_id else 0
            yield Lines(self._rows, cursor=at, id="list")
            yield Lines(self._whole, id="whole")
            yield Facts(
                (
                    "",
                    Note(
                        "Going back is always allowed. What depends on it becomes stale, never lost, and says so here."
                    ),
                )
            )

    def on_mount(self) -> None:
        self.desk.look_around()

    def _rows(self, width: int) -> Sequence[Row]:
        marks = self.session.step_marks()
        rows = tuple(
            (MARKS[mark], (f"{number} {TITLES[step]}", mark, self._needs.get(step, "")))
            for number, (step, mark) in enumerate(marks, 1)
        )
        return tuple(table_rows(Table(("Step", "State", "What it needs"), rows, open=True), width))

    def _whole(self, width: int) -> Sequence[Row]:
        """What the marked step needs, in all its words."""
        needs = self._needs.get(self._here(), "")
        return tuple(fact_rows(("", Note(f"{TITLES[self._here()]}: {needs}")), width)) if needs else ()

    def around(self, now: Standing) -> None:
        self._see(now)
        self.query_one("#list", Lines).renew()
        self.query_one("#whole", Lines).renew()

    def _see(self, now: Standing) -> None:
        for station in now.stations:
            told = worst_first(station.findings)
            needs = station.why or (told[0].message if told else "")
            age = station.age(self.session.world.clock.now())
            told_of = "" if station.mark == "done" else needs
            self._needs[station.step] = " ".join(filter(None, (told_of, f"({age})" if age else "")))

    def heading(self) -> str:
        return "Steps"

    def keys(self) -> str:
        return "Up/Down step   Enter go there   Esc back   F1 explain"

    def arrival(self) -> Widget:
        return self.query_one("#list")

    def _here(self) -> str:
        lists = self.query("#list")
        return IDS[lists.first(Lines).cursor] if lists else IDS[0]

    def action(self) -> Action:
        return Action("NEXT", f"Go to {TITLES[self._here()]}")

    @on(Lines.Moved, "#list")
    def _moved(self, event: Lines.Moved) -> None:
        self.query_one("#whole", Lines).renew()
        self.told()

    @on(Lines.Chosen, "#list")
    async def _chosen(self, event: Lines.Chosen) -> None:
        await self.next()

    async def next(self) -> None:
        await self.frame.go(self._here())

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "done: nothing is left to do. begun: answers are kept. stale: it was done, and what it stands on has "
                "changed. blocked: an error stands in the way. open: nobody was there yet."
            ),
        )
        return Topic("Steps", "Steps", so, back="the steps")
