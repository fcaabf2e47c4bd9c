"""Running programs on this machine: no shell, bounded in time and output, nothing left running."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from ..finding import Refusal, error
from ..world import Completed
from .running import LocalRunning, not_started, running

_OUTPUT = 8 << 20
"""Bytes that are kept of each stream; what comes after is read and dropped."""


class LocalProcesses:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        seconds: float = 20,
    ) -> Completed:
        """Run to the end; the whole process group is killed after ``seconds`` or when the task is cancelled.

        Raises Refusal (``program-missing``, ``program-timeout``).
        """
        process = await _start(argv, self._environ if environ is None else environ)
        try:
            async with asyncio.timeout(seconds):
                _, out, err = await asyncio.gather(
                    _feed(process, stdin), _drain(process.stdout), _drain(process.stderr)
                )
                return Completed(await process.wait(), out, err)
        except TimeoutError:
            raise Refusal(
                error(
                    "program-timeout",
                    argv[0],
                    f"{argv[0]} ran longer than {seconds:g} seconds and was stopped",
                    "Run it by hand to see what it waits for, then do this again.",
                )
            ) from None
        finally:
            _kill(process)
            await asyncio.shield(process.wait())

    def start(
        self, argv: Sequence[str], *, environ: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[LocalRunning]:
        return running(argv, self._environ if environ is None else environ)

    def find(self, name: str) -> Path | None:
        """Where a program of that name stands on PATH."""
        found = shutil.which(name, path=self._environ.get("PATH", os.defpath))
        return Path(found) if found else None


async def _start(argv: Sequence[str], environ: Mapping[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            *argv, stdin=pipe, stdout=pipe, stderr=pipe, env=dict(environ), start_new_session=True
        )
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise Refusal(not_started(argv[0], why)) from problem


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    pipe = process.stdin
    assert pipe is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        if data:
            pipe.write(data)
            await pipe.drain()
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.close()
        await pipe.wait_closed()


async def _drain(stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None
    kept = bytearray()
    while chunk := await stream.read(1 << 16):
        kept += chunk[: _OUTPUT - len(kept)]
    return bytes(kept)


def _kill(process: asyncio.subprocess.Process) -> None:
    # The group outlives its leader where a child stayed behind, so it is always signalled.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
