"""The records of this network that are here and not the one at hand: rivals, refused, waiting and older ones."""

from __future__ import annotations

from .owners import SignedRecord
from .record import NetworkRecord
from .succession import Succession


def other_records(found: Succession, record: NetworkRecord | None) -> tuple[SignedRecord, ...]:
    """Each once, those that exclude it first, then what waits, what was refused, and the versions before it."""
    rivals = (one for several in found.rivals for one in several)
    known = (*rivals, *found.waiting, *found.refused, *reversed(found.lineage))
    return tuple({one.id: one for one in known if record is None or one.id != record.id}.values())
