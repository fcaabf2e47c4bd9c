"""Surroundings of a config.toml as tests need them: who is known, and what the machine has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from core.config.known import Known, Party
from core.config.surroundings import Surroundings, There
from core.documents.ed25519 import address, node_id


def key_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def party(name: str, host: str = "", port: int = 26656, source: str = "the record") -> Party:
    """A member: node and validator key are made from the name."""
    node = key_of(f"{name} node")
    dial = ((node_id(node), host or f"{name}.example.org", port),)
    return Party(name, source, node_id(node), key_of(f"{name} validator"), node, dial)


def id_of(name: str) -> str:
    return party(name).node_id


def address_of(name: str) -> str:
    """Of the member's validator, as the node prints it: upper case."""
    return address(key_of(f"{name} validator"))


KNOWN = Known((party("bob"), party("carol", "192.0.2.7"), Party("dave", "genesis.json", validator=key_of("dave"))))


def around(
    *,
    known: Known = KNOWN,
    own: str = "",
    home: Path | None = None,
    there: Mapping[Path, There] | None = None,
    faults: Mapping[str, str] | None = None,
    names: Mapping[str, tuple[str, ...] | None] | None = None,
) -> Surroundings:
    return Surroundings(home, there or {}, faults or {}, names or {}, known, own)
