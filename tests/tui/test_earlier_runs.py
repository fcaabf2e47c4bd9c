"""Coming back to a run that was cut off, in this network, in another or in none; and to a journal that is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.apply.engine import apply, unfinished
from core.changes import WriteFile
from core.plan import Plan
from core.state import State

from .driver import User, WizardDriver
from .networks import agreed


def journal_of(wizard: WizardDriver, network: str) -> Path:
    return max((wizard.state.root / network / "journal").glob("*/events.jsonl"))


async def a_run(wizard: WizardDriver, network: str) -> Path:
    """One that wrote ``config/extra.toml``."""
    root = wizard.state.root
    state = State.of_homes(root) if network == ".homes" else State.open(root, network)
    path = wizard.home / "config" / "extra.toml"
    path.write_text("old = 1\n")
    await apply(Plan("config", (WriteFile(path, b"old = 1\n", b"new = 2\n", "to try"),)), wizard.world.at(state))
    return path


def cut_off(wizard: WizardDriver, network: str) -> None:
    events = journal_of(wizard, network)
    events.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[:-1]))


async def chosen(user: User, word: str) -> None:
    """Go to a choice of the page and take it."""
    menu = user.page.query_one("#menu")
    while f"<{word}>" not in next(line for line in user.text.splitlines() if "▸" in line):
        await user.press("down")
    assert menu is not None
    await user.press("enter")


@pytest.mark.parametrize("network", ["harbour", "other", ".homes"])
@pytest.mark.parametrize("word", ["Finish", "Undo", "Give up"])
async def test_p3_a_run_that_was_cut_off_is_ended_from_the_first_page_after_its_diff_was_seen(
    wizard: WizardDriver, word: str, network: str
) -> None:
    agreed(wizard).at("config")
    path = await a_run(wizard, network)
    cut_off(wizard, network)
    if word == "Finish":
        path.write_text("old = 1\n")
    before = path.read_text()
    async with wizard.open() as user:
        if network == "other":
            await user.press("enter")
        user.sees("Welcome back", "<Finish>", "<Undo>", "<Give up>", "which was cut off").sees_not("half written")
        await chosen(user, word)
        user.sees(f"{word} the run of 2026-11-21 12:00 UTC? Nothing is written yet.", "config/extra.toml")
        user.sees("keep " if word == "Give up" else "- old = 1" if word == "Finish" else "+ old = 1")
        assert path.read_text() == before
        await user.press("escape")
        user.sees("Welcome back")
        assert len(unfinished(wizard.world.at(wizard.state))) == 1 and path.read_text() == before
        await chosen(user, word)
        await user.press("ctrl+n")
        user.sees({"Finish": "Done, and read back.", "Undo": "Undone, and read back.", "Give up": "Welcome back"}[word])
    assert unfinished(wizard.world.at(wizard.state)) == ()
    assert path.read_text() == ("old = 1\n" if word == "Undo" else "new = 2\n")


async def test_a_run_that_cannot_be_undone_any_more_says_why_and_can_be_given_up(wizard: WizardDriver) -> None:
    agreed(wizard).at("config")
    path = await a_run(wizard, ".homes")
    cut_off(wizard, ".homes")
    path.write_text("by hand\n")
    async with wizard.open() as user:
        await chosen(user, "Undo")
        user.sees("It was not done.", "is neither as it was")
        await user.press("escape")
        await chosen(user, "Give up")
        user.sees("changed by others since")
        await user.press("ctrl+n")
        user.sees("Welcome back").sees_not("<Finish>")
    assert path.read_text() == "by hand\n"


@pytest.mark.parametrize("network", ["harbour", ".homes"])
async def test_a_damaged_journal_is_told_whole_and_left_where_it_is(wizard: WizardDriver, network: str) -> None:
    agreed(wizard).at("config")
    await a_run(wizard, network)
    events = journal_of(wizard, network)
    events.write_bytes(b"")
    async with wizard.open() as user:
        user.sees("Welcome back", "is damaged", "events.jsonl is empty", "0.before", "set it aside: `mv ")
        assert events.parent.name in user.text
    assert events.exists() and (events.parent / "0.before").read_bytes() == b"old = 1\n"
