"""How the node reads a value of another type: viper and mapstructure decode "weakly", so ``moniker = 5`` is text "5".

Source: mitchellh/mapstructure 1.5.0 (WeaklyTypedInput, StringToTimeDurationHookFunc, StringToSliceHookFunc), which
every node from Tendermint 0.22 to CometBFT 1.0 uses, and Go's strconv and time.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from ..profiles.profile import ConfigValue

Kind = Literal["bool", "int", "int32", "text", "list", "duration"]

# What init writes as text although the node reads another type.
_KINDS: dict[str, Kind] = {
    "statesync.chunk_fetchers": "int32",
    "statesync.rpc_servers": "list",
    "storage.compaction_interval": "int",
}
_DURATION = re.compile(r"(?:\d+(?:ns|us|ms|s|m|h))+\Z")
_MIN_INT64 = -(2**63)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the node makes of a value."""

    value: ConfigValue | None
    """None where the node refuses it. Durations are nanoseconds."""
    refused: str = ""
    """Why the node refuses it, one clause."""
    converted: bool = False
    """Whether the type was another one."""


def kind_of(table: str, key: str, default: ConfigValue, durations_in_ms: bool = False) -> Kind:
    """The type that the node reads at that place; ``default`` is what its ``init`` writes there."""
    special = _KINDS.get(f"{table}.{key}")
    if special:
        return special
    if isinstance(default, bool):
        return "bool"
    if isinstance(default, int | float):
        return "int"
    if isinstance(default, tuple):
        return "list"
    return "duration" if _DURATION.match(default) and not durations_in_ms else "text"


def read_as(kind: Kind, value: object) -> Reading:
    """What the node makes of ``value`` (as tomllib gives it, or the text of an environment variable)."""
    match kind:
        case "bool":
            return _bool(value)
        case "int" | "int32":
            return _int(value, 32 if kind == "int32" else 64)
        case "text":
            return _text(value)
        case "duration":
            return _duration(value)
        case "list":
            return _list(value)


def go_name(value: object) -> str:
    """The type in words."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "an array"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "text" if isinstance(value, str) else "a date or time"


def _no(value: object, wanted: str) -> Reading:
    return Reading(None, f"it is {go_name(value)}, where {wanted} is wanted")


_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False", "")


def _bool(value: object) -> Reading:
    if isinstance(value, bool):
        return Reading(value)
    if isinstance(value, int | float):
        return Reading(value != 0, converted=True)
    if isinstance(value, str) and value in _TRUE + _FALSE:
        return Reading(value in _TRUE, converted=True)
    if isinstance(value, str):
        return Reading(None, f'the text "{value}" is neither true nor false')
    return _no(value, "true or false")


_GO_INT = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)\Z", re.ASCII
)


def _int(value: object, bits: int) -> Reading:
    if isinstance(value, bool):
        return Reading(int(value), converted=True)
    if isinstance(value, int):
        return Reading(value)
    if isinstance(value, float):
        return Reading(_truncated(value), converted=True)
    if isinstance(value, str):
        number = go_int(value or "0")
        if number is None or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            return Reading(None, f'the text "{value}" is not a whole number of {bits} bits')
        return Reading(number, converted=True)
    return _no(value, "a whole number")


def _truncated(value: float) -> int:
    # What amd64 makes of a number that does not fit.
    return int(value) if math.isfinite(value) and abs(value) < 2**63 else _MIN_INT64


def go_int(text: str) -> int | None:
    """strconv.ParseInt(text, 0, ...) without the range: ``0x10``, ``1_000`` and octal ``017`` are numbers."""
    if not _GO_INT.match(text):
        return None
    plain = text.replace("_", "")
    digits = plain.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    return int(plain, 8) if octal else int(plain, 0)


def _text(value: object) -> Reading:
    if isinstance(value, str):
        return Reading(value)
    if isinstance(value, bool):
        return Reading("1" if value else "0", converted=True)
    if isinstance(value, int):
        return Reading(str(value), converted=True)
    if isinstance(value, float):
        return Reading(_go_float(value), converted=True)
    return _no(value, "text")


def _go_float(value: float) -> str:
    """strconv.FormatFloat(value, 'f', -1, 64)."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    shown = f"{Fraction(repr(value)).limit_denominator(10**400)}" if value == int(value) else repr(value)
    return shown if "e" not in shown else f"{value:.350f}".rstrip("0")


def _list(value: object) -> Reading:
    if isinstance(value, str):
        return Reading(tuple(value.split(",")) if value else (), converted=True)
    if isinstance(value, dict):
        return Reading((), converted=True) if not value else _no(value, "an array of texts")
    if not isinstance(value, list):
        one = _text(value)
        return Reading((str(one.value),), converted=True) if one.value is not None else _no(value, "an array of texts")
    items = [_text(item) for item in value]
    if any(item.value is None for item in items):
        return Reading(None, "the array holds something that is not text")
    return Reading(tuple(str(item.value) for item in items), converted=any(item.converted for item in items))


def _duration(value: object) -> Reading:
    if isinstance(value, bool):
        return Reading(int(value), converted=True)
    if isinstance(value, int):
        return Reading(value, converted=True)
    if isinstance(value, float):
        return Reading(_truncated(value), converted=True)
    if isinstance(value, str):
        nanoseconds = go_duration(value)
        if nanoseconds is None:
            return Reading(None, f'the text "{value}" is not a duration such as "500ms", "3s" or "1m30s"')
        return Reading(nanoseconds)
    return _no(value, "a duration")


_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)


def go_duration(text: str) -> int | None:
    """time.ParseDuration in nanoseconds; None where Go refuses ``text``."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    total, at = Fraction(0), 0
    while at < len(rest):
        part = _PART.match(rest, at)
        # "1m5" must not read as one minute and a rest: the longest run of letters is the unit.
        if part is None or (part.end() < len(rest) and rest[part.end()] not in "0123456789."):
            return None
        total += math.floor(Fraction(part[1].rstrip(".") if part[1][0] != "." else "0" + part[1]) * _UNITS[part[2]])
        at = part.end()
    if not rest or total > (2**63 if sign < 0 else 2**63 - 1):
        return None
    return sign * int(total)
