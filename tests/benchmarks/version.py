"""`quorate --version` as a whole process against `python -c pass`: at most twice as long."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.installation import build_wheel, install

AIM = 2.0


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks version --", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="how often each is started (default 100)")
    runs = parser.parse_args(argv).runs
    with tempfile.TemporaryDirectory() as folder:
        made = install(Path(folder) / "environment", str(build_wheel(Path(folder))))
        nothing = [str(made.program("python")), "-c", "pass"]
        bare, version = _interleaved([nothing, [str(made.program("quorate")), "--version"]], runs)
    # The ratio of neighbours in time: what else the machine does weighs on both.
    ratio = statistics.median(ours / theirs for theirs, ours in zip(bare, version, strict=True))
    print(f"python -c pass     {statistics.median(bare) * 1000:7.1f} ms (median of {runs})")
    print(f"quorate --version  {statistics.median(version) * 1000:7.1f} ms")
    print(f"ratio              {ratio:7.2f}    (aim: at most {AIM})")
    return 0 if ratio <= AIM else 1


def _interleaved(commands: list[list[str]], runs: int) -> list[list[float]]:
    """Seconds that each took, in turns; the first turn, which fills caches, is not counted."""
    seconds: list[list[float]] = [[] for _ in commands]
    for turn in range(runs + 1):
        for command, kept in zip(commands, seconds, strict=True):
            begun = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if turn:
                kept.append(time.perf_counter() - begun)
    return seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
