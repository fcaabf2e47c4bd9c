"""The kinds of signed documents: who may sign each, how it is numbered, and what its signer states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..way import Way, way

Payload = Mapping[str, Any]


_SHARE = way("network", "share", then="Send the text that it prints to all members.")


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    """As the payload, the armour and the SSHSIG namespace say it."""
    says: Callable[[Payload], Iterator[str]]
    """What the signer of this payload states, in sentences for people. Foreign text in them is not made safe here.

    A payload with fields of another form may raise LookupError, TypeError or ValueError.
    """
    seen_in: tuple[str, ...]
    """The steps that show it; the first is where to look once it has come."""
    has_serial: bool = True
    """It gets a number when it is signed: the second of signing, or a higher one."""
    is_versioned: bool = False
    """It carries its own version, and owners sign it one after the other: it may be sent before anybody has signed."""
    is_drafted: bool = False
    """It may wait in the outbox for the signature of an OpenSSH key."""
    signer: str = ""
    """The field with the one key that may sign it; empty where the agreement says whose signature counts."""
    keys: tuple[str, ...] = ()
    """Fields with public keys that must be valid ed25519 points."""
    is_shared: bool = True
    """``network share`` hands it on to the members."""
    binds: bool = False
    """Who signed one belongs to the network, and may sign no other content for the same version."""
    follows: Way = _SHARE
    """What follows from signing it."""
    is_for_coordinator: bool = False
    """It goes to the coordinator: who coordinates hands it to nobody."""

    @property
    def article(self) -> str:
        return "an" if self.name[0] in "aeiou" else "a"


def _card(card: Payload) -> Iterator[str]:
    yield f"I operate the node {card['moniker']} of the network {card['network']}."
    yield f"Other nodes reach it at {' and '.join(card['p2p'])}."
    yield f"Its node id is {card['node_id']}."
    yield f"Its validator key is {card['validator_key']}."
    yield f"Its validator address is {card['validator_address']}."


def _record(record: Payload) -> Iterator[str]:
    genesis, members, owners = record["genesis"], record["members"], record["owners"]
    power = sum(int(member["power"]) for member in members)
    named = ", ".join(_name(member) for member in members)
    follows = "" if record["version"] == 1 else f", which follows {record['previous'][:8]}"
    yield f"This is version {record['version']} of the network {record['network']}{follows}."
    yield f"It has {len(members)} members with power {power} in all: {named}."
    if record.get("adopted"):
        yield f"It runs already, since {genesis['genesis_time']}, as {genesis['chain_id']}; its genesis was adopted."
    else:
        yield f"It starts at {genesis['genesis_time']} as {genesis['chain_id']}."
    yield f"Its genesis.json has SHA-256 {genesis['genesis_sha256']}."
    yield f"{record['threshold']} of its owners must sign a change: {', '.join(owner['name'] for owner in owners)}."


def _name(member: Payload) -> str:
    inside = member.get("card") or member["unsigned"]
    return str(inside["moniker"])


def _acceptance(acceptance: Payload) -> Iterator[str]:
    yield f"I hold version {acceptance['version']} of the record of {acceptance['network']}: {acceptance['record']}."
    yield f"My genesis.json has SHA-256 {acceptance['genesis_sha256']}."
    if acceptance["words_checked"]:
        yield "Another member read me the same 8 words."
    else:
        yield "I have not noted that another member read me the same 8 words."


def _attestation(attestation: Payload) -> Iterator[str]:
    yield f"The member with node id {attestation['node_id']}, who has no quorate, holds what I hold:"
    yield f"version {attestation['version']} of the record of {attestation['network']}: {attestation['record']}."
    yield f"Their genesis.json has SHA-256 {attestation['genesis_sha256']}."
    yield f"They confirmed it so: {attestation['how']}"


CARD = Kind(
    "card",
    _card,
    ("peers", "network"),
    signer="node_key",
    keys=("node_key", "validator_key"),
    is_shared=False,
    follows=way("card", "show", then="Send the text that it prints to the coordinator."),
    is_for_coordinator=True,
)
RECORD = Kind("record", _record, ("network", "genesis"), has_serial=False, is_versioned=True, is_drafted=True)
ACCEPTANCE = Kind("acceptance", _acceptance, ("genesis", "network"), binds=True)
ATTESTATION = Kind("attestation", _attestation, ("genesis", "network"), is_drafted=True)

KINDS = {kind.name: kind for kind in (CARD, RECORD, ACCEPTANCE, ATTESTATION)}
"""In the order in which they are made, and handed on."""


def sentences(kind: str, payload: Payload) -> tuple[str, ...]:
    """What the signer states; empty for a payload that does not have the form of its kind."""
    try:
        return tuple(KINDS[kind].says(payload))
    except (LookupError, TypeError, ValueError, AttributeError):
        return ()
