"""Nothing that was typed is lost, and nobody works beside somebody else without knowing it."""

from __future__ import annotations

import os
import signal
import socket

from .console import FIRST, Machine


def test_after_kill_9_in_the_middle_of_typing_it_goes_on_at_the_same_letter(member: Machine) -> None:
    with member.start() as console:
        console.go_on().sees("26656").key("end", "s", "h").sees("node.alice.examplesh")
        console.calm(1.0)
        console.signal(signal.SIGKILL)
        console.process.wait(5)
    with member.start() as console:
        console.sees("3/7 Card, field host", FIRST).key("enter").sees("26656", "node.alice.examplesh").calm()
        assert console.focus.startswith("Host")
        console.leaves()


def test_after_kill_9_on_another_field_it_goes_on_there(member: Machine) -> None:
    with member.start() as console:
        console.go_on().sees("26656").changes("tab").key("end", "9").sees("266569").calm(1.0)
        console.signal(signal.SIGKILL)
        console.process.wait(5)
    with member.start() as console:
        console.sees("3/7 Card, field port", FIRST).key("enter").sees("266569").calm()
        assert console.focus.startswith("P2P port")
        console.leaves()


def test_a_lost_line_at_any_step_comes_back_to_that_step(member: Machine) -> None:
    known = 3
    for number in (1, 2, 4, 5, 6, 7):
        with member.start() as console:
            console.sees(f"You were at {known}/7", FIRST).key("enter").lacks("Where to?").to_step(number).calm(0.5)
            console.hang_up()
            assert console.process.wait(10) == 129
        known = number
    with member.start() as console:
        console.sees(f"You were at {known}/7", FIRST)


def test_a_damaged_state_is_told_and_nothing_is_written(member: Machine) -> None:
    local = member.user.state.folder / "local.json"
    local.write_bytes(local.read_bytes()[:-40])
    before = local.read_bytes()
    with member.start() as console:
        console.sees("local.json is damaged", FIRST)
        console.key("ctrl+q").calm()
        console.key("enter")
        console.ends(0)
    assert local.read_bytes() == before


def test_the_second_wizard_is_told_who_holds_the_state(member: Machine) -> None:
    with member.start() as first:
        first.go_on()
        with member.start() as second:
            second.sees("Another wizard works on this network.", f"process {first.process.pid}", socket.gethostname())
            second.changes("f1").key("escape").sees("Another wizard")
            second.leaves()
        with member.start() as second:
            second.sees("Another wizard works on this network.")
            first.key("end", "s").sees("node.alice.examples").leaves()
            second.key("enter").sees("Go on")
            second.go_on().sees("node.alice.examples").leaves()


def test_a_wizard_that_was_killed_holds_nothing(member: Machine) -> None:
    with member.start() as first:
        first.go_on()
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait(5)
    with member.start() as second:
        second.go_on().leaves()
