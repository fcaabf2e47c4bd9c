"""After QUORATE status says what the node of the home does: asked on loopback, and seen by its locks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.ceremony import PROFILES, form, members_of, pin
from tests.end_to_end.driver import Member, make_blocks, set_in_toml, started


def at(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")


def told(member: Member) -> tuple[str, str]:
    """What it does, and what is next."""
    status = member.status()
    assert status["quorate"]
    return status["node"], status["next"]


def test_not_started_then_waiting_for_the_agreed_time(tmp_path: Path) -> None:
    members = members_of(tmp_path, 2)
    form(members, genesis_time=at(3600))
    alice = members[0]
    said, following = told(alice)
    assert said.startswith("The node is not running; start its application first: nothing listens at tcp://")
    assert following.endswith(" genesis")
    with started([alice], pin(alice)):
        deadline = time.monotonic() + 30
        while told(alice)[0].startswith("The node is not running") and time.monotonic() < deadline:
            time.sleep(0.2)
        said, following = told(alice)
        assert said.startswith("The node is started, and waits for ") and following.endswith(" status"), said


@pytest.mark.parametrize("generation", ["0.34", "1.0"])
def test_running(tmp_path: Path, generation: str) -> None:
    members = members_of(tmp_path, 2, generation)
    form(members, PROFILES[generation])
    with started(members, pin(members[0])) as nodes:
        make_blocks(nodes)
        said, following = told(members[0])
        assert said.startswith("The node runs: block ") and said.endswith(", connected to 1 of 1 other."), said
        assert following.endswith(" status")


def test_a_node_without_blocks_and_a_different_node_at_its_address(tmp_path: Path) -> None:
    members = members_of(tmp_path, 2)
    form(members, genesis_time=at(-150))
    alice, bob = members
    with started([alice], pin(alice)):
        deadline = time.monotonic() + 20
        while not told(alice)[0].startswith("The node is up") and time.monotonic() < deadline:
            time.sleep(0.2)
        said, _ = told(alice)
        assert said.startswith("The node is up and has no block, ") and "connected to 0 of 1 other" in said, said
        set_in_toml(bob.config, "rpc", "laddr", f'"{alice.rpc.replace("http", "tcp")}"')
        said, _ = told(bob)
        assert said.startswith(f"At {alice.rpc} answers node {alice.node_id} of chain "), said
        assert f"expected node {bob.node_id}" in said
