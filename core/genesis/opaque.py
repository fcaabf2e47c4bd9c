"""The extent of one JSON value that is checked to be JSON and of which nothing is made.

An application's state may have hundreds of megabytes: a tree of it would take ten times its size and more.
"""

from __future__ import annotations

import hashlib
import json
import re
from json.decoder import JSONDecodeError

MAX_DEPTH = 10_000
"""Levels of nesting at which Go's own reader stops (encoding/json, maxNestingDepth)."""

_S = r"[ \t\n\r]*+"
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_SCALAR = rf"(?:{_STRING}|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+|true|false|null)"
_KEY = rf"{_STRING}{_S}:{_S}"
_FLAT = (
    rf"(?:{_SCALAR}"
    rf"|\[{_S}(?:{_SCALAR}{_S}(?:,{_S}{_SCALAR}{_S})*+)?+\]"
    rf"|\{{{_S}(?:{_KEY}{_SCALAR}{_S}(?:,{_S}{_KEY}{_SCALAR}{_S})*+)?+\}})"
)
"""A scalar, or a list or object of nothing but scalars."""
_VALUE = re.compile(_SCALAR)
_NAME = re.compile(_KEY)
_SPACE = re.compile(_S)
# Most of a text is members and items of little structure: each of these passes a run of them at once.
_PLAIN_MEMBERS = re.compile(rf"(?:{_S}{_KEY}{_FLAT}{_S},){{0,1000}}+{_S}")
_PLAIN_ITEMS = re.compile(rf"(?:{_S}{_FLAT}{_S},){{0,1000}}+{_S}")


class TooDeep(ValueError):  # noqa: N818  (what the text is, not a fault of ours)
    pass


def end_of_value(text: str, start: int) -> int:
    """Where the JSON value ends that begins exactly at ``start``. Raises JSONDecodeError or TooDeep.

    Linear in the length of the value; the memory is one character for each open bracket.
    """
    closing: list[str] = []
    at = start
    while True:
        at, opened = _begin(text, at)
        if opened:
            closing.append(opened)
            if len(closing) > MAX_DEPTH:
                raise TooDeep
            at, closed = _enter(text, at, opened)
            if not closed:
                continue
            closing.pop()
        # A value has ended at ``at``: on to the next one, or out of as many brackets as close here.
        while closing:
            at = _space(text, at)
            char = text[at : at + 1]
            if char == ",":
                at = _next(text, at + 1, closing[-1])
                break
            if char != closing[-1]:
                raise JSONDecodeError(f"a comma or {closing[-1]} was expected", text, at)
            closing.pop()
            at += 1
        else:
            return at


def _begin(text: str, at: int) -> tuple[int, str]:
    """Behind a whole scalar, or behind an opening bracket together with the one that closes it."""
    char = text[at : at + 1]
    if char in ("{", "["):
        return at + 1, "}" if char == "{" else "]"
    found = _VALUE.match(text, at)
    if found is None:
        raise JSONDecodeError("a value was expected", text, at)
    return found.end(), ""


def _enter(text: str, at: int, closing: str) -> tuple[int, bool]:
    """From behind an opening bracket to the first value, or behind the bracket that closes it at once."""
    at = _space(text, at)
    if text.startswith(closing, at):
        return at + 1, True
    return _next(text, at, closing), False


def _next(text: str, at: int, closing: str) -> int:
    """To the next value that is not passed over together with others."""
    plain = _PLAIN_MEMBERS if closing == "}" else _PLAIN_ITEMS
    found = plain.match(text, at)
    while found is not None and found.end() > at:
        at = found.end()
        found = plain.match(text, at)
    if closing == "]":
        return at
    name = _NAME.match(text, at)
    if name is None:
        raise JSONDecodeError("a key in double quotes, and a colon, were expected", text, at)
    return name.end()


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def meaning(text: str) -> object:
    """A value that is equal for two JSON texts exactly where they mean the same: order of keys and layout left out.

    Of an object only its SHA-256 is kept, so that the memory stays small. The text itself where it is no JSON.
    """
    if not text:
        return None
    try:
        return json.loads(text, object_pairs_hook=_digest, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        return text


class _Number(str):
    """A number as it is written, so that neither its digits are lost nor it is taken for a string."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"number {self!s}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Number) and str(self) == str(other)

    __hash__ = str.__hash__


def _digest(pairs: list[tuple[str, object]]) -> bytes:
    return hashlib.sha256(
        repr(sorted(dict(pairs).items(), key=lambda pair: pair[0])).encode("utf-8", "replace")
    ).digest()
