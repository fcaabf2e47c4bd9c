"""``quorate status`` with many documents, against one that reads the same documents' signatures anew.

``python -m tests.benchmarks.status [--cards 10000]``. What was verified when it came is not verified again: with the
note of it, ``status`` takes at most two thirds of the time that it takes without; and what is left grows as the number
of documents does: half of them take at most 0.62 of the time beyond what ``--version`` of the command line takes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from core.state import State
from tests.builders import NETWORK, a_card, moniker
from tests.source import ROOT

AIM = 0.67
GROWTH = 0.62


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many rounds counts")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        whole = _state(Path(folder) / "whole", asked.cards)
        half = _state(Path(folder) / "half", asked.cards // 2)
        note = whole / NETWORK / "documents.txt.verified"
        kept = note.read_bytes()
        # The four alternate, so that a busy machine slows all.
        rounds: list[tuple[float, float, float, float]] = []
        for _ in range(asked.rounds):
            empty = _seconds(Path(folder) / "none")
            halved, noted = _seconds(half), _seconds(whole)
            note.unlink()
            anew = _seconds(whole)
            note.write_bytes(kept)
            rounds.append((empty, halved, noted, anew))
        empty, halved, noted, anew = (min(column) for column in zip(*rounds, strict=True))
    ratio, growth = noted / anew, (halved - empty) / (noted - empty)
    print(f"status of {asked.cards} cards: {noted:.2f} s, verified anew {anew:.2f} s, ratio {ratio:.2f}", end="; ")
    print(f"of half as many {halved:.2f} s, of none {empty:.2f} s, growth {growth:.2f}")
    return 0 if ratio <= AIM and growth <= GROWTH else 1


def _state(root: Path, count: int) -> Path:
    state = State.open(root, NETWORK)
    state.change(lambda local: replace(local, role="coordinator", profile="cometbft-0.38"))
    state.add(tuple(a_card(moniker(number)) for number in range(count)))
    return root


def _seconds(root: Path) -> float:
    argv = [sys.executable, "-m", "core", "--state", str(root), "status"]
    begun = time.perf_counter()
    subprocess.run(argv, cwd=ROOT, capture_output=True, check=False)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
