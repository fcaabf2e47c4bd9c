"""The step genesis: what was agreed is accepted and installed; what was not, is not."""

from __future__ import annotations

import hashlib
import json
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.agreement.record import NetworkRecord
from core.apply.engine import undo
from core.around import standing
from core.changes import MoveAside, Sign, WriteFile
from core.cli.answer import Answer
from core.cli.output import Output
from core.cli.plan import with_next
from core.cli.session import Session
from core.documents.words import eight_words
from core.finding import Refusal
from core.network.heard import Word, note_heard
from core.plan import Plan
from core.run import carry_out, keep_answers
from tests.builders import (
    CHAIN_ID,
    GENESIS_TIME,
    NOW,
    SERIAL,
    a_card,
    a_key,
    a_record,
    an_acceptance,
    an_amendment,
    the_record,
)
from tests.core.home.test_history import held, signed_state
from tests.core.keys.key_homes import put
from tests.core.network.operators import Operator, codes, operator

MEMBERS = ("alice", "bob", "carol")
CARDS = [a_card(name) for name in MEMBERS]
RECORD = a_record(CARDS)


def word_of(record: NetworkRecord) -> str:
    return eight_words(bytes.fromhex(record.id), "record")[7]


WORD = word_of(the_record(RECORD))


@pytest.fixture
def bob(tmp_path: Path) -> Operator:
    """A member to whom the record has come."""
    return operator(tmp_path, "bob", "member").has(*CARDS, RECORD)


def genesis(who: Operator) -> Path:
    return who.home / "config" / "genesis.json"


def hears(who: Operator, name: str, *, record: NetworkRecord | None = None, word: Word | None = "same") -> Operator:
    """Note that the member ``name`` read that word of the record."""
    agreed = record or the_record(RECORD)
    who.state.change(lambda local: note_heard(local, agreed, a_key(name).node_id, word, NOW))
    return who


def errors(plan: Plan) -> dict[str, str]:
    return {one.code: one.subject for one in plan.findings if one.severity.word == "error"}


# What was agreed


async def test_a_member_accepts_and_installs_and_is_done(bob: Operator) -> None:
    plan = await bob.plan("genesis", word=WORD)
    write, mark, sign = plan.changes
    assert isinstance(write, WriteFile) and isinstance(mark, WriteFile) and isinstance(sign, Sign)
    assert mark.path == bob.home / "config" / "quorate.json"
    assert hashlib.sha256(write.after).hexdigest() == the_record(RECORD).genesis_sha256
    pin = f"--genesis_hash={the_record(RECORD).genesis_sha256}"
    assert plan.restarts[0].endswith(f" tendermint start --home {bob.home} {pin}")
    receipt = await hears(bob, "alice").does("genesis", word=WORD)
    assert genesis(bob).read_bytes() == the_record(RECORD).genesis_bytes()
    (acceptance,) = bob.seen.exchange.acceptances
    assert acceptance.words_checked and acceptance.record == RECORD.id and receipt.documents[0].id == acceptance.id
    after = await bob.plan("genesis")
    assert (after.changes, after.is_safe) == ((), True) and "genesis-words-not-compared" not in codes(after)


async def test_words_that_were_not_compared_are_a_warning_and_stand_in_the_acceptance(bob: Operator) -> None:
    plan = await bob.plan("genesis")
    assert plan.is_safe and codes(plan)["genesis-words-not-compared"] == "word"
    await bob.does("genesis")
    assert [one.words_checked for one in bob.seen.exchange.acceptances] == [False]


async def test_a_word_that_was_only_typed_compares_nothing(bob: Operator) -> None:
    plan = await bob.plan("genesis", word=WORD)
    assert plan.is_safe and "genesis-words-not-compared" in codes(plan)
    await bob.does("genesis", word=WORD)
    assert [one.words_checked for one in bob.seen.exchange.acceptances] == [False]


@pytest.mark.parametrize("note", ["own", "other record", "taken back"])
async def test_only_another_member_who_read_the_words_of_this_record_counts(bob: Operator, note: str) -> None:
    record = the_record(RECORD)
    if note == "other record":
        record = the_record(a_record(CARDS, genesis_time=GENESIS_TIME.replace(hour=3)))
    hears(bob, "bob" if note == "own" else "alice", record=record)
    if note == "taken back":
        hears(bob, "alice", word=None)
    await bob.does("genesis", word=WORD)
    assert [one.words_checked for one in bob.seen.exchange.acceptances] == [False]


