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


@pytest.mark.parametrize(
    ("powers", "told"),
    [
        ((), ()),
        ((5,), ()),
        (
            (10, 10),
            ("2 of 2 together decide; 1 can stop it.", "2 equal members can remove nobody against their will; 4 can."),
        ),
        (
            (1, 1, 1),
            ("3 of 3 together decide; 1 can stop it.", "3 equal members can remove nobody against their will; 4 can."),
        ),
        (
            (10, 10, 10, 10),
            ("3 of 4 together decide; 2 can stop it.", "Each of 4 can be removed by the others, against their will."),
        ),
        (
            (40, 10, 10, 10, 10),
            (
                "At least 3 of 5 together decide; at least 1 can stop it.",
                "alice cannot be removed against their will; each other member can.",
            ),
        ),
        (
            (50, 50, 20),
            (
                "At least 2 of 3 together decide; at least 1 can stop it.",
                "alice and bob cannot be removed against their will; each other member can.",
            ),
        ),
        (
            (10, 11),
            ("At least 2 of 2 together decide; at least 1 can stop it.", "Nobody can be removed against their will."),
        ),
    ],
)
def test_powers_are_told_by_what_they_allow_together(powers: tuple[int, ...], told: tuple[str, ...]) -> None:
    rows = zip(("alice", "bob", "carol", "dave", "erin"), powers, strict=False)
    assert balance(rows).together == told


@given(st.lists(st.integers(1, 40), min_size=2, max_size=6))
def test_who_can_be_removed_is_as_the_node_counts(powers: list[int]) -> None:
    """The change of validators is in a block, and a block needs more than two thirds of the power."""
    (_, removal), total = balance((f"m{at}", power) for at, power in enumerate(powers)).together, sum(powers)
    stay = [f"m{at}" for at, power in enumerate(powers) if not 3 * (total - power) > 2 * total]
    if len(stay) == len(powers):
        assert "nobody" in removal.lower()
    else:
        assert all(name in removal for name in stay) and ("cannot" in removal) == bool(stay)


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
