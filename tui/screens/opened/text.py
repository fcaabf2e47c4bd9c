"""A page as plain text, to mark with the mouse and copy; and the same as commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from core.safe import safe

from ...action import Action
from ...page import Page
from ...widgets.lines import Lines, Row, text_rows


class TextPage(Page):
    """``TextPage(title, lines, commands)``: long lines are broken at the edge, never shortened."""

    bare: bool = True

    def __init__(self, title: str, lines: Iterable[str], commands: Iterable[str] = ()) -> None:
        super().__init__()
        self._title = title
        self._lines = tuple(safe(line, 4000) for line in lines)
        self._commands = tuple(safe(line, 4000) for line in commands)

    @classmethod
    def of(cls, page: Page) -> TextPage:
        return cls(f"{page.heading()} as text", page.plain(), page.commands())

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Lines(self._rows)

    def _rows(self, width: int) -> Sequence[Row]:
        lines = []
        if self._commands:
            lines += ["The same without the wizard:", ""]
            lines += [piece for line in self._commands for piece in _broken("  " + line, width)]
            lines += ["", ""]
        return text_rows((*lines, *(piece for line in self._lines for piece in _broken(line, width))))

    def plain(self) -> Iterable[str]:
        return (*self._lines, *self._commands)

    def heading(self) -> str:
        return safe(self._title, 60)

    def who(self) -> str | None:
        return "plain, to mark and copy"

    def action(self) -> Action:
        return Action("READ", "Esc goes back", "Esc")

    def keys(self) -> str:
        return "PageUp/PageDown scroll   Esc back"


def _broken(line: str, width: int) -> list[str]:
    return [line[at : at + width] for at in range(0, len(line), max(1, width))] or [""]
