"""P7: nothing is written through a link that was not shown, whenever it is put in place, and whoever owns it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.apply.engine import apply, receipts, resume, undo, unfinished
from core.apply.receipt import Pending
from core.changes import CreateSecret, MoveAside, WriteFile
from core.finding import Refusal
from core.plan import Plan
from tests.core.apply.ground import Ground, codes, make_ground, seen
from tests.core.apply.swapped import prepare

ROOT = Path(__file__).parents[3]
NOBODY = 65534
OLD, NEW = b"old", b"new"


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A home beside another folder, which has the same in it."""
    ground = make_ground(tmp_path)
    for root in (ground.home, tmp_path / "elsewhere"):
        for name in ("config/genesis.json", "data/state.json"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(OLD)
    return ground


def write(ground: Ground, before: bytes | None = OLD) -> Plan:
    return Plan("genesis", (WriteFile(ground.home / "config/genesis.json", before, NEW, "to install"),))


def aside(ground: Ground) -> Plan:
    data = ground.home / "data"
    return Plan(
        "genesis",
        (
            MoveAside(data, data.with_name("data.aside"), "it has run", only_stopped=True),
            WriteFile(data / "state.json", None, NEW, "fresh", 0o600),
        ),
    )


def key(ground: Ground) -> Plan:
    return Plan("keys", (CreateSecret(ground.home / "config/node_key.json", "the node key", "node"),))


def put(path: Path, target: Path) -> None:
    """A link at ``path``, whatever is there kept under another name."""
    if os.path.lexists(path):
        path.rename(path.with_name(f"{path.name}.was"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def retarget(path: Path, target: Path) -> None:
    path.unlink()
    path.symlink_to(target)


def take_away(path: Path) -> None:
    path.unlink()
    path.with_name(f"{path.name}.was").rename(path)


def outside(ground: Ground) -> dict[str, tuple[str, int, bytes]]:
    """Everything but the state."""
    return {name: what for name, what in seen(ground.root).items() if not name.startswith("state")}


async def refused(plan: Plan, ground: Ground) -> Refusal:
    """It is refused, and nothing is written anywhere."""
    before = outside(ground)
    with pytest.raises(Refusal) as caught:
        await apply(plan, ground.world())
    assert outside(ground) == before and unfinished(ground.world()) == ()
    return caught.value


PLACES = ("home", "home/config", "home/config/genesis.json", "home/data")
"""What can be a link: the home, a folder on the way, the file itself, the folder that is set aside."""


def elsewhere(ground: Ground, place: str) -> Path:
    return ground.root / "elsewhere" / Path(place).relative_to("home")


def about(place: str) -> Callable[[Ground], Plan]:
    return aside if place == "home/data" else write


@pytest.mark.parametrize("place", PLACES)
async def test_p7_a_link_put_in_place_after_the_plan_makes_it_stale(ground: Ground, place: str) -> None:
    plan = ground.shown(about(place)(ground))
    put(ground.root / place, elsewhere(ground, place))
    refusal = await refused(plan, ground)
    assert set(codes(refusal)) == {"plan-stale"}
    said = refusal.findings[0].message
    assert str(ground.root / "elsewhere") in said and str(plan.changes[0].path) in said  # type: ignore[attr-defined]
    assert ground.shown(about(place)(ground)).digest != plan.digest


@pytest.mark.parametrize("place", PLACES)
async def test_p7_a_link_that_was_shown_is_followed_and_none_else(ground: Ground, place: str) -> None:
    put(ground.root / place, elsewhere(ground, place))
    plan = ground.shown(about(place)(ground))
    assert str(elsewhere(ground, place)) in plan.changes[0].describe()
    assert any(str(elsewhere(ground, place)) in line for line in plan.changes[0].diff())
    await apply(plan, ground.world())
    untouched = ground.root / f"{place}.was"
    assert (untouched.read_bytes() if untouched.is_file() else OLD) == OLD
    if place == "home/data":
        assert (ground.home / "data.aside").is_symlink()
        assert (ground.root / "elsewhere/data/state.json").read_bytes() == OLD, "what the link led to stays"
    else:
        assert (ground.root / "elsewhere/config/genesis.json").read_bytes() == NEW
    await undo(receipts(ground.world())[0], ground.world())
    assert (ground.root / "elsewhere/config/genesis.json").read_bytes() == OLD


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("change", ["removed", "retargeted", "dangling"])
async def test_p7_a_link_that_is_removed_or_retargeted_after_the_plan_makes_it_stale(
    ground: Ground, place: str, change: str
) -> None:
    put(ground.root / place, elsewhere(ground, place))
    plan = ground.shown(about(place)(ground))
    if change == "removed":
        take_away(ground.root / place)
    else:
        retarget(ground.root / place, ground.root / ("third" if change == "dangling" else "home.was"))
    assert "plan-stale" in codes(await refused(plan, ground))


@pytest.mark.parametrize("place", ["home/config", "home/config/genesis.json"])
async def test_p7_where_a_dangling_link_leads_is_shown(ground: Ground, place: str) -> None:
    plain = write(ground, None)
    (ground.home / "config/genesis.json").unlink()
    assert ground.shown(plain) == plain
    put(ground.root / place, ground.root / "nowhere")
    plan = ground.shown(plain)
    assert str(ground.root / "nowhere") in plan.changes[0].describe() and plan.digest != plain.digest
    await refused(plain, ground)
    await apply(plan, ground.world())
    real = ground.root / ("nowhere/genesis.json" if place == "home/config" else "nowhere")
    assert real.read_bytes() == NEW


@pytest.mark.parametrize("dangling", [True, False])
async def test_p1_a_key_is_made_through_no_link_that_was_not_shown(ground: Ground, dangling: bool) -> None:
    plan = ground.shown(key(ground))
    put(ground.home / "config", ground.root / ("nowhere" if dangling else "elsewhere/config"))
    assert codes(await refused(plan, ground)) == ["plan-stale"]
    shown = ground.shown(key(ground))
    assert str(ground.root) in shown.changes[0].describe() and shown.digest != plan.digest
    await apply(shown, ground.world())
    assert (ground.home / "config/node_key.json").is_file()


async def test_p1_a_key_is_not_made_through_a_dangling_link_at_its_name(ground: Ground) -> None:
    put(ground.home / "config/node_key.json", ground.root / "nowhere")
    assert codes(await refused(ground.shown(key(ground)), ground)) == ["plan-stale"]


async def test_p7_a_run_is_neither_finished_nor_undone_where_its_path_leads_elsewhere(ground: Ground) -> None:
    receipt = await apply(ground.shown(write(ground)), ground.world())
    put(ground.home / "config", ground.root / "elsewhere/config")
    before = outside(ground)
    _cut_off(ground)
    pending = Pending(receipt.id, "genesis", "", "", (), "apply")
    for way in (resume, undo):
        with pytest.raises(Refusal) as caught:
            await way(pending, ground.world())
        assert codes(caught.value) == ["apply-led-elsewhere"]
        said = caught.value.findings[0].message
        assert str(ground.home / "config/genesis.json") in said and str(ground.root / "elsewhere") in said
    assert outside(ground) == before
    take_away(ground.home / "config")
    await undo(pending, ground.world())
    assert (ground.home / "config/genesis.json").read_bytes() == OLD


def _cut_off(ground: Ground) -> None:
    journal = max(ground.journal.glob("*/events.jsonl"))
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])


@pytest.mark.parametrize("way", ["apply", "undo"])
@pytest.mark.parametrize(("name", "every"), [("config", 4), ("data", 5), ("config/genesis.json", 7)])
def test_p7_a_link_put_in_place_at_any_moment_of_a_run_is_never_written_through(
    way: str, name: str, every: int, tmp_path: Path
) -> None:
    argv = [sys.executable, "-m", "tests.core.apply.swapped", way, name, str(tmp_path), str(every)]
    subprocess.run(argv, cwd=ROOT, check=True, timeout=200)
    before = seen(prepare(tmp_path / "untouched").root / "victim")
    cases = sorted(tmp_path.glob("*.said"))
    assert len(cases) > 10
    for case in cases:
        assert "Traceback" not in case.read_text(), case.read_text()
        assert seen(case.with_suffix("") / "victim") == before, (case.stem, case.read_text())


# What another user owns


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give links to another user")


@root_only
@pytest.mark.parametrize("place", ["home", "home/config", "home/config/genesis.json"])
async def test_p7_root_writes_through_no_link_of_another_user(ground: Ground, place: str) -> None:
    link = ground.root / place
    put(link, elsewhere(ground, place))
    os.lchown(link, NOBODY, NOBODY)
    refusal = await refused(ground.shown(write(ground)), ground)
    assert codes(refusal) == ["link-owner"]
    (finding,) = refusal.findings
    assert finding.subject == str(link) and "65534 (nobody)" in finding.message
    assert f"chown -h root {link}" in finding.fix
    os.lchown(link, 0, 0)
    await apply(ground.shown(write(ground)), ground.world())


@root_only
async def test_p7_root_sets_nothing_aside_and_makes_no_key_through_a_link_of_another_user(ground: Ground) -> None:
    put(ground.home, ground.root / "elsewhere")
    os.lchown(ground.home, NOBODY, NOBODY)
    for plan in (aside(ground), key(ground)):
        assert "link-owner" in codes(await refused(ground.shown(plan), ground))


@root_only
async def test_p7_root_renames_a_link_of_another_user_which_is_not_written_through(ground: Ground) -> None:
    put(ground.home / "data", ground.root / "elsewhere/data")
    os.lchown(ground.home / "data", NOBODY, NOBODY)
    await apply(ground.shown(aside(ground)), ground.world())
    assert (ground.home / "data/state.json").read_bytes() == NEW and not (ground.home / "data").is_symlink()
    assert (ground.root / "elsewhere/data/state.json").read_bytes() == OLD


@root_only
async def test_p7_root_writes_below_no_folder_in_which_a_third_user_can_swap(ground: Ground) -> None:
    above = ground.home
    os.chown(above, NOBODY, NOBODY)
    assert codes(await refused(ground.shown(write(ground)), ground)) == ["folder-owner"]
    os.chown(above, 0, 0)
    above.chmod(0o777)
    assert codes(await refused(ground.shown(write(ground)), ground)) == ["folder-writable"]
    above.chmod(0o755)
    for path in (above, *above.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    await apply(ground.shown(write(ground)), ground.world())
