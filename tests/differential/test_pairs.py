"""Two real nodes with two geneses do what ``genesis diff`` says; ``python -m tests.differential.pairs`` runs all."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.genesis.diff import runs_together
from core.profiles import profile
from tests.differential.genesis import PROGRAMS
from tests.differential.pairs import HEIGHT, Outcome, pairs, told, try_pair, twins
from tests.nodes import node_program

NAME = "tendermint-0.34"


@pytest.mark.parametrize("case", ["name", "genesis_time"])
def test_two_nodes_make_blocks_exactly_where_the_verdict_says_so(case: str, tmp_path: Path) -> None:
    known, program = profile(NAME), node_program(PROGRAMS[NAME])
    homes = twins(program, tmp_path)
    (pair,) = (one for one in pairs(known, (homes[0].key, homes[1].key)) if one.name == case)
    outcome = try_pair(program, homes, known, pair)
    assert outcome.agrees, told(outcome, known)


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_parameter_has_a_pair_and_an_effect(name: str) -> None:
    known = profile(name)
    made = {pair.name: pair for pair in pairs(known, (bytes(32), bytes([1]) * 32))}
    differ = {one for one, pair in made.items() if pair.differences(known)}
    assert made.keys() - differ == {"nothing", "order"} | ({"zero_time"} if not known.equal_time else set())
    assert {one for one in made if not runs_together(made[one].differences(known))} >= {"chain_id", "power"}


def test_an_outcome_that_differs_is_not_overlooked() -> None:
    pair = next(iter(pairs(profile(NAME), (bytes(32), bytes([1]) * 32))))
    assert Outcome(pair, True, True, (HEIGHT, HEIGHT), "").agrees
    assert not Outcome(pair, True, False, (0, 0), "").agrees
    assert not Outcome(pair, False, True, (HEIGHT, HEIGHT), "").agrees
