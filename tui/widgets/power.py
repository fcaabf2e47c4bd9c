"""Power: typed into a table whose consequences follow each key; and one bar of all, with the thirds marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message

from core.finding import Finding, Severity
from core.genesis.balance import Balance, Share, balance
from core.safe import safe

from ..theme import MARKS, STYLES, bar, cut, padded, rule, styled, wrap
from .lines import Lines, Row

_LABEL = 14
_BOX = 10
_MOST_DIGITS = 19
"""Of an int64."""


@dataclass(frozen=True, slots=True)
class Power:
    """One row: who, and the power as it is typed."""

    node_id: str
    name: str
    typed: str


class PowerTable(Lines):
    """A row for each member; Up and Down, digits and Backspace. Posts Changed with each key, Taken when it is left."""

    @dataclass
    class Changed(Message):
        table: PowerTable

    @dataclass
    class Taken(Message):
        table: PowerTable

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.powers: tuple[Power, ...] = ()
        self.touched = False
        self._finding: Finding | None = None
        self._dirty = False

    def put(self, powers: Sequence[Power]) -> None:
        if tuple(powers) != self.powers:
            self.powers = tuple(powers)
            self.renew()

    def tell(self, finding: Finding | None) -> None:
        if finding != self._finding:
            self._finding = finding
            self.renew()

    @property
    def balance(self) -> Balance:
        return balance((one.name, int(one.typed or 0)) for one in self.powers)

    def rows(self, width: int) -> Sequence[Row]:
        if not self.powers:
            return ()
        seen = self.balance
        head = rule("Power", f"{seen.total} in all", width)
        sign = MARKS[self._finding.severity] if self._finding and self._finding.severity > Severity.INFO else ""
        if sign:
            head = rule(f"Power {sign}", f"{seen.total} in all", width)
        shares = [self._row(item, share, seen, width) for item, share in enumerate(seen.shares)]
        alone, together = (tuple(sentence_rows(said, width)) for said in (seen.sentences, seen.together))
        return (Row(Content("")), Row(head), *alone, *shares, *together)

    def _row(self, item: int, share: Share, seen: Balance, width: int) -> Row:
        here = self.has_focus and item == self.cursor
        style = "bold $accent" if here else ""
        typed = self.powers[item].typed
        cursor = ("█" if here else " ", "$accent")
        lead = styled(
            ("▸ " if here else "  ", style),
            (f"{padded(safe(share.name), _LABEL - 1)} ", style),
            ("[ ", "$muted"),
            (cut(typed, _BOX), "bold" if here else ""),
            cursor,
            " " * max(0, _BOX - len(cut(typed, _BOX)) - 1),
            ("] ", "$muted"),
            f"{share.percent:>7}  ",
        )
        room = max(0, min(width, 72) - lead.cell_length - 3)
        drawn = bar(share.power, seen.total, room) if room >= 6 else Content("")
        alone = (" !", STYLES["!"]) if share.blocks_alone else ""
        return Row(styled(lead, drawn, alone), item, lit=False)

    def go(self, item: int) -> None:
        super().go(item)
        self.renew()

    def follow(self) -> None:
        """Keep the row with the cursor in sight, where what is around it has grown."""
        if self.has_focus:
            self.call_after_refresh(self._follow)

    def focus_changed(self) -> None:
        self.renew()
        if not self.has_focus and self._dirty:
            self._dirty = False
            self.post_message(self.Taken(self))

    # Typing ----------------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        typed = self.powers[self.cursor].typed if self.powers else ""
        char = event.character or ""
        if char.isascii() and char.isdigit():
            event.stop()
            self._type((typed + char).lstrip("0") or "0")
        elif event.key in ("backspace", "ctrl+h"):
            event.stop()
            self._type(typed[:-1])
        elif event.key in ("delete", "ctrl+u"):
            event.stop()
            self._type("")
        elif event.key == "enter":
            event.stop()
            if self.cursor + 1 < self.count:
                self.go(self.cursor + 1)
            else:
                self.screen.focus_next()
        else:
            super().on_key(event)

    def on_paste(self, event: events.Paste) -> None:
        text = event.text.strip()
        if text.isascii() and text.isdigit():
            event.stop()
            self._type(text)

    def _type(self, text: str) -> None:
        if not self.powers or len(text) > _MOST_DIGITS:
            return
        at = self.cursor
        changed = Power(self.powers[at].node_id, self.powers[at].name, text)
        self.powers = (*self.powers[:at], changed, *self.powers[at + 1 :])
        self.touched = self._dirty = True
        self.renew()
        self.post_message(self.Changed(self))


def sentence_rows(sentences: Iterable[str], width: int) -> Iterator[Row]:
    """What the powers lead to."""
    for sentence in sentences:
        yield from (Row(Content("  " + line)) for line in wrap(sentence, width - 3))


_MOST_NAMED = 8


def power_bar(seen: Balance, width: int) -> Iterator[Content]:
    """One bar for all, a part for each; names above where there is room, and where a third and two thirds end."""
    voters = seen.voters
    width -= 3
    if not voters or width < 30:
        return
    parts = _parts([share.power for share in voters], width)
    if len(voters) <= _MOST_NAMED and min(parts) >= 5:
        names = "".join(
            padded(cut(safe(share.name), part - 1), part) for share, part in zip(voters, parts, strict=True)
        )
        yield styled("  ", (names, "$muted"))
    blocks = [("█" * max(1, part - 1), "$accent" if number % 2 == 0 else "") for number, part in enumerate(parts)]
    yield styled("  ", *(piece for part in blocks for piece in (part, " ")))
    first, second = "^ 1/3 can stop it", "^ 2/3 must agree"
    one, two = width // 3, 2 * width // 3
    gap = two - one - cell_len(first)
    if gap < 1:
        first, gap = "^ 1/3", two - one - 5
    yield styled(
        "  ", " " * one, (first, "$muted"), " " * gap, (second if two + 16 <= width + 2 else "^ 2/3", "$muted")
    )


def _parts(powers: Sequence[int], width: int) -> list[int]:
    """Cells of each, which are ``width`` in all wherever there is a cell for each."""
    total, ends, sofar = sum(powers), [0], 0
    for power in powers:
        sofar += power
        ends.append(round(width * sofar / total))
    return [max(1, end - start) for start, end in pairwise(ends)]
