"""Whether a node runs: the locks of its databases, of both sorts."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.disk.running import held_locks


def a_lock(folder: Path, name: str) -> Path:
    path = folder / name / "LOCK"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def test_free_locks_are_not_held(tmp_path: Path) -> None:
    a_lock(tmp_path, "data/blocks.db")
    assert held_locks(tmp_path) == () == held_locks(tmp_path / "missing")


@pytest.mark.parametrize("how", ["flock", "lockf"])
def test_a_lock_of_another_process_is_found(tmp_path: Path, how: str) -> None:
    path = a_lock(tmp_path, "data/blocks.db")
    a_lock(tmp_path, "data/state.db")
    code = (
        f"import fcntl, time; file = open({str(path)!r}, 'r+'); fcntl.{how}(file, fcntl.LOCK_EX)\n"
        "print(flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline()
        assert held_locks(tmp_path) == held_locks(tmp_path / "data") == (path,)
    finally:
        process.kill()
        process.wait()
    assert held_locks(tmp_path) == ()


def test_it_looks_three_folders_deep_and_through_no_link(tmp_path: Path) -> None:
    deep, far = a_lock(tmp_path, "a/b"), a_lock(tmp_path, "a/c/d")
    (tmp_path / "link").symlink_to(tmp_path / "a/c")
    with deep.open("r+") as one, far.open("r+") as two:
        fcntl.flock(one, fcntl.LOCK_EX)
        fcntl.flock(two, fcntl.LOCK_EX)
        assert held_locks(tmp_path) == (deep,)


def test_a_pipe_called_lock_does_not_stop_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "LOCK")
    assert held_locks(tmp_path) == ()
