"""P2 and P3: killed at any moment, refused any system call, out of disk: each file is the old or the new one, whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.apply.engine import apply, receipts, resume, undo, unfinished
from core.apply.receipt import Pending
from core.changes import WriteFile
from core.finding import Refusal
from core.plan import Plan
from tests.core.apply.ground import Ground, a_home, codes, five_changes, make_ground, seen
from tests.core.apply.injected import NOT_TRACED
from tests.core.apply.older_kernel import is_possible

ROOT = Path(__file__).parents[3]
SECONDS = 8.0
ALL_NEW = {
    "config/config.toml": b"new config\n" * 700,
    "config/genesis.json": b"new genesis\n" * 300,
    "data.aside/state.json": b"old state\n",
    "data/state.json": b"new state\n",
    "extra/deep/nginx.conf": b"new nginx\n",
}
ALL_OLD = {
    "config/config.toml": b"old config\n" * 500,
    "config/genesis.json": b"old genesis\n" * 500,
    "data/state.json": b"old state\n",
}
NAMES = set(ALL_NEW) | set(ALL_OLD)


STATE = "data/state.json"
"""Where it is missing for a moment, the key could sign a height twice."""
OLD_STATE, NEW_STATE = ALL_OLD[STATE], ALL_NEW[STATE]


def contents(ground: Ground) -> dict[str, bytes]:
    found = {name: what[2] for name, what in ground.seen().items() if what[0] == "file"}
    return {name: content for name, content in found.items() if not name.endswith("LOCK") and ".tmp" not in name}


def assert_old_or_new(ground: Ground, older: bool = False) -> None:
    found = contents(ground)
    assert set(found) <= NAMES
    for name, content in found.items():
        assert content in {ALL_OLD.get(name), ALL_NEW.get(name)}, name
    assert "config/config.toml" in found and "config/genesis.json" in found
    if found.get(STATE) == NEW_STATE:
        # A node that is started now would sign the old chain from its beginning.
        assert found["config/genesis.json"] == ALL_NEW["config/genesis.json"], "fresh beside the old chain"
    states = [path.read_bytes() for path in ground.home.glob("*/state.json")]
    assert states.count(OLD_STATE) == 1, "the old sign state is always there, and once"
    if not older:
        assert found.get(STATE) in {OLD_STATE, NEW_STATE}, "a sign state is always at its path"
    elif STATE not in found:
        assert found["data.aside/state.json"] == OLD_STATE and NEW_STATE in states, "both wait, and both are whole"


async def settle(ground: Ground, finish: bool, older: bool = False) -> None:
    """What the next run does with one that was cut off."""
    assert_old_or_new(ground, older)
    for pending in unfinished(ground.world()):
        await (resume if finish else undo)(pending, ground.world())
    assert unfinished(ground.world()) == ()
    last = receipts(ground.world())[:1]
    assert contents(ground) == (ALL_NEW if last and not last[0].undone else ALL_OLD)
    assert ground.temps() == [], "a temporary file was left"


@pytest.mark.parametrize("older", [False, True], ids=["exchange", "older"])
async def test_p2_p3_killed_at_random_moments_every_file_is_whole_and_the_run_is_finished_or_undone(
    older: bool, tmp_path: Path
) -> None:
    if older and not is_possible():
        pytest.skip("the number of renameat2 on this machine is not known: an older kernel was not tried")
    ground = make_ground(tmp_path)
    a_home(ground)
    chance = random.Random(7)
    cut_off: list[Pending] = []
    for _ in _for(SECONDS, lambda: bool(cut_off)):
        with _running(ground, older):
            _pause(chance.uniform(0.0, 0.15))
        pending = unfinished(ground.world())
        cut_off.extend(pending)
        await settle(ground, chance.random() < 0.5, older)
        for receipt in receipts(ground.world())[:1]:
            if not receipt.undone:
                await undo(receipt, ground.world())
        shutil.rmtree(ground.journal, ignore_errors=True)
    assert cut_off, "no kill met a run"


@contextmanager
def _running(ground: Ground, older: bool) -> Iterator[None]:
    """Plans are applied and undone there, one after the other, until it is killed."""
    argv = [sys.executable, "-m", "tests.core.apply.loop", str(ground.root), *(["older"] if older else [])]
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    yield
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it had ended before it was killed"
    process.stdout.close()


def _inject(call: str, fault: str, root: Path, *how: str) -> dict[int, str]:
    """Run every case of ``apply``, or as in ``how``; what each left by its number, "" where it was killed."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: faults at each system call were not tried")
    argv = [sys.executable, "-m", "tests.core.apply.injected", call, fault, str(root), *(how or ("apply",))]
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if ended.returncode == NOT_TRACED:
        pytest.skip(f"strace may not trace here: {ended.stderr.strip()[:200]}")
    assert ended.returncode == 0, ended.stderr
    cases = sorted(int(path.stem) for path in root.glob("*.said"))
    return {case: (root / f"{case}.said").read_text() for case in cases}


