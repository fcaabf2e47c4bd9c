"""The coordinator makes the record of the cards; the members look at it, and compare its words."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from core.documents.armour import armour
from core.documents.words import draw
from core.finding import Finding
from core.network.heard import heard
from core.run import carry_out, preview
from core.steps import step
from tests.builders import an_amendment
from tui.app import Options
from tui.screens.opened.hearing import MemberPage
from tui.screens.step.page import StepPage

from .agreements import OTHERS, a_record_for, coordinating, hears_the_same, member, record_here, take, words_of
from .cards import approved, came, gathered
from .conftest import Snapshots
from .driver import NETWORK, User, WizardDriver

SIZES = ((80, 24), (120, 40))


def called(name: str, size: tuple[int, int]) -> str:
    return name if size == SIZES[0] else f"{name}-{size[0]}x{size[1]}"


# The coordinator


async def test_the_form_is_prefilled_and_power_is_told_by_what_it_leads_to(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        user.sees("Start (UTC)", "12:00 here", "1 of 4 may be down", "Nobody alone can stop it")
        assert user.action.startswith("NEXT  See what will be done: sign the record")


async def test_each_key_in_the_table_of_power_is_followed_by_its_consequences(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        user.app.frame.set_focus(user.page.query_one("#power"))
        await user.press("down", "backspace")
        user.sees("bob           [ 1", "1 of 4 may be down, whichever it is.")
        await user.type("00")
        user.sees("[ 100", "76.9 %", "bob alone can decide, and alone can stop it.")
        await user.press("tab")
        assert wizard.state.local.answers["network"]["power"] == _power("bob", 100)


async def test_what_was_typed_into_the_table_is_there_again(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        user.app.frame.set_focus(user.page.query_one("#power"))
        await user.type("5")
        await user.press("ctrl+p")
    async with wizard.open("network") as user:
        user.sees("alice         [ 105")


async def test_power_that_is_deleted_is_none(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        user.app.frame.set_focus(user.page.query_one("#power"))
        await user.press("ctrl+u")
        user.sees("alice         [")
        assert user.action.startswith("FIX")
        await user.press("ctrl+n")
        assert user.app.frame.focused is user.page.query_one("#power")
        await user.type("0")
        user.sees("30 in all")


async def test_a_time_that_is_none_is_told_at_its_field_and_blocks(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        await user.fill("genesis_time", "tomorrow")
        user.sees("✗ time")
        assert user.action.startswith("FIX")


async def test_too_little_notice_is_a_warning_that_names_both(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        await user.fill("genesis_time", "2026-11-22 12:00")
        await user.fill("notice", "48")
        user.sees("! notice short")
        assert any("24 hours" in one.message and "48 hours" in one.message for one in _findings(user))


async def test_a_preview_that_was_overtaken_by_a_command_signs_no_second_first_record(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.", "a signed record")
        world = wizard.world.at(wizard.state)
        other = await preview(step("network"), world, {"chain_id": "chain-b"})
        await carry_out(other, world, other.plan.digest)
        before = wizard.state.documents()
        await user.press("ctrl+n")
        user.sees("It was not done.")
        assert wizard.state.documents() == before


async def test_the_record_is_previewed_signed_and_offered_to_be_sent(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.", "a signed record", "A signed record says")
        user.sees("This is version 1 of the network").sees_not('"kind": "record"')
        await user.press("enter", "pagedown")
        user.sees('"chain_id"')
        await user.press("enter", "ctrl+n")
        user.sees("Done, and read back.", "<Send>", "<Words>")
        assert "Send the record to all members" in user.action
        await user.press("ctrl+n")
        user.sees("Record version 1, for all members.", "<Save>", "<Parts>", "<Show>", "<Copy>")
        await user.press("down", "down", "enter")
        user.sees("BEGIN QUORATE RECORD.")
        await user.press("escape", "ctrl+n")
        shown = [word for place, word in enumerate(words_of(record_here(wizard))) if place != 4]
        user.sees(*shown, "5  ······", "0 of 3")


async def test_the_preview_of_a_next_version_says_what_differs_and_shows_no_json(
    wizard: WizardDriver, snap: Snapshots
) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n", "ctrl+n")
        await user.press("escape")
    async with wizard.open("network") as user:
        await user.fill("note", "see you in December")
        await user.press("ctrl+n")
        user.sees("Different from the record before:", "This is version 2 of the network")
        user.sees("- record note: none", "+ record note: see you in December").sees_not('"kind": "record"')
        snap(user, "sign")


async def test_the_record_is_saved_as_a_file(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n", "ctrl+n", "ctrl+n", "enter")
        await user.press("enter")
        user.sees(f"Saved           ~/quorate/{NETWORK}-v1.record")
    saved = next((wizard.folder / "quorate").iterdir())
    assert saved.name == f"{NETWORK}-v1.record"
    assert saved.read_text().startswith("BEGIN QUORATE RECORD.")


async def test_an_owner_with_an_openssh_key_gets_the_command_and_the_signature_is_pasted(wizard: WizardDriver) -> None:
    key = wizard.folder / "key"
    _ssh_keygen("-t", "ed25519", "-N", "", "-C", "carol", "-f", str(key))
    await coordinating(wizard)
    async with wizard.open("network") as user:
        await user.fill("owners", key.with_suffix(".pub").read_text().strip())
        assert user.action.startswith("FIX   carol alone would own the record")
        user.focus("one_owner")
        await user.press("right", "ctrl+n", "ctrl+n", "escape", "escape")
        assert user.action.startswith("WAIT  For the owners' signature.")
        command = re.search(r"ssh-keygen -Y sign .*", "\n".join(user.page.plain()))
        assert command is not None
        body = next((wizard.state.folder / "outbox").iterdir())
        _ssh_keygen("-Y", "sign", "-n", "record.v1@quorate", "-f", str(key), str(body))
        await user.press("ctrl+n")
        await user.paste(body.with_name(body.name + ".sig").read_text())
        await user.press("ctrl+n", "ctrl+n")
        assert any("in force" in line for line in user.page.plain())


async def test_who_is_not_approved_is_named(wizard: WizardDriver) -> None:
    await gathered(wizard, *map(came, OTHERS))
    approved(wizard, "alice", "bob")
    async with wizard.open("network") as user:
        user.sees("20 in all")
        assert {one.subject for one in _findings(user)} >= {"carol", "dave"}


# The member


async def test_without_a_record_the_member_is_told_what_comes_and_may_paste(wizard: WizardDriver) -> None:
    await member(wizard, record=False)
    async with wizard.open("network") as user:
        user.sees("Nothing has come yet.", "WAIT ▸For the record of your coordinator.")
        await user.paste(armour(a_record_for(wizard)))
        await user.press("ctrl+n", "ctrl+n")
        user.sees("What your coordinator sent.", "bob, its only owner", "alice: your node id, your key, once")


async def test_the_cards_of_the_record_stand_beside_those_that_were_here(wizard: WizardDriver) -> None:
    await member(wizard)
    await take(wizard, came("bob"), came("carol", contact="another"))
    async with wizard.open("network") as user:
        told = " ".join(" ".join(user.page.plain()).split())
        assert "Same cards bob: as you had them" in told
        assert "First seen dave: you had no card of them" in told
        assert "contact: another > carol@example.org" in told


async def test_words_that_were_heard_are_noted_for_each_member(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("network") as user:
        assert "Compare the 8 words with the others" in user.action
        await user.press("ctrl+n")
        user.sees("0 of 3", "bob", "not yet")
        await user.press("enter")
        user.sees("One word is hidden. Ask bob to read it to you.", "1  ······")
        await hears_the_same(user)
        user.sees("1 of 3", "same, 21 Nov 12:00", "2  ······")
        assert "carol and dave can be compared later" in user.action
        assert len(heard(wizard.state.local, record_here(wizard))) == 1
        await user.press("ctrl+n")
        user.sees("6/7 Genesis")


async def test_a_stray_enter_says_nothing_about_a_member(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n", "enter", "enter")
        user.sees("One word is hidden.")
        await user.press("tab", "enter")
        user.sees("0 of 3")


async def test_a_word_that_nobody_read_is_not_noted_and_another_one_is_hidden(wizard: WizardDriver) -> None:
    """Nor does the word that was hidden before count, once a different one is."""
    await member(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n", "enter")
        page = user.page
        assert isinstance(page, MemberPage) and page.owner.place == 0
        first = page.owner.words[0]
        await user.press(*"zoo", "enter")
        user.sees('Word 1 is not "zoo" here. A different word is hidden now.', "Hidden", "word 2").sees_not("1  ······")
        await user.press(*first, "enter")
        assert first != page.owner.words[1]
        user.sees(f'Word 2 is not "{first}" here.')
        assert not heard(wizard.state.local, record_here(wizard))
        await user.press("tab", "right", "right", "enter")
        user.sees("word 2").sees_not("is not")
        await hears_the_same(user)
        user.sees("1 of 3")


def test_who_reads_first_hears_a_word_of_the_second_half() -> None:
    assert draw(reads_first=True) == 4 and draw(reads_first=False) == 0
    assert draw(reads_first=True, before=4) == 5 and draw(reads_first=False, before=0) == 1


async def test_two_records_of_one_owner_are_shown_beside_each_other(wizard: WizardDriver) -> None:
    await member(wizard)
    await take(wizard, a_record_for(wizard, note="the other one"))
    async with wizard.open("network") as user:
        assert user.action.startswith("FIX")
        await user.press("ctrl+n")
        user.sees("signed by", "the other one", "For all")


async def test_of_two_founders_one_is_chosen_after_its_words_were_compared(wizard: WizardDriver) -> None:
    await member(wizard)
    stranger = a_record_for(wizard, owners=("carol",), chain_id="harbour-2")
    await take(wizard, stranger)
    async with wizard.open("network") as user:
        assert user.action.startswith("FIX")
        mine = record_here(wizard)
        lines = [line for line in user.page.plain() if line.strip().startswith("<")]
        at = next(number for number, line in enumerate(lines) if mine.id[:8] in line)
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press(*["down"] * at, "enter")
        user.sees(*words_of(mine))
        await user.press("right", "right", "enter")
        user.sees("in force")


async def test_a_later_version_is_told_by_what_it_changes(wizard: WizardDriver) -> None:
    await member(wizard)
    first = next(one for one in wizard.state.documents() if one.kind == "record")
    await take(wizard, an_amendment(first, note="moved to a new host"))
    async with wizard.open("network") as user:
        user.sees("record version 2")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("end", "enter")
        user.sees("version 2", "version 1", "moved to a new host")


async def test_markup_and_control_characters_of_a_record_are_shown_as_text(wizard: WizardDriver) -> None:
    await member(wizard, record=False)
    await take(wizard, a_record_for(wizard, note="[@click=app.bell]x[/] [bold"))
    async with wizard.open("network") as user:
        assert any("[@click=app.bell]x[/] [bold" in line for line in user.page.plain())


# Pictures


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_pictures_of_the_coordinator(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    (await coordinating(wizard)).size = size
    async with wizard.open("network") as user:
        snap(user, called("network", size))
        user.app.frame.set_focus(user.page.query_one("#power"))
        await user.settle()
        await user.press("down")
        await user.type("0")
        snap(user, called("network-power", size))


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_pictures_of_the_member(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    (await member(wizard)).size = size
    async with wizard.open("network") as user:
        snap(user, called("network-member", size))
        await user.press("ctrl+n", "enter")
        snap(user, called("words-hidden", size))
        await hears_the_same(user)
        await user.press("down")
        snap(user, called("words-heard", size))
        await user.press("enter", "tab", "right", "enter")
        snap(user, called("words-differ", size))


async def test_a_picture_of_two_records(wizard: WizardDriver, snap: Snapshots) -> None:
    await member(wizard)
    await take(wizard, a_record_for(wizard, note="the other one", chain_id="harbour-2"))
    async with wizard.open("network") as user:
        snap(user, "network-fork")
        await user.press("ctrl+n")
        snap(user, "network-difference")


async def test_a_picture_without_colours(
    wizard: WizardDriver, snap: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    (await coordinating(wizard)).options = Options(ascii=True)
    async with wizard.open("network") as user:
        user.app.frame.set_focus(user.page.query_one("#power"))
        await user.press("down")
        snap(user, "network-no-colour")


def _findings(user: User) -> tuple[Finding, ...]:
    assert isinstance(user.page, StepPage)
    return user.page.findings


def _ssh_keygen(*words: str) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-keygen on PATH")
    subprocess.run(("ssh-keygen", "-q", *words), check=True, capture_output=True)


def _power(moniker: str, power: int) -> str:
    from .cards import node

    return f"{node(moniker)[:12]}={power}"
