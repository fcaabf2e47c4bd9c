"""The members of a record beside the cards that this operator already had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..agreement.exchange import Exchange
from ..agreement.record import NetworkRecord
from ..agreement.roster import RosterMember
from ..card.changes import FieldChange, card_changes
from ..card.model import NodeCard
from ..finding import Finding, error, warning


@dataclass(frozen=True, slots=True)
class Beside:
    moniker: str
    node_id: str
    how: Literal["same", "older", "differs", "first", "unsigned"]
    """``same`` card as here; the record has an ``older`` one; it ``differs`` from the one here; ``first`` seen."""
    own: bool
    changes: tuple[FieldChange, ...] = ()
    """From the card here to that of the record."""


def beside_cards(record: NetworkRecord, exchange: Exchange) -> tuple[Beside, ...]:
    """Each member of the record, in its order."""
    return tuple(_beside(member, exchange) for member in record.members)


def _beside(member: RosterMember, exchange: Exchange) -> Beside:
    own = member.node_id == exchange.own
    known = exchange.cards.get(member.node_id)
    if not isinstance(member.card, NodeCard):
        return Beside(member.moniker, member.node_id, "unsigned", own)
    if known is None:
        return Beside(member.moniker, member.node_id, "first", own)
    if known.document.id == member.card_id:
        return Beside(member.moniker, member.node_id, "same", own)
    older = member.card.serial < known.card.serial
    changes = card_changes(known.card, member.card)
    return Beside(member.moniker, member.node_id, "older" if older else "differs", own, changes)


def roster_findings(record: NetworkRecord, exchange: Exchange) -> Iterator[Finding]:
    """Where the record contradicts what this member knows: another validator key, or a card that they hold back.

    A coordinator has decided about each card, and is told nothing here.
    """
    if exchange.local.role == "coordinator":
        return
    for one in beside_cards(record, exchange):
        if one.how == "unsigned" and (one.own or one.node_id in exchange.cards):
            yield _signs_themself(one)
        if not one.own:
            yield from _another_key(one, exchange)
            yield from _held_back(one, exchange)


def _signs_themself(one: Beside) -> Finding:
    who = "you have" if one.own else f"{one.moniker} has"
    message = f"the record has {one.moniker} as a member without quorate; {who} a node key that signs"
    fix = f"Ask the coordinator for a record with the card of {one.moniker}: no attestation counts for them."
    return warning("record-signer-unsigned", one.moniker, message, fix)


def _another_key(one: Beside, exchange: Exchange) -> Iterator[Finding]:
    change = next((change for change in one.changes if change.field == "validator_key"), None)
    if change is None:
        return
    decision = exchange.cards[one.node_id].decision
    compared = f", whose words you compared ({decision.confirmed})" if decision and decision.confirmed else ""
    yield warning(
        "record-other-key",
        one.moniker,
        f"the record has the validator key {change.new} for {one.moniker}; the card here{compared} has {change.old}",
        f"Ask {one.moniker} on a call which of the two it is, before you accept: the key in the genesis is who votes.",
    )


def _held_back(one: Beside, exchange: Exchange) -> Iterator[Finding]:
    known = exchange.cards.get(one.node_id)
    decision = known.decision if known is not None else None
    if one.how == "same" and decision is not None and decision.verdict in ("hold", "refuse"):
        yield error(
            "record-card-held",
            one.moniker,
            f"the record has the card of {one.moniker} that you hold back: {decision.reason}",
            f"Compare the words of that card with {one.moniker} again (quorate peers words {one.node_id[:12]}); where "
            "they are the same, say so, else tell the coordinator and accept nothing.",
        )
