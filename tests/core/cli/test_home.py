"""home: a folder of something else is refused, and a home in use is replaced only by a plan that was shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.cli.program import Operator, operator, snapshot
from tests.core.keys.key_homes import make_home

PLACE = ("--set", "moniker=alice", "--set", "host=node.alice.example")


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    """A member with a home, whose card is signed."""
    alice = operator(tmp_path)
    make_home(alice.home)
    words = ("home", "--network", "harbour", "--role", "member", "--home", alice.home, "--profile", "tendermint-0.34")
    assert alice.json(*words).code == 0
    assert alice.apply("card", *PLACE).code == 0
    return alice


def home_of(one: Operator) -> str:
    return str(json.loads((one.state / "harbour" / "local.json").read_text())["home"])


@pytest.mark.parametrize("place", ["etc", "nowhere", "empty"])
def test_a_folder_that_is_no_home_takes_the_place_of_none(alice: Operator, place: str) -> None:
    (alice.folder / "etc" / "ssl").mkdir(parents=True)
    (alice.folder / "empty").mkdir()
    before = snapshot(alice.state / "harbour")
    ran = alice.json("home", "--home", alice.folder / place)
    assert ran.code == 1 and ran.codes & {"home-not-a-home", "home-missing", "home-empty"}
    assert snapshot(alice.state / "harbour") == before and home_of(alice) == str(alice.home)


def test_a_home_in_use_is_replaced_by_a_plan_and_comes_back(alice: Operator) -> None:
    other = make_home(alice.folder / "other")
    shown = alice.json("home", "--home", other)
    assert (shown.code, home_of(alice)) == (1, str(alice.home)) and "apply-needs-digest" in shown.codes
    assert [one["what"] for one in shown.json["changes"]] == [f"use {other} for harbour instead of {alice.home}"]
    assert alice.type(str(shown.json["next"])).code == 0 and home_of(alice) == str(other)
    undone = alice.undo()
    assert undone.code == 0, undone.text
    assert home_of(alice) == str(alice.home)


def test_a_person_is_asked_and_may_decline(alice: Operator) -> None:
    assert alice.json("home", "--no-home", "--digest", "00" * 16).code == 1
    assert home_of(alice) == str(alice.home)
    assert alice.type("quorate home --role coordinator").code == 0 and home_of(alice) == str(alice.home)


def test_where_nothing_was_done_yet_a_home_is_an_answer(tmp_path: Path) -> None:
    bob = operator(tmp_path)
    homes = [make_home(tmp_path / name) for name in ("one", "two")]
    for home in homes:
        assert bob.json("home", "--network", "harbour", "--role", "member", "--home", home).code in (0, 3)
        assert home_of(bob) == str(home)
