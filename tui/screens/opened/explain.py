"""F1: what is so, why it matters, how to fix it, and the words in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from core.explain.glossary import words_in
from core.safe import safe

from ...action import Action
from ...page import Page
from ...theme import styled, wrap
from ...topic import Topic, of_name
from ...widgets.facts import Fact, Facts, Heading, Item, Prose
from ...widgets.lines import Choice, Lines, menu_rows

_NAME = re.compile(r"[a-z0-9]+([-_.][a-z0-9_]+)*")
"""What ``quorate explain`` takes: a code, a setting."""


class ExplainPage(Page):
    def __init__(self, topic: Topic, step_id: str = "") -> None:
        super().__init__()
        self._topic = topic
        self.step_id = step_id

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts(tuple(items(self._topic)))
            if self._topic.see:
                yield Facts(("", Heading("See also")))
                yield Lines(menu_rows([Choice(safe(name, 50)) for name in self._topic.see]), id="see")
            yield Facts(tuple(_words(self._topic)))

    def heading(self) -> str:
        return safe(self._topic.title, 60)

    def action(self) -> Action:
        return Action("READ", f"Esc goes back to {self._topic.back}" if self._topic.back else "Esc goes back", "Esc")

    def keys(self) -> str:
        return "Up/Down see also   Enter open   ^T as text   Esc back" if self._topic.see else super().keys()

    def topic(self, focused: Widget | None) -> Topic | None:
        return self._topic

    @on(Lines.Chosen, "#see")
    async def _see(self, event: Lines.Chosen) -> None:
        topic = of_name(self._topic.see[event.item], self._topic.place)
        if topic is not None:
            await self.frame.open(ExplainPage(topic, self.step_id))

    def commands(self) -> Iterable[str]:
        if _NAME.fullmatch(self._topic.title):
            yield f"quorate explain {self._topic.title}"


def items(topic: Topic) -> Iterator[Item]:
    yield from (topic.place, "", Heading("What is so"))
    yield from map(Prose, topic.so)
    if topic.why:
        yield from ("", Heading("Why it matters"))
        yield from map(Prose, topic.why)
    if topic.fix:
        yield from ("", Heading("How to fix it"))
        yield from map(Prose, topic.fix)
    if topic.source:
        yield from ("", Fact("Known from", topic.source))


def _words(topic: Topic) -> Iterator[Item]:
    words = words_in(" ".join((*topic.so, *topic.why, *topic.fix)))
    if words:
        yield from ("", Heading("Words"))
        yield from (Fact(word, meaning) for word, meaning in words)


def _paragraphs(texts: tuple[str, ...], width: int) -> Iterator[str]:
    for text in texts:
        yield from wrap(safe(text), width)


def aside(topic: Topic | None, width: int) -> tuple[Content, ...]:
    """The same beside the form, where the screen is wide."""
    if topic is None:
        return ()
    lines: list[Content] = []
    for title, texts in (("What is so", topic.so), ("Why it matters", topic.why), ("How to fix it", topic.fix)):
        if texts:
            lines += [styled((title, "bold")), *(Content(line) for line in _paragraphs(texts, width)), Content("")]
    if topic.see:
        lines += [styled((line, "$muted")) for line in wrap(f"See also {', '.join(topic.see)}", width)] + [Content("")]
    for word, meaning in words_in(" ".join((*topic.so, *topic.why, *topic.fix))):
        lines += [styled((word, "bold")), *(styled((line, "$muted")) for line in wrap(meaning, width))]
    return tuple(lines)
