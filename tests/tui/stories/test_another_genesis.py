"""A member is shown another genesis than the others agreed on: by a record, by a file, or by the words on a call.

Whichever way it comes, the wizard says what differs by meaning, signs nothing, and writes nothing into the home.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.agreement.record import NetworkRecord
from core.documents.document import Document
from tests.builders import a_key, the_record
from tests.tui.agreements import START, a_record_for, accepted, hears_the_same, member, record_here, words_of
from tests.tui.cards import chat_of
from tests.tui.driver import User, WizardDriver, every_file
from tui.__main__ import _review_words
from tui.screens.genesis.accept import AcceptPage
from tui.screens.genesis.review import ReviewPage

OTHER: Mapping[str, Any] = {
    "another chain id": {"chain_id": "harbour-2"},
    "more power for bob": {"powers": (10, 30, 10, 10)},
    "a later start": {"genesis_time": START + timedelta(hours=1)},
    "other owners too": {"chain_id": "harbour-2", "owners": ("carol",)},
}
"""What the record that bob sent to somebody else says otherwise."""

TOLD = {
    "another chain id": ("For all", "- chain id  harbour-2", "+ chain id  harbour-1"),
    "more power for bob": ("For bob", "power  10", "power  30"),
}
MEANT = {
    "": "Both mean the same to the node.",
    "another chain id": "The chain id was harbour-1, is harbour-2: this is another network.",
    "more power for bob": "bob's power was 10, is 30.",
    "a later start": "genesis_time",
}


def plain(user: User) -> str:
    """The whole page, also what is not on the screen, in one line."""
    return " ".join(" ".join(user.page.plain()).split())


def acceptances(wizard: WizardDriver) -> list[Document]:
    return [one for one in wizard.state.documents() if one.kind == "acceptance"]


def genesis_here(wizard: WizardDriver, spoil: str = "", name: str = "theirs.json") -> Path:
    """A genesis.json that somebody hands over: the agreed one, or one of ``OTHER``."""
    record = the_record(a_record_for(wizard, **OTHER[spoil])) if spoil else record_here(wizard)
    path = wizard.folder / name
    path.write_bytes(record.genesis_bytes())
    return path


@asynccontextmanager
async def nothing_is_written_or_signed(wizard: WizardDriver) -> AsyncIterator[None]:
    home, signed = every_file(wizard.home), acceptances(wizard)
    yield
    assert every_file(wizard.home) == home
    assert acceptances(wizard) == signed


async def takes(user: User, document: Document) -> User:
    await user.paste(chat_of(document))
    return await user.press("ctrl+n", "ctrl+n")


async def tries_to_accept(user: User) -> User:
    """Whatever ^N leads to, it is never the page where a word is typed to sign."""
    for _ in range(3):
        await user.press("ctrl+n")
        assert not isinstance(user.page, AcceptPage), user.text
        user.sees_not("Nothing is written yet.")
    return user


async def hears_other_words_from_bob(user: User) -> User:
    """On the call: bob reads, and one word is another."""
    user.sees("Heard the same words", "0 of 3")
    user.app.frame.set_focus(user.page.query_one("#members"))
    await user.press("home", "enter")
    user.sees("One word is hidden. Ask bob to read it to you.", "<Not yet>  <Others>")
    await user.press("tab", "right", "enter")
    return user.sees("Stop here. Somebody holds another record than you.")


# By a record


@pytest.mark.parametrize("what", TOLD)
async def test_a_second_first_record_is_refused_and_told_by_what_differs(wizard: WizardDriver, what: str) -> None:
    await member(wizard)
    other = a_record_for(wizard, **OTHER[what])
    async with nothing_is_written_or_signed(wizard):
        async with wizard.open("network") as user:
            await user.paste(chat_of(other))
            await user.press("ctrl+n")
            user.sees("excludes yours", "harbour version 1: what changes").sees_not("replaces")
            await user.press("ctrl+n")
            user.sees("Records came that exclude each other. None of them is in force.", "✗ The same owners signed 2")
            assert user.action.startswith("FIX   See what differs between the records that came")
            await user.press("ctrl+n")
            user.sees("What differs, by meaning:", "nothing of yours changed", *TOLD[what])
        async with wizard.open("genesis") as user:
            user.sees("records came that exclude each other", "Accept none of them.")
            assert user.action.startswith("FIX   records came that exclude each other. ^N goes to Network.")
            await tries_to_accept(user)
            user.sees("5/7 Network")


async def test_after_the_acceptance_it_neither_replaces_what_is_installed_nor_is_signed(wizard: WizardDriver) -> None:
    await accepted(await member(wizard))
    agreed = record_here(wizard)
    async with nothing_is_written_or_signed(wizard):
        async with wizard.open("network") as user:
            await takes(user, a_record_for(wizard, chain_id="harbour-2"))
            user.sees("Records came that exclude each other.")
        async with wizard.open("genesis") as user:
            await tries_to_accept(user)
    assert (wizard.home / "config" / "genesis.json").read_bytes() == agreed.genesis_bytes()


async def test_a_record_of_other_owners_does_not_push_out_the_accepted_one(wizard: WizardDriver) -> None:
    await accepted(await member(wizard))
    async with nothing_is_written_or_signed(wizard):
        async with wizard.open("network") as user:
            await takes(user, a_record_for(wizard, **OTHER["other owners too"]))
            user.sees("harbour-1", "bob, its only owner")
            assert "is not of the network that you accepted" in plain(user)
            assert "Do not use it." in plain(user)
        async with wizard.open("genesis") as user:
            assert "See the board: 1 of 4 have accepted" in user.action
            await tries_to_accept(user)


# By a file


async def test_files_are_compared_with_what_was_agreed_on_the_genesis_page(wizard: WizardDriver) -> None:
    await member(wizard)
    async with nothing_is_written_or_signed(wizard), wizard.open("genesis") as user:
        for what, told in MEANT.items():
            genesis_here(wizard, what)
            user.focus("against")
            await user.press("ctrl+u")
            await user.paste("~/theirs.json")
            await user.press("enter")
            user.sees("From what was agreed to ~/theirs.json, by meaning:", told)
            assert ("Nodes with these two form no network." in plain(user)) == bool(what)
            await user.press("escape")
            user.sees("6/7 Genesis", "Accept: sign that you hold exactly this")


async def test_a_foreign_file_on_the_command_line_is_read_out_and_compared_with_the_installed_one(
    wizard: WizardDriver,
) -> None:
    await accepted(await member(wizard))
    asked = _review_words(["genesis", "review", str(genesis_here(wizard, "more power for bob")), "--screen"])
    assert asked is not None
    state = every_file(wizard.root)
    async with (
        nothing_is_written_or_signed(wizard),
        wizard.open(page=ReviewPage(asked["review"], asked["profile"])) as user,
    ):
        user.sees("Review of a genesis.json", "nothing is known of who made it", "bob alone can stop it")
        await user.press("ctrl+n")
        await user.paste("~/.tendermint/config/genesis.json")
        await user.press("ctrl+n")
        user.sees("bob's power was 30, is 10.", "Nodes with these two form no network.").sees_not("1 Home")
        await user.press("escape")
        user.sees("Review of a genesis.json")
    assert every_file(wizard.root) == state


# By the words, on a call


async def test_other_words_on_a_call_stop_everything_until_it_is_known_who_holds_what(wizard: WizardDriver) -> None:
    await member(wizard)
    mine: NetworkRecord = record_here(wizard)
    other = a_record_for(wizard, **OTHER["more power for bob"])
    assert words_of(mine) != words_of(the_record(other))
    async with nothing_is_written_or_signed(wizard), wizard.open("network") as user:
        await user.press("ctrl+n")
        user.sees(*words_of(mine)[1:])
        await hears_other_words_from_bob(user)
        user.sees("✗ bob heard other words: they do not hold the record that you hold.", "Do not accept.")
        user.sees("bob has an older record", "one of you misheard", "two records were sent out")
        await takes(user.sees("Paste the record of bob"), other)
        user.sees("What differs, by meaning:", "yours", "the other", "For bob", "power")


async def test_who_heard_other_words_signs_nothing_also_after_a_new_start(wizard: WizardDriver) -> None:
    await member(wizard)
    async with nothing_is_written_or_signed(wizard):
        async with wizard.open("network") as user:
            await user.press("ctrl+n")
            await hears_other_words_from_bob(user)
        async with wizard.open("genesis") as user:
            user.sees("bob heard other words")
            assert user.action.startswith("FIX   Somebody heard other words.")
            await tries_to_accept(user)
    assert a_key("bob").node_id in wizard.state.local.answers["words"]


async def test_misheard_and_read_again_the_same_words_let_it_go_on(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("network") as user:
        await user.press("ctrl+n")
        await hears_other_words_from_bob(user)
        await user.press("down", "enter")
        user.sees("One word is hidden.")
        await hears_the_same(user)
        user.sees("same, 21 Nov 12:00", "1 of 3").sees_not("heard other words")
        assert "Go to Genesis" in user.action
        await user.press("ctrl+n")
        assert user.action.startswith("NEXT  Accept: sign that you hold exactly this"), user.text
