"""A member fills in the card, signs it, and sends it; and signs again when something changes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from core.documents.armour import armour
from core.documents.read import read_documents
from core.documents.words import eight_words
from tui.app import Options

from .cards import CARD, signed
from .conftest import Snapshots
from .driver import WizardDriver

SIZES = ((80, 24), (120, 40))


def called(name: str, size: tuple[int, int]) -> str:
    return name if size == SIZES[0] else f"{name}-{size[0]}x{size[1]}"


async def test_the_card_is_prefilled_signed_and_then_offers_the_ways_to_send_it(wizard: WizardDriver) -> None:
    wizard.with_home().known()
    async with wizard.open("card") as user:
        user.sees("P2P port      [ 26656", "Node id", "Validator key").sees_not("Other ways")
        await user.fill("moniker", "alice")
        await user.fill("host", "node.alice.example")
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.")
        await user.press("ctrl+n")
        user.sees("Done, and read back.", "<Show>", "<Save>", "<Copy>", "<Words>")
        await user.press("escape")
        user.sees("Your card is signed.", "Go to Peers, when the card is sent")


async def test_a_private_address_is_a_note_at_the_host(wizard: WizardDriver) -> None:
    wizard.with_home().known(card={**CARD, "host": "10.20.0.5"})
    async with wizard.open("card") as user:
        user.sees("[ 10.20.0.5                  ] ! private", "10.20.0.5 is a private address")


async def test_what_is_rarely_needed_is_folded_away_until_it_is_asked_for_or_wrong(wizard: WizardDriver) -> None:
    wizard.with_home().known(card=CARD)
    async with wizard.open("card") as user:
        user.sees("0 of 4 filled").sees_not("Contact")
        user.app.frame.set_focus(user.page.query_one("#fold"))
        await user.press("enter")
        user.sees("Other ways", "Contact", "Software", "<Less>")
        await user.fill("contact", "alice@example.org")
        user.sees("1 of 4 filled")
        assert wizard.state.local.answers["card"]["contact"] == "alice@example.org"
        await user.fill("more", "abc@x.example:1")
        user.app.frame.set_focus(user.page.query_one("#fold"))
        await user.press("enter")
        user.sees("Other ways")


async def test_the_plain_page_holds_the_card_and_nothing_else(wizard: WizardDriver) -> None:
    await signed(wizard)
    (document,) = wizard.state.documents()
    async with wizard.open("card") as user:
        for size in ((80, 24), (60, 20), (200, 60)):
            await user.resize(*size)
            await user.press("enter")
            shown = user.text.splitlines()[2:-2]
            assert all(re.fullmatch(r"[A-Z .]*|[a-z2-7 ]*", line) for line in shown), user.text
            if size != (60, 20):
                (found,) = read_documents("\n".join(shown))
                assert found.document == document
            await user.press("escape")
        await user.resize(60, 20)
        await user.press("enter")
        user.sees("It goes on below: PageDown.")
        first = user.text.splitlines()[2:-2]
        await user.press("pagedown")
        rest = user.text.splitlines()[2:-2]
        assert "BEGIN QUORATE CARD." in first[0] and any("END QUORATE CARD." in line for line in rest)


async def test_the_page_as_text_begins_with_the_card(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("card") as user:
        assert "\n".join(user.page.plain()).startswith("BEGIN QUORATE CARD.\n")
        await user.press("ctrl+t")
        user.sees("card show --out alice.card", "BEGIN QUORATE CARD.")


async def test_the_card_is_saved_where_it_is_said(wizard: WizardDriver) -> None:
    await signed(wizard)
    (document,) = wizard.state.documents()
    async with wizard.open("card") as user:
        await user.press("down", "enter")
        user.sees("[ ~/quorate/alice.card")
        await user.press("enter")
        user.sees("saved as ~/quorate/alice.card")
        path = wizard.folder / "quorate" / "alice.card"
        assert path.read_text() == armour(document) and path.stat().st_mode & 0o777 == 0o644


async def test_a_file_of_somebody_elses_is_left_as_it_is(wizard: WizardDriver) -> None:
    await signed(wizard)
    (wizard.folder / "quorate").mkdir()
    (wizard.folder / "quorate" / "alice.card").write_text("precious")
    async with wizard.open("card") as user:
        await user.press("down", "enter")
        user.sees("[ ~/quorate/alice-2.card")
        await user.press("end", "ctrl+u")
        await user.type("~/quorate/alice.card")
        await user.press("enter")
        user.sees("something else is there", "FIX")
        assert (wizard.folder / "quorate" / "alice.card").read_text() == "precious"
        await user.press("end", "ctrl+u")
        user.sees_not("something else is there")
        await user.press("enter")
        user.sees("no file or folder is named")


async def test_copying_hands_the_card_to_the_terminal_and_says_that_nobody_knows(wizard: WizardDriver) -> None:
    await signed(wizard)
    (document,) = wizard.state.documents()
    async with wizard.open("card") as user:
        await user.press("down", "down", "enter")
        user.sees("were handed to your terminal's clipboard", "many terminals ignore this (OSC 52)")
        assert user.app.clipboard == armour(document)
        await user.press("escape")
        user.sees("Your card is signed")


async def test_the_words_are_those_that_the_others_see(wizard: WizardDriver) -> None:
    await signed(wizard)
    (document,) = wizard.state.documents()
    async with wizard.open("card") as user:
        await user.press("down", "down", "down", "enter")
        user.sees("your card", *eight_words(bytes.fromhex(document.id), "card"))


async def test_a_change_is_signed_again_and_replaces_the_card(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("card") as user:
        await user.fill("host", "new.alice.example")
        user.sees("what differs is not signed yet", "sign the card").sees_not("<Show>")
        await user.press("ctrl+n")
        user.sees("new.alice.example")
        await user.press("ctrl+n")
        user.sees("Done, and read back.")
        await user.press("escape")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("enter")
        (found,) = read_documents("\n".join(user.text.splitlines()[2:-2]))
        assert found.document is not None and b"new.alice.example" in found.document.payload


async def test_from_the_receipt_the_card_that_was_just_signed_is_shown(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("card") as user:
        await user.fill("host", "new.alice.example")
        await user.press("ctrl+n", "ctrl+n")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("home", "enter")
        (found,) = read_documents("\n".join(user.text.splitlines()[2:-2]))
        assert found.document is not None and b"new.alice.example" in found.document.payload


async def test_a_coordinator_without_a_node_has_no_card_and_goes_on(wizard: WizardDriver) -> None:
    wizard.known("coordinator")
    wizard.state.change(lambda local: replace(local, home="", answers={}))
    async with wizard.open("card") as user:
        user.sees("You have no node here, and so no card.", "Go to Peers").sees_not("Moniker", "<More>")


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    wizard.with_home().known(card=CARD).size = size
    async with wizard.open("card") as user:
        user.focus("moniker")
        await user.settle()
        snap(user, called("card", size))
        await user.fill("host", "10.20.0.5")
        await user.fill("port", "x")
        user.focus("host")
        await user.settle()
        snap(user, called("card-fix", size))


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_pictures_of_a_signed_card(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    await signed(wizard, "member")
    wizard.size = size
    async with wizard.open("card") as user:
        snap(user, called("card-done", size))
        await user.press("enter")
        snap(user, called("card-text", size))


@pytest.mark.parametrize("look", ["no-color", "ascii"])
async def test_pictures_without_colours_and_marks(
    wizard: WizardDriver, snap: Snapshots, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    wizard.with_home().known(card={**CARD, "host": "10.20.0.5", "port": "x"})
    wizard.options = Options(ascii=look == "ascii")
    if look == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")
    async with wizard.open("card") as user:
        snap(user, f"card-fix-{look}")
