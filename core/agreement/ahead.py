"""What is known here and not yet in the record in force: a version that waits for signatures, a newer own card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..card.changes import card_changes
from ..card.model import NodeCard
from ..documents.ed25519 import node_id
from ..finding import Finding, info, warning
from ..way import Blank, once, way
from .owners import waits_for

if TYPE_CHECKING:
    from .current import Current


def ahead(seen: Current) -> Iterator[Finding]:
    """Each has its way."""
    if seen.in_force:
        yield from _version(seen)
        yield from _card(seen)


def _version(seen: Current) -> Iterator[Finding]:
    waiting = seen.pending
    if waiting is None:
        return
    missing = waits_for(waiting, seen.before(waiting.record))
    signed = any(node_id(one.key) == seen.exchange.own for one in waiting.signatures)
    then = "Send the text that it prints to the owners who have not signed, and import theirs."
    share = way("network", "share", then=then)
    then = "FILE is what the owners send, once more of them have signed."
    take = once("the other owners", "import", Blank("FILE"), then=then)
    yield info(
        "record-next-waits",
        f"record {waiting.id[:8]}",
        f"version {waiting.version} is not in force yet: {missing}",
        way=share if signed or seen.exchange.local.role == "coordinator" else take,
    )


def _card(seen: Current) -> Iterator[Finding]:
    """A coordinator is asked about their own card where the next version is made."""
    record, own = seen.exchange.record, seen.exchange.own
    member = record.member(own) if record is not None and own is not None else None
    known = seen.exchange.cards.get(own or "")
    if seen.exchange.local.role == "coordinator" or record is None or member is None or known is None:
        return
    if not isinstance(member.card, NodeCard) or member.card.serial >= known.card.serial:
        return
    offered = (one.record.member(known.card.node_id) for one in seen.offered)
    if any(one is not None and one.card_id == known.document.id for one in offered):
        return
    if changes := card_changes(member.card, known.card):
        yield warning(
            "record-card-older",
            known.card.moniker,
            f"version {record.version} still has your card before: {'; '.join(map(str, changes))}",
            way=way(
                "card", "show", then="Send the text that it prints to the coordinator, who makes the next version."
            ),
        )
