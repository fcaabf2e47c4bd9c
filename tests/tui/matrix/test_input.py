"""What comes in: bytes that are no text, replies that nobody asked for, and long pastes, whole."""

from __future__ import annotations

import signal

import pytest

from core.documents.armour import armour
from tests.builders import a_card, moniker

from .console import Machine

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "data", [b"\xff", b"\xe9", b"caf\xe9", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf"]
)
def test_bytes_that_are_no_utf_8_end_nothing(member: Machine, data: bytes) -> None:
    with member.start() as console:
        console.go_on().sees("26656")
        for text in (data, b"\x1b[200~" + data + b"\x1b[201~"):
            console.send(text + b"x")
            console.until(lambda: REPLACEMENT in console.screen.text)
            console.calm(0.1)
        assert b"Traceback" not in console.raw
        console.leaves()


def test_a_letter_that_comes_in_halves_is_one(member: Machine) -> None:
    with member.start() as console:
        console.go_on().sees("26656")
        console.send(b"\xc3")
        console.calm(0.1)
        console.send(b"\xa9!")
        console.sees("node.alice.exampleé!")
        console.leaves()


@pytest.mark.parametrize(
    "reply",
    [
        b"\x1b[?64;1;2;6;9;15;18;21;22c",
        b"\x1b[>41;370;0c",
        b"\x1b[?2026;2$y\x1b[?2048;0$y",
        b"\x1b]11;rgb:1212/1212/1212\x1b\\",
        b"\x1b[24;80R",
        b"\x1b[?0u",
        b"\x1bP1+r544e=787465726d\x1b\\",
        b"\x1b[I\x1b[O\x1b[I",
        b"\x1b[<0;20;8M\x1b[<0;20;8m",
    ],
)
def test_replies_of_a_slow_terminal_are_typed_nowhere(member: Machine, reply: bytes) -> None:
    with member.start() as console:
        console.go_on().sees("26656")
        console.send(reply)
        console.calm()
        assert "[ node.alice.example         ]" in console.screen.text, console.screen.text
        console.leaves()


def test_no_noise_ends_it(member: Machine) -> None:
    noise = [
        b"\x1b[999999999999;1H",
        b"\x1b" * 50,
        b"\x1b[",
        b"\x00" * 20,
        b"\x1bO",
        b"\x1b[200~half",
        b"\x1b[201~" * 3,
    ]
    noise += [bytes(range(128, 256)), b"\x1b]52;c;" + b"A" * 99, b"\x07\x1b[A" * 99, b"\x1b_G" + b"x" * 99 + b"\x1b\\"]
    with member.start() as console:
        console.go_on().sees("26656")
        for one in noise:
            console.send(one)
            console.calm(0.1)
            assert console.process.poll() is None
        console.send(b"\x1b\\\x1b[201~")
        console.calm()
        console.key("escape", "escape", "ctrl+q").calm()
        console.signal(signal.SIGTERM)
        console.ends(143)


def test_sixteen_lines_arrive_whole_wherever_they_are_pasted(member: Machine) -> None:
    lines = [f"line {number:02} of a chat, with a word at its end: {number * 7919}" for number in range(1, 17)]
    with member.start() as console:
        console.go_on().sees("26656")
        console.paste("\n".join(lines))
        console.sees("16 lines came")
        console.calm()
        for line in lines:
            assert line in console.screen.text
        console.key("escape", "escape").sees("[ node.alice.example         ]")
        console.leaves()


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_hundred_kilobytes_arrive_whole(member: Machine, ends: str) -> None:
    """As terminals send it, in pieces; what came is counted by what is found in it."""
    cards = [a_card(moniker(number), network="harbour") for number in range(100)]
    text = "\n".join(f"{moniker(number)}: here is mine\n{armour(card)}" for number, card in enumerate(cards))
    assert len(text) > 100_000
    with member.start() as console:
        console.go_on().sees("26656")
        console.paste_slowly(text.replace("\n", ends).encode())
        console.sees(f"{len(text.splitlines())} lines came", "100 cards whole")
        console.key("ctrl+n").sees("alice")
        console.until(lambda: "Take 100 cards" in console.screen.text)
        console.key("ctrl+n").lacks("Take 100 cards")
        console.calm()
        console.leaves()
    assert {one.id for one in member.user.state.documents()} == {card.id for card in cards}


def test_a_paste_arrives_whole_also_where_the_terminal_does_not_say_that_it_is_one(member: Machine) -> None:
    """The Linux console and vt100 have no brackets for it."""
    cards = [a_card(moniker(number), network="harbour") for number in range(10)]
    text = "\n".join(f"approve {moniker(number)}\n{armour(card)}" for number, card in enumerate(cards))
    with member.start(TERM="linux") as console:
        console.go_on().sees("26656")
        console.send(text.replace("\n", "\r").encode())
        console.sees("10 cards whole")
        console.key("escape", "escape").sees("[ node.alice.example         ]")
        console.leaves()


def test_one_pasted_line_goes_into_the_field_and_does_nothing_else(member: Machine) -> None:
    with member.start() as console:
        console.go_on().sees("26656").key("home", "ctrl+k")
        console.paste("approve.y.example.org\n")
        console.sees("[ approve.y.example.org")
        assert "▸ Host" in console.calm()
        console.leaves()
