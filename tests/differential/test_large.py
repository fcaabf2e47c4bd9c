"""A genesis larger than a node gives in one answer: the real node starts with it, and it is read from its pieces."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from core import rpc
from core.adapters import LocalNet
from core.finding import Refusal, Severity
from core.genesis.checks import check
from core.genesis.diff import diff, parse_rpc
from core.genesis.model import Genesis, Validator, default_params, render
from core.genesis.reading import parse
from core.profiles import profile
from tests.differential.pairs import TIME, start, twins
from tests.nodes import node_program

NAME = "tendermint-0.34"


async def _answer(base: str, seconds: float) -> bytes:
    end = time.monotonic() + seconds
    while True:
        try:
            return await rpc.genesis(LocalNet(), base)
        except Refusal:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.5)


@pytest.mark.asyncio
async def test_a_genesis_of_forty_megabytes_is_that_of_the_node_that_runs_with_it(tmp_path: Path) -> None:
    known, program = profile(NAME), node_program("0.34")
    home, other = twins(program, tmp_path)
    state = json.dumps({"accounts": [{"name": f"account {number}", "coins": "x" * 1000} for number in range(40_000)]})
    one = Genesis("large-1", TIME, default_params(known), (Validator(home.key, 10, "a"),), app_state=state)
    data = render(one, known)
    (home.folder / "config/genesis.json").write_bytes(data)
    assert all(finding.severity is not Severity.ERROR for finding in check(data, known))
    node = start(program, home, other, home.folder / "log")
    try:
        answer = await _answer(f"http://127.0.0.1:{home.rpc}", 60)
    finally:
        node.kill()
        node.wait()
    here, there = parse(data, known).genesis, parse_rpc(answer, known).genesis
    assert here is not None and there is not None
    assert len(answer) > 16 << 20
    assert diff(here, there, known) == ()
