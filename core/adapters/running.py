"""A program as a child process that stays, as a node of the practice network does, and is always ended."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from ..finding import Finding, Refusal, error

_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class LocalRunning:
    process: asyncio.subprocess.Process
    lines: deque[str]
    """The last lines of its log."""

    @property
    def ended(self) -> int | None:
        return self.process.returncode

    def ask_to_end(self) -> None:
        _signal(self.process, signal.SIGTERM)


@asynccontextmanager
async def running(argv: Sequence[str], environ: Mapping[str, str]) -> AsyncIterator[LocalRunning]:
    """Run a program while the context lasts; ended by TERM, then KILL, however the context is left.

    The child is told by the kernel to end with us (PR_SET_PDEATHSIG), so that not even kill -9 leaves one behind.
    Raises Refusal (``program-missing``).
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=1 << 20,
            env=dict(environ),
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),
        )
    except (OSError, ValueError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else str(failure)
        raise Refusal(not_started(argv[0], why)) from failure
    started = LocalRunning(process, deque(maxlen=200))
    reader = asyncio.create_task(_read_log(started))
    try:
        yield started
    finally:
        await _ended(process)
        reader.cancel()


async def _read_log(one: LocalRunning) -> None:
    assert one.process.stdout is not None
    while chunk := await one.process.stdout.read(1 << 16):
        one.lines.extend(chunk.decode("utf-8", "replace").splitlines())


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Ends it; to the end also where the task is cancelled meanwhile."""
    ending = asyncio.ensure_future(_end(process))
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        _signal(process, signal.SIGKILL)
        await ending
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(process, number)
        try:
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            continue
        break
    # What the program has started itself stays in its group, and ends with it.
    _signal(process, signal.SIGKILL)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _die_with(parent: int) -> Callable[[], None]:
    """What the child does before it becomes the program. Loaded here: between fork and exec nothing may be loaded."""
    import ctypes

    control = ctypes.CDLL(None, use_errno=True).prctl
    pr_set_pdeathsig = 1

    def child() -> None:
        control(pr_set_pdeathsig, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return child


def not_started(program: str, why: str | None) -> Finding:
    message = f"{program} cannot be started: {why}"
    return error("program-missing", program, message, "Install it, or put the folder that holds it on PATH.")
