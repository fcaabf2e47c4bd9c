"""Where the real nodes stand that ``tests/run.py`` built; without one, a test is skipped and says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

GENERATIONS = ("0.34", "0.37", "0.38", "1.0")
_DEFAULT = Path(__file__).parent / ".cache" / "nodes"


def nodes_folder() -> Path:
    """The folder of the built programs: ``$QUORATE_NODES``, else the cache below the tests."""
    return Path(os.environ.get("QUORATE_NODES") or _DEFAULT)


def node_program(generation: str) -> Path:
    """The real CometBFT of that generation (``0.34``); skips the calling test where there is none."""
    assert generation in GENERATIONS, generation
    program = nodes_folder() / f"cometbft-{generation}"
    if not os.access(program, os.X_OK):
        pytest.skip(f"the real node cometbft-{generation} is missing: {_why_missing(program)}")
    return program


def _why_missing(program: Path) -> str:
    told = program.with_name(program.name + ".failed")
    return told.read_text("utf-8").strip() if told.is_file() else "python3 tests/run.py builds it where Go is there"
