"""The board: of each member whether they hold exactly this record and genesis, what they signed, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from .acceptance import Attestation
from .conflicts import Word
from .holders import holding
from .record import NetworkRecord
from .roster import RosterMember
from .tally import Tally

if TYPE_CHECKING:
    from .current import Current

Standing = Literal["accepted", "attested", "missing", "conflicting", "moved", "watching", "no vote"]


@dataclass(frozen=True, slots=True)
class BoardRow:
    moniker: str
    node_id: str
    standing: Standing
    """``moved``: the record gives this power to a different node, unsigned; ``watching``: without power, and accepted;
    ``no vote``: without power, and did not."""
    own: bool
    signed: bool
    """False: a member without quorate, for whom an owner attests."""
    record: str = ""
    """Id of the record that they signed; empty where they signed none."""
    genesis_sha256: str = ""
    at: datetime | None = None
    compared: str = ""
    """How the 8 words were compared: ``yes``, ``no``, or an owner's words; empty where nothing was signed."""


@dataclass(frozen=True, slots=True)
class Board:
    record: NetworkRecord
    tally: Tally
    rows: tuple[BoardRow, ...]

    @property
    def accepted(self) -> int:
        """Who counts: signed and attested."""
        return len(self.tally.accepted) + len(self.tally.attested)


def board(seen: Current) -> Board | None:
    """None where no record is in force."""
    record, counted = seen.exchange.record, seen.tally
    if record is None or counted is None:
        return None
    present = holding(record)
    rows = tuple(_row(seen, record, counted, member, present) for member in record.members)
    gone = (move.old for move in counted.moves if move.old is not None and not move.new)
    left_out = tuple(BoardRow(one.moniker, one.node_id, "moved", False, one.signed) for one in gone)
    return Board(record, counted, (*rows, *left_out))


def _row(
    seen: Current,
    record: NetworkRecord,
    counted: Tally,
    member: RosterMember,
    present: Mapping[bytes, tuple[RosterMember, ...]],
) -> BoardRow:
    own = member.node_id == seen.exchange.own
    speaks = member in present[member.validator_key]
    standing: Standing = counted.counted.get(member.validator_key, "no vote") if speaks else "no vote"
    # What a stranger signed in a member's place is not that member's.
    word = None if standing == "moved" else _word(seen, record, member)
    if word is None:
        return BoardRow(member.moniker, member.node_id, standing, own, member.signed)
    at = datetime.fromtimestamp(word.serial, UTC)
    compared = word.how if isinstance(word, Attestation) else "yes" if word.words_checked else "no"
    return BoardRow(
        member.moniker, member.node_id, standing, own, member.signed, word.record, word.genesis_sha256, at, compared
    )


def _word(seen: Current, record: NetworkRecord, member: RosterMember) -> Word | None:
    """What the member signed last of this version or a later one: of this genesis first."""
    era = {one.id for one in seen.exchange.succession.era}
    words = [one for one in _words(seen, member) if one.record in era or one.version >= record.version]
    return max(words, key=lambda one: (one.record in era, one.serial), default=None)


def _words(seen: Current, member: RosterMember) -> Iterator[Word]:
    yield from (one for one in seen.exchange.acceptances if one.node_id == member.node_id)
    if not member.signed:
        yield from (one for one in seen.exchange.attestations if one.node_id == member.node_id)
