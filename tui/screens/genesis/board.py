"""The board: who holds the same record and genesis, by name; QUORATE when all do, and what to start with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.worker import Worker

from core.agreement.board import Board, BoardRow, Standing, board
from core.finding import Finding, Refusal, worst_first
from core.genesis.facts import GenesisFacts
from core.network.attest import (
    attests_with_ssh,
    can_attest,
    plan_attestation,
    plan_draft,
    ssh_owner,
    waiting_drafts,
)
from core.network.facts import gather
from core.network.handover import handed_over, own_move, plan_handover
from core.plan import Plan
from core.profiles import profile
from core.real_place import with_real_places
from core.run import Preview, preview
from core.safe import safe
from core.steps import step

from ...action import Action
from ...page import Page
from ...session import TITLES
from ...theme import STYLES, cut, padded, styled
from ...topic import Topic
from ...widgets.agreement import start_words
from ...widgets.facts import Fact, Facts, Item, Note, Prose
from ...widgets.findings import Findings
from ...widgets.lines import Choice, Lines, Row, menu_rows
from ...widgets.window import Window
from ..opened.ask import Ask, AskPage
from ..step.preview import PreviewPage

if TYPE_CHECKING:
    from ..step.page import StepPage

_SIGNS: dict[Standing, str] = {
    "accepted": "■",
    "attested": "■",
    "missing": "□",
    "conflicting": "✗",
    "moved": "✗",
    "watching": "·",
    "no vote": "·",
}
_SAID: dict[Standing, str] = {
    "missing": "not yet",
    "conflicting": "another",
    "moved": "power moved",
    "no vote": "no vote",
}
_COMPARED = {"yes": "compared", "no": "not compared", "": "-"}
_MOST = 20
"""More members than these: those who are missing first."""


class BoardPage(Page):
    def __init__(self, owner: StepPage) -> None:
        super().__init__()
        self.owner = owner
        self.step_id = owner.step_id
        self.facts: GenesisFacts | None = None
        self.seen: Board | None = None
        self._look()
        self._worker: Worker[None] | None = None

    def _look(self) -> None:
        self.facts = self.owner.facts
        self.seen = board(self.facts.current) if self.facts is not None else None

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Lines(self._top, id="purpose").add_class("purpose")
            yield Lines(self._squares, id="count")
            yield Window(self._head, self._members, self._most, id="members")
            yield Facts(id="rest")
            yield Lines(self._ways, id="ways")
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        for name in ("#purpose", "#count", "#members", "#ways"):
            self.query_one(name, Lines).renew()
        self.query_one("#rest", Facts).put(self._rest())
        self.query_one(Findings).put(self.findings, "Nothing to fix.")
        self.told()

    # What is shown ---------------------------------------------------------------------------------------------------

    @property
    def rows_(self) -> tuple[BoardRow, ...]:
        if self.seen is None:
            return ()
        rows = sorted(self.seen.rows, key=lambda row: row.moniker.casefold())
        if len(rows) > _MOST:
            rows.sort(key=lambda row: row.standing not in ("missing", "conflicting", "moved"))
        return tuple(rows)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return worst_first(self.facts.current.findings) if self.facts is not None else ()

    def _top(self, width: int) -> Sequence[Row]:
        if self.seen is None:
            return (Row(Content("No record is in force yet.")),)
        told = "All members hold the same record and genesis." if self.seen.tally.quorate else _MEANS
        return (Row(Content(told)), Row(Content("")))

    def _squares(self, width: int) -> Sequence[Row]:
        if self.seen is None:
            return ()
        squares = [(f"{_SIGNS[row.standing]}  ", STYLES[_SIGNS[row.standing]]) for row in self._voting()]
        count = f"{self.seen.accepted} of {self.seen.tally.needed}"
        drawn = squares if len(squares) <= 12 else []
        word = ("QUORATE", "bold $ok") if self.seen.tally.quorate else (count, "bold")
        return (Row(styled(" " * 18, *drawn, "   ", word)), Row(Content("")))

    def _voting(self) -> Iterator[BoardRow]:
        return (row for row in self.rows_ if row.standing not in ("watching", "no vote"))

    def _most(self) -> int:
        return max(4, self.app.size.height - 16)

    def _head(self, width: int) -> Sequence[Row]:
        return (Row(styled((f"      {'Member':<13}{'Record':<10}{'Genesis':<10}{'Accepted':<14}Words", "$muted"))),)

    def _members(self, width: int) -> Sequence[Row]:
        return tuple(self._row(item, row) for item, row in enumerate(self.rows_))

    def _row(self, item: int, row: BoardRow) -> Row:
        sign = _SIGNS[row.standing]
        zone = self.session.world.clock.zone()
        at = f"{row.at.astimezone(zone):%d %b %H:%M}" if row.at else _SAID.get(row.standing, "")
        at = f"{at[-5:]} you" if row.own and row.at else at
        words = _COMPARED.get(row.compared, row.compared)
        cells = (
            padded(cut(safe(row.moniker, 40), 12), 13),
            padded(row.record[:8] or "-", 10),
            padded(row.genesis_sha256[:8] or "-", 10),
            padded(at, 14),
            safe(words, 60),
        )
        note = ("", "") if row.signed else ("  no quorate", "$unknown")
        return Row(styled("  ", (sign, STYLES[sign]), "   ", *cells, note), item)

    def _rest(self) -> Iterator[Item]:
        if self.seen is None or self.facts is None:
            return
        record = self.seen.record
        for draft in waiting_drafts(self.facts.current):
            yield from ("", Prose(f"{draft.finding.message[:1].upper()}{draft.finding.message[1:]}. They run:"), "")
            yield Prose(f"  {draft.way.command}")
            yield Note("That makes a file of the same name with .sig at its end. Paste its text here.")
        yield ""
        yield Fact("Start", start_words(record.section.time, self.facts.zone))
        if self.seen.tally.watching:
            yield Fact("Full nodes", f"{', '.join(self.seen.tally.watching)} accepted too, without a vote")
        if not self.seen.tally.quorate:
            yield Note("A change of the genesis is a new version that all accept again.")
            return
        if handed_over(self.facts.current):
            yield Note("This node has handed its power over. Stop it; start the one that the record names.")
            return
        if self.session.node:
            yield Fact("This node", self.session.node)
        commands = profile(record.profile).commands
        yield Fact("Start with", f"{commands.program(self.session.world.processes.find)} {commands.start}")
        if self._home:
            yield Fact("", commands.home_flag(self._home))
        if commands.genesis_hash_flag:
            yield Fact("", f"{commands.genesis_hash_flag}={record.genesis_sha256}")
        yield Note("With that flag a node whose genesis.json was changed meanwhile refuses to start. ^T to copy it.")

    @property
    def _home(self) -> str:
        """Path of the node home; empty where there is none."""
        return str(self.facts.home.path) if self.facts is not None and self.facts.home is not None else ""

    # What can be done ------------------------------------------------------------------------------------------------

    def _choices(self) -> tuple[Choice, ...]:
        if self.facts is None or self.seen is None:
            return ()
        choices = [Choice("Paste", "acceptances that came", "paste"), Choice("Send", "all that was signed", "send")]
        if self.seen.tally.quorate:
            # Nothing has to come any more, and the others may not know it.
            choices.reverse()
        record, current, own = self.seen.record, self.facts.current, self.facts.own
        if own_move(current) is not None:
            choices.append(Choice("Hand over", "sign with this node's key that your power goes to the new one", "move"))
        for row in self.rows_:
            if not row.signed:
                choices.append(
                    Choice("Hand out", f"all that {safe(row.moniker, 30)} needs, who has no quorate", row.node_id)
                )
        if not can_attest(record, own) or attests_with_ssh(current, record, own):
            waiting = {draft.node_id for draft in waiting_drafts(current)}
            for row in self.rows_:
                if not row.signed and row.standing == "missing" and row.node_id not in waiting:
                    note = f"for {safe(row.moniker, 30)}, who has no quorate"
                    choices.append(Choice("Attest", note, row))
        return tuple(choices)

    def _ways(self, width: int) -> Sequence[Row]:
        choices = self._choices()
        return (Row(Content("")), *menu_rows(choices)) if choices else ()

    @on(Lines.Chosen, "#ways")
    async def _way(self, event: Lines.Chosen) -> None:
        event.stop()
        value = self._choices()[event.item].value
        if value == "paste":
            await self._paste()
        elif value == "move":
            assert self.facts is not None
            await self.frame.open(self._preview_page(plan_handover(self.facts.current, self.facts.own)))
        elif isinstance(value, BoardRow):
            await self._ask_how(value)
        elif value == "send":
            await self._send()
        else:
            await self._hand_out(str(value))

    @on(Lines.Chosen, "#members")
    async def _member(self, event: Lines.Chosen) -> None:
        event.stop()
        row = self.rows_[event.item]
        if not row.signed and any(choice.value is row for choice in self._choices()):
            await self._ask_how(row)
        else:
            await self.frame.open(RowPage(self, row))

    async def _paste(self) -> None:
        from ..opened.paste import PastePage

        await self.frame.open(PastePage())

    async def _send(self) -> None:
        from core.network.share import as_text, to_share

        from ..opened.send import Parcel, SendPage

        assert self.facts is not None
        assert self.seen is not None
        record = self.seen.record
        parcel = Parcel(
            title="Send all",
            purpose="The record with all that was signed of it: who takes it in sees the same board.",
            text=as_text(to_share(self.facts.current)),
            file_name=f"{record.network}-v{record.version}.seal",
            command=f"quorate{self.session.state_words()} network share --out FILE",
            about=(Fact("Accepted", self.seen.tally.sentence),),
        )
        await self.frame.open(SendPage(parcel))

    async def _hand_out(self, node_id: str) -> None:
        from core.network.handout import handout

        from ..opened.send import Parcel, SendPage

        assert self.seen is not None
        record = self.seen.record
        member = record.member(node_id)
        assert member is not None
        name = safe(member.moniker, 30)
        parcel = Parcel(
            title=f"Hand out to {name}",
            purpose=f"One text that {name} follows, without quorate.",
            text=handout(record, member),
            file_name=f"{record.network}-v{record.version}-for-{node_id[:8]}.txt",
            command=f"quorate{self.session.state_words()} network export --member {node_id[:12]} --out DIR",
            about=(
                Fact("In it", "genesis.json, its hash, the peers, the start command"),
                Note(f"Then have {name} read the hash to you, and attest how: <Attest>."),
            ),
            armoured=False,
        )
        await self.frame.open(SendPage(parcel))

    async def _ask_how(self, row: BoardRow) -> None:
        name = safe(row.moniker, 40)
        ask = Ask(
            title=f"Attest for {name}",
            purpose=f"How did {name} confirm the hash of genesis.json to you?",
            label="How",
            value="",
            sentence="See what is signed",
            help="A member without quorate can not sign. You sign, as an owner, how they confirmed the hash to you; it "
            "is counted apart, and all see what you wrote: read the 8 words to me on the phone.",
            acts=False,
        )

        async def attest(how: str) -> None:
            await self.frame.swap(self._preview_page(await self._plan(row, how)))

        await self.frame.open(AskPage(ask, attest))

    def _preview_page(self, plan: Plan) -> PreviewPage:
        inspection = self.owner.shown.inspection if self.owner.shown else None
        assert inspection is not None
        plan = with_real_places(plan, self.owner.world.files)
        return PreviewPage(self.owner, Preview(step("network"), inspection, {}, plan), of_form=False)

    async def _plan(self, row: BoardRow, how: str) -> Plan:
        """To be signed with the node key, or with the OpenSSH key of an owner who has no node."""
        assert self.facts is not None
        assert self.seen is not None
        record, own = self.seen.record, self.facts.own
        if not can_attest(record, own):
            return plan_attestation(record, own, row.node_id, row.moniker, how)
        facts = await gather(self.owner.world)
        owner = ssh_owner(facts.current, record, own)
        return plan_draft(facts, record, row.node_id, row.moniker, how, owner)

    # Looking again ---------------------------------------------------------------------------------------------------

    @property
    def unsettled(self) -> bool:
        return self._worker is not None and not self._worker.is_finished

    looks_again = True

    def returned(self) -> None:
        self._worker = self.run_worker(self._again, group="look", exclusive=True)

    async def again(self) -> None:
        await self._again()

    async def _again(self) -> None:
        try:
            self.owner.shown = await preview(self.owner.step, self.owner.world, self.owner._said())
        except Refusal as refusal:
            self.query_one(Findings).put(refusal.findings)
            return
        self._look()
        self._show()
        self.desk.look_around()

    # What the frame shows --------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Up/Down member   Enter open   ^N next   ^R check again   Esc back   F1 explain"

    def arrival(self) -> Widget | None:
        return None

    def action(self) -> Action:
        if self.seen is None:
            return Action("WAIT", "For the record. ^N opens the paste page.", do=self._paste)
        if self.facts is not None and handed_over(self.facts.current):
            return Action("NEXT", "Send the others what you signed", do=self._send)
        if self.seen.tally.quorate:
            return Action("NEXT", f"Go to {TITLES['config']}; <Send> tells the others", do=self._to_config)
        if self.seen.tally.moved:
            name = cut(safe(self.seen.tally.moved[0], 40), 20)
            return Action(
                "FIX", f"The power of {name} went to a different node. ^N opens the finding.", do=self._to_findings
            )
        own = next((row for row in self.seen.rows if row.own), None)
        if own is not None and own.standing == "missing":
            version = self.seen.record.version
            return Action("NEXT", f"Read version {version}, and accept it", do=self.frame.close)
        missing = self.seen.tally.missing
        who = " and ".join(safe(name, 20) for name in missing) if len(missing) < 3 else f"{len(missing)} members"
        if self.seen.tally.conflicting:
            names = ", ".join(safe(name, 20) for name in self.seen.tally.conflicting)
            so = f"{cut(names, 30)} signed something else. ^N opens the finding."
            return Action("FIX", so, do=self._to_findings)
        return Action("WAIT", f"For {who}; <Send> gives them yours. ^N pastes what they sent.", do=self._paste)

    async def _to_config(self) -> None:
        self.desk.look_around()
        await self.frame.go("config")

    async def _to_findings(self) -> None:
        self.query_one(Findings).focus()

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "QUORATE is a network when each member with power at the start has signed that they hold exactly this "
                "record and this genesis. Then it may start."
            ),
            "For a member without quorate an owner attests how they confirmed the hash; that is counted apart.",
        )
        return Topic("Board", f"{self.heading()}, board", so, back="the board")

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        yield f"quorate{words} network show"
        yield f"quorate{words} import FILE"
        yield f"quorate{words} network share --out FILE"
        gone = self.facts is not None and handed_over(self.facts.current)
        if self.seen is not None and self.seen.tally.quorate and not gone:
            commands = profile(self.seen.record.profile).commands
            program = commands.program(self.session.world.processes.find)
            yield commands.start_line(self._home, self.seen.record.genesis_sha256, program)


class RowPage(Page):
    """What one member signed, in full."""

    def __init__(self, owner: BoardPage, row: BoardRow) -> None:
        super().__init__()
        self.owner = owner
        self.row = row
        self.step_id = owner.step_id

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts((f"What {safe(self.row.moniker, 40)} signed", ""), id="purpose").add_class("purpose")
            yield Facts(tuple(self._items()))

    def _items(self) -> Iterator[Item]:
        from ...widgets.agreement import hash_facts

        row, zone = self.row, self.session.world.clock.zone()
        yield Fact("Member", row.moniker + (", you" if row.own else ""))
        yield Fact("Node id", row.node_id)
        yield Fact("Standing", row.standing, _SIGNS[row.standing])
        if row.at is None:
            yield ""
            yield Prose(
                "Nothing that they signed has come. Ask them for the text that begins BEGIN QUORATE ACCEPTANCE."
            )
            return
        yield Fact("Signed", start_words(row.at, zone))
        yield from hash_facts("Record", row.record)
        yield from hash_facts("Genesis", row.genesis_sha256)
        yield Fact("8 words", _COMPARED.get(row.compared, row.compared))

    def heading(self) -> str:
        return self.session.heading(self.step_id)


_MEANS = "QUORATE means: all hold the same record and genesis."
