"""A card is damaged on its way through a chat: it is told what to ask for, and nothing of it is kept.

What a mailer or a keyboard does to every text (quote signs, line breaks, smart quotes) damages no card.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

import pytest

from core.documents.armour import armour
from core.documents.document import Document
from tests.tui.cards import approved, came, chat, expected, gathered
from tests.tui.driver import User, WizardDriver, every_file

_Spoil = Callable[[str], str]
AGAIN = "Copy the whole text from BEGIN to END again, or ask the sender to send it again."


def lines_of(text: str, *picked: slice) -> str:
    lines = text.splitlines()
    return "\n".join(line for part in picked for line in lines[part]) + "\n"


def one_letter_changed(text: str) -> str:
    """As a spelling correction would."""
    lines = text.splitlines()
    word = lines[5].split()[1]
    lines[5] = lines[5].replace(word, word[:7] + ("a" if word[7] != "a" else "b") + word[8:])
    return "\n".join(lines) + "\n"


def cut_off(text: str) -> str:
    return lines_of(text, slice(0, 7))


def middle_lost(text: str) -> str:
    return lines_of(text, slice(0, 4), slice(6, None))


def begin_lost(text: str) -> str:
    return lines_of(text, slice(4, None))


def lines_swapped(text: str) -> str:
    return lines_of(text, slice(0, 3), slice(4, 5), slice(3, 4), slice(5, None))


def in_two_posts(text: str) -> str:
    """With the name of who sent it between."""
    return lines_of(text, slice(0, 6)) + "[09:15] bob says:\n" + lines_of(text, slice(6, None))


DAMAGED: Mapping[str, tuple[_Spoil, str]] = {
    "one letter changed": (one_letter_changed, "It is damaged: its letters do not fit its checksum."),
    "cut off": (cut_off, "The card is cut off: its END line is not there."),
    "some lines lost": (middle_lost, "It is cut off: 467 of 542 bytes are there."),
    "its first lines lost": (begin_lost, "The card is cut off: its BEGIN line is not there."),
    "two lines swapped": (lines_swapped, "It is damaged: its letters do not fit its checksum."),
    "in two posts": (in_two_posts, "It is damaged: its letters do not fit its checksum."),
}


def quoted_and_wrapped(text: str) -> str:
    """As the third answer to a mail has it."""
    return textwrap.indent("\n".join(textwrap.wrap(text, 50)), "> > > ") + "\n"


def wrapped_within_words(text: str) -> str:
    """Quoted once, and then broken at a width, in the midst of words."""
    quoted = textwrap.indent(text, "> ")
    return "\n".join(line[at : at + 41] for line in quoted.splitlines() for at in range(0, len(line), 41)) + "\n"


def with_smart_quotes(text: str) -> str:
    return f"\u201c{text.strip()}\u201d \u2026 \u2014 bob\n".replace(" ", "\u00a0")


def in_capitals_on_one_line(text: str) -> str:
    return " ".join(text.upper().split()) + "\n"


HARMLESS: tuple[_Spoil, ...] = (quoted_and_wrapped, wrapped_within_words, with_smart_quotes, in_capitals_on_one_line)


def interleaved(one: str, other: str) -> str:
    """Two who posted at the same time."""
    return "\n".join(line for both in zip(one.splitlines(), other.splitlines(), strict=False) for line in both) + "\n"


def remains(wizard: WizardDriver, card: Document) -> list[str]:
    """The files of the state in which there is something of the card: what it says, or letters of its armour."""
    address = came("bob").payload.split(b'"p2p":["')[1].split(b":")[0]
    assert address in card.payload
    words = [address, *(word.encode() for word in armour(card).split()[10:20])]
    return [name for name, (data, _) in every_file(wizard.root).items() if any(word in data for word in words)]


async def waits_for_bob_and_carol(wizard: WizardDriver) -> WizardDriver:
    return expected(approved(await gathered(wizard), "alice"), "alice", "bob", "carol")


async def looks_at(user: User, *posts: str) -> User:
    await user.paste(chat(*posts))
    return await user.press("ctrl+n")


@pytest.mark.parametrize("how", DAMAGED)
async def test_a_damaged_card_is_named_and_not_kept_the_sound_one_beside_it_is_and_sent_again_it_is_new(
    wizard: WizardDriver, how: str
) -> None:
    spoil, told = DAMAGED[how]
    bob, carol = came("bob"), came("carol")
    await waits_for_bob_and_carol(wizard)
    async with wizard.open("peers") as user:
        await looks_at(user, armour(carol), spoil(armour(bob)))
        user.sees(
            "✗   card     card, can not be read        not taken", "✓   carol    card, signed, whole          new"
        )
        user.sees(told, AGAIN, "Take 1 card: carol new")
        await user.press("ctrl+n")
        user.sees("carol", "unverified", "missing: no card yet", "2 of 3 are here")
        assert carol in wizard.state.documents() and bob not in wizard.state.documents()
        assert len(wizard.state.documents()) == 2 and not remains(wizard, bob)

        await looks_at(user, armour(bob))
        user.sees("bob      card, signed, whole          new", "All of it is whole.", "Take 1 card: bob new")
        await user.press("ctrl+n")
        user.sees("bob", "carol").sees_not("missing")
    assert {bob, carol} < set(wizard.state.documents()) and len(wizard.state.documents()) == 3
    assert remains(wizard, bob), "so that the look above could have found something"


async def test_what_mailers_and_keyboards_do_to_a_text_damages_no_card(wizard: WizardDriver) -> None:
    await waits_for_bob_and_carol(wizard)
    names = ("bob", "carol", "dave", "erin")
    async with wizard.open("peers") as user:
        await looks_at(user, *(way(armour(came(name))) for way, name in zip(HARMLESS, names, strict=True)))
        user.sees(*(f"{name:<8} card, signed, whole          new" for name in names))
        user.sees("All of it is whole.", "Take 4 cards: bob new, carol new")
        await user.press("ctrl+n")
        user.sees(*names).sees_not("missing")
    assert {came(name) for name in names} < set(wizard.state.documents())


async def test_of_two_cards_in_one_another_none_is_taken_and_the_third_is(wizard: WizardDriver) -> None:
    bob, carol, dave = came("bob"), came("carol"), came("dave")
    await waits_for_bob_and_carol(wizard)
    async with wizard.open("peers") as user:
        await looks_at(user, interleaved(armour(bob), armour(carol)), armour(dave))
        user.sees("card, can not be read        not taken", "dave     card, signed, whole          new", AGAIN)
        user.sees_not("bob", "carol")
        await user.press("ctrl+n")
        user.sees("missing: no card yet", "dave", "1 of 3 are here")
        assert not remains(wizard, bob)
        user.sees("1 of 3 are here; missing bob, carol.")
        await looks_at(user, armour(bob), armour(carol))
        user.sees("Take 2 cards: bob new and carol new")
        await user.press("ctrl+n")
        user.sees_not("missing")
    assert {bob, carol, dave} < set(wizard.state.documents())


async def test_where_nothing_is_whole_there_is_nothing_to_take(wizard: WizardDriver) -> None:
    await waits_for_bob_and_carol(wizard)
    before = wizard.state.documents()
    async with wizard.open("peers") as user:
        await user.paste(chat(one_letter_changed(armour(came("bob"))), cut_off(armour(came("carol")))))
        user.sees("Found so far: 2 cards damaged.")
        await user.press("ctrl+n")
        user.sees("There is nothing to take. Esc goes back.", "2 errors")
        await user.press("ctrl+n", "escape")
        user.sees("1 of 3 are here; missing bob, carol.", "Ask bob, carol for a card.", "Paste what bob and carol")
    assert wizard.state.documents() == before and not remains(wizard, came("bob"))


async def test_the_damaged_and_the_sound_one_in_one_chat_are_one_new_card(wizard: WizardDriver) -> None:
    bob = came("bob")
    await waits_for_bob_and_carol(wizard)
    async with wizard.open("peers") as user:
        await looks_at(user, one_letter_changed(armour(bob)), "oh, wait, that looks odd. again:\n" + armour(bob))
        user.sees("card, can not be read        not taken", "bob      card, signed, whole          new")
        await user.press("ctrl+n")
        user.sees("bob", "2 of 3 are here")
    assert bob in wizard.state.documents() and len(wizard.state.documents()) == 2
