"""apply: all or nothing, what was shown and nothing else."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.apply.engine import apply, give_up, receipts, resume, undo, unfinished, unreadable_runs
from core.apply.receipt import Receipt
from core.changes import CreateSecret, MoveAside, WriteFile
from core.disk.folder import Folder
from core.finding import Refusal, error, warning
from core.plan import Plan
from core.state import State
from core.world import World
from tests.core.apply.ground import Ground, a_home, codes, five_changes, make_ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return make_ground(tmp_path)


def one(path: Path, before: bytes | None, after: bytes, mode: int | None = None) -> Plan:
    return Plan("config", (WriteFile(path, before, after, "because", mode),))


async def refused(plan: Plan, world: World, digest: str | None = None) -> list[str]:
    with pytest.raises(Refusal) as caught:
        await apply(plan, world, expect_digest=digest)
    return codes(caught.value)


async def test_a_plan_is_applied_and_its_receipt_says_so(ground: Ground) -> None:
    a_home(ground)
    plan = five_changes(ground)
    receipt = await apply(plan, ground.world(), expect_digest=plan.digest)
    after = ground.seen()
    assert after["config/config.toml"] == ("file", 0o640, b"new config\n" * 700)
    assert after["data.aside/state.json"] == ("file", 0o600, b"old state\n")
    assert after["data/state.json"] == ("file", 0o600, b"new state\n")
    assert after["extra"] == ("folder", 0o700, b"")
    assert after["extra/deep/nginx.conf"] == ("file", 0o644, b"new nginx\n")
    assert len(receipt.done) == 5 and receipt.digest == plan.digest and not receipt.undone
    assert receipts(ground.world()) == (receipt,)
    assert unfinished(ground.world()) == () and ground.temps() == []


async def test_a_plan_without_changes_leaves_no_journal(ground: Ground) -> None:
    path = ground.put("a", b"same")
    receipt = await apply(one(path, b"same", b"same"), ground.world())
    assert receipt.id == "" and receipts(ground.world()) == ()


async def test_an_unsafe_plan_is_refused_with_its_own_errors(ground: Ground) -> None:
    path = ground.home / "a"
    plan = Plan("config", one(path, None, b"x").changes, (error("bad-thing", "x", "so it is"), warning("w", "x", "y")))
    assert "bad-thing" in await refused(plan, ground.world())
    assert ground.seen() == {}


async def test_another_digest_than_the_approved_one_is_refused(ground: Ground) -> None:
    assert await refused(one(ground.home / "a", None, b"x"), ground.world(), "0" * 32) == ["plan-digest"]


@pytest.mark.parametrize("before", [None, b"other"])
async def test_p7_a_file_that_changed_since_the_preview_is_left_alone(ground: Ground, before: bytes | None) -> None:
    path = ground.put("a", b"theirs")
    assert await refused(one(path, before, b"x"), ground.world()) == ["plan-stale"]
    assert path.read_bytes() == b"theirs"


async def test_p7_a_file_that_went_since_the_preview_is_not_made(ground: Ground) -> None:
    assert await refused(one(ground.home / "a", b"it was here", b"x"), ground.world()) == ["plan-stale"]


async def test_every_reason_of_a_stale_plan_is_told_at_once(ground: Ground) -> None:
    ground.put("a", b"1")
    ground.put("to/x", b"")
    ground.put("config/node_key.json", b"{}")
    home = ground.home
    plan = Plan(
        "keys",
        (
            WriteFile(home / "a", b"0", b"2", "r"),
            MoveAside(home / "config", home / "to", "r"),
            MoveAside(home / "not-there", home / "b", "r"),
            CreateSecret(home / "config/node_key.json", "the node key", "node"),
        ),
    )
    found = await refused(plan, ground.world())
    assert found.count("plan-stale") >= 3
    assert ground.journal.exists() is False


async def test_p1_a_key_file_is_neither_written_nor_kept(ground: Ground) -> None:
    path = ground.put("config/priv_validator_key.json", b'{"priv_key": 1}', 0o600)
    assert await refused(one(path, b'{"priv_key": 1}', b"x"), ground.world()) == ["plan-writes-key"]


async def test_changes_that_meet_are_refused(ground: Ground) -> None:
    ground.put("data/a", b"1")
    home = ground.home
    write = WriteFile(home / "data/a", b"1", b"2", "r")
    assert "plan-collides" in await refused(Plan("x", (write, write)), ground.world())
    assert "plan-collides" in await refused(
        Plan("x", (write, MoveAside(home / "data", home / "o", "r"))), ground.world()
    )


async def test_modes_and_owner_are_kept_and_new_files_get_theirs(ground: Ground) -> None:
    path = ground.put("a", b"1", 0o4640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 23456)
        path.chmod(0o4640)
    attributes = _give_attribute(path)
    old = os.umask(0o077)
    try:
        await apply(one(path, b"1", b"2", 0o777), ground.world())
        await apply(one(ground.home / "b", None, b"2"), ground.world())
        await apply(one(ground.home / "c", None, b"2", 0o600), ground.world())
    finally:
        os.umask(old)
    seen = path.stat()
    assert stat.S_IMODE(seen.st_mode) == 0o4640 and path.read_bytes() == b"2"
    if os.geteuid() == 0:
        assert (seen.st_uid, seen.st_gid) == (12345, 23456)
    assert [stat.S_IMODE((ground.home / name).stat().st_mode) for name in "bc"] == [0o644, 0o600]
    assert not attributes or os.getxattr(path, "user.test") == b"kept"


def _give_attribute(path: Path) -> bool:
    try:
        os.setxattr(path, "user.test", b"kept")
    except (OSError, AttributeError):
        return False
    return True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
async def test_new_files_of_root_belong_to_the_owner_of_their_folder(ground: Ground) -> None:
    os.chown(ground.home, 12345, 23456)
    await apply(one(ground.home / "new/a", None, b"2"), ground.world())
    for name in ("new", "new/a"):
        seen = (ground.home / name).stat()
        assert (seen.st_uid, seen.st_gid) == (12345, 23456)


async def test_a_link_is_followed_once_and_its_target_written_where_it_is(ground: Ground) -> None:
    real = ground.put("elsewhere/real", b"1", 0o600)
    link = ground.home / "a"
    link.symlink_to("elsewhere/real")
    receipt = await apply(ground.shown(one(link, b"1", b"2")), ground.world())
    assert link.is_symlink() and real.read_bytes() == b"2"
    assert str(link) in receipt.done[0] and f"leads to {real}" in receipt.done[0]


async def test_a_linked_data_folder_is_set_aside_as_a_link_and_made_anew(ground: Ground) -> None:
    ground.put("disk/state", b"1")
    home = ground.home
    (home / "data").symlink_to(home / "disk")
    plan = Plan("x", (MoveAside(home / "data", home / "old", "r"), WriteFile(home / "data/state", None, b"2", "r")))
    before = ground.seen()
    receipt = await apply(ground.shown(plan), ground.world())
    assert (home / "old").is_symlink() and (home / "old/state").read_bytes() == b"1"
    assert not (home / "data").is_symlink() and (home / "data/state").read_bytes() == b"2"
    await undo(receipt, ground.world())
    assert ground.seen() == before


async def test_what_is_no_plain_file_is_refused(ground: Ground) -> None:
    os.mkfifo(ground.home / "pipe")
    (ground.home / "folder").mkdir()
    for name in ("pipe", "folder"):
        assert await refused(one(ground.home / name, None, b"x"), ground.world()) == ["target-not-regular"]
    hard = ground.put("hard", b"1")
    os.link(hard, ground.home / "other")
    assert await refused(one(hard, b"1", b"2"), ground.world()) == ["file-linked"]


async def test_a_folder_that_others_can_write_to_is_refused(ground: Ground) -> None:
    path = ground.put("config/a", b"1")
    path.parent.chmod(0o777)
    assert await refused(one(path, b"1", b"2"), ground.world()) == ["folder-writable"]
    path.parent.chmod(0o1777)
    await apply(one(path, b"1", b"2"), ground.world())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders to somebody else")
async def test_a_folder_of_a_third_user_is_refused(ground: Ground) -> None:
    path = ground.put("config/a", b"1")
    os.chown(path.parent, 12345, 12345)
    assert await refused(one(path, b"1", b"2"), ground.world()) == ["folder-owner"]
    os.chown(path, 12345, 12345)
    await apply(one(path, b"1", b"2"), ground.world())


async def test_two_at_once_are_kept_apart_and_the_holder_is_named(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(State, "patience", 0.1)
    path = ground.put("a", b"1")
    holder = _holder(ground.root)
    try:
        with pytest.raises(Refusal) as caught:
            await apply(one(path, b"1", b"2"), ground.world())
        (finding,) = caught.value.findings
        assert finding.code == "state-locked"
        assert str(holder.pid) in finding.message and socket.gethostname() in finding.message
        assert "since 20" in finding.message
        assert unfinished(ground.world()) == ()
    finally:
        holder.kill()
        holder.wait()
    await apply(one(path, b"1", b"2"), ground.world())


def _holder(root: Path) -> subprocess.Popen[bytes]:
    code = (
        "import sys, time; from core.state import State; from pathlib import Path\n"
        f"with State.open(Path({str(root)!r}) / 'state', 'example-net').hold('apply'):\n"
        "    print(flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert process.stdout is not None and process.stdout.readline()
    return process


async def test_a_node_that_runs_keeps_its_folder(ground: Ground) -> None:
    a_home(ground)
    before = ground.seen()
    with (ground.home / "data/blocks.db/LOCK").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert await refused(five_changes(ground), ground.world()) == ["node-running"]
    assert ground.seen() == before


async def test_backups_are_private_and_the_journal_is_lines_of_json(ground: Ground) -> None:
    a_home(ground)
    receipt = await apply(five_changes(ground), ground.world())
    (journal,) = ground.journal.glob("*/events.jsonl")
    events = [json.loads(line)["event"] for line in journal.read_text().splitlines()]
    assert events == ["plan", "done"] and receipt.id in journal.parent.name
    copies = sorted(ground.journal.glob("*/*"))
    assert (journal.parent / "1.before").read_bytes() == b"old config\n" * 500
    assert {stat.S_IMODE(path.stat().st_mode) for path in copies} == {0o600}


async def test_nothing_new_begins_while_a_run_is_unfinished(ground: Ground) -> None:
    path = ground.put("a", b"1")
    await apply(one(path, b"1", b"2"), ground.world())
    _cut_off(ground)
    (pending,) = unfinished(ground.world())
    assert await refused(one(path, b"2", b"3"), ground.world()) == ["apply-unfinished"]
    receipt = await resume(pending, ground.world())
    assert isinstance(receipt, Receipt) and path.read_bytes() == b"2" and unfinished(ground.world()) == ()


async def test_p3_a_run_over_a_file_that_was_changed_since_is_refused_by_name_and_can_be_given_up(
    ground: Ground,
) -> None:
    path = ground.put("a", b"1")
    await apply(one(path, b"1", b"2"), ground.world())
    _cut_off(ground)
    path.write_bytes(b"by hand")
    (pending,) = unfinished(ground.world())
    for way in (resume, undo):
        with pytest.raises(Refusal) as caught:
            await way(pending, ground.world())
        assert codes(caught.value) == ["file-changed"] and str(path) in caught.value.findings[0].message
    await give_up(pending, ground.world())
    assert path.read_bytes() == b"by hand" and unfinished(ground.world()) == () == receipts(ground.world())


def _cut_off(ground: Ground) -> None:
    """As if the process had died before its last event."""
    journal = max(ground.journal.glob("*/events.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:7])


async def test_a_run_that_died_before_its_journal_had_a_name_did_nothing_and_is_swept(ground: Ground) -> None:
    path = ground.put("a", b"1")
    ground.world().state.change(lambda local: local)  # type: ignore[union-attr]
    begun = ground.journal / ".0001-abc.new"
    begun.mkdir(parents=True, mode=0o700)
    (begun / "events.jsonl").write_bytes(b'{"event":"pl')
    (begun / "0.after").write_bytes(b"")
    assert unfinished(ground.world()) == () == unreadable_runs(ground.world())
    await apply(one(path, b"1", b"2"), ground.world())
    assert len(list(ground.journal.iterdir())) == 1


async def test_without_a_state_nothing_is_applied(ground: Ground) -> None:
    from core.adapters import real_world

    assert await refused(one(ground.home / "a", None, b"x"), real_world({})) == ["apply-no-state"]


@pytest.mark.parametrize("where", ["link", "link/below"])
def test_a_folder_is_held_only_by_a_path_without_links(tmp_path: Path, where: str) -> None:
    (tmp_path / "folder/below").mkdir(parents=True)
    (tmp_path / "link").symlink_to("folder")
    with pytest.raises(Refusal):
        Folder(tmp_path / where)
    with Folder(tmp_path / "folder/below") as held:
        assert held.path.name == "below"
