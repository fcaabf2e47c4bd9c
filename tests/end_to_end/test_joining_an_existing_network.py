"""A network that was made without quorate and runs: a full node joins it, and a coordinator adopts it as a record."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.end_to_end.ceremony import NETWORK, PROFILES, begin, members_of
from tests.end_to_end.driver import Member, Node, make_blocks, set_in_toml, started


@dataclass(frozen=True)
class Running:
    alice: Member
    bob: Member
    carol: Member
    nodes: list[Node]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.alice.genesis.read_bytes()).hexdigest()


@pytest.fixture(scope="module", params=["0.34", "1.0"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two validators as their operators made them by hand; the third has a home, and is nobody in it."""
    generation = str(request.param)
    alice, bob, carol = members_of(tmp_path_factory.mktemp(f"existing-{generation}"), 3, generation)
    genesis = json.loads(alice.genesis.read_text())
    genesis["chain_id"] = "by-hand"
    genesis["validators"] = [
        {"pub_key": {"type": "tendermint/PubKeyEd25519", "value": one.validator_key}, "power": power, "name": ""}
        for one, power in ((alice, "7"), (bob, "5"))
    ]
    for one in (alice, bob):
        one.genesis.write_text(json.dumps(genesis, indent=1))
        set_in_toml(one.config, "p2p", "addr_book_strict", "false")
        # All nodes have one address here; a node otherwise takes one connection from each.
        set_in_toml(one.config, "p2p", "allow_duplicate_ip", "true")
        set_in_toml(one.config, "consensus", "create_empty_blocks", "false")
    set_in_toml(bob.config, "p2p", "persistent_peers", f'"{alice.node_id}@127.0.0.1:{alice.p2p}"')
    for one in (alice, bob):
        text = one.config.read_text().replace('moniker = "', f'moniker = "{one.moniker}-', 1)
        one.config.write_text(text)
    begin(carol, "member", PROFILES[generation])
    with started((alice, bob)) as nodes:
        make_blocks(nodes)
        yield Running(alice, bob, carol, nodes)


def test_a_full_node_joins(running: Running) -> None:
    alice, bob, carol = running.alice, running.bob, running.carol
    told = carol.run("join", alice.rpc, "--sha256", "0" * 64, expect=1)
    assert told.errors == {"join-not-as-told"} and "foreign-genesis" not in str(carol.status())
    told = carol.run("join", str(alice.genesis), bob.rpc, "--sha256", running.sha256, "--chain-id", "by-hand")
    assert told.errors == set() and "join-not-told" not in told.codes, told
    dialled = {one.partition("@")[0]: one.partition("@")[2] for one in told.json["peers"]}
    assert dialled == {one.node_id: f"127.0.0.1:{one.p2p}" for one in (alice, bob)}
    assert {one["id"] for one in carol.status()["steps"] if one["mark"] != "done"} == {"genesis", "config"}
    carol.apply("genesis")
    assert carol.genesis.read_bytes() == alice.genesis.read_bytes()
    planned = carol.plan("config")
    assert planned.errors == set() and "config-peers-named" in planned.codes, planned
    carol.apply("config")
    status = carol.status()
    assert status["next"].endswith(" genesis") and status["node"].startswith("The node is not running"), status
    assert carol.run("genesis").json["sha256"] == running.sha256
    with started((carol,)) as (node,):
        node.wait_for_block(2)
        until = time.monotonic() + 10
        while not (said := carol.status()["node"]).startswith("The node runs: block ") and time.monotonic() < until:
            time.sleep(0.2)
        assert said.startswith("The node runs: block ") and "connected to " in said, said


def test_the_rpc_alone_gives_a_genesis_that_means_the_same(running: Running) -> None:
    told = running.carol.run("join", running.alice.rpc)
    assert "join-not-told" in told.codes and told.errors == set()
    diff = running.carol.run("genesis", "diff", running.alice.rpc, str(running.carol.state / "x"), expect=None)
    assert diff.errors
    kept = next(running.carol.state.rglob("foreign-genesis.json"))
    same = running.carol.run("genesis", "diff", str(kept), str(running.alice.genesis))
    assert same.json["runs_together"] is True


