"""What every step has from the one generic page: look, form, preview, apply, receipt, undo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from core.card.step import CardStep
from core.finding import warning
from core.run import keep_answers
from core.step import Answers, Inspection, Progress, Report
from core.world import World

from .driver import NETWORK, WizardDriver

CARD = {"moniker": "alice", "host": "node.alice.example", "port": "26656"}


async def test_a_first_run_leads_to_keys_by_enter_and_down_alone(wizard: WizardDriver) -> None:
    wizard.with_home()
    async with wizard.open() as user:
        user.sees("Nothing is written to this machine before you have seen it.")
        assert not wizard.root.exists()
        await user.press("enter")
        user.sees("1/7 Home", "(●) Member", str(wizard.home))
        await user.type(NETWORK)
        await user.press("enter", "down", "down", "down")
        await user.press("ctrl+n")
        user.sees("2/7 Keys", "✓ node id")
    local = wizard.state.local
    assert (local.role, local.home) == ("member", str(wizard.home))


async def test_every_field_is_kept_when_it_is_left(wizard: WizardDriver) -> None:
    wizard.with_home().known()
    async with wizard.open("card") as user:
        await user.fill("moniker", "alice")
        assert wizard.state.local.answers["card"] == {"moniker": "alice"}
        user.sees("harbour · alice · member")


async def test_a_finding_about_a_field_is_the_note_at_it_and_next_goes_there(wizard: WizardDriver) -> None:
    wizard.with_home().known(card={**CARD, "port": "99999"})
    async with wizard.open("card") as user:
        user.sees("[ 99999                      ] ✗ port")
        assert user.action.startswith("FIX") and user.action.endswith("^N")
        user.app.frame.set_focus(user.app.frame.query_one("#action"))
        await user.press("enter")
        assert user.page.query_one("#findings") is not None
        assert getattr(user.app.frame.focused, "value", "") == "99999"


async def test_the_plan_follows_each_letter(wizard: WizardDriver) -> None:
    wizard.with_home().known(card={**CARD, "port": "99999"})
    async with wizard.open("card") as user:
        user.focus("port")
        await user.press("end", "backspace")
        user.sees("See what will be done: sign the card").sees_not("✗ port")


async def test_keys_are_made_shown_and_undone(wizard: WizardDriver) -> None:
    wizard.with_home(keys=False).known()
    async with wizard.open("keys") as user:
        user.sees("none yet: the plan makes it", "write 1 file, make 2 key files")
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.", "config/node_key.json", "data/priv_validator_state.json")
        await user.press("down")
        user.sees("never shown")
        assert not (wizard.home / "config" / "node_key.json").exists()
        await user.press("enter")
        assert not (wizard.home / "config" / "node_key.json").exists(), "Enter on the list applies nothing"
        await user.press("ctrl+n")
        user.sees("Done, and read back.", "✓   make")
        assert (wizard.home / "config" / "node_key.json").exists()
        await user.press("up", "enter")
        user.sees("Undo the run of ", "config/node_key.json", "stays", "keep the key file")
        await user.press("ctrl+n")
        user.sees("Undone, and read back.", "quorate neither deletes nor moves keys")
    assert (wizard.home / "config" / "node_key.json").exists()


async def test_a_signed_card_leaves_nothing_to_do_but_the_next_step(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD)
    async with wizard.open("card") as user:
        await user.press("ctrl+n", "ctrl+n")
        user.sees("Done, and read back.", "cards    1/1")
        await user.press("escape")
        user.sees("Go to Peers", "Nothing to fix.")
        await user.press("ctrl+n")
        user.sees("4/7 Peers")


async def test_what_can_not_be_done_says_why_and_leaves_all_as_it_was(wizard: WizardDriver) -> None:
    wizard.with_home(keys=False).known()
    async with wizard.open("keys") as user:
        await user.press("ctrl+n")
        make = wizard.home / "config" / "node_key.json"
        make.write_text("somebody else was quicker")
        await user.press("ctrl+n")
        user.sees("It was not done.")
        assert make.read_text() == "somebody else was quicker"
        await user.press("ctrl+n")
        user.sees("2/7 Keys")


async def test_an_opened_page_gives_back_what_was_below_it_with_its_focus(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD)
    async with wizard.open("card") as user:
        user.focus("host")
        before = (await user.settle()).text
        for opened in ("f1", "ctrl+t", "ctrl+o", "ctrl+q"):
            await user.press(opened)
            assert len(user.app.frame.pages) == 2
            await user.press("escape")
            assert user.app.frame.focused is not None and user.app.frame.focused.value == CARD["host"]  # type: ignore[attr-defined]
        assert user.text == before


async def test_a_step_back_is_always_allowed(wizard: WizardDriver) -> None:
    wizard.with_home().known(card={"moniker": ""})
    async with wizard.open("card") as user:
        assert user.action.startswith("NEXT  Fill in Moniker")
        await user.press("ctrl+n")
        assert user.action.startswith("FIX")
        await user.press("ctrl+p")
        user.sees("2/7 Keys")


async def test_a_refusal_of_inspection_is_shown_as_a_finding(wizard: WizardDriver) -> None:
    keep_answers(wizard.state, "home", {"role": "member", "network": NETWORK})
    async with wizard.open("keys") as user:
        user.sees("No node home is known, and keys are in one.", "FIX")


async def test_letters_never_act(wizard: WizardDriver) -> None:
    wizard.with_home(keys=False).known()
    async with wizard.open("keys") as user:
        await user.press("ctrl+n")
        before = user.text
        for letter in "yYnqa1 ":
            await user.pilot.press({" ": "space"}.get(letter, letter))
        await user.settle()
        assert user.text == before


async def test_several_lines_pasted_into_a_field_open_the_paste_page_whole(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD)
    async with wizard.open("card") as user:
        user.focus("moniker")
        await user.paste("one\ntwo\nthree [bold]x[/]")
        user.sees("3 lines came.", "three [bold]x[/]")
        await user.press("escape")
        user.sees("[ alice")


async def test_a_pasted_private_key_is_neither_shown_nor_kept(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD)
    secret = (wizard.home / "config" / "priv_validator_key.json").read_text().replace(",", ",\n")
    async with wizard.open("card") as user:
        await user.paste(secret)
        user.sees("A private key was in it.").sees_not("priv_key", "PrivKey")


async def test_the_command_for_it_is_told(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD)
    async with wizard.open("card") as user:
        await user.press("ctrl+n", "ctrl+t")
        user.sees("The same without the wizard:", "apply card --digest")


async def test_f1_explains_the_field_then_the_keys(wizard: WizardDriver) -> None:
    wizard.with_home().known(card={**CARD, "port": "99999"})
    async with wizard.open("card") as user:
        user.focus("port")
        await user.press("f1")
        user.sees("field Port", "What is so", "Why it matters", "How to fix it", "Esc goes back to the field Port")
        await user.press("f1")
        user.sees("Keys, the same everywhere", "PageDown more")
        before = user.text
        await user.press("down")
        user.sees_not("Keys, the same everywhere")
        await user.press("up")
        assert user.text == before


async def test_a_home_is_typed_as_people_type_it(wizard: WizardDriver) -> None:
    wizard.with_home().known()
    async with wizard.open("home") as user:
        await user.fill("home", "~/.tendermint")
        user.sees("[ ~/.tendermint").sees_not("absolute path")
        assert user.action.startswith("NEXT")
        await user.press("ctrl+n")
        user.sees("2/7 Keys")
    assert wizard.state.local.home == str(wizard.home)


async def test_what_was_found_so_far_is_shown_while_the_rest_is_looked_at(
    wizard: WizardDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, go_on = asyncio.Event(), asyncio.Event()
    inspect: Callable[..., object] = CardStep.inspect

    async def slowly(self: CardStep, world: World, answers: Answers, report: Report) -> Inspection[object]:
        report(Progress("asking bob", 1, 2, (warning("asked-alice", "alice", "alice does not answer"),)))
        told.set()
        await go_on.wait()
        return await inspect(self, world, answers, report)  # type: ignore[no-any-return,misc]

    wizard.with_home().known(card=CARD)
    async with wizard.open("card") as user:
        monkeypatch.setattr(CardStep, "inspect", slowly)
        user.page.look()  # type: ignore[attr-defined]
        await told.wait()
        await user.pilot.pause()
        user.sees("alice does not answer")
        go_on.set()
        await user.settle()
        user.sees("See what will be done: sign the card").sees_not("alice does not answer")
