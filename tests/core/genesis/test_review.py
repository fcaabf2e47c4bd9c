"""A review says in plain words what a genesis does, and counts failures as the node would."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.genesis.balance import may_fail
from core.genesis.model import Genesis, Validator, default_params, render
from core.genesis.review import in_words, review
from core.profiles import NAMES, profile
from core.profiles.profile import Param
from tests.builders import TestKey

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZONE = timezone(timedelta(hours=2))


def _genesis(name: str, *powers: int) -> Genesis:
    validators = tuple(Validator(TestKey(f"r{i}").public, power, f"M{i}") for i, power in enumerate(powers))
    return Genesis("example-1", "2026-12-01T12:00:00Z", default_params(profile(name)), validators)


@pytest.mark.parametrize(
    ("powers", "expected"),
    [
        ((10,), 0),
        ((10, 10), 0),
        ((10,) * 3, 0),
        ((10,) * 4, 1),
        ((10,) * 7, 2),
        ((10,) * 6, 1),
        ((30, 10, 10, 10), 0),
        ((1, 1, 1, 1, 1, 1, 6), 0),
        ((3, 3, 3, 1), 1),
        ((3, 3, 2, 1), 0),
        ((), 0),
    ],
)
def test_as_many_may_fail_as_leave_more_than_two_thirds(powers: tuple[int, ...], expected: int) -> None:
    assert may_fail(powers) == expected


@given(st.lists(st.integers(1, 2**60), min_size=1, max_size=30))
def test_the_count_is_the_largest_that_is_always_survived(powers: list[int]) -> None:
    count, total, ordered = may_fail(tuple(powers)), sum(powers), sorted(powers)
    assert 3 * sum(ordered[: len(ordered) - count]) > 2 * total
    assert 3 * sum(ordered[: len(ordered) - count - 1]) <= 2 * total


@given(st.integers(1, 500))
def test_equal_powers_follow_the_rule_of_thirds(number: int) -> None:
    assert may_fail((10,) * number) == (number - 1) // 3


def test_who_can_block_and_who_decides_is_marked() -> None:
    told = review(_genesis("tendermint-0.34", 70, 20, 10), profile("tendermint-0.34"), NOW, ZONE)
    assert [(one.blocks_alone, one.decides_alone) for one in told.validators] == [
        (True, True),
        (False, False),
        (False, False),
    ]
    thirds = review(_genesis("tendermint-0.34", 10, 10, 10), profile("tendermint-0.34"), NOW, ZONE)
    assert all(one.blocks_alone and not one.decides_alone for one in thirds.validators)
    assert thirds.validators[0].percent == "33.3 %"


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_told_in_words(name: str) -> None:
    told = review(_genesis(name, 10, 10, 10, 10), profile(name), NOW, ZONE)
    assert [param.path for param in told.params] == [param.path for param in profile(name).params]
    assert all(param.words and param.means and param.is_default for param in told.params)
    assert all(line.isprintable() for line in told.lines())
    json.dumps(told.as_json())


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("bytes", "22020096", "21 MiB"),
        ("bytes", "10240", "10 KiB"),
        ("bytes", "1", "1 byte"),
        ("gas", "-1", "without limit"),
        ("ns", "172800000000000", "2 days"),
        ("ns", "505000000", "505 ms"),
        ("ms", "1000", "1 second"),
        ("blocks", "100000", "100,000 blocks"),
        ("height", "0", "never"),
        ("bytes", "-1", "left to the application"),
    ],
)
def test_units_are_those_of_people(unit: str, value: str, words: str) -> None:
    param = Param("a", "b", "0", "", unit)  # type: ignore[arg-type]
    assert in_words(param, value) == words


def test_the_sha_256_is_that_of_the_file() -> None:
    known, one = profile("tendermint-0.34"), _genesis("tendermint-0.34", 10)
    assert review(one, known, NOW, ZONE).sha256 == hashlib.sha256(render(one, known)).hexdigest()
    assert review(one, known, NOW, ZONE, data=b"x").sha256 == hashlib.sha256(b"x").hexdigest()


def test_the_start_is_told_in_both_zones_and_how_far_off_it_is() -> None:
    told = review(_genesis("tendermint-0.34", 10), profile("tendermint-0.34"), NOW, ZoneInfo("Europe/Vienna"))
    assert told.utc == "2026-12-01T12:00:00Z"
    assert "2026-12-01 13:00:00+01:00 CET" in told.local
    assert told.wait == "in 10 days"
    assert (
        review(_genesis("tendermint-0.34", 10), profile("tendermint-0.34"), NOW + timedelta(days=11), ZONE).wait
        == "1 day ago"
    )


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "nonsense\x1b", ""])
def test_no_time_at_all_is_no_reason_to_fall_over(time: str) -> None:
    for zone in (ZONE, timezone(-timedelta(hours=12))):
        told = review(
            replace(_genesis("tendermint-0.34", 10), genesis_time=time), profile("tendermint-0.34"), NOW, zone
        )
        assert all(line.isprintable() for line in told.lines())


def test_a_review_without_parameters_tells_the_defaults_and_says_so() -> None:
    told = review(replace(_genesis("tendermint-0.34", 10), params=()), profile("tendermint-0.34"), NOW, ZONE)
    assert not any(param.given for param in told.params)
    assert any("not in the file" in line for line in told.lines())
