"""A node's home: where its files stand, as its config.toml says or else its profile."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..documents.toml_values import load_values
from ..profiles.profile import ConfigValue, Profile
from ..world import Files

Config = Mapping[str, Mapping[str, ConfigValue]]
"""Values of a config.toml by table and key: ``""`` is the top level, ``grpc.privileged`` a table in a table."""

CONFIG_LIMIT = 4 << 20
"""Bytes of a config.toml."""
GENESIS_LIMIT = 128 << 20
"""Bytes of a genesis.json, of which reading takes three times as much memory. The node itself has no limit."""
_OLD_KEY_FILE = "config/priv_validator.json"
_NEW_KEY_FILE = "config/priv_validator_key.json"
_DOCUMENTS_LINE_END = re.compile(r"\\[ \t]*\r?\n[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class HomeFiles:
    """Absolute paths; whether anything stands there is another question."""

    config: Path
    genesis: Path
    validator_key: Path
    sign_state: Path | None
    """None where the sign state stands inside the validator key file (up to 0.27)."""
    node_key: Path
    other_validator_key: Path
    """Where the validator key file of the other file generation would stand."""
    data: Path
    """The folder of the databases: ``db_dir`` (``db_path`` up to 0.23)."""
    write_ahead: Path
    """The folder of the consensus log; ``wal_file`` names a file in it, and is relative to the home."""
    address_book: Path


@dataclass(frozen=True, slots=True)
class Home:
    path: Path
    profile: Profile
    config: Config | None
    """None where there is no config.toml, or it can not be parsed."""
    config_problem: str
    """Why config.toml could not be parsed, in our words; empty where it could, or is not there."""
    files: HomeFiles

    @property
    def remote_signer(self) -> str:
        """``priv_validator_laddr``: where set, the validator key is elsewhere and the local file is not the truth."""
        return text_of(self.config, "", "priv_validator_laddr")


class ConfigDamaged(ValueError):  # noqa: N818  (what it is, not a fault of ours)
    """A config.toml that no TOML reader takes; the message is ours and quotes nothing."""


def open_home(files: Files, path: Path, profile: Profile) -> Home:
    """The home at ``path`` (absolute), which may be empty or not exist. Raises Refusal as ``Files.read`` does."""
    content = files.read(path / "config" / "config.toml", CONFIG_LIMIT)
    if content is None:
        return resolve(path, profile, None)
    try:
        return resolve(path, profile, parse_config(content))
    except ConfigDamaged as problem:
        return resolve(path, profile, None, str(problem))


def resolve(path: Path, profile: Profile, config: Config | None, config_problem: str = "") -> Home:
    """Where the node of that profile looks for its files. Relative paths start at the home (config.go, rootify)."""
    old = profile.validator_state_file is None

    def place(default: str, name: str, table: str = "") -> Path:
        said = text_of(config, table, name) or default
        # The node cleans a relative path before it opens it: ".." leaves a link, not what the link leads to.
        return Path(said) if os.path.isabs(said) else Path(os.path.normpath(path / said))

    key_name = "priv_validator_file" if old else "priv_validator_key_file"
    state = None if old else place(profile.validator_state_file or "", "priv_validator_state_file")
    return Home(
        path,
        profile,
        config,
        config_problem,
        HomeFiles(
            config=path / "config" / "config.toml",
            genesis=place("config/genesis.json", "genesis_file"),
            validator_key=place(profile.validator_key_file, key_name),
            sign_state=state,
            node_key=place(profile.node_key_file, "node_key_file"),
            other_validator_key=path / (_NEW_KEY_FILE if old else _OLD_KEY_FILE),
            data=place("data", "db_path" if old else "db_dir"),
            write_ahead=place("data/cs.wal/wal", "wal_file", "consensus").parent,
            address_book=place("config/addrbook.json", "addr_book_file", "p2p"),
        ),
    )


def parse_config(content: bytes) -> Config:
    """The values of a config.toml. Raises ConfigDamaged.

    The documents' multi-line string (a backslash at the line's end inside quotes) is no TOML, but Tendermint up to
    0.34.19 takes it; it is joined here, so that key paths are known before the file is repaired.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigDamaged("it is not UTF-8") from None
    for attempt in (text, _DOCUMENTS_LINE_END.sub("", text)):
        try:
            return {name: dict(values) for name, values in _tables("", load_values(attempt))}
        except tomllib.TOMLDecodeError:
            continue
    raise ConfigDamaged("it is not TOML")


def text_of(config: Config | None, table: str, key: str) -> str:
    """A text value; empty where it is missing, or is no text."""
    value = (config or {}).get(table, {}).get(key, "")
    return value if isinstance(value, str) and "\0" not in value else ""


def _tables(name: str, table: Mapping[str, object]) -> Iterator[tuple[str, dict[str, ConfigValue]]]:
    yield name, {key: _value(value) for key, value in table.items() if not isinstance(value, dict)}
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _tables(f"{name}.{key}" if name else key, value)


def _value(value: object) -> ConfigValue:
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return str(value)
