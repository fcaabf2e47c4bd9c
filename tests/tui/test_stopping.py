"""Esc while a plan is carried out: the page stays until the work has ended, and then says what is so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import pytest
from textual import events

from core.apply.engine import receipts, unfinished
from core.world import Completed, Processes, World
from tui.inputs import READING
from tui.screens.step.preview import WorkingPage

from .driver import NETWORK, User, WizardDriver
from .test_earlier_runs import chosen, cut_off
from .test_terminal import go_on, leave, start

CARD = {"moniker": "alice", "host": "node.alice.example", "port": "26656"}


@dataclass
class Slow:
    """Programs that really run, and are waited for without end where ``holds`` says so of what they were asked."""

    inner: Processes
    holds: Callable[[bytes], bool]
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        seconds: float = 20,
    ) -> Completed:
        done = await self.inner.run(argv, stdin=stdin, environ=environ, seconds=seconds)
        if self.holds(stdin):
            self.held.set()
            await asyncio.Event().wait()
        return done

    def find(self, name: str) -> Path | None:
        return self.inner.find(name)

    def start(self, argv: Sequence[str], *, environ: Mapping[str, str] | None = None) -> NoReturn:
        raise AssertionError("no test starts one that stays")


@dataclass
class SlowDriver(WizardDriver):
    slow: Slow | None = None

    @property
    def world(self) -> World:
        world = super().world
        if self.slow is None:
            return world
        self.slow.inner = world.processes
        return replace(world, processes=self.slow)


def slowed(wizard: WizardDriver, holds: Callable[[bytes], bool]) -> tuple[SlowDriver, Slow]:
    slow = Slow(wizard.world.processes, holds)
    return SlowDriver(wizard.folder, slow=slow), slow


def while_signing(asked: bytes) -> bool:
    return b'"sign"' in asked


class AfterTheKeys:
    """What is asked once both keys were made: when all is done, and looked at again."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, asked: bytes) -> bool:
        made = self.made == 2
        self.made += b'"create"' in asked
        return made


async def working(user: User, slow: Slow) -> None:
    """Apply, and until the work is held up."""
    user.app.inputs.add(events.Key("ctrl+n", None))
    async with asyncio.timeout(20):
        await slow.held.wait()
    await asyncio.sleep(0.1)
    assert isinstance(user.page, WorkingPage)
    user.sees("Esc stop and undo")


@pytest.mark.parametrize("keys", [("escape",), ("ctrl+p",), ("escape",) * 5])
async def test_a_stop_in_time_says_that_nothing_was_signed(wizard: WizardDriver, keys: tuple[str, ...]) -> None:
    wizard.with_home().known(card=CARD)
    driver, slow = slowed(wizard, while_signing)
    async with driver.open("card") as user:
        await user.press("ctrl+n")
        await working(user, slow)
        for key in keys:
            user.app.inputs.add(events.Key(key, None))
        await user.settle()
        user.sees("Stopped.", "stopped before it was done: every file is as it was before")
        await user.press("ctrl+n")
        user.sees("3/7 Card", "See what will be done: sign the card")
    assert receipts(wizard.world.at(wizard.state)) == () and unfinished(wizard.world.at(wizard.state)) == ()


async def test_a_stop_that_comes_too_late_leads_to_the_receipt(wizard: WizardDriver) -> None:
    wizard.with_home(keys=False).known()
    driver, slow = slowed(wizard, AfterTheKeys())
    async with driver.open("keys") as user:
        await user.press("ctrl+n")
        await working(user, slow)
        slow.holds = lambda _: False
        user.app.inputs.add(events.Key("escape", None))
        await user.settle()
        user.sees("Done, and read back.", "the stop came too late", "✓   make")
        await user.press("escape")
        user.sees("2/7 Keys", "Nothing to fix.").sees_not("none yet")
    assert [run.undone for run in receipts(wizard.world.at(wizard.state))] == [False]


async def test_a_run_that_is_finished_and_stopped_stays_unfinished_and_is_said_to(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD)
    async with wizard.open("card") as user:
        await user.press("ctrl+n", "ctrl+n")
    cut_off(wizard, NETWORK)
    driver, slow = slowed(wizard, while_signing)
    async with driver.open() as user:
        await chosen(user, "Finish")
        await working(user, slow)
        user.app.inputs.add(events.Key("escape", None))
        await user.settle()
        user.sees("Stopped.", "was cut off and is unfinished")
        await user.press("escape")
        user.sees("Welcome back", "<Finish>")
    assert len(unfinished(wizard.world.at(wizard.state))) == 1


def test_through_a_terminal_two_esc_at_once_never_hide_what_has_come_of_it(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD).at("card", "host")
    with start(wizard) as terminal:
        go_on(terminal)
        terminal.press("ctrl+n")
        terminal.wait_for("Nothing is written yet.")
        terminal.settle(READING + 0.2)
        terminal.send(b"\x0e")
        for _ in range(2):
            time.sleep(0.1)
            terminal.send(b"\x1b")
        terminal.settle(3)
        assert "Stopped." in terminal.screen.text or "Done, and read back." in terminal.screen.text
        signed = bool(receipts(wizard.world.at(wizard.state)))
        assert signed is ("Done, and read back." in terminal.screen.text)
        terminal.settle(READING + 0.2)
        terminal.press("escape")
        terminal.wait_for("Go to Peers" if signed else "See what will be done: sign the card")
        leave(terminal)
