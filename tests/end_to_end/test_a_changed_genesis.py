"""Somebody edits genesis.json after it was accepted: the node does not start with it, and quorate says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.ceremony import form, members_of, pin
from tests.end_to_end.driver import Member, Node, make_blocks, started


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Member]]:
    found = members_of(tmp_path_factory.mktemp("changed"), 2)
    form(found)
    yield found


@pytest.fixture
def edited(members: list[Member]) -> Iterator[Member]:
    """Bob, who gives himself one vote more."""
    bob = members[1]
    agreed = bob.genesis.read_bytes()
    bob.genesis.write_bytes(agreed.replace(b'"power": "10"', b'"power": "11"', 1))
    assert bob.genesis.read_bytes() != agreed
    yield bob
    bob.genesis.write_bytes(agreed)


def test_the_node_does_not_start_with_it(edited: Member) -> None:
    with Node(edited, pin(edited)) as node:
        assert "does not match" in node.wait_for_end()


def test_status_says_so_and_what_to_do(edited: Member) -> None:
    station = edited.status_of("genesis")
    assert station["mark"] != "done"
    assert "genesis-changed" in {one["code"] for one in station["findings"]}
    assert "plan genesis" in edited.status()["next"]


def test_diff_names_the_difference_by_meaning(edited: Member) -> None:
    difference = edited.run("genesis", "diff", "record", str(edited.genesis), expect=1)
    assert not difference.json["runs_together"]
    (one,) = difference.json["differences"]
    assert (one["before"], one["after"]) == ("10", "11")


def test_the_agreed_file_is_put_back_without_a_second_acceptance_and_the_network_starts(
    members: list[Member], edited: Member
) -> None:
    changes = edited.plan("genesis").json["changes"]
    assert [one["kind"] for one in changes] == ["WriteFile"]
    edited.apply("genesis")
    assert edited.status_of("genesis")["mark"] == "done"
    with started(members, pin(edited)) as nodes:
        make_blocks(nodes)


def test_a_file_changed_while_the_network_lives_can_be_put_back_without_setting_anything_aside(
    members: list[Member],
) -> None:
    """The node has the genesis in its database; only the pinned hash of the file keeps it from starting again."""
    bob = members[1]
    with started(members, pin(bob)) as nodes:
        make_blocks(nodes)
    agreed = bob.genesis.read_bytes()
    bob.genesis.write_bytes(agreed + b"\n")
    with Node(bob, pin(bob)) as node:
        assert "does not match" in node.wait_for_end()
    bob.apply("genesis")
    assert bob.genesis.read_bytes() == agreed
    assert not list(bob.home.glob("data.aside-*"))
    with started(members, pin(bob)) as nodes:
        make_blocks(nodes, 3)
