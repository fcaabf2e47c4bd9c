"""What is public about a home's keys: values, and the readers of sign states and public keys."""

from __future__ import annotations

import binascii
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..documents.ed25519 import address, node_id
from .signbytes import Unreadable, chain_of

__all__ = [
    "DamagedState",
    "KeyFacts",
    "KeyFile",
    "KeyKind",
    "SignState",
    "address",
    "fresh_sign_state",
    "node_id",
    "parse_public",
    "parse_sign_state",
    "sign_state",
]

ED25519_PUBLIC = "tendermint/PubKeyEd25519"
ED25519_PRIVATE = "tendermint/PrivKeyEd25519"

KeyKind = Literal["validator", "node"]


@dataclass(frozen=True, slots=True)
class SignState:
    """What a validator key last signed, as its own memory says."""

    height: int
    round: int
    step: int
    """0 nothing, 1 proposal, 2 prevote, 3 precommit."""
    chain_id: str
    """The chain whose block it last signed; empty where there are no sign bytes, or they can not be read."""
    sign_bytes: Literal["none", "read", "unreadable"]

    @property
    def has_signed(self) -> bool:
        return self.height > 0 or self.sign_bytes != "none"


class DamagedState(ValueError):  # noqa: N818  (what it is, not a fault of ours)
    """A sign state that the node does not take; the message is ours and quotes nothing."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Public facts of one key file, as the key process tells them."""

    path: Path
    problem: str
    """A code: empty (read), ``missing``, ``unreadable``, ``not-regular``, ``too-large``, ``not-json``,
    ``doubled-field``, ``no-private-key``, ``private-key-in-public-field``."""
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
    sign_state: SignState | None = None
    state_damaged: str = ""

    @property
    def exists(self) -> bool:
        return self.problem != "missing"

    @property
    def key(self) -> bytes | None:
        """The public key, where the file is sound enough to have one."""
        return self.public if self.halves_agree else None


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
    sign_state: SignState | None
    state_path: Path
    state_problem: str
    """Empty, ``missing``, or why it can not be read (our words)."""
    strays: tuple[Path, ...] = ()
    """Left-over files of interrupted writes, which may hold a key."""
    git: Path | None = None
    """The git work tree that holds the home."""
    config_problem: str = ""

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


def fresh_sign_state(*, round_quoted: bool) -> bytes:
    """The sign state file of a key that has signed nothing, byte for byte as ``init`` writes it."""
    quote = '"' if round_quoted else ""
    return f'{{\n  "height": "0",\n  "round": {quote}0{quote},\n  "step": 0\n}}'.encode()


def parse_sign_state(content: bytes) -> SignState:
    """A priv_validator_state.json of any generation. Raises DamagedState."""
    try:
        found = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise DamagedState("it is not JSON") from None
    if not isinstance(found, dict):
        raise DamagedState("it is not a JSON object")
    return sign_state(found.get("height"), found.get("round"), found.get("step"), found.get("signbytes", ""))


def sign_state(height: object, round_: object, step: object, sign_bytes: object) -> SignState:
    """From the four values as the file has them: ``round`` is a string up to 0.33. Raises DamagedState."""
    if isinstance(height, int):
        raise DamagedState("its height is a bare number, and the node takes only a quoted one")
    numbers = [_int(name, value) for name, value in (("height", height), ("round", round_), ("step", step))]
    chain, read = _chain(sign_bytes)
    return SignState(numbers[0], numbers[1], numbers[2], chain, read)


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


def _int(name: str, value: object) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise DamagedState(f"its {name} is no number")
    number = int(text)
    if not 0 <= number < 2**63:
        raise DamagedState(f"its {name} is out of range")
    return number


def _chain(sign_bytes: object) -> tuple[str, Literal["none", "read", "unreadable"]]:
    if sign_bytes == "" or sign_bytes is None:
        return "", "none"
    try:
        return chain_of(bytes.fromhex(sign_bytes if isinstance(sign_bytes, str) else "?")), "read"
    except (ValueError, Unreadable):
        return "", "unreadable"
