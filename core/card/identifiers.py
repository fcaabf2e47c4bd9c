"""Identifiers that look alike, told apart: a node id, a validator's address, a public key.

A node id and a validator's address are both 20 bytes in hex, of two different keys; the node prints the one in lower
case and the other in upper case (p2p/key.go, crypto.Address). What is in the place of another is named with whom to ask
for what, and never made to look right.
"""

from __future__ import annotations

import base64
import binascii
import re

from ..documents.ed25519 import address
from ..finding import Finding, error
from ..keys.model import parse_public

_TWENTY_BYTES = re.compile(r"(?:0x)?[0-9a-fA-F]{40}")
_DIAL = re.compile(r"[0-9a-f]{40}@.+")
_LONGEST_SHOWN = 60
"""Longer than a public key: perhaps a private one, which is not repeated."""


def looks_like_address(text: str) -> bool:
    """Return True if ``text`` is 40 hex digits that are not in the lower case of node ids."""
    return _TWENTY_BYTES.fullmatch(text) is not None and text != text.lower()


def upper_case(text: str) -> str:
    """What is to be said of 40 hex digits of which some are upper-case letters."""
    return (
        f"{text} is in upper case, as the addresses of validators are printed; node ids are printed in lower case, "
        "and are of a different key"
    )


def wrong_node_id(text: str, validator: bytes | None, who: str) -> Finding | None:
    """Why ``text`` is no node id of ``who``, whose validator has the key ``validator``; None where it may be one."""
    ask = f"Ask {who} for what show-node-id prints."
    if _TWENTY_BYTES.fullmatch(text) and validator is not None and text.lower() == address(validator).lower():
        message = f"{text} is the address of the validator key that is given for {who}, and no node id."
        if text.islower():
            # A node id looks like that too: the key may be the node's.
            ask = f"{ask} If that is the same id, the key is the node's: ask {who} for what show-validator prints."
        return error("identifier-in-wrong-place", "node_id", message, ask)
    if looks_like_address(text):
        return error("identifier-in-wrong-place", "node_id", f"{upper_case(text)}.", ask)
    if parse_public(text) is not None:
        message = f"{text} is a public key; a node id is 40 hex digits."
        return error("identifier-in-wrong-place", "node_id", message, ask)
    if _DIAL.fullmatch(text):
        message = f"{text} is a node id together with an address."
        return error(
            "identifier-in-wrong-place", "node_id", message, "Enter what is before the @; the rest is the address."
        )
    return None


def wrong_public_key(text: str, subject: str, who: str) -> Finding:
    """Why ``text``, which ``parse_public`` does not take, is no validator key."""
    from ..genesis.forms import key_in_other_form

    ask = f"Ask {who} for what show-validator prints." if who else "Copy what show-validator prints."
    text = text.strip()
    if _TWENTY_BYTES.fullmatch(text):
        kind = "a node id" if text == text.lower() else "a validator's address"
        message = f"{text} is {kind} by its look, and no public key."
        return error("identifier-in-wrong-place", subject, message, ask)
    other = key_in_other_form(text)
    if other is not None:
        message = f"The key is in another form, {other.form}; base64 of 32 bytes was expected."
        return error("unsigned-key", subject, message, f"Give it as {other.value}.")
    if _is_private(text):
        message = "This seems to be a private key, and is not shown."
        fix = "Whoever sent it: make a new key, for this one is known now; send only what show-validator prints."
        return error("unsigned-key", subject, message, fix)
    shown = f'"{text}"' if len(text) <= _LONGEST_SHOWN else f"A text of {len(text)} characters"
    return error("unsigned-key", subject, f"{shown} is no ed25519 public key; expected 32 bytes in base64.", ask)


def _is_private(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 64 or "priv_key" in text
    except (binascii.Error, ValueError):
        return "priv_key" in text or "PrivKey" in text
