"""A node program as a child process: found on PATH, started on loopback for practice, and always ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from ..finding import Refusal, error

_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class RunningNode:
    name: str
    rpc: str
    """Base of its RPC: ``http://127.0.0.1:26657``."""
    process: asyncio.subprocess.Process
    lines: deque[str]
    """The last lines of its log."""

    @property
    def ended(self) -> int | None:
        return self.process.returncode


@asynccontextmanager
async def running(name: str, argv: Sequence[str], rpc: str, environ: Mapping[str, str]) -> AsyncIterator[RunningNode]:
    """Run a node while the context lasts; ended by TERM, then KILL, however the context is left.

    The child is told by the kernel to end with us (PR_SET_PDEATHSIG), so that not even kill -9 leaves one behind.
    Raises Refusal (``node-start``).
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
        message = f"{argv[0]} can not be started: {why}"
        raise Refusal(error("node-start", name, message, "Give a working program with --node.")) from failure
    node = RunningNode(name, rpc, process, deque(maxlen=200))
    reader = asyncio.create_task(_read_log(node))
    try:
        yield node
    finally:
        await _ended(process)
        reader.cancel()


async def end_all(nodes: Sequence[RunningNode]) -> None:
    """Ask all to end at once, so that the last need not wait for the first."""
    for node in nodes:
        _signal(node.process, signal.SIGTERM)
    await asyncio.gather(*(_ended(node.process) for node in nodes))


async def _read_log(node: RunningNode) -> None:
    assert node.process.stdout is not None
    while chunk := await node.process.stdout.read(1 << 16):
        node.lines.extend(chunk.decode("utf-8", "replace").splitlines())


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


def free_ports(count: int, first: int = 26656) -> tuple[int, ...]:
    """Loopback TCP ports that nothing listens on, counted up from ``first``: practice looks like the real thing.

    Raises Refusal (``ports-taken``).
    """
    found: list[int] = []
    port = first
    while len(found) < count and port < 65000:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                pass
        port += 1
    if len(found) < count:
        raise Refusal(
            error("ports-taken", "127.0.0.1", f"no {count} free ports from {first} on", "End other programs.")
        )
    return tuple(found)
