"""Eight words in two columns: one person reads 1 to 4, the others 5 to 8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from ...action import Action
from ...page import Page
from ...theme import styled
from ...topic import Topic
from ...widgets.facts import Facts, Item


def word_items(words: Sequence[str], hidden: int | None = None) -> Iterator[Item]:
    """Rows for ``show`` of any page; the word at the place ``hidden`` (from 0) is not shown."""
    words = ["······" if place == hidden else word for place, word in enumerate(words)]
    yield styled(("        one reads                the others read", "$muted"))
    for at in range(4):
        left, right = words[at], words[at + 4]
        yield styled(f"        {at + 1}  ", (f"{left:<21}", "bold"), f" {at + 5}  ", (right, "bold"))


class WordsPage(Page):
    def __init__(self, words: Sequence[str], what: str) -> None:
        """``what``: whose words they are, such as ``the record, version 1``."""
        super().__init__()
        self._words = tuple(words)
        self._what = what

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.pages[0].step_id
        with Vertical(classes="scroll"):
            yield Facts(
                (
                    "On a call: the same words for all mean the same thing.",
                    "",
                    f"These are the words of {self._what}.",
                    "",
                    *word_items(self._words),
                    "",
                    "All eight count: who compares four can be cheated in days.",
                    "One word differs? Stop: somebody holds something else than you.",
                )
            )

    def heading(self) -> str:
        return "8 words"

    def action(self) -> Action:
        return Action("READ", "Esc goes back", "Esc")

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "The words are made of the hash of a document by a slow function: nobody can make another document "
                "with the same words. Eight equal words mean the same bytes."
            ),
        )
        return Topic("8 words", "8 words", so, back="the words")
