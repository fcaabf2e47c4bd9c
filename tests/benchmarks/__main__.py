"""``python -m tests.benchmarks [NAME ...]``: runs these benchmarks, or all; ``--list`` says which there are.

A benchmark is a module in this folder with ``main(argv) -> int``: it prints its ratios beside what is aimed at, and
returns 0 where it is met; one that prints no figure is not met. ``python -m tests.benchmarks NAME -- OPTION ...`` hands
it options of its own.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import TextIO

NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")))


_FIGURE = re.compile(r"\d+\.\d+")


class Both(io.TextIOBase):
    """Writes what is printed to the terminal as it comes, and keeps it."""

    def __init__(self, terminal: TextIO, kept: TextIO) -> None:
        self._to = (terminal, kept)

    def write(self, text: str) -> int:
        for one in self._to:
            one.write(text)
            one.flush()
        return len(text)


def main(argv: list[str]) -> int:
    mine, options = _split(argv)
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--list", action="store_true", help="list them and run none")
    said = parser.parse_args(mine)
    unknown = [name for name in said.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return _list() if said.list else _run(said.names or NAMES, options)


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in argv:
        return argv, []
    at = argv.index("--")
    return argv[:at], argv[at + 1 :]


def _list() -> int:
    for name in NAMES:
        told = import_module(f"tests.benchmarks.{name}").__doc__ or ""
        print(f"{name:<12} {told.strip().splitlines()[0] if told.strip() else ''}")
    return 0


def _run(names: tuple[str, ...] | list[str], options: list[str]) -> int:
    missed = []
    for name in names:
        print(f"== {name}", flush=True)
        told = io.StringIO()
        with redirect_stdout(Both(sys.stdout, told)):
            code = import_module(f"tests.benchmarks.{name}").main(options)
        if code != 0 or not _FIGURE.search(told.getvalue()):
            missed.append(name)
    print(
        f"== {len(names) - len(missed)} of {len(names)} as aimed at" + (f"; not: {', '.join(missed)}" if missed else "")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
