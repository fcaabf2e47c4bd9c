"""NodeCard, what a member shares, and UnsignedEntry, what is known of a member without quorate."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property, lru_cache
from typing import Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ..documents.canonical import MAX_INTEGER, JsonValue, Malformed, canonical, encode
from ..documents.ed25519 import address, from_base64, is_good_point, node_id
from ..documents.shape import Loc, findings_of
from ..finding import Finding, error
from ..network_name import EXPECTED, is_network_name
from .hosts import Address, parse_address, parse_host_port

MAX_MONIKER = 64
MAX_CONTACT = 120
MAX_SOFTWARE = 60
MAX_ADDRESSES = 16

_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_NODE_ID = re.compile(r"[0-9a-f]{40}")
_STRICT = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)
_AGAIN = "Ask the member to make it again with quorate."
_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class NodeCard:
    """The payload of a card, field by field. ``parse`` gives only cards in which everything fits together.

    The fields stand in the order of the canonical form, so that writing one needs no sorting.
    """

    __pydantic_config__ = _STRICT

    api: str
    """Host of its HTTP API, with or without a port; empty: none."""
    contact: str
    """How people reach the member; may be empty, as ``software``."""
    kind: Literal["card"] = "card"
    moniker: str
    """Printable ASCII, 1 to 64, no blank at an end."""
    network: str
    node_id: str
    node_key: str
    """Public key of node_key.json, base64."""
    p2p: tuple[str, ...]
    """Where the node is dialled: ``host:port``, or ``id@host:port`` for a sentry in front of it."""
    serial: int
    """Seconds since 1970; a later card of the same node has a higher one."""
    software: str
    v: Literal[1] = 1
    validator_address: str
    """Upper-case hex, as the node prints it."""
    validator_key: str
    """Public ed25519 key of the validator, base64."""

    @property
    def subject(self) -> str:
        return self.moniker

    @cached_property
    def node_public(self) -> bytes:
        """32 bytes; empty where the text is not the canonical base64 of so many."""
        return from_base64(self.node_key) or b""

    @cached_property
    def validator_public(self) -> bytes:
        return from_base64(self.validator_key) or b""

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        return _addresses(self.p2p, self.node_id)

    @property
    def dial(self) -> tuple[str, ...]:
        """``id@host:port`` for every address, as persistent_peers has it."""
        return tuple(map(str, self.addresses))

    @classmethod
    def parse(cls, payload: bytes) -> tuple[NodeCard | None, tuple[Finding, ...]]:
        """The card of a payload, or every reason why it is none. Raises only Refusal, as ``is_good_point``.

        Read once for equal payloads: a card that came is looked at by intake, reduction, comparison and roster.
        """
        return _parsed(payload)

    @property
    def payload(self) -> bytes:
        """Canonical JSON. Raises Malformed for a card that was made by hand with values that no payload can have."""
        return canonical(_fields(self))

    @property
    def body(self) -> bytes:
        """The payload without its serial, which is set when it is signed. Raises as ``payload``."""
        return canonical({name: value for name, value in _fields(self).items() if name != "serial"})

    @property
    def id(self) -> str:
        """SHA-256 of the payload in hex: equal to the id of its document."""
        return hashlib.sha256(self.payload).hexdigest()

    def same_content(self, other: NodeCard) -> bool:
        """Whether the two say the same, whenever they were signed."""
        return replace(self, serial=0) == replace(other, serial=0)


@dataclass(frozen=True)
class UnsignedEntry:
    """A member without quorate: the three values that the documents let members share. Nobody has signed it."""

    __pydantic_config__ = _STRICT

    moniker: str
    """Empty while nobody has said whose values these are."""
    p2p: tuple[str, ...]
    node_id: str
    validator_key: str
    kind: Literal["unsigned"] = "unsigned"
    v: Literal[1] = 1

    @cached_property
    def validator_public(self) -> bytes:
        return from_base64(self.validator_key) or b""

    @property
    def validator_address(self) -> str:
        return address(self.validator_public)

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        return _addresses(self.p2p, self.node_id)

    @property
    def dial(self) -> tuple[str, ...]:
        return tuple(map(str, self.addresses))

    @classmethod
    def parse(cls, body: bytes) -> tuple[UnsignedEntry | None, tuple[Finding, ...]]:
        """The entry of a canonical body, or every reason why it is none. Raises as ``NodeCard.parse``."""
        entry = _structure(_unsigned_adapter(), body)
        if isinstance(entry, tuple):
            return None, entry
        wrong = tuple(wrong_unsigned(entry)) or _not_canonical(encode(_fields(entry)), body)
        return (None, wrong) if wrong else (entry, ())

    @property
    def body(self) -> bytes:
        """Canonical JSON. Raises Malformed as ``NodeCard.payload``."""
        return canonical(_fields(self))

    @property
    def id(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def named(self, moniker: str) -> UnsignedEntry:
        return replace(self, moniker=moniker)

    def reached_at(self, *p2p: str) -> UnsignedEntry:
        return replace(self, p2p=p2p)


def wrong_unsigned(entry: UnsignedEntry) -> Iterator[Finding]:
    """What keeps an unsigned entry from being used. Empty for a good one."""
    yield from _wrong_moniker(entry.moniker)
    yield from _wrong_addresses(entry.p2p)
    yield from _wrong_key("validator_key", entry.validator_key, entry.validator_public)
    if not _NODE_ID.fullmatch(entry.node_id):
        yield _not("card-node-id", "node_id", entry.node_id, "40 lower-case hex digits")


def _fields(made: NodeCard | UnsignedEntry) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {field.name: getattr(made, field.name) for field in fields(made)}
    return {**found, "p2p": list(made.p2p)}


def _not_canonical(rendered: bytes, found: bytes) -> tuple[Finding, ...]:
    """Only for what was found to be in order: all its text is printable ASCII then, which has one spelling."""
    return () if rendered == found else (Malformed("It is not in canonical form.").finding,)


@cache
def _card_adapter() -> TypeAdapter[NodeCard]:
    return TypeAdapter(NodeCard)


@cache
def _unsigned_adapter() -> TypeAdapter[UnsignedEntry]:
    return TypeAdapter(UnsignedEntry)


def _structure(adapter: TypeAdapter[_Value], payload: bytes) -> _Value | tuple[Finding, ...]:
    try:
        return adapter.validate_json(payload)
    except ValidationError as wrong:
        if any(one["type"] == "json_invalid" for one in wrong.errors(include_url=False, include_input=False)):
            return (Malformed("It is not JSON.").finding,)
        return tuple(dict.fromkeys(findings_of(wrong, "card", _declared)))


def _declared(loc: Loc) -> tuple[str, str]:
    name = str(loc[0]) if loc else ""
    return name, _DECLARED.get(name, "of the form that version 1 declares")


@lru_cache(maxsize=1 << 14)
def _parsed(payload: bytes) -> tuple[NodeCard | None, tuple[Finding, ...]]:
    card = _structure(_card_adapter(), payload)
    if isinstance(card, tuple):
        return None, card
    wrong = tuple(wrong_card(card)) or _not_canonical(_card_adapter().dump_json(card), payload)
    return (None, wrong) if wrong else (card, ())


def forget_parsed() -> None:
    """Read every card anew: for measurements."""
    _parsed.cache_clear()


_DECLARED = {
    "": "an object",
    "kind": "the kind that was expected",
    "v": "1",
    "serial": "an integer",
    "p2p": "a list of strings",
    **dict.fromkeys(("network", "moniker", "api", "contact", "software", "node_key", "node_id"), "a string"),
    **dict.fromkeys(("validator_key", "validator_address"), "a string"),
}


def wrong_card(card: NodeCard) -> Iterator[Finding]:
    """What keeps a card from being used. Empty for a good one."""
    if not is_network_name(card.network):
        yield _not("card-network", "network", card.network, EXPECTED)
    if not 0 < card.serial <= MAX_INTEGER:
        yield _not("card-serial", "serial", str(card.serial), "a time in seconds, above 0 and below 2^53")
    yield from _wrong_moniker(card.moniker)
    yield from _wrong_addresses(card.p2p)
    if card.api and parse_host_port(card.api) is None:
        yield _not("card-api", "api", card.api, "a host in canonical form, with or without a port")
    yield from _wrong_text("contact", card.contact, MAX_CONTACT)
    yield from _wrong_text("software", card.software, MAX_SOFTWARE)
    yield from _wrong_keys(card)


def _wrong_keys(card: NodeCard) -> Iterator[Finding]:
    node, validator = card.node_public, card.validator_public
    yield from _wrong_key("node_key", card.node_key, node)
    yield from _wrong_key("validator_key", card.validator_key, validator)
    if node and card.node_id != node_id(node):
        yield _not("card-node-id", "node_id", card.node_id, f"{node_id(node)}, which its node key gives")
    if validator and card.validator_address != address(validator):
        expected = f"{address(validator)}, which its validator key gives"
        yield _not("card-validator-address", "validator_address", card.validator_address, expected)
    if node and node == validator:
        message = f"{card.node_key} is given as node key and as validator key; a node has two."
        yield error("card-one-key-for-both", "validator_key", message, "Ask the member for the validator's own key.")


def _wrong_key(field: str, text: str, key: bytes) -> Iterator[Finding]:
    if not key:
        yield _not("card-key", field, text, "32 bytes in canonical base64 (44 characters, the last one =)")
    elif not is_good_point(key):
        message = f"{text} is no sound ed25519 key (a canonical point of the main group): others can sign for it."
        yield error("card-key-point", field, message, "Ask the member for the key that their node prints.")


def _wrong_moniker(moniker: str) -> Iterator[Finding]:
    if not 1 <= len(moniker) <= MAX_MONIKER or not _PRINTABLE.fullmatch(moniker) or moniker.strip() != moniker:
        expected = f"1 to {MAX_MONIKER} printable ASCII characters without a blank at an end"
        yield _not("card-moniker", "moniker", moniker, expected)


def _wrong_text(field: str, text: str, limit: int) -> Iterator[Finding]:
    if len(text) > limit or not _PRINTABLE.fullmatch(text) or text.strip() != text:
        expected = f"at most {limit} printable ASCII characters without a blank at an end"
        yield _not(f"card-{field}", field, text, expected)


def _wrong_addresses(p2p: tuple[str, ...]) -> Iterator[Finding]:
    if not 1 <= len(p2p) <= MAX_ADDRESSES:
        yield _not("card-addresses", "p2p", f"{len(p2p)} addresses", f"1 to {MAX_ADDRESSES} addresses")
    for index, text in enumerate(p2p[:MAX_ADDRESSES]):
        if parse_address(text) is None:
            yield _not("card-address", f"p2p[{index}]", text, "host:port or id@host:port in canonical form")
    if len(set(p2p)) != len(p2p):
        yield error("card-address-twice", "p2p", "One address stands there twice.", "Leave one of them out.")


def _not(code: str, field: str, found: str, expected: str) -> Finding:
    shown = found if len(found) <= 120 else found[:120] + "..."
    return error(code, field, f'{field} is "{shown}"; it must be {expected}.', _AGAIN)


def _addresses(p2p: tuple[str, ...], own: str) -> tuple[Address, ...]:
    parsed = (parse_address(text) for text in p2p)
    return tuple(one if one.node_id else Address(one.host, one.port, own) for one in parsed if one is not None)
