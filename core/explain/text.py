"""The explanations as they are written: plain files beside this module, one entry after another.

An entry begins with its name at the margin, ``config-rpc-open``, or with a family, ``config-*``, which counts for all
codes of that beginning that say nothing themselves. Below it, each on a line: two blanks and what is so; ``!`` why it
matters; ``>`` one step of the fix; ``@`` where it is known from; ``&`` codes of the same kind, with commas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CODES = ("home", "keys", "card", "peers", "network", "genesis", "config", "documents", "program")
"""The files that explain findings, by feature."""


@dataclass(frozen=True, slots=True)
class Text:
    so: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    """Orders, one after the other."""
    source: str = ""
    """Spec, file, version, or what was run or counted."""
    see: tuple[str, ...] = ()


@cache
def read(name: str) -> Mapping[str, Text]:
    """One file: ``settings``."""
    lines = (Path(__file__).parent / "texts" / f"{name}.txt").read_text("utf-8").splitlines()
    found: dict[str, dict[str, list[str]]] = {}
    entry: dict[str, list[str]] = {}
    for line in filter(None, lines):
        if line[:2] in ("  ", "! ", "> ", "@ ", "& "):
            entry.setdefault(line[0], []).append(line[2:])
        else:
            entry = found.setdefault(line, {})
    return {name: _text(entry) for name, entry in found.items()}


def _text(entry: Mapping[str, list[str]]) -> Text:
    see = tuple(word.strip() for line in entry.get("&", ()) for word in line.split(","))
    so, why, fix = (tuple(entry.get(sign, ())) for sign in " !>")
    return Text(so, why, fix, "; ".join(entry.get("@", ())), see)


@cache
def codes() -> Mapping[str, Text]:
    """All codes and families of findings."""
    return {name: text for file in CODES for name, text in read(file).items()}


@cache
def of_code(code: str) -> Text:
    """The text of a finding; what it does not say itself is said by the longest family that it belongs to.

    Of the fix that is so only where nothing was written of it: what helps most of a family may be no help here.
    """
    known = codes()
    own = known.get(code, Text())
    words = code.split("-")
    families = (known.get("-".join((*words[:length], "*"))) for length in range(len(words) - 1, 0, -1))
    family = next((one for one in families if one is not None), Text())
    why = own.why or family.why
    source = own.source or ("" if own.why else family.source)
    return Text(own.so, why, own.fix if own.so else family.fix, source, own.see)
