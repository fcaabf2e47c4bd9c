"""One member of the inbox: the card with what changed, its 8 words, and the word about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from core.agreement.exchange import Exchange, KnownCard, card_id_of, known_members
from core.documents.words import eight_words
from core.finding import Finding, Refusal
from core.local import Local, Verdict, refuse_changed
from core.peers.decide import approve, decide, differ, keep, newest, same, unsaid
from core.peers.inbox import Seat, disputed_changes, inbox, said_of, what_changed
from core.peers.wording import readable, signed_on
from core.safe import safe

from ...action import Action
from ...page import Page
from ...theme import grouped, rule, styled
from ...topic import Topic, of_finding
from ...widgets.facts import Fact, Facts, Heading, Item, Note, Prose, change_items
from ...widgets.field import Buttons
from ...widgets.findings import Findings
from ...widgets.lines import Choice, Lines, Row, menu_rows
from ..opened.ask import Ask, AskPage

_CALL = "on a call"
_Change = Callable[[Local], Local]


_ASKED = ("peer-unverified", "peer-unsigned-unconfirmed")


class FewFindings(Findings):
    """The card, its words and the answer are what is looked at here."""

    @property
    def room(self) -> int:
        return max(3, (self.app.size.height - 4) // 5)


class PeerPage(Page):
    """``<Not yet>`` has the focus: nothing is said by an Enter too many."""

    step_id = "peers"

    def __init__(self, exchange: Exchange, seat: Seat, told: tuple[Finding, ...] = ()) -> None:
        """``told``: why the page is shown again."""
        super().__init__()
        self._exchange = exchange
        self._seat = seat
        self._told = told
        self._one = known_members(exchange)[seat.node_id]
        self._decided = exchange.local.decisions.get(seat.node_id)
        """As this page shows it, or has changed it."""
        self._words: Sequence[str] = ()

    # What is shown ---------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts((self._purpose(), ""), id="purpose").add_class("purpose")
            yield Facts(tuple(self._facts()), id="card")
        yield Lines(self._words_rows, id="words")
        yield Buttons("You say", self._options(), id="say")
        yield FewFindings(id="findings")

    def on_mount(self) -> None:
        self.query_one("#say").display = bool(self._options())
        # That nobody has confirmed the card is what this page asks.
        told = (*self._told, *said_of(self._exchange, self._seat.moniker))
        self.query_one(Findings).put([one for one in told if one.code not in _ASKED])
        if self._seat.signed:
            self._make_words()

    @property
    def _whose(self) -> str:
        return safe(self._seat.moniker, 30)

    @property
    def _judges(self) -> bool:
        return self._exchange.local.role == "coordinator"

    def _purpose(self) -> str:
        if self._seat.own:
            return "Your own card, as the others see it."
        if not self._seat.signed:
            return f"{self._whose}'s values, signed by nobody. Read them to {self._whose}."
        version = 1 + (len(self._one.history) if isinstance(self._one, KnownCard) else 0)
        which = f", version {version}" if version > 1 else ""
        return f"{self._whose}'s card{which}. Read it together on a call."

    def _facts(self) -> Iterator[Item]:
        one = self._one
        member = one.card if isinstance(one, KnownCard) else one.entry
        changed = {change.field: change.old for change in what_changed(one)}
        if "moniker" in changed:
            yield from _fact("Moniker", member.moniker, changed["moniker"])
        addresses = ", ".join(member.p2p)
        yield from _fact("Address", addresses, changed.get("p2p"))
        yield from _fact("Node id", grouped(member.node_id), None)
        yield from _fact("Validator key", member.validator_key, changed.get("validator_key"))
        if isinstance(one, KnownCard):
            for label, text, field in (
                ("API", one.card.api, "api"),
                ("Contact", one.card.contact, "contact"),
                ("Software", one.card.software, "software"),
            ):
                if text or field in changed:
                    yield from _fact(label, text or "none", changed.get(field))
            yield Fact("Signed", signed_on(one.card.serial))
        decision = one.decision
        if decision is not None:
            told = self._seat.words + (f"; compared: {decision.confirmed}" if decision.confirmed else "")
            yield Fact("You said", told, "✓")

    def _words_rows(self, width: int) -> Sequence[Row]:
        if not self._seat.signed:
            return tuple(
                Row(styled((line, "$muted")))
                for line in (
                    "There is no card whose words could be read: compare all digits",
                    "and letters over another channel than the one they came by.",
                    "",
                )
            )
        head = rule("Words of this card", "" if self._seat.own else f"{self._whose} reads, you follow", width)
        words = [*self._words] or [".."] * 8
        lines = [
            styled("   ", *(part for at in range(4) for part in _word(first + at, words[first + at])))
            for first in (0, 4)
        ]
        return (Row(head), *map(Row, lines), Row(Content("")))

    @work(group="words", exclusive=True)
    async def _make_words(self) -> None:
        # It takes a tenth of a second on purpose: beside the loop, so that keys go on.
        self._words = await asyncio.to_thread(eight_words, bytes.fromhex(card_id_of(self._one)), "card")
        self.query_one("#words", Lines).renew()

    def _options(self) -> tuple[tuple[str, str], ...]:
        if self._seat.own:
            return ()
        if self._judges:
            if isinstance(self._one, KnownCard) and self._one.passed is not None:
                return (("later", "Not yet"), ("newest", "See the newer card"))
            return (("later", "Not yet"), ("approve", "Same: approve"), ("hold", "Hold"), ("refuse", "Refuse"))
        return (("later", "Not yet"), ("same", "Same"), ("differ", "Differ"))

    @property
    def _earlier(self) -> bool:
        """Whether an earlier card of this node was admitted, and can be kept."""
        return (
            isinstance(self._one, KnownCard)
            and self._one.earlier is not None
            and (self._one.earlier.verdict == "approve")
        )

    # What is said ----------------------------------------------------------------------------------------------------

    @on(Buttons.Pressed, "#say")
    async def _say(self, event: Buttons.Pressed) -> None:
        event.stop()
        match event.value:
            case "approve" | "same":
                await self.frame.open(self._how_page(event.value == "approve"))
            case "newest":
                if await self._keep(lambda local: newest(local, self._seat.node_id, self._one)):
                    await self._show_again(())
            case "hold":
                await self.frame.open(self._why_page("hold", "Hold", "stays out until you say otherwise"))
            case "refuse" if self._earlier:
                await self.frame.open(EarlierPage(self._whose, self._keep_earlier, self._refuse))
            case "refuse":
                await self._refuse()
            case "differ":
                if await self._keep(lambda local: differ(local, self._seat.node_id, self._one, self._today)):
                    await self.frame.open(DifferPage(self._whose))
            case _:
                await self.frame.close()

    async def _refuse(self) -> None:
        await self.frame.open(self._why_page("refuse", "Refuse", "is left out; a newer card is judged anew"))

    async def _keep_earlier(self) -> None:
        if await self._keep(lambda local: keep(local, self._seat.node_id, self._one)):
            await self._done()

    async def _done(self) -> None:
        """Back to the list, from whatever was opened over this page."""
        while self.frame.page is not self:
            await self.frame.close()
        await self.frame.close()

    @property
    def _today(self) -> str:
        """How words are usually compared."""
        return f"{_CALL}, {self._exchange.now.strftime('%d %b %Y')}"

    def _how_page(self, approves: bool) -> AskPage:
        does = f"Approve {self._whose}" if approves else f"Note that {self._whose}'s words are the same"
        ask = Ask(
            title=f"Same: {self._whose}",
            purpose="How did you compare? It stays noted beside the card.",
            label="How",
            value=self._today,
            sentence=does,
            help="By which way you heard the words, and when: on a call, in person. The channel by which the card came "
            "does not count: whoever can change the card there, can change the words too.",
            below=(Note("By a call or in person; not by the chat that the card came by."),),
            check=partial(unsaid, "approve"),
        )

        async def done(how: str) -> None:
            say = approve if approves else same
            if await self._keep(lambda local: say(local, self._seat.node_id, self._one, how.strip())):
                await self._done()

        return AskPage(ask, done)

    def _why_page(self, verdict: Verdict, word: str, effect: str) -> AskPage:
        before = self._one.decision
        ask = Ask(
            title=f"{word}: {self._whose}",
            purpose=f"{self._whose} {effect}.",
            label="Reason",
            value=before.reason if before is not None else "",
            sentence=f"{word} {self._whose}'s card",
            help="In a few words, for you and for the member: it stands beside the card in the inbox.",
            check=partial(unsaid, verdict),
        )

        async def done(reason: str) -> None:
            if await self._keep(lambda local: decide(local, self._seat.node_id, self._one, verdict, reason.strip())):
                await self._done()

        return AskPage(ask, done)

    async def _keep(self, change: _Change) -> bool:
        """Whether it was kept; else the page shows what was decided elsewhere. Raises Refusal as ``State.change``."""
        state, node = self.session.state, self._seat.node_id
        assert state is not None

        def unless_decided(local: Local) -> Local:
            refuse_changed(self._whose, self._decided, local.decisions.get(node))
            return change(local)

        try:
            self._decided = state.change(unless_decided).decisions.get(node)
        except Refusal as refusal:
            if refusal.findings[0].code != "state-changed-meanwhile":
                raise
            await self._show_again(refusal.findings)
            return False
        self.desk.look_around()
        return True

    async def _show_again(self, told: tuple[Finding, ...]) -> None:
        from core.seen import seen

        exchange = (await seen(self.session.world)).current.exchange
        seat = next((one for one in inbox(exchange).seats if one.node_id == self._seat.node_id), None)
        if self.frame.page is not self:
            await self.frame.close()
        if seat is None or seat.stand in ("disputed", "missing"):
            await self.frame.close()
        else:
            await self.frame.swap(PeerPage(exchange, seat, told), self)

    # The frame -------------------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return f"{self.session.heading('peers')}: {self._whose}"

    def keys(self) -> str:
        if isinstance(self.screen.focused, Buttons):
            return "Left/Right choose   Enter say it   Esc back to the list   F1 explain   ^Q leave"
        return "Tab move   ^N your word   Esc back to the list   F1 explain   ^Q leave"

    def arrival(self) -> Widget | None:
        return self.query_one("#say") if self._options() else None

    def action(self) -> Action:
        if not self._options():
            return Action("READ", "Esc goes back to the list", "Esc")
        what = f"{self._whose}'s card" if self._seat.signed else f"{self._whose}'s values"
        return Action("WAIT", f"For your word on {what}: Left/Right, then Enter")

    async def next(self) -> None:
        if self._options():
            self.query_one("#say").focus()
        else:
            await self.frame.close()

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "The signature shows that the card is whole and that who holds the node key made it. Whether that is "
                "the person you think of, only the person can tell: by 8 words that you both read from your own "
                "screens."
            ),
            (
                "Approve: the member goes into the record. Hold: not now, with a reason. Refuse: the member is left "
                "out, with a reason."
            ),
            *(
                ("Keep the earlier: the card that you approved before stays in use, until a still newer one comes.",)
                if self._earlier
                else ()
            ),
        )
        return Topic(f"The card of {self._whose}", self.heading(), so, back="the card")

    def commands(self) -> Iterable[str]:
        words, node = self.session.state_words(), self._seat.node_id[:12]
        yield f"quorate{words} peers words {node}"
        if self._judges:
            yield f"quorate{words} peers confirm {node} --how '{_CALL}'"
            yield f"quorate{words} peers approve {node}"
            if self._earlier:
                yield f"quorate{words} peers keep {node}"
        elif not self._seat.own:
            yield f"quorate{words} peers confirm {node} --how '{_CALL}'"
            yield f"quorate{words} peers hold {node} --reason 'its words differed'"


class EarlierPage(Page):
    """A changed card is refused: the one that was approved before can stay."""

    step_id = "peers"

    def __init__(self, whose: str, keep: Callable[[], Awaitable[None]], refuse: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._whose = whose
        self._does = {"keep": keep, "refuse": refuse}

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            asks = f"You approved an earlier card of {self._whose}. What counts now?"
            yield Facts((asks, ""), id="purpose").add_class("purpose")
            yield Lines(self._rows, id="ways")

    def _rows(self, width: int) -> Sequence[Row]:
        return menu_rows(_EARLIER)

    @on(Lines.Chosen, "#ways")
    async def _chosen(self, event: Lines.Chosen) -> None:
        event.stop()
        await self._does[str(_EARLIER[event.item].value)]()

    def heading(self) -> str:
        return f"{self.session.heading('peers')}: {self._whose}"

    def keys(self) -> str:
        return "Up/Down move   Enter choose   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one("#ways")

    def action(self) -> Action:
        return Action("WAIT", f"For your choice: {self._whose}'s earlier card, or none", "")

    async def next(self) -> None:
        self.query_one("#ways").focus()


_EARLIER = (
    Choice("Keep", "the earlier card, which you approved; pass over this one", "keep", acts=True),
    Choice("Refuse", "leave the member out, with a reason", "refuse"),
)


class AbsentPage(Page):
    """Expected, and nothing has come."""

    step_id = "peers"

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._whose = safe(seat.moniker, 30)

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts(
                (
                    f"No card of {self._whose} has come.",
                    "",
                    Prose(
                        f"You wait for {self._whose}. Ask for the card: with quorate, the step Card makes and shows "
                        "it; without quorate, node id, address and validator key are enough (<Add> in the inbox)."
                    ),
                    "",
                    Note("Whoever comes under another name stands in the inbox by that name; <Expect> changes yours."),
                )
            )

    def heading(self) -> str:
        return f"{self.session.heading('peers')}: {self._whose}"

    def keys(self) -> str:
        return "^N paste   Esc back to the list   ^Q leave"

    def action(self) -> Action:
        return Action("WAIT", f"For {self._whose}. ^N pastes what came")

    async def next(self) -> None:
        from ..opened.paste import PastePage

        await self.frame.swap(PastePage())


class DisputedPage(Page):
    """Two cards that one node signed at one time: both are shown, none is used."""

    step_id = "peers"

    def __init__(self, exchange: Exchange, seat: Seat) -> None:
        super().__init__()
        self._exchange = exchange
        self._seat = seat

    def compose(self) -> ComposeResult:
        name = safe(self._seat.moniker, 30)
        with Vertical(classes="scroll"):
            yield Facts((f"{name} signed two cards at one time. None of them is used.", ""))
            yield Facts(tuple(self._cards()))
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Findings).put(said_of(self._exchange, self._seat.moniker))

    def _cards(self) -> Iterator[Item]:
        for document in self._exchange.disputed[self._seat.node_id]:
            yield Fact("Card", grouped(document.id[:32]), "✗")
        changes = readable(disputed_changes(self._exchange, self._seat.node_id))
        if changes:
            yield from ("", Heading("What differs"), *change_items(changes))

    def heading(self) -> str:
        return f"{self.session.heading('peers')}: {safe(self._seat.moniker, 30)}"

    def topic(self, focused: Widget | None) -> Topic | None:
        chosen = self.query_one(Findings).chosen
        return of_finding(chosen, self.heading()) if chosen is not None else None

    def action(self) -> Action:
        return Action("READ", "Esc goes back to the list", "Esc")


class DifferPage(Page):
    """The words were not the same."""

    step_id = "peers"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._whose = name

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts(
                (
                    f"Stop here. {self._whose} holds another card than you.",
                    "",
                    Heading("What can be"),
                    Fact("an older card", "likely: it was signed again since"),
                    Fact("misheard", "read all 8 words once more"),
                    Fact("another card", "serious: somebody changed it on its way"),
                    "",
                    Heading("To find out"),
                    Prose(
                        f"Ask {self._whose} for the card once more, over another channel, and paste it: quorate shows "
                        "what differs. Tell the coordinator before anything is signed."
                    ),
                )
            )

    def heading(self) -> str:
        return f"{self.session.heading('peers')}: words differ"

    def keys(self) -> str:
        return "^N paste   Esc back to the card   ^Q leave"

    def action(self) -> Action:
        return Action("FIX", f"Paste the card that {self._whose} has, to see what differs")

    async def next(self) -> None:
        from ..opened.paste import PastePage

        await self.frame.swap(PastePage())


def _fact(label: str, value: str, was: str | None) -> Iterator[Item]:
    yield Fact(label, value, "" if was is None else "!")
    if was is not None:
        yield Fact("  was", was or "none")


def _word(number: int, word: str) -> Iterator[tuple[str, str]]:
    yield (f"{number + 1} ", "$muted")
    yield (f"{word:<11}", "bold")
