"""What two members can not both have: node id, validator key, address, name. For cards and for a roster."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..card.hosts import classify
from ..card.model import NodeCard, UnsignedEntry
from ..finding import Finding, error, warning

Member = NodeCard | UnsignedEntry

_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s"})


def check_doubles(members: Sequence[Member]) -> Iterator[Finding]:
    """Everything that two of ``members`` have in common and must not."""
    yield from _node_ids(members)
    yield from _validator_keys(members)
    yield from _roles(members)
    yield from _addresses(members)
    yield from _monikers(members)
    yield from _alike(members)
    yield from _ranges(members)


def check_taken(members: Sequence[Member]) -> Iterator[Finding]:
    """Names and validator keys that two have: before one of them is approved."""
    yield from _validator_keys(members)
    yield from _monikers(members)


def _several(pairs: Iterable[tuple[str, Member]]) -> Iterator[tuple[str, list[Member]]]:
    """The values that more than one member has, with these members, in a fixed order."""
    first: dict[str, Member] = {}
    more: dict[str, dict[int, Member]] = {}
    for value, member in pairs:
        other = first.setdefault(value, member)
        if other is not member:
            more.setdefault(value, {id(other): other})[id(member)] = member
    for value, members in more.items():
        yield value, sorted(members.values(), key=lambda one: (one.moniker, one.node_id))


def _places(members: Iterable[Member]) -> Iterator[tuple[str, Member]]:
    """Every ``host:port`` with its member. Addresses are canonical, so what stands behind the ``@`` is one already."""
    for member in members:
        for text in member.p2p:
            yield text.rpartition("@")[2], member


def names(members: Iterable[Member]) -> str:
    """ "alice (1c5cfcbc) and bob (8a7d3f01)"."""
    return " and ".join(f"{member.moniker} ({member.node_id[:8]})" for member in members)


def _node_ids(members: Sequence[Member]) -> Iterator[Finding]:
    for value, both in _several((one.node_id, one) for one in members):
        message = f"{names(both)} have the same node id {value}; every node has its own."
        yield error("peer-node-id-twice", both[0].moniker, message, "Keep the newest card of that node only.")


def _validator_keys(members: Sequence[Member]) -> Iterator[Finding]:
    for value, both in _several((one.validator_key, one) for one in members):
        message = f"{names(both)} have the same validator key {value}; with it in a genesis twice no node starts."
        fix = (
            f"Ask both, over another channel, whose key it is.{_moved(both)} Otherwise the other one sends a card with "
            "their own."
        )
        yield error("peer-validator-key-twice", both[0].moniker, message, fix)


def _roles(members: Sequence[Member]) -> Iterator[Finding]:
    """Both are the first 20 bytes of the SHA-256 of a key, so the same key gives the same digits.

    The node key of a card signed it. The node id of an unsigned entry was typed, and is more likely an address.
    """
    by_id = {one.node_id: one for one in members}
    for one in members:
        other = by_id.get(one.validator_address.lower())
        if isinstance(other, NodeCard):
            yield node_key_as_validator(one, names([other]))
        elif other is one:
            yield address_as_node_id(one, "their own")
        elif other is not None:
            found = address_as_node_id(other, f"{names([one])}'s")
            # Nobody signed either value. Programs show the address of a validator, and never the key of a node.
            more = f" If that is the same id, ask {one.moniker} for what show-validator prints."
            yield found if isinstance(one, NodeCard) else replace(found, fix=found.fix + more)


def node_key_as_validator(one: Member, whose: str) -> Finding:
    message = f"The validator key {one.validator_key} of {names([one])} is the node key of {whose}; a key has one role."
    fix = f"Ask {one.moniker} for the validator's own key: what show-validator prints."
    return error("peer-key-roles", one.moniker, message, fix)


def address_as_node_id(one: Member, whose: str) -> Finding:
    message = (
        f"The node id {one.node_id} that was entered for {one.moniker} is the address of {whose} validator key; "
        "a node id is of the node key."
    )
    return error("peer-address-as-id", one.moniker, message, f"Ask {one.moniker} for what show-node-id prints.")


def _addresses(members: Sequence[Member]) -> Iterator[Finding]:
    for value, both in _several(_places(members)):
        message = f"{names(both)} give the same address {value}; at one address answers one node."
        fix = "Ask both which of them is there; the other one sends a card with their own address."
        yield error("peer-address-twice", both[0].moniker, message, fix)


def _monikers(members: Sequence[Member]) -> Iterator[Finding]:
    for _, both in _several((one.moniker.casefold(), one) for one in members):
        message = f"{names(both)} have the same name; one of them may pose as the other."
        fix = (
            f"Compare the eight words of both cards over another channel.{_moved(both)} Otherwise ask one to take "
            "another moniker."
        )
        yield error("peer-moniker-twice", both[0].moniker, message, fix)


def _moved(both: Sequence[Member]) -> str:
    """What to do where it is one member, whose node has a new node key."""
    cards = [one for one in both if isinstance(one, NodeCard)]
    if len(cards) < 2:
        return ""
    old = min(cards, key=lambda card: card.serial)
    command = f"quorate peers refuse {old.node_id[:12]} --reason moved"
    return f" If it is one member whose node moved, refuse the old card: {command}."


def _alike(members: Sequence[Member]) -> Iterator[Finding]:
    for _, both in _several((_skeleton(one.moniker), one) for one in members):
        if len({one.moniker.casefold() for one in both}) > 1:
            message = f"The names of {names(both)} look alike."
            fix = "Compare the eight words of both cards over another channel."
            yield warning("peer-moniker-alike", both[0].moniker, message, fix)


def _skeleton(moniker: str) -> str:
    """Letters that are easily taken for one another made one, and everything but letters and digits left out."""
    plain = moniker.casefold().translate(_ALIKE).replace("rn", "m").replace("vv", "w")
    return "".join(filter(str.isalnum, plain)) or moniker


def _ranges(members: Sequence[Member]) -> Iterator[Finding]:
    hosts = ((place.rpartition(":")[0].strip("[]"), one) for place, one in _places(members))
    private = ((_range(host), one) for host, one in hosts if _is_ip(host) and classify(host) == "private")
    for value, both in _several(private):
        message = f"{names(both)} give private addresses of the same range {value}; at home everybody has such a range."
        fix = "Make sure that they are on one network; otherwise ask for addresses that all can reach."
        yield warning("peer-private-range", both[0].moniker, message, fix)


def _is_ip(host: str) -> bool:
    """No name of a canonical address ends in a number."""
    return host[-1:].isdigit() or ":" in host


def _range(host: str) -> str:
    """The /24 (IPv6: /64) in which a host is."""
    size = 64 if ":" in host else 24
    return str(ipaddress.ip_network(f"{host}/{size}", strict=False))
