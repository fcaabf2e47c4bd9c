"""Fields of a form: a line to type in (Entry), one of a few (Radio), and what is done now (Buttons).

Label, value and note stand in fixed columns: marker 2, label 14, ``[ `` 2, so that every value begins in one column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from core.finding import Finding, Severity

from ..theme import MARKS, STYLES, cut, padded, styled
from .lines import Lines, Row

LABEL = 14
SHORT = 26
LONG = 44


class Question:
    """What Entry and Radio have in common; ``name`` is the field's name in ``step.fields``."""

    @dataclass
    class Changed(Message):
        """The value is another one; each key that is typed."""

        question: Widget

    @dataclass
    class Taken(Message):
        """The person has gone on from it, or pressed Enter: keep it."""

        question: Widget
        enter: bool = False

    value: str
    label: str
    touched: bool

    def put(self, value: str) -> None:
        """Set it without a message."""
        raise NotImplementedError

    def tell(self, finding: Finding | None, note: str = "") -> None:
        """The worst that is to be said of it, in its shortest form; or a quiet note."""
        raise NotImplementedError


def short_form(finding: Finding) -> str:
    """``address-port`` -> ``port``: a code's last words are the shortest form of its finding."""
    return " ".join(finding.code.split("-")[1:]) or finding.code


