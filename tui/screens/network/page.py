"""The step network: the coordinator makes the record, its owners sign it, the members look at what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from core.agreement.others import other_records
from core.agreement.owners import SignedRecord, signed_by
from core.agreement.record import NetworkRecord
from core.documents.words import eight_words
from core.finding import Finding, Severity, worst_first
from core.genesis.review import review
from core.network.facts import NetworkFacts
from core.network.powers import power_text
from core.network.propose import proposed_powers
from core.network.settings import read_time
from core.network.share import as_text, to_share
from core.network.step import record_of
from core.peers.inbox import inbox
from core.peers.roster import Beside, beside_cards
from core.peers.wording import readable
from core.profiles import NAMES, profile
from core.safe import safe
from core.way import Way

from ...action import Action
from ...page import Page
from ...theme import cut, rule
from ...topic import Topic, of_field
from ...widgets.agreement import hash_facts, here_words, start_words
from ...widgets.facts import Fact, Facts, Heading, Item, Note, Prose
from ...widgets.field import Buttons, Entry
from ...widgets.lines import Choice, Lines, Row, menu_rows
from ...widgets.power import Power, PowerTable
from ..opened.difference import of_records
from ..opened.hearing import HearingPage
from ..opened.send import Parcel, SendPage
from ..opened.words import word_items
from ..step.page import StepPage

_FORM = ("chain_id", "genesis_time", "notice", "profile", "owners", "threshold", "one_owner", "parameters", "note")


class NetworkPage(StepPage):
    step_id = "network"
    long: ClassVar[frozenset[str]] = frozenset({"owners", "parameters", "note"})

    def form(self) -> Iterable[Widget]:
        yield self.entry("chain_id")
        yield self.entry("genesis_time")
        yield self.entry("notice", "Notice, hours")
        yield self.radio("profile", ((name, name) for name in NAMES if profile(name).whole), "Software")
        yield self.entry("owners")
        yield self.entry("threshold", "Owners needed")
        yield self.radio("one_owner", (("", "no"), ("yes", "one owner alone")))
        yield PowerTable(id="power")
        yield Lines((), id="gap")
        yield self.entry("parameters")
        yield self.entry("note")
        yield Facts(id="came")
        yield Lines(self._ways, id="ways")

    def asked(self, facts: NetworkFacts | None, answers: Mapping[str, str]) -> Iterator[str]:
        if self._proposes if facts is not None else self.session.local.role == "coordinator":
            alone = any(finding.subject == "one_owner" for finding in self.findings)
            yield from (name for name in _FORM if name != "one_owner" or alone)

    @property
    def _proposes(self) -> bool:
        facts: NetworkFacts | None = self.facts
        return facts is not None and facts.role == "coordinator" and not facts.only_signs

    @property
    def record(self) -> NetworkRecord | None:
        """The one that is here; in force, or waiting for its owners."""
        return self.facts.current.record if self.facts is not None else None

    def purpose(self) -> str:
        if self.facts is None:
            return self.step.purpose
        if self._proposes:
            version = self._version()
            return f"What all members will sign. It becomes record version {version}." if version else _AGREED
        if self._rivals:
            return "Records came that exclude each other. None of them is in force."
        return "What your coordinator sent. You sign nothing here yet." if self.record else "The record comes here."

    @property
    def _rivals(self) -> tuple[SignedRecord, ...]:
        """Those that exclude one another."""
        if self.facts is None:
            return ()
        return tuple(one for several in self.facts.current.exchange.succession.rivals for one in several)

    def _version(self) -> int:
        proposed = record_of(self.shown.plan) if self.shown else None
        return proposed.version if proposed else 0 if self.record else 1

    # Power -----------------------------------------------------------------------------------------------------------

    @property
    def _table(self) -> PowerTable:
        return self.query_one(PowerTable)

    @property
    def values(self) -> dict[str, str]:
        return {**super().values, **self._typed_power()}

    def _typed_power(self) -> dict[str, str]:
        table = self._table
        return {"power": power_text((one.node_id, one.typed) for one in table.powers)} if table.touched else {}

    def _said(self) -> dict[str, str]:
        return {**super()._said(), **self._typed_power()}

    def looked(self) -> None:
        table = self._table
        table.display = self._proposes
        if self._proposes and self.shown is not None and not table.touched:
            rows = sorted(proposed_powers(self.facts, self.shown.answers), key=lambda row: row[0].moniker.casefold())
            table.put([Power(one.node_id, one.moniker, str(power)) for one, power in rows])
        self.query_one("#gap", Lines).renew((Row(Content("")),) if self._proposes else ())
        self.query_one("#ways", Lines).renew()

    @on(PowerTable.Changed)
    def _power_changed(self, event: PowerTable.Changed) -> None:
        event.stop()
        self.replan()

    @on(PowerTable.Taken)
    def _power_taken(self, event: PowerTable.Taken) -> None:
        event.stop()
        self.keep(self._typed_power())
        self.replan()

    def left(self) -> None:
        super().left()
        if self._table.touched:
            self.keep(self._typed_power())

    # Drawing ---------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        super()._draw()
        if not self.is_mounted:
            return
        about = worst_first(finding for finding in self.findings if finding.subject == "power")
        self._table.tell(about[0] if about else None)
        self._table.follow()
        self._note_start()
        self.query_one("#came", Facts).put(self._about())
        self.query_one("#ways", Lines).renew()

    def _note_start(self) -> None:
        """The same time in the operator's own zone, beside what they type."""
        entry = self.question("genesis_time")
        if not isinstance(entry, Entry) or any(_is_wrong(finding) for finding in self.findings):
            return
        moment, _ = read_time(entry.value)
        entry.tell(None, f"{moment:%a}, {here_words(moment, self.facts.zone)}" if moment else "")

    def _about(self) -> Iterator[Item]:
        """The record that would be signed, or that came; above what can be done with it."""
        if self.shown is None:
            return
        facts: NetworkFacts = self.shown.inspection.facts
        if self._proposes:
            yield ""
        proposed = record_of(self.shown.plan)
        if proposed is not None:
            yield from self._signed_record(proposed, facts)
        elif facts.current.record is not None:
            yield from self._came(facts.current.record, facts)
        elif self._rivals:
            yield from self._excluding(self._rivals)
        elif not self._proposes:
            yield from self._nothing(facts)
        if self._ssh is not None:
            yield from self._with_ssh(self._ssh.command)

    def _nothing(self, facts: NetworkFacts) -> Iterator[Item]:
        yield Prose("Nothing has come yet.")
        yield ""
        yield Prose(
            "The coordinator gathers the cards of all, makes the record of them, signs it and sends it to you: a text "
            "that begins with BEGIN QUORATE RECORD, or a file with that text."
        )
        yield ""
        yield Note("Paste it on any screen, or press ^N. Several lines that are pasted come here whole.")

    def _excluding(self, rivals: Sequence[SignedRecord]) -> Iterator[Item]:
        for one in rivals:
            yield Fact(one.id[:8], f"version {one.version}, chain id {one.record.chain_id}")
            yield Fact("", f"signed by {_signers(one)}")
        yield ""
        yield Note("Do not accept any of them before it is known, on a call, which one holds.")

    def _signed_record(self, record: NetworkRecord, facts: NetworkFacts) -> Iterator[Item]:
        yield Heading("What is signed", f"record version {record.version}")
        yield Fact("Name", record.network)
        made = "" if self.values.get("chain_id") else ", made from name and content"
        yield Fact("Chain id", f"{record.chain_id}{made}")
        yield Fact("Start", self._start(record, facts))
        yield Fact("Signed by", self._owners(record))

    def _start(self, record: NetworkRecord, facts: NetworkFacts) -> str:
        return start_words(record.section.time, facts.zone)

    def _owners(self, record: NetworkRecord) -> str:
        names = ", ".join(safe(owner.name, 30) for owner in record.owners)
        if len(record.owners) == 1:
            return f"{names} alone"
        return f"{record.threshold} of {len(record.owners)}: {names}"

    def _came(self, record: NetworkRecord, facts: NetworkFacts) -> Iterator[Item]:
        signed = facts.current.signed
        yield Fact("Name", f"{record.network}, record version {record.version}, {facts.current.state}")
        yield Fact("Chain id", record.chain_id, self.sign("genesis.chain_id"))
        yield Fact("Start", self._start(record, facts), self.sign("genesis.genesis_time"))
        if signed is not None:
            yield Fact("Signed by", _signers(signed), "✓" if facts.current.in_force else "·")
        yield from self._members(record, facts)
        yield from hash_facts("Record", record.id)
        if record.note:
            yield Fact("Note", record.note)

    def _members(self, record: NetworkRecord, facts: NetworkFacts) -> Iterator[Item]:
        own = record.member(facts.own.node_id) if facts.own else None
        if own is not None:
            same = own.validator_key == (facts.own.validator_key if facts.own else None)
            mine = self.sign(own.moniker, "members")
            what = "your node id, your key, once" if same and mine == "✓" else "see the findings"
            yield Fact("You", f"{own.moniker}: {what}", mine)
        signed = sum(member.signed for member in record.members)
        rest = "" if signed == len(record.members) else f"; {len(record.members) - signed} without quorate"
        yield Fact("Cards", f"{signed} of {len(record.members)}, each signed by its own member{rest}")
        told = review(record.genesis(), profile(record.profile), facts.now, facts.zone)
        yield Fact(
            "Power", f"{told.total_power} in all. {' '.join((*told.balance.sentences, *told.balance.together[1:]))}"
        )
        yield from _beside(beside_cards(record, facts.current.exchange))

    def _with_ssh(self, command: str) -> Iterator[Item]:
        yield ""
        yield Heading("To be signed with an OpenSSH key")
        yield Prose("It lies in the file that stands at the end of this command. An owner runs, where their key is:")
        yield ""
        yield Prose(f"  {command}")
        yield ""
        yield Note("That makes a file of the same name with .sig at its end. Paste its text here, or import the file.")

    # What can be done ------------------------------------------------------------------------------------------------

    def _choices(self) -> tuple[Choice, ...]:
        facts: NetworkFacts | None = self.facts
        if facts is None:
            return ()
        found = facts.current.exchange.succession
        choices = [Choice("Paste", "what came: a record, a signature", "paste")]
        if facts.current.record is not None:
            choices = [
                Choice("Words", "the 8 words, and who has heard the same", "words"),
                Choice("Send", "the record, and what was signed of it", "send"),
                *choices,
            ]
        for one in other_records(found, facts.current.record)[:6]:
            about = f"version {one.version}, {one.record.chain_id}, signed by {_signers(one)}"
            choices.append(Choice(one.id[:8], safe(about, 120), one))
        return tuple(choices)

    def _ways(self, width: int) -> Sequence[Row]:
        choices = self._choices()
        if not choices or (self._proposes and self.record is None):
            return ()
        return (Row(Content("")), Row(rule("What you can do", "", width)), *menu_rows(choices))

    @on(Lines.Chosen, "#ways")
    async def _way(self, event: Lines.Chosen) -> None:
        event.stop()
        await self.chosen(self._choices()[event.item].value)

    def after(self) -> Iterable[Choice]:
        return (
            Choice("Send", "the record to all members", "send"),
            Choice("Words", "the 8 words of it, for a call", "words"),
        )

    async def chosen(self, value: object) -> None:
        if isinstance(value, SignedRecord):
            await self._compare(value)
        elif value == "paste":
            await self._paste()
        else:
            await self._fresh()
            await (self._send() if value == "send" else self._words())

    async def _fresh(self) -> None:
        """From the receipt on the facts here are those before it."""
        from core.run import preview

        self.shown = await preview(self.step, self.world, self._said())

    async def _paste(self) -> None:
        from ..opened.paste import PastePage

        await self.frame.open(PastePage())

    async def _words(self) -> None:
        if self.record is not None:
            await self.frame.open(HearingPage(self.record, self.facts.own.node_id if self.facts.own else ""))

    async def _send(self) -> None:
        if self.record is not None:
            await self.frame.open(SendPage(send_record(self.facts, self.session.state_words()), self._words))

    async def _compare(self, other: SignedRecord) -> None:
        facts: NetworkFacts = self.facts
        if facts.current.exchange.succession.is_open:
            await self.frame.open(FounderPage(self, other))
            return
        beside = facts.current.signed or next(
            (one for one in other_records(facts.current.exchange.succession, None) if one.id != other.id), other
        )
        old, new = sorted((beside, other), key=lambda one: (one.version, one.id))
        own = facts.own.node_id if facts.own else ""
        mine = new.record.member(own)
        names = (_title(old), _title(new))
        await self.frame.open(of_records(old, new, mine.moniker if mine else "", names))

    # Line 23 ---------------------------------------------------------------------------------------------------------

    def own_action(self) -> Action | None:
        if self.shown is None:
            return None
        if self._rivals:
            compare = partial(self._compare, self._rivals[0])
            return Action("FIX", "See what differs between the records that came", do=compare)
        if self.wrong and self.wrong[0].subject == "power":
            return replace(self.repairing(self.wrong[0]), do=self._to_power)
        if self.wrong or self.shown.plan.changes or self._ssh is not None or self.record is None:
            return None
        if self.facts.current.exchange.record is None:
            return Action("WAIT", "For the other owners. ^N shows what to send them.", do=self._hand_on)
        kind, seats = inbox(self.facts.current.exchange).next
        if self._proposes and kind == "judge":
            name = cut(safe(seats[0].moniker, 40), 20)
            return Action("NEXT", f"Judge the card of {name}, which is not in the record", do=self._to_peers)
        if self._proposes:
            return Action("NEXT", "Send the record to all members", do=self._hand_on)
        return Action("NEXT", "Compare the 8 words with the others", do=self._words)

    async def _to_peers(self) -> None:
        await self.frame.go("peers")

    async def _to_power(self) -> None:
        self._table.focus()

    async def _hand_on(self) -> None:
        self.accept()
        await self._send()

    @property
    def _ssh(self) -> Way | None:
        """The way of an owner who signs with an OpenSSH key."""
        following = None if self.shown is None else self.shown.plan.way
        return following if following is not None and following.program == "ssh-keygen" else None

    def going_on(self) -> Action:
        """Also what the receipt says."""
        if len(self.frame.pages) > 1:
            return Action("NEXT", "Send the record to all members")
        return super().going_on()

    async def onwards(self) -> None:
        """From the receipt first to what is to be sent."""
        if len(self.frame.pages) < 2:
            await super().onwards()
            return
        await self._fresh()
        self.desk.look_around()
        if self.record is None:
            await self.frame.close()
        else:
            await self.frame.swap(SendPage(send_record(self.facts, self.session.state_words()), self._words))

    def arrival(self) -> Widget | None:
        if self._proposes and self.record is None:
            return super().arrival()
        return None

    def keys(self) -> str:
        if isinstance(self.screen.focused, PowerTable):
            return "Up/Down member   0-9 power   ^N next   ^P back   F1 explain   ^Q leave"
        return super().keys()

    def topic(self, focused: Widget | None) -> Topic:
        if isinstance(focused, PowerTable):
            about = tuple(finding for finding in self.findings if finding.subject == "power")
            return of_field(self.declared("power"), self.heading(), about)
        return super().topic(focused)

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        if self._proposes:
            yield from super().commands()
            yield f"quorate{words} network publish"
        yield f"quorate{words} network show"
        yield f"quorate{words} network words"
        yield f"quorate{words} network share --out FILE"