def test_a_source_with_another_genesis_and_a_node_of_another_chain_are_errors(running: Running) -> None:
    other = running.carol.folder / "other.json"
    genesis = json.loads(running.alice.genesis.read_text())
    genesis["validators"][0]["power"] = "70"
    other.write_text(json.dumps(genesis))
    told = running.carol.run("join", str(other), running.alice.rpc, expect=1)
    assert told.errors == {"join-genesis-differs"} and "validators" in told.told("join-genesis-differs"), told
    genesis["chain_id"] = "elsewhere"
    other.write_text(json.dumps(genesis))
    told = running.carol.run("join", str(other), running.alice.rpc, expect=1)
    assert told.errors >= {"join-genesis-differs", "join-other-chain"}
    told = running.carol.run("join", "http://127.0.0.1:9", expect=3)
    assert "rpc-unreachable" in told.codes


def test_a_coordinator_adopts_it_and_no_chain_is_changed(running: Running) -> None:
    """Alice writes the record of the network that she and bob run; both accept it, and their nodes go on."""
    alice, bob = running.alice, running.bob
    profile = alice.run("genesis", "check", str(alice.genesis), expect=None).json["profile"]
    assert profile
    generation = next(one for one in PROFILES.values() if one in str(running.carol.run("home").stdout))
    before = {one.moniker: one.genesis.read_bytes() for one in (alice, bob)}
    begin(alice, "coordinator", generation)
    begin(bob, "member", generation)
    told = alice.run("join", alice.rpc, bob.rpc, str(alice.genesis), "--sha256", running.sha256)
    assert told.errors == set(), told
    rows = {row["node_id"]: row for row in alice.run("peers").json["members"]}
    assert set(rows) == {alice.node_id, bob.node_id} and all("unsigned" in row["state"] for row in rows.values())
    planned = alice.plan("network", expect=1)
    assert planned.errors >= {"network-no-members"}, planned
    alice.run("peers", "approve", alice.node_id)
    planned = alice.plan("network", owners="me", expect=1)
    assert "network-adopt-missing" in planned.errors and bob.validator_key in planned.told("network-adopt-missing")
    alice.run("peers", "approve", bob.node_id)
    # Their cards come, and take the place of the entries.
    for one in (alice, bob):
        one.apply("card", moniker=one.moniker, host="127.0.0.1", port=str(one.p2p))
    alice.take(str(bob.run("card", "show").json["armour"]))
    alice.run("peers", "approve", alice.node_id, bob.node_id)
    differs = alice.plan("network", power=f"{alice.node_id[:12]}=8 {bob.node_id[:12]}=5", owners="members", expect=1)
    assert differs.errors == {"network-adopt-differs"}, differs
    planned = alice.plan("network", owners="members")
    assert planned.errors == set() and "network-adopts" in planned.codes, planned
    alice.apply("network", owners="members")
    record = alice.share()
    assert "record-genesis-past" not in bob.take(record).codes
    for one in (alice, bob):
        accepted = one.apply("genesis")
        assert accepted.errors == set(), accepted
        assert one.genesis.read_bytes() == before[one.moniker]
    alice.take(bob.share())
    bob.take(alice.share())
    for one, node in zip((alice, bob), running.nodes, strict=True):
        status = one.status()
        assert status["quorate"] and status["node"].startswith("The node runs: block "), status
        assert node.process.poll() is None
    # What is agreed later leaves the chain alone too.
    alice.apply("network", note="the second version")
    second = alice.run("network", "show").json
    assert (second["chain_id"], second["version"]) == ("by-hand", 1)
    bob.take(alice.share())
    bob.apply("network")
    alice.take(bob.share())
    second = alice.run("network", "show").json
    assert (second["chain_id"], second["version"]) == ("by-hand", 2), second
    assert second["network"] == NETWORK
