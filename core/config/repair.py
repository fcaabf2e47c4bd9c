"""Peer strings over several lines, as Planetmint's documents show them: repaired before anything parses the file.

A backslash at a line's end inside ``"..."`` is not TOML. The parser of Tendermint up to 0.34.19 (go-toml v1) took it;
from 0.34.20 on the node refuses to start. Line breaks inside three quotes are TOML, but the node dies of the tab or
line break that they leave in an entry.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from ..documents.toml import quote
from ..finding import Finding, error

_OPENING = re.compile(rb'^[ \t]*(persistent_peers|seeds)[ \t]*=[ \t]*("""|"(?!"))', re.MULTILINE)
_LINE_BREAK = re.compile(r"[ \t]*\\?\r?\n[ \t]*")


@dataclass(frozen=True, slots=True)
class Repair:
    """``data`` with the strings on one line; the same bytes and no finding where there was nothing to repair."""

    data: bytes
    findings: tuple[Finding, ...] = ()


def repair(data: bytes) -> Repair:
    """Put every peer string that runs over several lines on one line; all other bytes stay."""
    findings: list[Finding] = []
    at = 0
    while match := _OPENING.search(data, at):
        end = _end(data, match)
        at = match.end()
        if end is None:
            continue
        written = data[match.start(2) : end]
        joined = _joined(written, len(match[2]))
        if joined is None:
            continue
        findings.append(_finding(data, match, written))
        data = data[: match.start(2)] + joined + data[end:]
    return Repair(data, tuple(findings))


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
    """Whether every line but the last one ends in a backslash or a comma: a list that goes on, not a forgotten quote."""
    lines = [line.rstrip() for line in inside.split(b"\n")[:-1]]
    return all(line.endswith((b"\\", b",")) for line in lines)


def _joined(written: bytes, quotes: int) -> bytes | None:
    try:
        text = written.decode("utf-8")[quotes:-quotes]
    except UnicodeDecodeError:
        return None
    lines = _LINE_BREAK.split(text)
    parts = [part.strip(" \t") for line in lines for part in line.split(",")]
    joined = quote(",".join(part for part in parts if part))
    # A string with escapes of its own has to mean the same afterwards; it is left alone.
    return None if "\\" in ",".join(parts) or not _reads(joined) else joined.encode("utf-8")


def _reads(value: str) -> bool:
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _finding(data: bytes, match: re.Match[bytes], written: bytes) -> Finding:
    key = match[1].decode("ascii")
    line = data.count(b"\n", 0, match.start(2)) + 1
    if match[2] == b'"':
        said = f'{key} runs over {written.count(10) + 1} lines inside "...": that is not TOML, and the node refuses to start.'
    else:
        said = (
            f"{key} runs over {written.count(10) + 1} lines inside three quotes; line breaks in an entry end the node."
        )
    return error("config-peers-several-lines", f"config.toml:{line}", said, "Let the config step write it on one line.")
