"""Strict JSON: what the node, another quorate and a person would all read alike; everything else is a finding.

Python's own reader and Go's ``encoding/json`` differ on duplicate keys, on keys that differ in case only, on a
byte order mark, on NaN and on lone surrogates: whoever reviews a file with one must not be shown another value
than the other one uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NoReturn

from ..finding import Finding, error

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_DIGITS = 20
"""An int64 or uint64 never has more."""

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONG_NUMBER = re.compile(r"\d{21}")


@dataclass(frozen=True, slots=True)
class Read:
    """``value`` is None also where nothing could be read; then there is an error among the findings."""

    value: JsonValue
    findings: tuple[Finding, ...] = ()


class _Pairs(list[tuple[str, object]]):
    """An object as it stands in the text, with its duplicates."""


@dataclass(frozen=True, slots=True)
class _Odd:
    """A number that not every reader reads alike, as written."""

    text: str


class _LookCloserError(Exception):
    """The quick reading met something that has to be told with its path."""


def read_json(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, opaque: tuple[str, ...] = ()
) -> Read:
    """Read one JSON text, strictly. Never raises.

    ``opaque``: keys of the top level whose content is not judged key by key (``app_state``, which the node does not
    parse). Findings: ``json-too-large``, ``json-bom``, ``json-not-utf8``, ``json-too-deep``, ``json-syntax``,
    ``json-duplicate-key``, ``json-case-variant``, ``json-number``, ``json-surrogate``. Of duplicates the last wins, as
    in Go.
    """
    text = _text(data, max_bytes, max_depth)
    if isinstance(text, Finding):
        return Read(None, (text,))
    try:
        return Read(_quick(text))
    except json.JSONDecodeError as wrong:
        return Read(None, (_syntax(wrong),))
    except _LookCloserError:
        return _closely(text, opaque)


def _text(data: bytes, max_bytes: int, max_depth: int) -> str | Finding:
    if len(data) > max_bytes:
        return error(
            "json-too-large",
            "",
            f"It has {len(data)} bytes; at most {max_bytes} are read.",
            "Check that this is the right file, and name the right one.",
        )
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return error(
            "json-bom",
            "line 1, column 1",
            "It begins with a byte order mark; the node reads JSON in UTF-8 without one.",
            "Save the file again as UTF-8 without byte order mark.",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return error(
            "json-not-utf8",
            f"byte {wrong.start}",
            f"Byte {wrong.start} is 0x{data[wrong.start]:02x}, which is not UTF-8 there.",
            "Save the file again as UTF-8.",
        )
    return _too_deep(text, max_depth) or text


def _too_deep(text: str, limit: int) -> Finding | None:
    if text.count("[") + text.count("{") <= limit:
        return None
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > limit:
            return error(
                "json-too-deep",
                "",
                f"It is nested more than {limit} deep; {limit} is the limit.",
                "Check that this is the right file, and name the right one.",
            )
    return None


def _syntax(wrong: json.JSONDecodeError) -> Finding:
    place = f"line {wrong.lineno}, column {wrong.colno}"
    return error(
        "json-syntax",
        place,
        f"It is not JSON from {place} on: {wrong.msg}.",
        f"Look at {place}: often a comma, a quote or a bracket is missing there or just before.",
    )


# The quick reading: nearly every text has nothing odd in it.


def _quick(text: str) -> JsonValue:
    if _SURROGATE_ESCAPE.search(text) or _LONG_NUMBER.search(text):
        raise _LookCloserError
    value: JsonValue = json.loads(
        text, object_pairs_hook=_quick_object, parse_constant=_look_closer, parse_float=_quick_float
    )
    return value


def _quick_object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    made = dict(pairs)
    if len({key.casefold() for key in made}) != len(pairs):
        raise _LookCloserError
    return made


def _quick_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _LookCloserError
    return number


def _look_closer(text: str) -> NoReturn:
    raise _LookCloserError


# The close reading: the same text once more, with a path to everything that is odd.


def _closely(text: str, opaque: tuple[str, ...]) -> Read:
    try:
        tree = json.loads(
            text, object_pairs_hook=_Pairs, parse_constant=_Odd, parse_float=_close_float, parse_int=_close_int
        )
    except json.JSONDecodeError as wrong:
        return Read(None, (_syntax(wrong),))
    return Read(_plain(tree), tuple(_odd(tree, "", opaque)))


def _close_int(text: str) -> int | _Odd:
    return int(text) if len(text.lstrip("-")) <= MAX_DIGITS else _Odd(text)


def _close_float(text: str) -> float | _Odd:
    number = float(text)
    return _Odd(text) if number in (float("inf"), float("-inf")) else number


def _plain(node: object) -> JsonValue:
    if isinstance(node, _Pairs):
        return {key: _plain(value) for key, value in node}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, _Odd):
        return node.text
    assert node is None or isinstance(node, (str, int, float))
    return node


def _odd(node: object, path: str, opaque: tuple[str, ...]) -> Iterator[Finding]:
    if isinstance(node, _Pairs):
        yield from _odd_keys(node, path)
        yield from chain.from_iterable(
            _odd(value, _under(path, key), ()) for key, value in node if path or key not in opaque
        )
    elif isinstance(node, list):
        yield from chain.from_iterable(_odd(item, f"{path}[{index}]", ()) for index, item in enumerate(node))
    elif isinstance(node, _Odd):
        yield _number(node.text, path)
    elif isinstance(node, str) and _SURROGATE.search(node):
        yield _lone_surrogate(path)


def _odd_keys(pairs: _Pairs, path: str) -> Iterator[Finding]:
    seen: set[str] = set()
    spellings: dict[str, str] = {}
    for key, _ in pairs:
        other = spellings.setdefault(key.casefold(), key)
        if key in seen:
            yield error(
                "json-duplicate-key",
                _under(path, key),
                f'"{key}" stands more than once in one object; the node takes the last, a reader may take the first.',
                "Keep one of them.",
            )
        elif other != key:
            yield error(
                "json-case-variant",
                _under(path, key),
                f'"{other}" and "{key}" stand in one object; the node takes them for one key and uses the last one.',
                "Keep the one that is spelled as the node writes it.",
            )
        if _SURROGATE.search(key):
            yield _lone_surrogate(_under(path, key))
        seen.add(key)


def _number(text: str, path: str) -> Finding:
    shown = text if len(text) <= 40 else f"{text[:40]}... ({len(text)} characters)"
    return error(
        "json-number",
        path,
        f"{shown} is no number that every reader reads alike (finite, at most {MAX_DIGITS} digits).",
        "Write the number out.",
    )


def _lone_surrogate(path: str) -> Finding:
    return error(
        "json-surrogate",
        path,
        "Half of a character pair (\\ud800 to \\udfff) stands alone there; not every reader shows the same for it.",
        "Write the character whole, or leave it out.",
    )


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
