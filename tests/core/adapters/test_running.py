"""A node as a child process: whatever it does and however we end, nothing of it is left running."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.adapters import running as module
from core.adapters.running import LocalRunning, running
from core.finding import Refusal
from tests.source import ROOT

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath)}

READY = "print('ready', flush=True)\n"
SLEEP = "import time\n" + READY + "time.sleep(600)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + READY + "time.sleep(600)"
WITH_CHILD = (
    "import subprocess, time\nc = subprocess.Popen(['sleep', '600'])\nprint(c.pid, flush=True)\ntime.sleep(600)"
)


def program(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def there(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def ready(one: LocalRunning) -> LocalRunning:
    await until(lambda: bool(one.lines))
    return one


async def test_a_node_runs_while_it_is_needed_and_its_log_is_read() -> None:
    async with running(program(SLEEP), ENVIRON) as one:
        await ready(one)
        assert one.ended is None and there(one.process.pid) and list(one.lines) == ["ready"]
    assert one.ended == -signal.SIGTERM and not there(one.process.pid)


async def test_a_node_that_ends_by_itself_is_seen() -> None:
    async with running(program("print('no genesis'); raise SystemExit(3)"), ENVIRON) as one:
        await until(lambda: one.ended is not None)
        await ready(one)
        assert one.ended == 3 and list(one.lines) == ["no genesis"]


async def test_a_node_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE_SECONDS", 0.2)
    async with running(program(STUBBORN), ENVIRON) as one:
        await ready(one)
    assert one.ended == -signal.SIGKILL and not there(one.process.pid)


async def test_what_a_node_has_started_ends_with_it() -> None:
    async with running(program(WITH_CHILD), ENVIRON) as one:
        child = int((await ready(one)).lines[0])
        assert there(child)
    await until(lambda: not there(child))


async def test_a_failure_of_ours_ends_it_too() -> None:
    with pytest.raises(ZeroDivisionError):
        async with running(program(SLEEP), ENVIRON) as one:
            await ready(one)
            raise ZeroDivisionError
    assert not there(one.process.pid)


async def test_a_cancelled_task_ends_it_also_when_cancelled_twice() -> None:
    started = asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with running(program(STUBBORN), ENVIRON) as one:
            started.set_result((await ready(one)).process.pid)
            await asyncio.sleep(600)

    task = asyncio.create_task(run())
    pid = await started
    task.cancel()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not there(pid)


async def test_one_that_is_asked_ends_before_its_context_is_left() -> None:
    async with running(program(SLEEP), ENVIRON) as one:
        (await ready(one)).ask_to_end()
        await until(lambda: one.ended is not None)
        assert one.ended == -signal.SIGTERM


def test_not_even_kill_9_leaves_one_behind(tmp_path: Path) -> None:
    code = textwrap.dedent(
        f"""
        import asyncio, sys
        sys.path.insert(0, {str(ROOT)!r})
        from core.adapters.running import running
        async def main():
            async with running((sys.executable, "-c", {SLEEP!r}), {{}}) as one:
                while not one.lines: await asyncio.sleep(0.01)
                print(one.process.pid, flush=True)
                await asyncio.sleep(600)
        asyncio.run(main())
        """
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=tmp_path) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert there(pid)
        parent.kill()
    end = time.monotonic() + 20
    while there(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not there(pid)


async def test_a_log_without_lines_or_in_no_encoding_is_read() -> None:
    code = "import sys\nsys.stdout.buffer.write(b'x' * 3_000_000 + b'\\xff\\x1b[31m\\n' * 500)\nsys.stdout.flush()"
    async with running(program(code), ENVIRON) as one:
        await until(lambda: one.ended is not None)
        await until(lambda: len(one.lines) == 200)


@pytest.mark.parametrize("name", ["/nowhere/cometbft", "/", __file__, "a\0b"])
async def test_a_program_that_can_not_be_started_is_told(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        async with running((name, "start"), ENVIRON):
            pass
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("program-missing", finding.subject) and finding.fix
