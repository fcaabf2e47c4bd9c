"""What a terminal sends becomes keys and pastes, wherever the line cuts it."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from textual import events
from textual.message import Message

from tui.reader import Reader

CHAT = "Hello\x1b[31m red \x1b[0m\x1b\x1bOP and\x1b\rmore\x11\x0e\x03 \x9b5~ end"
SHOWN = "Hello\ufffd[31m red \ufffd[0m\ufffd\ufffdOP and\ufffd\rmore\ufffd\ufffd\ufffd \ufffd5~ end"


def told(found: Iterable[Message]) -> list[str]:
    """Keys by their names, pastes in quotation marks."""
    return [
        one.key if isinstance(one, events.Key) else repr(one.text)
        for one in found
        if isinstance(one, events.Key | events.Paste)
    ]


def read(*pieces: str | bytes) -> list[str]:
    reader = Reader()
    data = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    found = [one for piece in data for one in told(reader.read(piece))]
    if data[-1].endswith(b"\x1b"):
        time.sleep(0.11)
    return [*found, *told(reader.tick())]


def test_nothing_in_brackets_is_a_key_wherever_it_is_cut() -> None:
    data = f"a\x1b[200~{CHAT}\x1b[201~\x1b[200~\x1b[201~\x1b[Bz".encode()
    wanted = ["a", repr(SHOWN), "''", "down", "z"]
    assert read(data) == wanted
    for at in range(1, len(data)):
        assert read(data[:at], data[at:]) == wanted, at
    assert read(*(bytes((byte,)) for byte in data)) == wanted


def test_a_long_paste_in_brackets_is_put_together() -> None:
    text = "card " * 5000
    data = f"\x1b[200~{text}\x1b[201~".encode()
    assert read(*(data[at : at + 4096] for at in range(0, len(data), 4096))) == [repr(text)]


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_nothing_of_a_paste_without_brackets_is_a_key(pieces: int) -> None:
    found = read(*[CHAT * 5] * pieces)
    assert found == [repr(SHOWN * 5)] * pieces


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("\x1b", ["escape"]),
        ("\x1b\x1b", ["escape", "escape"]),
        (
            "\x1bOP\x1b\x0f\x1ba\x1b\x1b[A\x1b\r",
            ["f1", "escape", "ctrl+o", "escape", "a", "escape", "up", "escape", "enter"],
        ),
        ("erin\t10.0.0.5", [*"erin", "tab", "1", "0", *["full_stop", "0"] * 2, "full_stop", "5"]),
        ("\x11\x11\x0f", ["ctrl+q", "ctrl+q", "ctrl+o"]),
        ("\x1b[B\x1b[B\r\x1bOP", ["down", "down", "enter", "f1"]),
        ("\x1b[B" * 200 + "\r" * 30, ["down"] * 200 + ["enter"] * 30),
    ],
)
def test_keys_that_come_at_once_are_keys_in_their_order(data: str, keys: list[str]) -> None:
    assert read(data) == keys


def test_an_event_has_the_time_at_which_it_was_read() -> None:
    reader = Reader()
    first = list(reader.read(b"a\x1b"))
    late = list(reader.tick())
    assert {one.time for one in (*first, *late)} == {first[0].time}
    (second,) = reader.read(b"b")
    assert second.time > first[0].time


def test_a_paste_whose_end_never_comes_does_not_keep_a_person_from_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("tui.reader.time.monotonic", lambda: now)
    reader = Reader()
    assert told(reader.read(b"\x1b[200~half of a chat")) == [] == told(reader.read(b"\x11"))
    now += 2.5
    assert told(reader.read(b"\x11")) == [repr("half of a chat\ufffd"), "ctrl+q"]
    assert told(reader.read(b"a")) == ["a"]
