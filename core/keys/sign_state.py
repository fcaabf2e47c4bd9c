"""The sign state of a validator key: what it last signed, read and judged as the node of a profile reads it.

The node (libs/json since 0.34, amino before) matches field names exactly, takes 0 for a field that is missing or null,
and never looks at ranges: a file that it loads can still let the key sign a height twice. What is dangerous is an error
here although the node starts with it.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .signbytes import Unreadable, chain_of, height_of

_RESTORE = (
    "Stop the node and restore the file from the machine where this key signed last. Never write a lower height: the "
    "key would sign a block twice."
)
_PLAIN = "Stop the node, and write it there as plain text; change nothing else."

_FIELDS = ("height", "round", "step", "signature", "signbytes")
_ESCAPED = re.compile(rb'"(?:height|round|signbytes)"\s*:\s*"[^"]*\\')
_INT64, _INT32, _STEPS = 2**63 - 1, 2**31 - 1, 3


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


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong with a sign state, in our words: a clause that begins with "it", and what to do."""

    said: str
    fix: str = _RESTORE
    other_form: bool = False
    """The value is clear, and only spelled as another generation spells it."""


@dataclass(frozen=True, slots=True)
class StateFile:
    """A sign state, and what is wrong with it. ``state`` is None where what the key signed is not known."""

    state: SignState | None = None
    missing: bool = False
    troubles: tuple[Trouble, ...] = ()
    strange: tuple[str, ...] = ()
    """Fields that no version writes, and that the node ignores."""


def fresh_sign_state(*, round_quoted: bool) -> bytes:
    """The sign state file of a key that has signed nothing, byte for byte as ``init`` writes it."""
    quote = '"' if round_quoted else ""
    return f'{{\n  "height": "0",\n  "round": {quote}0{quote},\n  "step": 0\n}}'.encode()


def parse_sign_state(content: bytes, *, round_quoted: bool) -> StateFile:
    """A priv_validator_state.json. ``round_quoted``: as the profile says, up to 0.33. Never raises."""
    if not content.strip():
        return _unusable("it is empty")
    if content.startswith(b"\xef\xbb\xbf"):
        return _unusable("it begins with a byte order mark, which is not JSON", "Save it as UTF-8 without one.")
    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=_Pairs, parse_constant=_no)
    except (ValueError, RecursionError):
        return _unusable("it is not JSON")
    if not isinstance(found, _Pairs):
        return _unusable("it is not a JSON object")
    pairs = found.pairs
    if twice := next((name for name in _FIELDS if sum(name == one for one, _ in pairs) > 1), ""):
        return _unusable(f"it has the field {twice} twice, and the node takes the last one", _one_field(twice, pairs))
    if _ESCAPED.search(content):
        return _unusable("it has a backslash in a number or in the sign bytes, which the node does not resolve", _PLAIN)
    return judge(dict(pairs), round_quoted=round_quoted)


def judge(fields: Mapping[str, object], *, round_quoted: bool, with_signature: bool = True) -> StateFile:
    """From the fields as JSON has them. ``with_signature``: False where the signature is left out on purpose."""
    numbers = (
        _number("height", fields, quoted=True, most=_INT64),
        _number("round", fields, quoted=round_quoted, most=_INT64 if round_quoted else _INT32),
        _number("step", fields, quoted=False, most=_STEPS),
    )
    signed, wrong = _signed_bytes(fields, with_signature)
    variants = [name for name in fields if name not in _FIELDS and name.lower() in _FIELDS]
    troubles = [
        *(_variant(name, fields) for name in variants),
        *(trouble for _, trouble in numbers if trouble is not None),
        *wrong,
    ]
    height, round_, step = (number for number, _ in numbers)
    strange = tuple(name[:60] for name in fields if name not in _FIELDS and name not in variants)
    if height is None or round_ is None or step is None:
        return StateFile(troubles=tuple(troubles), strange=strange)
    chain, read = _chain(signed)
    signed_height = height_of(signed) if signed else None
    if signed_height is not None and height < signed_height:
        troubles.append(
            Trouble(f"its height is {height}, and its sign bytes are of height {signed_height}: it was set back")
        )
    return StateFile(SignState(height, round_, step, chain, read), troubles=tuple(troubles), strange=strange)


