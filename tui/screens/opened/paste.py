"""Pasting: a card, a record, a whole chat. Several lines that are pasted anywhere come here, whole."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from core.finding import Refusal
from core.safe import safe

from ...action import Action
from ...page import Page
from ...topic import Topic
from ...widgets.facts import Facts, Prose

if TYPE_CHECKING:
    from core.peers.receive import Reception

_TYPING = 0.3
_KEPT = "They are kept: paste the others, now or another day."


class PasteArea(TextArea):
    DEFAULT_CSS = """
    PasteArea {
        border: none; padding: 0 1; height: 1fr; max-height: 16; background: $raised; color: $ink;
        scrollbar-size: 0 0;
    }
    PasteArea:focus { border: none; }
    """

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(text, compact=True, show_line_numbers=False, highlight_cursor_line=False, id=id)
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        # The frame puts it in, wherever the focus is; Textual would before that, and without looking for keys.
        event.prevent_default()

    def plain(self, width: int) -> tuple[str, ...]:
        return tuple(safe(line, 4000) for line in self.text.splitlines())


class PastePage(Page):
    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._begun = _shown(text)
        self._opened = False
        self._withheld = False
        """A private key came, and nothing since."""
        self._kept = ""
        """What was said of parts that were kept, and nothing since."""
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.pages[0].step_id
        yield Facts(("Paste a card or a whole chat. Nothing is kept yet.", ""), id="purpose").add_class("purpose")
        yield PasteArea("", id="area")
        yield Facts((), id="count")

    def on_mount(self) -> None:
        self._opened = True
        self.add(self._begun)

    def add(self, text: str) -> None:
        """More of it, at the cursor, in the place of what is marked. A private key is not shown, and not kept."""
        from core.peers.leak import holds_private_key

        text = _shown(text)
        if not self._opened:
            self._begun += text
            return
        if holds_private_key(text):
            self._withhold()
            return
        area = self.query_one(PasteArea)
        area.replace(text, *area.selection, maintain_selection_offset=False)

    @on(TextArea.Changed)
    def _changed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING, self._count)

    @property
    def unsettled(self) -> bool:
        return self._typing is not None

    def _count(self) -> None:
        self._typing = None
        from core.counted import counted
        from core.documents.parts import find_parts
        from core.documents.read import read_documents
        from core.peers.leak import holds_private_key

        area = self.query_one(PasteArea)
        if holds_private_key(area.text):
            area.clear()
            self._withhold()
            return
        lines = len(area.text.splitlines())
        parts, rest = find_parts(area.text)
        try:
            found = Counter((one.kind, one.status or "whole") for one in read_documents(rest))
        except Refusal as refusal:
            self._say(refusal.findings[0].message)
            return
        told = ", ".join(
            (
                *(f"{count} {kind}{'s' if count > 1 else ''} {status}" for (kind, status), count in found.items()),
                *((counted(len(parts), "part"),) if parts else ()),
            )
        )
        if not lines and self._kept:
            self._say(self._kept)
        elif lines or not self._withheld:
            self._withheld, self._kept = False, ""
            found_so_far = f"{counted(lines, 'line')} came. Found so far: {told or 'nothing that quorate knows'}."
            self._say(found_so_far if lines else "")

    def _withhold(self) -> None:
        self._withheld = True
        self._say("A private key was in it. It is not shown and not kept; quorate never asks for one.")

    def _say(self, text: str) -> None:
        self.query_one("#count", Facts).put(("", Prose(text)))
        self.told()

    @property
    def discards(self) -> bool:
        return bool(self.query_one(PasteArea).text.strip())

    def heading(self) -> str:
        return self.session.heading(self.step_id) if self.step_id else "Paste"

    def keys(self) -> str:
        return "Enter new line   Tab move   ^N look   Esc put it away   F1 explain"

    def arrival(self) -> Widget:
        return self.query_one(PasteArea)

    def action(self) -> Action:
        area = self.query(PasteArea)
        if not area or not area.first().text.strip():
            return Action("WAIT", "For what the members sent you: paste it here", "")
        return Action("NEXT", "Look at what was found")

    async def next(self) -> None:
        text = self.query_one(PasteArea).text
        if not text.strip():
            return
        self._judge(text)

    @work(group="judge", exclusive=True)
    async def _judge(self, text: str) -> None:
        from core.peers.receive import judge

        from .found import FoundPage

        try:
            reception = await judge(self.session.world, text.encode())
        except Refusal as refusal:
            self._say(refusal.findings[0].message)
            return
        if self.frame.page is not self:
            return
        if reception.waiting and not (reception.rows or reception.unsigned):
            self._keep_parts(reception)
            return
        lines = len(text.splitlines())
        await self.frame.open(FoundPage(reception, f"those {lines} lines" if lines > 1 else "that line"))

    def _keep_parts(self, reception: Reception) -> None:
        """Nothing is to be decided about them; the others can be pasted now, or another day."""
        from core.peers.receive import keep

        assert self.session.state is not None
        try:
            keep(self.session.state, reception)
        except Refusal as refusal:
            self._say(refusal.findings[0].message)
            return
        self.query_one(PasteArea).clear()
        self._kept = " ".join(f"{one.message} {_KEPT}" for one in reception.findings[:3])
        self._say(self._kept)

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "Paste what came: cards, a record, acceptances, with the chat around them. quorate finds documents "
                "in it and says of each whether it is whole, whose it is, what it changes. Nothing is kept before ^N "
                "on the page after this one."
            ),
        )
        return Topic("Paste", f"{self.heading()}, paste", so, back="what you pasted")


def _shown(text: str) -> str:
    """As it can be put into a text area: line ends made one, and what can not be seen made visible."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c if c.isprintable() else " " if c == "\t" else "?" for c in line) for line in lines)
