"""Paths as people type and read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.finding import Refusal
from core.place import shown_place, typed_place

AT_HOME = {"HOME": "/home/alice"}


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        (" ~/quorate/a.card ", "/home/alice/quorate/a.card"),
        ("~", "/home/alice"),
        ("/x/../y", "/y"),
        ("/x/~/y", "/x/~/y"),
    ],
)
def test_what_is_typed_is_made_absolute(typed: str, path: str) -> None:
    assert typed_place(typed, AT_HOME) == Path(path)


def test_nothing_typed_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        typed_place("  ", AT_HOME)
    assert refused.value.findings[0].code == "path-empty"


def test_ones_own_folder_is_shown_short_and_only_that() -> None:
    assert shown_place(Path("/home/alice/quorate/a.card"), AT_HOME) == "~/quorate/a.card"
    assert shown_place(Path("/home/alice2/a"), AT_HOME) == "/home/alice2/a"
    assert "\x1b" not in shown_place(Path("/tmp/\x1b[2J"), AT_HOME)
