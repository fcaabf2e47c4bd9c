"""How a document leaves the terminal: as plain text on the whole screen, by the clipboard, as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from core.safe import safe

from ...action import Action
from ...page import Page
from ...topic import Topic
from ...widgets.facts import Facts, Prose
from ...widgets.lines import Lines, Row, text_rows


class ArmourPage(Page):
    """Nothing but the document on the whole width, so that a mouse selection in any terminal takes it whole."""

    bare = True

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Lines(self._rows, id="text")

    def _rows(self, width: int) -> Sequence[Row]:
        return text_rows(flowed(self._text, width))

    @property
    def _whole(self) -> bool:
        return len(flowed(self._text, self.app.size.width)) <= self.app.size.height - 4

    def plain(self) -> Iterable[str]:
        return self._text.splitlines()

    def heading(self) -> str:
        return safe(self._title, 60)

    def who(self) -> str | None:
        return "plain, to mark and copy"

    def keys(self) -> str:
        return "PageUp/PageDown scroll   Esc back   ^Q leave"

    def action(self) -> Action:
        if self._whole:
            return Action("READ", "Mark all of it, from BEGIN to END. Esc goes back.", "Esc")
        return Action("READ", "It goes on below: PageDown. Or make the window higher.", "Esc")

    def topic(self, focused: object) -> Topic:
        so = (
            (
                "Mark it with the mouse from BEGIN to END, and copy as your terminal does. Blanks, line ends and quote "
                "signs that come into it on its way do no harm; a letter that is lost is told at the other end."
            ),
        )
        return Topic("The card as text", self.heading(), so, back="the text")


class PartsPage(ArmourPage):
    """One message after the other."""

    def __init__(self, title: str, parts: Sequence[str]) -> None:
        super().__init__(title, parts[0])
        self._parts = parts
        self._at = 0

    def heading(self) -> str:
        return f"{super().heading()}, message {self._at + 1} of {len(self._parts)}"

    def keys(self) -> str:
        return "^N next message   PageUp/PageDown scroll   Esc back   ^Q leave"

    def action(self) -> Action:
        if self._at + 1 == len(self._parts):
            return Action("READ", "Send this one too: it is the last. Esc goes back.", "Esc")
        return Action("NEXT", f"Mark and send it whole, then see message {self._at + 2}", do=self._turn)

    async def next(self) -> None:
        if self._at + 1 < len(self._parts):
            await self._turn()

    async def _turn(self) -> None:
        self._at += 1
        self._text = self._parts[self._at]
        self.query_one("#text", Lines).renew()
        self.query_one(".scroll").scroll_home(animate=False)
        self.told()


class CopiedPage(Page):
    """The terminal does not tell whether it took it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._characters = len(text)

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.base.step_id
        with Vertical(classes="scroll"):
            yield Facts(
                (
                    f"{self._characters} characters were handed to your terminal's clipboard.",
                    "",
                    Prose(
                        "Nobody can tell from here whether it took them: many terminals ignore this (OSC 52), and tmux "
                        "passes it on only after: set -s set-clipboard on"
                    ),
                    "",
                    Prose(
                        "Paste it somewhere to see. It begins with BEGIN QUORATE CARD and ends with END QUORATE CARD. "
                        "Nothing came? Then <Show> and the mouse, or <Save>."
                    ),
                )
            )

    def heading(self) -> str:
        return "Copied"

    def keys(self) -> str:
        return "Esc back   ^Q leave"


def flowed(text: str, width: int) -> list[str]:
    """The lines of an armour; where the screen is narrower, as many of its words in a line as there is room for."""
    lines = text.splitlines()
    if all(len(line) <= width for line in lines):
        return lines
    words = " ".join(lines[1:-1]).split()
    in_a_line = max(1, (width + 1) // (max(map(len, words), default=15) + 1))
    body = [" ".join(words[at : at + in_a_line]) for at in range(0, len(words), in_a_line)]
    return [lines[0], *body, lines[-1]]