class _Pairs:
    """An object with its fields in order, doubled ones too."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        self.pairs = pairs


def _no(name: str) -> object:
    raise ValueError(name)


def _unusable(said: str, fix: str = _RESTORE) -> StateFile:
    return StateFile(troubles=(Trouble(said, fix),))


def _variant(name: str, fields: Mapping[str, object]) -> Trouble:
    """A field with other capitals; the node matches names exactly (runs of CometBFT 0.34 and 1.0)."""
    plain = name.lower()
    said = f"it has the field {name[:60]}, and the node reads only {plain}"
    if sum(plain == other.lower() for other in fields) > 1:
        return Trouble(f"{said}, which is there too", _one_field(plain, fields.items()))
    return Trouble(f"{said}: it takes 0 for that", f"Stop the node, and write {plain} for {name[:60]}; keep the value.")


def _one_field(name: str, pairs: Iterable[tuple[str, object]]) -> str:
    """What to do about several fields of one name: the value that lets the key sign least is kept."""
    values = [value for other, value in pairs if other.lower() == name]
    heights = [int(text) for text in map(str, values) if re.fullmatch(r"[0-9]{1,19}", text, re.ASCII)]
    if name != "height" or not heights:
        return _RESTORE
    return (
        f'Stop the node, and keep one field of these, with the highest of their values: "height": "{max(heights)}". '
        "Never keep a lower one: the key would sign a block twice."
    )


def _number(name: str, fields: Mapping[str, object], *, quoted: bool, most: int) -> tuple[int | None, Trouble | None]:
    value = fields.get(name)
    if value is None:
        return None, Trouble(f"it has no {name}, and the node takes 0 for it")
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"-?(?:0|[1-9][0-9]{0,18})", text, re.ASCII):
        return None, Trouble(f"its {name} is no whole number")
    number = int(text)
    if not 0 <= number <= most:
        return None, Trouble(f"its {name} is {number}, expected 0 to {most}")
    if quoted == isinstance(value, str):
        return number, None
    return number, _other_spelling(name, number, quoted=quoted)


def _other_spelling(name: str, number: int, *, quoted: bool) -> Trouble:
    whose = f", as Tendermint {'since' if quoted else 'before'} 0.34 writes it" if name == "round" else ""
    found, wanted = ("a bare number", f'"{number}"') if quoted else ("in quotes", str(number))
    said = f"its {name} is {found}{whose}, and the node of this profile refuses that"
    fix = f'Stop the node, and write "{name}": {wanted} there; change nothing else, above all not the height.'
    return Trouble(said, fix, other_form=True)


def _signed_bytes(fields: Mapping[str, object], with_signature: bool) -> tuple[bytes | None, list[Trouble]]:
    """The sign bytes (None where they can not be read), and what is wrong with them and with the signature."""
    signature, wrong = _decoded(fields.get("signature"), "signature", "base64", _base64)
    signed, also_wrong = _decoded(fields.get("signbytes"), "signbytes", "hex digits", _hex)
    troubles = [*wrong, *also_wrong]
    if with_signature and not troubles and bool(signature) != bool(signed):
        has, lacks = ("signature", "signbytes") if signature else ("signbytes", "signature")
        troubles.append(Trouble(f"it has {has} and no {lacks}, with which the node fails when it signs that height"))
    if signature and len(signature) != 64:
        troubles.append(Trouble(f"its signature has {len(signature)} bytes, expected 64"))
    return signed, troubles


def _decoded(
    value: object, name: str, form: str, decode: Callable[[str], bytes]
) -> tuple[bytes | None, tuple[Trouble, ...]]:
    if value is None or value == "":
        return b"", ()
    if isinstance(value, _Pairs) and name == "signature":
        fix = 'Stop the node, and write the text of "value" itself for the signature; change nothing else.'
        said = "its signature is an object with a type, as Tendermint 0.22 to 0.27 wrote it in the key file"
        return b"", (Trouble(said, fix, other_form=True),)
    try:
        return decode(value if isinstance(value, str) else "?"), ()
    except ValueError:
        return None, (Trouble(f"its {name} is not written in {form}"),)


def _base64(text: str) -> bytes:
    """As Go's standard decoder reads it: padding is required, line ends inside are skipped."""
    return binascii.a2b_base64(re.sub(r"[\r\n]", "", text).encode("ascii"), strict_mode=True)


def _hex(text: str) -> bytes:
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", text):
        raise ValueError
    return bytes.fromhex(text)


def _chain(signed: bytes | None) -> tuple[str, Literal["none", "read", "unreadable"]]:
    if signed == b"":
        return "", "none"
    try:
        return chain_of(signed or b""), "read"
    except Unreadable:
        return "", "unreadable"
