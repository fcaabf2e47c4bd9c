"""P2 and P3: killed at any moment, refused any system call, out of disk: each file is the old or the new one, whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.apply import apply, receipts, resume, undo, unfinished
from core.finding import Refusal
from core.plan import Plan, WriteFile
from tests.core.apply.ground import Ground, a_home, codes, five_changes, make_ground, seen
from tests.core.apply.injected import NOT_TRACED

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


def contents(ground: Ground) -> dict[str, bytes]:
    found = {name: what[2] for name, what in ground.seen().items() if what[0] == "file"}
    return {name: content for name, content in found.items() if not name.endswith(("LOCK", ".tmp"))}


def assert_old_or_new(ground: Ground) -> None:
    found = contents(ground)
    assert set(found) <= NAMES
    for name, content in found.items():
        assert content in {ALL_OLD.get(name), ALL_NEW.get(name)}, name
    assert "config/config.toml" in found and "config/genesis.json" in found


async def settle(ground: Ground, finish: bool) -> None:
    """What the next run does with one that was cut off."""
    assert_old_or_new(ground)
    for pending in unfinished(ground.world()):
        await (resume if finish else undo)(pending, ground.world())
    assert unfinished(ground.world()) == ()
    last = receipts(ground.world())[:1]
    assert contents(ground) == (ALL_NEW if last and not last[0].undone else ALL_OLD)
    assert ground.temps() == [], "a temporary file was left"


async def test_p2_p3_killed_at_random_moments_every_file_is_whole_and_the_run_is_finished_or_undone(
    tmp_path: Path,
) -> None:
    ground = make_ground(tmp_path)
    a_home(ground)
    chance = random.Random(7)
    until = time.monotonic() + SECONDS
    cut_off = 0
    while time.monotonic() < until:
        _run_and_kill(ground, chance.uniform(0.0, 0.15))
        pending = unfinished(ground.world())
        cut_off += len(pending)
        await settle(ground, chance.random() < 0.5)
        for receipt in receipts(ground.world())[:1]:
            if not receipt.undone:
                await undo(receipt, ground.world())
        shutil.rmtree(ground.journal, ignore_errors=True)
    assert cut_off > 0, "no kill met a run"


def _run_and_kill(ground: Ground, seconds: float) -> None:
    argv = [sys.executable, "-m", "tests.core.apply.loop", str(ground.root)]
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it had ended before it was killed"
    process.stdout.close()


def _inject(call: str, fault: str, root: Path) -> dict[int, str]:
    """Run every case; what each left by its number, "" where it was killed."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: faults at each system call were not tried")
    argv = [sys.executable, "-m", "tests.core.apply.injected", call, fault, str(root)]
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if ended.returncode == NOT_TRACED:
        pytest.skip(f"strace may not trace here: {ended.stderr.strip()[:200]}")
    assert ended.returncode == 0, ended.stderr
    cases = sorted(int(path.stem) for path in root.glob("*.said"))
    return {case: (root / f"{case}.said").read_text() for case in cases}


@pytest.mark.parametrize("call", ["renameat", "fsync", "write", "mkdirat", "fchmod", "openat"])
async def test_p2_p3_killed_at_each_system_call(call: str, tmp_path: Path) -> None:
    said = _inject(call, "signal=SIGKILL", tmp_path)
    assert list(said.values()).count("") >= 2 and set(said.values()) <= {"", "applied"}
    for case in said:
        await settle(Ground(tmp_path / str(case)), finish=case % 2 == 0)


@pytest.mark.parametrize(
    ("call", "fault", "code"),
    [
        ("write", "ENOSPC", "disk-full"),
        ("fsync", "EIO", "disk-failing"),
        ("renameat", "EBUSY", "file-busy"),
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
        if words == "applied":
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
