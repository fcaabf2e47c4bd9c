"""Canonical JSON, the one byte form of every payload: what RFC 8785 gives for the few values that payloads have.

Objects, arrays, ASCII strings and integers below 2^53; no float, bool or null. For these ``json.dumps`` with sorted
keys gives the bytes of RFC 8785. DEL is left out because encoders differ on whether to escape it.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from ..finding import Finding, error

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None

MAX_INTEGER = 2**53 - 1
MAX_BYTES = 1 << 20
MAX_DEPTH = 32

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")

_UNUSUAL = ("true", "false", "null", "\\u", "\x7f")
"""Where none of these stands in a text, it can hold no bool, no null and no character outside printable ASCII."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


class Malformed(ValueError):  # noqa: N818  (it is an answer, not a fault)
    """Bytes or a value that are not canonical; ``finding`` tells why. Raised by this module only."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.finding: Finding = error(
            "document-not-canonical", "payload", why, "Ask the sender to make the document again with quorate."
        )


def canonical(value: JsonValue) -> bytes:
    """The canonical bytes of ``value``. Raises Malformed for what payloads can not have."""
    _require(value, MAX_DEPTH)
    return encode(value)


def encode(value: JsonValue) -> bytes:
    """As ``canonical``, for a value that is known to be one that payloads can have."""
    return _encode(value).encode("ascii")


def parse_canonical(data: bytes, *, max_bytes: int = MAX_BYTES) -> JsonValue:
    """The value of canonical bytes. Raises Malformed unless writing it again gives exactly ``data``."""
    if len(data) > max_bytes:
        raise Malformed(f"It has {len(data)} bytes; a payload has at most {max_bytes}.")
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as wrong:
        raise Malformed(f"Byte {wrong.start} is 0x{data[wrong.start]:02x}; a payload is ASCII.") from None
    if _too_deep(text, MAX_DEPTH):
        raise Malformed(f"It is nested more than {MAX_DEPTH} deep.")
    value = _loads(text)
    if any(word in text for word in _UNUSUAL):
        _require(value, MAX_DEPTH)
    if _encode(value) != text:
        raise Malformed("It is not in canonical form (sorted keys, none twice, no blanks, shortest spelling).")
    return value


def _too_deep(text: str, limit: int) -> bool:
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > limit:
            return True
    return False


def loosely(data: bytes) -> JsonValue:
    """What a payload seems to say that is not canonical: to tell a newer form from a damaged one, and nothing else."""
    try:
        value: JsonValue = json.loads(data[: MAX_BYTES + 1])
    except (ValueError, RecursionError):
        return None
    return value


def _loads(text: str) -> JsonValue:
    try:
        value: JsonValue = _decode(text)
    except json.JSONDecodeError as wrong:
        raise Malformed(f"It is not JSON from line {wrong.lineno}, column {wrong.colno} on: {wrong.msg}.") from None
    return value


def _integer(text: str) -> int:
    if len(text) > 17 or not -MAX_INTEGER <= int(text) <= MAX_INTEGER:
        raise Malformed(f"It has an integer of {len(text)} characters; integers are below 2^53.")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise Malformed("It has a number that is not an integer.")


_decode = json.JSONDecoder(parse_int=_integer, parse_float=_no_number, parse_constant=_no_number).decode


def _require(value: object, depth: int) -> None:
    kind = type(value)
    if kind is str:
        assert isinstance(value, str)
        if not value.isascii() or "\x7f" in value:
            raise Malformed("It has a string with characters other than ASCII.")
    elif kind is int:
        assert isinstance(value, int)
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise Malformed(f"It has the integer {value}; integers are below 2^53.")
    elif isinstance(value, (dict, list)) and depth:
        _require_inside(value, depth - 1)
    else:
        raise Malformed(f"It has a value of type {kind.__name__}; payloads have objects, arrays, strings and integers.")


def _require_inside(value: dict[str, object] | list[object], depth: int) -> None:
    if isinstance(value, list):
        for item in value:
            _require(item, depth)
        return
    for key, item in value.items():
        if type(key) is not str:
            raise Malformed("It has a key that is not a string.")
        _require(key, depth)
        _require(item, depth)
