"""Four homes that never ran become one network, by commands alone; with fewer members on the later generations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.end_to_end.ceremony import (
    PROFILES,
    agree,
    as_chat,
    begin_all,
    compare_and_accept,
    gather,
    is_there,
    make_cards,
    members_of,
    pin,
    publish,
)
from tests.end_to_end.driver import Member, Node, Result, files_of, make_blocks, quorate, started, together
from tests.nodes import node_program

HOW_MANY = {"0.34": 4, "0.37": 2, "0.38": 2, "1.0": 2}


@dataclass
class Story:
    """A network that was formed, and what was seen on the way to it."""

    generation: str
    members: list[Member]
    homes_before: list[dict[str, bytes]]
    imported: Result
    nodes: list[Node] = field(default_factory=list)

    @property
    def profile(self) -> str:
        return PROFILES[self.generation]


def form(generation: str, folder: Path) -> Story:
    """In full for 0.34, where each command starts the program anew."""
    members = members_of(folder / generation, HOW_MANY[generation], generation, anew=generation == "0.34")
    before = [files_of(one.home) for one in members]
    begin_all(members, PROFILES[generation])
    chat = as_chat(members, make_cards(members))
    imported = gather(members[0], chat, [one.moniker for one in members])
    agree(members, publish(members[0]), compare_and_accept)
    return Story(generation, members, before, imported)


@pytest.fixture(scope="module")
def formed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Story]:
    """All at once, of the generations whose program is there."""
    there = [generation for generation in HOW_MANY if is_there(generation)]
    folder = tmp_path_factory.mktemp("four")
    return {one.generation: one for one in together(there, lambda generation: form(generation, folder))}


@pytest.fixture(scope="module", params=HOW_MANY)
def story(request: pytest.FixtureRequest, formed: dict[str, Story]) -> Iterator[Story]:
    """Running, and at block 2."""
    node_program(request.param)
    told = formed[request.param]
    with started(told.members, pin(told.members[0])) as nodes:
        told.nodes = nodes
        make_blocks(nodes)
        yield told


def test_keys_are_shown_as_the_node_program_prints_them(story: Story) -> None:
    for member, shown in zip(story.members, together(story.members, lambda one: one.run("keys", "show")), strict=True):
        keys = shown.json["keys"]
        file = json.loads((member.home / "config" / "priv_validator_key.json").read_text())
        assert (keys["node_id"], keys["validator_key"]) == (member.node_id, member.validator_key)
        assert keys["validator_address"] == file["address"]


def test_the_node_says_of_itself_what_its_card_says(story: Story) -> None:
    said = {row["moniker"]: row["node_id"] for row in story.members[0].run("network", "show").json["members"]}
    for node in story.nodes:
        status = node.ask("status")
        assert status["node_info"]["id"] == said[node.member.moniker] == node.member.node_id
        assert status["node_info"]["moniker"] == node.member.moniker
        assert status["validator_info"]["voting_power"] == "10"


def test_all_cards_were_found_in_the_noise_of_a_chat(story: Story) -> None:
    rows = {row["subject"]: row["status"] for row in story.imported.rows("card")}
    assert rows == {one.moniker: "known" if one is story.members[0] else "new" for one in story.members}
    assert story.imported.errors == set()


def test_every_member_sees_by_their_own_state_that_the_network_is_quorate(story: Story) -> None:
    count = len(story.members)
    for status in together(story.members, Member.status):
        assert status["quorate"]
        assert status["tally"] == f"{count} signed of {count}"
        assert [station["mark"] for station in status["steps"]] == ["done"] * 7
    assert "acceptance-words-not-compared" not in story.members[-1].run("network", "show").codes


def test_every_member_has_computed_the_same_bytes(story: Story) -> None:
    written = {one.genesis.read_bytes() for one in story.members}
    (genesis,) = written
    shown = story.members[-1].run("network", "show").json["genesis_sha256"]
    assert shown == hashlib.sha256(genesis).hexdigest()


def test_each_node_uses_our_genesis(story: Story) -> None:
    def compare(node: Node) -> Result:
        file = str(node.member.genesis)
        return node.member.run("genesis", "diff", file, node.member.rpc, "--profile", story.profile)

    for difference in together(story.nodes, compare):
        assert difference.json["same"], difference


def test_block_1_has_the_hashes_that_the_review_foretold(story: Story) -> None:
    first = story.members[0]
    review = quorate("genesis", "review", str(first.genesis), "--profile", story.profile, cwd=first.folder)
    foretold = review.json["review"]
    for node in story.nodes:
        header = node.ask("commit?height=1")["signed_header"]["header"]
        assert header["validators_hash"] == foretold["validators_hash"]
        assert header["consensus_hash"] == foretold["consensus_hash"]
        assert header["chain_id"] == foretold["chain_id"]


def test_the_nodes_are_connected_to_all_others(story: Story) -> None:
    ids = {one.node_id for one in story.members}
    for node in story.nodes:
        peers = {peer["node_info"]["id"] for peer in node.ask("net_info")["peers"]}
        assert peers == ids - {node.member.node_id}


def test_of_the_homes_only_the_previewed_files_were_written(story: Story) -> None:
    """P7: what the node itself writes when it runs lies in data/ and in the address book."""
    for member, before in zip(story.members, story.homes_before, strict=True):
        after = files_of(member.home)
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        ours = {name for name in changed if not name.startswith("data/") and name != "config/addrbook.json"}
        assert ours == {"config/genesis.json", "config/quorate.json", "config/config.toml"}


def test_no_private_key_has_left_its_home(story: Story) -> None:
    """P1."""
    secrets = [_secret(one.home / "config" / name) for one in story.members for name in _KEYS]
    for member in story.members:
        for name, content in files_of(member.state).items():
            assert not any(secret in content for secret in secrets), name


_KEYS = ("priv_validator_key.json", "node_key.json")


def _secret(path: Path) -> bytes:
    value = json.loads(path.read_text())["priv_key"]["value"]
    assert isinstance(value, str)
    return value.encode()
