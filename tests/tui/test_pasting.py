"""Pasting on any page: it goes in once, and after it is taken no page shows how it was before."""

from __future__ import annotations

from typing import Any

import pytest
from nacl import bindings
from textual import events

from core.card import model
from core.documents.armour import armour
from core.documents.parts import split
from tui.screens.opened.paste import PasteArea, PastePage

from .agreements import a_record_for, accepted, member
from .cards import came, signed
from .driver import WizardDriver
from .test_terminal import leave, start

THREE = "one\ntwo\nthree"


async def test_what_is_pasted_on_the_open_page_goes_in_once(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("peers") as user:
        await user.press("ctrl+n")
        user.sees("Paste a card or a whole chat.")
        await user.paste(THREE)
        user.sees("3 lines came.")
        area = user.page.query_one(PasteArea)
        assert area.text == THREE
        await user.paste("\nfour")
        assert area.text == THREE + "\nfour"
        area.select_all()
        await user.paste("x\ny")
        assert area.text == "x\ny"


async def test_a_key_that_is_pasted_on_the_open_page_is_never_shown(wizard: WizardDriver) -> None:
    await signed(wizard)
    secret = (wizard.home / "config" / "priv_validator_key.json").read_text()
    async with wizard.open("peers") as user:
        await user.press("ctrl+n")
        (user.app.frame.focused or user.page).post_message(_paste(secret))
        await user.pilot.pause()
        assert user.page.query_one(PasteArea).text == ""
        await user.settle()
        user.sees("A private key was in it.")


async def test_what_comes_while_the_page_opens_goes_in_too(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("peers") as user:
        page = PastePage("one\n")
        page.add("two\n")
        await user.app.frame.open(page)
        await user.settle()
        assert page.query_one(PasteArea).text == "one\ntwo\n"


def test_a_terminal_pastes_once_on_the_open_page(wizard: WizardDriver) -> None:
    wizard.with_home().known(card={"moniker": "alice", "host": "node.alice.example"}).at("card", "host")
    for term in ("screen", "xterm"):
        with start(wizard, TERM=term) as terminal:
            terminal.wait_for("<Go on>")
            terminal.press("enter")
            terminal.wait_for("3/7 Card")
            terminal.settle(0.5)
            terminal.paste(f"{THREE}\n")
            terminal.wait_for("3 lines came")
            terminal.paste(THREE)
            terminal.wait_for("6 lines came")
            assert terminal.screen.text.count("three") == 2
            terminal.press("escape")
            leave(terminal)


async def test_after_taking_nothing_older_is_left_over_the_step(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("peers") as user:
        await user.paste(THREE)
        await user.press("ctrl+n")
        user.sees("In those 3 lines there is nothing that quorate knows.")
        await user.paste(armour(came("bob")))
        await user.press("ctrl+n")
        user.sees("Take 1 card: bob new")
        await user.press("ctrl+n")
        assert user.app.frame.pages == [user.app.frame.base]
        user.sees("bob").sees_not("nothing that quorate knows", "Taken:")


async def test_a_step_that_shows_nothing_of_it_says_what_was_taken_and_goes_there(wizard: WizardDriver) -> None:
    await member(wizard, record=False)
    async with wizard.open("card") as user:
        before = user.action
        await user.paste(armour(a_record_for(wizard)))
        await user.press("ctrl+n", "ctrl+n")
        user.sees("3/7 Card")
        assert user.action.startswith("NEXT  Taken: 1 record. See it in Network")
        await user.press("ctrl+n")
        user.sees("5/7 Network")
    async with wizard.open("card") as user:
        await user.paste(armour(came("bob")))
        await user.press("ctrl+n", "ctrl+n")
        assert user.action.startswith("NEXT  Taken: 1 card. See it in Peers")
        await user.press("tab")
        assert user.action == before


def _paste(text: str) -> events.Paste:
    return events.Paste(text)


async def test_a_card_that_is_pasted_is_verified_and_parsed_once(
    wizard: WizardDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signed(wizard)
    card = came("bob", contact="seen once")
    checked: list[bytes] = []
    parsed: list[bytes] = []
    check, parse = bindings.crypto_sign_open, model._structure

    def counted_check(signed: bytes, key: bytes) -> bytes:
        checked.append(signed)
        return check(signed, key)

    def counted_parse(adapter: Any, payload: bytes) -> Any:
        parsed.append(payload)
        return parse(adapter, payload)

    monkeypatch.setattr(bindings, "crypto_sign_open", counted_check)
    monkeypatch.setattr(model, "_structure", counted_parse)
    async with wizard.open("peers") as user:
        await user.press("ctrl+n")
        await user.paste(armour(card))
        await user.type("x")
        user.sees("1 card whole")
        await user.press("ctrl+n")
        user.sees("bob")
        await user.press("ctrl+n")
    assert [one for one in wizard.state.documents() if one.id == card.id]
    (signature,) = card.signatures
    assert sum(one.startswith(signature.value) for one in checked) == 1
    assert parsed.count(card.payload) == 1


async def test_messages_of_one_text_are_pasted_one_by_one_and_kept_over_a_break(wizard: WizardDriver) -> None:
    await member(wizard, record=False)
    parts = split(armour(a_record_for(wizard)))
    assert len(parts) > 2
    async with wizard.open("network") as user:
        await user.paste(f"bob: {parts[1]}")
        user.sees("Found so far: 1 part.")
        await user.press("ctrl+n")
        user.sees(f"1 part of {len(parts)}", "missing: 1, 3", "They are kept")
        await user.paste(f"bob: {parts[0]}\n")
        await user.press("ctrl+n")
        user.sees(f"2 parts of {len(parts)}")
    async with wizard.open("network") as user:
        await user.paste("\nbob: ".join(("", *parts[2:])))
        await user.press("ctrl+n")
        user.sees("Take 1 record")
        await user.press("ctrl+n")
    assert [one.kind for one in wizard.state.documents()].count("record") == 1


async def test_a_long_text_is_offered_as_a_file_first_and_in_messages(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("genesis") as user:
        await accepted(wizard)
        await user.press("ctrl+r", "ctrl+n")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("down", "enter")
        user.sees("many chats cut at 4,096: send it as a file", "<Save>", "<Parts>")
        assert user.text.index("<Save>") < user.text.index("<Parts>") < user.text.index("<Show>")
        await user.press("down", "enter")
        user.sees("message 1 of", "BEGIN QUORATE PART 1 OF")
        assert user.action.startswith("NEXT  Mark and send it whole, then see message 2")
        count = int(user.page.heading().split()[-1])
        await user.press(*["ctrl+n"] * (count - 1))
        user.sees(f"BEGIN QUORATE PART {count} OF {count}", "it is the last")
