"""The state can not be had: another wizard holds it, or it can not be read or written. Nothing is lost by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.finding import Finding

from ...action import Action
from ...page import Page
from ...widgets.facts import Facts, Note
from ...widgets.findings import Findings

if TYPE_CHECKING:
    from ...topic import Topic


class OccupiedPage(Page):
    bare: bool = True

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self.told_findings = findings

    def compose(self) -> ComposeResult:
        locked = any(finding.code == "state-locked" for finding in self.told_findings)
        so = "Another wizard works on this network." if locked else "The state of this network can not be used now."
        more = "Go on there; with tmux: tmux attach. This one changes nothing meanwhile." if locked else ""
        with Vertical(classes="scroll"):
            yield Facts(("", f" {so}", "", Note(more)))
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Findings).put(self.told_findings)

    def heading(self) -> str:
        return "Not now"

    def who(self) -> str | None:
        return ""

    def keys(self) -> str:
        return "Enter do it   F1 explain   ^Q leave"

    def action(self) -> Action:
        return Action("WAIT", "Try again")

    async def next(self) -> None:
        await self.frame.restart()

    async def again(self) -> None:
        await self.frame.restart()

    def topic(self, focused: Widget | None) -> Topic:
        from ...topic import of_finding

        return of_finding(self.told_findings[0], "Start")
