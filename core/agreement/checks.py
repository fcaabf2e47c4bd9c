"""What there is to say about all cards together: who is missing, who is not who they seem, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..card.changes import card_changes
from ..card.checks import check_content, check_serial, to_yourself
from ..card.model import NodeCard
from ..counted import counted
from ..documents.document import Document
from ..finding import Finding, error, info, warning
from .doubles import check_doubles

if TYPE_CHECKING:
    from .exchange import Exchange, KnownCard, KnownEntry


def check_peers(exchange: Exchange) -> Iterator[Finding]:
    """Every finding about cards and entries in use. Those about a single document stand with it in ``statuses``."""
    recorded = {member.card_id for member in exchange.record.members} if exchange.record else set[str]()
    for one in exchange.cards.values():
        yield from _check_card(one, exchange, one.document.id in recorded)
    for entry in exchange.unsigned.values():
        yield from _check_entry(entry, entry.entry.id in recorded)
    yield from check_doubles(exchange.members)
    yield from check_expected(exchange)
    yield from check_own(exchange)
    yield from check_recorded(exchange)


def _check_card(one: KnownCard, exchange: Exchange, recorded: bool) -> Iterator[Finding]:
    if one.refused:
        return
    own = one.card.node_id == exchange.own
    for finding in (*check_content(one.card), *(() if recorded else check_serial(one.card, exchange.now))):
        yield _of(one.card.moniker, to_yourself(finding) if own else finding)
    if one.history:
        yield from check_change(one.card, one.history[0])
    if not (own or recorded or one.verified):
        yield _unverified(one.card)


def _of(moniker: str, finding: Finding) -> Finding:
    message = finding.message if moniker in finding.message else f"On {moniker}'s card: {finding.message}"
    return Finding(finding.code, finding.severity, f"{moniker}: {finding.subject}", message, finding.fix)


def _check_entry(one: KnownEntry, recorded: bool) -> Iterator[Finding]:
    if one.refused:
        return
    moniker = one.entry.moniker
    yield info("peer-unsigned", moniker, f"The values of {moniker} are signed by nobody: {moniker} has no quorate.")
    for finding in check_content(one.entry):
        yield _of(moniker, finding)
    if not (recorded or one.verified):
        message = f"Nobody has noted how {moniker} confirmed node id {one.entry.node_id} and their validator key."
        fix = f"Read both to {moniker}, over another channel than the one they came by, and note it."
        yield warning("peer-unsigned-unconfirmed", moniker, message, fix)


def _unverified(card: NodeCard) -> Finding:
    message = f"That the card of {card.moniker} ({card.node_id[:8]}) is really theirs, nobody has confirmed."
    fix = f"Compare its eight words with {card.moniker}, over another channel, and note how."
    return warning("peer-unverified", card.moniker, message, fix)


def check_change(card: NodeCard, before: NodeCard) -> Iterator[Finding]:
    """What a node's newest card says differently from the one before."""
    for change in card_changes(before, card):
        if change.field == "validator_key":
            message = f"{card.moniker} has another validator key: {change.old} before, {change.new} now."
            fix = (
                f"Ask {card.moniker}, over another channel, whether they changed it; an approval has to be given anew."
            )
            yield warning("peer-validator-key-changed", card.moniker, message, fix)
        elif change.field != "validator_address":
            message = f"The card of {card.moniker} has changed. {change}."
            yield info("peer-changed", f"{card.moniker}: {change.field}", message)


def two_cards(serial: int, same: Sequence[tuple[NodeCard, Document]], *, newest: bool) -> Finding:
    """A member signed two cards of one serial."""
    card = same[0][0]
    ids = " and ".join(document.id for _, document in same)
    differs = "; ".join(str(change) for change in card_changes(card, same[1][0]))
    message = (
        f"{card.moniker} ({card.node_id[:8]}) signed {len(same)} cards with the serial {serial}: {ids}. {differs}."
    )
    if not newest:
        return warning("peer-two-cards", card.moniker, message, f"Ask {card.moniker} why; a newer card is in use.")
    fix = f"None of them is used. Ask {card.moniker}, over another channel, for a new card."
    return error("peer-two-cards", card.moniker, message, fix)


def check_expected(exchange: Exchange) -> Iterator[Finding]:
    """Whom the coordinator waits for, and who came without being waited for. Nothing where nobody is expected."""
    expected = {name.casefold(): name for name in exchange.local.expected}
    if not expected:
        return
    here = {member.moniker.casefold(): member for member in exchange.members}
    missing = [name for folded, name in expected.items() if folded not in here]
    if missing:
        message = f"{len(expected) - len(missing)} of {len(expected)} are here; missing {', '.join(missing)}."
        yield warning("peer-missing", "members", message, f"Ask {', '.join(missing)} for a card.")
    for folded, member in here.items():
        if folded not in expected:
            message = f"{member.moniker} ({member.node_id[:8]}) is here and was not expected."
            fix = "Expect them too, or refuse the card with a reason."
            yield warning("peer-unexpected", member.moniker, message, fix)


def check_own(exchange: Exchange) -> Iterator[Finding]:
    if exchange.own is not None and exchange.own not in exchange.cards:
        message = f"{counted(len(exchange.cards), 'card')} came, none of your own node {exchange.own}."
        yield warning("peer-own-missing", "members", message, "Make your card, and send it to the coordinator too.")


def check_recorded(exchange: Exchange) -> Iterator[Finding]:
    """A name of the record in force that comes with another node: a new key, or somebody else."""
    if exchange.record is None:
        return
    recorded = {member.moniker.casefold(): member for member in exchange.record.members}
    nodes = {member.node_id for member in exchange.record.members}
    for one in exchange.members:
        member = recorded.get(one.moniker.casefold())
        if member is not None and one.node_id not in nodes:
            message = f"The card of {one.moniker} is of node {one.node_id}; the record has {member.node_id}."
            fix = f"Ask {one.moniker}, over another channel, whether they have a new node key."
            yield warning("peer-node-key-changed", one.moniker, message, fix)
