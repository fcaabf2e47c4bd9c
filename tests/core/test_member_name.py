"""Which member is meant: in every command and every answer by the same rule."""

from __future__ import annotations

import pytest

from core.member_name import SHORTEST, meant

ALICE, OTHER, BOB = "1c5cfcbcfb", "1c5cfcff00", "d93e04dd11"
MEMBERS = (("Alice", ALICE), ("alice", OTHER), ("bob", BOB))


@pytest.mark.parametrize(
    ("name", "node_ids"),
    [
        ("alice", [OTHER]),
        ("ALICE", [ALICE, OTHER]),
        ("Bob", [BOB]),
        (BOB[:SHORTEST].upper(), [BOB]),
        (BOB[: SHORTEST - 1], []),
        ("d", []),
        ("", []),
        ("1c5cfc", [ALICE, OTHER]),
    ],
)
def test_a_moniker_counts_before_other_letter_case_and_that_before_a_node_id(name: str, node_ids: list[str]) -> None:
    assert meant(name, MEMBERS) == node_ids
