"""What a received document is and does, in a few words: for the page that shows an import before it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ..card.changes import FieldChange
from .receive import Received

_WHAT = {
    "damaged": "can not be read",
    "forged": "wrong signature",
    "foreign": "of another network",
    "newer": "from a newer quorate",
}
_EFFECT = {
    "known": "you have it",
    "damaged": "not taken",
    "forged": "not taken",
    "foreign": "not taken",
    "newer": "not taken",
}


def what_it_is(row: Received) -> str:
    """``card, signed, whole``."""
    return f"{row.kind}, {_WHAT.get(row.status, 'signed, whole')}"


def what_it_does(row: Received) -> str:
    """``new``, ``replaces 18 Nov``, ``older than yours``."""
    if row.status == "changed":
        return _replaces(row.changes)
    if row.status == "older":
        return "older than yours" if row.keeps else "not taken: a step back"
    return _EFFECT.get(row.status, str(row.status))


def _replaces(changes: Iterable[FieldChange]) -> str:
    for change in changes:
        if change.field == "serial":
            return f"replaces {_time(change.old).partition(',')[0]}"
        if change.field == "version":
            # Two records of one version can not follow one another.
            return "excludes yours" if change.old == change.new else f"replaces version {change.old}"
        if change.field == "signatures":
            return "more signatures"
    return "contradicts another"


def readable(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """The same in words of people: the serial as the time of signing, no field with an underscore.

    A validator's address follows from its key and is left out, and so is a version that is the same.
    """
    told = (change for change in changes if change.field != "validator_address" and change.old != change.new)
    return tuple(
        FieldChange("signed", _time(change.old), _time(change.new))
        if change.field == "serial"
        else FieldChange(change.field.replace("_", " "), change.old, change.new)
        for change in told
    )


def signed_on(serial: int) -> str:
    """``21 Nov 2026, 11:00 UTC``."""
    try:
        return datetime.fromtimestamp(serial, UTC).strftime("%d %b %Y, %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return str(serial)


def _time(serial: str) -> str:
    try:
        return datetime.fromtimestamp(int(serial), UTC).strftime("%d %b, %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return serial