async def test_one_who_read_the_same_words_is_enough_and_who_is_open_is_told(bob: Operator) -> None:
    plan = await hears(bob, "carol").plan("genesis")
    assert plan.is_safe and "genesis-words-not-compared" not in codes(plan) and "words-not-compared" in codes(plan)
    await bob.does("genesis")
    assert [one.words_checked for one in bob.seen.exchange.acceptances] == [True]


async def test_who_is_the_only_member_has_nobody_to_compare_with(tmp_path: Path) -> None:
    alone = operator(tmp_path, "alice").has(CARDS[0], a_record(CARDS[:1]))
    assert "genesis-words-not-compared" not in codes(await alone.plan("genesis"))
    await alone.does("genesis")
    assert alone.seen.tally is not None and not codes(alone.seen.tally.findings)


@pytest.mark.parametrize("word", ["abandon", "zoo zoo", "\x1b[31m", "x" * 3000])
async def test_another_word_stops_everything(bob: Operator, word: str) -> None:
    plan = await bob.plan("genesis", word=word)
    assert plan.changes == () and errors(plan) == {"genesis-word-differs": "word"}


async def test_the_word_is_read_in_any_letters(bob: Operator) -> None:
    assert (await bob.plan("genesis", word=f" {WORD.upper()} ")).is_safe


async def test_the_plan_stays_the_same_while_the_clock_moves(bob: Operator) -> None:
    from datetime import timedelta

    digest = (await bob.plan("genesis", word=WORD)).digest
    for span in (timedelta(seconds=1), timedelta(hours=5), timedelta(days=9)):
        assert (await bob.wait(span).plan("genesis", word=WORD)).digest == digest


async def test_a_word_of_one_version_is_not_held_against_the_next(bob: Operator) -> None:
    await bob.does("genesis", word=WORD)
    later = a_record(CARDS, previous=RECORD, powers=(10, 3), chain_id="example-2")
    plan = await bob.has(later).plan("genesis")
    assert errors(plan) == {} and len(plan.changes) == 2
    await bob.does("genesis", word=word_of(the_record(later)))
    assert genesis(bob).read_bytes() == the_record(later).genesis_bytes()


async def test_a_later_roster_over_the_same_genesis_asks_for_nothing(bob: Operator) -> None:
    await bob.does("genesis", word=WORD)
    plan = await bob.has(an_amendment(RECORD, note="x")).plan("genesis")
    assert (plan.changes, plan.is_safe) == ((), True) and "genesis-words-not-compared" not in codes(plan)
    assert bob.seen.tally is not None and bob.seen.tally.accepted == ("bob",)


async def test_one_acceptance_for_one_version(bob: Operator) -> None:
    """P5: another record of the version that was accepted is not accepted, whatever the state says by then."""
    await bob.does("genesis", word=WORD)
    acceptance = next(one for one in bob.state.documents() if one.kind == "acceptance")
    other = a_record(CARDS, owners=("bob",), genesis_time=GENESIS_TIME.replace(hour=3))
    again = operator(bob.folder / "again", "bob", "member").has(other, acceptance)
    plan = await again.plan("genesis", word=word_of(the_record(other)))
    with pytest.raises(Refusal) as refused:
        await again.does("genesis", word=word_of(the_record(other)))
    assert plan.is_safe and refused.value.findings[0].code == "acceptance-second"
    assert not genesis(again).exists()


async def test_a_record_that_waits_for_owners_is_not_accepted(tmp_path: Path) -> None:
    waiting = a_record(CARDS, owners=("alice", "carol"), threshold=2, signers=("alice",))
    plan = await operator(tmp_path, "bob", "member").has(waiting).plan("genesis", word=word_of(the_record(waiting)))
    assert plan.changes == () and errors(plan) == {"genesis-record-waiting": "record"}


