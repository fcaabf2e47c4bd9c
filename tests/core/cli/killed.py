"""One command of the real program after the other, each killed at a later moment: a warm process that forks.

Every call that opens, makes, renames or removes something below the operator's folder, and every start of the key
process, is a moment (an audit event of the interpreter); at the one that was chosen the process gets a real SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from core.cli import main
from tests.core.cli.program import Operator

_MOMENTS = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "subprocess.Popen"})


def run(one: Operator, *words: str, die_at: int = 0) -> int:
    """Run ``quorate WORDS`` in a child; the exit code, or -9 where it was killed. ``said``: what it printed."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        _as_the_program(one)
        if die_at:
            _die_at(die_at, one.folder)
        code = main(words)
    finally:
        os._exit(code)


def _as_the_program(one: Operator) -> None:
    said = os.open(one.folder / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(said, number)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(one.environment())
    os.chdir(one.folder)


def _die_at(moment: int, folder: Path) -> None:
    seen = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event not in _MOMENTS:
            return
        path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else ""
        if event != "subprocess.Popen" and os.path.isabs(path) and not path.startswith(str(folder)):
            return
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
