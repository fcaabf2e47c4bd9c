"""However it ends: the terminal is sane, what was typed is kept, the status is true, nothing spins or stays."""

from __future__ import annotations

import os
import signal
import time

import pytest

from .console import FIRST, Console, Machine, slow_programs


def _typed(machine: Machine) -> str:
    return machine.user.state.local.answers["card"]["host"]


def _at_work(machine: Machine) -> Console:
    """At the card, with something typed in a field that was not left."""
    return machine.start().go_on().sees("26656").key("end", "s", "h").sees("node.alice.examplesh")


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)],
)
def test_a_signal_keeps_what_is_typed_and_ends_with_its_status(
    member: Machine, number: signal.Signals, status: int
) -> None:
    with _at_work(member) as console:
        console.signal(number)
        console.ends(status)
    assert _typed(member) == "node.alice.examplesh"


@pytest.mark.parametrize("keys", [("ctrl+t",), ("f1",), ("ctrl+o",), ("ctrl+n",), ("ctrl+q",)])
def test_a_signal_on_an_opened_page(member: Machine, keys: tuple[str, ...]) -> None:
    with _at_work(member) as console:
        console.key(*keys).calm()
        console.signal(signal.SIGTERM)
        console.ends(143)
    assert _typed(member) == "node.alice.examplesh"


def test_a_signal_at_any_moment_of_the_start_leaves_a_sane_terminal(member: Machine) -> None:
    """Also between the first byte and the first screen."""
    for wanted in (b"\x1b[?1049h", b"\x1b[?2004h", b"\x1b[?7l", b"\x1b[2J"):
        with member.start() as console:
            console.writes(wanted)
            console.signal(signal.SIGTERM)
            status = console.end(20)
            assert status in (143, -signal.SIGTERM), console.screen.text
            console.is_as_before()


def test_two_signals_at_once_are_one(member: Machine) -> None:
    with _at_work(member) as console:
        console.signal(signal.SIGTERM)
        console.signal(signal.SIGTERM)
        console.signal(signal.SIGHUP)
        assert console.end(20) in (143, 129)
    assert _typed(member) == "node.alice.examplesh"


def test_a_closed_terminal_ends_it_and_keeps_what_is_typed(member: Machine) -> None:
    with _at_work(member) as console:
        console.hang_up()
        assert console.process.wait(10) == 129
        assert console.leftovers() == []
    assert _typed(member) == "node.alice.examplesh"


def test_a_closed_terminal_ends_it_also_where_the_signal_is_ignored(member: Machine) -> None:
    """``nohup``, ``trap '' HUP``, and terminals that are taken away without one: the end of input is enough."""
    with member.shell("trap '' HUP; exec \"$QUORATE\"") as console:
        console.go_on().sees("26656").key("end", "s", "h").sees("node.alice.examplesh")
        used = console.cpu()
        console.hang_up()
        begun = time.perf_counter()
        until = begun + 10
        while console.process.poll() is None and time.perf_counter() < until:
            used = max(used, _cpu(console, used))
            time.sleep(0.01)
        assert console.process.poll() == 129
        assert console.leftovers() == []
    assert _typed(member) == "node.alice.examplesh"


def _cpu(console: Console, known: float) -> float:
    try:
        return console.cpu()
    except (OSError, IndexError):
        return known


def test_a_closed_terminal_ends_what_it_had_started(member: Machine) -> None:
    with member.start(PATH=slow_programs(member.user.folder)) as console:
        console.sees("Go on", FIRST).until(console.leftovers)
        console.hang_up()
        assert console.process.wait(10) == 129
        console.until(lambda: not console.leftovers())


def test_it_is_stopped_and_goes_on(member: Machine) -> None:
    with _at_work(member) as console:
        for _ in range(3):
            before = console.calm()
            console.signal(signal.SIGTSTP)
            console.until(lambda: console.is_stopped)
            console.calm(0.1)
            console.is_as_before()
            used = console.cpu()
            console.signal(signal.SIGCONT)
            console.shows(before)
            assert "1049" in console.screen.modes and console.cpu() - used < 5
            console.changes("z")
        console.leaves()
    assert _typed(member).endswith("shzzz")


def test_the_shell_stops_it_and_brings_it_back(member: Machine) -> None:
    """Job control as a shell does it: stop, prompt, ``fg``."""
    words = (
        'set -m; "$QUORATE"; echo "stopped with $?"; stty -a | grep -q " icanon" && echo cooked; fg; echo "ended $?"'
    )
    with member.shell(words, "/bin/bash") as console:
        console.go_on().sees("26656").key("end", "s", "h").sees("node.alice.examplesh")
        (child,) = _children(console.process.pid)
        os.kill(child, signal.SIGTSTP)
        console.until(lambda: b"stopped with" in console.raw and b"cooked" in console.raw)
        console.sees("node.alice.examplesh").key("z").sees("node.alice.exampleshz")
        console.key("ctrl+q").sees("Leave?").key("enter")
        console.ends(0)
        assert b"ended 0" in console.raw
    assert _typed(member) == "node.alice.exampleshz"


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return [int(one) for one in listed.read().split()]


def test_the_key_that_stops_programs_elsewhere_does_nothing(member: Machine) -> None:
    with _at_work(member) as console:
        before = console.calm()
        console.key("ctrl+z", "ctrl+s", "ctrl+d")
        console.calm()
        assert not console.is_stopped
        assert "node.alice.examplesh" in before and "node.alice.examplesh" in console.screen.text
        console.leaves()


def test_a_stray_sigcont_changes_nothing(member: Machine) -> None:
    with _at_work(member) as console:
        before = console.calm()
        for _ in range(3):
            console.signal(signal.SIGCONT)
        assert console.calm() == before
        console.key("z").sees("node.alice.exampleshz")
        console.leaves()


def test_a_terminal_that_takes_nothing_any_more_is_not_waited_for(member: Machine) -> None:
    with _at_work(member) as console:
        for _ in range(400):
            console.send(b"\t\x0c")
        console.signal(signal.SIGTERM)
        assert console.process.wait(30) in (143, -signal.SIGTERM)
    assert _typed(member) == "node.alice.examplesh"


def test_leaving_says_zero(newcomer: Machine) -> None:
    with newcomer.start() as console:
        console.sees(FIRST).leaves()
    assert not newcomer.user.root.exists(), "nothing was said, so nothing is written"
