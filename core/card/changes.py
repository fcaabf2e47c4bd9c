"""What differs between two cards of one node, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import NodeCard, UnsignedEntry


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    old: str
    """Empty: there was none."""
    new: str

    def __str__(self) -> str:
        return f"{self.field}: {self.old or 'none'} -> {self.new or 'none'}"


_FIELDS = ("moniker", "p2p", "api", "contact", "software", "validator_key", "validator_address")
_ENTERED = ("moniker", "p2p", "validator_key")


def card_changes(old: NodeCard, new: NodeCard) -> tuple[FieldChange, ...]:
    """Everything but the serial; the node key can not differ, it makes the node id."""
    return tuple(_changes(old, new))


def entry_changes(old: UnsignedEntry, new: UnsignedEntry) -> tuple[FieldChange, ...]:
    """As :func:`card_changes`, for a member without quorate: what somebody entered."""
    return tuple(_changes(old, new, _ENTERED))


def _changes(
    old: NodeCard | UnsignedEntry, new: NodeCard | UnsignedEntry, fields: tuple[str, ...] = _FIELDS
) -> Iterator[FieldChange]:
    for field in fields:
        before, after = _text(old, field), _text(new, field)
        if before != after:
            yield FieldChange(field, before, after)


def _text(card: NodeCard | UnsignedEntry, field: str) -> str:
    value: str | tuple[str, ...] = getattr(card, field)
    return value if isinstance(value, str) else ", ".join(value)
