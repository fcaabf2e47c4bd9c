"""Carol's card is known and her words were compared; then a card of hers comes that names another validator key.

Her node key signed both, so for quorate she is the same member: only she can say whether she changed it.
"""

from __future__ import annotations

from functools import partial

from core.agreement.exchange import known_members
from core.agreement.reduce import reduce
from core.documents.document import Document
from core.documents.ed25519 import to_base64
from core.documents.words import eight_words
from core.local import Decision
from core.peers.decide import confirm
from tests.builders import a_key, a_record
from tests.tui.agreements import OTHERS, START, coordinating, own_card, record_here, take
from tests.tui.cards import came, changed, chat_of, gathered, node
from tests.tui.driver import NETWORK, NOW, User, WizardDriver, every_file

KNOWN = a_key("carol validator").base64
OTHER = a_key("carol on a new disk").base64


def words_of_card(card: Document) -> tuple[str, ...]:
    return eight_words(bytes.fromhex(card.id), "card")


def said_of_carol(wizard: WizardDriver) -> Decision:
    return wizard.state.local.decisions[node("carol")]


def keys_in_the_record(wizard: WizardDriver) -> dict[str, str]:
    """By moniker, as the genesis of it names them."""
    return {one.name: to_base64(one.key) for one in record_here(wizard).genesis().validators}


async def knows_carol(wizard: WizardDriver) -> WizardDriver:
    """A member, who compared the words of bob and carol."""
    await gathered(wizard, came("bob"), came("carol"), role="member")
    state = wizard.state
    known = known_members(reduce(state.documents(), network=NETWORK, now=NOW, local=state.local))
    for name in ("bob", "carol"):
        state.change(partial(confirm, node_id=node(name), one=known[node(name)], how="on a call"))
    return wizard


async def takes_the_changed_card(user: User) -> User:
    """From a chat, by way of the page that shows what was found."""
    await user.paste(chat_of(came("bob"), changed("carol")))
    await user.press("ctrl+n")
    user.sees("Take 1 card: carol changed")
    return await user.press("ctrl+n")


async def opens(user: User, name: str) -> User:
    user.app.frame.set_focus(user.page.query_one("#inbox"))
    await user.press("home", *["down"] * ("alice", *OTHERS).index(name), "enter")
    return user.sees(f"{name}'s card")


async def says(user: User, at: int, text: str = "") -> User:
    """The button at that place, and what it asks for; empty: what stands there."""
    await user.press(*["right"] * at, "enter")
    if text:
        await user.paste(text)
    return await user.press("enter")


async def publishes(user: User) -> User:
    """From the peers to the signed record."""
    await user.press("ctrl+n")
    user.sees("5/7 Network")
    await user.press("ctrl+n")
    user.sees("Nothing is written yet.", "a signed record")
    await user.press("ctrl+n")
    return user.sees("Done, and read back.")


async def previewed(user: User) -> str:
    """The record that would be signed, to the last line; back on the form then."""
    await user.press("ctrl+n")
    user.sees("Nothing is written yet.", "a signed record")
    told = plain(user)
    assert a_key("dave validator").base64 in told
    await user.press("escape")
    return told


def plain(user: User) -> str:
    """The whole page, also what is not on the screen, in one line."""
    return " ".join(" ".join(user.page.plain()).split())


# The coordinator


async def test_the_changed_key_is_shown_beside_the_known_one_and_the_approval_is_gone_for_good(
    wizard: WizardDriver,
) -> None:
    await coordinating(wizard)
    async with wizard.open("peers") as user:
        user.sees("approved").sees_not("unverified")
        await user.paste(chat_of(came("bob"), changed("carol")))
        await user.press("ctrl+n")
        user.sees("bob      card, signed, whole          you have it")
        user.sees("carol    card, signed, whole          replaces 18 Nov")
        await user.press("down")
        user.sees("carol: what changes", f"- validator key   {KNOWN}", f"+ validator key   {OTHER}")
        user.sees("All else is the same.", "Take 1 card: carol changed")
        assert changed("carol") not in wizard.state.documents(), "nothing is kept before it is taken"
        await user.press("ctrl+n")
        user.sees("changed, unverified", "carol has another validator key", f"{KNOWN} before", f"{OTHER} now")
        user.sees("an approval has to be given anew", "Open carol's card, and compare words with carol")
        await user.press("ctrl+n")
        user.sees("carol's card, version 2.", f"! Validator key   {OTHER}", f"was           {KNOWN}")
        user.sees(*words_of_card(changed("carol"))).sees_not(*words_of_card(came("carol")))
        await user.paste(chat_of(came("carol"), came("dave")))
        await user.press("ctrl+n")
        user.sees("There is nothing to take.")
        await user.press("escape", "escape", "escape")
        user.sees("changed, unverified")
    assert {came("carol"), changed("carol")} <= set(wizard.state.documents()), "the earlier one stays, as a proof"


