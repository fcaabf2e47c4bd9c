"""The step peers: the inbox. Who is here, who is missing, what the coordinator's word is still wanted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from textual import on
from textual.content import Content
from textual.widget import Widget

from core.finding import Finding, worst_first
from core.local import Local, refuse_changed
from core.peers.decide import expect
from core.peers.inbox import Inbox, Seat, inbox
from core.peers.step import PeersFacts
from core.place import typed_place
from core.safe import safe

from ...action import Action
from ...theme import STYLES, join, padded, rule, styled
from ...widgets.facts import Item, Note
from ...widgets.lines import Choice, Lines, Row, menu_rows, text_rows
from ...widgets.window import Window
from ..opened.ask import Ask, AskPage
from ..step.page import StepPage

_SIGNS = {"own": "✓", "approved": "✓", "confirmed": "✓", "unverified": "?", "held": "=", "refused": "✗"} | {
    "disputed": "✗",
    "missing": "·",
}
_EMPTY = (
    "            No cards yet but your own.",
    "",
    "            Ask each member for the card: a file, or a piece",
    "            of text that begins with BEGIN QUORATE CARD.",
    "",
    "            Paste a whole chat or mail, with all the noise;",
    "            quorate finds the cards in it.",
    "",
)


class PeersPage(StepPage):
    step_id = "peers"

    def form(self) -> Iterable[Widget]:
        yield Lines(self._empty, id="empty")
        yield Window(self._head, self._rows, self._most, id="inbox")
        yield Lines(self._ways, id="ways")

    @property
    def box(self) -> Inbox | None:
        facts: PeersFacts | None = self.facts
        return inbox(facts.current.exchange) if facts is not None else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        # What the plan says comes next is line 23 here, not a finding.
        return self.refused if self.shown is None else worst_first(self.shown.inspection.findings)

    def looked(self) -> None:
        box, listed = self.box, self.query_one("#inbox", Window)
        if box is not None and box.judges and box.next[1] and not listed.has_focus:
            listed.cursor = box.seats.index(box.next[1][0])
        for lines in self.query("#empty, #inbox, #ways").results(Lines):
            lines.renew()

    def purpose(self) -> str:
        box = self.box
        if box is None or (box.judges and not box.others):
            return "The members' cards come together here."
        if box.judges:
            return "Approve each card when you know that it is theirs."
        return "The members' cards, and the 8 words of each to compare."

    def show(self, facts: PeersFacts, answers: Mapping[str, str]) -> Iterator[Item]:
        box = self.box
        if box is not None and not box.judges and not box.others:
            yield ""
            yield Note(
                "You need no cards to go on: the record brings those of all members. Who wants to compare words "
                "before pastes the others' cards here."
            )

    # What is drawn ---------------------------------------------------------------------------------------------------

    def _empty(self, width: int) -> Sequence[Row]:
        box = self.box
        return text_rows(_EMPTY) if box is not None and box.judges and not box.others else ()

    def _most(self) -> int:
        """Members that are seen at a time: what the ways and the findings leave."""
        return max(4, self.app.size.height - 19)

    def _head(self, width: int) -> Sequence[Row]:
        cells = _cells(("Member", "Host", "Node id", "State"), self._widths(width))
        return (Row(styled((f"       {cells}", "$muted"))),)

    def _rows(self, width: int) -> Sequence[Row]:
        box = self.box
        if box is None or not (box.others or box.of("missing")):
            return ()
        return tuple(self._row(item, seat, width) for item, seat in enumerate(box.seats))

    def _row(self, item: int, seat: Seat, width: int) -> Row:
        sign = _SIGNS[seat.stand]
        node = f"{seat.node_id[:8]}.." if seat.node_id else ""
        told = (safe(seat.moniker), _host(seat), node, safe(seat.words))
        return Row(styled("   ", (sign, STYLES.get(sign, "")), "   ", _cells(told, self._widths(width))), item)

    def _widths(self, width: int) -> tuple[int, ...]:
        """Names and states first, the host takes what is left; too little for a host: it is left out."""
        seats = self.box.seats if self.box else ()
        name = max(6, min(16 if width < 80 else 24, max((len(seat.moniker) for seat in seats), default=6)))
        room = width - 8 - name - 2 - 12
        words = max(5, max((len(seat.words) for seat in seats), default=5))
        host = max(4, max((len(_host(seat)) for seat in seats), default=4))
        left = room - 2 - min(words, max(21, room // 2))
        return (name, min(host, left), 10, room - min(host, left) - 2) if left >= 9 else (name, 0, 10, room)

    def _ways(self, width: int) -> Sequence[Row]:
        choices = self._choices()
        head = rule("Other ways" if self.box and not self.box.others else "More", "", width)
        return (Row(Content("")), Row(head), *menu_rows(choices)) if choices else ()

    def _choices(self) -> tuple[Choice, ...]:
        box = self.box
        if box is None:
            return ()
        both = (
            Choice("Paste", "a card, a whole chat or mail", "paste"),
            Choice("Read", "a file or a folder, such as ~/quorate/inbox", "read"),
        )
        if not box.judges:
            return both
        expected = len(self.session.local.expected)
        here = expected - len(box.of("missing"))
        whom = f"whom you wait for: {here} of {expected} are here" if expected else "say whom you wait for"
        return (
            *both,
            Choice("Expect", whom, "expect"),
            Choice("Add", "a member without quorate, by three values", "add"),
        )

    # What is done ----------------------------------------------------------------------------------------------------

    @on(Lines.Chosen, "#inbox")
    async def _open_seat(self, event: Lines.Chosen) -> None:
        event.stop()
        if self.box is not None:
            await self.open_seat(self.box.seats[event.item])

    async def open_seat(self, seat: Seat) -> None:
        from .peer import AbsentPage, DisputedPage, PeerPage

        exchange = self.facts.current.exchange
        if seat.stand == "missing":
            await self.frame.open(AbsentPage(seat))
        elif seat.stand == "disputed":
            await self.frame.open(DisputedPage(exchange, seat))
        else:
            await self.frame.open(PeerPage(exchange, seat))

    @on(Lines.Chosen, "#ways")
    async def _way(self, event: Lines.Chosen) -> None:
        event.stop()
        way = self._choices()[event.item].value
        if way == "paste":
            await self._paste()
        elif way == "read":
            await self.frame.open(self._read_page())
        elif way == "expect":
            await self.frame.open(self._expect_page())
        else:
            from ..opened.unsigned import UnsignedPage

            await self.frame.open(UnsignedPage())

    async def _paste(self) -> None:
        from ..opened.paste import PastePage

        await self.frame.open(PastePage())

    def _read_page(self) -> AskPage:
        ask = Ask(
            title="Read a file or folder",
            purpose="A card, a chat as a file, or a folder of them. Nothing is kept yet.",
            label="From",
            value="~/quorate/inbox" if self._has_inbox() else "",
            sentence="Look at what is in it",
            help="The path of a file, or of a folder whose plain files are all read; ~ is your own folder.",
            acts=False,
        )
        return AskPage(ask, self._read)

    def _has_inbox(self) -> bool:
        return self.world.files.stat(typed_place("~/quorate/inbox", self.session.environ)) is not None

    async def _read(self, value: str) -> None:
        from core.peers.receive import judge

        from ..opened.found import FoundPage

        path = typed_place(value, self.session.environ)
        reception = await judge(self.world, path)
        await self.frame.open(FoundPage(reception, safe(path, 40)))

    def _expect_page(self) -> AskPage:
        local = self.session.local
        names = local.expected or tuple(seat.moniker for seat in self.box.here) if self.box else ()
        ask = Ask(
            title="Whom you wait for",
            purpose="All members by moniker, you too, with commas between.",
            label="Members",
            value=", ".join(names),
            sentence="Wait for exactly these",
            help="The monikers of all members, with commas between them. quorate then says who is still missing, and "
            "who came without being expected. Empty: you wait for nobody by name.",
            below=(Note("Who is missing then stands in the inbox; who comes without being expected is told."),),
        )
        return AskPage(ask, partial(self._expect, local.expected))

    async def _expect(self, shown: tuple[str, ...], value: str) -> None:
        state = self.session.state
        assert state is not None
        names = [name.strip() for name in value.split(",") if name.strip()]

        def unless_changed(local: Local) -> Local:
            refuse_changed("Members", shown, local.expected)
            return expect(local, names)

        state.change(unless_changed)
        self.desk.look_around()

    # Line 23 ---------------------------------------------------------------------------------------------------------

    def arrival(self) -> Widget | None:
        box = self.box
        return self.query_one("#inbox") if box is not None and box.judges and box.next[0] == "judge" else None

    def own_action(self) -> Action | None:
        box = self.box
        if box is None or self.wrong:
            return None
        what, about = box.next
        names = join([safe(seat.moniker, 30) for seat in about])
        match what:
            case "paste":
                return Action("NEXT", f"Paste what {names or 'the members'} sent you", do=self._paste)
            case "judge":
                return Action("NEXT", _judge(about), do=partial(self.open_seat, about[0]))
            case "wait":
                whole = len(self.session.local.expected)
                here = f"{whole - len(about)} of {whole} are here"
                return Action("WAIT", f"For {names}: {here}. ^N pastes what came", do=self._paste)
            case "compare":
                return Action("NEXT", f"Go to Network; words can be compared later with {names}")
            case _:
                held = f"; {names} {'stays' if len(about) == 1 else 'stay'} out, held" if about else ""
                return Action("NEXT", f"Go to Network{held}")

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        yield f"quorate{words} peers"
        yield f"quorate{words} import FILE"


def _judge(about: tuple[Seat, ...]) -> str:
    seat = about[0]
    name = safe(seat.moniker, 30)
    more = f"; {len(about) - 1} more after it" if len(about) > 1 else ""
    if not seat.signed:
        return f"Open {name}'s values, and read them to {name}{more}"
    return f"Open {name}'s card, and compare words with {name}{more}"


def _host(seat: Seat) -> str:
    return safe(seat.address.rpartition(":")[0] or seat.address)


def _cells(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(padded(cell, room) for cell, room in zip(cells, widths, strict=True) if room)
