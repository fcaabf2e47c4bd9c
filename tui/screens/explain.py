"""F1: what is so, why it matters, how to fix it, and the words in it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from core.safe import safe

from ..glossary import words_in
from ..look import styled, wrap
from ..page import Action, Page
from ..topic import Topic
from ..widgets.facts import Fact, Facts, Heading, Item, Prose


class ExplainPage(Page):
    def __init__(self, topic: Topic, step_id: str = "") -> None:
        super().__init__()
        self._topic = topic
        self.step_id = step_id

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts(tuple(items(self._topic)))

    def heading(self) -> str:
        return safe(self._topic.title, 60)

    def action(self) -> Action:
        return Action("READ", f"Esc goes back to {self._topic.back}" if self._topic.back else "Esc goes back", "Esc")

    def topic(self, focused: Widget | None) -> Topic | None:
        return self._topic


def items(topic: Topic) -> Iterator[Item]:
    yield from (topic.place, "", Heading("What is so"))
    yield from map(Prose, topic.so)
    if topic.why:
        yield from ("", Heading("Why it matters"))
        yield from map(Prose, topic.why)
    if topic.fix:
        yield from ("", Heading("How to fix it"))
        yield from map(Prose, topic.fix)
    if topic.see:
        yield from ("", Fact("See also", ", ".join(topic.see)))
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
    for word, meaning in words_in(" ".join((*topic.so, *topic.why, *topic.fix))):
        lines += [styled((word, "bold")), *(styled((line, "$muted")) for line in wrap(meaning, width))]
    return tuple(lines)
