"""The frame around the body: title, rail with the pulse, the action line, the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..action import Action
from ..session import TITLES, StepMark
from ..theme import STYLES, TAGS, cut, fit, padded, styled
from .lines import Lines, Row

MARKS: dict[StepMark, str] = {"done": "✓", "begun": "●", "stale": "↻", "blocked": "✗", "open": "·"}


@dataclass(frozen=True, slots=True)
class View:
    """What the edges show."""

    heading: str = ""
    who: str = ""
    step: str = ""
    bare: bool = True
    marks: tuple[tuple[str, StepMark], ...] = ()
    """Step id and its mark, in order."""
    pulse: tuple[str, ...] = ()
    action: Action | None = None
    keys: str = ""


class Edge(Lines):
    """A part of the frame; drawn from one View."""

    DEFAULT_CSS = "Edge { height: 1; width: 100%; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.view = View()

    def put(self, view: View) -> None:
        if self.rows_of(view) != self.rows_of(self.view):
            self.view = view
            self.renew()
        self.view = view

    def rows_of(self, view: View) -> object:
        """What of the view it draws."""
        return view


class Title(Edge):
    """Line 1 and the rule below it; where there is no room for the rail, the steps' marks stand in the rule."""

    DEFAULT_CSS = "Title { height: 2; color: $ink; }"

    def rows_of(self, view: View) -> object:
        return (view.heading, view.who, view.bare, view.step, view.marks)

    def rows(self, width: int) -> Sequence[Row]:
        return (Row(self._first(width)), Row(self._second(width)))

    def _first(self, width: int) -> Content:
        room = width - 12
        heading = cut(self.view.heading, room)
        who = cut(self.view.who, max(0, room - cell_len(heading) - 3))
        gap = " " * max(1, room - cell_len(heading) - cell_len(who))
        return styled((" quorate   ", "bold $accent"), (heading, "bold"), gap, (who, "$muted"))

    def _second(self, width: int) -> Content:
        if self.view.bare:
            return styled(("─" * width, "$line"))
        if width < 72:
            marks = [(MARKS[mark], _rail_style(mark)) for _, mark in self.view.marks]
            return styled(" ", *marks, (" " + "─" * (width - 2 - len(marks)), "$line"))
        rail = 17 if width >= 140 else 14
        return styled(("─" * rail + "┬" + "─" * (width - rail - 1), "$line"))


def _rail_style(mark: StepMark) -> str:
    return STYLES[MARKS[mark]]


class Rail(Edge):
    """The steps with their marks; at the bottom the pulse of the network."""

    DEFAULT_CSS = "Rail { width: 15; height: 100%; }"

    def rows_of(self, view: View) -> object:
        return (view.step, view.marks, view.pulse)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, container.height)

    def rows(self, width: int) -> Sequence[Row]:
        room = width - 1
        marks = dict(self.view.marks)
        steps = [self._step(step, number, marks.get(step, "open")) for number, step in enumerate(TITLES, 1)]
        pulse = [Content(padded(" " + line, room)) for line in self.view.pulse]
        height = self.size.height
        gap = [Content("")] * max(0, height - len(steps) - len(pulse))
        lines = [*steps, *gap, *pulse][:height]
        return tuple(
            Row(styled(fit(line, room).pad_right(max(0, room - line.cell_length)), ("│", "$line"))) for line in lines
        )

    def _step(self, step: str, number: int, mark: StepMark) -> Content:
        here = step == self.view.step
        style = "bold $accent" if here else "$muted" if mark == "open" else ""
        return styled(
            ("›" if here else " ", "bold $accent"),
            (MARKS[mark], _rail_style(mark)),
            (f" {number:>2} {TITLES[step]}", style),
        )


class ActionLine(Edge):
    """Line 23: tag, sentence, key. The last thing that can have the focus; Enter does it."""

    DEFAULT_CSS = "ActionLine { background: $raised; }"

    class Done(Message):
        """Enter was pressed on it."""

    @property
    def acts(self) -> bool:
        return self.view.action is not None and self.view.action.acts

    def rows_of(self, view: View) -> object:
        return view.action

    def rows(self, width: int) -> Sequence[Row]:
        action = self.view.action or Action("NEXT", "", "")
        tag = styled((f" {action.tag:<4} ", f"reverse bold {TAGS[action.tag]}"))
        tail = f"{action.key} " if action.key else ""
        mark = "▸" if self.has_focus else " "
        lead = styled(mark, action.bar, "  ") if action.bar is not None else Content(mark)
        room = width - 6 - lead.cell_length - len(tail) - 1
        sentence = padded(action.sentence, max(0, room))
        rest = styled(lead, (sentence, "bold"), " ", (tail, "$muted"))
        if self.has_focus:
            rest = Content(rest.plain).stylize(self.app.focus_style)  # type: ignore[attr-defined]
        return (Row(styled(tag, rest), 0, lit=False),)

    def focus_changed(self) -> None:
        self.renew()

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            self.post_message(self.Done())

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Done())


class KeyLine(Edge):
    """Line 24; what is least needed goes first where there is no room."""

    def rows_of(self, view: View) -> object:
        return view.keys

    def rows(self, width: int) -> Sequence[Row]:
        words = self.view.keys.split("   ")
        while len(words) > 1 and cell_len("   ".join(words)) + 1 > width:
            words.remove("^O steps") if "^O steps" in words else words.pop(1 if words[0].startswith("PageDown") else 0)
        parts: list[tuple[str, str]] = [(" ", "")]
        for number, word in enumerate(words):
            key, _, does = word.partition(" ")
            parts += [("   " if number else "", ""), (key, "bold"), (f" {does}", "$muted")]
        return (Row(styled(*parts)),)


class Aside(Widget):
    """From 120 columns: the explanation of what has the focus, always open. The body keeps the 64 that it has at 80."""

    DEFAULT_CSS = "Aside { width: 48; height: 100%; display: none; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.lines: tuple[Content, ...] = ()

    def put(self, lines: tuple[Content, ...]) -> None:
        if lines != self.lines:
            self.lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        from textual.visual import Visual

        inner = self.lines[y] if y < len(self.lines) else Content("")
        content = styled(("│ ", "$line"), fit(inner, self.size.width - 3))
        return Visual.to_strips(self, content, self.size.width, 1, self.visual_style, pad=True)[0]
