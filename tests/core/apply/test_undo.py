"""undo: the same engine backwards."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.apply.engine import apply, give_up, plan_ending, receipts, resume, undo, unfinished
from core.apply.receipt import Pending
from core.changes import Change, MoveAside, WriteFile
from core.finding import Refusal
from core.plan import Plan
from tests.core.apply.ground import Ground, a_home, codes, five_changes, make_ground

NAMES = ("a", "b", "one/a", "one/b", "two/deep/a", "three/x")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return make_ground(tmp_path)


@st.composite
def homes(draw: st.DrawFn) -> dict[str, tuple[bytes, int]]:
    content = st.tuples(st.binary(max_size=40), st.sampled_from((0o600, 0o640, 0o644, 0o755)))
    return draw(st.dictionaries(st.sampled_from(NAMES), content))


@given(homes(), st.data())
@settings(max_examples=60)
def test_p3_undo_after_apply_is_as_if_nothing_had_been(
    files: dict[str, tuple[bytes, int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ground = make_ground(Path(folder))
        for name, (content, mode) in files.items():
            ground.put(name, content, mode)
        plan = Plan("x", tuple(_changes(ground, files, data)))
        before = ground.seen()
        asyncio.run(_there_and_back(ground, plan))
        assert ground.seen() == before and ground.temps() == []


def _changes(ground: Ground, files: dict[str, tuple[bytes, int]], data: st.DataObject) -> list[Change]:
    changes: list[Change] = []
    aside = [top for top in ("one", "two") if any(name.startswith(top) for name in files) and data.draw(st.booleans())]
    changes += [MoveAside(ground.home / top, ground.home / f"{top}.aside", "r") for top in aside]
    for name in data.draw(st.sets(st.sampled_from(NAMES))):
        before = None if name.partition("/")[0] in aside or name not in files else files[name][0]
        changes.append(WriteFile(ground.home / name, before, data.draw(st.binary(max_size=40)), "r"))
    return changes


async def _there_and_back(ground: Ground, plan: Plan) -> None:
    receipt = await apply(plan, ground.world())
    for change in plan.changes:
        if isinstance(change, WriteFile):
            assert change.path.read_bytes() == change.after
    if receipt.id:
        assert (await undo(receipt, ground.world())).undone


async def test_undo_is_in_the_receipts_and_happens_once(ground: Ground) -> None:
    a_home(ground)
    before = ground.seen()
    receipt = await apply(five_changes(ground), ground.world())
    await undo(receipt, ground.world())
    assert ground.seen() == before
    assert [(kept.id, kept.undone) for kept in receipts(ground.world())] == [(receipt.id, True)]
    with pytest.raises(Refusal) as caught:
        await undo(receipt, ground.world())
    assert codes(caught.value) == ["undo-already"]


async def test_the_receipts_are_newest_first(ground: Ground) -> None:
    path = ground.put("a", b"0")
    made = [
        await apply(Plan("x", (WriteFile(path, b"%d" % n, b"%d" % (n + 1), "r"),)), ground.world()) for n in range(12)
    ]
    assert [kept.id for kept in receipts(ground.world())] == [receipt.id for receipt in reversed(made)]


async def test_p7_what_was_changed_since_is_not_taken_back(ground: Ground) -> None:
    a_home(ground)
    receipt = await apply(five_changes(ground), ground.world())
    (ground.home / "extra/deep/nginx.conf").write_bytes(b"by hand")
    seen = ground.seen()
    with pytest.raises(Refusal) as caught:
        await undo(receipt, ground.world())
    assert codes(caught.value) == ["file-changed"] and ground.seen() == seen
    assert not receipts(ground.world())[0].undone


async def test_p7_a_folder_in_which_something_new_stands_is_not_replaced(ground: Ground) -> None:
    a_home(ground)
    receipt = await apply(five_changes(ground), ground.world())
    ground.put("data/blocks.db/000001.log", b"blocks")
    seen = ground.seen()
    with pytest.raises(Refusal) as caught:
        await undo(receipt, ground.world())
    assert set(codes(caught.value)) == {"undo-blocked"} and ground.seen() == seen
    await apply(Plan("x", (WriteFile(ground.home / "z", None, b"", "r"),)), ground.world())


async def test_a_file_that_is_taken_away_stays_in_the_journal(ground: Ground) -> None:
    receipt = await apply(Plan("x", (WriteFile(ground.home / "a", None, b"content", "r"),)), ground.world())
    await undo(receipt, ground.world())
    assert [path.read_bytes() for path in ground.journal.glob("*/0.after")] == [b"content"]


async def test_a_copy_that_was_tampered_with_is_not_put_back(ground: Ground) -> None:
    path = ground.put("a", b"1")
    receipt = await apply(Plan("x", (WriteFile(path, b"1", b"2", "r"),)), ground.world())
    (copy,) = ground.journal.glob("*/0.before")
    copy.write_bytes(b"evil")
    with pytest.raises(Refusal) as caught:
        await undo(receipt, ground.world())
    assert codes(caught.value) == ["journal-damaged"] and path.read_bytes() == b"2"
    assert not receipts(ground.world())[0].undone and ground.temps() == []


async def test_p7_only_a_run_that_was_cut_off_is_said_to_be_given_up(ground: Ground) -> None:
    path = ground.put("a", b"1")
    receipt = await apply(Plan("x", (WriteFile(path, b"1", b"2", "r"),)), ground.world())
    path.write_bytes(b"by hand")
    with pytest.raises(Refusal) as caught:
        await undo(receipt, ground.world())
    assert "give" not in caught.value.findings[0].fix
    with pytest.raises(Refusal) as caught:
        await give_up(Pending(receipt.id, "x", "", "", (), "apply"), ground.world())
    assert codes(caught.value) == ["resume-not-pending"] and not receipts(ground.world())[0].undone


@pytest.mark.parametrize("between", ["exchanged", "both moved", "staged"])
async def test_p7_a_run_that_is_given_up_leaves_no_folder_between_its_places(ground: Ground, between: str) -> None:
    a_home(ground)
    data, aside = ground.home / "data", ground.home / "data.aside"
    receipt = await apply(five_changes(ground), ground.world())
    (journal,) = ground.journal.glob("*/events.jsonl")
    intent = journal.read_bytes().splitlines(keepends=True)[0]
    journal.write_bytes(intent)
    temp = Path(next(entry["temp"] for entry in json.loads(intent)["entries"] if entry["do"] == "move"))
    if between == "exchanged":
        aside.rename(temp)
    else:
        data.rename(temp)
    if between == "staged":
        aside.rename(data)
    await give_up(Pending(receipt.id, "x", "", "", (), "apply"), ground.world())
    assert ground.temps() == []
    if between == "staged":
        assert (data / "state.json").read_bytes() == b"old state\n" and not aside.exists()
    else:
        assert (data / "state.json").read_bytes() == b"new state\n"
        assert (aside / "state.json").read_bytes() == b"old state\n"


async def test_what_came_to_the_place_of_a_folder_meanwhile_is_named(ground: Ground) -> None:
    a_home(ground)
    await apply(five_changes(ground), ground.world())
    (journal,) = ground.journal.glob("*/events.jsonl")
    intent = journal.read_bytes().splitlines(keepends=True)[0]
    journal.write_bytes(intent)
    temp = Path(next(entry["temp"] for entry in json.loads(intent)["entries"] if entry["do"] == "move"))
    (ground.home / "data").rename(temp)
    ground.put("data/of a node that was started", b"")
    before = ground.seen()
    (pending,) = unfinished(ground.world())
    for way in (resume, undo):
        with pytest.raises(Refusal) as caught:
            await way(pending, ground.world())
        assert "has appeared since" in caught.value.findings[0].message and ground.seen() == before
    (ground.home / "data").rename(ground.home / "data.theirs")
    await undo(pending, ground.world())
    assert (ground.home / "data/state.json").read_bytes() == b"old state\n"


async def test_the_plan_says_what_comes_back_and_the_receipt_what_came_back(ground: Ground) -> None:
    a_home(ground)
    home = ground.home
    receipt = await apply(five_changes(ground), ground.world())
    planned = plan_ending(receipt, "undo", ground.world())
    assert [change.describe() for change in planned.changes] == [
        f"remove {home}/data/state.json: the run of {receipt.at} made it",
        f"bring back {home}/data from data.aside: as it was before",
        f"remove {home}/extra/deep/nginx.conf: the run of {receipt.at} made it",
        f"edit {home}/config/genesis.json: as it was before",
        f"edit {home}/config/config.toml: as it was before",
    ]
    shown = list(planned.changes[4].diff())
    assert "-new config" in shown and "+old config" in shown
    assert list(planned.changes[2].diff())[-1] == "-new nginx"
    undone = await undo(receipt, ground.world(), expect_digest=planned.digest)
    assert undone.done[0] == f"brought back {home}/data, which was set aside as data.aside"
    assert undone.done[1] == f"removed {home}/extra/deep/nginx.conf, which the run had made"
    assert undone.done[-1] == f"restored {home}/config/config.toml as it was before"
    assert receipts(ground.world()) == (undone,)


async def test_p3_a_file_set_aside_alone_is_undone_like_a_folder(ground: Ground) -> None:
    path = ground.put("config/addrbook.json", b"{}")
    aside = path.with_name("addrbook.json.aside-1")
    await apply(Plan("genesis", (MoveAside(path, aside, "of the earlier chain"),)), ground.world())
    (receipt,) = receipts(ground.world())
    assert aside.exists() and not path.exists()
    await undo(receipt, ground.world())
    assert path.read_bytes() == b"{}" and not aside.exists()
