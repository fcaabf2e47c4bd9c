"""The members of a record beside the cards that this operator already had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..card.model import NodeCard
from ..network.record import NetworkRecord
from ..network.roster import RosterMember
from .changes import FieldChange, card_changes
from .exchange import Exchange


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
