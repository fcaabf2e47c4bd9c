"""Running programs: bounded, and nothing is left running."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from core.adapters import LocalProcesses
from core.finding import Refusal

PROCESSES = LocalProcesses({"PATH": os.environ["PATH"], "OURS": "1"})


async def python(code: str, stdin: bytes = b"", seconds: float = 20, **environ: str) -> tuple[int, bytes, bytes]:
    ended = await PROCESSES.run(
        [sys.executable, "-c", code], stdin=stdin, seconds=seconds, environ=environ if environ else None
    )
    return ended.code, ended.stdout, ended.stderr


async def test_a_program_is_run_to_its_end() -> None:
    code = "import sys; sys.stdout.write(sys.stdin.read().upper()); sys.stderr.write('e'); sys.exit(3)"
    assert await python(code, b"abc") == (3, b"ABC", b"e")


async def test_its_environment_is_the_worlds_or_the_one_given() -> None:
    show = "import os; print(sorted(name for name in os.environ if name in ('OURS', 'GIVEN')))"
    assert (await python(show))[1] == b"['OURS']\n" and (await python(show, GIVEN="1"))[1] == b"['GIVEN']\n"


async def test_a_program_that_does_not_listen_is_no_trouble() -> None:
    assert (await python("pass", b"x" * (1 << 20)))[0] == 0


async def test_output_is_capped() -> None:
    _, out, _ = await python("import sys; sys.stdout.write('x' * (20 << 20))")
    assert len(out) == 8 << 20


async def test_a_missing_program_is_a_finding(tmp_path: Path) -> None:
    for argv in (["no-such-program-here"], [str(tmp_path)], ["a\0b"]):
        with pytest.raises(Refusal) as caught:
            await PROCESSES.run(argv)
        assert caught.value.findings[0].code == "program-missing"
    assert PROCESSES.find("no-such-program-here") is None and PROCESSES.find("sh")


FAMILY = "import os, time; os.fork() or os.fork(); open({!r}, 'a').write(str(os.getpid()) + ' '); time.sleep(60)"


async def test_after_its_time_it_and_its_children_are_gone(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        await python(FAMILY.format(str(tmp_path / "pids")), seconds=1)
    assert caught.value.findings[0].code == "program-timeout"
    _all_gone(tmp_path / "pids")


async def test_when_cancelled_it_and_its_children_are_gone(tmp_path: Path) -> None:
    task = asyncio.create_task(python(FAMILY.format(str(tmp_path / "pids"))))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    _all_gone(tmp_path / "pids")


def _all_gone(path: Path) -> None:
    pids = [int(word) for word in path.read_text().split()]
    assert len(pids) == 3
    until = time.monotonic() + 5
    while time.monotonic() < until and any(_lives(pid) for pid in pids):
        time.sleep(0.02)
    assert [pid for pid in pids if _lives(pid)] == []


def _lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
