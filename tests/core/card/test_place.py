"""Where a card is saved for sending."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.adapters import real_world
from core.card.place import file_name, free_place


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=64))
def test_a_name_is_a_plain_file_name_whatever_the_moniker_is(moniker: str) -> None:
    name = file_name(moniker)
    assert name.endswith(".card") and "/" not in name and not name.startswith((".", "-")) and " " not in name


def test_the_same_card_keeps_its_file_and_another_gets_the_next_number(tmp_path: Path) -> None:
    files = real_world({}).files
    assert free_place(files, tmp_path, "alice", b"one") == tmp_path / "alice.card"
    (tmp_path / "alice.card").write_bytes(b"one")
    assert free_place(files, tmp_path, "alice", b"one") == tmp_path / "alice.card"
    assert free_place(files, tmp_path, "alice", b"two") == tmp_path / "alice-2.card"
    (tmp_path / "alice-2.card").mkdir()
    assert free_place(files, tmp_path, "alice", b"two") == tmp_path / "alice-3.card"