EACH = (0, 1)
"""Every cut-off run is finished in one of these cases and undone in the other; other calls do so in turns."""
WAYS = ("apply", "undo")
CALLS = [(call, way, turn) for call in ("renameat", "renameat2", "fsync") for way in WAYS for turn in EACH]
CALLS += [(call, way, 0) for call in ("write", "fchmod", "openat") for way in WAYS]
CALLS += [("mkdirat", "apply", 0), ("unlinkat", "undo", 0)]


@pytest.mark.parametrize(("call", "way", "turn"), CALLS)
async def test_p2_p3_killed_at_each_system_call_a_sign_state_is_at_its_path_and_the_run_can_be_ended(
    call: str, way: str, turn: int, tmp_path: Path
) -> None:
    said = _inject(call, "signal=SIGKILL", tmp_path, way)
    assert "" in said.values() and set(said.values()) <= {"", "done"}
    for case in said:
        await settle(Ground(tmp_path / str(case)), finish=case % 2 == turn)


@pytest.mark.parametrize("turn", EACH)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", ["renameat", "fsync"])
async def test_p2_p3_killed_where_names_can_not_be_exchanged_a_sign_state_is_at_one_of_two_places(
    call: str, way: str, turn: int, tmp_path: Path
) -> None:
    if not is_possible():
        pytest.skip("the number of renameat2 on this machine is not known: an older kernel was not tried")
    said = _inject(call, "signal=SIGKILL", tmp_path, way, "older")
    assert "" in said.values() and set(said.values()) <= {"", "done"}
    for case in said:
        await settle(Ground(tmp_path / str(case)), finish=case % 2 == turn, older=True)


@pytest.mark.parametrize("older", [False, True], ids=["exchange", "older"])
async def test_p2_whoever_looks_finds_a_sign_state_at_every_moment(older: bool, tmp_path: Path) -> None:
    if older and not is_possible():
        pytest.skip("the number of renameat2 on this machine is not known: an older kernel was not tried")
    ground = make_ground(tmp_path)
    a_home(ground)
    seen_at: Counter[str] = Counter()
    with _running(ground, older):
        for _ in _for(3, lambda: seen_at["path"] > 1000 and (seen_at["aside"] > 0 or not older)):
            found = _look(ground.home / STATE)
            seen_at["aside" if found is None else "path"] += 1
            if older and found is None:
                found = _look(ground.home / "data.aside/state.json") or _look(ground.home / STATE)
            assert found in {OLD_STATE, NEW_STATE}
    assert seen_at["path"] > 1000 and (seen_at["aside"] > 0 or not older)


def _for(seconds: float, enough: Callable[[], bool]) -> Iterator[None]:
    """So long, and on a busy machine ten times so long, until it is ``enough``."""
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds or (passed < 10 * seconds and not enough()):
        yield


def _pause(seconds: float) -> None:
    time.sleep(seconds)


