"""The genesis of a network as a value, and the bytes of its genesis.json, the same on every machine (promise P6)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..profiles.profile import Param, Profile
from .scan import indented

ZERO_TIME = "0001-01-01T00:00:00Z"
"""Go's zero time: to the node it means "not set"."""

KEY_TYPES = {"ed25519": ("tendermint/PubKeyEd25519", 32), "secp256k1": ("tendermint/PubKeySecp256k1", 33)}
"""Key types that a genesis can have: name on the wire, bytes of the public key (crypto/*, 0.22.8 to 1.0.1)."""

ParamValue = str | tuple[str, ...]

_APP_VERSION = Param("version", "app_version", "0", "version of the application's rules", "version", 0)
"""proto/tendermint/types/params.proto v0.34.24, VersionParams: read, and left out where it is 0."""


@dataclass(frozen=True, slots=True)
class Validator:
    key: bytes
    """The raw public key, 32 bytes for ed25519."""
    power: int
    name: str
    key_type: str = "ed25519"

    @property
    def address(self) -> str:
        """40 upper-case hex digits, or empty where this machine can not compute it (see ``address_of``)."""
        return address_of(self.key, self.key_type)


@dataclass(frozen=True, slots=True)
class Genesis:
    chain_id: str
    genesis_time: str
    """``YYYY-MM-DDTHH:MM:SSZ``, with a fraction of a second where one was given."""
    params: tuple[tuple[str, ParamValue], ...]
    """Path (``block.max_bytes``) and value as on the wire; empty: none named, each node takes its own defaults."""
    validators: tuple[Validator, ...]
    initial_height: int = 0
    """0 and 1 mean the same to the node; ``init`` writes 0."""
    app_hash: str = ""
    """Hex."""
    app_state: str = ""
    """JSON text as it was written; empty: none. Opaque."""

    @property
    def total_power(self) -> int:
        return sum(validator.power for validator in self.validators)

    def param(self, path: str) -> ParamValue | None:
        return next((value for name, value in self.params if name == path), None)


def address_of(key: bytes, key_type: str = "ed25519") -> str:
    """The address the node derives from a public key, since 0.22: upper-case hex.

    ed25519: first 20 bytes of SHA-256; secp256k1: RIPEMD-160 of SHA-256, which some OpenSSL builds leave out (then
    empty). Source: crypto/ed25519, crypto/secp256k1, v0.22.8 to v1.0.1.
    """
    digest = hashlib.sha256(key).digest()
    if key_type == "ed25519":
        return digest[:20].hex().upper()
    try:
        return hashlib.new("ripemd160", digest).hexdigest().upper()
    except ValueError:
        return ""


def default_params(profile: Profile) -> tuple[tuple[str, ParamValue], ...]:
    """The consensus parameters that ``init`` of this generation writes."""
    return tuple((param.path, param.default) for param in profile.params)


def params_of(profile: Profile) -> tuple[Param, ...]:
    """Every parameter the node reads, also the one that it does not write by itself (``app_version`` of 0.34)."""
    known = profile.params
    if "version" in profile.param_sections and profile.param("version.app") is None:
        return (*known, _APP_VERSION)
    return known


def in_order(params: tuple[tuple[str, ParamValue], ...], profile: Profile) -> tuple[tuple[str, ParamValue], ...]:
    """The parameters in the node's writing order."""
    order = {param.path: index for index, param in enumerate(params_of(profile))}
    return tuple(sorted(params, key=lambda item: order.get(item[0], len(order))))


def render(genesis: Genesis, profile: Profile) -> bytes:
    """The bytes of genesis.json: the node's own order, two blanks, no newline at the end (types/genesis.go, SaveAs)."""
    return ("{\n" + ",\n".join(_members(genesis, profile)) + "\n}").encode()


def quoted(text: str) -> str:
    """``text`` as Go's encoder writes a JSON string: UTF-8, but ``<``, ``>``, ``&``, U+2028 and U+2029 escaped."""
    plain = json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        plain = plain.replace(char, f"\\u{ord(char):04x}")
    return plain


def _members(genesis: Genesis, profile: Profile) -> Iterator[str]:
    yield f'  "genesis_time": {quoted(genesis.genesis_time)}'
    yield f'  "chain_id": {quoted(genesis.chain_id)}'
    if profile.initial_height:
        yield f'  "initial_height": "{genesis.initial_height}"'
    if genesis.params:
        params = in_order(genesis.params, profile)
        sections = ",\n".join(_section(name, params) for name in profile.param_sections)
        yield f'  "consensus_params": {{\n{sections}\n  }}'
    if genesis.validators:
        entries = ",\n".join(_validator(validator, profile) for validator in genesis.validators)
        yield f'  "validators": [\n{entries}\n  ]'
    yield f'  "app_hash": {quoted(genesis.app_hash)}'
    if genesis.app_state:
        yield f'  "app_state": {indented(genesis.app_state, 1)}'


def _section(section: str, params: tuple[tuple[str, ParamValue], ...]) -> str:
    lines = [
        f"      {quoted(path.partition('.')[2])}: {_value(value)}"
        for path, value in params
        if path.partition(".")[0] == section
    ]
    return f"    {quoted(section)}: " + ("{\n" + ",\n".join(lines) + "\n    }" if lines else "{}")


def _value(value: ParamValue) -> str:
    if isinstance(value, str):
        return quoted(value)
    return "[\n" + ",\n".join(f"        {quoted(item)}" for item in value) + "\n      ]" if value else "[]"


def _validator(validator: Validator, profile: Profile) -> str:
    address = f'      "address": "{validator.address}",\n' if profile.genesis_address else ""
    wire = KEY_TYPES[validator.key_type][0]
    value = base64.b64encode(validator.key).decode()
    return (
        f"    {{\n{address}"
        f'      "pub_key": {{\n        "type": "{wire}",\n        "value": "{value}"\n      }},\n'
        f'      "power": "{validator.power}",\n'
        f'      "name": {quoted(validator.name)}\n    }}'
    )
