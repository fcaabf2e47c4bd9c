"""Who is known by which identifier: to tell a node id from a validator's address, and one member's from another's."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..documents.ed25519 import address
from .addresses import ip_of, one_spelling, split_host_port

_ID = re.compile(r"[0-9a-fA-F]{40}\Z")
_HEX_KEY = re.compile(r"(?:0x)?[0-9a-fA-F]{64}\Z")
_BASE64_KEY = re.compile(r"[A-Za-z0-9+/]{43}=\Z")
_BECH32 = re.compile(r"[a-z]{2,40}1[02-9ac-hj-np-z]{38,}\Z")
_LIBP2P = re.compile(r"(?:12D3Koo|Qm)[1-9A-HJ-NP-Za-km-z]{44,46}\Z")


@dataclass(frozen=True, slots=True)
class Party:
    """One node or validator, as far as its identifiers are known."""

    who: str
    """A moniker, ``this node``, or what a genesis calls the validator."""
    source: str
    """Where it is known from: ``the record``, ``genesis.json``."""
    node_id: str = ""
    validator: bytes = b""
    """Public key of the validator, 32 bytes."""
    node_key: bytes = b""
    dial: tuple[tuple[str, str, int], ...] = ()
    """Node id (a sentry's differs), host and port of each place where it is dialled."""

    @property
    def validator_address(self) -> str:
        """40 lower-case hex digits."""
        return address(self.validator).lower() if self.validator else ""


@dataclass(frozen=True)
class Known:
    """Everybody who is known, in the order of trust; the first with an identifier gives the name."""

    parties: tuple[Party, ...] = ()

    @cached_property
    def _ids(self) -> dict[str, Party]:
        own = [(party.node_id, party) for party in self.parties if party.node_id]
        sentries = [(node_id, party) for party in self.parties for node_id, _, _ in party.dial]
        return dict(reversed([*own, *sentries]))

    @cached_property
    def _addresses(self) -> dict[str, Party]:
        return {party.validator_address: party for party in reversed(self.parties) if party.validator}

    @cached_property
    def _keys(self) -> dict[bytes, tuple[Party, str]]:
        nodes = {party.node_key: (party, "node key") for party in reversed(self.parties) if party.node_key}
        validators = {party.validator: (party, "validator key") for party in reversed(self.parties) if party.validator}
        return nodes | validators

    @cached_property
    def _places(self) -> dict[tuple[str, int], dict[str, Party]]:
        found: dict[tuple[str, int], dict[str, Party]] = {}
        for party in self.parties:
            for node_id, host, port in party.dial:
                found.setdefault((one_spelling(host), port), {}).setdefault(node_id, party)
        return found

    def with_id(self, text: str) -> Party | None:
        """Whose node id it is, whatever its capitals."""
        return self._ids.get(text.lower())

    def with_validator(self, text: str) -> Party | None:
        """Whose validator's address it is, whatever its capitals."""
        return self._addresses.get(text.lower())

    def with_key(self, key: bytes) -> tuple[Party, str] | None:
        """Whose public key it is, and which of the two."""
        return self._keys.get(key)

    def named(self, text: str) -> Party | None:
        return next((party for party in self.parties if party.node_id and party.who == text), None)

    def at(self, host: str, port: int) -> dict[str, Party]:
        """The node ids that are known to answer there."""
        return self._places.get((one_spelling(host), port), {})


@dataclass(frozen=True, slots=True)
class Mistaken:
    """An identifier of another kind than the one wanted."""

    what: str
    """A clause: ``the address of bob's validator key, as genesis.json has it``."""
    party: Party | None = None
    """Whose it is, if that is known."""


def mistaken_id(text: str, known: Known) -> Mistaken | None:
    """What ``text`` is if it is not a node id but an identifier of another kind; None if that does not show."""
    party = known.with_validator(text) if _ID.match(text) and known.with_id(text) is None else None
    if party:
        return Mistaken(f"the address of {_whose(party)} validator key ({party.source})", party)
    key = _public_key(text)
    if key is not None:
        return _mistaken_key(key, known)
    party = known.named(text)
    if party:
        return Mistaken(f"the moniker of a member ({party.source})", party)
    return next((Mistaken(what) for what in _by_form(text)), None)


def _mistaken_key(key: bytes, known: Known) -> Mistaken:
    found = known.with_key(key)
    if found is None:
        return Mistaken("a public key, not the node id that is made from one")
    party, which = found
    return Mistaken(f"{_whose(party)} {which} itself ({party.source})", party)


def _by_form(text: str) -> Iterator[str]:
    if _BECH32.match(text):
        yield "an address of the Cosmos SDK (bech32)"
    if _LIBP2P.match(text):
        yield "a peer id of libp2p"
    if text.startswith("0x") and _ID.match(text[2:]):
        yield "an address of Ethereum's form (0x)"
    if is_place(text):
        yield "a host, not a node id"


def is_place(text: str) -> bool:
    """Whether it reads as a host, with a port or without, and as nothing else."""
    split = split_host_port(text)
    host = text.strip("[]") if split.fault else split.host
    if ip_of(host) is not None:
        return True
    return "." in host and not host.replace(".", "").isdigit() and re.fullmatch(r"[A-Za-z0-9_.-]+", host) is not None


def is_id(text: str) -> bool:
    """Whether it has the form of a node id, or of a validator's address."""
    return _ID.match(text) is not None


def looks_like_address(text: str) -> bool:
    """Whether it is written as validator addresses are printed, and node ids are not: 40 hex digits, upper case."""
    return is_id(text) and text == text.upper() and text != text.lower()


def of_whom(party: Party | None, host: str) -> str:
    """Whom to ask, in a fix."""
    if party is not None and party.who != "this node":
        return party.who
    return f"the operator of {host}" if host else "the peer's operator"


def _whose(party: Party) -> str:
    return "this node's own" if party.who == "this node" else f"{party.who}'s"


def _public_key(text: str) -> bytes | None:
    if _HEX_KEY.match(text):
        return bytes.fromhex(text.removeprefix("0x"))
    if _BASE64_KEY.match(text):
        return binascii.a2b_base64(text)
    return None
