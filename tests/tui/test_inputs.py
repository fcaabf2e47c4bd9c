"""Keys that come faster than the screen go where those before them have led, and act on nothing that is unseen."""

from __future__ import annotations

import time

import pytest

from tui.inputs import READING

from .driver import WizardDriver
from .terminal import KEYS
from .test_terminal import go_on, leave, start

DROPPED = "Keys typed ahead were dropped."


@pytest.fixture
def known(wizard: WizardDriver) -> WizardDriver:
    """A member whose card is filled in."""
    return wizard.with_home().known(card={"moniker": "alice", "host": "node.alice.example"}).at("card", "host")


def burst(*keys: str) -> bytes:
    """Keys by their names, as a line delivers them that was stalled."""
    return "".join(KEYS.get(key, key) for key in keys).encode()


def card(known: WizardDriver) -> dict[str, str]:
    return dict(known.state.local.answers["card"])


def test_text_and_tab_at_once_fill_two_fields(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.press("shift+tab", "end")
        terminal.send(burst("ctrl+u", "erin", "tab", "ctrl+u", "10.0.0.5"))
        terminal.wait_for("[ 10.0.0.5 ")
        assert "[ erin " in terminal.screen.text
        leave(terminal)
    assert (card(known)["moniker"], card(known)["host"]) == ("erin", "10.0.0.5")


def test_text_goes_to_the_page_that_the_keys_before_it_have_opened(known: WizardDriver) -> None:
    """Keys and step are left, and entered again, before anything is typed."""
    with start(known) as terminal:
        go_on(terminal)
        terminal.send(burst("ctrl+p", "ctrl+n", "tab", "tab", "end", ".org"))
        terminal.wait_for("node.alice.example.org")
        leave(terminal)
    assert card(known)["moniker"] == "alice"


@pytest.mark.parametrize("keys", [("ctrl+q",) * 2 + ("ctrl+o",), ("ctrl+q", "enter", "ctrl+n"), ("ctrl+c",) * 9])
def test_leaving_in_a_burst_is_leaving(known: WizardDriver, keys: tuple[str, ...]) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.send(burst(*keys))
        assert terminal.end() == 0
        assert b"Error" not in terminal.raw
        assert terminal.is_sane()


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.2])
def test_next_pressed_again_and_again_signs_nothing(known: WizardDriver, pause: float) -> None:
    with start(known) as terminal:
        go_on(terminal)
        for _ in range(6):
            terminal.send(burst("ctrl+n"))
            terminal.settle(pause, pause) if pause else None
        terminal.wait_for(DROPPED)
        assert "^N does it now: Apply: sign the card." in terminal.screen.lines[22]
        assert known.state.documents() == ()
        terminal.press("ctrl+n")
        terminal.wait_for("read back")
        leave(terminal)
    assert len(known.state.documents()) == 1


def test_a_burst_is_dropped_to_its_end(known: WizardDriver) -> None:
    """What follows the key that was dropped was meant for what that key would have led to."""
    with start(known) as terminal:
        go_on(terminal)
        terminal.send(burst("ctrl+n", "ctrl+n", "escape", "tab", "x", "ctrl+q", "enter"))
        terminal.wait_for(DROPPED)
        terminal.settle(READING)
        assert "Nothing is written yet." in terminal.screen.text
        terminal.press("down")
        assert DROPPED not in terminal.screen.text
        leave(terminal)
    assert known.state.documents() == ()


def test_a_terminal_that_takes_nothing_has_shown_nothing(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.stall()
        terminal.send(burst("ctrl+n"))
        for _ in range(3):
            time.sleep(READING + 0.2)
            terminal.send(burst("ctrl+n"))
        time.sleep(0.3)
        terminal.stall(False)
        terminal.wait_for(DROPPED)
        assert known.state.documents() == ()
        terminal.press("ctrl+n")
        terminal.wait_for("read back")
        leave(terminal)
