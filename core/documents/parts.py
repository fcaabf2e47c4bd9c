"""Parts: a text that is too long for one message of a chat, in several that are joined again at the other end.

::

    BEGIN QUORATE PART 2 OF 3 OF 9F3A21C4.
    (a piece of the text, whole lines)
    END QUORATE PART 2 OF 3 OF 9F3A21C4.

The eight hex digits name the text: they begin the SHA-256 of its letters ``a`` to ``z`` and ``2`` to ``7``, in small
letters, as armour reads them. In which order the parts come, and what stands between them, does not matter.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

MESSAGE = 4096
"""Characters of one message: what chats such as Telegram and Discord (2,000 to 4,096) cut at or turn into a file."""
MOST = 999
"""Parts of one text."""

_PIECE = 1800
"""Characters of the text in one part; with its two lines it is shorter than the shortest limit of chats, 2,000."""
_GAP = r"[^a-z0-9]{1,40}"
_LINE = re.compile(
    rf"(begin|end){_GAP}quorate{_GAP}part{_GAP}(\d{{1,3}}){_GAP}of{_GAP}(\d{{1,3}}){_GAP}of{_GAP}([0-9a-f]{{8}})"
    r"(?![a-z0-9])\.?"
)
_NOISE = re.compile(r"[^a-z2-7]")


@dataclass(frozen=True, slots=True)
class Part:
    message: str
    """Names the whole text."""
    number: int
    """From 1."""
    total: int
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text of which parts are missing, or that is not what it was."""

    parts: tuple[Part, ...]
    """By number, each once."""

    @property
    def message(self) -> str:
        return self.parts[0].message

    @property
    def total(self) -> int:
        return self.parts[0].total

    @property
    def missing(self) -> tuple[int, ...]:
        """Empty where all are here, and one of them was altered."""
        here = {one.number for one in self.parts}
        return tuple(number for number in range(1, self.total + 1) if number not in here)


def is_long(text: str) -> bool:
    """Return True if chats cut it."""
    return len(text) > MESSAGE


def split(text: str) -> tuple[str, ...]:
    """The parts of ``text``, each with a line end at its end. Equal texts give equal parts."""
    pieces: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        if not pieces or size + len(line) > _PIECE:
            pieces.append("")
            size = 0
        pieces[-1] += line
        size += len(line)
    if len(pieces) > MOST:
        raise ValueError(f"a text has at most {MOST} parts")
    name = _name(text)
    marks = (f"QUORATE PART {number} OF {len(pieces)} OF {name.upper()}." for number in range(1, len(pieces) + 1))
    return tuple(f"BEGIN {mark}\n{piece}END {mark}\n" for mark, piece in zip(marks, pieces, strict=True))


def find_parts(text: str) -> tuple[tuple[Part, ...], str]:
    """The whole parts in ``text``, and the text without them. One that is cut off stays in the text."""
    small = text.lower()
    if "quorate" not in small or len(small) != len(text):
        return (), text
    parts: list[Part] = []
    rest: list[str] = []
    at, begin = 0, None
    for mark in _LINE.finditer(small):
        if mark[1] == "begin":
            begin = mark
        elif begin is not None and begin.groups()[1:] == mark.groups()[1:]:
            number, total = int(mark[2]), int(mark[3])
            if 1 <= number <= total:
                parts.append(Part(mark[4], number, total, text[begin.end() : mark.start()]))
                rest.append(text[at : begin.start()])
                at = mark.end()
            begin = None
    return tuple(parts), "\n\n".join((*rest, text[at:])) if parts else text


def join(parts: Iterable[Part]) -> tuple[tuple[str, ...], tuple[Waiting, ...]]:
    """The texts that are whole, and what others wait for. Of two parts with one number the later one counts."""
    several: defaultdict[tuple[str, int], dict[int, Part]] = defaultdict(dict)
    for one in parts:
        several[one.message, one.total][one.number] = one
    whole: list[str] = []
    waiting: list[Waiting] = []
    for (message, total), found in several.items():
        text = "\n".join(found[number].text for number in sorted(found))
        if len(found) == total and _name(text) == message:
            whole.append(text)
        else:
            waiting.append(Waiting(tuple(found[number] for number in sorted(found))))
    return tuple(whole), tuple(waiting)


def render(parts: Iterable[Part]) -> list[dict[str, object]]:
    return [{"message": one.message, "number": one.number, "total": one.total, "text": one.text} for one in parts]


def parse(values: object) -> tuple[Part, ...]:
    """Raises ValueError for what :func:`render` does not write."""
    if not isinstance(values, list):
        raise ValueError("no list of parts")
    return tuple(_part(one) for one in values)


def _part(value: object) -> Part:
    match value:
        case {"message": str(message), "number": int(number), "total": int(total), "text": str(text), **more}:
            if not more and 1 <= number <= total <= MOST and re.fullmatch("[0-9a-f]{8}", message):
                return Part(message, number, total, text)
    raise ValueError("no part")


def _name(text: str) -> str:
    return hashlib.sha256(_NOISE.sub("", text.lower()).encode()).hexdigest()[:8]
