"""Commands as processes of their own, without starting Python anew each time: forks of one that imported the program.

Half a second of imports for each of some hundred commands would be most of the time of these tests. The story of the
four homes does without this, and runs ``python -m core`` every time.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_forked(words: Sequence[str], *, cwd: Path, stdin: bytes, seconds: float) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr of one command."""
    stem = _STEMS.get(timeout=10 * seconds)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return stem.run(Path(folder), words, cwd, stdin, seconds)
    finally:
        _STEMS.put(stem)


class _Stem:
    """One process from which commands fork, one at a time; started at the first of them."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def run(
        self, folder: Path, words: Sequence[str], cwd: Path, stdin: bytes, seconds: float
    ) -> tuple[int, bytes, bytes]:
        names = {name: str(folder / name) for name in ("stdin", "stdout", "stderr")}
        Path(names["stdin"]).write_bytes(stdin)
        process = self.process = self.process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        order = {"words": list(words), "cwd": str(cwd), "environ": dict(os.environ), "seconds": int(seconds), **names}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        return code, Path(names["stdout"]).read_bytes(), Path(names["stderr"]).read_bytes()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        atexit.register(process.kill)
        return process


_STEMS: queue.Queue[_Stem] = queue.Queue()
for _ in range(3):
    _STEMS.put(_Stem())


# --- in the process from which commands fork ---------------------------------------------------------------------


def _serve() -> None:
    _import_all()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_command(order))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _import_all() -> None:
    import importlib
    import pkgutil

    import core

    for module in pkgutil.walk_packages(core.__path__, "core."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def _command(order: Mapping[str, object]) -> int:
    """What ``python -m core`` does, in the child. Never returns into the loop of its parent."""
    import signal

    from core.cli import main

    try:
        signal.alarm(int(str(order["seconds"])))
        for descriptor, (name, flags) in enumerate(_STREAMS.items()):
            os.dup2(os.open(str(order[name]), flags, 0o600), descriptor)
        os.chdir(str(order["cwd"]))
        os.environ.clear()
        os.environ.update(order["environ"])  # type: ignore[call-overload]
        words = order["words"]
        assert isinstance(words, list)
        code = main(words)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        import traceback

        traceback.print_exc()
        return 70
    return code


_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_STREAMS = {"stdin": os.O_RDONLY, "stdout": _WRITE, "stderr": _WRITE}

if __name__ == "__main__":
    _serve()
