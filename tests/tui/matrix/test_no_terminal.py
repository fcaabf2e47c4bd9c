"""Where it can not be drawn: it says what to do instead, ends with 2, and writes no escape sequence."""

from __future__ import annotations

import os
import subprocess

import pytest

from .console import Machine


def _piped(machine: Machine, stdin: int, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(machine.made.program("quorate")), *words],
        env=machine.environ(**environ),
        cwd=machine.user.folder,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def _said(text: str) -> None:
    assert "quorate --help" in text and "\x1b" not in text and len(text.splitlines()) <= 6, text


def test_without_any_terminal(newcomer: Machine) -> None:
    ended = _piped(newcomer, subprocess.DEVNULL)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "ssh -t" in ended.stderr
    _said(ended.stderr)
    assert not newcomer.user.root.exists(), "nothing is written"


def test_a_pipe_that_stays_open_is_not_waited_for(newcomer: Machine) -> None:
    reading, writing = os.pipe()
    try:
        ended = _piped(newcomer, reading)
    finally:
        os.close(reading)
        os.close(writing)
    assert ended.returncode == 2
    _said(ended.stderr)


@pytest.mark.parametrize("redirected", ["< /dev/null", "< file", "> out", "2> out", "> out 2>&1", "< file > out 2>&1"])
def test_one_of_the_three_is_no_terminal(newcomer: Machine, redirected: str) -> None:
    (newcomer.user.folder / "file").write_text("yes\n")
    with newcomer.shell(f'"$QUORATE" {redirected}; echo "status $?"') as console:
        console.ends(0)
        out = newcomer.user.folder / "out"
        text = console.raw.decode() + (out.read_text() if out.exists() else "")
    assert "status 2" in text
    _said(text)


def test_closed_streams_are_no_terminal(newcomer: Machine) -> None:
    for closed in ("<&-", ">&-", "2>&-"):
        with newcomer.shell(f'"$QUORATE" {closed}; echo "status $?"') as console:
            console.ends(0)
            assert "status 2" in console.screen.text and b"\x1b" not in console.raw
            assert "Traceback" not in console.screen.text


@pytest.mark.parametrize(("term", "told"), [("dumb", "TERM is dumb"), ("", "TERM is not set"), ("unknown", "unknown")])
def test_a_terminal_that_can_not_move_its_cursor(newcomer: Machine, term: str, told: str) -> None:
    with newcomer.start(TERM=term) as console:
        console.ends(2)
        assert told in console.screen.text
        _said(console.raw.decode())


@pytest.mark.parametrize("size", [(59, 20), (60, 19), (40, 12), (1, 1)])
def test_a_window_that_is_too_small_is_told_its_size(newcomer: Machine, size: tuple[int, int]) -> None:
    with newcomer.start(size=size) as console:
        console.ends(2)
        raw = console.raw.decode()
        assert f"{size[0]}x{size[1]}" in raw and "60x20" in raw
        _said(raw)


def test_words_that_it_does_not_know_are_no_reason_to_draw(newcomer: Machine) -> None:
    with newcomer.start("--nope") as console:
        console.ends(2)
        assert b"\x1b" not in console.raw
