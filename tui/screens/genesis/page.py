"""The step genesis: what was agreed, read out; then accept and install it, and see who else has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget

from core.agreement.board import board
from core.documents.ed25519 import to_base64
from core.finding import Finding, Refusal
from core.genesis.checks import moment_of
from core.genesis.facts import GenesisFacts
from core.genesis.model import Genesis
from core.genesis.reading import parse
from core.genesis.review import Review, review
from core.network.share import as_text, own_words
from core.profiles import DEFAULT, profile
from core.safe import safe

from ...action import Action
from ...theme import rule
from ...widgets.agreement import hashes, plain_words, validator_table
from ...widgets.facts import Fact, Item, Note, fact_rows
from ...widgets.field import Entry, Question
from ...widgets.lines import Choice, Lines, Row, menu_rows
from ...widgets.power import power_bar, sentence_rows
from ..opened.send import Parcel, SendPage
from ..step.page import StepPage
from .comparing import compared_with


class GenesisPage(StepPage):
    step_id = "genesis"
    long: ClassVar[frozenset[str]] = frozenset({"file"})
    reads: ClassVar[frozenset[str]] = frozenset({"file"})

    def __init__(self, step_id: str = "", field: str = "") -> None:
        super().__init__(step_id, field)
        self._was_accepting = field == "word"
        self._told: Review | None = None

    def form(self) -> Iterable[Widget]:
        yield Lines(self._validators, id="validators")
        yield self.radio("aside", (("", "leave it"), ("yes", "set aside, nothing deleted")), "Its data")
        yield Lines(self._plain, id="plain")
        yield Lines(self._ways, id="ways")
        yield Entry("against", "Compare with", "", long=True)
        yield self.entry("file", "Foreign file")

    def asked(self, facts: GenesisFacts | None, answers: Mapping[str, str]) -> Iterator[str]:
        if answers.get("aside") or any(finding.subject == "aside" for finding in self.findings):
            yield "aside"
        if facts is not None and (answers.get("file") or facts.record is None):
            yield "file"

    def _said(self) -> dict[str, str]:
        # A word that was typed counts for the moment in which it is: another record has other words.
        return {**super()._said(), "word": ""}

    def keep(self, answers: Mapping[str, str]) -> None:
        super().keep({name: value for name, value in answers.items() if name != "against"})

    def purpose(self) -> str:
        facts: GenesisFacts | None = self.facts
        if facts is None or self._genesis is None:
            return self.step.purpose
        if facts.record is None:
            return "A file that somebody gave you. Nothing of it is signed."
        return "Computed here from the record. Nobody sent you this file."

    @property
    def findings(self) -> tuple[Finding, ...]:
        # That the words are still to be compared is what the next page is about.
        return tuple(one for one in super().findings if one.code != "genesis-words-not-compared")

    # What is reviewed ------------------------------------------------------------------------------------------------

    @property
    def _profile(self) -> str:
        facts: GenesisFacts = self.facts
        if facts.record is not None:
            return facts.record.profile
        return facts.home.profile.name if facts.home else DEFAULT

    @property
    def _genesis(self) -> Genesis | None:
        facts: GenesisFacts | None = self.facts
        if facts is None:
            return None
        try:
            wanted = facts.wanted()
        except Refusal:
            return None
        return parse(wanted, profile(self._profile)).genesis if wanted is not None else None

    def looked(self) -> None:
        facts: GenesisFacts = self.facts
        genesis = self._genesis
        self._told = None
        if genesis is not None:
            self._told = review(genesis, profile(self._profile), facts.now, facts.zone, data=facts.wanted())
        for name in ("#validators", "#plain", "#ways"):
            self.query_one(name, Lines).renew()

    def _settle(self) -> None:
        super()._settle()
        if self._was_accepting and self.is_mounted and self.frame.page is self:
            self._was_accepting = False
            if self._signs:
                self.call_later(self._accept, came_back=True)

    async def _accept(self, *, came_back: bool = False) -> None:
        from .accept import AcceptPage

        if self.shown is not None and self.frame.page is self:
            await self.frame.open(AcceptPage(self, self.shown, came_back=came_back))

    def _draw(self) -> None:
        super()._draw()
        if self.is_mounted:
            against = self.question_named("against")
            if against is not None:
                against.display = self._told is not None
            self.query_one("#ways", Lines).renew()

    def question_named(self, name: str) -> Entry | None:
        return next((one for one in self.query(Entry) if one.name == name), None)

    @property
    def _own_key(self) -> str:
        facts: GenesisFacts = self.facts
        return to_base64(facts.own.validator_key) if facts.own and facts.own.validator_key else ""

    def _hosts(self) -> dict[str, str]:
        facts: GenesisFacts = self.facts
        members = facts.record.members if facts.record else ()
        return {to_base64(one.validator_key): _host(one.p2p) for one in members}

    def _validators(self, width: int) -> Sequence[Row]:
        if self._told is None:
            return ()
        items: list[Item] = [validator_table(self._told, self._hosts(), self._own_key), ""]
        rows = [*fact_rows(items, width), *(Row(line) for line in power_bar(self._told.balance, width))]
        return (*rows, *sentence_rows((*self._told.balance.sentences, *self._told.balance.together), width))

    def _plain(self, width: int) -> Sequence[Row]:
        if self._told is None:
            return ()
        facts: GenesisFacts = self.facts
        items: list[Item] = list(plain_words(self._told, moment_of(self._told.utc), facts.zone))
        items += ["", *hashes(self._told, "✓" if facts.record is not None else "")]
        items += list(self._start_with(facts))
        return tuple(fact_rows(items, width))

    def _start_with(self, facts: GenesisFacts) -> Iterator[Item]:
        for line in self.shown.plan.restarts if self.shown else ():
            yield Note(f"Then: {line}")

    # What can be done ------------------------------------------------------------------------------------------------

    def _choices(self) -> tuple[Choice, ...]:
        facts: GenesisFacts | None = self.facts
        if facts is None or facts.record is None:
            return ()
        choices = [Choice("Board", self._count(), "board")]
        if facts.current.before(facts.record) is not None:
            choices.append(Choice("Changes", f"what differs from version {facts.record.version - 1}", "changes"))
        choices.append(Choice("Words", "the 8 words, and who has heard the same", "words"))
        if facts.accepted:
            choices.append(Choice("Send", "your acceptance, to the coordinator", "send"))
        return tuple(choices)

    def _count(self) -> str:
        seen = board(self.facts.current)
        return f"who has accepted: {seen.tally.sentence}" if seen else ""

    def _ways(self, width: int) -> Sequence[Row]:
        choices = self._choices()
        if not choices:
            return ()
        return (Row(Content("")), Row(rule("What you can do", "", width)), *menu_rows(choices))

    @on(Lines.Chosen, "#ways")
    async def _way(self, event: Lines.Chosen) -> None:
        event.stop()
        await self.chosen(self._choices()[event.item].value)

    def after(self) -> Iterable[Choice]:
        return (
            Choice("Send", "your acceptance, to the coordinator", "send"),
            Choice("Board", "who has accepted, by name", "board"),
        )

    async def chosen(self, value: object) -> None:
        await self._fresh()
        if value == "send":
            await self._send()
        elif value == "board":
            await self._board()
        elif value == "changes":
            await self._changes()
        else:
            await self._words()

    async def _fresh(self) -> None:
        """From the receipt on the facts here are those before it."""
        from core.run import preview

        self.shown = await preview(self.step, self.world, self._said())

    async def _board(self) -> None:
        from .board import BoardPage

        await self.frame.open(BoardPage(self))

    async def _words(self) -> None:
        from ..opened.hearing import HearingPage

        facts: GenesisFacts = self.facts
        if facts.record is not None:
            await self.frame.open(HearingPage(facts.record, facts.own.node_id if facts.own else ""))

    async def _changes(self) -> None:
        from ..opened.difference import of_records

        facts: GenesisFacts = self.facts
        found = facts.current.exchange.succession.lineage
        if facts.record is not None and len(found) > 1:
            mine = facts.record.member(facts.own.node_id) if facts.own else None
            names = (f"version {found[-2].version}", f"version {found[-1].version}")
            await self.frame.open(of_records(found[-2], found[-1], mine.moniker if mine else "", names))

    async def _send(self) -> None:
        if self.facts is not None and own_words(self.facts.current):
            await self.frame.open(SendPage(self.parcel(), self._after_sending))

    def parcel(self) -> Parcel:
        """The acceptance, as it goes back to the coordinator."""
        facts: GenesisFacts = self.facts
        record = facts.record
        assert record is not None
        words = self.session.state_words()
        mine = facts.current.exchange.own or ""
        member = record.member(mine)
        name = safe(member.moniker, 20) if member else "my"
        return Parcel(
            title="Send your acceptance",
            purpose=f"Your acceptance of record version {record.version}, for the coordinator.",
            text=as_text(own_words(facts.current)),
            file_name=f"{_plain_name(name)}-v{record.version}.acceptance",
            command=f"quorate{words} network share --out FILE",
            about=(
                Fact("Says", "I hold exactly this record and this genesis"),
                Fact("Record", record.id[:16] + ".."),
                Fact("Genesis", record.genesis_sha256[:16] + ".."),
            ),
            then="See the board: who has accepted",
        )

    async def _after_sending(self) -> None:
        from .board import BoardPage

        await self.frame.swap(BoardPage(self))

    @on(Question.Taken)
    async def _compare(self, event: Question.Taken) -> None:
        question = event.question
        if not isinstance(question, Entry) or question.name != "against":
            return
        event.stop()
        event.prevent_default()
        genesis = self._genesis
        if event.enter and question.value.strip() and genesis is not None:
            page = await compared_with(self.session, question.value, genesis, profile(self._profile), "what was agreed")
            await self.frame.open(page)

    # Line 23 ---------------------------------------------------------------------------------------------------------

    @property
    def _words_differ(self) -> bool:
        """Somebody else holds another record."""
        return any(one.way is not None and one.way.words == ("network", "words") for one in self.wrong)

    @property
    def _signs(self) -> bool:
        """Whether the plan signs an acceptance."""
        from core.changes import Sign

        return self.shown is not None and any(isinstance(one, Sign) for one in self.shown.plan.changes)

    def own_action(self) -> Action | None:
        if self._words_differ:
            return Action("FIX", "Somebody heard other words. ^N shows the words, and who.", do=self._words)
        if self.wrong or self.shown is None:
            return None
        if self._signs:
            return Action("NEXT", "Accept: sign that you hold exactly this", do=self._accept)
        if self.shown.plan.changes or self.facts.record is None:
            return None
        return Action("NEXT", f"See the board: {self._short_count()} have accepted", do=self._board)

    def _short_count(self) -> str:
        seen = board(self.facts.current)
        return f"{seen.accepted} of {seen.tally.needed}" if seen else "none"

    def going_on(self) -> Action:
        """Also what the receipt says."""
        if len(self.frame.pages) > 1:
            coordinates = self.facts is not None and self.facts.current.exchange.local.role == "coordinator"
            return Action("NEXT", f"Send your acceptance to {'the members' if coordinates else 'the coordinator'}")
        return super().going_on()

    async def onwards(self) -> None:
        """From the receipt first to what is to be sent."""
        if len(self.frame.pages) < 2:
            await super().onwards()
            return
        await self._fresh()
        self.desk.look_around()
        if own_words(self.facts.current):
            await self.frame.swap(SendPage(self.parcel(), self._after_sending))
        else:
            await super().onwards()

    def arrival(self) -> Widget | None:
        wrong = [finding.subject for finding in self.wrong]
        aside = self.question("aside")
        return aside if aside is not None and "aside" in wrong and isinstance(aside, Lines) else None

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        yield from super().commands()
        yield f"quorate{words} genesis show"
        yield f"quorate{words} genesis diff record FILE"


def _host(p2p: Sequence[str]) -> str:
    """``node.alice.example`` of ``id@node.alice.example:26656``."""
    return p2p[0].rpartition("@")[2].rpartition(":")[0] if p2p else ""


def _plain_name(name: str) -> str:
    return "".join(char if char.isalnum() and char.isascii() else "-" for char in name).strip("-") or "my"
