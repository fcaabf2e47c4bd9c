"""The line is cut, at every step: the next start goes on at the same field, with all that was typed.

Killed here means killed: nothing of the wizard's own leaving runs, as with kill -9 or a power cut.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.steps import IDS, step
from tests.tui.driver import User, WizardDriver
from tests.tui.networks import agreed
from tui.app import Wizard
from tui.screens.step.page import StepPage

CARD = {"moniker": "alice", "host": "node.alice.example", "port": "26656"}


@asynccontextmanager
async def until_it_is_killed(wizard: WizardDriver, at: str = "") -> AsyncIterator[User]:
    """A wizard that has no chance to keep anything at its end."""
    async with wizard.open(at) as user:
        yield user
        await user.pilot.pause(0.6)
        user.app.save = lambda: None  # type: ignore[method-assign]
        for page in user.app.frame.pages:
            page.left = lambda: None  # type: ignore[method-assign]


@asynccontextmanager
async def come_back(wizard: WizardDriver) -> AsyncIterator[User]:
    async with wizard.open() as user:
        user.sees("Go on")
        await user.press("enter")
        yield user


def focused_field(user: User) -> str:
    assert isinstance(user.page, StepPage), type(user.page)
    return user.page.field_here()


def declared_fields_that_are_shown(user: User) -> list[str]:
    assert isinstance(user.page, StepPage)
    declared = {field.name for field in user.page.step.fields}
    return [str(question.name) for question in user.page.questions if question.name in declared]


async def test_a_card_half_typed_comes_back_to_the_letter(wizard: WizardDriver) -> None:
    agreed(wizard).known(card={"moniker": "alice"})
    async with until_it_is_killed(wizard, "card") as user:
        user.focus("host")
        await user.press("end", "ctrl+u")
        await user.type("node.alice.ex")
    assert wizard.state.local.answers["card"]["host"] == "node.alice.ex"
    async with come_back(wizard) as user:
        assert focused_field(user) == "host"
        user.sees("3/7 Card", "[ node.alice.ex ")
        await user.press("end")
        await user.type("ample")
        user.sees("node.alice.example")


async def test_at_the_keys_a_word_that_counts_once_is_asked_for_again(wizard: WizardDriver) -> None:
    agreed(wizard)
    (wizard.home / "data" / "priv_validator_state.json").unlink()
    async with until_it_is_killed(wizard, "keys") as user:
        user.focus("sign_state")
        await user.press("right")
    async with come_back(wizard) as user:
        assert focused_field(user) == "sign_state"
        user.sees("2/7 Keys", "(●) leave it")


async def test_config_comes_back_to_the_field_with_what_was_chosen(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with until_it_is_killed(wizard, "config") as user:
        user.app.frame.set_focus(user.page.query_one("#members"))
        await user.press("enter")
        user.focus("send_rate")
        await user.press("end", "ctrl+u")
        await user.type("5120")
    said = wizard.state.local.answers["config"]
    assert said["send_rate"] == "5120" and said["peers"].count(",") == 1
    async with come_back(wizard) as user:
        assert focused_field(user) == "send_rate"
        user.sees("[ 5120 ", "5 kB/s")


@pytest.mark.parametrize("step_id", IDS)
async def test_the_first_and_the_last_field_of_every_step_are_come_back_to(wizard: WizardDriver, step_id: str) -> None:
    agreed(wizard).known(card=CARD)
    async with wizard.open(step_id) as user:
        fields = declared_fields_that_are_shown(user)
    for name in dict.fromkeys((*fields[:1], *fields[-1:])):
        async with until_it_is_killed(wizard, step_id) as user:
            user.focus(name)
            await user.settle()
        async with come_back(wizard) as user:
            assert isinstance(user.page, StepPage) and user.page.step_id == step_id
            assert focused_field(user) == name, user.text
    assert wizard.state.local.step == step_id or not fields


@pytest.mark.parametrize("step_id", IDS)
async def test_a_step_that_only_shows_is_come_back_to(wizard: WizardDriver, step_id: str) -> None:
    agreed(wizard).known(card=CARD)
    async with until_it_is_killed(wizard, step_id) as user:
        await user.press("tab", "tab")
    async with come_back(wizard) as user:
        user.sees(f"{IDS.index(step_id) + 1}/7 {step(step_id).title}")


async def test_cut_off_in_the_preview_nothing_was_written(wizard: WizardDriver) -> None:
    agreed(wizard)
    before = (wizard.home / "config" / "config.toml").read_bytes()
    async with until_it_is_killed(wizard, "config") as user:
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.")
    assert (wizard.home / "config" / "config.toml").read_bytes() == before
    async with come_back(wizard) as user:
        user.sees("7/7 Config", "See what will be done: write 1 file")


async def test_cut_off_at_the_receipt_it_is_done_and_can_be_undone_later(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with until_it_is_killed(wizard, "config") as user:
        await user.press("ctrl+n", "ctrl+n")
        user.sees("Done, and read back.")
    async with come_back(wizard) as user:
        user.sees("7/7 Config", "Nothing to change.")


def test_the_driver_kills_as_said() -> None:
    """What is overridden above is what the wizard keeps by at its end."""
    assert callable(Wizard.save) and callable(StepPage.left)
