"""Full nodes that come when the network runs already: they get genesis and config the same way, and sync its blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.ceremony import (
    accept,
    agree,
    as_chat,
    begin,
    begin_all,
    gather,
    make_card,
    make_cards,
    members_of,
    pin,
    publish,
)
from tests.end_to_end.driver import Member, Node, files_of, make_blocks, started


@dataclass
class Story:
    alice: Member
    bob: Member
    carol: Member
    """A full node with power 0 in the record."""
    dave: Member
    """Not in the record when the network starts."""
    record: str
    nodes: list[Node]
    """Of alice and bob, running."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    alice, bob, carol, dave = members_of(tmp_path_factory.mktemp("later"), 4)
    members = [alice, bob, carol]
    begin_all(members)
    gather(alice, as_chat(members, make_cards(members)), ["alice", "bob", "carol"])
    record = publish(alice, power="carol=0", owners="me", one_owner="yes")
    agree([alice, bob], record)
    with started([alice, bob], pin(alice)) as nodes:
        make_blocks(nodes, 3)
        yield Story(alice, bob, carol, dave, record, nodes)


def syncs(story: Story, member: Member) -> None:
    """It gets the blocks that were made before it came, and those made since, and does not vote."""
    with Node(member, pin(story.alice)) as node:
        node.wait_for_block(3)
        make_blocks([*story.nodes, node], story.nodes[0].height + 1)
        status = node.ask("status")
        assert status["validator_info"]["voting_power"] == "0"
        assert node.ask("block?height=2")["block_id"] == story.nodes[0].ask("block?height=2")["block_id"]
    assert member.run("genesis", "diff", str(member.genesis), story.alice.rpc).json["same"]


def test_nobody_waits_for_a_full_node(story: Story) -> None:
    for one in (story.alice, story.bob):
        assert (one.status()["tally"], one.status()["quorate"]) == ("2 signed of 2", True)


def test_a_full_node_of_the_record_syncs(story: Story) -> None:
    accept(story.carol, story.record)
    story.carol.take(story.alice.share())
    assert story.carol.status()["tally"] == "2 signed of 2"
    syncs(story, story.carol)


def test_a_record_without_oneself_is_not_accepted(story: Story) -> None:
    begin(story.dave)
    story.dave.take(story.alice.share())
    assert "record-own-missing" in story.dave.plan("genesis", expect=1).errors


def test_a_node_outside_the_record_installs_the_exported_genesis_and_syncs(story: Story, tmp_path: Path) -> None:
    dave = story.dave
    before = files_of(dave.home)
    story.alice.run("network", "export", "--out", str(tmp_path / "out"))
    dave.apply("genesis", file=str(tmp_path / "out" / "genesis.json"))
    assert "config-not-a-member" in dave.plan("config").codes
    dave.apply("config", moniker="dave")
    changed = {name for name, content in files_of(dave.home).items() if before.get(name) != content}
    assert changed == {"config/genesis.json", "config/quorate.json", "config/config.toml"}
    syncs(story, dave)


def test_he_is_admitted_by_the_next_version_over_the_same_genesis(story: Story) -> None:
    """Nobody has to accept anew; the others' config follows, where his node stands among their peers."""
    alice, bob, dave = story.alice, story.bob, story.dave
    genesis = alice.genesis.read_bytes()
    alice.take(make_card(dave))
    alice.run("peers", "expect", "alice", "bob", "carol", "dave")
    alice.run("peers", "approve", "dave")
    alice.run("network", "create", "--set", "power=carol=0 dave=0")
    alice.run("network", "publish", "--digest", alice.plan("network").json["digest"])
    record = alice.share()

    bob.take(record)
    shown = bob.run("network", "show").json
    assert (shown["version"], shown["in_force"], shown["tally"]["sentence"]) == (2, True, "2 signed of 2")
    bob.apply("config")
    assert dave.node_id in bob.config.read_text()
    assert bob.genesis.read_bytes() == genesis

    dave.take(record)
    assert "genesis-file-beside-record" in dave.plan("genesis", expect=1).errors
    dave.apply("genesis", file="")
    dave.apply("config")
    assert [station["mark"] for station in dave.status()["steps"]] == ["done"] * 7
    assert dave.genesis.read_bytes() == genesis


def test_what_a_container_needs_is_written_without_touching_a_home(story: Story, tmp_path: Path) -> None:
    """B.8: the same genesis and settings as files, flags and variables."""
    out = tmp_path / "out"
    before = files_of(story.carol.home)
    story.carol.run("plan", "config", "--base", str(story.dave.config), "--out", str(out))
    assert (out / "config.toml").is_file()
    assert f"{story.alice.node_id}@127.0.0.1:{story.alice.p2p}" in (out / "flags.txt").read_text()
    assert files_of(story.carol.home) == before