async def test_an_owner_accepts_a_first_version_before_it_is_in_force_and_after(tmp_path: Path) -> None:
    waiting = a_record(CARDS, owners=MEMBERS, threshold=3, signers=("alice",))
    bob = operator(tmp_path, "bob", "member").has(waiting)
    await bob.does("genesis", word=word_of(the_record(waiting)))
    assert not bob.seen.in_force and bob.seen.tally is not None and not bob.seen.tally.quorate
    assert genesis(bob).exists() and (await bob.plan("genesis")).is_safe
    bob.has(an_acceptance(waiting, "carol"))
    assert bob.seen.in_force and (await bob.plan("genesis")).is_safe
    bob.has(an_acceptance(waiting, "alice"))
    assert bob.seen.tally is not None and bob.seen.tally.quorate


async def test_without_a_record_there_is_nothing_to_accept(tmp_path: Path) -> None:
    plan = await operator(tmp_path, "bob", "member").plan("genesis")
    assert plan.changes == () and errors(plan) == {"genesis-no-record": "record"}


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        (a_record(CARDS[:1]), "record-own-missing"),
        (a_record([CARDS[0], a_card("bob", validator="mallory validator")]), "record-own-validator-key"),
        (a_record(CARDS, genesis_sha256="0" * 64), "record-genesis-hash"),
        (a_record([*CARDS, a_card("dave", validator="bob validator")]), "record-own-key-elsewhere"),
        (a_record(CARDS, powers=(0, 0, 0)), "record-no-voters"),
        (a_record(CARDS, genesis_time=datetime(1, 1, 1, tzinfo=UTC)), "genesis-zero-time"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_a_record_that_is_not_what_it_should_be_is_neither_accepted_nor_installed(
    tmp_path: Path, spoiled: object, code: str
) -> None:
    bob = operator(tmp_path, "bob", "member").has(spoiled)  # type: ignore[arg-type]
    plan = await bob.plan("genesis")
    assert plan.changes == () and code in errors(plan)


async def test_a_record_with_an_older_card_of_ones_own_is_a_warning(bob: Operator) -> None:
    plan = await bob.has(a_card("bob", serial=SERIAL + 5, contact="new")).plan("genesis")
    assert plan.is_safe and "record-own-card-older" in codes(plan)


async def test_a_record_for_other_software_than_the_home_has_is_refused(tmp_path: Path) -> None:
    other = a_record(CARDS, profile_name="cometbft-1.0")
    plan = await operator(tmp_path, "bob", "member").has(other).plan("genesis")
    assert plan.changes == () and errors(plan) == {"genesis-other-profile": "profile"}
    told = next(one.message for one in plan.findings if one.code == "genesis-other-profile")
    assert "cometbft-1.0" in told and "tendermint-0.34" in told


async def test_a_home_without_keys_is_told_before_anything_is_installed(bob: Operator) -> None:
    (bob.home / "config" / "node_key.json").unlink()
    bob.fresh = True
    plan = await bob.plan("genesis", word=WORD)
    assert plan.changes == () and errors(plan) == {"genesis-no-keys": "home"}


async def test_who_has_no_node_reads_the_record_and_has_nothing_to_do(tmp_path: Path) -> None:
    plan = await operator(tmp_path, "zoe", node=False).has(RECORD).plan("genesis")
    assert (plan.changes, plan.is_safe) == ((), True) and "genesis-no-home" in codes(plan)


async def test_a_full_node_accepts_and_installs_too(tmp_path: Path) -> None:
    record = a_record(CARDS, powers=(10, 0))
    plan = await operator(tmp_path, "bob", "member").has(record).plan("genesis", word=word_of(the_record(record)))
    assert len(plan.changes) == 3 and "record-own-no-power" in codes(plan)


# What stands in the home


async def test_a_genesis_of_before_is_kept_in_the_backup_and_comes_back(bob: Operator) -> None:
    put(genesis(bob), b"{}", 0o644)
    receipt = await bob.does("genesis", word=WORD)
    assert genesis(bob).read_bytes() == the_record(RECORD).genesis_bytes()
    undone = await undo(receipt, bob.world)
    assert genesis(bob).read_bytes() == b"{}" and "undo-signature-stays" in codes(undone.findings)


async def test_a_genesis_that_was_changed_after_it_was_accepted_is_told_and_put_back(bob: Operator) -> None:
    await bob.does("genesis", word=WORD)
    genesis(bob).write_bytes(genesis(bob).read_bytes() + b"\n")
    plan = await bob.plan("genesis")
    assert "genesis-changed" in codes(plan) and [type(one) for one in plan.changes] == [WriteFile]
    await bob.does("genesis")
    assert genesis(bob).read_bytes() == the_record(RECORD).genesis_bytes()


def has_run(who: Operator, chain: str, *, height: int = 7) -> Operator:
    put(who.home / "data" / "priv_validator_state.json", signed_state(chain, height))
    for name in ("state.db", "blockstore.db", "cs.wal"):
        (who.home / "data" / name).mkdir()
    put(who.home / "data" / "state.db" / "LOCK", b"")
    put(who.home / "config" / "addrbook.json", b"{}")
    put(genesis(who), b'{"chain_id": "old-1"}', 0o644)
    return who


async def test_a_key_that_was_moved_with_its_sign_state_needs_no_data_set_aside(bob: Operator) -> None:
    put(bob.home / "data" / "priv_validator_state.json", signed_state(CHAIN_ID, 7))
    plan = await bob.plan("genesis", word=WORD)
    assert plan.is_safe and not any(isinstance(change, MoveAside) for change in plan.changes)
    assert genesis(bob) in {change.path for change in plan.changes if isinstance(change, WriteFile)}
    assert codes(plan)["genesis-key-moved-here"] == "genesis.json"


async def test_a_home_that_has_run_is_refused_until_its_data_may_be_set_aside(bob: Operator) -> None:
    plan = await has_run(bob, "old-1").plan("genesis", word=WORD)
    assert plan.changes == () and errors(plan) == {"genesis-home-has-run": "aside"}
    plan = await bob.plan("genesis", word=WORD, aside="yes")
    kinds = [type(one) for one in plan.changes]
    assert kinds == [WriteFile, WriteFile, MoveAside, MoveAside, WriteFile, Sign] and len(plan.restarts) == 2
    receipt = await bob.does("genesis", word=WORD, aside="yes")
    assert (bob.home / "data.aside-1" / "state.db").is_dir() and not (bob.home / "data" / "state.db").exists()
    assert genesis(bob).read_bytes() == the_record(RECORD).genesis_bytes()
    assert (await bob.plan("genesis")).changes == ()
    await undo(receipt, bob.world)
    assert (bob.home / "data" / "state.db").is_dir() and genesis(bob).read_bytes() == b'{"chain_id": "old-1"}'


async def test_a_consent_to_set_aside_is_not_kept(bob: Operator) -> None:
    has_run(bob, "old-1")
    keep_answers(bob.state, "genesis", {"aside": "yes", "word": WORD})
    assert errors(await bob.plan("genesis", word=WORD)) == {"genesis-home-has-run": "aside"}


@pytest.mark.parametrize("said", ["no", "true", "y", "yes please", "ASIDE"])
async def test_only_yes_is_yes_and_what_is_neither_yes_nor_no_is_an_error(bob: Operator, said: str) -> None:
    plan = await bob.plan("genesis", word=WORD, aside=said)
    assert ("genesis-aside-unclear" in errors(plan)) is (said != "no")
    assert (await has_run(bob, "old-1").plan("genesis", word=WORD, aside=said)).changes == ()


async def test_the_next_thing_for_a_home_that_has_run_is_a_command_that_works_and_what_it_does(bob: Operator) -> None:
    now = await standing(has_run(bob, "old-1").world)
    assert "--set aside=yes" in now.next and "ASIDE" not in now.next
    found = next(one for station in now.stations for one in station.findings if one.code == "genesis-home-has-run")
    assert "renames its data and deletes nothing" in found.fix


async def test_after_an_undo_the_next_thing_is_what_status_says(bob: Operator) -> None:
    undone = await undo(await bob.does("genesis", word=WORD), bob.world)
    assert undone.documents
    output = Output(as_json=False, stdout=None, stderr=None, stdin=None)
    session = Session(Namespace(state=str(bob.state.root), network=None), output, bob.world.environ)
    answer = await with_next(Answer(), session, undone)
    assert answer.next == (await standing(session.at_state())).next != "quorate network share"


async def test_never_where_the_key_signed_on_the_new_chain(bob: Operator) -> None:
    plan = await has_run(bob, CHAIN_ID).plan("genesis", word=WORD, aside="yes")
    assert plan.changes == () and "home-same-chain" in errors(plan)


async def test_never_while_a_node_runs_on_it(bob: Operator) -> None:
    has_run(bob, "old-1")
    with held(bob.home / "data" / "state.db" / "LOCK"):
        plan = await bob.plan("genesis", word=WORD, aside="yes")
        assert plan.changes == () and "home-running" in errors(plan)


async def test_a_node_that_runs_the_agreed_chain_has_nothing_left_to_do(bob: Operator) -> None:
    await bob.does("genesis", word=WORD)
    installed = genesis(bob).read_bytes()
    has_run(bob, CHAIN_ID)
    genesis(bob).write_bytes(installed)
    for document in (an_acceptance(RECORD, "alice"), an_amendment(RECORD, note="x")):
        assert (await bob.has(document).plan("genesis")).changes == ()
    genesis(bob).write_bytes(b"{}")
    plan = await bob.plan("genesis")
    assert [type(one) for one in plan.changes] == [WriteFile] and "genesis-changed" in codes(plan)


@pytest.mark.parametrize("genesis_is", ["agreed", "another", "missing"])
@pytest.mark.parametrize("chain", [CHAIN_ID, "old-1"])
async def test_the_step_home_leaves_a_node_on_the_agreed_chain_alone(
    bob: Operator, chain: str, genesis_is: str
) -> None:
    has_run(bob, chain)
    put(genesis(bob), the_record(RECORD).genesis_bytes() if genesis_is == "agreed" else b"{}", 0o644)
    if genesis_is == "missing":
        genesis(bob).unlink()
    told = {one.code: one.severity.word for one in (await bob.shown("home")).inspection.findings}
    if (chain, genesis_is) == (CHAIN_ID, "agreed"):
        assert told["home-runs-agreed"] == "info" and "home-has-run" not in told
        stations = {one.step: one.mark for one in (await standing(bob.world)).stations}
        assert (stations["home"], stations["keys"]) == ("done", "done")
        await bob.does("genesis")
        assert (await bob.plan("genesis")).changes == ()
        stations = {one.step: one.mark for one in (await standing(bob.world)).stations}
        assert stations["genesis"] == "done" and (bob.home / "data" / "state.db").is_dir()
    else:
        assert told["home-has-run"] == "warning" and "home-runs-agreed" not in told


# A file from a coordinator without quorate


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    return put(tmp_path / "given" / "genesis.json", the_record(RECORD).genesis_bytes(), 0o644)


@pytest.fixture
def alone(tmp_path: Path) -> Operator:
    """A member to whom no record has come."""
    return operator(tmp_path, "bob", "member")


async def test_a_foreign_genesis_is_judged_and_installed_without_an_acceptance(alone: Operator, foreign: Path) -> None:
    plan = await alone.plan("genesis", file=str(foreign))
    assert [type(one) for one in plan.changes] == [WriteFile, WriteFile]
    own = next(one.message for one in plan.findings if one.code == "genesis-own-line")
    assert '"bob"' in own and "power 10" in own
    await alone.does("genesis", file=str(foreign))
    assert genesis(alone).read_bytes() == the_record(RECORD).genesis_bytes()
    assert (await alone.plan("genesis")).changes == ()


@pytest.mark.parametrize("name", ["bob", "carol"])
async def test_a_node_key_in_the_place_of_a_validators_is_named(alone: Operator, foreign: Path, name: str) -> None:
    if name == "carol":
        alone.state.add((a_card("carol"),))
    value = json.loads(the_record(RECORD).genesis_bytes())
    entry = next(one for one in value["validators"] if one["name"] == name)
    entry |= {"address": "", "pub_key": entry["pub_key"] | {"value": a_key(name).base64}}
    put(foreign, json.dumps(value).encode())
    plan = await alone.plan("genesis", file=str(foreign))
    assert plan.changes == ()
    (wrong,) = (one for one in plan.findings if one.code == "genesis-node-key")
    assert "show-validator" in wrong.fix
    assert ("your node key" if name == "bob" else "node key of carol") in wrong.message


async def test_a_foreign_genesis_that_the_node_would_refuse_is_not_installed(alone: Operator, foreign: Path) -> None:
    put(foreign, the_record(RECORD).genesis_bytes().replace(b'"10"', b'"-1"'))
    plan = await alone.plan("genesis", file=str(foreign))
    assert plan.changes == () and errors(plan)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{" * 60, b'{"genesis_time": 1}', b"\x1b[31m"])
async def test_noise_is_judged_and_never_a_traceback(alone: Operator, foreign: Path, content: bytes) -> None:
    put(foreign, content)
    plan = await alone.plan("genesis", file=str(foreign))
    assert plan.changes == () and errors(plan)


async def test_a_file_without_ones_own_key_is_told(tmp_path: Path, foreign: Path) -> None:
    dave = operator(tmp_path, "dave", "member")
    plan = await dave.plan("genesis", file=str(foreign))
    assert plan.is_safe and "0 times" in next(one.message for one in plan.findings if one.code == "genesis-own-line")


@pytest.mark.parametrize(("name", "code"), [("missing.json", "file-missing"), (".", "file-not-regular")])
async def test_a_file_that_can_not_be_read_is_refused(alone: Operator, foreign: Path, name: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await alone.plan("genesis", file=str(foreign.parent / name))
    assert refused.value.findings[0].code == code


async def test_a_record_that_comes_later_is_not_hidden_by_the_file(alone: Operator, foreign: Path) -> None:
    await alone.does("genesis", file=str(foreign))
    plan = await alone.has(*CARDS, RECORD).plan("genesis")
    assert plan.changes == () and errors(plan) == {"genesis-file-beside-record": "file"}
    plan = await alone.plan("genesis", file="", word=WORD)
    assert [type(one) for one in plan.changes] == [Sign]
    await alone.does("genesis", file="", word=WORD)
    assert (await alone.plan("genesis")).is_safe


async def test_that_it_was_installed_is_looked_up_again(alone: Operator, foreign: Path) -> None:
    """What is verified after an apply is what was asked for, also where the state does not know of it."""
    from core.run import carry_out

    shown = await alone.shown("genesis", file=str(foreign))
    outcome = await carry_out(shown, alone.world, shown.plan.digest)
    assert "genesis-not-installed" not in codes(outcome.findings)
    genesis(alone).write_bytes(b"{}")
    assert "genesis-not-installed" in codes(await shown.step.verify(alone.world, {"file": str(foreign)}))


# Time


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (NOW.replace(year=2025), "record-genesis-past"),
        (NOW.replace(hour=13), "record-notice-short"),
        (NOW.replace(year=9999), "genesis-time-far"),
    ],
)
async def test_a_start_that_leaves_no_time_is_told(tmp_path: Path, time: object, code: str) -> None:
    record = a_record(CARDS, genesis_time=time)  # type: ignore[arg-type]
    plan = await operator(tmp_path, "bob", "member").has(record).plan("genesis")
    assert plan.is_safe and code in codes(plan)


# Once only, whatever becomes of the state


@pytest.mark.parametrize("lost", ["documents.txt", "signed.txt", "journal"])
@pytest.mark.parametrize("how", ["removed", "emptied"])
async def test_p5_a_changed_record_of_the_same_version_is_not_accepted_where_a_file_was_lost(
    bob: Operator, lost: str, how: str
) -> None:
    await hears(bob, "alice").does("genesis", word=WORD)
    path = bob.state.folder / lost
    for file in path.iterdir() if path.is_dir() else [path]:
        if file.is_file():
            file.unlink() if how == "removed" else file.write_bytes(b"")
    other, before = a_record(CARDS, genesis_time=GENESIS_TIME.replace(hour=3)), genesis(bob).read_bytes()
    with pytest.raises(Refusal) as caught:
        bob.has(*CARDS, other)
        shown = await bob.shown("genesis", word=word_of(the_record(other)))
        await carry_out(shown, bob.world, shown.plan.digest)
    told = {finding.code for finding in caught.value.findings}
    assert told & {"acceptance-second", "genesis-record-disputed", "state-damaged", "journal-damaged"}, told
    assert genesis(bob).read_bytes() == before
