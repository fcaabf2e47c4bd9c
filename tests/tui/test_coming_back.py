"""Coming back to the wizard: what it says before and after it has looked, and where the person was."""

from __future__ import annotations

import pytest

from core.disk.lock import Lock

from .agreements import member, record_here, words_of
from .driver import WizardDriver
from .test_terminal import leave, start


async def test_a_network_that_was_occupied_is_looked_at_once_it_is_free(wizard: WizardDriver) -> None:
    await member(wizard)
    wizard.at("card")
    with Lock(wizard.state.folder, "wizard").held("wizard"):
        busy = wizard.open()
        user = await busy.__aenter__()
        user.sees("Another wizard works on this network.")
    try:
        await user.press("enter")
        user.sees("Welcome back", "Nothing to fix.").sees_not("Looking at all steps")
        await user.press("enter")
        assert "✓  1 Home" in user.text and "✓  2 Keys" in user.text and "no start yet" not in user.text
    finally:
        await busy.__aexit__(None, None, None)


async def test_all_steps_are_said_to_be_done_only_where_they_are(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("config") as user:
        session = user.app.session
        page = user.app.frame.base
        session.marks = {}
        assert page.going_on().sentence == "Look at all steps"  # type: ignore[attr-defined]
        session.marks = dict.fromkeys(("home", "keys", "card", "peers", "network", "config"), "done")
        session.marks["genesis"] = "begun"
        told = page.going_on()  # type: ignore[attr-defined]
        assert (told.tag, told.sentence) == ("NEXT", "Look at all steps: not done yet is Genesis")
        session.marks["genesis"] = "done"
        assert page.going_on().tag == "DONE"  # type: ignore[attr-defined]


@pytest.mark.parametrize("keys", [b"\x0e", b"\x0e\x0e\r", b"\x10\x12\x0f", b"\x1b[200~a\nb\x1b[201~"])
def test_what_is_typed_ahead_of_the_first_screen_ends_nothing(wizard: WizardDriver, keys: bytes) -> None:
    wizard.with_home().known(card={"moniker": "alice"}).at("card")
    with start(wizard) as terminal:
        terminal.send(keys)
        terminal.wait_for("^Q leave")
        terminal.settle(0.5)
        assert terminal.process.poll() is None, terminal.screen.text
        terminal.press("escape", "escape")
        leave(terminal)


async def test_whoever_was_typing_the_word_comes_back_to_it_and_is_told_that_it_was_not_kept(
    wizard: WizardDriver,
) -> None:
    await member(wizard)
    word = words_of(record_here(wizard))[7]
    async with wizard.open("genesis") as user:
        await user.press("ctrl+n")
        user.sees("Type word 8")
        await user.type(word[:2])
        await user.pilot.pause(0.6)
        assert (wizard.state.local.step, wizard.state.local.field) == ("genesis", "word")
    wizard.at("genesis", "word")
    async with wizard.open() as user:
        user.sees("You were at 6/7 Genesis, field word.")
        await user.press("enter")
        user.sees("Type word 8", "Nothing is signed yet.", "is not kept")
        await user.type(word)
        user.sees("See what is signed and written")
        await user.press("escape")
        user.sees("Accept: sign that you hold exactly this").sees_not("Type word 8")
        await user.press("ctrl+n")
        user.sees("Type word 8").sees_not("is not kept")
