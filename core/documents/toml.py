"""TOML of other programs: read by two parsers, edited in place so that every other byte stays as it was.

tomlkit accepts some files that TOML 1.0 forbids, and the nodes' parser (pelletier/go-toml v2 from Tendermint
0.34.20 on) has limits of its own: what is read here is accepted by tomllib, by tomlkit, and fits Go's int64.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..finding import Finding, Refusal, error, unknown
from ..safe import safe
from .toml_layout import Layout, read_layout
from .toml_values import TooDeep, load_values

Value = str | int | bool | float | tuple[str, ...]
Values = dict[str, object]
"""What tomllib gives: tables are dicts, arrays are lists."""
Changes = Mapping[tuple[str, str], Value]
"""New values by table and key. ``""`` is the top level, ``"grpc.privileged"`` a table in a table."""

LIMIT = 512 << 10
"""Bytes. A config.toml with 1,000 peers has about 150 KiB; the slower parser needs seconds for a full limit."""
_INT64 = range(-(2**63), 2**63)
_BOM = b"\xef\xbb\xbf"


class EditFault(RuntimeError):  # noqa: N818  (a fault of this module, not of its input)
    """An edit did not give exactly what was intended; nothing may be written. A bug in this module."""


@dataclass(frozen=True, slots=True)
class Read:
    """``values`` is None where the bytes are not TOML that the node can read; ``findings`` say why."""

    values: Values | None
    findings: tuple[Finding, ...] = ()


def read_toml(data: bytes, subject: str = "config.toml") -> Read:
    """Read ``data`` with tomllib and tomlkit, which must agree. Never raises."""
    if len(data) > LIMIT:
        message = f"The file has {len(data)} bytes; quorate reads at most {LIMIT}, and can not judge it."
        fix = "Check that this is the right file; the node's own config.toml has about 20,000 bytes."
        return Read(None, (unknown("toml-too-large", subject, message, fix),))
    if data.startswith(_BOM):
        return _refused(
            "toml-bom",
            subject,
            "The file begins with a byte order mark; the node refuses it.",
            "Save the file as UTF-8 without a byte order mark.",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        return _refused(
            "toml-not-utf8",
            f"{subject}:{line}",
            f"Byte 0x{data[fault.start]:02x} in line {line} is not UTF-8.",
            "Save the file as UTF-8.",
        )
    return _parsed(text, subject)


def _parsed(text: str, subject: str) -> Read:
    try:
        values = load_values(text)
    except TooDeep:
        return _refused(
            "toml-too-deep",
            subject,
            "Values are nested deeper than can be read.",
            "Remove the nested arrays or tables; no setting of the node needs them.",
        )
    except tomllib.TOMLDecodeError as fault:
        return Read(None, (_syntax(text, str(fault), subject),))
    findings = (*_too_large_integers(values, subject), *_second_opinion(text, values, subject))
    return Read(None if findings else values, findings)


def _refused(code: str, subject: str, message: str, fix: str) -> Read:
    return Read(None, (error(code, subject, message, fix),))


_DATE = re.compile(r"=\s*\d{4}-\d\d-\d\d")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def _syntax(text: str, fault: str, subject: str) -> Finding:
    place = _PLACE.search(fault)
    line = int(place[1]) if place else text.count("\n") + 1
    lines = text.split("\n")
    shown = safe(lines[line - 1].strip(), 80) if line <= len(lines) else ""
    where = f"{subject}:{line}"
    if "overwrite a value" in fault:
        # tomllib stands after the value, which may have begun on an earlier line.
        return error(
            "toml-duplicate-key",
            where,
            f"The key in line {line} was set before: {shown}. The node refuses to start.",
            "Keep one of the two lines and remove the other.",
        )
    if "declare" in fault or "Cannot mutate immutable" in fault or "namespace" in fault:
        return error(
            "toml-duplicate-table",
            where,
            f"The table in line {line} was there before: {shown}. The node refuses to start.",
            "Move the keys below the first one and remove the second.",
        )
    if "date" in fault.split(" (at ")[0] or _DATE.search(shown):
        message = f"Line {line} has a date or time that is none: {shown}"
        return error("toml-date", where, message, "Correct the line; no setting of the node is a date.")
    return error(
        "toml-syntax",
        where,
        f"Line {line} is not TOML ({fault.split(' (at ')[0]}): {shown}",
        "Correct the line; text stands in double quotes, on one line.",
    )


def _too_large_integers(values: Values, subject: str) -> Iterator[Finding]:
    for path, value in _leaves(values):
        if isinstance(value, int) and not isinstance(value, bool) and value not in _INT64:
            yield error(
                "toml-integer-too-large",
                f"{subject}: {path}",
                f"{path} = {value} does not fit 64 bits; the node refuses it.",
                "Write a number between -9223372036854775808 and 9223372036854775807.",
            )


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def _second_opinion(text: str, values: Values, subject: str) -> Iterator[Finding]:
    from tomlkit.exceptions import TOMLKitError

    try:
        second = _as_tomlkit_reads(text)
    except (TOMLKitError, ValueError, RecursionError, TypeError, KeyError, IndexError) as fault:
        yield error(
            "toml-parsers-disagree",
            subject,
            f"One TOML parser reads the file and another does not: {fault}.",
            "Write the settings in plain form: one key = value per line below its [table].",
        )
        return
    if not same(second, values):
        yield error(
            "toml-parsers-disagree",
            subject,
            "Two TOML parsers read different values from the file.",
            "Write the settings in plain form: one key = value per line below its [table].",
        )


@lru_cache(maxsize=8)
def _as_tomlkit_reads(text: str) -> object:
    """Kept, because one command reads a file many times and tomlkit takes a tenth of a second for it."""
    import tomlkit

    return tomlkit.parse(text).unwrap()


def same(one: object, other: object) -> bool:
    """Equal in value and type: 1, 1.0 and true are three values, and nan equals itself."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and (one == other or (one != one and other != other))