class OneLine(Input):
    """Textual's Input keeps the first line of a paste and drops the rest; this one hands all of it to the screen."""

    DEFAULT_CSS = """
    OneLine { border: none; height: 1; padding: 0; background: transparent; color: $ink; }
    OneLine:focus { border: none; background: $raised; background-tint: $ink 0%; }
    """

    def __init__(self, value: str, acts: bool) -> None:
        """``acts``: whether Enter carries out something: see ``Action.acts``."""
        super().__init__(value, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.acts = acts

    def _on_paste(self, event: events.Paste) -> None:
        if len(event.text.strip("\r\n").splitlines()) > 1:
            event.prevent_default()


class Entry(Horizontal, Question):
    DEFAULT_CSS = """
    Entry { height: 1; width: 100%; }
    Entry > .caption { width: 18; }
    Entry > OneLine { width: 26; }
    Entry.-long > OneLine { width: 44; }
    Entry.-long.-noted > OneLine { width: 42; }
    Entry > .note { width: 1fr; }
    """

    def __init__(self, name: str, label: str, value: str = "", *, long: bool = False, acts: bool = False) -> None:
        super().__init__(name=name, classes="-long" if long else "")
        self.label = label
        self.long = long
        self.touched = False
        self._finding: Finding | None = None
        self._note = ""
        self._quiet = False
        self._input = OneLine(value, acts)
        self._kept = self._seen = value

    def compose(self) -> ComposeResult:
        yield Static(self._caption(False), classes="caption", markup=False)
        yield self._input
        yield Static(self._tail(), classes="note", markup=False)

    @property
    def value(self) -> str:  # type: ignore[override]
        return self._input.value

    @property
    def box(self) -> OneLine:
        return self._input

    def put(self, value: str) -> None:
        self._kept = self._seen = value
        if value != self._input.value:
            with self.prevent(Input.Changed):
                self._input.value = value

    def tell(self, finding: Finding | None, note: str = "") -> None:
        if (finding, note) != (self._finding, self._note):
            self._finding, self._note = finding, note
            self.set_class(finding is not None, "-noted")
            if self.is_mounted:
                self.query_one(".note", Static).update(self._tail(), layout=False)

    def _caption(self, here: bool) -> Content:
        style = "bold $accent" if here else ""
        return styled(("▸ " if here else "  ", style), (f"{padded(self.label, LABEL - 1)} ", style), ("[ ", "$muted"))

    def _tail(self) -> Content:
        finding = self._finding
        if finding is None:
            return styled((" ]", "$muted"), ("" if self.long or not self._note else f" {self._note}", "$muted"))
        sign = MARKS[finding.severity]
        words = "" if self.long else f" {cut(short_form(finding), 14)}"
        return styled((" ]", "$muted"), (f" {sign}" if not self.long else sign, STYLES[sign]), words)

    def on_descendant_focus(self) -> None:
        self.query_one(".caption", Static).update(self._caption(True), layout=False)

    def on_descendant_blur(self) -> None:
        self.query_one(".caption", Static).update(self._caption(False), layout=False)
        self._take()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._seen:
            # Textual tells of the value that a field was made with, too.
            return
        self._seen, self.touched = event.value, True
        self.post_message(self.Changed(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take(enter=True)

    def _take(self, *, enter: bool = False) -> None:
        if enter or self.value != self._kept:
            self._kept = self.value
            self.post_message(self.Taken(self, enter))

    def plain(self, width: int) -> tuple[str, ...]:
        return (f"  {padded(self.label, LABEL)}  {self.value}",)


class Radio(Lines, Question):
    """``Part  (●) Member  ( ) Coordinator``; Left and Right choose."""

    def __init__(self, name: str, label: str, options: Sequence[tuple[str, str]], value: str = "") -> None:
        """``options``: value and word of each."""
        super().__init__(name=name)
        self.label = label
        self.options = tuple(options)
        self.value = value
        self.touched = False
        self._finding: Finding | None = None

    def put(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self.renew()

    def tell(self, finding: Finding | None, note: str = "") -> None:
        if finding != self._finding:
            self._finding = finding
            self.renew()

    def rows(self, width: int) -> Sequence[Row]:
        return tuple(self._rows(width))

    def _rows(self, width: int) -> Iterator[Row]:
        here = self.has_focus
        style = "bold $accent" if here else ""
        parts: list[tuple[str, str]] = [("▸ " if here else "  ", style), (f"{padded(self.label, LABEL - 1)} ", style)]
        used = 2 + LABEL
        lines = []
        for value, word in self.options:
            on = value == self.value
            text = f"({'●' if on else ' '}) {word}"
            if used + len(text) > width and used > 2 + LABEL:
                lines.append(parts)
                parts, used = [(" " * (2 + LABEL), "")], 2 + LABEL
            parts += [(text, ("reverse bold" if here else "bold") if on else ""), ("  ", "")]
            used += len(text) + 2
        if self._finding is not None and self._finding.severity > Severity.INFO:
            sign = MARKS[self._finding.severity]
            parts.append((sign, STYLES[sign]))
        lines.append(parts)
        for line in lines:
            yield Row(styled(*line), 0, lit=False)

    def focus_changed(self) -> None:
        self.renew()

    def on_key(self, event: events.Key) -> None:
        step = {"left": -1, "right": 1}.get(event.key)
        if step is not None:
            event.stop()
            values = [value for value, _ in self.options]
            at = values.index(self.value) if self.value in values else (-1 if step > 0 else len(values))
            if 0 <= at + step < len(values):
                self._choose(values[at + step])
        elif event.key == "enter":
            event.stop()
            if not self.value and self.options:
                self._choose(self.options[0][0])
            self.post_message(self.Taken(self, True))

    def _choose(self, value: str) -> None:
        self.value, self.touched = value, True
        self.renew()
        self.post_message(self.Changed(self))
        self.post_message(self.Taken(self))

    def on_click(self, event: events.Click) -> None:
        return

    def plain(self, width: int) -> tuple[str, ...]:
        return tuple(row.content.plain.rstrip() for row in self.rows(width))


class Buttons(Lines):
    """``You say  <Not yet>  <Same: approve>``; Left and Right move, Enter does. The first is the one that is safe."""

    @dataclass
    class Pressed(Message):
        buttons: Buttons
        value: str

        @property
        def control(self) -> Buttons:
            return self.buttons

    def __init__(
        self, label: str, options: Sequence[tuple[str, str]], *, id: str | None = None, acts: bool = True
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self.options = tuple(options)
        self.at = 0
        self._acts = acts

    @property
    def acts(self) -> bool:
        return self._acts

    def rows(self, width: int) -> Sequence[Row]:
        here = self.has_focus
        style = "bold $accent" if here else ""
        parts: list[tuple[str, str]] = [("▸ " if here else "  ", style), (f"{padded(self.label, LABEL - 1)} ", style)]
        for index, (_, word) in enumerate(self.options):
            lit = here and index == self.at
            parts += [("  " if index else "", ""), (f"<{word}>", "reverse bold" if lit else "bold")]
        return (Row(styled(*parts), 0, lit=False),)

    def on_key(self, event: events.Key) -> None:
        step = {"left": -1, "right": 1}.get(event.key)
        if step is not None:
            event.stop()
            if 0 <= self.at + step < len(self.options):
                self.at += step
                self.renew()
        elif event.key == "enter":
            event.stop()
            self.post_message(self.Pressed(self, self.options[self.at][0]))

    def focus_changed(self) -> None:
        self.renew()
