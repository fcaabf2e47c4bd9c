"""What Planetmint's documents leave in a config.toml that no parser takes, mended before anything reads the file.

Their peer string runs over several lines with a backslash at each end. That is not TOML; go-toml v1 (Tendermint up to
0.34.19) took it, and from 0.34.20 on the node refuses to start. Line breaks inside three quotes are TOML, but the node
dies of the tab or line break that they leave in an entry. And their block of settings, pasted at the top, sets
``moniker`` and ``log_level`` a second time.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from ..documents.toml import quote
from ..documents.toml_values import load_values
from ..finding import Finding, error
from .settings import DOCUMENTS_KEYS

_OPENING = re.compile(rb'^[ \t]*(persistent_peers|seeds)[ \t]*=[ \t]*("""|\'\'\'|"(?!"))', re.MULTILINE)
_LINE_BREAK = re.compile(r"[ \t]*\\?\r?\n[ \t]*")
_SECOND = re.compile(r"Cannot overwrite a value \(at line (\d+), column \d+\)")
_KEY = re.compile(r"[ \t]*([A-Za-z0-9_]+)[ \t]*=")
_MOST = 20


@dataclass(frozen=True, slots=True)
class Repair:
    """``data`` in a form that can be read; the same bytes and no finding where there was nothing to mend."""

    data: bytes
    findings: tuple[Finding, ...] = ()
    """What was wrong: with it the node refuses to start."""


def repair(data: bytes) -> Repair:
    """Put peer strings on one line, and take out second settings of the documents' keys; all other bytes stay."""
    data, joined = _join(data)
    data, taken = _take_out(data)
    return Repair(data, (*joined, *taken))


# --- several lines -----------------------------------------------------------------------------------------------


def _join(data: bytes) -> tuple[bytes, tuple[Finding, ...]]:
    findings: list[Finding] = []
    at = 0
    while match := _OPENING.search(data, at):
        at = match.end()
        end = _end(data, match)
        joined = None if end is None else _joined(data[match.start(2) : end], len(match[2]))
        if end is None or joined is None:
            continue
        findings.append(_several_lines(data, match, end))
        data = data[: match.start(2)] + joined + data[end:]
    return data, tuple(findings)


def _end(data: bytes, match: re.Match[bytes]) -> int | None:
    """Behind the closing quotes; None where they are missing or the string ends on its first line."""
    quotes = match[2]
    close = data.find(quotes, match.end())
    if close < 0:
        return None
    inside = data[match.end() : close]
    if b"\n" not in inside or (len(quotes) == 1 and not _continued(inside)):
        return None
    return close + len(quotes)


def _continued(inside: bytes) -> bool:
    """Whether every line but the last ends in a backslash or a comma: a list that goes on, not a forgotten quote."""
    return all(line.rstrip().endswith((b"\\", b",")) for line in inside.split(b"\n")[:-1])


def _joined(written: bytes, quotes: int) -> bytes | None:
    """The string on one line; None where it has other escapes, whose meaning must not change."""
    try:
        text = written.decode("utf-8")[quotes:-quotes]
    except UnicodeDecodeError:
        return None
    parts = [part.strip(" \t") for line in _LINE_BREAK.split(text) for part in line.split(",")]
    joined = ",".join(part for part in parts if part)
    return None if "\\" in joined or _is_sound(written) else quote(joined).encode("utf-8")


def _is_sound(written: bytes) -> bool:
    """Whether it is TOML without a line break or tab in its value: a backslash at the end inside three quotes."""
    try:
        value = load_values("value = " + written.decode("utf-8"))["value"]
    except tomllib.TOMLDecodeError:
        return False
    return not set(str(value)) & set("\n\r\t")


def _several_lines(data: bytes, match: re.Match[bytes], end: int) -> Finding:
    key = match[1].decode("ascii")
    line = data.count(b"\n", 0, match.start(2)) + 1
    lines = data.count(b"\n", match.start(2), end) + 1
    said = f"{key} runs over {lines} lines "
    if match[2] == b'"':
        said += 'inside "...". That is not TOML, and the node refuses to start (Tendermint up to 0.34.19 took it).'
    else:
        said += "inside three quotes. A line break within an entry ends the node."
    fix = f"Write {key} on one line, or let the config step do it."
    return error("config-peers-several-lines", f"config.toml:{line}", said, fix)


# --- set twice ---------------------------------------------------------------------------------------------------


def _take_out(data: bytes) -> tuple[bytes, tuple[Finding, ...]]:
    """Without the second line of a documents' key that is set twice in one table. Values are planned anew anyway."""
    findings: list[Finding] = []
    while len(findings) < _MOST and (line := _second(data)) is not None:
        lines = data.splitlines(keepends=True)
        key = _key(lines[line - 1])
        if key is None:
            break
        findings.append(_twice(key, line + len(findings)))
        del lines[line - 1]
        data = b"".join(lines)
    return data, tuple(findings)


def _second(data: bytes) -> int | None:
    """The line of the first key that was set before; None where the file has another fault, or none."""
    try:
        load_values(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        place = _SECOND.search(str(fault))
        return int(place[1]) if place else None
    return None


def _key(line: bytes) -> str | None:
    """The documents' key that the line sets, where it stands on this one line."""
    text = line.decode("utf-8", "replace")
    match = _KEY.match(text)
    if match is None or match[1] not in DOCUMENTS_KEYS:
        return None
    try:
        load_values(text)
    except tomllib.TOMLDecodeError:
        return None
    return match[1]


def _twice(key: str, line: int) -> Finding:
    message = f"{key} is set a second time in line {line}; the node refuses to start. The first one counts here."
    return error(
        "toml-duplicate-key", f"config.toml:{line}", message, "Keep one of the two lines and remove the other."
    )
