"""The wizard in a pty at 80x24 beside an empty Textual app with header and footer: time, bytes, memory.

Before the keys are made, and with a network that is formed: there the first paint is the whole screen, and no cell of
it changes when all steps have been looked at behind it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from core.run import keep_answers
from core.state import State
from tests.core.keys.key_homes import make_home
from tests.tui.terminal import Terminal, clean_environ

ROOT = Path(__file__).resolve().parents[2]
EMPTY = """
from textual.app import App
from textual.widgets import Footer, Header
class Empty(App):
    BINDINGS = [("ctrl+q", "quit", "Leave")]
    def compose(self):
        yield Header()
        yield Footer()
Empty().run(mouse=False)
"""
_WIZARD = "import sys; sys.path.insert(0, {root!r}); from tui.__main__ import main; sys.exit(main([]))"


@dataclass
class Measured:
    """Of several runs, one value each."""

    first: list[float] = field(default_factory=list)
    """Seconds from exec to the full first screen."""
    memory: list[float] = field(default_factory=list)
    """MiB resident at the first screen."""
    more: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        self.more.setdefault(name, []).append(value)


@dataclass(frozen=True)
class Budget:
    name: str
    value: float
    limit: float
    unit: str
    note: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.limit

    def line(self) -> str:
        verdict = "" if self.met else "   MISSED"
        return f"{self.name:<28} {self.value:9.2f}   at most {self.limit:8.2f} {self.unit:<5} {self.note}{verdict}"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks screen --", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="how often each is started (default 9)")
    runs = parser.parse_args(argv).runs
    with tempfile.TemporaryDirectory() as folder:
        budgets = _budgets(Path(folder), runs)
    for budget in budgets:
        print(budget.line())
    return 0 if all(budget.met for budget in budgets) else 1


def _budgets(folder: Path, runs: int) -> list[Budget]:
    make_home(folder / ".tendermint")
    ours, formed, theirs = Measured(), Measured(), Measured()
    alice = _formed(folder / "practice")
    # In turns, so that what else the machine does weighs on both; the first turn fills caches and is not counted.
    for turn in range(runs + 1):
        kept = turn > 0
        environ = clean_environ(folder, QUORATE_STATE=str(_state(folder, turn)))
        _run(_empty_argv(), environ, "palette", theirs if kept else Measured(), _leave_empty)
        _run(_wizard_argv(), environ, "Enter take it", ours if kept else Measured(), _use)
        environ = clean_environ(folder, QUORATE_STATE=str(alice))
        _run(_wizard_argv(), environ, "Enter take it", formed if kept else Measured(), _look)
    ratio, whole = (
        statistics.median(a / b for a, b in zip(one.first, theirs.first, strict=True)) for one in (ours, formed)
    )
    memory = statistics.median(a / b for a, b in zip(ours.memory, theirs.memory, strict=True))
    beside = f"({1000 * statistics.median(ours.first):.0f} ms to {1000 * statistics.median(theirs.first):.0f} ms)"
    mebibytes = f"({statistics.median(ours.memory):.1f} MiB to {statistics.median(theirs.memory):.1f} MiB)"
    return [
        Budget("exec to first screen", ratio, 1.25, "x", beside),
        Budget("the same, network formed", whole, 1.25, "x", f"({1000 * statistics.median(formed.first):.0f} ms)"),
        Budget("cells changed after it", max(formed.more["changed"]), 0, "cells"),
        Budget("memory at first screen", memory, 1.4, "x", mebibytes),
        *(Budget(name, max(ours.more[name]), limit, unit) for name, limit, unit in _LIMITS),
    ]


def _formed(folder: Path) -> Path:
    """The state of a member whose practice network is formed, looked at once."""
    for words in (("demo", "--dir", str(folder)), ("status", "--state", str(folder / "alice" / "state"))):
        subprocess.run([sys.executable, "-m", "core", *words], cwd=ROOT, capture_output=True, check=False, timeout=120)
    state = folder / "alice" / "state"
    assert (state / "practice" / "standing.json").exists(), "the practice network was formed and looked at"
    return state


def _look(terminal: Terminal, into: Measured) -> None:
    """How many cells the look at all steps has changed since the first paint, which is whole at once."""
    # What is painted with the first screen comes in one go; a short silence is its end, long before any look has ended.
    terminal.settle(0.05)
    first = terminal.screen.lines
    terminal.settle(2.0)
    into.add(
        "changed",
        sum(a != b for one, two in zip(first, terminal.screen.lines, strict=True) for a, b in _pairs(one, two)),
    )
    terminal.press("ctrl+q", quiet=0.3)
    terminal.send(b"\r")
    terminal.end()


def _pairs(one: str, other: str) -> Iterator[tuple[str, str]]:
    return zip_longest(one, other, fillvalue=" ")


def _state(folder: Path, turn: int) -> Path:
    """A member who is about to go to the keys."""
    root = folder / f"state-{turn}"
    state = State.open(root, "harbour")
    said = {"role": "member", "home": str(folder / ".tendermint"), "profile": "tendermint-0.34"}
    keep_answers(state, "home", said)
    keep_answers(state, "card", {"moniker": "alice", "host": "node.alice.example", "port": "26656"})
    return root


_LIMITS = (
    ("start", 16_000, "B"),
    ("focus move", 5_000, "B"),
    ("a step further", 12_000, "B"),
    ("a typed character", 200, "B"),
    ("idle, per second", 0, "B"),
    ("quit while work runs", 0.5, "s"),
)


def _empty_argv() -> list[str]:
    return [sys.executable, "-c", EMPTY]


def _wizard_argv() -> list[str]:
    return [sys.executable, "-c", _WIZARD.format(root=str(ROOT))]


def _run(
    argv: list[str], environ: dict[str, str], sign: str, into: Measured, use: Callable[[Terminal, Measured], None]
) -> None:
    with Terminal(argv, environ) as terminal:
        into.first.append(terminal.wait_for(sign))
        into.memory.append(_resident(terminal.process.pid))
        use(terminal, into)


def _leave_empty(terminal: Terminal, into: Measured) -> None:
    terminal.settle()
    terminal.press("ctrl+q")
    terminal.end()


def _use(terminal: Terminal, into: Measured) -> None:
    # What comes in the background changes a few cells; it counts as part of the start.
    while "Looking at all steps" in terminal.screen.text:
        terminal.settle(0.5)
    terminal.settle(1.5)
    into.add("start", len(terminal.raw))
    into.add("idle, per second", terminal.settle(1.0))
    terminal.press("enter", quiet=1)
    into.add("a step further", terminal.press("ctrl+n", quiet=1))
    into.add("a step further", terminal.press("ctrl+p", quiet=1))
    terminal.press("ctrl+n", "ctrl+n", quiet=1)
    terminal.wait_for("Moniker")
    while "▸ Moniker" not in terminal.screen.text:
        into.add("focus move", terminal.press("tab"))
    for letter in "ab.c":
        came = terminal.press(letter)
        assert came, "the letters go into the field that has the focus"
        into.add("a typed character", came)
    for _ in range(3):
        into.add("focus move", terminal.press("tab"))
    terminal.press("ctrl+q")
    begun = time.perf_counter()
    terminal.send(b"\r")
    terminal.end()
    into.add("quit while work runs", time.perf_counter() - begun)


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
