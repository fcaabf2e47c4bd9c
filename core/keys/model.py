"""What is public about a home's keys: values, and the reader of public keys."""

from __future__ import annotations

import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..documents.ed25519 import address, node_id
from .sign_state import SignState, StateFile

__all__ = [
    "KeyFacts",
    "KeyFile",
    "KeyKind",
    "address",
    "node_id",
    "parse_public",
]

ED25519_PUBLIC = "tendermint/PubKeyEd25519"
ED25519_PRIVATE = "tendermint/PrivKeyEd25519"

KeyKind = Literal["validator", "node"]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Public facts of one key file, as the key process tells them."""

    path: Path
    problem: str
    """A code: empty (read), ``missing``, or why there are no facts, as ``checks`` has them in words."""
    form: str = ""
    """A code of the key process where the key is spelled otherwise than a node writes it today."""
    link: bool = False
    mode: int | None = None
    uid: int | None = None
    type: str = ""
    """Type of the private key; ``other`` where it is no known spelling."""
    length: int | None = None
    """Bytes of the private key."""
    public: bytes | None = None
    """Derived from the private key (ed25519), 32 bytes."""
    halves_agree: bool | None = None
    second_address: str = ""
    """Address of the second half, which the node takes for its public key; it equals ours where the halves agree."""
    stated_type: str | None = None
    stated_public: bytes | None = None
    """What ``pub_key`` says; empty where it is not 32 bytes, None where the file has none."""
    stated_address: str | None = None
    """What ``address`` says; empty where it is no address, None where the file has none."""
    validator_shape: bool = False
    """Whether the file has fields of a validator key file."""
    inside: StateFile | None = None
    """The sign state in the file itself, where it has one: up to 0.27, and in later files that were copied over."""

    @property
    def exists(self) -> bool:
        return self.problem != "missing"

    @property
    def key(self) -> bytes | None:
        """The public key, where the file is sound enough for a node to have one."""
        return self.public if self.halves_agree and not self.form else None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Everything public about the keys of one home."""

    home: Path
    uid: int
    """Of the person who runs quorate."""
    home_uid: int | None
    node: KeyFile
    validator: KeyFile | None
    """None where a remote signer holds the key: the local file was not opened."""
    remote_signer: str
    """``priv_validator_laddr`` of config.toml; empty where the key is local."""
    other_generation: Path | None
    """A validator key file of the other file generation that stands beside this one."""
    signed: StateFile
    """The sign state, as the node of this profile finds it."""
    state_path: Path
    started: tuple[str, ...] = ()
    """Where the sign state is missing: what shows that the key belongs to a network that has started, a clause each."""
    has_blocks: bool = True
    """Whether the data folder holds blocks, or that can not be seen."""
    strays: tuple[Path, ...] = ()
    """Left-over files of interrupted writes, which may hold a key."""
    git: Path | None = None
    """The git work tree that holds the home."""
    config_problem: str = ""

    @property
    def sign_state(self) -> SignState | None:
        return self.signed.state

    @property
    def last_signed(self) -> str:
        """For people; empty where there is no key. Only a sign state that says so gives "nothing yet"."""
        if self.validator is None:
            return "unknown: the remote signer knows"
        if not self.validator.exists:
            return ""
        state, troubles = self.signed.state, self.signed.troubles
        if state is None:
            return f"unknown: {'; '.join(one.said for one in troubles) or 'there is no sign state'}"
        if not state.has_signed and not all(one.other_form for one in troubles):
            return f"unknown: {'; '.join(one.said for one in troubles)}"
        if not state.has_signed:
            return "nothing yet, in a file that the node refuses" if troubles else "nothing yet"
        return f"height {state.height} on {state.chain_id or 'a chain that it does not name'}"

    @property
    def node_key(self) -> bytes | None:
        return self.node.key

    @property
    def node_id(self) -> str:
        return node_id(self.node_key) if self.node_key else ""

    @property
    def validator_key(self) -> bytes | None:
        """None where it is missing or unsound, and where ``remote_signer`` is set: ask for it."""
        return self.validator.key if self.validator else None

    @property
    def validator_address(self) -> str:
        return address(self.validator_key) if self.validator_key else ""


def parse_public(text: str) -> bytes | None:
    """The 32 bytes of an ed25519 public key from the JSON of ``show-validator`` or bare base64; None where it is none.

    Lines before the last one (the notice that old spellings print) are passed over.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    for candidate in (text.strip(), lines[-1] if lines else ""):
        key = _public_json(candidate) if candidate.startswith("{") else _public_base64(candidate)
        if key is not None:
            return key
    return None


def _public_json(text: str) -> bytes | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("type") != ED25519_PUBLIC:
        return None
    value = found.get("value")
    return _public_base64(value) if isinstance(value, str) else None


def _public_base64(text: str) -> bytes | None:
    try:
        key = binascii.a2b_base64(text.strip().strip('"').encode("ascii"), strict_mode=True)
    except ValueError:
        return None
    return key if len(key) == 32 else None
