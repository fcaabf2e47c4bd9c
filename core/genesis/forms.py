"""Other spellings of the same genesis: older generations of Tendermint, and the Cosmos SDK. Recognised and translated.

Sources: CHANGELOG.md of Tendermint v0.21.0 (0.10.0, 0.11.0, 0.17.0, 0.19.0), types/genesis.go at v0.15.0 to v0.35.9,
crypto/encoding/amino at v0.31.5, and x/genutil/types/genesis.go of the Cosmos SDK v0.50.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from ..finding import Finding, error
from ..safe import safe
from .scan import Node, scan

ED25519 = "tendermint/PubKeyEd25519"
SECP256K1 = "tendermint/PubKeySecp256k1"
_SIZES = {ED25519: 32, SECP256K1: 33}

_COSMOS = {"/cosmos.crypto.ed25519.PubKey": ED25519, "/cosmos.crypto.secp256k1.PubKey": SECP256K1}
_BARE = {"ed25519": ED25519, "secp256k1": SECP256K1}
_LISTED = {"1": ED25519, "2": SECP256K1}
"""The type byte in front of a key, up to 0.9."""
_DISFIX = {"AC26791624DE60": ED25519, "F8CCEAEB5AE980": SECP256K1}
"""The names of 0.19 to 0.21, made of the bytes that amino puts in front."""
_PREFIX = {"1624DE6420": ED25519, "EB5AE98721": SECP256K1}
"""The bytes that amino puts in front of a key, in hex; the last one is the length."""
_RENAMED = re.compile(r"(?:cometbft|tendermint|comet|tm)[/.](?:crypto[/.])?(?:PubKey|pubkey|PublicKey_?)Ed25519", re.I)
_HEX = re.compile(r"(?:0x)?([0-9A-Fa-f]{64,78})")

_PLAIN = "base64"
_LIST = "the list of Tendermint 0.9 and earlier, which no version from 0.16 on reads"
_DATA = "the form of Tendermint 0.10 to 0.18"
_AMINO = "the type name of Tendermint 0.19 to 0.21"
_OLD = {
    _LIST: "This is a genesis of Tendermint 0.9 or earlier (2016), a form that no version from 0.16 on reads",
    _DATA: "This is a genesis of Tendermint 0.10 to 0.18, a form that no later version reads",
    _AMINO: "This is a genesis of Tendermint 0.19 to 0.21, a form that no later version reads",
}
_SHOWN = 24
"""Keys that are written out in one finding."""


@dataclass(frozen=True, slots=True)
class Key:
    form: str
    wire: str
    value: str
    """Canonical base64."""

    @property
    def entry(self) -> str:
        return f'{{"type": "{self.wire}", "value": "{self.value}"}}'

    @property
    def node(self) -> Node:
        return Node("object", "", members=(("type", _string(self.wire)), ("value", _string(self.value))))


@dataclass(frozen=True, slots=True)
class Translated:
    """``findings`` say what was translated. ``old``: all of it is of a generation that is judged by nothing else."""

    root: Node
    findings: tuple[Finding, ...] = ()
    old: bool = False


def translated(root: Node) -> Translated:
    """``root`` with keys and powers as the nodes of all profiles read them; as it is where nothing was to be done."""
    nested = _cosmos_document(root)
    if nested is not None:
        return nested
    validators = root.get("validators")
    if validators is None or validators.kind != "array" or not validators.items:
        return Translated(root)
    keys = [_key(item.get("pub_key")) for item in validators.items]
    if not any(keys):
        return Translated(root)
    forms = {key.form if key else "" for key in keys}
    old = len(forms) == 1 and forms <= set(_OLD)
    items = tuple(_entry(item, key, old) for item, key in zip(validators.items, keys, strict=True))
    changed = _with(root, "validators", replace(validators, items=items))
    if old:
        return Translated(changed, (_generation(root, forms.pop(), items),), True)
    return Translated(changed, tuple(_keys(validators.items, keys)))


def key_in_other_form(text: str) -> Key | None:
    """The public key that ``text`` spells (a bare text, or JSON) where that is not the form of 0.22 and later."""
    node = scan(text.encode("utf-8", "replace")).root if text.startswith(("{", "[")) else None
    if node is None:
        return _made("", ED25519, text) if _HEX.fullmatch(text) or len(text) < 60 else None
    return _key(node.get("pub_key") or node)


# One key


def _key(node: Node | None) -> Key | None:
    """The key of a form that is not that of 0.22 and later; None for that one, and for what is no key in any form."""
    if node is None:
        return None
    if node.kind == "array":
        return _listed(node)
    if node.kind == "string":
        return _made("a bare text without a type", ED25519, node.text)
    return _object(node) if node.kind == "object" else None


def _listed(node: Node) -> Key | None:
    if len(node.items) != 2 or node.items[1].kind != "string":
        return None
    wire = _LISTED.get(node.items[0].raw)
    return _made(_LIST, wire, node.items[1].text) if wire else None


def _object(node: Node) -> Key | None:
    texts = {name: value.text for name, value in node.members if value.kind == "string"}
    cosmos = _COSMOS.get(texts.get("@type", ""))
    if cosmos:
        return _made("the form of the Cosmos SDK", cosmos, texts.get("key", ""))
    if len(node.members) == 1 and texts.keys() <= _BARE.keys() and texts:
        ((name, text),) = texts.items()
        return _made("the form of ABCI and protobuf", _BARE[name], text)
    inner = node.get("Sum") or node.get("value")
    if inner is not None and inner.kind == "object":
        return _object(inner)
    given = texts.get("type", "")
    if "data" in texts and given in _BARE:
        return _made(_DATA, _BARE[given], texts["data"])
    return _typed(given, texts.get("value", ""))


def _typed(given: str, text: str) -> Key | None:
    if given in _DISFIX:
        return _made(_AMINO, _DISFIX[given], text)
    if given in _SIZES:
        key = None if _is_base64(text, _SIZES[given]) else _made("", given, text)
        return key if key is not None and key.form != _PLAIN else None
    if given in _BARE or _RENAMED.fullmatch(given):
        return _made(f"of the type {given!r}, which no node knows", _BARE.get(given, ED25519), text)
    return None


def _made(form: str, wire: str, text: str) -> Key | None:
    """The key that ``text`` spells in base64 or hex, with or without amino's prefix; None where it spells none."""
    spelled = "hex digits" if _HEX.fullmatch(text.strip()) else _PLAIN
    raw = _bytes(text.strip())
    for prefix, kind in _PREFIX.items():
        before = bytes.fromhex(prefix)
        if raw.startswith(before) and len(raw) == len(before) + _SIZES[kind]:
            wire, raw, spelled = kind, raw[len(before) :], f"{spelled} with amino's prefix"
    if len(raw) != _SIZES[wire]:
        return None
    return Key(form or spelled, wire, base64.b64encode(raw).decode())


