"""Ed25519 as the node uses it: public keys, their names, and strict verification. Nothing here takes a private key."""

from __future__ import annotations

import binascii
import hashlib

from nacl import bindings
from nacl.exceptions import BadSignatureError

from ..finding import Refusal, error

KEY_BYTES = 32
SIGNATURE_BYTES = 64

_KEPT = 1 << 16
"""Good results that are remembered: a key comes back in cards, records and acceptances; 10,000 cards have 20,000."""
_good: set[bytes] = set()
_verified: set[bytes] = set()
"""Digests of signer, signature and message: what is pasted is read at every pause, and once more when it is kept."""


def is_good_point(key: bytes) -> bool:
    """Whether ``key`` is the canonical encoding of a point of the main subgroup, and not of small order.

    With any other key of the right length a node starts all the same, but its votes can be forged (small order) or are
    judged differently by different versions (mixed order). Raises Refusal (``ed25519-no-point-check``) where libsodium
    is built without the check, as skipping it would be worse.
    """
    if key in _good:
        return True
    if len(key) != KEY_BYTES:
        return False
    if not bindings.has_crypto_core_ed25519:
        raise Refusal(
            error(
                "ed25519-no-point-check",
                "libsodium",
                "This libsodium is a minimal build that can not check points of the curve; the full build can.",
                "Install PyNaCl from its wheel, which brings the full libsodium.",
            )
        )
    good = bool(bindings.crypto_core_ed25519_is_valid_point(key))
    if good:
        remember_good_point(key)
    return good


def remember_good_point(key: bytes) -> None:
    """That the check of ``key`` was made, by an earlier run of quorate or just now."""
    _remember(_good, key)


def _remember(known: set[bytes], one: bytes) -> None:
    if len(known) >= _KEPT:
        known.clear()
    known.add(one)


def forget() -> None:
    """Check every key and signature anew: for measurements."""
    _good.clear()
    _verified.clear()


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) over ``message`` is good and ``key`` a good point. Raises Refusal as above."""
    if len(signature) != SIGNATURE_BYTES or not is_good_point(key):
        return False
    seen = hashlib.sha256(key + signature + message).digest()
    if seen in _verified:
        return True
    try:
        bindings.crypto_sign_open(signature + message, key)
    except BadSignatureError:
        return False
    _remember(_verified, seen)
    return True


def address(key: bytes) -> str:
    """The address of a validator: upper-case hex of SHA-256[:20] (crypto/ed25519, Tendermint >= 0.24)."""
    return hashlib.sha256(key).hexdigest()[:40].upper()


def node_id(key: bytes) -> str:
    """The id of a node: lower-case hex of SHA-256[:20] of its public key (p2p/key.go)."""
    return hashlib.sha256(key).hexdigest()[:40]


def to_base64(key: bytes) -> str:
    return binascii.b2a_base64(key, newline=False).decode("ascii")


def from_base64(text: str, size: int = KEY_BYTES) -> bytes | None:
    """The ``size`` bytes that ``text`` spells in the one canonical way; None for every other text."""
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    return raw if len(raw) == size and to_base64(raw) == text else None
