"""One fault after the other: ``python -m tests.core.apply.injected CALL FAULT DIR apply|undo [older]``, FAULT as in
strace. ``older``: on a system without renameat2.

strace is attached to one warm process and counts the calls of each of its children by itself. So every case is a child
that burns calls until the one that is counted as the 300th is the first, second, third ... of its own apply. It ends
when six children in a row were not hit. Each has the home ``DIR/<case>``, and leaves ``done``, the codes of a
refusal, or a traceback in ``DIR/<case>.said``; one that was killed leaves nothing there.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Literal, cast

from core.apply.engine import apply, receipts, undo
from core.disk.renameat2 import EXCHANGE, renameat2
from core.finding import Refusal
from tests.core.apply.ground import Ground, a_home, five_changes, make_ground
from tests.core.apply.older_kernel import forbid_renameat2

WHEN = 300
NOT_TRACED = 77
FREQUENT = frozenset({"openat", "newfstatat"})
_PTRACER, _ANYBODY = 0x59616D61, -1
_NOWHERE = 999


def main(call: str, fault: str, root: Path, way: Way) -> None:
    warm = _prepare(root, 0)
    _applied(warm)
    asyncio.run(_undo(warm))
    # Of the frequent ones every third: they mostly look.
    cases = range(1, WHEN, 3 if call in FREQUENT else 1)
    grounds = {case: _prepare(root, case) for case in cases}
    with _traced(call, fault, root):
        quiet = 0
        for case, ground in grounds.items():
            if way == "undo":
                # In a child too: the calls of this process are counted for all of the cases.
                assert _forked(partial(_applied, ground))
            quiet = quiet + 1 if _one(call, case, ground, WAYS[way]) else 0
            if quiet == 6:
                return


def _prepare(root: Path, case: int) -> Ground:
    ground = make_ground(root / str(case))
    a_home(ground)
    return ground


@contextmanager
def _traced(call: str, fault: str, root: Path) -> Iterator[None]:
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PTRACER, _ANYBODY, 0, 0, 0)
    argv = ["strace", "-f", "-qq", "-o", str(root / "trace"), "-e", f"trace={call}"]
    argv += ["-e", f"inject={call}:{fault}:when={WHEN}", "-p", str(os.getpid())]
    strace = subprocess.Popen(argv, stderr=subprocess.PIPE)
    while "\nTracerPid:\t0\n" in Path("/proc/self/status").read_text():
        if strace.poll() is not None:
            print(strace.stderr.read().decode() if strace.stderr else "", file=sys.stderr)
            sys.exit(NOT_TRACED)
        time.sleep(0.01)
    try:
        yield
    finally:
        strace.terminate()
        strace.wait()


def _one(call: str, case: int, ground: Ground, act: Act) -> bool:
    """Return True if it ended as if nothing had been injected."""
    return _forked(lambda: _child(call, case, ground, act))


def _forked(act: Callable[[], object]) -> bool:
    child = os.fork()
    if not child:
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def _child(call: str, case: int, ground: Ground, act: Act) -> None:
    code = 1
    report = os.open(f"{ground.root}.said", os.O_WRONLY | os.O_CREAT)
    try:
        loop = asyncio.new_event_loop()
        for _ in range(WHEN - case):
            with suppress(OSError):
                BURN[call]()
        loop.run_until_complete(act(ground))
        os.pwrite(report, b"done", 0)
        code = 0
    except Refusal as refusal:
        os.pwrite(report, " ".join(finding.code for finding in refusal.findings).encode(), 0)
        code = 3
    except BaseException:
        os.pwrite(report, traceback.format_exc().encode(), 0)
    finally:
        os._exit(code)


async def _apply(ground: Ground) -> None:
    await apply(five_changes(ground), ground.world())


def _applied(ground: Ground) -> None:
    asyncio.run(_apply(ground))


async def _undo(ground: Ground) -> None:
    await undo(receipts(ground.world())[0], ground.world())


Way = Literal["apply", "undo"]
Act = Callable[[Ground], Coroutine[None, None, None]]
WAYS: dict[Way, Act] = {"apply": _apply, "undo": _undo}


BURN: dict[str, Callable[[], object]] = {
    "write": lambda: os.write(_NOWHERE, b""),
    "fsync": lambda: os.fsync(_NOWHERE),
    "openat": lambda: os.open("/nothing/is/here", os.O_RDONLY),
    "renameat": lambda: os.rename("x", "y", src_dir_fd=_NOWHERE, dst_dir_fd=_NOWHERE),
    "renameat2": lambda: renameat2(_NOWHERE, "x", _NOWHERE, "y", EXCHANGE),
    "unlinkat": lambda: os.unlink("x", dir_fd=_NOWHERE),
    "mkdirat": lambda: os.mkdir("x", dir_fd=_NOWHERE),
    "fchmod": lambda: os.fchmod(_NOWHERE, 0o600),
    "newfstatat": lambda: os.stat("x", dir_fd=_NOWHERE),
}

if __name__ == "__main__":
    if sys.argv[5:] == ["older"]:
        forbid_renameat2()
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), cast(Way, sys.argv[4]))
