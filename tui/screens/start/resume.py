"""Coming back: where the person was, what was cut off, what is to be said now. Drawn from ``local.json`` alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.finding import Finding, Refusal, Severity, worst_first
from core.safe import safe
from core.state import OF_HOMES

from ...action import Action
from ...page import Page
from ...theme import MARKS, STYLES, rule, styled, wrap
from ...widgets.facts import Facts
from ...widgets.lines import Choice, Lines, Row, menu_rows

if TYPE_CHECKING:
    from core.apply.receipt import Pending
    from core.standing import Standing

    from ...topic import Topic

_MOST = 4
"""Findings that are told; all of them stand at their steps."""


class ResumePage(Page):
    bare: bool = True

    def __init__(self) -> None:
        super().__init__()
        self._since: tuple[Finding, ...] | None = None
        self._pending: Pending | None = None
        self._damaged: tuple[Finding, ...] = ()
        """What cannot be read of earlier runs."""
        self._worst = ""
        """The step of the worst finding."""

    def compose(self) -> ComposeResult:
        if self.session.standing is not None:
            # As it was last; what has changed since is corrected in place.
            self._see(self.session.standing)
        with Vertical(classes="scroll"):
            yield Facts(("", *self._where(), ""), id="where")
            yield Lines(self._news, id="news")
            yield Lines(self._menu, id="menu")

    def on_mount(self) -> None:
        # However one comes here, the state was entered just now, and nothing is known of its steps.
        self.desk.look_around()

    def _where(self) -> Iterator[str]:
        session = self.session
        step, field = session.place()
        yield f" You were at {session.heading(step)}" + (f", field {safe(field, 40)}." if field else ".")
        is_whole = self._since is not None and self._pending is None and not self._damaged
        yield f" Saved {self._saved()}." + (" Nothing was left half written." if is_whole else "")

    def _saved(self) -> str:
        assert self.session.state is not None
        try:
            at = (self.session.state.folder / "local.json").stat().st_mtime
        except OSError:
            return "nothing yet"
        return datetime.fromtimestamp(at, UTC).strftime("%a %d %b %H:%M UTC")

    def _news(self, width: int) -> Sequence[Row]:
        return tuple(self._news_rows(width))

    def _news_rows(self, width: int) -> Iterator[Row]:
        if self._since is None:
            yield Row(styled((" Looking at all steps ..", "$muted")))
        elif not self._since:
            yield Row(styled(" ", ("✓ ", "$ok"), ("Nothing to fix.", "$muted")))
        else:
            yield Row(rule("To be said", "", width))
            for finding in self._since[:_MOST]:
                sign = MARKS[finding.severity]
                lines = wrap(finding.message, width - 6)[:2]
                if finding in self._damaged:
                    # No step says it again: all of it is here.
                    lines = (*wrap(finding.message, width - 6), *wrap(f"-> {finding.fix}", width - 6))
                for number, line in enumerate(lines):
                    yield Row(styled(" ", (sign if number == 0 else " ", STYLES[sign]), " ", line))
        yield Row(styled(""))
        yield Row(rule("Where to?", "", width))

    def _network(self) -> str:
        return self.session.state.network if self.session.state is not None else ""

    def _choices(self) -> tuple[Choice, ...]:
        session = self.session
        step, _ = session.place()
        pending = self._pending
        cut_off: tuple[Choice, ...] = ()
        if pending is not None:
            where = "" if pending.network in (OF_HOMES, self._network()) else f" in {safe(pending.network, 20)}"
            run = f"{safe(pending.at[11:16], 10)} UTC for {safe(pending.step, 20)}{where}"
            cut_off = (
                Choice("Finish", f"the run of {run}, which was cut off", "finish"),
                Choice("Undo", "what that run has done so far", "undo"),
                Choice("Give up", "that run; all stays as it is now", "give-up"),
            )
        look: tuple[Choice, ...] = ()
        if self._worst and self._worst != step:
            look = (Choice("Look", f"at {session.heading(self._worst)}, because of the first of these", self._worst),)
        return (
            *cut_off,
            Choice("Go on", f"at {session.heading(step)}, where you were", "go"),
            *look,
            Choice("Steps", "all of them, with their state", "steps"),
            Choice("Other", "another network; this one stays as it is", "other"),
        )

    def _menu(self, width: int) -> Sequence[Row]:
        return menu_rows(self._choices())

    def around(self, now: Standing) -> None:
        from core.apply.engine import unfinished, unreadable_runs

        self._see(now)
        try:
            self._pending = next(iter(unfinished(self.session.world)), None)
            self._damaged = unreadable_runs(self.session.world)
        except Refusal as refusal:
            self._pending, self._damaged = None, refusal.findings
        self._since = (*self._damaged, *(self._since or ()))
        self.query_one("#where", Facts).put(("", *self._where(), ""))
        self.query_one("#news", Lines).renew()
        self.query_one("#menu", Lines).renew()
        self.told()

    def _see(self, now: Standing) -> None:
        found = {finding: station.step for station in now.stations for finding in station.findings}
        self._since = tuple(
            one for one in worst_first(found) if one.severity >= Severity.WARNING and self._begun(found[one])
        )
        self._worst = found[self._since[0]] if self._since else ""

    def _begun(self, step: str) -> bool:
        """An error of a step that nobody has come to yet is no news."""
        return self.session.marks.get(step, "open") != "open"

    def heading(self) -> str:
        return "Welcome back"

    def keys(self) -> str:
        return "Up/Down choose   Enter take it   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one("#menu")

    def action(self) -> Action:
        menu = self.query("#menu")
        chosen = self._choices()[menu.first(Lines).cursor if menu else 0]
        return Action("NEXT", f"{chosen.word} {chosen.note}".split(",")[0], acts=chosen.acts)

    @on(Lines.Moved, "#menu")
    def _moved(self, event: Lines.Moved) -> None:
        self.told()

    @on(Lines.Chosen, "#menu")
    async def _chosen(self, event: Lines.Chosen) -> None:
        await self.next()

    async def next(self) -> None:
        value = str(self._choices()[self.query_one("#menu", Lines).cursor].value)
        if value == "go":
            await self.frame.go(*self.session.place())
        elif value == "steps":
            await self.frame.action_steps()
        elif value == "other":
            await self.frame.open(NetworksPage())
        elif value in ("finish", "undo", "give-up") and self._pending is not None:
            from ..step.preview import open_ending

            await open_ending(self, self._pending, value)  # type: ignore[arg-type]
        else:
            await self.frame.go(value)

    def topic(self, focused: Widget | None) -> Topic:
        from ...topic import Topic

        so = ("Every answer was kept when you left its field, and so was the place where you were.",)
        return Topic("Welcome back", "Start", so, back="the choice")


class NetworksPage(Page):
    """Which of the networks that are known here; or a new one."""

    bare: bool = True

    def compose(self) -> ComposeResult:
        yield Facts(("", " Which network?", ""))
        yield Lines(self._menu, id="menu")

    def _choices(self) -> tuple[Choice, ...]:
        known = tuple(Choice(name, "", name) for name in self.session.networks)
        return (*known, Choice("Another", "one that is not known here yet", ""))

    def _menu(self, width: int) -> Sequence[Row]:
        return menu_rows(self._choices())

    def heading(self) -> str:
        return "Networks"

    def keys(self) -> str:
        return "Up/Down choose   Enter take it   Esc back   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one("#menu")

    def action(self) -> Action:
        menu = self.query("#menu")
        chosen = self._choices()[menu.first(Lines).cursor if menu else 0]
        return Action("NEXT", f"Go to the network {chosen.word}" if chosen.value else "Begin with another network")

    @on(Lines.Moved, "#menu")
    def _moved(self, event: Lines.Moved) -> None:
        self.told()

    @on(Lines.Chosen, "#menu")
    async def _chosen(self, event: Lines.Chosen) -> None:
        await self.next()

    async def next(self) -> None:
        name = str(self._choices()[self.query_one("#menu", Lines).cursor].value)
        if not name:
            from .first import FirstPage

            self.session.leave()
            await self.frame.turn_to(FirstPage())
            return
        try:
            if self.session.state is None or self.session.state.network != name:
                self.session.enter(name)
        except Refusal as refusal:
            from .occupied import OccupiedPage

            await self.frame.turn_to(OccupiedPage(refusal.findings))
            return
        await self.frame.turn_to(ResumePage())
