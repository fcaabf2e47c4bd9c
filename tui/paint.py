"""What the terminal shows, cell by cell, so that only what differs is written.

Textual 8.2.8 writes whole lines, and the whole screen whenever the layout changes: three to four frames of 7 kB for one
step. Here each frame is compared with the one before. It is also the last net of promise P4: no control character of a
text and no link reaches the terminal, whatever a screen was made of.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip


class Cell(NamedTuple):
    text: str
    """One character with what combines with it; empty for the second half of a wide one."""
    codes: str
    """Parameters of SGR: ``1;36``; empty for the terminal's own look."""


BLANK = Cell(" ", "")
Line = list[Cell]

_GAP = 4
"""A jump costs about as much as writing this many cells once more."""
_CLEAR = "\x1b[0m\x1b[H\x1b[2J"


class Painter:
    def __init__(self) -> None:
        self._shown: list[Line] = []
        self._size = Size(0, 0)

    def forget(self) -> None:
        """What the terminal shows is not known any more: the next frame is written whole."""
        self._shown = []

    def paint(self, update: CompositorUpdate, size: Size, colours: ColorSystem | None) -> str:
        """The bytes that bring the terminal to this frame; empty where nothing differs."""
        out: list[str] = []
        if size != self._size or not self._shown:
            self._size = size
            self._shown = [[BLANK] * size.width for _ in range(size.height)]
            out.append(_CLEAR)
        pen = ""
        for y, x, cells in _pieces(update, colours):
            if not 0 <= y < len(self._shown):
                continue
            line = self._shown[y]
            cells = cells[: size.width - x]
            for start, end in _runs(line, x, cells):
                text, pen = _written(cells[start - x : end - x], pen)
                out.append(f"\x1b[{y + 1};{start + 1}H{text}")
            line[x : x + len(cells)] = cells
        if pen:
            out.append("\x1b[0m")
        return "".join(out)


def _pieces(update: CompositorUpdate, colours: ColorSystem | None) -> Iterator[tuple[int, int, Line]]:
    """Line, column and cells of everything in the update."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield y, update.region.x, [cell for strip in strips for cell in _cells(strip, colours)]
    elif isinstance(update, ChopsUpdate):
        for y, first, last in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x <= last and end > first:
                    yield y, x, _cells(strip, colours)[: min(end, last) - x]


def _cells(strip: Strip | Iterable[Segment], colours: ColorSystem | None) -> Line:
    line: Line = []
    for text, style, control in strip:
        if control:
            continue
        codes = _codes(style, colours) if style else ""
        if text.isascii() and text.isprintable():
            line += [Cell(char, codes) for char in text]
        else:
            _add(line, text, codes)
    return line


def _add(line: Line, text: str, codes: str) -> None:
    for char in text:
        width = _width(char)
        if width == 0 and line and not _hidden(char):
            at = len(line) - (2 if line[-1].text == "" and len(line) > 1 else 1)
            line[at] = Cell(line[at].text + char, line[at].codes)
        elif width:
            line.append(Cell("?" if _hidden(char) else char, codes))
            if width == 2:
                line.append(Cell("", codes))


def _width(char: str) -> int:
    from rich.cells import get_character_cell_size

    return get_character_cell_size(char)


@lru_cache(1024)
def _hidden(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


@lru_cache(4096)
def _codes(style: Style, colours: ColorSystem | None) -> str:
    # Rendering one letter is the public way to a style's codes; without its link, which nobody here sets.
    shown = style.without_color if colours is None else style
    text = shown.update_link(None).render("x", color_system=colours)
    return _lean(text[2 : text.index("m")]) if text.startswith("\x1b[") else ""


def _lean(codes: str) -> str:
    """Without the two that ask for the terminal's own colours: every pen begins from a reset."""
    parts = codes.split(";")
    kept: list[str] = []
    while parts:
        part = parts.pop(0)
        if part in ("38", "48"):
            length = 2 if parts[0] == "5" else 4
            kept += [part, *parts[:length]]
            del parts[:length]
        elif part not in ("39", "49"):
            kept.append(part)
    return ";".join(kept)


def _runs(old: Line, x: int, new: Line) -> Iterator[tuple[int, int]]:
    """Where the two differ, as columns; near ones in one."""
    before = old[x : x + len(new)]
    if before == new:
        return
    if any(cell.text == "" for cell in (*old, *new)):
        # Half of a wide character can not be written: the piece is written whole.
        yield x, x + len(new)
        return
    start = end = -1
    for at, (was, now) in enumerate(zip(before, new, strict=False), x):
        if was == now:
            continue
        if start < 0:
            start = at
        elif at - end > _GAP:
            yield start, end
            start = at
        end = at + 1
    yield start, end


def _written(cells: Line, pen: str) -> tuple[str, str]:
    out: list[str] = []
    for text, codes in cells:
        if codes != pen:
            out.append(f"\x1b[0;{codes}m" if codes and pen else f"\x1b[{codes}m")
            pen = codes
        out.append(text)
    return "".join(out), pen
