"""Practise: four members on this machine. You are one after the other, or in four windows all at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.finding import Refusal

from ...action import Action
from ...page import Page
from ...practice import MEMBERS, found, make, usual_folder
from ...topic import Topic
from ...widgets.facts import Facts, Heading, Item, Note
from ...widgets.field import Entry, Question
from ...widgets.findings import Findings
from ...widgets.lines import Choice, Lines, Row, menu_rows


class PractisePage(Page):
    bare: bool = True

    def compose(self) -> ComposeResult:
        folder = usual_folder(self.session.world)
        with Vertical(classes="scroll"):
            yield Facts(("", " A practice network of four members in one folder, to see the whole of it.", ""))
            yield Entry("folder", "Folder", str(folder), long=True)
            yield Facts((), id="what")
            yield Lines(self._menu, id="menu")
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self._look()

    def _look(self) -> None:
        self._names: tuple[str, ...] = ()
        try:
            self._names = found(self.folder, self.session.world)
        except Refusal as refusal:
            self.query_one(Findings).put(refusal.findings)
        what: tuple[Item, ...] = ("", Heading("Who are you?"), "")
        if not self._names:
            what = ("", Note(f"quorate makes {MEMBERS} homes and their states there, and nothing anywhere else."), "")
        self.query_one("#what", Facts).put(what)
        self.query_one("#menu", Lines).renew()
        self.told()

    @property
    def folder(self) -> Path:
        return Path(self.query_one(Entry).value.strip() or "/nowhere").expanduser()

    def _choices(self) -> tuple[Choice, ...]:
        parts = ("the coordinator", *("a member" for _ in range(MEMBERS)))
        return tuple(Choice(name, part, name) for name, part in zip(self._names, parts, strict=False))

    def _menu(self, width: int) -> Sequence[Row]:
        return menu_rows(self._choices()) if hasattr(self, "_names") else ()

    @on(Question.Taken)
    def _taken(self, event: Question.Taken) -> None:
        event.stop()
        self._look()
        if event.enter:
            self.screen.focus_next()

    def heading(self) -> str:
        return "Practise"

    def who(self) -> str | None:
        return ""

    def keys(self) -> str:
        return "Tab move   Enter choose   ^N next   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget | None:
        return self.query_one("#menu") if self._names else None

    def action(self) -> Action:
        if not getattr(self, "_names", ()):
            return Action("NEXT", f"Make {MEMBERS} homes in this folder", acts=True)
        return Action("NEXT", f"Be {self._choices()[self.query_one('#menu', Lines).cursor].word}")

    @on(Lines.Moved, "#menu")
    def _moved(self, event: Lines.Moved) -> None:
        self.told()

    @on(Lines.Chosen, "#menu")
    async def _chosen(self, event: Lines.Chosen) -> None:
        await self.next()

    async def next(self) -> None:
        if self._names:
            await self._be(self._names[self.query_one("#menu", Lines).cursor])
        else:
            self.run_worker(self._make(), exclusive=True)

    async def _make(self) -> None:
        try:
            await make(self.folder, self.session.world, lambda _: None)
        except Refusal as refusal:
            self.query_one(Findings).put(refusal.findings)
            return
        self._look()
        self.screen.set_focus(self.query_one("#menu"))

    async def _be(self, name: str) -> None:
        from core.demo import NETWORK

        try:
            self.session.move(self.folder / name / "state", NETWORK)
        except Refusal as refusal:
            self.query_one(Findings).put(refusal.findings)
            return
        self.desk.look_around()
        await self.frame.go(self.session.place()[0])

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "Each of the four has a home with keys of its own, and a state of its own. What goes into a chat, "
                "you paste into the others. Open four windows, or come back here to be the next one."
            ),
        )
        return Topic("Practise", "Practise", so, back="the choice")
