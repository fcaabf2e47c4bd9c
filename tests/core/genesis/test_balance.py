from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.genesis.balance import balance


def _of(*powers: int) -> tuple[str, ...]:
    return balance(zip(("alice", "bob", "carol", "dave", "erin"), powers, strict=False)).sentences


@pytest.mark.parametrize(
    ("powers", "told"),
    [
        ((), ("Nobody has power: no block could ever be made.",)),
        ((0, 0), ("Nobody has power: no block could ever be made.",)),
        ((5,), ("1 validator: while it is down, no block is made.", "alice alone can decide, and alone can stop it.")),
        (
            (10, 10, 10),
            ("None of 3 may be down.", "alice, bob and carol, each alone can stop it; nobody alone can decide."),
        ),
        (
            (10, 10, 10, 10),
            (
                "1 of 4 may be down. With 2 down it stops until one is back.",
                "Nobody alone can stop it; nobody alone can decide.",
            ),
        ),
        (
            (10, 10, 10, 11),
            (
                "1 of 4 may be down, whichever it is. With 2 down it can stop.",
                "Nobody alone can stop it; nobody alone can decide.",
            ),
        ),
        (
            (40, 10, 10, 10, 10),
            ("It can stop with 1 of 5 down.", "alice alone can stop it; nobody alone can decide."),
        ),
        (
            (90, 10, 10),
            ("It can stop with 1 of 3 down.", "alice alone can decide, and alone can stop it."),
        ),
    ],
)
def test_powers_are_told_by_what_they_lead_to(powers: tuple[int, ...], told: tuple[str, ...]) -> None:
    assert _of(*powers) == told


def test_who_has_no_power_is_no_voter() -> None:
    seen = balance((("alice", 10), ("bob", 0)))
    assert [share.name for share in seen.voters] == ["alice"]
    assert seen.shares[1].percent == "0.0 %"


@given(st.lists(st.integers(0, 100), max_size=12))
def test_who_decides_alone_can_stop_it_alone(powers: list[int]) -> None:
    for share in balance((str(number), power) for number, power in enumerate(powers)).shares:
        assert share.blocks_alone or not share.decides_alone


def test_a_name_with_control_characters_is_made_safe() -> None:
    assert "\x1b" not in "".join(balance((("a\x1b[2Jb", 1),)).sentences)
