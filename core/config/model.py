"""What others need from a node's config.toml, read tolerantly: a wrong value counts as the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..documents.toml import Value, Values, read_toml
from ..profiles.profile import ConfigValue, Profile
from .addresses import dial_fault, split_host_port, without_protocol
from .coercion import kind_of, read_as
from .environment import effective, environment
from .repair import repair

Place = tuple[str, str]
"""Table and key; ``""`` is the top level."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key as it stands in the file."""

    table: str
    """As written; the node takes any case."""
    key: str
    value: object


def entries(values: Values) -> tuple[Entry, ...]:
    """Every key that has a value, in the file's order; tables are walked, arrays are values."""
    return tuple(_entries(values, ""))


def _entries(values: Mapping[str, object], table: str) -> list[Entry]:
    found: list[Entry] = []
    for key, value in values.items():
        if isinstance(value, dict):
            found.extend(_entries(value, f"{table}.{key}" if table else key))
        else:
            found.append(Entry(table, key, value))
    return found


def by_place(values: Values, profile: Profile) -> dict[Place, Entry]:
    """The entries that the node of ``profile`` knows, by the profile's spelling; the last of two spellings."""
    known = {(table, key) for table, keys in profile.config.items() for key in keys}
    found = ((((entry.table.lower(), entry.key.lower())), entry) for entry in entries(values))
    return {place: entry for place, entry in found if place in known}


def as_value(value: object) -> Value | None:
    """A TOML value as our value type; None for what no setting is (a date, a mixed array)."""
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """A config.toml with its environment: the value that counts for every key of the profile."""

    profile: Profile
    values: Mapping[Place, ConfigValue]
    written: frozenset[Place] = frozenset()
    """The keys that the file or the environment says, and the node can decode."""
    readable: bool = True
    """False where the bytes are not TOML; everything is the default then."""

    def get(self, table: str, key: str) -> ConfigValue | None:
        """The value that counts; None where the profile has no such key. Durations are nanoseconds."""
        return self.values.get((table, key))

    def text(self, table: str, key: str) -> str:
        value = self.get(table, key)
        return value if isinstance(value, str) else ""

    def flag(self, table: str, key: str) -> bool:
        return self.get(table, key) is True

    def path(self, home: Path, key: str, table: str = "") -> Path:
        """A file or folder setting of the node, absolute; relative ones are below the home (rootify, config.go)."""
        return home / self.text(table, key)

    @property
    def moniker(self) -> str:
        return self.text("", "moniker")

    @property
    def p2p_laddr(self) -> str:
        return self.text("p2p", "laddr")

    @property
    def external_address(self) -> str:
        return self.text("p2p", "external_address")

    @property
    def external_host(self) -> str:
        """The host of ``external_address``; empty where there is none, or the node refuses the address."""
        address = self.external_address
        return split_host_port(without_protocol(address)).host if address and not dial_fault(address) else ""

    @property
    def persistent_peers(self) -> str:
        return self.text("p2p", "persistent_peers")

    @property
    def rpc_laddr(self) -> str:
        return self.text("rpc", "laddr")

    @property
    def priv_validator_laddr(self) -> str:
        """Where the node waits for a remote signer; when set, the local validator key file is not the truth."""
        return self.text("", "priv_validator_laddr")

    @property
    def db_dir(self) -> str:
        return self.text("", "db_dir") or self.text("", "db_path") or "data"

    @property
    def genesis_file(self) -> str:
        return self.text("", "genesis_file") or "config/genesis.json"

    @property
    def node_key_file(self) -> str:
        return self.text("", "node_key_file") or self.profile.node_key_file

    @property
    def validator_key_file(self) -> str:
        key = "priv_validator_key_file" if self.profile.validator_state_file else "priv_validator_file"
        return self.text("", key) or self.profile.validator_key_file

    @property
    def validator_state_file(self) -> str | None:
        """None where the sign state stands inside the validator key file."""
        if self.profile.validator_state_file is None:
            return None
        return self.text("", "priv_validator_state_file") or self.profile.validator_state_file


def read_config(data: bytes | None, profile: Profile, environ: Mapping[str, str] | None = None) -> NodeConfig:
    """The config that counts. Never raises: what the node would refuse is the default here (``checks`` says so)."""
    read = read_toml(repair(data or b"").data)
    found = by_place(read.values or {}, profile)
    said: dict[Place, object] = {place: entry.value for place, entry in found.items()}
    for one in environment(profile, environ or {}):
        if effective(one, profile, (one.table, one.key) in said):
            said[one.table, one.key] = one.value
    taken = {place: value for place, value in said.items() if _reading(profile, place, value) is not None}
    return NodeConfig(profile, _effective(profile, taken), frozenset(taken), read.values is not None)


def _reading(profile: Profile, place: Place, value: object) -> ConfigValue | None:
    table, key = place
    return read_as(kind_of(table, key, profile.config[table][key], profile.durations_in_ms), value).value


def _effective(profile: Profile, said: Mapping[Place, object]) -> dict[Place, ConfigValue]:
    whole: dict[Place, ConfigValue] = {}
    for table, keys in profile.config.items():
        for key, default in keys.items():
            value = said.get((table, key), list(default) if isinstance(default, tuple) else default)
            reading = _reading(profile, (table, key), value)
            whole[table, key] = default if reading is None else reading
    return whole
