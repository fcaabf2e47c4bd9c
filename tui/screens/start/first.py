"""The first run on a machine: who you are, the way, three promises. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from ...action import Action
from ...page import Page
from ...theme import styled
from ...widgets.facts import Facts
from ...widgets.lines import Choice, Lines, Row, menu_rows

if TYPE_CHECKING:
    from ...topic import Topic

_CHOICES = (
    Choice("Join a network", "I run one node; somebody else gathers the cards.", "member"),
    Choice("Start a network", "I gather the cards of the others.", "coordinator"),
    Choice("Practise", "Four nodes in one folder here. Safe. Takes 2 minutes.", "practise"),
)
_WAY = (
    ("you", "Home, Keys, Card", "make a card and send it", "10 min"),
    ("all", "Peers, Network", "compare 8 words on a call", "10 min"),
    ("you", "Genesis", "read what was agreed, and accept it", "10 min"),
    ("you", "Config", "look at each line, then apply", "10 min"),
)


class FirstPage(Page):
    bare: bool = True

    def compose(self) -> ComposeResult:
        yield Facts(
            (
                "",
                " quorate takes the operators of separate nodes to one running Planetmint",
                " network. Nothing is written to this machine before you have seen it.",
                "",
            )
        )
        yield Lines(self._menu, id="menu")
        yield Lines(self._rest)

    def _menu(self, width: int) -> Sequence[Row]:
        menu = self.query_one("#menu", Lines)
        return menu_rows(_CHOICES, radio=menu.cursor)

    def _rest(self, width: int) -> Sequence[Row]:
        way = (f" {who:<9} {steps:<20} {does:<36} {time}" for who, steps, does, time in _WAY)
        lines: tuple[str | Content, ...] = (
            "",
            styled((" How it goes", "bold")),
            *way,
            "",
            styled((" Good to know", "bold")),
            " Private keys stay in their files: never shown, copied or sent.",
            " Leave when you like (^Q). You come back to the same field.",
            " On SSH, start inside tmux or screen: then a lost line stops nothing.",
        )
        return tuple(Row(styled(line)) for line in lines)

    def heading(self) -> str:
        return "Welcome"

    def who(self) -> str | None:
        return "first run on this machine" if not self.session.networks else "another network"

    def keys(self) -> str:
        return "Up/Down choose   Enter take it   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one("#menu")

    def action(self) -> Action:
        menu = self.query("#menu")
        return Action("NEXT", _CHOICES[menu.first(Lines).cursor if menu else 0].word)

    @on(Lines.Moved, "#menu")
    def _moved(self, event: Lines.Moved) -> None:
        event.lines.renew()
        self.told()

    @on(Lines.Chosen, "#menu")
    async def _chosen(self, event: Lines.Chosen) -> None:
        await self.next()

    async def next(self) -> None:
        value = str(_CHOICES[self.query_one("#menu", Lines).cursor].value)
        if value == "practise":
            from .practise import PractisePage

            await self.frame.open(PractisePage())
            return
        draft = {"role": value}
        if self.session.named:
            draft["network"] = self.session.named
        self.session.drafts["home"] = draft
        await self.frame.go("home")

    def topic(self, focused: Widget | None) -> Topic:
        from ...topic import Topic

        so = (
            (
                "A member operates one node. The coordinator gathers the cards, writes the record and publishes it; "
                "he signs it as the others sign theirs, and can smuggle nothing in: each member computes genesis.json."
            ),
            "Practise makes four homes with keys of their own in a folder of this machine. You use them as real ones.",
        )
        return Topic("Welcome", "First run", so, back="the choice")
