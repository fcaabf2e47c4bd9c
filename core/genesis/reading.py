"""genesis.json as the node reads it, value by value, with everything that is not as the node writes it.

Sources: types/genesis.go and libs/json/decoder.go of CometBFT v0.34.33, v0.37.15, v0.38.17, v1.0.1.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..finding import Finding, error, warning
from ..profiles.profile import INT64_MAX, Param, Profile
from .envelope import not_a_genesis
from .forms import translated
from .model import KEY_TYPES, ZERO_TIME, Genesis, ParamValue, Validator, params_of
from .scan import Node, scan

UINT64_MAX = 2**64 - 1

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_ADDRESS = re.compile(r"(?:0x)?[0-9A-Fa-f]{40}")
_LONGEST_KEY = 33
_SLIP = 0.87
"""How alike two names are that differ by one letter, or by two in a long name (difflib)."""
_WRAPPER = ("type", "value")
_ENTRY = ("address", "pub_key", "power", "name")


@dataclass(frozen=True, slots=True)
class ReadValidator:
    """One entry of ``validators``. None: could not be read (a finding says why)."""

    path: str
    key: bytes | None
    key_text: str
    """The base64 as decoded from JSON, also where it is none."""
    key_type: str | None
    power: int | None
    name: str
    address: str
    """As given; empty where none is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the node would have in its hands after reading, before it judges."""

    root: bool
    """False: nothing could be read."""
    findings: tuple[Finding, ...]
    chain_id: str = ""
    time: str | None = ZERO_TIME
    """As given; ``ZERO_TIME`` where there is none, None where it is not a time."""
    time_given: bool = False
    initial_height: int | None = 0
    params: tuple[tuple[str, ParamValue | None], ...] | None = None
    """None: the file names no parameters. A value is None where it could not be read."""
    param_texts: tuple[tuple[str, str], ...] = ()
    """Every ``section`` and ``section.name`` below consensus_params, known or not, with its text (a section: none)."""
    validators: tuple[ReadValidator, ...] = ()
    app_hash: str = ""
    app_state: str = ""
    old: bool = False
    """The form of the file is all that is to be said: it is written anew before anything else about it matters."""

    def genesis(self) -> Genesis | None:
        """The value, where everything in it could be read."""
        params = tuple((path, value) for path, value in self.params or () if value is not None)
        validators = tuple(
            Validator(entry.key, entry.power, entry.name, entry.key_type)
            for entry in self.validators
            if entry.key is not None and entry.power is not None and entry.key_type is not None
        )
        whole = len(params) == len(self.params or ()) and len(validators) == len(self.validators)
        if not self.root or not whole or self.time is None or self.initial_height is None:
            return None
        return Genesis(self.chain_id, self.time, params, validators, self.initial_height, self.app_hash, self.app_state)


@dataclass(frozen=True, slots=True)
class Parsed:
    """``genesis`` is None where a value that everything else depends on could not be read."""

    genesis: Genesis | None
    findings: tuple[Finding, ...]


def parse(data: bytes, profile: Profile) -> Parsed:
    """A foreign genesis.json, strictly: everything that is not as the node of this profile writes it is a finding.

    Whether its values make a network is for ``checks.check``, which yields these findings too.
    """
    reading = read(data, profile)
    return Parsed(reading.genesis(), reading.findings)


def read(data: bytes, profile: Profile) -> Reading:
    scanned = scan(data)
    if scanned.root is None:
        return Reading(False, scanned.findings)
    return read_node(scanned.root, profile, scanned.findings)


def read_node(root: Node, profile: Profile, before: tuple[Finding, ...] = ()) -> Reading:
    """The same for a genesis that stands inside something else, such as the answer of a running node."""
    if root.kind != "object":
        wrong = error(
            "genesis-not-object", "file", f"The file holds {_what(root)}; a genesis is an object.", "Ask for it again."
        )
        return Reading(False, (*before, wrong))
    other = not_a_genesis(root)
    if other is not None:
        return Reading(False, (other,))
    modern = translated(root)
    reading = _Reader(profile, [*before, *modern.findings]).document(modern.root)
    return replace(reading, findings=modern.findings, old=True) if modern.old else reading


def _what(node: Node) -> str:
    if node.kind in ("number", "string", "true", "false", "null"):
        return node.raw if len(node.raw) <= 60 else node.raw[:60] + "…"
    return {"object": "an object", "array": "a list"}.get(node.kind, "a value")


class _Reader:
    def __init__(self, profile: Profile, found: list[Finding]) -> None:
        self._profile = profile
        self._found = found

    # one value

    def _wrong_type(self, path: str, node: Node, wanted: str) -> None:
        fix = f"Write {wanted} at {path}."
        self._found.append(error("genesis-type", path, f"{path} is {_what(node)}; {wanted} was expected.", fix))

    def _text(self, node: Node | None, path: str) -> str:
        """A string; missing and null are empty, as in Go."""
        if node is None or node.kind == "null":
            return ""
        if node.kind != "string":
            self._wrong_type(path, node, "a string")
            return ""
        return node.text

    def _raw(self, node: Node | None, path: str) -> str | None:
        """What stands between the quotes, for values that the node takes from there unescaped. None: not a string."""
        if node is None or node.kind == "null":
            return ""
        if node.kind != "string":
            self._wrong_type(path, node, "a string")
            return None
        if "\\" in node.raw:
            message = f"{path} is written with a backslash escape, {_what(node)}; the node reads it as it stands."
            self._found.append(error("genesis-escaped", path, message, f'Write "{node.text}".'))
            return None
        return node.raw[1:-1]

    def _integer(self, node: Node | None, path: str, low: int = -INT64_MAX - 1, high: int = INT64_MAX) -> int | None:
        if node is not None and node.kind == "number":
            message = f"{path} is the bare number {_what(node)}; every version wants it as a string."
            self._found.append(error("genesis-number-bare", path, message, f'Write "{node.raw}", with quotes.'))
            return None
        raw = self._raw(node, path)
        if raw is None or node is None or node.kind == "null":
            return 0 if raw is not None else None
        if not _WHOLE.fullmatch(raw):
            message = f"{path} is {_what(node)}; a whole number in decimal digits was expected."
            self._found.append(error("genesis-number-form", path, message, 'Write only digits, such as "10".'))
            return None
        if len(raw) > 20 or not low <= int(raw) <= high:
            message = f"{path} is {_what(node)}; from {low} to {high} was expected."
            self._found.append(error("genesis-number-range", path, message, "Write a number in that range."))
            return None
        return int(raw)

    def _hex(self, node: Node | None, path: str) -> str:
        raw = self._raw(node, path)
        if raw and not _HEX.fullmatch(raw):
            message = f"{path} is {raw!r}; hex digits in pairs were expected."
            self._found.append(error("genesis-hex", path, message, f'Write hex digits, or "" at {path}.'))
            return ""
        return raw or ""

    def _object(self, node: Node | None, path: str) -> Node | None:
        if node is None or node.kind == "null":
            return None
        if node.kind != "object":
            self._wrong_type(path, node, "an object")
            return None
        return node

    # keys

    def _keys(self, node: Node, known: Iterable[str], path: str) -> None:
        names, taken = tuple(known), frozenset(name for name, _ in node.members)
        for key in dict.fromkeys(name for name, _ in node.members):
            here = f"{path}.{key}" if path else key
            if key in names:
                continue
            if key.lower() in names:
                self._found.append(_case(key, here))
            else:
                self._found.append(_stranger(key, here, names, taken, self._profile.name))

    # the document

    def document(self, root: Node) -> Reading:
        known = ["genesis_time", "chain_id", "consensus_params", "validators", "app_hash", "app_state"]
        self._keys(root, known + ["initial_height"] * self._profile.initial_height, "")
        time = root.get("genesis_time")
        params, texts = self._params(root.get("consensus_params"))
        state = root.get("app_state")
        return Reading(
            root=True,
            chain_id=self._text(root.get("chain_id"), "chain_id"),
            time=self._time(time),
            time_given=time is not None and time.kind != "null",
            initial_height=self._integer(root.get("initial_height"), "initial_height")
            if self._profile.initial_height
            else 0,
            params=params,
            param_texts=texts,
            validators=self._validators(root.get("validators")),
            app_hash=self._hex(root.get("app_hash"), "app_hash"),
            app_state="" if state is None or state.raw == "null" else state.raw,
            findings=tuple(self._found),
        )

    def _time(self, node: Node | None) -> str | None:
        raw = self._raw(node, "genesis_time")
        if node is None or node.kind == "null":
            return ZERO_TIME
        return raw

    # consensus parameters

    def _params(
        self, node: Node | None
    ) -> tuple[tuple[tuple[str, ParamValue | None], ...] | None, tuple[tuple[str, str], ...]]:
        whole = self._object(node, "consensus_params")
        if whole is None:
            return None, ()
        values: list[tuple[str, ParamValue | None]] = []
        for section in self._profile.param_sections:
            values += self._section(section, whole.get(section))
        return tuple(values), _texts(whole)

    def _section(self, section: str, node: Node | None) -> list[tuple[str, ParamValue | None]]:
        inside = self._object(node, f"consensus_params.{section}")
        values: list[tuple[str, ParamValue | None]] = []
        for param in params_of(self._profile):
            given = inside.get(param.name) if inside is not None and param.section == section else None
            if given is not None and given.kind != "null":
                values.append((param.path, self._param(param, given)))
        return values

    def _param(self, param: Param, node: Node) -> ParamValue | None:
        path = f"consensus_params.{param.path}"
        if param.unit == "types":
            return self._types(node, path)
        low, high = (0, UINT64_MAX) if param.unit == "version" else (-INT64_MAX - 1, INT64_MAX)
        value = self._integer(node, path, low, high)
        return None if value is None else str(value)

    def _types(self, node: Node, path: str) -> ParamValue | None:
        if node.kind != "array":
            self._wrong_type(path, node, "a list of strings")
            return None
        return tuple(self._text(item, f"{path}[{index}]") for index, item in enumerate(node.items))

    # validators

    def _validators(self, node: Node | None) -> tuple[ReadValidator, ...]:
        if node is None or node.kind == "null":
            return ()
        if node.kind != "array":
            self._wrong_type("validators", node, "a list")
            return ()
        return tuple(self._validator(item, f"validators[{index}]") for index, item in enumerate(node.items))

    def _validator(self, node: Node, path: str) -> ReadValidator:
        entry = self._object(node, path)
        if entry is None:
            if node.kind == "null":
                self._wrong_type(path, node, "an object")
            return ReadValidator(path, None, "", None, None, "", "")
        self._keys(entry, _ENTRY, path)
        key_type, text, key = self._key(entry.get("pub_key"), f"{path}.pub_key")
        return ReadValidator(
            path,
            key,
            text,
            key_type,
            self._integer(entry.get("power"), f"{path}.power"),
            self._text(entry.get("name"), f"{path}.name"),
            self._hex(entry.get("address"), f"{path}.address") if self._profile.genesis_address else "",
        )

    def _key(self, node: Node | None, path: str) -> tuple[str | None, str, bytes | None]:
        """Key type, text and bytes. Here alone the node ignores the case of keys, and the last one counts."""
        wrapper = self._object(node, path)
        if wrapper is None:
            if node is None or node.kind == "null":
                message = f"{path} is missing; the node panics."
                self._found.append(error("genesis-key-missing", path, message, "Ask the member for the public key."))
            return None, "", None
        self._keys(wrapper, _WRAPPER, path)
        last: dict[str, Node] = {}
        for name, value in wrapper.members:
            if not (
                name.lower() == "type" and value.kind == "null" and "type" in last
            ):  # Go: null leaves a string as it is
                last[name.lower()] = value
        wire = self._text(last.get("type"), f"{path}.type")
        key_type = next((name for name, (known, _) in KEY_TYPES.items() if known == wire), None)
        if key_type is None:
            known = " or ".join(name for name, _ in KEY_TYPES.values())
            message = f"{path}.type is {wire!r}; {known} was expected."
            self._found.append(error("genesis-key-type", f"{path}.type", message, 'Write "tendermint/PubKeyEd25519".'))
        text, key = self._bytes(last.get("value"), f"{path}.value")
        return key_type, text, self._sized(key, key_type, f"{path}.value")

    def _bytes(self, node: Node | None, path: str) -> tuple[str, bytes | None]:
        text = self._text(node, path)
        if node is not None and node.kind not in ("string", "null"):
            return "", None
        if not text:
            self._found.append(
                error("genesis-key-missing", path, f"{path} holds no key.", "Ask the member for the public key.")
            )
            return "", None
        if _ADDRESS.fullmatch(text):
            self._found.append(_an_address(path, text))
            return text, None
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self._found.append(_not_base64(path, text))
            return text, None
        canonical = base64.b64encode(key).decode()
        if canonical != text and len(key) <= _LONGEST_KEY:
            message = f"{path} is {text!r}; the same bytes are usually written {canonical!r}."
            self._found.append(error("genesis-key-spelling", path, message, f'Write "{canonical}".'))
        return text, key

    def _sized(self, key: bytes | None, key_type: str | None, path: str) -> bytes | None:
        if key is None or key_type is None:
            return key
        size = KEY_TYPES[key_type][1]
        if len(key) == size:
            return key
        message = f"{path} has {len(key)} bytes; a public key of type {key_type} has {size}."
        fix = "Ask the member for the public key."
        if len(key) == 64:
            fix = "This may be a private key: tell the member at once, and have both keys made anew."
        self._found.append(error("genesis-key-length", path, message, fix))
        return None


def _texts(whole: Node) -> tuple[tuple[str, str], ...]:
    """Every ``section`` or ``section.name`` in the file with its text, once; as in Go, of two the last counts."""
    found: dict[str, str] = {}
    for section, node in whole.members:
        found[section] = ""
        found |= {f"{section}.{name}": value.text or value.raw for name, value in node.members}
    return tuple(found.items())


def _case(key: str, path: str) -> Finding:
    message = f"The key is written {key!r}; the node wants {key.lower()!r} in most places and takes any case in some."
    return error("genesis-key-case", path, message, f"Write {key.lower()!r}.")


def _stranger(key: str, path: str, names: tuple[str, ...], taken: frozenset[str], profile: str) -> Finding:
    near = _slip_of(key, tuple(name for name in names if name not in taken))
    fix = f"Write {near!r}, if that was meant." if near else f"Take {key!r} out."
    message = f"The key {key!r} is unknown to {profile}; the node ignores it."
    return warning("genesis-unknown-key", path, message, fix)


def _slip_of(key: str, names: tuple[str, ...]) -> str:
    """The name that ``key`` is a slip of the pen for; empty where it means something else (genesis_hash)."""
    plain = {_plain(name): name for name in names}
    near = get_close_matches(_plain(key), plain, 1, _SLIP)
    return plain[near[0]] if near else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _not_base64(path: str, text: str) -> Finding:
    if text.startswith("<") and text.endswith(">"):
        message = f"{path} is still the placeholder {text!r}."
        return error("genesis-placeholder", path, message, "Put the member's public key there.")
    shown = repr(text) if len(text) <= 48 else f"a text of {len(text)} characters"  # a private key is never repeated
    message = f"{path} is {shown}, which is not base64 of a key; 44 characters that end in = were expected."
    return error("genesis-key-base64", path, message, "Ask the member for the public key.")


def _an_address(path: str, text: str) -> Finding:
    kind = "a node id" if text == text.lower() else "a validator's address"
    message = f"{path} is {text}: 40 hex digits are how {kind} is printed, and no public key."
    return error("genesis-key-is-address", path, message, "Ask the member for what show-validator prints.")
