"""The painter: what the terminal shows after any frames is the last frame, and nothing hidden ever gets there."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from tui.paint import Painter

from .terminal import Screen

SIZE = Size(12, 3)
STYLES = (Style(), Style(bold=True), Style(color="cyan", bgcolor="color(233)"), Style(reverse=True, color="default"))
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

texts = st.text(st.sampled_from("ab ▸✓─é世"), max_size=14)
lines = st.lists(st.tuples(texts, st.sampled_from(STYLES)), max_size=4)
frames = st.lists(st.lists(lines, min_size=SIZE.height, max_size=SIZE.height), min_size=1, max_size=5)


def strip(parts: list[tuple[str, Style]]) -> Strip:
    whole = Strip([Segment(text, style) for text, style in parts])
    return whole.crop(0, SIZE.width).extend_cell_length(SIZE.width)


def update(frame: list[list[tuple[str, Style]]]) -> LayoutUpdate:
    return LayoutUpdate([[strip(parts)] for parts in frame], Region(0, 0, SIZE.width, SIZE.height))


@settings(max_examples=60)
@given(frames)
def test_after_any_frames_the_terminal_shows_the_last_one(drawn: list[list[list[tuple[str, Style]]]]) -> None:
    painter, screen = Painter(), Screen(SIZE.width, SIZE.height)
    for frame in drawn:
        screen.feed(painter.paint(update(frame), SIZE, ColorSystem.EIGHT_BIT).encode())
    assert screen.lines == tuple(strip(parts).text.rstrip() for parts in drawn[-1])


def test_the_same_frame_again_costs_nothing() -> None:
    painter = Painter()
    frame = update([[("▸ Host", STYLES[1])], [("世界", STYLES[2])], []])
    assert painter.paint(frame, SIZE, ColorSystem.EIGHT_BIT)
    assert painter.paint(frame, SIZE, ColorSystem.EIGHT_BIT) == ""
    painter.forget()
    assert painter.paint(frame, SIZE, ColorSystem.EIGHT_BIT)


def test_one_changed_cell_costs_one_jump() -> None:
    painter = Painter()
    painter.paint(update([[("abcdefgh", Style())], [], []]), SIZE, ColorSystem.EIGHT_BIT)
    assert painter.paint(update([[("abcXefgh", Style())], [], []]), SIZE, ColorSystem.EIGHT_BIT) == "\x1b[1;4HX"


@settings(max_examples=100)
@given(st.text(max_size=12))
def test_no_control_character_of_a_text_is_written(text: str) -> None:
    piece = Strip([Segment(text, Style(link="https://example.org"))], max(0, cell_len(text)))
    frame = LayoutUpdate([[piece], [], []], Region(0, 0, SIZE.width, SIZE.height))
    written = Painter().paint(frame, SIZE, ColorSystem.EIGHT_BIT)
    assert not CONTROL.search(re.sub(r"\x1b\[[0-9;]*[HJm]", "", written))
    assert "example.org" not in written
