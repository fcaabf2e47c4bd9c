"""The 8 words of the record, read out on a call; and of each member whether they heard the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.worker import Worker

from core.agreement.record import NetworkRecord
from core.agreement.roster import RosterMember
from core.documents.words import draw, eight_words
from core.finding import Finding, Refusal
from core.local import Local, refuse_changed
from core.network.heard import Heard, Word, check_heard, heard, note_heard, other_word
from core.safe import safe

from ...action import Action
from ...page import Page
from ...session import TITLES
from ...theme import STYLES, padded, rule, styled
from ...topic import Topic, of_finding
from ...widgets.facts import Fact, Facts, Heading, Item
from ...widgets.field import Buttons, Entry, Question
from ...widgets.findings import Findings
from ...widgets.lines import Choice, Lines, Row, menu_rows
from ...widgets.window import Window
from .words import word_items

_SIGNS = {"same": "✓", "differs": "✗", "": "□"}


class HearingPage(Page):
    def __init__(self, record: NetworkRecord, own: str) -> None:
        """``own``: this operator's node id; empty where they have no node."""
        super().__init__()
        self.record = record
        self.own = own
        others = (one for one in record.members if one.node_id != own)
        self.others = tuple(sorted(others, key=lambda one: one.moniker.casefold()))
        self.words = eight_words(bytes.fromhex(record.id), "record")
        self.place: int = 0
        """Of the hidden word, counted from 0."""
        self._refused: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.base.step_id
        self.place = draw(reads_first=self._reads_first)
        title = "On a call: the same words for all mean the same network."
        with Vertical(classes="scroll"):
            yield Facts((title, ""), id="purpose").add_class("purpose")
            yield Facts((*self._words(), ""), id="words")
            yield Window(self._head, self._members, self._most, id="members")
            yield Facts(("", "All eight count. The others read you the hidden one."), id="hint")
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self._show()

    @property
    def _reads_first(self) -> bool:
        return self.session.local.role == "coordinator"

    def _words(self) -> Iterator[Item]:
        yield from word_items(self.words, self.place if self.open else None)

    def draw_again(self) -> None:
        """A word that was typed, or that the other side has hidden too, tells nothing about the next comparison."""
        self.place = draw(reads_first=self._reads_first, before=self.place)

    # What is known ---------------------------------------------------------------------------------------------------

    @property
    def notes(self) -> dict[str, Heard]:
        return heard(self.session.local, self.record)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(one for one in check_heard(self.record, self.notes, self.own) if one.code == "words-differ")

    @property
    def open(self) -> tuple[RosterMember, ...]:
        told = self.notes
        return tuple(one for one in self.others if one.node_id not in told)

    def _show(self) -> None:
        self.query_one("#members", Window).renew()
        self.query_one("#words", Facts).put((*self._words(), ""))
        self.query_one(Findings).put((*self._refused, *self.findings))
        self.told()

    def _most(self) -> int:
        return max(3, self.app.size.height - 17)

    def _head(self, width: int) -> Sequence[Row]:
        same = sum(one.word == "same" for one in self.notes.values())
        return (Row(rule("Heard the same words", f"{same} of {len(self.others)}", width)),)

    def _members(self, width: int) -> Sequence[Row]:
        told, zone = self.notes, self.session.world.clock.zone()
        return tuple(self._row(item, one, told.get(one.node_id), zone) for item, one in enumerate(self.others))

    def _row(self, item: int, member: RosterMember, word: Heard | None, zone: tzinfo) -> Row:
        sign = _SIGNS[word.word if word else ""]
        said = _said(word, zone)
        return Row(
            styled("   ", (sign, STYLES[sign]), f"   {padded(safe(member.moniker, 20), 16)} ", said, "   ")
            + styled((member.node_id[:8], "$muted")),
            item,
        )

    # What is done ----------------------------------------------------------------------------------------------------

    @on(Lines.Chosen, "#members")
    async def _chosen(self, event: Lines.Chosen) -> None:
        event.stop()
        await self.frame.open(MemberPage(self, self.others[event.item]))

    def note(self, member: RosterMember, shown: Heard | None, word: Word | None) -> bool:
        """Keep what this member heard, unless something else than what was ``shown`` is noted; whether it was kept."""
        state, now = self.session.state, self.session.world.clock.now()
        assert state is not None

        def unless_noted(local: Local) -> Local:
            refuse_changed(safe(member.moniker, 200), shown, heard(local, self.record).get(member.node_id))
            return note_heard(local, self.record, member.node_id, word, now)

        self._refused = ()
        try:
            state.change(unless_noted)
        except Refusal as refusal:
            self._refused = refusal.findings
        return not self._refused

    def returned(self) -> None:
        self._show()

    # What the frame shows --------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        if isinstance(self.screen.focused, Findings):
            return "Up/Down finding   Enter or F1 explain   ^N next   Esc back   ^Q leave"
        return "Up/Down member   Enter compare   ^N next   Esc back   F1 explain"

    def arrival(self) -> Widget | None:
        return self.query_one("#members") if self.others else None

    def action(self) -> Action:
        if self.findings:
            differs = safe(self.findings[0].subject, 20)
            return Action("FIX", f"Find out what {differs} holds. ^N goes there.", do=self._stop)
        where = f"Go to {TITLES['genesis']}"
        open_ = [safe(one.moniker, 20) for one in self.open]
        if not open_:
            return Action("NEXT", where, do=self._to_genesis)
        later = f"{' and '.join(open_)} can" if len(open_) < 3 else f"{len(open_)} members can"
        return Action("NEXT", f"{where}; {later} be compared later", do=self._to_genesis)

    async def _stop(self) -> None:
        differs = self.findings[0].subject
        member = next(one for one in self.others if safe(one.moniker, 200) == differs)
        await self.frame.open(StopPage(self, member))

    async def _to_genesis(self) -> None:
        self.desk.look_around()
        await self.frame.go("genesis")

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "The words are made of the hash of the record by a slow function: nobody can make another record with "
                "the same words. Eight equal words mean the same bytes."
            ),
            (
                "Read them over another channel than the one by which the record came: who can change the one could "
                "change the words in it too. One reads 1 to 4, the others 5 to 8."
            ),
        )
        return Topic("8 words", "8 words of the record", so, back="the words")

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        yield f"quorate{words} network words"
        yield f"quorate{words} network heard MEMBER same"


