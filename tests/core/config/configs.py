"""Real config.toml files for tests, and what the checks say of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from core.config.checks import check
from core.documents.toml import edit_toml
from core.finding import Finding, Severity
from core.profiles import profile

VECTORS = Path(__file__).parents[2] / "vectors" / "config"
DOCUMENTS = (VECTORS / "documents.txt").read_bytes()
"""The block of Planetmint's documents, verbatim."""
ALL = ("tendermint-0.22", "tendermint-0.31", "tendermint-0.34", "cometbft-0.37", "cometbft-0.38", "cometbft-1.0")
WHOLE = ALL[2:]
ONE, TWO, THREE = (digit * 40 for digit in "123")
"""Three node ids."""


def real(name: str) -> bytes:
    """As ``init`` of that generation writes it."""
    return (VECTORS / f"{name}.toml").read_bytes()


def with_value(table: str, key: str, value: str | int | bool | tuple[str, ...], name: str = "tendermint-0.34") -> bytes:
    return edit_toml(real(name), {(table, key): value})


def with_raw(table: str, line: str, name: str = "tendermint-0.34") -> bytes:
    """With ``line`` instead of the line of its key, or as the first of its table."""
    text = real(name).decode()
    key = line.split("=")[0].strip()
    if table:
        head, header, rest = text.partition(f"\n[{table}]\n")
    else:
        head, header, rest = "", "", text
    body, mark, tail = rest.partition("\n[")
    body, count = re.subn(rf"(?m)^{re.escape(key)} = .*$", lambda _: line, body, count=1)
    return (head + header + (body if count else f"{line}\n{body}") + mark + tail).encode()


def found(data: bytes, name: str = "tendermint-0.34", environ: Mapping[str, str] | None = None) -> dict[str, Finding]:
    """The findings by code; of several, the last."""
    return {finding.code: finding for finding in check(data, profile(name), environ)}


def errors(data: bytes, name: str = "tendermint-0.34", environ: Mapping[str, str] | None = None) -> set[str]:
    return {code for code, one in found(data, name, environ).items() if one.severity is Severity.ERROR}
