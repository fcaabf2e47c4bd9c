"""The end of a run is a plan: shown as a diff, bound by its digest, and no change that is newer is undone with it."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from core.apply.ending import How
from core.apply.engine import apply, give_up, plan_ending, receipts, resume, runs, undo, unfinished
from core.apply.receipt import Pending, Receipt
from core.changes import CreateSecret, Keep, MoveAside, RemoveFile, WriteFile
from core.finding import Refusal, Severity
from core.plan import Plan
from core.state import State
from core.world import World
from tests.core.apply.ground import NETWORK, Ground, a_home, codes, five_changes, make_ground, seen

CONFIG = b"""proxy_app = "kvstore"
[p2p]
persistent_peers = "%s"
"""


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return make_ground(tmp_path)


async def written(ground: Ground, name: str, content: bytes, world: World | None = None) -> Receipt:
    path = ground.home / name
    before = path.read_bytes() if path.exists() else None
    return await apply(Plan("config", (WriteFile(path, before, content, "r"),)), world or ground.world())


def cut_off(ground: Ground, network: str = NETWORK) -> Pending:
    """As if the process had died before the last event of the last run."""
    events = max((ground.root / "state" / network / "journal").glob("*/events.jsonl"))
    events.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[:-1]))
    (pending,) = unfinished(ground.world())
    return pending


async def end(run: Receipt | Pending, how: How, ground: Ground, digest: str | None) -> None:
    if how == "undo":
        await undo(run, ground.world(), expect_digest=digest)
        return
    assert isinstance(run, Pending)
    await (resume if how == "finish" else give_up)(run, ground.world(), expect_digest=digest)


async def refused(run: Receipt | Pending, how: How, ground: Ground, digest: str | None = None) -> list[str]:
    before = seen(ground.root)
    with pytest.raises(Refusal) as caught:
        await end(run, how, ground, digest)
    after = seen(ground.root)
    assert {name: what for name, what in after.items() if not name.endswith("lock")} == {
        name: what for name, what in before.items() if not name.endswith("lock")
    }
    return codes(caught.value)


# The digest


async def test_p7_the_digest_of_an_undo_binds_the_content_that_it_changes_and_the_run(ground: Ground) -> None:
    path = ground.put("a", b"0")
    first = await written(ground, "a", b"1")
    shown = plan_ending(first, "undo", ground.world())
    assert plan_ending(first, "undo", ground.world()) == shown
    assert await refused(first, "undo", ground, "0" * 32) == ["plan-digest"]
    assert (await undo(first, ground.world(), expect_digest=shown.digest)).undone and path.read_bytes() == b"0"
    second = await written(ground, "a", b"1")
    assert plan_ending(second, "undo", ground.world()).digest != shown.digest, "the same bytes, and a different run"


async def test_p7_an_undo_in_which_less_is_left_to_do_has_another_digest(ground: Ground) -> None:
    ground.put("a", b"0"), ground.put("b", b"0")
    changes = tuple(WriteFile(ground.home / name, b"0", b"1", "r") for name in "ab")
    receipt = await apply(Plan("config", changes), ground.world())
    shown = plan_ending(receipt, "undo", ground.world())
    ground.put("b", b"0")
    assert await refused(receipt, "undo", ground, shown.digest) == ["plan-digest"]
    again = plan_ending(receipt, "undo", ground.world())
    assert [change.path.name for change in again.changes if isinstance(change, WriteFile)] == ["a"]


async def test_what_finishing_would_do_is_a_plan_of_what_is_left(ground: Ground) -> None:
    a_home(ground)
    plan = five_changes(ground)
    await apply(plan, ground.world())
    pending = cut_off(ground)
    ground.put("config/config.toml", b"old config\n" * 500)
    shown = plan_ending(pending, "finish", ground.world())
    (change,) = shown.changes
    assert isinstance(change, WriteFile) and change.path.name == "config.toml" and "+new config" in list(change.diff())
    ground.put("config/genesis.json", b"old genesis\n" * 500)
    assert await refused(pending, "finish", ground, shown.digest) == ["plan-digest"]
    again = plan_ending(pending, "finish", ground.world())
    assert len(again.changes) == 2
    await resume(pending, ground.world(), expect_digest=again.digest)
    assert unfinished(ground.world()) == () and (ground.home / "config/config.toml").read_bytes().startswith(b"new")


async def test_giving_up_says_how_it_leaves_each_file_and_that_is_what_is_approved(ground: Ground) -> None:
    a_home(ground)
    await apply(five_changes(ground), ground.world())
    pending = cut_off(ground)
    ground.put("config/config.toml", b"old config\n" * 500)
    ground.put("extra/deep/nginx.conf", b"by hand")
    shown = plan_ending(pending, "give-up", ground.world())
    said = {change.path.name: change.reason for change in shown.changes if isinstance(change, Keep)}
    assert said == {
        "config.toml": "as it was before",
        "genesis.json": "as the run wrote it",
        "data": f"set aside as {ground.home}/data.aside",
        "state.json": "as the run wrote it",
        "nginx.conf": "changed by others since",
    }
    assert shown.is_empty and "keep " in shown.changes[0].describe()
    ground.put("extra/deep/nginx.conf", b"by hand, again")
    assert await refused(pending, "give-up", ground, shown.digest) == ["plan-digest"]
    before = ground.seen()
    await give_up(pending, ground.world(), expect_digest=plan_ending(pending, "give-up", ground.world()).digest)
    assert ground.seen() == before and unfinished(ground.world()) == ()


async def test_giving_up_is_possible_whatever_is_in_the_way_and_leaves_no_temporary_file(ground: Ground) -> None:
    await written(ground, "deep/a", b"1")
    events = max(ground.journal.glob("*/events.jsonl"))
    temp = str(json.loads(events.read_text().splitlines()[0])["entries"][0]["temp"]).rpartition("/")[2]
    pending = cut_off(ground)
    ground.put(temp, b"of the run that died")
    (ground.home / "deep/a").unlink()
    (ground.home / "deep/a").mkdir()
    assert await refused(pending, "undo", ground) == await refused(pending, "finish", ground) == ["target-not-regular"]
    await give_up(pending, ground.world(), expect_digest=plan_ending(pending, "give-up", ground.world()).digest)
    assert unfinished(ground.world()) == () and ground.temps() == []


# What is newer


async def test_p7_nothing_is_undone_below_a_newer_change_of_the_same_file(ground: Ground) -> None:
    ground.put("a", b"1")
    older = await written(ground, "a", b"2")
    newer = await written(ground, "a", b"1")
    newest = await written(ground, "a", b"2")
    other = await written(ground, "b", b"x")
    with pytest.raises(Refusal) as caught:
        plan_ending(older, "undo", ground.world())
    (finding,) = caught.value.findings
    assert finding.code == "undo-superseded" and newer.id in finding.message and newer.id in finding.fix
    assert await refused(older, "undo", ground) == ["undo-superseded"], "the content is the one that it wrote"
    for run in (newest, newer, older):
        assert (await undo(run, ground.world())).undone
    assert (ground.home / "a").read_bytes() == b"1" and (ground.home / "b").exists()
    assert (await undo(other, ground.world())).undone


async def test_p7_a_newer_change_inside_a_folder_that_would_come_back_counts_too(ground: Ground) -> None:
    ground.put("data/x", b"old")
    moved = await apply(Plan("genesis", (MoveAside(ground.home / "data", ground.home / "aside", "r"),)), ground.world())
    newer = await written(ground, "data/y", b"1")
    assert await refused(moved, "undo", ground) == ["undo-superseded"]
    await undo(newer, ground.world())
    assert (await undo(moved, ground.world())).undone and (ground.home / "data/x").read_bytes() == b"old"


# Keys


def with_keys(ground: Ground) -> Plan:
    config, state = ground.home / "config", ground.home / "data/priv_validator_state.json"
    return Plan(
        "keys",
        (
            CreateSecret(config / "priv_validator_key.json", "the validator key", "validator"),
            CreateSecret(config / "node_key.json", "the node key", "node"),
            WriteFile(state, None, b"{}", "a key that has signed nothing begins at height 0", 0o600),
        ),
    )


async def test_a_key_never_loses_its_sign_state_by_an_undo(ground: Ground) -> None:
    receipt = await apply(with_keys(ground), ground.world())
    before = ground.seen()
    shown = plan_ending(receipt, "undo", ground.world())
    assert shown.is_empty and [change.describe().split("/")[-1].split(":")[0] for change in shown.changes] == [
        "priv_validator_key.json",
        "node_key.json",
        "priv_validator_state.json",
    ]
    undone = await undo(receipt, ground.world(), expect_digest=shown.digest)
    assert ground.seen() == before and any("kept the sign state" in line for line in undone.done)


async def test_where_no_key_was_made_the_sign_state_goes_too(ground: Ground) -> None:
    (ground.home / "config").mkdir(mode=0o755)
    await apply(with_keys(ground), ground.world())
    for name in ("priv_validator_key.json", "node_key.json"):
        (ground.home / "config" / name).unlink()
    pending = cut_off(ground)
    (change,) = plan_ending(pending, "undo", ground.world()).changes
    assert isinstance(change, RemoveFile)
    await undo(pending, ground.world())
    assert not (ground.home / "data").exists()


# A node that runs


async def test_undoing_the_peers_of_a_running_node_is_warned_of_and_says_what_is_to_be_restarted(
    ground: Ground,
) -> None:
    ground.put("config/config.toml", CONFIG % b"")
    receipt = await written(ground, "config/config.toml", CONFIG % b"aa@h:1,bb@h:2")
    quiet = plan_ending(receipt, "undo", ground.world())
    assert quiet.findings == () and quiet.restarts[0].startswith(f"If a node runs on it, restart {ground.home}")
    lock = ground.put("data/blockstore.db/LOCK", b"")
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        shown = plan_ending(receipt, "undo", ground.world())
    (finding,) = shown.findings
    assert (finding.code, finding.severity) == ("undo-node-runs", Severity.WARNING)
    assert "lost 2 of its peers: aa@h:1, bb@h:2" in finding.message
    assert shown.restarts == (f"Restart the node of {ground.home}: a node reads config.toml only when it starts.",)
    assert shown.is_safe and shown.digest == quiet.digest


# Wherever the journal is


@pytest.mark.parametrize("how", ["undo", "finish", "give-up"])
@pytest.mark.parametrize("network", ["other", ".homes"])
async def test_p3_a_run_of_another_network_and_of_none_is_found_and_ended_from_here(
    ground: Ground, network: str, how: How
) -> None:
    root = ground.root / "state"
    there = State.of_homes(root) if network == ".homes" else State.open(root, network)
    path = ground.put("a", b"1")
    await written(ground, "a", b"2", ground.world().at(there))
    pending = cut_off(ground, network)
    assert pending.network == network
    with pytest.raises(Refusal) as caught:
        await written(ground, "b", b"1")
    (finding,) = caught.value.findings
    named = "" if network == ".homes" else f" --network {network}"
    assert finding.code == "apply-unfinished" and f"{named} undo --finish" in finding.fix
    shown = plan_ending(pending, how, ground.world())
    await end(pending, how, ground, shown.digest)
    assert unfinished(ground.world()) == () and path.read_bytes() == (b"1" if how == "undo" else b"2")
    await written(ground, "b", b"1")


async def test_two_that_were_cut_off_are_no_obstacle_for_each_other(ground: Ground) -> None:
    homes = ground.world().at(State.of_homes(ground.root / "state"))
    await written(ground, "a", b"1", homes)
    await written(ground, "b", b"1")
    cut_off(ground, ".homes")
    events = max(ground.journal.glob("*/events.jsonl"))
    events.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[:-1]))
    first, second = sorted(unfinished(ground.world()), key=lambda pending: pending.network)
    await undo(first, ground.world())
    await resume(second, ground.world())
    assert unfinished(ground.world()) == () and sorted(os.listdir(ground.home)) == ["b"]


async def test_what_another_process_is_at_work_on_is_not_called_cut_off(ground: Ground) -> None:
    there = State.open(ground.root / "state", "other")
    await written(ground, "a", b"2", ground.world().at(there))
    cut_off(ground, "other")
    with there.hold("apply x"):
        assert unfinished(ground.world()) == ()
        await written(ground, "b", b"1")
    assert len(unfinished(ground.world())) == 1


async def test_the_runs_of_all_networks_are_in_the_order_of_time_and_the_receipts_are_of_one(ground: Ground) -> None:
    there = State.open(ground.root / "state", "other")
    one = await written(ground, "a", b"1")
    two = await written(ground, "b", b"1", ground.world().at(there))
    assert {run.id for run in runs(ground.world())} == {one.id, two.id}
    assert [run.at for run in runs(ground.world())] == sorted((one.at, two.at), reverse=True)
    assert receipts(ground.world()) == (one,) and receipts(ground.world().at(there)) == (two,)


def between(ground: Ground, receipt: Receipt) -> tuple[Pending, Path]:
    """Cut off after the two data folders were exchanged: the old one is at its temporary name."""
    pending = cut_off(ground)
    events = max(ground.journal.glob("*/events.jsonl"))
    intent = json.loads(events.read_bytes().splitlines()[0])
    temp = Path(next(entry["temp"] for entry in intent["entries"] if entry["do"] == "move"))
    (ground.home / "data.aside").rename(temp)
    assert pending.id == receipt.id
    return pending, temp


async def test_p7_giving_up_shows_the_folder_that_it_brings_to_its_place(ground: Ground) -> None:
    a_home(ground)
    pending, temp = between(ground, await apply(five_changes(ground), ground.world()))
    plan = plan_ending(pending, "give-up", ground.world())
    (move,) = (change for change in plan.changes if isinstance(change, MoveAside))
    assert (move.path, move.to) == (temp, ground.home / "data.aside")
    await give_up(pending, ground.world(), expect_digest=plan.digest)
    assert (ground.home / "data.aside/state.json").read_bytes() == b"old state\n" and not temp.exists()


@pytest.mark.parametrize("how", ["undo", "finish"])
async def test_p3_a_run_between_two_folders_ends_also_once_the_new_one_was_set_aside_by_hand(
    how: How, ground: Ground
) -> None:
    a_home(ground)
    pending, temp = between(ground, await apply(five_changes(ground), ground.world()))
    (ground.home / "data").rename(ground.home / "data.byhand")
    if how == "finish":
        assert await refused(pending, how, ground) == ["file-changed"]
        return
    await undo(pending, ground.world(), expect_digest=plan_ending(pending, how, ground.world()).digest)
    assert (ground.home / "data/state.json").read_bytes() == b"old state\n" and not temp.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a link to a different user, which root alone can")
async def test_nothing_is_undone_through_a_link_that_a_different_user_owns_by_now(ground: Ground) -> None:
    ground.put("config/config.toml", b"old\n")
    elsewhere = ground.root / "elsewhere"
    (ground.home / "config").rename(elsewhere)
    (ground.home / "config").symlink_to(elsewhere)
    path = ground.home / "config/config.toml"
    plan = ground.shown(Plan("config", (WriteFile(path, b"old\n", b"new\n", "r"),)))
    receipt = await apply(plan, ground.world())
    os.chown(ground.home / "config", 65534, 65534, follow_symlinks=False)
    assert await refused(receipt, "undo", ground) == ["link-owner"]
    os.chown(ground.home / "config", 0, 0, follow_symlinks=False)
    await undo(receipt, ground.world())
    assert path.read_bytes() == b"old\n"