def _bytes(text: str) -> bytes:
    found = _HEX.fullmatch(text)
    if found:
        digits = found.group(1)
        return bytes.fromhex(digits) if len(digits) % 2 == 0 else b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_base64(text: str, size: int) -> bool:
    """64 hex digits are base64 too, but of 48 bytes."""
    try:
        return len(base64.b64decode(text, validate=True)) == size
    except (binascii.Error, ValueError):
        return False


# Entries


def _string(text: str) -> Node:
    return Node("string", json.dumps(text), text)


def _with(node: Node, name: str, value: Node) -> Node:
    return replace(node, members=tuple((key, value if key == name else old) for key, old in node.members))


def _entry(item: Node, key: Key | None, old: bool) -> Node:
    if key is not None:
        item = _with(item, "pub_key", key.node)
    if not old:
        return item
    members = tuple(("power" if name == "amount" else name, value) for name, value in item.members)
    return replace(
        item,
        members=tuple(
            (name, _string(value.raw) if name == "power" and value.kind == "number" else value)
            for name, value in members
        ),
    )


def _generation(root: Node, form: str, items: tuple[Node, ...]) -> Finding:
    names = {name for name, _ in root.members}
    amount = any(item.get("amount") is not None for item in (root.get("validators") or root).items)
    said = [
        'amount is "power" since 0.11' if amount else "powers are quoted since 0.19",
        *(["app_options is app_state since 0.17"] if "app_options" in names else []),
        *([] if form == _AMINO else ["the hex digits are the key, which is written in base64 since 0.19"]),
    ]
    keys = "; ".join(map(_written, items[:_SHOWN])) + ("; ..." if len(items) > _SHOWN else "")
    fix = f'Write each as {{"pub_key": {{"type": "{ED25519}", "value": ...}}, "power": "10", "name": ...}}: {keys}.'
    return error("genesis-old-form", "validators", f"{_OLD[form]}: {', '.join(said)}.", fix)