class FounderPage(Page):
    """Records of different owners under one network name: one is chosen, after its words were compared."""

    def __init__(self, owner: NetworkPage, chosen: SignedRecord) -> None:
        super().__init__()
        self.owner = owner
        self.chosen = chosen
        self.step_id = owner.step_id

    def compose(self) -> ComposeResult:
        one = self.chosen
        with Vertical(classes="scroll"):
            purpose = "Several first records came. Which one is your coordinator's?"
            yield Facts((purpose, ""), id="purpose").add_class("purpose")
            yield Facts(
                (
                    Fact("Signed by", _signers(one)),
                    Fact("Chain id", one.record.chain_id),
                    Fact("Members", ", ".join(safe(member.moniker, 30) for member in one.record.members)),
                    *hash_facts("Record", one.id),
                    "",
                    *word_items(eight_words(bytes.fromhex(one.id), "record")),
                    "",
                )
            )
            options = (("", "Not yet"), ("differs", "Differences"), ("mine", "The coordinator read the same words"))
            yield Buttons("You say", options, id="say")

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Left/Right choose   Enter do it   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one("#say")

    def action(self) -> Action:
        return Action("WAIT", "For your word, after a call: Left/Right, then Enter", "")

    async def next(self) -> None:
        self.query_one("#say").focus()

    @on(Buttons.Pressed)
    async def _pressed(self, event: Buttons.Pressed) -> None:
        event.stop()
        if event.value == "mine":
            self.owner.keep({"record": self.chosen.id})
            await self.frame.close()
            self.desk.look_around()
        elif event.value == "differs":
            others = other_records(self.owner.facts.current.exchange.succession, self.chosen.record)
            if others:
                await self.frame.open(of_records(self.chosen, others[0], "", (_title(self.chosen), _title(others[0]))))
        else:
            await self.frame.close()