class MemberPage(Page):
    """One member: the words with one hidden, which they read. Nothing is noted by a key that is pressed in passing."""

    def __init__(self, owner: HearingPage, member: RosterMember) -> None:
        super().__init__()
        self.owner = owner
        self.member = member
        self.name_ = safe(member.moniker, 40)
        self._shown = owner.notes.get(member.node_id)
        self._wrong: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        self.step_id = self.owner.step_id
        with Vertical(classes="scroll"):
            purpose = f"One word is hidden. Ask {self.name_} to read it to you."
            yield Facts((purpose, ""), id="purpose").add_class("purpose")
            yield Facts(tuple(self._items()), id="words")
            yield Entry("heard", "They read", "", acts=True)
            yield Lines((Row(styled("")),))
            yield Buttons("Otherwise", (("", "Not yet"), ("differs", "Others"), ("again", "Hide another")), id="say")
        yield Findings(id="findings")

    def _items(self) -> Iterator[Item]:
        yield from word_items(self.owner.words, self.owner.place)
        yield from ("", Fact("Node id", self.member.node_id), Fact("Hidden", f"word {self.owner.place + 1}"), "")

    @property
    def _entry(self) -> Entry:
        return self.query_one(Entry)

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        if isinstance(self.screen.focused, Buttons):
            return "Left/Right choose   Enter do it   Tab move   Esc back   F1 explain"
        return "Enter compare   Tab move   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self._entry.box

    def action(self) -> Action:
        place = self.owner.place + 1
        if self.query(Entry) and self._entry.value.strip():
            return Action("NEXT", f"Compare word {place}; the same is noted of {self.name_}", acts=True)
        return Action("WAIT", f"For word {place}: ask {self.name_} to read it", "")

    @on(Question.Changed)
    def _changed(self, event: Question.Changed) -> None:
        event.stop()
        self.told()

    @on(Question.Taken)
    async def _taken(self, event: Question.Taken) -> None:
        event.stop()
        if event.enter:
            await self.next()

    async def next(self) -> None:
        typed, place = self._entry.value.strip().lower(), self.owner.place
        if not typed:
            self._entry.box.focus()
            return
        if typed == self.owner.words[place]:
            self.owner.note(self.member, self._shown, "same")
            self.owner.draw_again()
            await self.frame.close()
            return
        self._wrong = (other_word(self.member.moniker, place, typed),)
        self._hide_another()

    def _hide_another(self) -> None:
        self.owner.draw_again()
        self._entry.box.value = ""
        self.query_one("#words", Facts).put(tuple(self._items()))
        self.query_one(Findings).put(self._wrong)
        self._entry.box.focus()
        self.told()

    @on(Buttons.Pressed)
    async def _pressed(self, event: Buttons.Pressed) -> None:
        event.stop()
        if event.value == "again":
            self._wrong = ()
            self._hide_another()
            return
        kept = self.owner.note(self.member, self._shown, "differs" if event.value else None)
        if kept and event.value:
            await self.frame.swap(StopPage(self.owner, self.member))
        else:
            await self.frame.close()

    def topic(self, focused: Widget | None) -> Topic:
        return of_finding(self._wrong[0], self.heading()) if self._wrong else self.owner.topic(None)


