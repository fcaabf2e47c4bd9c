"""What is to be sent, and the ways: plain on the whole screen, as a file, by the clipboard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.documents.parts import MESSAGE, is_long, split
from core.place import shown_place, typed_place

from ...action import Action
from ...page import Page
from ...topic import Topic
from ...widgets.facts import Fact, Facts, Item
from ...widgets.lines import Choice, Lines, Row, menu_rows
from .ask import Ask, AskPage
from .sending import ArmourPage, CopiedPage, PartsPage

_SHOW = Choice("Show", "full screen and plain, to mark and copy", "show")
_SAVE = Choice("Save", "as a file; you choose the place", "save")
_COPY = Choice("Copy", "to the clipboard of your terminal; many ignore it", "copy", acts=True)


@dataclass(frozen=True, slots=True)
class Parcel:
    title: str
    """Line 1: ``Send the record``."""
    purpose: str
    text: str
    """Armour."""
    file_name: str
    command: str
    """The same without the wizard."""
    about: tuple[Item, ...] = ()
    """Rows above the ways: what it is, for whom."""
    then: str = ""
    """Line 23; empty: back."""
    armoured: bool = True
    """False for a text that a person follows: it is not sent in parts."""


class SendPage(Page):
    def __init__(self, parcel: Parcel, then: Callable[[], Awaitable[None]] | None = None) -> None:
        """``then``: what ``^N`` does; without it this page is closed."""
        super().__init__()
        self._parcel = parcel
        self._then = then
        self._saved = ""
        """Where it was saved."""

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.base.step_id
        with Vertical(classes="scroll"):
            yield Facts((self._parcel.purpose, ""), id="purpose").add_class("purpose")
            yield Facts(tuple(self._about()), id="about")
            yield Lines(self._ways, id="ways")

    def _about(self) -> Iterator[Item]:
        yield from (*self._parcel.about, *self._length())
        if self._saved:
            yield Fact("Saved", self._saved, "✓")
        yield ""

    def _length(self) -> Iterator[Item]:
        size = len(self._parcel.text)
        if is_long(self._parcel.text):
            yield Fact("Length", f"{size:,} characters; many chats cut at {MESSAGE:,}: send it as a file", "!")

    @property
    def _choices(self) -> tuple[Choice, ...]:
        if not is_long(self._parcel.text):
            return (_SHOW, _SAVE, _COPY)
        if not self._parcel.armoured:
            return (_SAVE, _SHOW, _COPY)
        count = len(split(self._parcel.text))
        return (_SAVE, Choice("Parts", f"{count} messages for a chat, in any order", "parts"), _SHOW, _COPY)

    def _ways(self, width: int) -> Sequence[Row]:
        return menu_rows(self._choices)

    def heading(self) -> str:
        return self.session.heading(self.step_id) if self.step_id else self._parcel.title

    def keys(self) -> str:
        return "Up/Down move   Enter choose   ^N next   ^T as text   Esc back   F1 explain"

    def arrival(self) -> Widget:
        return self.query_one("#ways")

    def action(self) -> Action:
        return Action("NEXT", self._parcel.then) if self._parcel.then else super().action()

    async def next(self) -> None:
        if self._then is None:
            await self.frame.close()
        else:
            await self._then()

    @on(Lines.Chosen, "#ways")
    async def _way(self, event: Lines.Chosen) -> None:
        event.stop()
        way = self._choices[event.item].value
        if way == "show":
            await self.frame.open(ArmourPage(self._parcel.file_name, self._parcel.text))
        elif way == "parts":
            await self.frame.open(PartsPage(self._parcel.file_name, split(self._parcel.text)))
        elif way == "copy":
            self.app.copy_to_clipboard(self._parcel.text)
            await self.frame.open(CopiedPage(self._parcel.text))
        else:
            await self.frame.open(self._save_page())

    def _save_page(self) -> AskPage:
        place = typed_place(f"~/quorate/{self._parcel.file_name}", self.session.environ)
        ask = Ask(
            title=self._parcel.title,
            purpose="As a file, to send it by mail or to put it into a shared folder.",
            label="File",
            value=shown_place(place, self.session.environ),
            sentence="Write it to this file",
            help="A path, with ~ for your own folder. A missing folder is made; a file that is there with another "
            "content is left as it is.",
        )
        return AskPage(ask, self._save)

    async def _save(self, value: str) -> None:
        from core.cli.export import write_file

        path: Path = typed_place(value, self.session.environ)
        written = write_file(path, self._parcel.text.encode(), home=self.session.local.home)
        self._saved = shown_place(written, self.session.environ)
        self.query_one("#about", Facts).put(tuple(self._about()))

    def plain(self) -> Iterable[str]:
        return self._parcel.text.splitlines()

    def commands(self) -> Iterable[str]:
        return (self._parcel.command,)

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            self._parcel.purpose,
            (
                "It is public and signed. A letter that is lost on its way is told at the other end; who changes it "
                "is found out."
            )
            if self._parcel.armoured
            else "It is public and not signed: whoever gets it reads the hash back to you, over another channel.",
        )
        return Topic(self._parcel.title, self.heading(), so, back="the ways to send it")
