"""The inbox: who is here, how each stands with this operator, and what comes next. For screens and commands alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..agreement.exchange import Exchange, KnownCard, KnownEntry, known_members
from ..card.changes import FieldChange, card_changes
from ..card.model import NodeCard, UnsignedEntry
from ..finding import Finding
from ..safe import safe
from ..state import Decision

Stand = Literal["own", "approved", "confirmed", "unverified", "held", "refused", "disputed", "missing"]
"""``own``: a member's, who approves nobody. ``confirmed``: the words were compared, and nothing else said.
``disputed``: two cards of one serial, none used."""

Next = Literal["paste", "judge", "wait", "compare", "onwards"]
"""``judge``: cards wait for the coordinator's word. ``compare``: a member may compare words, and need not."""

_WORDS: dict[Stand, str] = {
    "own": "yours",
    "approved": "approved",
    "confirmed": "words compared",
    "unverified": "unverified",
    "held": "held",
    "refused": "refused",
    "disputed": "two cards, none used",
    "missing": "missing: no card yet",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """One member, here or expected."""

    moniker: str
    stand: Stand
    node_id: str = ""
    """Empty for a member of whom nothing has come."""
    address: str = ""
    """The first of them, ``host:port``."""
    own: bool = False
    signed: bool = True
    changed: bool = False
    """There was an earlier card, and nothing was said about this one yet."""
    reason: str = ""
    passed: bool = False
    """A newer card is passed over."""

    @property
    def words(self) -> str:
        """``held: no name``, ``unsigned, approved``."""
        stand = _WORDS[self.stand]
        stand = "earlier card kept" if self.passed and self.stand == "approved" else stand
        told = f"{stand}: {self.reason}" if self.reason else stand
        before = "" if self.signed else "unsigned, "
        you = ", you" if self.own and self.stand != "own" else ""
        return f"{before}{'changed, ' if self.changed else ''}{told}{you}"


@dataclass(frozen=True, slots=True)
class Inbox:
    seats: tuple[Seat, ...]
    """By moniker; after them those of whom nothing has come."""
    judges: bool
    """Whether this operator's word admits members: the coordinator's."""

    def of(self, *stands: Stand) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.stand in stands)

    @property
    def here(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.stand != "missing")

    @property
    def others(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.here if not seat.own)

    @property
    def next(self) -> tuple[Next, tuple[Seat, ...]]:
        """What comes next, and about whom."""
        open_ones = tuple(seat for seat in self.others if seat.stand == "unverified")
        if not self.judges:
            return ("compare", open_ones) if open_ones else ("onwards", ())
        if not self.others:
            return "paste", self.of("missing")
        waiting = self.of("unverified", "confirmed")
        if waiting:
            return "judge", waiting
        missing = self.of("missing")
        return ("wait", missing) if missing else ("onwards", self.of("held"))


def inbox(exchange: Exchange) -> Inbox:
    return Inbox(tuple(_seats(exchange)), exchange.local.role == "coordinator")


def said_of(exchange: Exchange, moniker: str) -> tuple[Finding, ...]:
    """The findings about one member."""
    name = safe(moniker, 200)
    return tuple(one for one in exchange.findings if one.subject == name or one.subject.startswith(f"{name}: "))


def what_changed(one: KnownCard | KnownEntry) -> tuple[FieldChange, ...]:
    """Against the card of that node before; nothing where this is the first."""
    return card_changes(one.history[0], one.card) if isinstance(one, KnownCard) and one.history else ()


def disputed_changes(exchange: Exchange, node_id: str) -> tuple[FieldChange, ...]:
    """What differs between the first two of the cards that one node signed at one time."""
    cards = (NodeCard.parse(document.payload)[0] for document in exchange.disputed[node_id])
    first, second = [card for card in cards if card is not None][:2]
    return card_changes(first, second)


def _seats(exchange: Exchange) -> Iterator[Seat]:
    known = [*known_members(exchange).items()]
    there = set[str]()
    for node_id, one in sorted(known, key=lambda pair: _member(pair[1]).moniker.casefold()):
        there.add(_member(one).moniker.casefold())
        yield _seat(node_id, one, exchange)
    for node_id, documents in exchange.disputed.items():
        status = exchange.statuses[documents[0].id]
        there.add(status.subject.casefold())
        yield Seat(status.subject, "disputed", node_id, own=node_id == exchange.own)
    for name in exchange.local.expected:
        if name.casefold() not in there:
            yield Seat(name, "missing", signed=True)


def _seat(node_id: str, one: KnownCard | KnownEntry, exchange: Exchange) -> Seat:
    member, decision = _member(one), one.decision
    own = node_id == exchange.own
    stand = "own" if own and exchange.local.role != "coordinator" else _stand(decision)
    return Seat(
        member.moniker,
        stand,
        node_id,
        next(iter(member.p2p), ""),
        own=own,
        signed=isinstance(one, KnownCard),
        changed=stand == "unverified" and bool(what_changed(one)),
        reason=decision.reason if decision and stand in ("held", "refused") else "",
        passed=isinstance(one, KnownCard) and one.passed is not None,
    )


def _stand(decision: Decision | None) -> Stand:
    if decision is None:
        return "unverified"
    if decision.verdict is None:
        return "confirmed" if decision.confirmed else "unverified"
    stands: dict[str, Stand] = {"approve": "approved", "hold": "held", "refuse": "refused"}
    return stands[decision.verdict]


def _member(one: KnownCard | KnownEntry) -> NodeCard | UnsignedEntry:
    return one.card if isinstance(one, KnownCard) else one.entry
