"""Facts: mark, muted label, value in the column where values stand; headings, sentences and tables in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from core.safe import safe

from ..theme import STYLES, fit, padded, rule, styled, wrap
from .lines import Lines, Row

if TYPE_CHECKING:
    from core.card.changes import FieldChange

LABEL = 16
NARROW = 60
"""Cells of a body in which a key of 44 has no room beside the whole label."""


@dataclass(frozen=True, slots=True)
class Fact:
    """``✓ file  0600, alice``. The value is made safe here; groups of it may be put in by the caller."""

    label: str
    value: object = ""
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    title: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A quiet sentence, wrapped."""

    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A sentence or a paragraph, wrapped."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Columns in the order of their worth: where there is no room, those at the right are left out.

    ``rows``: a sign (may be empty) and the cells of each. With ``open`` its rows can be chosen with the cursor.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    open: bool = False


Item = Fact | Heading | Note | Prose | Table | Content | str
"""A string is a line of its own, as it is (made safe); a Content too."""


def fact_rows(items: Iterable[Item], width: int) -> Iterator[Row]:
    number = 0
    for item in items:
        match item:
            case Fact():
                yield from _fact(item, width)
            case Heading():
                yield Row(rule(safe(item.title), safe(item.right), width))
            case Note():
                yield from (Row(styled((line, "$muted"))) for line in wrap(safe(item.text), width - 1))
            case Prose():
                yield from (Row(Content(line)) for line in wrap(safe(item.text), width - 1))
            case Table():
                yield from table_rows(item, width, number)
                number += len(item.rows) if item.open else 0
            case Content():
                yield Row(item)
            case _:
                yield Row(Content(safe(item)))


def _fact(fact: Fact, width: int) -> Iterator[Row]:
    value = safe(fact.value)
    label = LABEL if width > NARROW else LABEL - 2
    lead = styled((fact.sign or " ", STYLES.get(fact.sign, "")), " ", (f"{padded(fact.label, label - 1)} ", "$muted"))
    lines = wrap(value, max(20, width - label - 2)) if value else ("",)
    for number, line in enumerate(lines):
        yield Row(styled(lead if number == 0 else " " * (label + 2), line))


def table_rows(table: Table, width: int, first: int = 0) -> Iterator[Row]:
    signs = any(sign for sign, _ in table.rows)
    lead = 6 if signs else 2
    widths = _widths(table, width - lead)
    head = "  ".join(padded(name, room) for name, room in zip(table.columns, widths, strict=False))
    yield Row(styled((" " * lead + head, "$muted")))
    for number, (sign, cells) in enumerate(table.rows):
        text = "  ".join(padded(safe(cell), room) for cell, room in zip(cells, widths, strict=False))
        start = styled("  ", (sign, STYLES.get(sign, "")), "   ") if signs and sign else " " * lead
        yield Row(styled(start, text), first + number if table.open else -1)


def _widths(table: Table, room: int) -> list[int]:
    """The widths of the columns that fit."""
    wanted = [
        max([len(name), *(len(safe(cells[at])) for _, cells in table.rows if at < len(cells))])
        for at, name in enumerate(table.columns)
    ]
    widths: list[int] = []
    for at, want in enumerate(wanted):
        left = room - sum(widths) - 2 * len(widths)
        if left < min(want, 6):
            break
        last = at == len(wanted) - 1
        widths.append(min(want, left if last else max(6, min(want, left))))
    return widths


class Facts(Lines):
    """Shown below the fields; ``put`` with what was found."""

    def __init__(self, items: Sequence[Item] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.items = tuple(items)

    def put(self, items: Iterable[Item]) -> None:
        found = tuple(items)
        if found != self.items:
            self.items = found
            self.renew()

    def rows(self, width: int) -> Sequence[Row]:
        return tuple(Row(fit(row.content, width), row.item, row.lit) for row in fact_rows(self.items, width))


def change_items(changes: Iterable[FieldChange]) -> Iterator[Item]:
    """Old and new, one below the other in one column, so that the eye finds what differs."""
    for change in changes:
        yield Fact(change.field, change.old or "none", "-")
        yield Fact(change.field, change.new or "none", "+")
