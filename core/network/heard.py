"""Who read the same 8 words of the record: noted by this operator for each member; it dies with the record.

Kept with the answers, under ``words`` and the member's node id: the record's id, ``same`` or ``differs``, and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, cast

from ..agreement.record import NetworkRecord
from ..finding import Finding, error, warning
from ..local import Local
from ..safe import safe
from ..way import way

Word = Literal["same", "differs"]

_KEPT = "words"
_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Heard:
    word: Word
    at: datetime


def heard(local: Local, record: NetworkRecord) -> dict[str, Heard]:
    """By node id, of the members of ``record``; who has said nothing yet is left out."""
    kept = local.answers.get(_KEPT, {})
    told = ((member.node_id, _parse(kept.get(member.node_id, ""), record.id)) for member in record.members)
    return {node_id: one for node_id, one in told if one is not None}


def compared(record: NetworkRecord, told: Mapping[str, Heard], own: str | None) -> bool:
    """Whether at least one other member is noted to have read the same words. What was typed or read alone is none."""
    words = (told[member.node_id].word for member in record.members if member.node_id != own and member.node_id in told)
    return "same" in words


def note_heard(local: Local, record: NetworkRecord, node_id: str, word: Word | None, at: datetime) -> Local:
    """``word`` None: take back what was noted."""
    kept = dict(local.answers.get(_KEPT, {}))
    kept.pop(node_id, None)
    if word is not None:
        kept[node_id] = f"{record.id} {word} {at.astimezone(UTC).strftime(_FORM)}"
    return replace(local, answers={**local.answers, _KEPT: kept})


def check_heard(record: NetworkRecord, told: Mapping[str, Heard], own: str | None) -> Iterator[Finding]:
    """Who holds another record is an error; with whom nobody has compared yet, a warning."""
    others = [member for member in record.members if member.node_id != own]
    for member in others:
        if member.node_id in told and told[member.node_id].word == "differs":
            yield error(
                "words-differ",
                member.moniker,
                f"{member.moniker} heard other words: they do not hold the record that you hold.",
                f"Do not accept. Paste the record of {member.moniker}: quorate shows what differs, and who signed it.",
                way=way("network", "words"),
            )
    open_ = [member.moniker for member in others if member.node_id not in told]
    if open_:
        same = [member.moniker for member in others if member.node_id in told and told[member.node_id].word == "same"]
        with_whom = (
            f"with {_names(same)}, not with {_names(open_)}" if same else f"with nobody yet; open: {_names(open_)}"
        )
        yield warning(
            "words-not-compared",
            "words",
            f"You compared the 8 words {with_whom}.",
            "Do it on a call. Accepted before that, it can be another record than theirs.",
        )


def other_word(moniker: str, place: int, typed: str) -> Finding:
    """What was typed is not the word at ``place`` (from 0), which was hidden until a member had read it."""
    return error(
        "words-hidden-other",
        moniker,
        f'Word {place + 1} is not "{safe(typed, 20)}" here. A different word is hidden now.',
        f"Read all eight once more, then type the new one. If {safe(moniker, 40)} has different words, choose Others.",
    )


_MOST_NAMES = 4


def _names(names: list[str]) -> str:
    if len(names) > _MOST_NAMES:
        return f"{len(names)} members"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _parse(text: str, record: str) -> Heard | None:
    parts = text.split(" ")
    if len(parts) != 3 or parts[0] != record or parts[1] not in ("same", "differs"):
        return None
    try:
        at = datetime.strptime(parts[2], _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Heard(cast(Word, parts[1]), at)
