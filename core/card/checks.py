"""What is to be said about one card or unsigned entry that is well formed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from ..counted import counted
from ..finding import Finding, error, info, warning
from ..keys.checks import REPLACE
from ..keys.published import KEYS, NODE_IDS
from .hosts import OTHER_PORTS, P2P_PORT, Address, Kind, classify, means_many, parse_host_port
from .model import NodeCard, UnsignedEntry

AHEAD = 600
"""Seconds that a serial may be ahead of this machine's clock."""
OLD = 14 * 86400

_OTHERS = "Give an address at which the other members reach the node, or make sure that all are on one network."
_YOURS = {
    "card-serial-old": "Look whether it still holds: quorate plan card",
    "card-key-point": f"Give the key that your node prints with show-validator. If it is that one: {REPLACE}",
    "card-one-key-for-both": REPLACE,
    "card-published-key": REPLACE,
    "card-published-id": REPLACE,
}
_KINDS: dict[Kind, str] = {
    "bare": "is a name without a dot, which only some machines resolve",
    "private": "is a private address, which others reach only on the same network",
    "loopback": "is this machine itself, seen from every machine",
    "link-local": "is an address of one network segment only",
    "unusable": "is an address for documentation or special use",
}


def check(card: NodeCard, now: datetime, expected_network: str | None = None) -> Iterator[Finding]:
    """Everything that can be said about one card without the others. ``now`` is aware."""
    yield from check_network(card, expected_network)
    yield from check_serial(card, now)
    yield from check_content(card)


def check_content(card: NodeCard | UnsignedEntry) -> Iterator[Finding]:
    """What holds whenever it was signed: keys that everybody has, and addresses."""
    yield from _published(card)
    yield from check_addresses(card.addresses, "p2p")
    if isinstance(card, NodeCard) and card.api:
        yield from check_api(card.api, "api")


def to_yourself(finding: Finding) -> Finding:
    """What is said about one's own card: who reads it has nobody to ask."""
    return replace(finding, fix=_YOURS.get(finding.code, finding.fix))


def check_network(card: NodeCard, expected: str | None) -> Iterator[Finding]:
    if expected is not None and card.network != expected:
        message = f"The card is for the network {card.network}; this one is {expected}."
        yield error("card-foreign-network", "network", message, f"Ask {card.moniker} for a card for {expected}.")


def check_serial(card: NodeCard, now: datetime) -> Iterator[Finding]:
    age = int(now.timestamp()) - card.serial
    if age < -AHEAD:
        message = f"The card was signed {_span(-age)} from now: one of the two clocks is wrong."
        yield warning("card-serial-future", "serial", message, "Compare the clock of both machines with an NTP server.")
    elif age > OLD:
        message = f"The card was signed {_span(age)} ago; more than {_span(OLD)} is long for a ceremony."
        yield warning("card-serial-old", "serial", message, f"Ask {card.moniker} whether it still holds.")


def check_addresses(addresses: tuple[Address, ...], subject: str) -> Iterator[Finding]:
    """``subject`` is the field they stand in. Each with its node id."""
    yield from chain.from_iterable(_address(address, subject) for address in addresses)
    places = Counter(address.host_port for address in addresses) if len(addresses) > 1 else {}
    for place in (place for place, count in places.items() if count > 1):
        message = f"{place} stands there {places[place]} times; one address belongs to one node."
        yield error("address-twice", subject, message, "Keep the one with the right node id.")


def check_api(api: str, subject: str) -> Iterator[Finding]:
    found = parse_host_port(api)
    if found is not None:
        yield from check_host(found.host, subject)


def check_port(address: Address, subject: str) -> Iterator[Finding]:
    """A port at which something else usually listens."""
    other = OTHER_PORTS.get(address.port)
    if other:
        message = f"{address.host_port}: {address.port} is the usual port of {other}; nodes meet at {P2P_PORT}."
        yield warning("address-other-port", subject, message, "Give the port of laddr in [p2p] of config.toml.")


def _address(address: Address, subject: str) -> Iterator[Finding]:
    yield from check_host(address.host, subject)
    yield from check_port(address, subject)


def check_host(host: str, subject: str) -> Iterator[Finding]:
    """What kind of place a canonical host is, where others have to reach it."""
    kind = classify(host)
    if kind == "unspecified":
        message = f"{host} means every address of a machine; nobody can dial it."
        yield error("address-unspecified", subject, message, "Give the DNS name or IP address that others reach.")
    elif kind in _KINDS:
        many = means_many(host)
        is_what = f"is a {many} address, which means many machines and no node" if many else _KINDS[kind]
        yield warning(f"address-{kind}", subject, f"{host} {is_what}.", _OTHERS)
    if "xn--" in host and any(label.startswith("xn--") for label in host.split(".")):
        yield _international(host, subject)


def _international(host: str, subject: str) -> Finding:
    import idna

    try:
        reads = idna.decode(host)
    except (idna.IDNAError, UnicodeError):
        fix = "Check the spelling of the name."
        return warning("address-idn-odd", subject, f"{host} is no name that IDNA 2008 can decode.", fix)
    return info("address-idn", subject, f"{host} reads as {reads}; look-alike letters are possible.")


def _published(card: NodeCard | UnsignedEntry) -> Iterator[Finding]:
    node = card.node_public if isinstance(card, NodeCard) else b""
    for field, key in (("node_key", node), ("validator_key", card.validator_public)):
        if key in KEYS:
            message = f"The {field.replace('_', ' ')} is printed with its private key in {KEYS[key]}: everybody has it."
            yield error("card-published-key", field, message, "Ask the member to make keys of their own.")
    if card.node_id in NODE_IDS and node not in KEYS:
        message = f"The node id {card.node_id} is the one printed in {NODE_IDS[card.node_id]}."
        yield error("card-published-id", "node_id", message, "Ask the member for what show-node-id prints.")


def _span(seconds: int) -> str:
    if seconds >= 2 * 86400:
        return f"{seconds // 86400} days"
    return f"{seconds // 3600} hours" if seconds >= 7200 else counted(seconds // 60, "minute")
