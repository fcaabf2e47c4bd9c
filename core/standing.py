"""Where this operator stands, as it was when it was looked at last; kept in the state, and painted before any look.

Read before the first paint: it imports nothing that is not read then anyway. :mod:`core.around` looks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from .finding import Finding, Refusal, Severity, worst_first
from .safe import safe
from .state import State
from .way import Blank, Way

Mark = Literal["done", "todo", "blocked"]
_VERSION = 2
_MOST = 20
"""Findings of one step that are kept, the worst: it is read before the first paint, and each card may have one."""


@dataclass(frozen=True, slots=True)
class Station:
    step: str
    title: str
    mark: Mark
    findings: tuple[Finding, ...] = ()
    way: Way | None = None
    """What is next at this station; None where it is done."""
    why: str = ""
    """What that is for."""
    applied: bool = False
    """Whether a plan of it was carried out, and not undone."""
    at: str = ""
    """When it was looked at, UTC, where that was not now: ``2026-11-21T09:30:00Z``."""

    @property
    def next(self) -> str:
        """The command to type now; empty where it is done."""
        return "" if self.way is None else self.way.command

    def age(self, now: datetime) -> str:
        """``looked at 3 h ago``; empty where it was looked at just now, or the time cannot be read."""
        try:
            seconds = int((now - datetime.fromisoformat(self.at)).total_seconds())
        except (ValueError, TypeError):
            return ""
        for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
            if seconds >= size:
                return f"looked at {seconds // size} {unit} ago"
        return "looked at just now"


@dataclass(frozen=True, slots=True)
class Pulse:
    """The network in numbers, for the edge of the screen."""

    cards: int = 0
    members: int = 0
    """Of the record; before there is one, those that are expected or known."""
    accepted: int | None = None
    """Members who accepted the record, or are attested; None before there is one."""
    needed: int = 0
    start: str = ""
    """The agreed start; empty before there is a record."""
    node: str = ""
    """What this node does, from QUORATE on: mark and word, ``✓ block 12``."""


@dataclass(frozen=True, slots=True)
class Standing:
    stations: tuple[Station, ...]
    tally: str
    """"3 signed, 1 attested of 4; missing dave"; empty before there is a record."""
    is_quorate: bool
    way: Way
    """The one next action."""
    why: str
    findings: tuple[Finding, ...] = ()
    """What is known and not yet in the record in force."""
    pulse: Pulse = Pulse()
    node: str = ""
    """What the node of this home does, from QUORATE on: a sentence."""

    @property
    def next(self) -> str:
        """The command of the one next action."""
        return self.way.command

    def station(self, step: str) -> Station | None:
        return next((one for one in self.stations if one.step == step), None)


def kept(state: State) -> Standing | None:
    """As it was when it was looked at last; None where it was not, or that cannot be read: it is only a memory."""
    content = state.remembered()
    if content is None:
        return None
    try:
        return _parse(json.loads(content))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def keep(state: State, now: Standing) -> None:
    """Remember it, unless another process works on the state: then it will be looked at again anyway."""
    content = (json.dumps(_render(now), separators=(",", ":")) + "\n").encode("ascii")
    with suppress(Refusal):
        state.remember(content)


def with_station(now: Standing, station: Station) -> Standing:
    """With another look at one step."""
    return replace(now, stations=tuple(station if one.step == station.step else one for one in now.stations))


def _render(now: Standing) -> dict[str, object]:
    return {
        "v": _VERSION,
        "stations": [
            {
                **{name: getattr(one, name) for name in ("step", "title", "mark", "why", "applied", "at")},
                "findings": _findings(worst_first(one.findings)[:_MOST]),
                "way": _way(one.way),
            }
            for one in now.stations
        ],
        **{name: getattr(now, name) for name in ("tally", "is_quorate", "why", "node")},
        "findings": _findings(now.findings),
        "way": _way(now.way),
        "pulse": {name: getattr(now.pulse, name) for name in Pulse.__slots__},
    }


def _findings(findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    return [{**one.as_json(), "way": _way(one.way)} for one in findings]


def _way(way: Way | None) -> dict[str, object] | None:
    if way is None:
        return None
    blanks = [number for number, word in enumerate(way.words) if isinstance(word, Blank)]
    more = {name: getattr(way, name) for name in ("who", "whom", "then", "program")}
    return {"words": list(way.words), "blanks": blanks, **more}


def _parse(value: Mapping[str, Any]) -> Standing:
    if value["v"] != _VERSION:
        raise ValueError
    way = _way_of(value["way"])
    if way is None:
        raise ValueError
    return Standing(
        stations=tuple(map(_station_of, value["stations"])),
        tally=_text(value["tally"]),
        is_quorate=value["is_quorate"] is True,
        way=way,
        why=_text(value["why"]),
        findings=tuple(map(_finding_of, value["findings"])),
        pulse=_pulse_of(value["pulse"]),
        node=_text(value["node"]),
    )


def _station_of(value: Mapping[str, Any]) -> Station:
    if value["mark"] not in get_args(Mark):
        raise ValueError
    return Station(
        step=_text(value["step"]),
        title=_text(value["title"]),
        mark=value["mark"],
        findings=tuple(map(_finding_of, value["findings"])),
        way=_way_of(value["way"]),
        why=_text(value["why"]),
        applied=value["applied"] is True,
        at=_text(value["at"]),
    )


def _finding_of(value: Mapping[str, Any]) -> Finding:
    code, subject, message, fix = (_text(value[name]) for name in ("code", "subject", "message", "fix"))
    return Finding(code, Severity[value["severity"].upper()], subject, message, fix, _way_of(value["way"]))


def _way_of(value: Mapping[str, Any] | None) -> Way | None:
    if value is None:
        return None
    words = tuple(
        Blank(_text(word)) if at in value["blanks"] else _text(word) for at, word in enumerate(value["words"])
    )
    if not words or value["who"] not in ("you", "others"):
        raise ValueError
    return Way(words, value["who"], _text(value["whom"]), _text(value["then"]), _text(value["program"]))


def _pulse_of(value: Mapping[str, Any]) -> Pulse:
    numbers = [value[name] for name in ("cards", "members", "needed")]
    if not all(type(one) is int for one in numbers) or type(value["accepted"]) not in (int, type(None)):
        raise ValueError
    cards, members, needed = numbers
    return Pulse(cards, members, value["accepted"], needed, _text(value["start"]), _text(value["node"]))


def _text(value: object) -> str:
    """Shown as it is."""
    if not isinstance(value, str):
        raise TypeError
    return safe(value, 20_000)
