"""Rows of text with an optional cursor: a list, a table, findings, a menu and plain facts are all this one widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from ..theme import fit, styled


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Its first cell is kept for the cursor's marker, where it belongs to an item."""

    content: Content
    item: int = -1
    """The item that it belongs to; an item may have several rows. -1: a text that the cursor passes over."""
    lit: bool = True
    """Whether it is lit when the cursor is on its item; the first such row has the marker."""
    acts: bool = False
    """Enter on it carries out something at once: see ``Action.acts``."""


def text_rows(lines: Iterable[str | Content]) -> tuple[Row, ...]:
    """Lines that the cursor passes over."""
    return tuple(Row(line if isinstance(line, Content) else Content(line)) for line in lines)


_BODY = 62
"""Width of the body at 80 columns: what is assumed before there is a layout."""

Build = Callable[[int], Sequence[Row]]
"""Rows for a width in cells."""


class Lines(Widget, can_focus=True):
    """Either given its rows (``Lines(build)``), or a subclass that overrides ``rows``.

    Enter posts :class:`Lines.Chosen`, moving the cursor :class:`Lines.Moved`. ``renew()`` after what it draws changed.
    """

    DEFAULT_CSS = "Lines { height: auto; width: 100%; }"

    @dataclass
    class Chosen(Message):
        lines: Lines
        item: int

        @property
        def control(self) -> Lines:
            return self.lines

    @dataclass
    class Moved(Message):
        lines: Lines
        item: int

        @property
        def control(self) -> Lines:
            return self.lines

    def __init__(
        self,
        build: Build | Sequence[Row] = (),
        *,
        cursor: int = 0,
        name: str | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id)
        self._build = build
        self._drawn: tuple[Row, ...] = ()
        self._drawn_width = -1
        self.cursor = cursor

    def rows(self, width: int) -> Sequence[Row]:
        return self._build(width) if callable(self._build) else self._build

    def renew(self, build: Build | Sequence[Row] | None = None) -> None:
        """Draw anew; with other rows where they are given."""
        if build is not None:
            self._build = build
        before = len(self._drawn)
        self._drawn_width = -1
        width = self.size.width or self.container_size.width
        now = len(self._at(width)) if width else -1
        self.refresh(layout=now != before)

    def allow_focus(self) -> bool:
        """Only where there is something to choose."""
        if self._drawn_width < 0:
            self._at(self.size.width or _BODY)
        return self.count > 0

    @property
    def count(self) -> int:
        """How many items there are."""
        return 1 + max((row.item for row in self._drawn), default=-1)

    @property
    def acts(self) -> bool:
        """Whether Enter carries out something."""
        return any(row.acts for row in self._drawn if row.item == self.cursor)

    def _at(self, width: int) -> tuple[Row, ...]:
        if width != self._drawn_width:
            self._drawn = tuple(self.rows(width))
            self._drawn_width = width
            self.cursor = max(0, min(self.cursor, self.count - 1))
        return self._drawn

    # Drawing ---------------------------------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._at(width))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        rows = self._at(width)
        style = self.visual_style
        if y >= len(rows):
            return Strip.blank(width, style.rich_style)
        content = self._lit(rows, y, width)
        strips = Visual.to_strips(self, content, width, 1, style, apply_selection=False, pad=True)
        return strips[0] if strips else Strip.blank(width, style.rich_style)

    def _lit(self, rows: Sequence[Row], y: int, width: int) -> Content:
        row = rows[y]
        content = fit(row.content, width)
        if not self.shows_cursor or row.item != self.cursor or row.item < 0 or not row.lit:
            return content
        first = y == 0 or rows[y - 1].item != row.item or not rows[y - 1].lit
        plain = ("▸" if first else " ") + content.plain[1:]
        room = " " * max(0, width - 1 - content.cell_length)
        return Content(plain + room).stylize(self.app.focus_style)  # type: ignore[attr-defined]

    @property
    def shows_cursor(self) -> bool:
        return self.has_focus

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.focus_changed()
        if has_focus:
            self._follow()

    def focus_changed(self) -> None:
        """Draw with or without the cursor."""
        self.refresh()

    def on_resize(self) -> None:
        # What is drawn may depend on the height too.
        self._drawn_width = -1
        self.refresh()

    # Moving ----------------------------------------------------------------------------------------------------------

    def go(self, item: int) -> None:
        """Put the cursor on an item."""
        if 0 <= item < self.count and item != self.cursor:
            self.cursor = item
            self.refresh()
            self._follow()
            self.post_message(self.Moved(self, item))

    def on_key(self, event: events.Key) -> None:
        target = {"down": self.cursor + 1, "up": self.cursor - 1, "home": 0, "end": self.count - 1}.get(event.key)
        if event.key == "enter":
            event.stop()
            self.post_message(self.Chosen(self, self.cursor))
        elif target is not None and 0 <= target < self.count:
            event.stop()
            event.prevent_default()
            self.go(target)

    def on_click(self, event: events.Click) -> None:
        rows = self._at(self.size.width)
        if 0 <= event.y < len(rows) and rows[event.y].item >= 0:
            self.go(rows[event.y].item)
            self.post_message(self.Chosen(self, self.cursor))

    def _follow(self) -> None:
        """Scroll what holds it so that the item is seen."""
        at = [y for y, row in enumerate(self._drawn) if row.item == self.cursor]
        box = next((node for node in self.ancestors if isinstance(node, Widget) and node.has_class("scroll")), None)
        # Before it is laid out, where it stood last is right.
        if at and box is not None and box.size and self.region:
            # By what is on the screen: between the two may be containers that do not scroll.
            top = self.region.y - box.content_region.y + round(box.scroll_y) + at[0]
            box.scroll_to_region(Region(0, top, 1, len(at)), animate=False, force=True)

    # As text ---------------------------------------------------------------------------------------------------------

    def plain(self, width: int) -> tuple[str, ...]:
        return tuple(row.content.plain.rstrip() for row in self.rows(width))


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a menu: ``<Go on>    at 6/7 Genesis``."""

    word: str
    note: str = ""
    value: object = None
    acts: bool = False


def menu_rows(choices: Sequence[Choice], radio: int = -1) -> tuple[Row, ...]:
    """``<Word>  note`` in each row; with ``radio`` ``(●) Word  note``, that one chosen."""
    room = max((len(choice.word) for choice in choices), default=0) + 4
    rows = []
    for item, choice in enumerate(choices):
        shown = f"<{choice.word}>" if radio < 0 else f"({'●' if item == radio else ' '}) {choice.word}"
        content = styled("  ", (shown.ljust(room + (0 if radio < 0 else 2)), "bold"), choice.note)
        rows.append(Row(content, item, acts=choice.acts))
    return tuple(rows)
