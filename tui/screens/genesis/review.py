"""A genesis.json that somebody has, read out: nothing is known, nothing is kept, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.worker import Worker

from core.finding import Finding, Refusal, worst_first
from core.place import typed_place
from core.safe import safe

from ...action import Action
from ...page import Page
from ...theme import cut
from ...topic import Topic
from ...widgets.facts import Facts, fact_rows
from ...widgets.field import Entry, Question
from ...widgets.findings import Findings
from ...widgets.lines import Lines, Row

if TYPE_CHECKING:
    from core.genesis.model import Genesis
    from core.genesis.review import Review


class ReviewPage(Page):
    bare = True

    def __init__(self, file: str, profile_name: str) -> None:
        super().__init__()
        self._file = file
        self._profile = profile_name
        self._told: Review | None = None
        self._findings: tuple[Finding, ...] = ()
        self._moment: datetime | None = None
        self.genesis: Genesis | None = None
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            purpose = "A file that somebody has. It is only read; nothing is known of who made it."
            yield Facts((purpose, ""), id="purpose").add_class("purpose")
            yield Lines(self._validators, id="validators")
            yield Lines(self._plain, id="plain")
            yield Entry("against", "Compare with", "", long=True)
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Entry).display = False
        # After the first paint: what reads a genesis is imported only then.
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self._worker = self.run_worker(self._look, group="look", exclusive=True)

    @property
    def unsettled(self) -> bool:
        return self._worker is None or not self._worker.is_finished

    @property
    def _zone(self) -> tzinfo:
        return self.session.world.clock.zone()

    # Reading ---------------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        from core.genesis.checks import check, moment_of
        from core.genesis.reading import parse
        from core.genesis.review import review
        from core.home.model import GENESIS_LIMIT
        from core.keys.named import read_named
        from core.profiles import profile

        world, node = self.session.world, profile(self._profile)
        try:
            path = typed_place(self._file, self.session.environ)
            data = await read_named(world, path, "Name the genesis.json to look at.", GENESIS_LIMIT)
        except Refusal as refusal:
            self._told, self._findings = None, refusal.findings
        else:
            now = world.clock.now()
            self._findings = worst_first(check(data, node, now=now))
            genesis = self.genesis = parse(data, node).genesis
            self._told = review(genesis, node, now, self._zone, data=data) if genesis else None
            self._moment = moment_of(genesis.genesis_time) if genesis else None
        self._draw()

    def _draw(self) -> None:
        self.query_one(Entry).display = self._told is not None
        for name in ("#validators", "#plain"):
            self.query_one(name, Lines).renew()
        self.query_one(Findings).put(self._findings, f"Nothing to fix: a node of {self._profile} would start with it.")
        self.told()

    def _validators(self, width: int) -> Sequence[Row]:
        if self._told is None:
            return ()
        from ...widgets.agreement import validator_table
        from ...widgets.power import power_bar, sentence_rows

        table = tuple(fact_rows((validator_table(self._told, {}, ""), ""), width))
        drawn = (Row(line) for line in power_bar(self._told.balance, width))
        return (*table, *drawn, *sentence_rows((*self._told.balance.sentences, *self._told.balance.together), width))

    def _plain(self, width: int) -> Sequence[Row]:
        if self._told is None:
            return ()
        from ...widgets.agreement import hashes, plain_words

        items = (*plain_words(self._told, self._moment, self._zone), "", *hashes(self._told), "")
        return tuple(fact_rows(items, width))

    @on(Question.Changed)
    def _typed(self, event: Question.Changed) -> None:
        event.stop()
        self.told()

    @on(Question.Taken)
    async def _taken(self, event: Question.Taken) -> None:
        event.stop()
        if event.enter:
            await self._compare()

    async def _compare(self) -> None:
        from core.profiles import profile

        from .comparing import compared_with

        typed = self.query_one(Entry).value
        if self._told is not None and self.genesis is not None and typed.strip():
            page = await compared_with(self.session, typed, self.genesis, profile(self._profile), safe(self._file, 60))
            page.bare = self.bare
            await self.frame.open(page)

    # What the frame shows --------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return "Review of a genesis.json"

    def who(self) -> str | None:
        return cut(safe(self._file, 200), 40)

    def keys(self) -> str:
        return "PageUp/PageDown scroll   Tab move   ^R read again   ^T as text   F1 explain   ^Q leave"

    def action(self) -> Action:
        if self._told is None and not self._findings:
            return Action("BUSY", "Reading", "", do=self._to_findings)
        if self._told is None:
            return Action("FIX", "It can not be read out. ^N goes to the finding.", do=self._to_findings)
        if self.query_one(Entry).value.strip():
            return Action("NEXT", "See what differs from the other file", do=self._compare)
        return Action("NEXT", "Name another file to compare with, or leave with ^Q", do=self._to_other)

    async def _to_findings(self) -> None:
        self.query_one(Findings).focus()

    async def _to_other(self) -> None:
        self.screen.set_focus(self.query_one(Entry).box)

    async def again(self) -> None:
        self._start()

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            "What this genesis.json means to the node: who has power, who can stop the chain, when it starts.",
            "Two files mean the same where the SHA-256 is the same. Compare it with the others over another channel.",
        )
        return Topic("Review", self.heading(), so, back="the review")

    def commands(self) -> Iterable[str]:
        import shlex

        name = shlex.quote(self._file)
        yield f"quorate genesis review --profile {self._profile} {name}"
        yield f"quorate genesis diff --profile {self._profile} {name} OTHER"
