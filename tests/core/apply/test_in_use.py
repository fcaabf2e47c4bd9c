"""What a node has run with is not taken back; everything else is, as before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.apply.engine import apply, give_up, plan_ending, resume, undo, unfinished
from core.apply.in_use import in_use
from core.apply.journal import journals
from core.apply.receipt import Pending, Receipt
from core.changes import CreateSecret, WriteFile
from core.finding import Refusal
from core.home.history import History
from core.plan import Plan
from core.state import State
from tests.core.apply.ground import Ground, codes, make_ground
from tests.core.home.test_history import history_of, home_that_ran, signed_state
from tests.core.keys.key_homes import FRESH_STATE, make_home, opened

GENESIS = b'{"chain_id": "new-1"}'


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return make_ground(tmp_path)


@pytest.fixture
def fresh(tmp_path: Path) -> History:
    return history_of(opened(make_home(tmp_path / "fresh", state=FRESH_STATE)))


async def written(ground: Ground, name: str, before: bytes | None, after: bytes = GENESIS) -> Receipt:
    ground.put("data/priv_validator_state.json", FRESH_STATE)
    if before is not None:
        ground.put(name, before)
    return await apply(ground.shown(Plan("x", (WriteFile(ground.home / name, before, after, "r"),))), ground.world())


def runs(ground: Ground, height: int = 7) -> None:
    ground.put("data/state.db/LOCK", b"")
    ground.put("data/blockstore.db/CURRENT", b"")
    if height:
        ground.put("data/priv_validator_state.json", signed_state("new-1", height))


async def refused(run: Receipt | Pending, ground: Ground) -> Refusal:
    """By the look before and by the undo itself, and nothing is touched by either."""
    seen = ground.seen()
    with pytest.raises(Refusal) as first:
        plan_ending(run, "undo", ground.world())
    with pytest.raises(Refusal) as caught:
        await undo(run, ground.world())
    assert ground.seen() == seen and first.value.findings == caught.value.findings
    return caught.value


@pytest.mark.parametrize("before", [None, b"of init"])
async def test_p7_a_genesis_that_a_node_has_run_with_stays(ground: Ground, before: bytes | None) -> None:
    receipt = await written(ground, "config/genesis.json", before)
    runs(ground)
    refusal = await refused(receipt, ground)
    (finding,) = refusal.findings
    assert finding.code == "undo-in-use"
    assert f"{ground.home} " in finding.message and "height 7 on new-1" in finding.message
    assert "quorate plan genesis --set aside=yes" in finding.fix


async def test_databases_at_height_0_hold_the_genesis_already(ground: Ground) -> None:
    receipt = await written(ground, "config/genesis.json", None)
    runs(ground, height=0)
    (finding,) = (await refused(receipt, ground)).findings
    assert "state.db, blockstore.db" in finding.message


async def test_the_genesis_of_a_home_that_has_not_run_is_taken_back(ground: Ground) -> None:
    receipt = await written(ground, "config/genesis.json", b"of init")
    plan_ending(receipt, "undo", ground.world())
    assert (await undo(receipt, ground.world())).undone
    assert (ground.home / "config/genesis.json").read_bytes() == b"of init"


async def test_a_genesis_at_another_place_is_known_by_the_configuration_of_the_home(ground: Ground) -> None:
    ground.put("config/config.toml", b'genesis_file = "chain/one.json"\ndb_dir = "blocks"\n')
    ground.world()
    state = State.open(ground.root / "state", "example-net")
    state.change(lambda local: replace(local, home=str(ground.home)))
    receipt = await written(ground, "chain/one.json", None)
    ground.put("blocks/state.db/LOCK", b"")
    assert codes(await refused(receipt, ground)) == ["undo-in-use"]


async def test_a_genesis_behind_a_link_is_known_too(ground: Ground) -> None:
    (ground.root / "real" / "config").mkdir(parents=True)
    (ground.home / "config").symlink_to(ground.root / "real" / "config")
    state = State.open(ground.root / "state", "example-net")
    state.change(lambda local: replace(local, home=str(ground.home)))
    receipt = await written(ground, "config/genesis.json", None)
    runs(ground)
    assert codes(await refused(receipt, ground)) == ["undo-in-use"]


async def test_the_only_config_stays_and_an_older_one_comes_back(ground: Ground) -> None:
    made = await written(ground, "config/config.toml", None, b'moniker = "one"\n')
    runs(ground)
    (finding,) = (await refused(made, ground)).findings
    assert finding.code == "undo-in-use" and "quorate plan config" in finding.fix
    edited = await written(ground, "config/config.toml", b'moniker = "one"\n', b'moniker = "two"\n')
    assert (await undo(edited, ground.world())).undone


async def test_keys_and_other_files_are_as_before(ground: Ground) -> None:
    key = CreateSecret(ground.home / "config/node_key.json", "r", "node")
    plan = Plan("x", (key, WriteFile(ground.home / "nginx.conf", None, b"", "r")))
    receipt = await apply(plan, ground.world())
    runs(ground)
    undone = await undo(receipt, ground.world())
    assert codes(undone.findings) == ["undo-key-stays"] and not (ground.home / "nginx.conf").exists()


async def test_a_run_that_was_cut_off_can_be_finished_over_a_node_that_has_started(ground: Ground) -> None:
    await written(ground, "config/genesis.json", None)
    runs(ground)
    forget_last_event(ground)
    (pending,) = unfinished(ground.world())
    (finding,) = (await refused(pending, ground)).findings
    assert "quorate undo --finish" in finding.fix
    assert not (await resume(pending, ground.world())).undone


async def test_an_undo_that_was_cut_off_does_not_go_on_under_a_node_that_has_started(ground: Ground) -> None:
    await written(ground, "config/genesis.json", None)
    journals(ground.root / "state/example-net")[0].note("undo")
    runs(ground)
    (pending,) = unfinished(ground.world())
    (finding,) = (await refused(pending, ground)).findings
    assert "quorate undo --give-up" in finding.fix
    with pytest.raises(Refusal) as caught:
        await resume(pending, ground.world())
    assert codes(caught.value) == ["undo-in-use"]
    await give_up(pending, ground.world())
    assert (ground.home / "config/genesis.json").read_bytes() == GENESIS and unfinished(ground.world()) == ()


def forget_last_event(ground: Ground) -> None:
    journal = max(ground.journal.glob("*/events.jsonl"))
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))


# The decision, from values


def test_what_can_not_be_read_is_not_taken_for_a_home_that_never_ran(tmp_path: Path, fresh: History) -> None:
    home = opened(tmp_path / "fresh")
    assert in_use(home.files.genesis, home, fresh, "applied") is None
    found = in_use(home.files.genesis, home, replace(fresh, frozen_genesis="unreadable"), "applied")
    assert found is not None and "owner of the home" in found.fix


def test_a_running_node_is_called_one(tmp_path: Path) -> None:
    home = home_that_ran(tmp_path / "ran")
    history = history_of(home)
    for running, words in (("yes", "a node runs in"), ("no", "a node has run in")):
        found = in_use(home.files.genesis, home, replace(history, running=running), "applied")  # type: ignore[arg-type]
        assert found is not None and found.message.startswith(f"{words} {home.path}")


def test_an_address_book_alone_is_no_chain(tmp_path: Path, fresh: History) -> None:
    home = opened(tmp_path / "fresh")
    known = replace(fresh, signs=(home.files.address_book,))
    assert known.has_run and in_use(home.files.genesis, home, known, "applied") is None
