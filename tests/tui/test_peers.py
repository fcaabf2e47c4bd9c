"""The cards come together: a coordinator gathers and judges them, a member reads them and compares words."""

from __future__ import annotations

import pytest

from core.documents.armour import armour
from core.documents.document import Document
from core.documents.words import eight_words
from core.local import Local
from core.peers.receive import receive
from tui.app import Options

from .cards import approved, bare_values, came, changed, chat, chat_of, expected, gathered, node, signed
from .conftest import Snapshots
from .driver import WizardDriver

SIZES = ((80, 24), (120, 40))
BAD = "\x1b[2J\u202e[bold red]x[/]"


def called(name: str, size: tuple[int, int]) -> str:
    return name if size == SIZES[0] else f"{name}-{size[0]}x{size[1]}"


def local(wizard: WizardDriver) -> Local:
    return wizard.state.local


async def test_a_whole_chat_is_pasted_looked_at_and_taken(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("peers") as user:
        user.sees("No cards yet but your own.", "Paste what the members sent you")
        await user.press("ctrl+n")
        await user.paste(chat_of(came("bob"), came("carol")))
        user.sees("Found so far: 2 cards whole.")
        await user.press("ctrl+n")
        user.sees("bob      card, signed, whole", "Take 2 cards: bob new and carol new")
        assert len(wizard.state.documents()) == 1, "nothing is kept before it is taken"
        await user.press("ctrl+n")
        user.sees("bob", "carol", "unverified", "Open bob's card, and compare words with bob; 1 more after it")
        assert len(wizard.state.documents()) == 3


async def test_one_that_is_left_out_is_not_kept(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("peers") as user:
        await user.paste(chat_of(came("bob"), came("carol")))
        await user.press("ctrl+n", "enter")
        user.sees("left out", "Take 1 card: carol new")
        await user.press("ctrl+n")
        user.sees("carol").sees_not("bob")
        assert came("bob") not in wizard.state.documents()


async def test_what_is_damaged_forged_foreign_or_known_is_told_and_not_taken(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"))
    texts = (
        armour(came("bob")),
        armour(came("carol"))[:700],
        armour(came("dave", signer="mallory")),
        armour(came("erin", network="another")),
    )
    async with wizard.open("peers") as user:
        await user.paste(chat(*texts))
        await user.press("ctrl+n")
        user.sees("you have it", "can not be read", "wrong signature", "of another network")
        user.sees("There is nothing to take. Esc goes back.")
        await user.press("ctrl+n")
        user.sees("Paste a card or a whole chat.")
        assert len(wizard.state.documents()) == 2


async def test_a_file_and_a_folder_are_read_too(wizard: WizardDriver) -> None:
    await signed(wizard)
    inbox = wizard.folder / "quorate" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "bob.card").write_text(armour(came("bob")))
    (inbox / "mail.txt").write_text(chat_of(came("carol")))
    async with wizard.open("peers") as user:
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("down", "enter")
        user.sees("[ ~/quorate/inbox")
        await user.press("enter")
        user.sees("Take 2 cards: bob new and carol new")
        await user.press("ctrl+n")
        user.sees("4/7 Peers", "bob", "carol")
        assert len(wizard.state.documents()) == 3


async def test_a_file_that_is_not_there_is_told_and_can_be_typed_again(wizard: WizardDriver) -> None:
    await signed(wizard)
    async with wizard.open("peers") as user:
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("down", "enter")
        await user.type("/nowhere/bob.card")
        await user.press("enter")
        user.sees("/nowhere/bob.card does not exist", "FIX")


async def test_each_card_is_judged_and_how_the_words_were_compared_stays_noted(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"), came("carol"), came("dave"))
    async with wizard.open("peers") as user:
        await user.press("enter")
        user.sees("bob's card.", *eight_words(bytes.fromhex(came("bob").id), "card"))
        await user.press("enter")
        user.sees("Approve each card")
        assert not local(wizard).decisions, "<Not yet> has the focus, and says nothing"
        await user.press("ctrl+n", "right", "enter")
        user.sees("How did you compare?", "[ on a call, 21 Nov 2026")
        await user.press("enter")
        user.sees("bob", "approved", "Open carol's card")
        await user.press("ctrl+n", "right", "right", "enter")
        user.sees("The reason is empty")
        await user.press("enter")
        user.sees("The reason is empty")
        await user.type("no name")
        await user.press("enter")
        user.sees("held: no name")
        await user.press("ctrl+n", "right", "right", "right", "enter")
        await user.type("not dave")
        await user.press("enter")
        user.sees("refused: not dave", "Go to Network; carol stays out, held")
        said = {name: local(wizard).decisions[node(name)] for name in ("bob", "carol", "dave")}
    assert (said["bob"].verdict, said["bob"].confirmed) == ("approve", "on a call, 21 Nov 2026")
    assert (said["carol"].verdict, said["carol"].reason) == ("hold", "no name")
    assert (said["dave"].verdict, said["dave"].reason) == ("refuse", "not dave")


async def test_who_is_expected_and_missing_stands_in_the_list(wizard: WizardDriver) -> None:
    approved(await gathered(wizard, came("bob")), "alice", "bob")
    async with wizard.open("peers") as user:
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("down", "down", "enter")
        user.sees("[ alice, bob")
        await user.type(", carol, dave")
        await user.press("enter")
        user.sees("missing: no card yet", "2 of 4 are here", "For carol and dave: 2 of 4 are here. ^N pastes what came")
        user.app.frame.set_focus(user.page.query_one("#inbox"))
        await user.press("end", "enter")
        user.sees("No card of dave has come.")
        await user.press("ctrl+n")
        user.sees("Paste a card or a whole chat.")
    assert local(wizard).expected == ("alice", "bob", "carol", "dave")


async def test_a_member_without_quorate_is_typed_in(wizard: WizardDriver) -> None:
    await signed(wizard)
    values = bare_values("dave")
    async with wizard.open("peers") as user:
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("end", "enter")
        user.sees("A member without quorate", "For Moniker, Address, Node id, Validator key.")
        for text in ("dave", values["p2p"], "nonsense"):
            await user.type(text)
            await user.press("enter")
        user.sees("Node id can not be used as it is.", "nonsense")
        await user.press("ctrl+n", "end", "ctrl+u")
        await user.type(values["node_id"])
        await user.press("enter")
        await user.type(values["validator_key"])
        user.sees("Enter dave, marked as unsigned")
        await user.press("ctrl+n")
        user.sees("unsigned, unverified", "Open dave's values, and read them to dave")
        await user.press("ctrl+n")
        user.sees("signed by nobody", "There is no card whose words could be read")
        await user.press("right", "enter", "enter")
        user.sees("unsigned, approved")


async def test_bare_values_in_a_mail_are_found_and_only_the_name_is_asked(wizard: WizardDriver) -> None:
    await signed(wizard)
    values = bare_values("dave")
    mail = f"hi,\n{values['node_id']}@{values['p2p']}\nvalidator key {values['validator_key']}\n"
    async with wizard.open("peers") as user:
        await user.paste(mail)
        await user.press("ctrl+n")
        user.sees("values, signed by nobody", "Say whose these values are")
        await user.press("ctrl+n")
        user.sees(values["node_id"], "For Moniker.")
        await user.type("dave")
        await user.press("ctrl+n")
        user.sees("dave", "unsigned, unverified")


async def test_a_member_reads_the_cards_and_compares_words_only(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"), role="member")
    async with wizard.open("peers") as user:
        user.sees("alice", "yours", "bob", "unverified", "Go to Network; words can be compared later with bob")
        user.sees_not("<Expect>", "<Add>")
        user.app.frame.set_focus(user.page.query_one("#inbox"))
        await user.press("end", "enter")
        user.sees("<Not yet>  <Same>  <Differ>").sees_not("approve", "<Refuse>")
        await user.press("right", "right", "enter")
        user.sees("Stop here. bob holds another card than you.", "FIX")
        held = local(wizard).decisions[node("bob")]
        assert (held.verdict, held.reason) == ("hold", "its words differed: on a call, 21 Nov 2026")
        await user.press("escape", "left", "enter", "enter")
        user.sees("words compared", "Go to Network").sees_not("unverified")
    decision = local(wizard).decisions[node("bob")]
    assert (decision.verdict, decision.confirmed) == (None, "on a call, 21 Nov 2026")


async def test_a_member_alone_is_told_that_the_record_brings_the_cards(wizard: WizardDriver) -> None:
    await signed(wizard, "member")
    async with wizard.open("peers") as user:
        user.sees("You need no cards to go on", "Go to Network")


async def test_two_cards_of_one_time_are_both_shown_and_none_is_used(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"), came("bob", contact="another"))
    async with wizard.open("peers") as user:
        user.sees("two cards, none used", "FIX")
        user.app.frame.set_focus(user.page.query_one("#inbox"))
        await user.press("end", "enter")
        user.sees("bob signed two cards at one time.", "What differs", "another", "bob@example.org")


async def test_foreign_text_is_shown_and_never_obeyed(wizard: WizardDriver) -> None:
    odd = "[@click=app.quit]x[/] [bold"
    await gathered(wizard, _odd(odd, "bob", contact="[/nope] a]"))
    expected(wizard, BAD)
    async with wizard.open("peers") as user:
        user.sees(odd[:14])
        await user.press("ctrl+n")
        user.sees(odd, "[/nope] a]")
        await user.press("right", "enter", "enter")
        await user.paste(chat(f"BEGIN QUORATE CARD. {BAD} END QUORATE CARD.", armour(_odd(odd, "carol"))))
        await user.press("ctrl+n")
        assert "\x1b" not in user.text and "\u202e" not in user.text


async def test_letters_never_decide(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"))
    async with wizard.open("peers") as user:
        await user.press("ctrl+n")
        before = user.text
        await user.type("yYaA1 approve")
        assert user.text == before and not local(wizard).decisions


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_forty_members_fit_every_size(wizard: WizardDriver, size: tuple[int, int]) -> None:
    names = [f"member-{number:02d}" for number in range(40)]
    await gathered(wizard, *(came(name) for name in names))
    wizard.size = size
    async with wizard.open("peers") as user:
        user.sees("member-00", "unverified")
        await user.press("end")
        user.sees("member-39")
        await user.press("home")
        user.sees("alice", "approved, you")


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_pictures_of_the_inbox(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    await signed(wizard)
    wizard.size = size
    async with wizard.open("peers") as user:
        snap(user, called("peers-empty", size))
    approved(await _busy(wizard), "alice", "bob")
    async with wizard.open("peers") as user:
        snap(user, called("peers", size))
        await user.press("ctrl+n")
        snap(user, called("peers-card", size))


@pytest.mark.parametrize("size", SIZES)
async def test_pictures_of_pasting(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    await gathered(wizard, came("carol"))
    wizard.size = size
    text = chat(armour(came("bob")), armour(changed("carol")), armour(came("dave"))[:700])
    async with wizard.open("peers") as user:
        await user.paste(text)
        snap(user, called("peers-paste", size))
        await user.press("ctrl+n", "home")
        snap(user, called("peers-found", size))


@pytest.mark.parametrize("size", SIZES)
async def test_pictures_of_what_is_asked(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    await gathered(wizard, came("bob"))
    wizard.size = size
    async with wizard.open("peers") as user:
        await user.press("ctrl+n", "right", "enter")
        snap(user, called("peers-same", size))
        await user.press("escape", "right", "right", "enter")
        snap(user, called("peers-refuse", size))
        await user.press("escape", "escape")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("end", "enter")
        snap(user, called("unsigned", size))


@pytest.mark.parametrize("look", ["no-color", "ascii"])
async def test_pictures_without_colours_and_marks(
    wizard: WizardDriver, snap: Snapshots, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    approved(await _busy(await signed(wizard)), "alice", "bob")
    wizard.options = Options(ascii=look == "ascii")
    if look == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")
    async with wizard.open("peers") as user:
        snap(user, f"peers-{look}")
        await user.press("ctrl+n")
        snap(user, f"peers-card-{look}")


def _odd(moniker: str, node_key: str, **spoil: str) -> Document:
    return came(moniker, node=node_key, p2p=("odd.example.org:26656",), **({"api": "", "contact": ""} | spoil))


async def _busy(wizard: WizardDriver) -> WizardDriver:
    """Four of five have sent a card, one of them a second one."""
    from core.peers.receive import receive

    documents = (came("bob"), came("carol"), changed("carol"), came("dave", p2p=("10.20.0.5:26656",)))
    await receive(wizard.world.at(wizard.state), chat_of(*documents).encode())
    return expected(wizard, "alice", "bob", "carol", "dave", "erin")


async def test_the_earlier_card_can_be_kept_and_the_newer_one_judged_after_all(wizard: WizardDriver) -> None:
    await gathered(wizard, came("bob"))
    approved(wizard, "alice", "bob")
    await receive(wizard.world.at(wizard.state), armour(changed("bob")).encode())
    async with wizard.open("peers") as user:
        user.sees("changed, unverified", "Open bob's card")
        await user.press("ctrl+n", *["right"] * 3, "enter")
        user.sees("You approved an earlier card of bob.", "<Keep>")
        await user.press("enter")
        user.sees("earlier card kept").sees_not("Open bob's card")
        assert local(wizard).decisions[node("bob")].card == came("bob").id
        await user.press("enter")
        user.sees("See the newer card")
        await user.press("right", "enter")
        user.sees("Same: approve", "another validator key")
