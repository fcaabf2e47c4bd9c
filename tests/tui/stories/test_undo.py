"""A member applies, regrets, and takes it back: every byte is as it was."""

from __future__ import annotations

from pathlib import Path

from core.apply import receipts
from tests.tui.driver import User, WizardDriver, every_file
from tests.tui.networks import INIT, MISTAKES, agreed


def config_of(wizard: WizardDriver) -> Path:
    return wizard.home / "config" / "config.toml"


async def applied(user: User) -> User:
    await user.press("ctrl+n", "ctrl+n")
    return user.sees("Done, and read back.")


async def taken_back(user: User) -> User:
    """From the receipt: see first what comes back, then say so."""
    user.app.frame.set_focus(user.page.query_one("#ways"))
    await user.press("enter")
    user.sees("This is taken back, the last first:")
    await user.press("right", "enter")
    return user


async def test_config_is_applied_and_undone_byte_for_byte(wizard: WizardDriver) -> None:
    agreed(wizard, MISTAKES)
    before = every_file(wizard.home)
    async with wizard.open("config") as user:
        await applied(user)
        assert every_file(wizard.home) != before
        await taken_back(user)
        user.sees("Taken back, and read back.")
        assert every_file(wizard.home) == before
        await user.press("ctrl+n")
        user.sees("7/7 Config", "See what will be done: write 1 file", "✗ p2p.peristent_peers")
    assert [receipt.undone for receipt in receipts(wizard.world.at(wizard.state))] == [True]


async def test_a_file_that_was_not_there_is_gone_again(wizard: WizardDriver) -> None:
    agreed(wizard, None)
    before = every_file(wizard.home)
    async with wizard.open("config") as user:
        await applied(user)
        assert config_of(wizard).exists()
        await taken_back(user)
    assert every_file(wizard.home) == before


async def test_an_undo_looks_first_and_staying_is_what_enter_does(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await applied(user)
        after = every_file(wizard.home)
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("enter")
        user.sees("This is taken back, the last first:")
        await user.press("enter")
        user.sees("Done, and read back.")
        assert every_file(wizard.home) == after


async def test_what_somebody_else_has_changed_since_is_left_alone(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await applied(user)
        config_of(wizard).write_bytes(config_of(wizard).read_bytes() + b"# by hand\n")
        by_hand = every_file(wizard.home)
        await taken_back(user)
        user.sees("It was not done.", "config.toml")
        assert user.action.startswith("FIX")
        assert every_file(wizard.home) == by_hand


async def test_done_undone_and_done_again_is_the_same_file(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await applied(user)
        first = config_of(wizard).read_bytes()
        await taken_back(user)
        assert config_of(wizard).read_bytes() == INIT
        await user.press("ctrl+n")
        await applied(user)
        assert config_of(wizard).read_bytes() == first


async def test_esc_while_nothing_is_applied_yet_writes_nothing(wizard: WizardDriver) -> None:
    agreed(wizard)
    before = every_file(wizard.home)
    async with wizard.open("config") as user:
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.")
        await user.press("escape")
        user.sees("7/7 Config", "Will be")
    assert every_file(wizard.home) == before and not receipts(wizard.world.at(wizard.state))


async def test_what_a_node_has_run_with_is_left_in_its_home(wizard: WizardDriver) -> None:
    agreed(wizard, None)
    async with wizard.open("config") as user:
        await applied(user)
        (wizard.home / "data" / "state.db").mkdir(parents=True)
        run = every_file(wizard.home)
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("enter")
        user.sees("This is taken back, the last first:", "remove ")
        await user.press("right", "enter")
        user.sees("It was not done.", "a node has run in")
        assert user.action.startswith("FIX")
        assert every_file(wizard.home) == run