def _look(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@pytest.mark.parametrize(
    ("call", "fault", "code"),
    [
        ("write", "ENOSPC", "disk-full"),
        ("fsync", "EIO", "disk-failing"),
        ("renameat", "EBUSY", "file-busy"),
        ("renameat2", "EBUSY", "file-busy"),
        ("mkdirat", "ENOSPC", "disk-full"),
        ("fchmod", "EPERM", "file-not-permitted"),
        ("openat", "EACCES", "file-denied"),
        ("newfstatat", "EIO", "disk-failing"),
    ],
)
async def test_p2_each_refused_system_call_leaves_all_old(call: str, fault: str, code: str, tmp_path: Path) -> None:
    said = _inject(call, f"error={fault}", tmp_path)
    assert any(code in words.split() for words in said.values()), said
    for case, words in said.items():
        assert "Traceback" not in words, words
        ground = Ground(tmp_path / str(case))
        if words == "done":
            assert contents(ground) == ALL_NEW, case
        elif "apply-half-done" not in words.split():
            assert contents(ground) == ALL_OLD and ground.temps() == [], (case, words)
            assert unfinished(ground.world()) == (), (case, words)
        await settle(ground, finish=False)


# Real file systems


@contextmanager
def mounted(path: Path, options: str) -> Iterator[None]:
    """A tmpfs at ``path``; skips where this machine does not allow it."""
    path.mkdir(exist_ok=True)
    argv = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount: a really full disk was not tried")
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip(f"a tmpfs can not be mounted here: {ended.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def _must(*argv: str) -> None:
    subprocess.run(argv, check=True)


def _can(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


async def test_p2_a_disk_that_is_really_full_keeps_all_old_and_no_temporary_file(tmp_path: Path) -> None:
    ground = make_ground(tmp_path)
    with mounted(ground.home, "size=64k,mode=0755"):
        first, second = ground.put("a", b"old" * 5000), ground.put("b", b"old" * 5000)
        before = ground.seen()
        changes = (
            WriteFile(first, b"old" * 5000, b"new" * 5000, "fits"),
            WriteFile(second, b"old" * 5000, b"new" * 15000, "does not fit"),
        )
        with pytest.raises(Refusal) as caught:
            await apply(Plan("x", changes), ground.world())
        assert codes(caught.value) == ["disk-full"]
        assert ground.seen() == before and unfinished(ground.world()) == ()


async def test_p2_a_full_disk_under_the_state_keeps_all_old(tmp_path: Path) -> None:
    ground = make_ground(tmp_path)
    path = ground.put("a", b"old")
    with mounted(tmp_path / "state", "size=32k,mode=0700"):
        with pytest.raises(Refusal) as caught:
            await apply(Plan("x", (WriteFile(path, b"old", b"new" * 50000, "r"),)), ground.world())
        assert codes(caught.value) == ["disk-full"] and unfinished(ground.world()) == ()
        assert list(seen(ground.journal)) == []
    assert path.read_bytes() == b"old"


async def test_a_read_only_file_system_is_named(tmp_path: Path) -> None:
    ground = make_ground(tmp_path)
    with mounted(ground.home, "size=64k,mode=0755"):
        path = ground.put("a", b"old")
        _must("mount", "-o", "remount,ro", str(ground.home))
        with pytest.raises(Refusal) as caught:
            await apply(Plan("x", (WriteFile(path, b"old", b"new", "r"),)), ground.world())
        assert codes(caught.value) == ["disk-read-only"] and unfinished(ground.world()) == ()


async def test_a_file_mounted_by_itself_is_named_and_what_was_done_before_it_is_taken_back(tmp_path: Path) -> None:
    ground = make_ground(tmp_path)
    with mounted(tmp_path / "disk", "size=64k,mode=0755"):
        a_home(ground)
        config = ground.home / "config/genesis.json"
        _must("mount", "--bind", str(config), str(config))
        try:
            before = ground.seen()
            with pytest.raises(Refusal) as caught:
                await apply(five_changes(ground), ground.world())
            assert codes(caught.value) == ["file-busy"]
            assert ground.seen() == before and unfinished(ground.world()) == () and ground.temps() == []
        finally:
            _must("umount", str(config))


async def test_an_immutable_file_is_named(tmp_path: Path) -> None:
    ground = make_ground(tmp_path)
    path = ground.put("a", b"old")
    if shutil.which("chattr") is None or not _can("chattr", "+i", str(path)):
        pytest.skip("chattr +i is not possible here")
    try:
        with pytest.raises(Refusal) as caught:
            await apply(Plan("x", (WriteFile(path, b"old", b"new", "r"),)), ground.world())
        assert codes(caught.value) == ["file-not-permitted"] and ground.temps() == []
    finally:
        _must("chattr", "-i", str(path))
    assert path.read_bytes() == b"old"