def _written(item: Node) -> str:
    key, power, name = item.get("pub_key"), item.get("power"), item.get("name")
    assert key is not None
    texts = [value.text for _, value in key.members]
    kind = "" if texts[0] == ED25519 else f" of type {texts[0]}"
    who = safe(name.text, 40) if name is not None and name.text else "a validator"
    return f"{who} {texts[1]}{kind}" + (f' power "{safe(power.text, 20)}"' if power is not None else "")


def _keys(items: tuple[Node, ...], keys: list[Key | None]) -> Iterator[Finding]:
    found = sorted(
        ((key.form, index, key) for index, key in enumerate(keys) if key is not None), key=lambda one: one[:2]
    )
    for form, group in groupby(found, key=lambda one: one[0]):
        all_of = [(index, key) for _, index, key in group]
        first, key = all_of[0]
        path = f"validators[{first}].pub_key"
        more = "" if len(all_of) == 1 else f" (and {len(all_of) - 1} more)"
        message = (
            f"The key at {path}{more} is in another form, {form}; the node does not read it. The key itself is good."
        )
        if len(all_of) == 1:
            yield error("genesis-key-form", path, message, f"Write the same key as {key.entry}.")
            continue
        written = "; ".join(f"validators[{index}] {key.entry}" for index, key in all_of[: _SHOWN // 2])
        rest = "; ..." if len(all_of) > _SHOWN // 2 else ""
        yield error("genesis-key-form", path, message, f"Write the same keys as: {written}{rest}.")


def _cosmos_document(root: Node) -> Translated | None:
    """The form that the Cosmos SDK writes since 0.50: parameters and validators below ``consensus``."""
    consensus = root.get("consensus")
    if consensus is None or consensus.kind != "object" or root.get("validators") is not None:
        return None
    params, validators = consensus.get("params"), consensus.get("validators")
    if params is None and validators is None:
        return None
    members = tuple(
        (name, value) for name, value in root.members if name not in ("consensus", "app_name", "app_version")
    )
    lifted = tuple(
        (name, value) for name, value in (("consensus_params", params), ("validators", validators)) if value is not None
    )
    quoted = tuple(
        (name, _string(value.raw) if name == "initial_height" and value.kind == "number" else value)
        for name, value in members
    )
    message = (
        "This is the form of the Cosmos SDK 0.50 and later: parameters and validators are below consensus, where a "
        "node of Tendermint or CometBFT alone does not look."
    )
    fix = (
        "Move consensus.params to consensus_params and consensus.validators to validators, and put initial_height in "
        "quotes; a node that is built into an application of the Cosmos SDK reads it as it is."
    )
    finding = error("genesis-cosmos-form", "consensus", message, fix)
    return Translated(replace(root, members=(*quoted, *lifted)), (finding,), True)
