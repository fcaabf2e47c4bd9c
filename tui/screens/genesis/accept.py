"""What is signed with an acceptance, in full; a typed word, so that no stray Enter can ever sign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.documents.words import eight_words
from core.finding import Finding, Severity, worst_first
from core.genesis.facts import GenesisFacts
from core.network.heard import check_heard, heard
from core.run import Preview, planned
from core.safe import safe

from ...action import Action
from ...page import Page
from ...theme import cut, styled
from ...topic import Topic, of_field
from ...widgets.agreement import hash_facts
from ...widgets.facts import Fact, Facts, Item, Note
from ...widgets.field import Entry, Question
from ...widgets.findings import Findings
from ..step.preview import PreviewPage

if TYPE_CHECKING:
    from ..step.page import StepPage

_SAID = ("genesis-words-not-compared", "words-not-compared")


class AcceptPage(Page):
    def __init__(self, owner: StepPage, shown: Preview, *, came_back: bool = False) -> None:
        """``came_back``: the program ended while this page was open, and what was typed is gone."""
        super().__init__()
        self._came_back = came_back
        self.owner = owner
        self.shown = shown
        self.step_id = owner.step_id
        record = shown.inspection.facts.record
        self.word = eight_words(bytes.fromhex(record.id), "record")[7]

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            said = 'You sign: "I hold exactly this record and this genesis."'
            yield Facts((said, ""), id="purpose").add_class("purpose")
            yield Facts(tuple(self._what()))
            yield Entry("word", "Type word 8")
            yield Facts(("", *self._why()))
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self._show()

    def _what(self) -> Iterator[Item]:
        facts: GenesisFacts = self.shown.inspection.facts
        record = facts.record
        assert record is not None
        yield from hash_facts("Record", record.id)
        yield from hash_facts("Genesis", record.genesis_sha256)
        own = facts.own
        member = record.member(own.node_id) if own else None
        if own is not None and member is not None:
            yield Fact("Signed with", f"the node key of {safe(member.moniker, 30)} ({own.node_id[:8]}..)")
        yield ""
        words = eight_words(bytes.fromhex(record.id), "record")
        for row in (0, 4):
            yield styled("   ", *((f"  {at + 1}  {words[at]:<9}", "bold") for at in range(row, row + 4)))
        yield ""

    def _why(self) -> Iterator[Item]:
        yield Note("You type it so that no stray Enter can ever sign for you.")
        if self._came_back:
            yield Note("Nothing is signed yet. What was typed of the word is not kept: read the words anew.")

    # Typing ----------------------------------------------------------------------------------------------------------

    @property
    def typed(self) -> str:
        return self.query_one(Entry).value.strip()

    @on(Question.Changed)
    def _changed(self, event: Question.Changed) -> None:
        event.stop()
        answers = {**self.shown.answers, "word": self.typed}
        self.shown = planned(self.shown, answers, self.session.world)
        self._show()

    @on(Question.Taken)
    async def _taken(self, event: Question.Taken) -> None:
        event.stop()
        if event.enter:
            await self.next()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """About the word, and with whom it was compared; the rest stands on the page before."""
        facts: GenesisFacts = self.shown.inspection.facts
        assert facts.record is not None
        told = heard(facts.current.exchange.local, facts.record)
        mine = facts.own.node_id if facts.own else None
        own = (one for one in self.shown.plan.findings if one.code not in _SAID and self._counts(one))
        return worst_first((*own, *check_heard(facts.record, told, mine)))

    @property
    def _half(self) -> bool:
        """The beginning of the word: it is being typed."""
        typed = self.typed.lower()
        return typed != self.word and self.word.startswith(typed)

    def _counts(self, one: Finding) -> bool:
        if one.subject == "word" and self._half:
            return False
        return one.subject == "word" or one.severity is Severity.ERROR

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)

    def _show(self) -> None:
        found = self.findings
        about = next((one for one in found if one.subject == "word" and one.severity is Severity.ERROR), None)
        self.query_one(Entry).tell(about)
        self.query_one(Findings).put(found)
        self.told()

    # What the frame shows --------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Tab move   ^N next   Esc back to the review   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one(Entry).box

    def action(self) -> Action:
        if not self.query(Entry) or self._half:
            return Action("FIX", "Not signed yet: type word 8 first", do=self._to_word)
        if self.wrong:
            fix = self._to_word if any(one.subject == "word" for one in self.wrong) else self._to_findings
            so = cut(self.wrong[0].message, self.app.size.width - 34)
            return Action("FIX", f"Not signed: {so}", do=fix)
        return Action("NEXT", "See what is signed and written", do=self._to_preview)

    async def _to_word(self) -> None:
        self.screen.set_focus(self.query_one(Entry).box)

    async def _to_preview(self) -> None:
        await self.frame.swap(PreviewPage(self.owner, self.shown))

    async def _to_findings(self) -> None:
        self.query_one(Findings).focus()

    def topic(self, focused: Widget | None) -> Topic:
        return of_field(self.owner.declared("word"), self.heading(), ())

    def commands(self) -> Iterable[str]:
        yield f"quorate{self.session.state_words()} apply genesis --set word=WORD8"