async def test_held_with_a_reason_carol_stays_out_and_the_record_has_neither_key(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("peers") as user:
        await takes_the_changed_card(user)
        await opens(user, "carol")
        await user.press("right", "right", "enter", "enter")
        user.sees("The reason is empty")
        assert said_of_carol(wizard).card == came("carol").id, "what was said of the card before"
        await user.paste("carol knows of no new key")
        await user.press("enter")
        user.sees("held: carol", "Go to Network; carol stays out, held")
        await publishes(user)
        user.sees("the card of carol is here, and held (carol knows of no new key); it would be left out")
    said = said_of_carol(wizard)
    assert (said.card, said.verdict, said.reason) == (changed("carol").id, "hold", "carol knows of no new key")
    assert sorted(keys_in_the_record(wizard)) == ["alice", "bob", "dave"]
    assert OTHER.encode() not in record_here(wizard).payload


async def test_without_a_word_about_it_or_refused_the_changed_key_gets_into_no_record(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("peers") as user:
        await takes_the_changed_card(user)
    async with wizard.open("network") as user:
        user.sees("the card of carol is here, and neither approved nor refused; it would be left out")
        assert OTHER not in await previewed(user)
    async with wizard.open("peers") as user:
        await opens(user, "carol")
        await user.press(*["right"] * 3, "enter")
        user.sees("You approved an earlier card of carol.")
        await user.press("down", "enter")
        await user.paste("not hers")
        await user.press("enter")
        user.sees("refused: not hers")
        await user.press("ctrl+n")
        user.sees("5/7 Network")
        assert OTHER not in await previewed(user)


async def test_when_carol_really_changed_it_her_words_are_the_same_and_it_goes_on(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("peers") as user:
        await takes_the_changed_card(user)
        await opens(user, "carol")
        user.sees(*words_of_card(changed("carol")))
        await says(user, 1, ", carol moved")
        user.sees("approved").sees_not("unverified")
        assert user.action.startswith("NEXT  Go to Network"), user.text
        await publishes(user)
    said = said_of_carol(wizard)
    assert (said.card, said.verdict) == (changed("carol").id, "approve")
    assert said.confirmed == "on a call, 21 Nov 2026, carol moved"
    assert sorted(keys_in_the_record(wizard)) == sorted(["alice", *OTHERS])
    assert keys_in_the_record(wizard)["carol"] == OTHER


async def test_a_key_that_changes_after_the_record_was_made_is_kept_out_of_it(wizard: WizardDriver) -> None:
    await coordinating(wizard)
    async with wizard.open("peers") as user:
        await publishes(user)
    first = record_here(wizard)
    await take(wizard, changed("carol"))
    async with wizard.open("network") as user:
        told = plain(user)
        assert "the card of carol has changed and is neither approved nor refused" in told
        assert "the record would keep the one it has" in told
    assert record_here(wizard).id == first.id and keys_in_the_record(wizard)["carol"] == KNOWN


# The member


async def test_a_member_who_hears_other_words_is_told_to_stop(wizard: WizardDriver) -> None:
    await knows_carol(wizard)
    home = every_file(wizard.home)
    async with wizard.open("peers") as user:
        user.sees("words compared").sees_not("unverified")
        await takes_the_changed_card(user)
        user.sees("changed, unverified", "words can be compared later with carol")
        await opens(user, "carol")
        user.sees(*words_of_card(changed("carol")), "<Not yet>  <Same>  <Differ>")
        await user.press("right", "right", "enter")
        user.sees("4/7 Peers: words differ", "Stop here. carol holds another card than you.")
        user.sees("somebody changed it on its way", "Tell the coordinator before anything is signed.")
        assert user.action.startswith("FIX   Paste the card that carol has")
        await user.press("escape", "escape")
        user.sees("held")
    members = [own_card(wizard), came("bob"), changed("carol"), came("dave")]
    await take(wizard, a_record(members, network=NETWORK, owners=("bob",), genesis_time=START, chain_id="harbour-1"))
    async with wizard.open("network") as user:
        user.sees("the record has the card of carol that you hold back: its words", "differed: on a call")
    async with wizard.open("genesis") as user:
        user.sees("the record has the card of carol that you hold back").sees_not("Accept: sign")
    assert every_file(wizard.home) == home


async def test_a_member_whom_carol_told_of_it_notes_that_her_words_are_the_same(wizard: WizardDriver) -> None:
    await knows_carol(wizard)
    async with wizard.open("peers") as user:
        await takes_the_changed_card(user)
        await opens(user, "carol")
        await says(user, 1)
        user.sees("words compared").sees_not("unverified")
        assert "Go to Network" in user.action
    assert said_of_carol(wizard).card == changed("carol").id


async def test_a_record_that_brings_the_other_key_says_whose_card_is_not_the_known_one(wizard: WizardDriver) -> None:
    """The coordinator may have been deceived: the member sees it before anything is signed."""
    await knows_carol(wizard)
    members = [own_card(wizard), came("bob"), changed("carol"), came("dave")]
    await take(wizard, a_record(members, network=NETWORK, owners=("bob",), genesis_time=START, chain_id="harbour-1"))
    async with wizard.open("network") as user:
        user.sees(f"{OTHER} for carol; the", "card here, whose words you compared (on a call) has", KNOWN)
        told = plain(user)
        assert "! Newer cards carol: not the card that you had" in told
        assert f"validator key: {KNOWN} > {OTHER}" in told
        assert "✓ Same cards bob: as you had them" in told
    assert not any(one.kind == "acceptance" for one in wizard.state.documents())
