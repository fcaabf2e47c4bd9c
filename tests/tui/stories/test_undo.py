"""A member applies, regrets, and undoes it, after seeing what that changes: every byte is as it was."""

from __future__ import annotations

from pathlib import Path

from core.apply.engine import receipts
from tests.tui.driver import User, WizardDriver, every_file
from tests.tui.networks import INIT, MISTAKES, agreed


def config_of(wizard: WizardDriver) -> Path:
    return wizard.home / "config" / "config.toml"


async def applied(user: User) -> User:
    await user.press("ctrl+n", "ctrl+n")
    return user.sees("Done, and read back.")


async def looked_at(user: User) -> User:
    """From the receipt: what an undo would change."""
    user.app.frame.set_focus(user.page.query_one("#ways"))
    await user.press("enter")
    return user.sees("Undo the run of ", "Nothing is written yet.")


async def undone(user: User) -> User:
    await looked_at(user)
    await user.press("ctrl+n")
    return user


async def test_config_is_applied_and_undone_byte_for_byte(wizard: WizardDriver) -> None:
    agreed(wizard, MISTAKES)
    before = every_file(wizard.home)
    async with wizard.open("config") as user:
        await applied(user)
        assert every_file(wizard.home) != before
        await undone(user)
        user.sees("Undone, and read back.")
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
        await undone(user)
    assert every_file(wizard.home) == before


async def test_an_undo_shows_its_diff_first_and_enter_does_nothing(wizard: WizardDriver) -> None:
    agreed(wizard, MISTAKES)
    async with wizard.open("config") as user:
        await applied(user)
        after = every_file(wizard.home)
        await looked_at(user)
        user.sees("config/config.toml", '- moniker = "alice"', '+ moniker = "machine-7"', "write 1 file", "^N undo")
        await user.press("enter")
        assert every_file(wizard.home) == after
        await user.press("escape")
        user.sees("Done, and read back.")
        assert every_file(wizard.home) == after


async def test_what_changed_while_the_undo_was_looked_at_is_not_undone_unseen(wizard: WizardDriver) -> None:
    agreed(wizard, MISTAKES)
    before = config_of(wizard).read_bytes()
    async with wizard.open("config") as user:
        await applied(user)
        await looked_at(user)
        config_of(wizard).write_bytes(before)
        await user.press("ctrl+n")
        user.sees("It was not done.", "something has changed since")
    assert [receipt.undone for receipt in receipts(wizard.world.at(wizard.state))] == [False]


async def test_what_somebody_else_has_changed_since_is_left_alone(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await applied(user)
        config_of(wizard).write_bytes(config_of(wizard).read_bytes() + b"# by hand\n")
        by_hand = every_file(wizard.home)
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("enter")
        user.sees("It was not done.", "config.toml")
        assert user.action.startswith("FIX")
        assert every_file(wizard.home) == by_hand


async def test_done_undone_and_done_again_is_the_same_file(wizard: WizardDriver) -> None:
    agreed(wizard)
    async with wizard.open("config") as user:
        await applied(user)
        first = config_of(wizard).read_bytes()
        await undone(user)
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
        user.sees("It was not done.", "a node has run in")
        assert user.action.startswith("FIX")
        assert every_file(wizard.home) == run
