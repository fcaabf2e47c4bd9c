"""A member reads the genesis out, accepts it with a typed word, and watches the board until it is QUORATE."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.agreement.record import NetworkRecord
from core.documents.armour import armour
from core.documents.document import Document
from core.genesis.model import render
from core.network.attest import waiting_drafts
from core.network.heard import note_heard
from core.peers.decide import add_unsigned
from core.peers.receive import receive
from core.profiles import profile
from core.run import carry_out, preview
from core.steps import step
from tests.builders import a_key, a_record, an_acceptance, an_amendment, an_unsigned, the_record
from tui.__main__ import _review_words
from tui.screens.genesis.board import BoardPage
from tui.screens.genesis.review import ReviewPage

from .agreements import (
    OTHERS,
    START,
    a_record_for,
    accepted,
    member,
    note_others,
    own_card,
    record_here,
    take,
    words_of,
)
from .cards import approved, came, signed
from .conftest import Snapshots
from .driver import NETWORK, NOW, User, WizardDriver

SIZES = ((80, 24), (120, 40))


def called(name: str, size: tuple[int, int]) -> str:
    return name if size == SIZES[0] else f"{name}-{size[0]}x{size[1]}"


def _record(wizard: WizardDriver) -> Document:
    return next(one for one in wizard.state.documents() if one.kind == "record")


def _acceptances(wizard: WizardDriver, *names: str) -> str:
    return "\n".join(armour(an_acceptance(_record(wizard), name)) for name in names)


async def _accept(user: User, record: NetworkRecord) -> None:
    """From the review to the receipt."""
    await user.press("ctrl+n")
    await user.type(words_of(record)[7])
    await user.press("ctrl+n", "ctrl+n")


async def test_without_a_record_the_page_waits_for_one(wizard: WizardDriver) -> None:
    await member(wizard, record=False)
    async with wizard.open("genesis") as user:
        assert user.action.startswith("WAIT  For the record of your coordinator.")
        await user.press("ctrl+n")
        user.sees("Paste")


async def test_the_review_tells_power_time_parameters_and_hash(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("genesis") as user:
        user.sees("alice, you", "25.0 %", "1 of 4 may be down", "^ 1/3 can stop it")
        told = "\n".join(user.page.plain())
        record = record_here(wizard)
        assert "Thu 26 Nov 2026 12:00 UTC, in 5 days" in told
        assert "21 MiB          largest block" in told
        assert record.genesis_sha256[:8] in told
        assert "Accept: sign that you hold exactly this" in user.action


async def test_nothing_is_signed_without_the_typed_word(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("genesis") as user:
        await user.press("ctrl+n")
        user.sees("I hold exactly this record and this genesis.", *words_of(record_here(wizard)))
        assert user.action.startswith("FIX   Not signed yet: type word 8 first")
        await user.press("enter", "ctrl+n")
        user.sees("Type word 8")
        await user.type("wrong")
        user.sees('the 8th word of this record is not "wrong"')
        await user.press("ctrl+n")
        user.sees("Type word 8")
    assert not any(one.kind == "acceptance" for one in wizard.state.documents())


async def test_with_the_word_it_is_previewed_signed_installed_and_ready_to_send(wizard: WizardDriver) -> None:
    await member(wizard)
    note_others(wizard)
    record = record_here(wizard)
    async with wizard.open("genesis") as user:
        await user.press("ctrl+n")
        await user.type(words_of(record)[7])
        await user.press("ctrl+n")
        user.sees("Nothing is written yet.", "config/genesis.json", "a signed acceptance")
        await user.press("ctrl+n")
        user.sees("Done, and read back.", "config/quorate.json")
        await user.press("pagedown")
        user.sees("<Send>", "<Board>")
        assert "Send your acceptance to the coordinator" in user.action
        await user.press("ctrl+n", "enter")
        user.sees("BEGIN QUORATE ACCEPTANCE.")
        await user.press("escape", "ctrl+n")
        user.sees("1 of 4", "For 3 members;")
    assert (wizard.home / "config" / "genesis.json").read_bytes() == record.genesis_bytes()


async def test_who_heard_other_words_keeps_the_acceptance_back(wizard: WizardDriver) -> None:
    await member(wizard)
    state = wizard.state
    record = record_here(wizard)
    state.change(lambda local: note_heard(local, record, a_key("bob").node_id, "differs", NOW))
    async with wizard.open("genesis") as user:
        user.sees("bob heard other words")
        assert user.action.startswith("FIX   Somebody heard other words.")
        await user.press("ctrl+n")
        user.sees("Heard the same words", "differs, 21 Nov 12:00")


async def test_a_home_that_has_run_is_set_aside_only_when_that_is_chosen(wizard: WizardDriver) -> None:
    await member(wizard)
    (wizard.home / "data" / "blockstore.db").mkdir(parents=True)
    (wizard.home / "data" / "blockstore.db" / "000001.log").write_bytes(b"x")
    async with wizard.open("genesis") as user:
        user.sees("has already run")
        assert user.action.startswith("FIX")
        await user.press("ctrl+n")
        user.sees("Its data")
        await user.press("right")
        await _accept(user, record_here(wizard))
    assert not (wizard.home / "data" / "blockstore.db").exists()
    assert [path.name for path in wizard.home.iterdir() if path.name.startswith("data")] != ["data"]


async def test_the_board_counts_what_is_pasted_until_it_is_quorate(wizard: WizardDriver) -> None:
    await member(wizard)
    await accepted(wizard)
    async with wizard.open("genesis") as user:
        assert "See the board: 1 of 4 have accepted" in user.action
        await user.press("ctrl+n")
        assert user.action.startswith("WAIT  For 3 members;")
        await user.press("ctrl+n")
        await user.paste(_acceptances(wizard, "bob", "carol"))
        await user.press("ctrl+n", "ctrl+n")
        user.sees("3 of 4", "■  ■  ■  □")
        assert user.action.startswith("WAIT  For dave;")
        await user.paste(_acceptances(wizard, "dave"))
        await user.press("ctrl+n", "ctrl+n")
        user.sees("QUORATE", "All members hold the same record and genesis.", "tendermint start")
        assert any(f"--genesis_hash={record_here(wizard).genesis_sha256}" in one for one in user.page.commands())
        await user.press("ctrl+n")
        user.sees("7/7 Config")


async def test_a_new_version_that_comes_to_the_board_is_first_to_be_read(wizard: WizardDriver) -> None:
    await member(wizard)
    await accepted(wizard)
    first = _record(wizard)
    async with wizard.open("genesis") as user:
        await user.press("ctrl+n")
        later = START + timedelta(days=1)
        second = a_record_for(wizard, previous=first, genesis_time=later, chain_id="harbour-2")
        await user.paste("\n".join(map(armour, [second])))
        await user.press("ctrl+n", "ctrl+n")
        assert user.action.startswith("NEXT  Read version 2, and accept it"), user.text
        await user.press("ctrl+n")
        user.sees("Accept: sign that you hold exactly this")


async def test_an_acceptance_of_something_else_is_named_and_not_counted(wizard: WizardDriver) -> None:
    await member(wizard)
    await accepted(wizard)
    other = a_record_for(wizard, note="another")
    await take(wizard, an_acceptance(other, "bob"))
    async with wizard.open("genesis") as user:
        assert user.action.startswith("FIX   bob signed another version 1 than this one")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("enter")
        user.sees("✗   bob")
        assert user.action.startswith("FIX   bob signed something else.")


async def test_a_stranger_in_the_place_of_a_member_is_named_on_the_board(wizard: WizardDriver) -> None:
    await member(wizard)
    await accepted(wizard)
    first = _record(wizard)
    await take(wizard, *(an_acceptance(first, name) for name in OTHERS))
    cards = [own_card(wizard), came("bob"), came("dave")]
    stranger = an_amendment(first, [*cards, came("carol", node="mallory")])
    await take(wizard, stranger, an_acceptance(stranger, "mallory"))
    async with wizard.open("genesis") as user:
        assert user.action.startswith("FIX   Version 2")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("enter")
        user.sees("✗   carol", "power moved", "3 of 4")
        assert user.action.startswith("FIX   The power of carol went to a different node.")


async def test_a_member_hands_their_power_over_from_the_board(wizard: WizardDriver) -> None:
    await member(wizard)
    await accepted(wizard)
    first = _record(wizard)
    mine = the_record(first).members
    own = next(one for one in mine if one.moniker == "alice")
    moved = came(
        "alice", node="alice again", validator_key=own.card.validator_key, validator_address=own.card.validator_address
    )
    second = an_amendment(first, [moved, *map(came, OTHERS)])
    await take(wizard, *(an_acceptance(first, name) for name in OTHERS), second, an_acceptance(second, "alice again"))
    async with wizard.open("genesis") as user:
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("enter")
        user.sees("power moved")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("end")
        user.sees("<Hand over>")
        await user.press("enter")
        user.sees("a signed acceptance")
        await user.press("ctrl+n")
        user.sees("Done, and read back.")
        await user.press("escape")
        user.sees("This node has handed its power over.")
        user.sees_not("tendermint start")
        assert user.action.startswith("NEXT  Send the others what you signed")


async def test_an_owner_attests_for_a_member_without_quorate(wizard: WizardDriver) -> None:
    await signed(wizard, "coordinator")
    state = wizard.state
    state.change(lambda local: add_unsigned(local, an_unsigned("dave")))
    approved(wizard, "alice", "dave")
    world = wizard.world.at(wizard.state)
    await carry_out(await preview(step("network"), world, {}), world)
    await accepted(wizard)
    async with wizard.open("genesis") as user:
        await user.press("ctrl+n")
        user.sees("no quorate", "<Attest>", "<Hand out>")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("end", "up", "enter")
        user.sees("One text that dave follows, without quorate.", "genesis.json, its hash, the peers")
        told = "\n".join(user.page.plain())
        assert (
            "cat <<'END_OF_GENESIS'" in told and "--genesis_hash=" in told and an_unsigned("dave").node_id not in told
        )
        await user.press("escape")
        await user.press("end", "enter")
        user.sees("How did dave confirm")
        await user.type("by phone")
        await user.press("enter")
        user.sees("a signed attestation")
        await user.press("ctrl+n")
        user.sees("Done, and read back.")
        await user.press("escape")
        user.sees("QUORATE", "by phone")
        assert not user.action.startswith("WAIT")


@pytest.mark.parametrize("node", [True, False])
async def test_an_owner_with_an_openssh_key_gets_the_command_and_pastes_the_signature(
    wizard: WizardDriver, node: bool
) -> None:
    key = wizard.folder / "key"
    _ssh_keygen("-t", "ed25519", "-N", "", "-C", "olivia", "-f", str(key))
    await signed(wizard, "coordinator")
    state = wizard.state
    state.change(lambda local: add_unsigned(local, an_unsigned("dave")))
    approved(wizard, "alice", "dave")
    world = wizard.world.at(wizard.state)
    said = {"owners": key.with_suffix(".pub").read_text().strip()}
    drafted = await preview(step("network"), world, said)
    await carry_out(drafted, world)
    await receive(world, _signed_with(key, drafted.plan.next))
    if not node:
        state.change(lambda local: replace(local, home=""))
    async with wizard.open("genesis") as user:
        if not any("<Attest>" in line for line in user.page.plain()):
            user.app.frame.set_focus(user.page.query_one("#ways"))
            await user.press("enter")
        user.sees("no quorate", "<Attest>")
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("end", "enter")
        await user.type("by phone")
        await user.press("enter")
        user.sees("attestation-")
        await user.press("ctrl+n", "escape")
        user.sees("waits for the signature of olivia")
        assert not any("<Attest>" in line for line in user.page.plain()), "it waits already"
        assert isinstance(user.page, BoardPage) and user.page.facts is not None
        (draft,) = waiting_drafts(user.page.facts.current)
        await user.paste(_signed_with(key, draft.way.command).decode())
        await user.press("ctrl+n", "ctrl+n")
        user.sees("by phone")


def _ssh_keygen(*words: str) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-keygen on PATH")
    subprocess.run(("ssh-keygen", "-q", *words), check=True, capture_output=True)


def _signed_with(key: Path, command: str) -> bytes:
    """What the printed command makes."""
    words = [str(key) if word == "KEY" else word for word in shlex.split(command)]
    _ssh_keygen(*words[1:])
    return Path(f"{words[-1]}.sig").read_bytes()


async def test_the_next_version_is_told_by_what_it_changes(wizard: WizardDriver) -> None:
    await member(wizard)
    first = _record(wizard)
    moved = [own_card(wizard), came("bob", serial=int(NOW.timestamp()) - 60, p2p=("new.example.org:26656",))]
    await take(wizard, an_amendment(first, [*moved, came("carol"), came("dave")]))
    async with wizard.open("genesis") as user:
        user.app.frame.set_focus(user.page.query_one("#ways"))
        await user.press("down", "enter")
        user.sees("version 1", "version 2", "nothing of yours changed", "For bob", "new.example.org:26656")


async def test_a_file_that_is_named_is_compared_by_meaning(wizard: WizardDriver) -> None:
    await member(wizard)
    later = the_record(a_record_for(wizard, genesis_time=START + timedelta(hours=1)))
    (wizard.folder / "other.json").write_bytes(later.genesis_bytes())
    async with wizard.open("genesis") as user:
        user.focus("against")
        await user.type("~/other.json")
        await user.press("enter")
        user.sees("to ~/other.json, by meaning:", "genesis_time", "form no network")


async def test_a_file_that_is_missing_is_told(wizard: WizardDriver) -> None:
    await member(wizard)
    async with wizard.open("genesis") as user:
        user.focus("against")
        await user.type("~/none.json")
        await user.press("enter")
        user.sees("does not exist")


# A foreign file


def _foreign(wizard: WizardDriver, data: bytes) -> Path:
    path = wizard.folder / "genesis.json"
    path.write_bytes(data)
    return path


def _foreign_genesis() -> bytes:
    record = the_record(a_record([came("alice"), *map(came, OTHERS)], network=NETWORK, genesis_time=START))
    return render(record.genesis(), profile(record.profile))


async def test_a_foreign_file_is_read_out_without_a_state(wizard: WizardDriver) -> None:
    path = _foreign(wizard, _foreign_genesis())
    async with wizard.open(page=ReviewPage(str(path), "tendermint-0.34")) as user:
        user.sees("Review of a genesis.json", "alice", "1 of 4 may be down", "sleeps until then")
    assert not wizard.root.exists()


async def test_a_foreign_file_that_is_no_genesis_is_told_with_its_finding(wizard: WizardDriver) -> None:
    path = _foreign(wizard, b"[1, 2")
    async with wizard.open(page=ReviewPage(str(path), "tendermint-0.34")) as user:
        assert user.action.startswith("FIX   It can not be read out.")


async def test_names_with_markup_and_escapes_are_shown_as_text(wizard: WizardDriver) -> None:
    data = _foreign_genesis().replace(b'"name": "bob"', b'"name": "[@click=app.bell]b[/]\\u001b[2J\\u202e"')
    assert b"app.bell" in data
    async with wizard.open(page=ReviewPage(str(_foreign(wizard, data)), "tendermint-0.34")) as user:
        user.sees("[@click=app.bell]b[/]")
        assert "\x1b" not in user.text
        assert "\u202e" not in user.text


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("genesis review F --screen", {"review": "F", "profile": "tendermint-0.34"}),
        ("genesis review --screen --profile cometbft-1.0 F --ascii", {"review": "F", "profile": "cometbft-1.0"}),
        ("genesis check F --screen", None),
        ("genesis review F --screen --json", None),
        ("genesis review --screen", None),
    ],
)
def test_the_words_of_a_review_on_a_screen(words: str, asked: dict[str, str] | None) -> None:
    found = _review_words(words.split())
    assert (found is None) == (asked is None)
    assert asked is None or asked.items() <= (found or {}).items()


# Pictures


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_pictures_of_review_and_acceptance(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    (await member(wizard)).size = size
    async with wizard.open("genesis") as user:
        snap(user, called("genesis", size))
        await user.press("ctrl+n")
        await user.type("se")
        snap(user, called("accept", size))


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_pictures_of_the_board(wizard: WizardDriver, snap: Snapshots, size: tuple[int, int]) -> None:
    (await member(wizard)).size = size
    await accepted(wizard)
    await take(wizard, *(an_acceptance(_record(wizard), name) for name in ("bob", "carol")))
    async with wizard.open("genesis") as user:
        await user.press("ctrl+n")
        snap(user, called("board", size))
        await take(wizard, an_acceptance(_record(wizard), "dave"))
        await user.press("ctrl+r")
        snap(user, called("board-quorate", size))


async def test_a_picture_of_a_foreign_file(wizard: WizardDriver, snap: Snapshots) -> None:
    path = _foreign(wizard, _foreign_genesis())
    async with wizard.open(page=ReviewPage(str(path), "tendermint-0.34")) as user:
        snap(user, "review")
