"""Keys that come faster than the screen go where those before them have led, and act on nothing that is unseen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from textual import events

from tui.action import Action
from tui.inputs import PATIENCE, READING, _is_idle
from tui.page import Page
from tui.screens.opened.ask import Ask, AskPage
from tui.screens.opened.leave import LeavePage

from .driver import User, WizardDriver
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


def test_what_was_pasted_is_not_put_away_by_a_key_that_came_with_it(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.send(b"\x1b[200~one\x1b[2J\rtwo\x1b\x0e\x1b[201~" + burst("escape", "escape"))
        terminal.wait_for(DROPPED)
        assert "one�[2J" in terminal.screen.text and "two��" in terminal.screen.text
        terminal.press("escape")
        terminal.wait_for("▸ Host")
        leave(terminal)
    assert card(known)["host"] == "node.alice.example"


# What the keys before have started


class Slow(Page):
    """^N leads to a question, as soon as ``ready`` is set; in the background or not."""

    def __init__(self, ready: asyncio.Event, *, background: bool) -> None:
        super().__init__()
        self._ready, self._background = ready, background

    async def next(self) -> None:
        if self._background:
            self.run_worker(self._lead())
        else:
            await self._lead()

    async def _lead(self) -> None:
        await self._ready.wait()

        async def done(value: str) -> None:
            raise AssertionError

        await self.frame.swap(AskPage(Ask("Why", "Why?", "Reason", "", "Say it", "A reason."), done), self)


def type_ahead(user: User, *keys: str) -> None:
    for key in keys:
        user.app.post_message(events.Key(key, key if len(key) == 1 else None))


async def until(told: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not told():
        assert time.monotonic() < end
        await pause()


async def pause() -> None:
    await asyncio.sleep(0.02)


@pytest.mark.parametrize("background", [False, True])
async def test_keys_wait_for_the_page_that_those_before_them_lead_to(wizard: WizardDriver, background: bool) -> None:
    ready = asyncio.Event()
    async with wizard.open(page=Slow(ready, background=background)) as user:
        type_ahead(user, "ctrl+n", "a", "tab", "shift+tab", "b")
        await asyncio.sleep(PATIENCE / 3)
        ready.set()
        await until(lambda: isinstance(user.page, AskPage) and user.page.value == "ab")


async def test_a_handler_that_does_not_end_keeps_nobody_from_leaving(wizard: WizardDriver) -> None:
    async with wizard.open(page=Slow(asyncio.Event(), background=False)) as user:
        type_ahead(user, "ctrl+n", "x", "ctrl+q")
        await until(lambda: isinstance(user.page, LeavePage))
        type_ahead(user, "right", "left", "enter")
        await until(lambda: not user.app.is_running)


async def test_work_that_takes_long_keeps_no_key_and_drops_what_was_typed_ahead_of_it(wizard: WizardDriver) -> None:
    async with wizard.open(page=Slow(asyncio.Event(), background=False)) as user:
        page = user.page
        page.run_worker(asyncio.Event().wait())
        user.app.inputs.unseen()
        type_ahead(user, "x", "y")
        await until(lambda: DROPPED in user.text)
        type_ahead(user, "f1")
        await until(lambda: user.page is not page)
        type_ahead(user, "escape", "ctrl+q")
        await until(lambda: isinstance(user.page, LeavePage))
        type_ahead(user, "ctrl+q")
        await until(lambda: not user.app.is_running)


async def test_a_change_that_no_key_has_made_has_to_be_read_first(wizard: WizardDriver) -> None:
    """What the menu of a start is about to do changes when the first look has found a run that was cut off."""
    async with wizard.open(page=Slow(asyncio.Event(), background=False)) as user:
        assert user.app.inputs.seen
        user.page.action = lambda: Action("NEXT", "Sign something", acts=True)  # type: ignore[method-assign]
        user.page.told()
        assert not user.app.inputs.seen
        type_ahead(user, "ctrl+n")
        await until(lambda: f"{DROPPED} ^N does it now: Sign something" in user.text)


async def test_the_private_names_of_textual_say_which_widget_is_idle(wizard: WizardDriver) -> None:
    async with wizard.with_home().known().open("keys") as user:
        pumps = [user.app, *user.app.frame.walk_children(with_self=True)]
        assert [pump for pump in pumps if not _is_idle(pump)] == []
        user.page.call_later(asyncio.sleep, 0.2)
        for _ in range(5):
            assert not _is_idle(user.page)
            await asyncio.sleep(0.01)
        await until(lambda: _is_idle(user.page))
