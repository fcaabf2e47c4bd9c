"""Homes with keys, written as each generation writes them, for tests. The keys are throw-away ones."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

from nacl.signing import SigningKey

from core.adapters import real_world
from core.home.model import Home, open_home
from core.profiles import profile
from core.world import World

PRIVATE = "tendermint/PrivKeyEd25519"
PUBLIC = "tendermint/PubKeyEd25519"
FRESH_STATE = b'{\n  "height": "0",\n  "round": 0,\n  "step": 0\n}'


def seed_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def public_of(seed: bytes) -> bytes:
    return bytes(SigningKey(seed).verify_key)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def address_of(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:40].upper()


def node_file(seed: bytes) -> dict[str, object]:
    return {"priv_key": {"type": PRIVATE, "value": b64(seed + public_of(seed))}}


def validator_file(seed: bytes) -> dict[str, object]:
    public = public_of(seed)
    return {
        "address": address_of(public),
        "pub_key": {"type": PUBLIC, "value": b64(public)},
        **node_file(seed),
    }


def put(path: Path, content: object, mode: int = 0o600) -> Path:
    """Write ``content`` (bytes as they are, anything else as JSON)."""
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    path.chmod(mode)
    return path


def make_home(path: Path, *, validator: object = None, node: object = None, state: object = FRESH_STATE) -> Path:
    """A home as ``init`` of 0.34 makes it, without configuration; ``None`` gives sound keys, ``b""`` none."""
    path.mkdir(0o700, parents=True, exist_ok=True)
    for name, content, sound in (
        ("config/priv_validator_key.json", validator, validator_file(seed_of("validator"))),
        ("config/node_key.json", node, node_file(seed_of("node"))),
        ("data/priv_validator_state.json", state, FRESH_STATE),
    ):
        if content != b"":
            put(path / name, sound if content is None else content)
    return path


def this_world() -> World:
    return real_world(dict(os.environ))


def opened(path: Path, name: str = "tendermint-0.34") -> Home:
    return open_home(this_world().files, path, profile(name))
