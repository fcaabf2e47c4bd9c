"""ValidatorsHash and ConsensusHash of block 1, as the nodes themselves compute them from a genesis.

They compare what two geneses mean, and name whose genesis a node's "Expected X, got Y" speaks of. The application may
replace validators and parameters at InitChain (Planetmint does not); then block 1 has others.
Sources: types/validator_set.go, types/params.go, crypto/merkle at v0.22.8, v0.31.5, v0.34.24 to v1.0.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from ..profiles.profile import Profile
from .model import Genesis, Validator, default_params

_AMINO = {"ed25519": bytes.fromhex("1624de6420"), "secp256k1": bytes.fromhex("eb5ae98721")}
"""Amino prefix and length of a public key (docs/spec/blockchain/encoding.md v0.31.5)."""
_FIELD = {"ed25519": 0x0A, "secp256k1": 0x12}
"""Tag of the key in the protobuf PublicKey (proto/tendermint/crypto/keys.proto)."""
_PARAMS_0_22 = {
    "block_gossip_part_size_bytes": "block_gossip_params.block_part_size_bytes",
    "block_size_max_bytes": "block_size_params.max_bytes",
    "block_size_max_gas": "block_size_params.max_gas",
    "block_size_max_txs": "block_size_params.max_txs",
    "tx_size_max_bytes": "tx_size_params.max_bytes",
    "tx_size_max_gas": "tx_size_params.max_gas",
}


def validators_hash(genesis: Genesis, profile: Profile) -> str:
    """Upper-case hex: 64 digits, or 40 up to 0.22. Empty for a genesis without validators."""
    if not genesis.validators:
        return ""
    if profile.hashes == "0.34":
        ordered = sorted(genesis.validators, key=lambda one: (-one.power, one.address))
        return _tree([_leaf_0_34(one) for one in ordered]).hex().upper()
    ordered = sorted(genesis.validators, key=lambda one: one.address)
    if profile.hashes == "0.31":
        return _tree([_leaf_0_31(one) for one in ordered]).hex().upper()
    return _tree_0_22([_short(_leaf_0_22(one)) for one in ordered]).hex().upper()


def consensus_hash(genesis: Genesis, profile: Profile) -> str:
    """Upper-case hex: 64 digits, or 40 up to 0.22. A genesis without parameters counts with the node's defaults."""
    values = dict(genesis.params or default_params(profile))

    def number(path: str) -> int:
        value = values.get(path, "0")
        return int(value) if isinstance(value, str) else 0

    if profile.hashes == "0.22":
        leaves = [_pair_0_22(name, number(path)) for name, path in sorted(_PARAMS_0_22.items())]
        return _tree_0_22(leaves).hex().upper()
    body = _number(0x08, number("block.max_bytes")) + _number(0x10, number("block.max_gas"))
    return hashlib.sha256(body).hexdigest().upper()


def _varint(value: int) -> bytes:
    """Protobuf's; a negative number as 64 bits of two's complement."""
    value &= 2**64 - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _zigzag(value: int) -> bytes:
    return _varint((value << 1) ^ (value >> 63))


def _number(tag: int, value: int) -> bytes:
    return bytes([tag]) + _varint(value) if value else b""


def _leaf_0_34(one: Validator) -> bytes:
    key = bytes([_FIELD[one.key_type], len(one.key)]) + one.key
    return bytes([0x0A, len(key)]) + key + _number(0x10, one.power)


def _leaf_0_31(one: Validator) -> bytes:
    key = _AMINO[one.key_type] + one.key
    return bytes([0x0A, len(key)]) + key + _number(0x10, one.power)


def _leaf_0_22(one: Validator) -> bytes:
    key = _AMINO[one.key_type] + one.key
    power = bytes([0x18]) + _zigzag(one.power) if one.power else b""
    return b"\x0a\x14" + bytes.fromhex(one.address) + bytes([0x12, len(key)]) + key + power


def _pair_0_22(name: str, value: int) -> bytes:
    return _short(bytes([len(name)]) + name.encode() + b"\x14" + _short(_zigzag(value)))


def _short(data: bytes) -> bytes:
    """crypto/tmhash v0.22.8: SHA-256 cut to 20 bytes."""
    return hashlib.sha256(data).digest()[:20]


def _tree(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1."""

    def inner(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x01" + left + right).digest()

    hashed = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    return _fold(hashed, inner, lambda count: 1 << ((count - 1).bit_length() - 1))


def _tree_0_22(hashed: Sequence[bytes]) -> bytes:
    """crypto/merkle/simple_tree.go v0.22.8."""

    def inner(left: bytes, right: bytes) -> bytes:
        return _short(b"\x14" + left + b"\x14" + right)

    return _fold(hashed, inner, lambda count: (count + 1) // 2)


def _fold(nodes: Sequence[bytes], inner: Callable[[bytes, bytes], bytes], split: Callable[[int], int]) -> bytes:
    if len(nodes) == 1:
        return nodes[0]
    at = split(len(nodes))
    return inner(_fold(nodes[:at], inner, split), _fold(nodes[at:], inner, split))
