"""Nothing is written and next to nothing computed while nobody does anything; leaving takes no time."""

from __future__ import annotations

import time

from tests.builders import a_card, moniker

from .console import FIRST, Console, Machine, slow_programs

_IDLE = 3.0


def _watched(console: Console, seconds: float) -> tuple[int, float]:
    """Bytes that came, and seconds of processor that were used."""
    before, used = len(console.raw), console.cpu()
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        console.read(left)
    return len(console.raw) - before, console.cpu() - used


def test_nothing_is_written_while_nobody_does_anything(member: Machine) -> None:
    with member.start() as console:
        console.sees("Go on", FIRST).calm(0.6)
        count, used = _watched(console, _IDLE)
        assert count == 0 and used < 0.1 * _IDLE
        console.go_on()
        for number in range(1, 8):
            console.to_step(number).calm(0.5)
            assert _watched(console, 0.7)[0] == 0, console.screen.text
        console.leaves()


def test_nothing_is_written_on_a_page_that_was_opened(member: Machine) -> None:
    with member.start() as console:
        console.go_on().sees("26656")
        for key in ("f1", "ctrl+t", "ctrl+o", "ctrl+n"):
            console.changes(key).calm(0.5)
            assert _watched(console, 0.7)[0] == 0, console.screen.text
            console.key("escape").sees("26656")
        console.leaves()


def test_leaving_takes_at_most_half_a_second_while_work_runs(member: Machine) -> None:
    """The best of three: this machine may have other things to do."""
    path = slow_programs(member.user.folder)
    took = []
    for _ in range(3):
        with member.start(PATH=path) as console:
            console.sees("Go on", FIRST)
            console.until(console.leftovers)
            took.append(_leaving(console))
            assert console.leftovers() == []
    assert min(took) <= 0.5, took


def test_leaving_takes_at_most_half_a_second_while_everything_is_being_read(member: Machine) -> None:
    member.user.state.add(tuple(a_card(moniker(number), network="harbour") for number in range(1000)))
    took = []
    for _ in range(3):
        with member.start() as console:
            console.sees("Go on", FIRST)
            took.append(_leaving(console))
    assert min(took) <= 0.5, took


def _leaving(console: Console) -> float:
    """Seconds from the key that says so to the end."""
    console.send(b"\x11")
    begun = time.perf_counter()
    console.sees("Leave?")
    waited = time.perf_counter() - begun
    console.send(b"\r")
    begun = time.perf_counter()
    assert console.end(20) == 0
    took = waited + time.perf_counter() - begun
    console.is_as_before()
    return took
