"""Kinds of terminals: their names, their colours, none of them, no mouse, and keys alone."""

from __future__ import annotations

import re

import pytest

from .console import FIRST, Machine

_FEW = set(range(30, 38)) | set(range(40, 48)) | set(range(90, 98)) | set(range(100, 108)) | {39, 49}
_OURS = re.compile(rb"\x1b\[[0-9;]*[mHJK]|\x1b\[[<>=?][0-9;]*\$?[a-zA-Z]")


@pytest.mark.parametrize(
    "term",
    [
        "xterm-256color",
        "xterm",
        "screen",
        "screen-256color",
        "tmux",
        "tmux-256color",
        "linux",
        "vt100",
        "vt220",
        "rxvt",
    ],
)
def test_it_works_and_is_left_on_every_terminal(member: Machine, term: str) -> None:
    with member.start(TERM=term) as console:
        console.go_on().sees("26656").changes("tab").key("end", "9").sees("266569")
        if term in ("linux", "vt100", "vt220"):
            console.calm()
            assert bytes(console.raw).isascii(), "console fonts lack the marks"
        if term in ("xterm", "screen", "linux", "vt100"):
            assert console.colours <= _FEW, "more than 16 colours"
            assert console.colours, "no colours at all"
        assert _OURS.sub(b"", bytes(console.raw)).count(b"\x1b") == 0, "a sequence that plain terminals lack"
        console.leaves()


def test_true_colours_are_of_the_256(member: Machine) -> None:
    with member.start(COLORTERM="truecolor") as console:
        console.go_on().calm()
        console.leaves()


def test_the_words_ascii_and_ansi_do_the_same(member: Machine) -> None:
    with member.start("--ascii", "--ansi") as console:
        console.go_on().calm()
        assert bytes(console.raw).isascii() and console.colours <= _FEW
        console.leaves()


@pytest.mark.parametrize("term", ["xterm-256color", "screen", "linux"])
def test_without_colours_there_is_not_one_and_focus_and_state_are_seen(member: Machine, term: str) -> None:
    """https://no-color.org"""
    with member.start(NO_COLOR="1", TERM=term) as console:
        console.go_on().sees("26656").calm()
        for number in (3, 1):
            # Steps with a form: whatever has the focus says so in its text.
            console.to_step(number).calm()
            places = set()
            for _ in range(4):
                console.changes("tab").calm(0.1)
                places.add(console.focus)
            assert len(places) > 2
        console.key("ctrl+o").sees("What it needs")
        assert "begun" in console.screen.text and "open" in console.screen.text
        assert console.colours == set()
        console.leaves()


def test_the_mouse_is_left_to_the_terminal_unless_asked_for(member: Machine) -> None:
    wanted = re.compile(rb"\x1b\[\?([0-9;]*;)?(9|1000|1001|1002|1003|1005|1006|1015|1016)(;[0-9;]*)?h")
    with member.start() as console:
        console.go_on()
        assert not wanted.search(bytes(console.raw))
        console.leaves()
    with member.start("--mouse") as console:
        console.go_on()
        assert wanted.search(bytes(console.raw))
        console.leaves()


@pytest.mark.parametrize(
    "environ",
    [
        {"LANG": "C", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "LANG": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii:surrogateescape"},
    ],
)
def test_a_locale_that_is_not_utf_8_is_refused_with_the_one_to_set(member: Machine, environ: dict[str, str]) -> None:
    with member.start(size=(80, 24), **environ) as console:
        console.ends(2)
        assert "LC_ALL=C.UTF-8 quorate" in console.screen.text
        assert b"\x1b" not in console.raw and bytes(console.raw).isascii()


@pytest.mark.parametrize("environ", [{"LANG": "C"}, {"LC_ALL": "C", "LANG": ""}, {"LANG": "xx_XX"}])
def test_a_locale_that_python_makes_utf_8_is_fine(member: Machine, environ: dict[str, str]) -> None:
    with member.start(size=(80, 24), **environ) as console:
        console.go_on().leaves()


def test_tab_enter_and_arrows_reach_every_step(newcomer: Machine) -> None:
    """Where neither control keys nor function keys arrive."""
    newcomer.user.known(keys={}, card={"moniker": "alice", "host": "node.alice.example"})
    for number in range(1, 8):
        newcomer.user.at("card", "host")
        with newcomer.start() as console:
            console.sees("Go on", FIRST).key("home", "down")
            console.until(lambda: "Steps" in console.focus)
            console.key("enter").sees("What it needs").key("home", *["down"] * (number - 1), "enter")
            console.sees(f" {number}/7 ")
            console.leaves()


def test_arrows_alone_reach_what_tab_reaches(member: Machine) -> None:
    with member.start() as console:
        console.go_on().sees("26656").calm()
        reached = []
        for key in ("tab", "down"):
            seen = set()
            for _ in range(8):
                console.changes(key).calm(0.1)
                seen.add(console.focus.rpartition("│")[2])
            reached.append(seen)
        assert reached[0] == reached[1] and len(reached[0]) > 3
        console.leaves()


def test_every_page_that_is_opened_is_closed_by_escape(member: Machine) -> None:
    with member.start() as console:
        console.go_on().calm()
        before = console.screen.text
        for key in ("f1", "ctrl+g", "f2", "ctrl+o", "f3", "ctrl+t", "ctrl+q", "ctrl+c"):
            console.changes(key).calm()
            console.key("escape").shows(before)
        console.leaves()
