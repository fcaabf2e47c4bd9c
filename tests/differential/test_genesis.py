"""Some hundred mutated geneses: ``check`` and the real node of each generation give the same verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.profiles import profile
from tests.differential.genesis import PROGRAMS, STRICTER, Outcome, ask, make_home, run, told
from tests.differential.mutations import Case, case
from tests.nodes import node_program

CASES = 120
SEED = 20261121


@pytest.mark.parametrize("name", PROGRAMS)
def test_check_is_never_laxer_than_the_real_node_and_stricter_only_where_declared(name: str, tmp_path: Path) -> None:
    home = make_home(node_program(PROGRAMS[name]), tmp_path / "home")
    outcomes = tuple(run(profile(name), home, CASES, SEED))
    wrong = [told(outcome) for outcome in outcomes if not outcome.agrees]
    assert not wrong, "\n".join(wrong)
    assert {outcome.verdict for outcome in outcomes} >= {"accepted", "refused"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_good_genesis_is_taken_by_the_node_and_has_no_error(name: str, tmp_path: Path) -> None:
    home = make_home(node_program(PROGRAMS[name]), tmp_path / "home")
    (outcome,) = run(profile(name), home, 1, SEED)
    assert outcome.verdict == "accepted"
    assert outcome.errors == ()


def test_a_case_can_be_made_again_by_its_number() -> None:
    known = profile("cometbft-0.38")
    assert [case(known, bytes(32), 3, index) for index in range(40)] == [
        case(known, bytes(32), 3, index) for index in range(40)
    ]


def test_a_verdict_that_differs_is_not_overlooked() -> None:
    one = Case(b"", "")
    assert not Outcome(one, "refused", "", ()).agrees
    assert not Outcome(one, "stuck", "", ()).agrees
    assert not Outcome(one, "accepted", "", ("genesis-zero-power",)).agrees
    assert Outcome(one, "accepted", "", (STRICTER[0][0],)).agrees
    assert Outcome(one, "refused", "", ("genesis-zero-power",)).agrees
    assert Outcome(one, "refused", "", (), open=True).agrees


def test_the_node_has_ended_when_its_verdict_is_there(tmp_path: Path) -> None:
    home = make_home(node_program("0.34"), tmp_path / "home")
    verdict, said = ask(home, b"{}", False)
    assert verdict == "refused"
    assert "chain_id" in said