def _is_wrong(finding: Finding) -> bool:
    return finding.subject == "genesis_time" and finding.severity > Severity.INFO


_AGREED = "What all members sign. A change makes the next version of it."


def send_record(facts: NetworkFacts, words: str) -> Parcel:
    """The record and all words about it, as they go to the members."""
    record = facts.current.record
    assert record is not None
    waits = "" if facts.current.exchange.record else " Owners have still to sign it."
    return Parcel(
        title="Send the record",
        purpose=f"Record version {record.version}, for all members.{waits}",
        text=as_text(to_share(facts.current)),
        file_name=f"{record.network}-v{record.version}.record",
        command=f"quorate{words} network share --out FILE",
        about=(
            Fact("For", ", ".join(safe(member.moniker, 30) for member in record.members)),
            Fact("Chain id", record.chain_id),
            Fact("Start", f"{record.section.time:%a %d %b %Y %H:%M} UTC"),
            "",
            Prose("It is public and signed. Each member computes genesis.json from it; you send no genesis.json."),
        ),
        then="Compare the 8 words with the others, on a call",
    )


def _signers(one: SignedRecord) -> str:
    by = signed_by(one, one.record.owners)
    names = ", ".join(safe(owner.name, 30) for owner in by) or "nobody yet"
    if len(by) == len(one.record.owners) == 1:
        return f"{names}, its only owner"
    return f"{names}; {one.record.threshold} of {len(one.record.owners)} owners must"


def _title(one: SignedRecord) -> str:
    return f"version {one.version} ({one.id[:8]})"


def _beside(told: Sequence[Beside]) -> Iterator[Item]:
    others = sorted((one for one in told if not one.own), key=lambda one: one.moniker.casefold())
    if not others:
        return
    yield ""
    yield Heading("Compared with the cards you already had")
    for how, sign, label, words in _HOW:
        same = [one for one in others if one.how == how]
        if same:
            yield Fact(label, f"{', '.join(safe(one.moniker, 40) for one in same)}: {words}", sign)
        for one in same:
            for change in readable(one.changes):
                yield Fact("", f"{change.field}: {change.old or 'none'} > {change.new or 'none'}")
    yield ""


_HOW = (
    ("differs", "!", "Newer cards", "not the card that you had"),
    ("older", "!", "Older cards", "you have a newer one"),
    ("same", "✓", "Same cards", "as you had them"),
    ("first", "i", "First seen", "you had no card of them"),
    ("unsigned", "?", "Without card", "they have no quorate; an owner attests"),
)