# --- editing -----------------------------------------------------------------------------------------------------


def edit_toml(data: bytes, changes: Changes, drop: Collection[tuple[str, str]] = ()) -> bytes:
    """Set the values of ``changes``, take out the lines of the keys in ``drop``, and leave every other byte as it is.

    A key that stands there has its value replaced; a missing one gets a line of its own after the last key of its
    table; a missing table is added at the end. Raises Refusal where ``data`` can not be read or has no place for the
    change (``toml-not-a-table``, ``toml-not-on-a-line``), EditFault where the result is not exactly the intention (a
    bug), ValueError for text with a lone surrogate.
    """
    read = read_toml(data)
    if read.values is None:
        raise Refusal(*read.findings)
    wanted = _with(_without(read.values, drop), changes)
    text = data.decode("utf-8")
    for place in drop:
        text = _dropped(text, place)
    for place, value in changes.items():
        text = _set(text, place, value)
    _prove(text, wanted)
    return text.encode("utf-8")


def _set(text: str, place: tuple[str, str], value: Value) -> str:
    layout = read_layout(text)
    path = (*_table(place[0]), place[1])
    found = layout.find(path)
    if found is not None:
        return text[: found.start] + render(value) + text[found.end :]
    return _insert(text, layout, path, value)


def _dropped(text: str, place: tuple[str, str]) -> str:
    path = (*_table(place[0]), place[1])
    found = read_layout(text).find(path)
    if found is None:
        return text
    if found.line_start < 0:
        name = ".".join(path)
        message = f"{name} stands inside an inline table and has no line of its own."
        raise Refusal(error("toml-not-on-a-line", name, message, f"Remove {name} by hand."))
    return text[: found.line_start] + text[found.line_end :]


def _table(name: str) -> tuple[str, ...]:
    return tuple(name.split(".")) if name else ()


def _insert(text: str, layout: Layout, path: tuple[str, ...], value: Value) -> str:
    table, key = path[:-1], path[-1]
    inline = layout.inline(table)
    if inline is not None:
        comma = "" if inline.empty else ", "
        return text[: inline.insert] + f"{comma}{_key(key)} = {render(value)}" + text[inline.insert :]
    after, line = _new_line(layout, table, key, value)
    newline = "\r\n" if "\r\n" in text else "\n"
    if after == 0:
        return line + newline + text
    if text[after - 1 : after] == "\n":
        return text[:after] + line + newline + text[after:]
    return text[:after] + newline + line + text[after:]


def _new_line(layout: Layout, table: tuple[str, ...], key: str, value: Value) -> tuple[int, str]:
    """Where the new line goes (an offset behind a line) and what it says."""
    last = layout.last_of(table)
    if last is not None:
        return last.line_end, f"{last.prefix_to(table)}{_key(key)} = {render(value)}"
    header = layout.header(table)
    if header is not None:
        return header.line_end, f"{_key(key)} = {render(value)}"
    if not table:
        return 0, f"{_key(key)} = {render(value)}"
    name = ".".join(map(_key, table))
    newline = "\r\n" if layout.crlf else "\n"
    return layout.length, f"{'' if layout.length == 0 else newline}[{name}]{newline}{_key(key)} = {render(value)}"


def _prove(text: str, wanted: Values) -> None:
    try:
        after = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as fault:
        raise EditFault(f"the edited text is not TOML: {fault}") from fault
    if not same(_pruned(after), _pruned(wanted)):
        raise EditFault("the edited text has other values than intended")


def _with(values: Values, changes: Changes) -> Values:
    whole = _copy(values)
    assert isinstance(whole, dict)
    for (table, key), value in changes.items():
        inner = whole
        for name in _table(table):
            inner = _inside(inner, name, table)
        if _is_table(inner.get(key)):
            raise _no_place(f"{table}.{key}".lstrip("."), "is a table, where a value is wanted")
        inner[key] = list(value) if isinstance(value, tuple) else value
    return whole


def _without(values: Values, drop: Collection[tuple[str, str]]) -> Values:
    whole = _copy(values)
    assert isinstance(whole, dict)
    for table, key in drop:
        inner: object = whole
        for name in _table(table):
            inner = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and not _is_table(inner.get(key)):
            inner.pop(key, None)
    return whole


def _pruned(value: object) -> object:
    """Without empty tables: a table of dotted keys goes with its last key."""
    if not isinstance(value, dict):
        return value
    inner = {key: _pruned(one) for key, one in value.items()}
    return {key: one for key, one in inner.items() if one != {}}


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def _inside(table: Values, name: str, whole: str) -> Values:
    inner = table.setdefault(name, {})
    if not isinstance(inner, dict):
        raise _no_place(whole, "is a value or an array, where a table is wanted")
    return inner


def _no_place(path: str, what: str) -> Refusal:
    return Refusal(
        error("toml-not-a-table", path, f"{path} {what}.", f"Remove {path}, or write it as the node's own init does.")
    )


def _copy(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


# --- writing values ----------------------------------------------------------------------------------------------

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def _key(name: str) -> str:
    return name if _BARE.match(name) else quote(name)


def render(value: Value) -> str:
    """The value as TOML, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(quote, value)) + "]"
    if isinstance(value, float):
        return repr(value) if value == value else "nan"
    return str(value)


def quote(text: str) -> str:
    """A basic string in which nothing is hidden: control and format characters are escaped (P4).

    Raises ValueError for a lone surrogate, which TOML has no way to write.
    """
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("TOML can not hold a lone surrogate")
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
