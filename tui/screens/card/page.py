"""The step card: what the others learn of this node, signed by its key; and the ways to send it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget

from core.card.facts import CardFacts
from core.card.place import free_place
from core.documents.armour import armour
from core.documents.ed25519 import node_id, to_base64
from core.finding import Refusal, Severity
from core.place import shown_place, typed_place
from core.safe import safe

from ...action import Action
from ...theme import grouped, rule
from ...widgets.facts import Fact, Heading, Item, Note
from ...widgets.lines import Choice, Lines, Row, menu_rows
from ..opened.ask import Ask, AskPage
from ..opened.sending import ArmourPage, CopiedPage
from ..opened.words import WordsPage
from ..step.page import StepPage

_FIRST = ("moniker", "host", "port")
_REST = ("more", "api", "contact", "software")


class CardPage(StepPage):
    step_id = "card"
    hands_on = True
    long: ClassVar[frozenset[str]] = frozenset({"moniker", "more", "contact", "validator_key"})

    def __init__(self, step_id: str = "", field: str = "") -> None:
        super().__init__(step_id, field)
        self._unfolded = field in _REST
        self._saved: Path | None = None

    # The form --------------------------------------------------------------------------------------------------------

    def form(self) -> Iterable[Widget]:
        yield self.entry("moniker")
        yield self.entry("host")
        yield self.entry("port", "P2P port")
        yield self.entry("validator_key", "Validator key")
        yield Lines(self._fold, id="fold")
        yield self.entry("more", "Other ways")
        yield self.entry("api")
        yield self.entry("contact")
        yield self.entry("software")
        yield Lines(self._ways, id="ways")

    def asked(self, facts: CardFacts | None, answers: Mapping[str, str]) -> Iterator[str]:
        if facts is not None and facts.home is None:
            return
        yield from _FIRST
        if facts is not None and facts.remote_signer and not facts.told_key:
            yield "validator_key"
        if self._unfolded or any(one.subject in _REST and one.severity is Severity.ERROR for one in self.findings):
            yield from _REST

    def _fold(self, width: int) -> Sequence[Row]:
        if self.facts is None or self.facts.home is None:
            return ()
        filled = sum(bool(self.values.get(name)) for name in _REST)
        note = f"other addresses, API, contact, software: {filled} of {len(_REST)} filled"
        return menu_rows((Choice("Less" if self._unfolded else "More", note),))

    @on(Lines.Chosen, "#fold")
    def _unfold(self, event: Lines.Chosen) -> None:
        event.stop()
        self._unfolded = not self._unfolded
        self._draw()
        self.query_one("#fold", Lines).renew()

    def looked(self) -> None:
        self.query_one("#fold", Lines).renew()
        self.query_one("#ways", Lines).renew()

    def replan(self) -> None:
        super().replan()
        self.query_one("#fold", Lines).renew()
        self.query_one("#ways", Lines).renew()

    def purpose(self) -> str:
        if self.sent and self.session.local.role == "coordinator":
            return "Your card is signed, and lies in your inbox already."
        if self.sent:
            return "Your card is signed. Send it to the coordinator as you like."
        return "Your card tells the others how to reach and know this node."

    def show(self, facts: CardFacts, answers: Mapping[str, str]) -> Iterator[Item]:
        if facts.home is None:
            yield Note("A card tells about a node, and you have none here. The others' cards come in the step Peers.")
            return
        yield Heading("From your keys")
        if facts.node_key is not None:
            yield Fact("Node id", grouped(node_id(facts.node_key)), self.sign("node_key"))
        key = to_base64(facts.validator_key) if facts.validator_key else facts.told_key
        if key:
            yield Fact("Validator key", key, self.sign("validator_key"))
        yield ""
        if self.sent:
            yield Note("To change the card, change a field and sign again: the newer card replaces the older one.")
        elif facts.latest is not None:
            yield Note(f"The others have the card of {_when(facts.latest.serial)}; what differs is not signed yet.")
        else:
            yield Note(
                "The card is public. Your node key signs it, so that nobody can change it on its way. The validator "
                "key signs nothing."
            )

    # Signed ----------------------------------------------------------------------------------------------------------

    @property
    def sent(self) -> bool:
        """Whether the newest signed card says exactly what the form says."""
        shown = self.shown
        signed = shown is not None and self.facts.signed is not None
        return signed and not self.wrong and shown is not None and not shown.plan.changes

    @property
    def text(self) -> str:
        """The signed card as armour."""
        facts: CardFacts = self.facts
        assert facts.signed is not None
        return armour(facts.signed)

    def _ways(self, width: int) -> Sequence[Row]:
        if not self.sent:
            return ()
        facts: CardFacts = self.facts
        assert facts.latest is not None
        head = rule("Send it", f"signed {_when(facts.latest.serial)}", width)
        return (Row(Content("")), Row(head), *menu_rows(self._choices()))

    def _choices(self) -> tuple[Choice, ...]:
        saved = (
            f"saved as {shown_place(self._saved, self.session.environ)}"
            if self._saved
            else "as a file; you choose the place"
        )
        return (
            Choice("Show", "full screen and plain, to mark and copy", "show"),
            Choice("Save", saved, "save"),
            Choice("Copy", "to the clipboard of your terminal; many ignore it", "copy", acts=True),
            Choice("Words", "the 8 words of it, to compare on a call", "words"),
        )

    @on(Lines.Chosen, "#ways")
    async def _way(self, event: Lines.Chosen) -> None:
        event.stop()
        await self.chosen(self._choices()[event.item].value)

    def after(self) -> Iterable[Choice]:
        return self._choices()

    async def chosen(self, value: object) -> None:
        try:
            await self._send(str(value))
        except Refusal as refusal:
            self.refused = refusal.findings
            self._draw()

    async def _send(self, way: str) -> None:
        if not await self._has_signed():
            return
        if way == "show":
            await self.frame.open(ArmourPage(self._file_name(), self.text))
        elif way == "save":
            await self.frame.open(self._save_page())
        elif way == "copy":
            self.app.copy_to_clipboard(self.text)
            await self.frame.open(CopiedPage(self.text))
        else:
            await self.frame.open(self._words_page())

    async def _has_signed(self) -> bool:
        """From the receipt on the facts here are those before it."""
        from core.run import preview

        if self.shown is not None and self.shown.plan.changes:
            self.shown = await preview(self.step, self.world, self._said())
        return self.facts is not None and self.facts.signed is not None

    def _words_page(self) -> WordsPage:
        from core.documents.words import eight_words

        facts: CardFacts = self.facts
        assert facts.signed is not None
        return WordsPage(eight_words(bytes.fromhex(facts.signed.id), "card"), "your card")

    def _file_name(self) -> str:
        return self._place().name

    def _place(self) -> Path:
        folder = typed_place("~/quorate", self.session.environ)
        facts: CardFacts = self.facts
        assert facts.latest is not None
        return free_place(self.world.files, folder, facts.latest.moniker, self.text.encode())

    def _save_page(self) -> AskPage:
        ask = Ask(
            title="Save the card",
            purpose="The card as a file, to send it by mail or to put it into a shared folder.",
            label="File",
            value=shown_place(self._saved or self._place(), self.session.environ),
            sentence="Write the card to this file",
            help="A path, with ~ for your own folder. A missing folder is made; a file that is there with another "
            "content is left as it is.",
            below=(Note(f"From the folder in which quorate was started: {safe(self._place().name)}"),),
        )
        return AskPage(ask, self._save)

    async def _save(self, value: str) -> None:
        from core.cli.export import write_file

        path = typed_place(value, self.session.environ)
        write_file(path, self.text.encode(), home=self.session.local.home)
        self._saved = path

    # Line 23 ---------------------------------------------------------------------------------------------------------

    def arrival(self) -> Widget | None:
        if self.sent and not self._came_from:
            return self.query_one("#ways")
        return super().arrival()

    def going_on(self) -> Action:
        if self.session.local.role != "coordinator":
            return Action("NEXT", "Go to Peers, when the card is sent")
        return super().going_on()

    def plain(self) -> Iterable[str]:
        if self.sent:
            yield from self.text.splitlines()
            yield ""
        yield from super().plain()

    def commands(self) -> Iterable[str]:
        yield from super().commands()
        if self.sent:
            yield f"quorate{self.session.state_words()} card show --out {self._file_name()}"


def _when(serial: int) -> str:
    return datetime.fromtimestamp(serial, UTC).strftime("%d %b, %H:%M UTC")
