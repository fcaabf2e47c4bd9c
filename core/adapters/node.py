"""A node program as a child process: found on PATH, started on loopback for practice, and always ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
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
            preexec_fn=_die_with_parent,
        )
    except OSError as failure:
        message = f"{argv[0]} can not be started: {failure.strerror}"
        raise Refusal(error("node-start", name, message, "Give a working program with --node.")) from failure
    node = RunningNode(name, rpc, process, deque(maxlen=200))
    reader = asyncio.create_task(_read_log(node))
    try:
        yield node
    finally:
        await asyncio.shield(_end(process))
        reader.cancel()


async def _read_log(node: RunningNode) -> None:
    assert node.process.stdout is not None
    while chunk := await node.process.stdout.read(1 << 16):
        node.lines.extend(chunk.decode("utf-8", "replace").splitlines())


async def _end(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            continue


def _die_with_parent() -> None:
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def free_ports(count: int, first: int = 26656) -> tuple[int, ...]:
    """Loopback TCP ports that nothing listens on: counted up from ``first``, so that practice looks like the real thing."""
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
