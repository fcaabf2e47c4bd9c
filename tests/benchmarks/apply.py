"""`apply` of many files against a bare loop of the same files and the same fsyncs: at most 1.5 times as long."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.adapters import real_world
from core.apply.engine import apply
from core.changes import WriteFile
from core.plan import Plan
from core.state import State

AIM = 1.5
SIZE = 8192


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.apply", description=__doc__)
    parser.add_argument("--files", type=int, default=50, help="how many files one plan replaces (default 50)")
    parser.add_argument("--runs", type=int, default=15, help="how often (default 15)")
    parser.add_argument("--dir", type=Path, help="where (default: the system's folder for temporary files)")
    said = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=said.dir) as folder:
        bare, ours = _measure(Path(os.path.realpath(folder)), said.files, said.runs)
    # The ratio of neighbours in time: what else the machine does weighs on both.
    ratio = statistics.median(mine / theirs for theirs, mine in zip(bare, ours, strict=True))
    print(f"bare loop   {statistics.median(bare) * 1000:8.1f} ms for {said.files} files (median of {said.runs})")
    print(f"apply       {statistics.median(ours) * 1000:8.1f} ms")
    print(f"ratio       {ratio:8.2f}       (aim: at most {AIM})")
    return 0 if ratio <= AIM else 1


def _measure(root: Path, files: int, runs: int) -> tuple[list[float], list[float]]:
    bare: list[float] = []
    ours: list[float] = []
    for run in range(-1, runs):
        before, after = (b"%08d" % (run + n) * (SIZE // 8) for n in (1, 2))
        one = _timed(_bare, root / "bare", files, before, after)
        two = _timed(_apply, root / "ours", files, before, after)
        if run >= 0:
            bare.append(one)
            ours.append(two)
    return bare, ours


def _timed(
    work: Callable[[Path, int, bytes, bytes], None], folder: Path, files: int, before: bytes, after: bytes
) -> float:
    folder.mkdir(exist_ok=True)
    (folder / "state").mkdir(exist_ok=True)
    for n in range(files):
        (folder / f"{n}.conf").write_bytes(before)
    os.sync()
    begun = time.perf_counter()
    work(folder, files, before, after)
    return time.perf_counter() - begun


def _apply(folder: Path, files: int, before: bytes, after: bytes) -> None:
    world = real_world({}).at(State.open(folder / "state", "bench"))
    plan = Plan("x", tuple(WriteFile(folder / f"{n}.conf", before, after, "r") for n in range(files)))
    asyncio.run(apply(plan, world))


def _bare(folder: Path, files: int, before: bytes, after: bytes) -> None:
    """Copies of old and new, one line of a journal, every new file beside its old one, renames, a last line."""
    copies = Path(tempfile.mkdtemp(dir=folder / "state"))
    for n in range(files):
        _write(copies / f"{n}.before", (folder / f"{n}.conf").read_bytes())
        _write(copies / f"{n}.after", after)
    _sync(copies)
    _write(copies / "journal", b"plan")
    _sync(copies)
    for n in range(files):
        _write(folder / f"{n}.tmp", after)
    for n in range(files):
        os.rename(folder / f"{n}.tmp", folder / f"{n}.conf")
    _sync(folder)
    _write(copies / "journal", b"done")


def _write(path: Path, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, content)
    os.fsync(fd)
    os.close(fd)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