class StopPage(Page):
    """Somebody holds another record: nothing goes on here before it is known which."""

    def __init__(self, owner: HearingPage, member: RosterMember) -> None:
        super().__init__()
        self.owner = owner
        self.member = member
        self.name_ = safe(member.moniker, 40)
        self._worker: Worker[None] | None = None
        self.choices = (
            Choice("Paste", f"what {self.name_} has: quorate shows what differs", "paste"),
            Choice("Again", "read the 8 words once more", "again"),
        )

    def compose(self) -> ComposeResult:
        self.step_id = self.owner.step_id
        with Vertical(classes="scroll"):
            purpose = "Stop here. Somebody holds another record than you."
            yield Facts((purpose, ""), id="purpose").add_class("purpose")
            yield Facts(tuple(self._items()))
            yield Lines(menu_rows(self.choices), id="ways")
        yield Findings(id="findings")

    def _items(self) -> Iterator[Item]:
        words = self.owner.words
        yield "    yours"
        for at in range(0, 8, 2):
            yield styled("    ", *((f"{n + 1} {words[n]:<12}", "bold") for n in (at, at + 1)))
        yield ""
        yield Heading("What can be")
        yield f"    {f'{self.name_} has an older record':<38} likely"
        yield f"    {'one of you misheard':<38} read them once more"
        yield f"    {'two records were sent out':<38} serious"
        yield ""
        yield Heading("To find out")

    def on_mount(self) -> None:
        told = [one for one in self.owner.findings if one.subject == safe(self.member.moniker, 200)]
        self.query_one(Findings).put(told)

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Up/Down move   Enter choose   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one("#ways")

    def action(self) -> Action:
        return Action("FIX", f"Paste the record of {self.name_} to see what differs")

    async def next(self) -> None:
        from .paste import PastePage

        await self.frame.open(PastePage())

    looks_again = True

    def returned(self) -> None:
        """Another record has come: what differs takes this page's place."""
        self._worker = self.run_worker(self._compare, group="look", exclusive=True)

    @property
    def unsettled(self) -> bool:
        return self._worker is not None and not self._worker.is_finished

    async def _compare(self) -> None:
        from core.agreement.others import other_records
        from core.seen import seen

        from .difference import of_records

        try:
            found = (await seen(self.session.world)).current.exchange.succession
        except Refusal as refusal:
            self.query_one(Findings).put(refusal.findings)
            return
        yours = next((one for one in other_records(found, None) if one.id == self.owner.record.id), None)
        others = other_records(found, self.owner.record)
        if yours is not None and others:
            mine = self.owner.record.member(self.owner.own)
            names = ("yours", "the other")
            await self.frame.swap(
                of_records(yours, others[0], mine.moniker if mine else "", names, found.findings), self
            )

    @on(Lines.Chosen, "#ways")
    async def _way(self, event: Lines.Chosen) -> None:
        event.stop()
        if self.choices[event.item].value == "paste":
            await self.next()
        else:
            await self.frame.swap(MemberPage(self.owner, self.member))

    def topic(self, focused: Widget | None) -> Topic:
        found = self.query_one(Findings).findings
        return of_finding(found[0], self.heading()) if found else self.owner.topic(None)


def _said(word: Heard | None, zone: tzinfo) -> str:
    if word is None:
        return padded("not yet", 22)
    at: datetime = word.at.astimezone(zone)
    return padded(f"{word.word}, {at:%d %b %H:%M}", 22)
