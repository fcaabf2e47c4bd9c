"""Values that are entered for one member and are known to be another's, before they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from ..agreement.doubles import Member, address_as_node_id, names, node_key_as_validator
from ..agreement.exchange import Exchange
from ..card.model import NodeCard, UnsignedEntry
from ..documents.ed25519 import address, node_id
from ..finding import Finding, error
from ..seen import Own


def misplaced(entry: UnsignedEntry, exchange: Exchange, own: Own | None) -> tuple[Finding, ...]:
    """Every error of that kind about ``entry``; empty where its values may be its own.

    What is wrong with another entry is found by ``check_doubles``, and does not keep this one out.
    """
    others = tuple(one for one in _known(exchange) if one.moniker.casefold() != entry.moniker.casefold())
    return tuple(dict.fromkeys((*_beside(entry, others), *_own(entry, own))))


def _known(exchange: Exchange) -> tuple[Member, ...]:
    """Members with a card or an entry; without one, as the record in force has them."""
    here = {one.node_id for one in exchange.members}
    recorded = exchange.record.members if exchange.record else ()
    return (*exchange.members, *(one.card for one in recorded if one.node_id not in here))


def _beside(entry: UnsignedEntry, others: tuple[Member, ...]) -> Iterator[Finding]:
    for other in others:
        if entry.node_id == other.validator_address.lower():
            yield address_as_node_id(entry, f"{names([other])}'s")
        if entry.validator_address.lower() == other.node_id and isinstance(other, NodeCard):
            yield node_key_as_validator(entry, names([other]))
        if entry.node_id == other.node_id and entry.validator_key != other.validator_key:
            yield _of_another(entry, names([other]))


def _own(entry: UnsignedEntry, own: Own | None) -> Iterator[Finding]:
    if own is None:
        return
    if own.validator_key is not None and entry.node_id == address(own.validator_key).lower():
        yield address_as_node_id(entry, "your own")
    if entry.validator_address.lower() == node_id(own.node_key):
        yield node_key_as_validator(entry, "your own node")
    if entry.node_id == own.node_id and entry.validator_public != own.validator_key:
        yield _of_another(entry, "your own node")
    elif entry.node_id != own.node_id and entry.validator_public == own.validator_key:
        message = f"The validator key that was entered for {entry.moniker} is your own."
        fix = f"Ask {entry.moniker} for what show-validator prints."
        yield error("peer-key-of-own", entry.moniker, message, fix)


def _of_another(entry: UnsignedEntry, whose: str) -> Finding:
    message = (
        f"The node id {entry.node_id} that was entered for {entry.moniker} is that of {whose}, with a different key."
    )
    return error("peer-id-of-another", entry.moniker, message, f"Ask {entry.moniker} for what show-node-id prints.")
