"""Commands that run while a wizard is open: what either of them says is kept, and neither writes over the other."""

from __future__ import annotations

import asyncio

import pytest

from core.finding import Refusal
from core.network.heard import heard
from tests.core.cli.program import Operator, Ran

from .agreements import hears_the_same, member, record_here
from .cards import came, gathered, node
from .driver import WizardDriver
from .test_terminal import go_on, leave, start, until


def beside(wizard: WizardDriver) -> Operator:
    """Somebody at a second terminal, with the same state."""
    return Operator(wizard.folder, {"QUORATE_STATE": str(wizard.root), "HOME": str(wizard.folder)})


async def run(wizard: WizardDriver, *words: str) -> Ran:
    ran = await asyncio.to_thread(beside(wizard).json, *words)
    assert ran.code == 0, (ran.text, ran.talk)
    return ran


async def run_with_findings(wizard: WizardDriver, *words: str) -> Ran:
    return await asyncio.to_thread(beside(wizard).json, *words)


async def test_decisions_of_the_wizard_and_of_commands_are_both_kept(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"), came("carol"))
    async with wizard.open("peers") as user:
        await user.press("enter")
        user.sees("bob's card.")
        await user.press("ctrl+n", "right", "enter")
        user.sees("How did you compare?")
        await run(wizard, "peers", "refuse", "carol", "--reason", "not known")
        await run(wizard, "peers", "expect", "alice", "bob")
        await user.press("enter")
        user.sees("approved", "refused: not known")
        user.app.save()
    local = wizard.state.local
    assert {name: local.decisions[node(name)].verdict for name in ("bob", "carol")} == {
        "bob": "approve",
        "carol": "refuse",
    }
    assert local.expected == ("alice", "bob")


async def test_a_decision_that_a_command_made_while_the_member_page_is_open_is_shown_and_kept(
    wizard: WizardDriver,
) -> None:
    await gathered(wizard, came("bob"), came("carol"))
    async with wizard.open("peers") as user:
        await user.press("enter")
        user.sees("bob's card.")
        await user.press("ctrl+n", "right", "enter")
        user.sees("How did you compare?")
        await run(wizard, "peers", "refuse", "bob", "--reason", "by command")
        await user.press("enter")
        user.sees("bob's card.", "refused: by command", "nothing was written")
        assert wizard.state.local.decisions[node("bob")].verdict == "refuse"
        # Who has seen it can decide otherwise.
        await user.press("ctrl+n", "right", "enter", "enter")
        user.sees("approved")
    assert wizard.state.local.decisions[node("bob")].verdict == "approve"


async def test_whom_a_command_expects_is_not_replaced_by_a_list_that_was_shown_before(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"))
    async with wizard.open("peers") as user:
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("down", "down", "enter")
        user.sees("All members by moniker")
        await run(wizard, "peers", "expect", "alice", "bob", "dave")
        await user.press("enter")
        user.sees("nothing was written")
    assert wizard.state.local.expected == ("alice", "bob", "dave")


async def test_what_a_command_noted_of_the_words_is_not_replaced_by_a_page_opened_before(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n", "enter")
        user.sees("One word is hidden.")
        await run_with_findings(wizard, "network", "heard", "bob", "differs")
        await hears_the_same(user)
        user.sees("differs, ", "nothing was written")
    (word,) = heard(wizard.state.local, record_here(wizard)).values()
    assert word.word == "differs"


async def test_an_answer_that_a_command_changed_is_not_written_over_by_what_was_kept_before(
    wizard: WizardDriver,
) -> None:
    wizard.with_home().known(card={"moniker": "alice"})
    async with wizard.open("card") as user:
        await user.fill("moniker", "alicia")
        assert wizard.state.local.answers["card"]["moniker"] == "alicia"
        said = ("card", "--set", "moniker=alison", "--set", "host=a.example")
        digest = str((await run(wizard, "plan", *said)).json["digest"])
        await run(wizard, "apply", *said, "--digest", digest)
        await user.fill("port", "26700")
        user.app.save()
    kept = wizard.state.local.answers["card"]
    assert (kept["moniker"], kept["host"], kept["port"]) == ("alison", "a.example", "26700")


def test_a_wizard_in_a_terminal_and_commands_keep_what_both_say(wizard: WizardDriver) -> None:
    wizard.with_home().known(card={"moniker": "alice", "host": "node.alice.example"}).at("card", "host")
    with start(wizard) as terminal:
        go_on(terminal)
        for number in range(3):
            terminal.send(b"x")
            ran = beside(wizard).json("peers", "expect", "alice", f"bob{number}")
            assert ran.code == 0, ran.text
        until(lambda: wizard.state.local.answers["card"]["host"] == "node.alice.examplexxx")
        leave(terminal)
    local = wizard.state.local
    assert local.answers["card"]["host"] == "node.alice.examplexxx" and local.expected == ("alice", "bob2")


async def test_a_network_that_was_renamed_meanwhile_is_not_made_again(wizard: WizardDriver) -> None:
    wizard.with_home().known()
    before = wizard.state
    async with wizard.open("home") as user:
        await user.fill("network", "haven")
        assert user.app.session.state is not None and user.app.session.state.network == "haven"
    with pytest.raises(Refusal) as caught:
        before.change(lambda local: local)
    assert [one.code for one in caught.value.findings] == ["state-gone"]
    assert [path.name for path in wizard.root.iterdir()] == ["haven"]
