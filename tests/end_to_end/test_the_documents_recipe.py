"""The documents' recipe, verbatim but for the members' own values: what the node says, and how quorate explains it.

CometBFT 0.34.33 reads these files as Tendermint 0.34.24 does, which Planetmint 2.5 runs with.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.ceremony import begin, members_of
from tests.end_to_end.driver import Member, Node, Result, quorate, set_in_toml, started

GENESIS = """\
{
   "genesis_time":"0001-01-01T00:00:00Z",
   "chain_id":"test-chain-la6HSr",
   "consensus_params":{
      "block_size_params":{
         "max_bytes":"22020096",
         "max_txs":"10000",
         "max_gas":"-1"
      },
      "tx_size_params":{
         "max_bytes":"10240",
         "max_gas":"-1"
      },
      "block_gossip_params":{
         "block_part_size_bytes":"65536"
      },
      "evidence_params":{
         "max_age":"100000"
      }
   },
   "validators":[
      {
         "pub_key":{
            "type":"tendermint/PubKeyEd25519",
            "value":"<Member 1 public key>"
         },
         "power":10,
         "name":"<Member 1 name>"
      },
      {
         "pub_key":{
            "type":"tendermint/PubKeyEd25519",
            "value":"<Member 2 public key>"
         },
         "power":10,
         "name":"<Member 2 name>"
      }
   ],
   "app_hash":""
}
"""

CONFIG = """\
moniker = "Name of our node"
create_empty_blocks = false
log_level = "main:info,state:info,*:error"

persistent_peers = "<Member 1 node id>@<Member 1 hostname>:26656,\\
<Member 2 node id>@<Member 2 hostname>:26656,"

send_rate = 102400000
recv_rate = 102400000

recheck = false
"""

BELONGS = {
    "moniker": "at the top, above the first [table]",
    "log_level": "at the top, above the first [table]",
    "create_empty_blocks": "in [consensus]",
    "persistent_peers": "in [p2p]",
    "send_rate": "in [p2p]",
    "recv_rate": "in [p2p]",
    "recheck": "in [mempool]",
}


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[Member]:
    return members_of(tmp_path_factory.mktemp("recipe"), 2)


@pytest.fixture
def members(homes: list[Member]) -> Iterator[list[Member]]:
    """With the documents' genesis.json; afterwards as ``init`` made them."""
    before = [(one, one.genesis.read_bytes(), one.config.read_bytes()) for one in homes]
    write_genesis(homes, _filled_in(GENESIS, homes))
    yield homes
    for one, genesis, config in before:
        one.genesis.write_bytes(genesis)
        one.config.write_bytes(config)


def _filled_in(template: str, members: list[Member]) -> str:
    for number, one in enumerate(members, 1):
        template = template.replace(f"<Member {number} public key>", one.validator_key)
        template = template.replace(f"<Member {number} name>", one.moniker)
        template = template.replace(f"<Member {number} node id>", one.node_id)
        template = template.replace(f"<Member {number} hostname>:26656", f"127.0.0.1:{one.p2p}")
    return template


def write_genesis(members: list[Member], text: str) -> None:
    for one in members:
        one.genesis.write_text(text)


def check(member: Member, expect: int = 1) -> Result:
    return quorate(
        "genesis", "check", str(member.genesis), "--profile", "tendermint-0.34", cwd=member.folder, expect=expect
    )


def last_words(member: Member) -> str:
    with Node(member) as node:
        return node.wait_for_end()


def test_all_that_is_wrong_with_the_genesis_is_told_at_once(members: list[Member]) -> None:
    told = check(members[0])
    assert told.errors == {"genesis-number-bare", "genesis-params-generation", "genesis-zero-time"}
    assert "genesis-chain-id-from-init" in told.codes
    assert "0.22" in told.told("genesis-params-generation")
    assert '"10"' in told.told("genesis-number-bare")


def test_placeholders_that_were_left_are_told_too(members: list[Member]) -> None:
    members[0].genesis.write_text(GENESIS)
    assert "genesis-placeholder" in check(members[0]).errors


def test_the_node_refuses_it_for_one_thing_after_the_other(members: list[Member]) -> None:
    text = members[0].genesis.read_text()
    assert 'invalid 64-bit integer encoding "10", expected string' in last_words(members[0])
    write_genesis(members, text := text.replace('"power":10', '"power":"10"'))
    assert "block.MaxBytes must be greater than 0. Got 0" in last_words(members[0])
    assert check(members[0]).errors == {"genesis-params-generation", "genesis-zero-time"}


def test_without_a_time_each_node_takes_its_own_and_they_never_agree(members: list[Member]) -> None:
    genesis = json.loads(members[0].genesis.read_text().replace('"power":10', '"power":"10"'))
    del genesis["consensus_params"]
    write_genesis(members, json.dumps(genesis))
    assert check(members[0]).errors == {"genesis-zero-time"}
    first, second = members
    set_in_toml(first.config, "p2p", "persistent_peers", f'"{second.node_id}@127.0.0.1:{second.p2p}"')
    with started(members) as nodes:
        log = _wait_for_log(nodes, "is not equal to genesis time")
        assert [node.height for node in nodes] == [0, 0], log


def _wait_for_log(nodes: list[Node], text: str, seconds: float = 20) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        logs = [node.log.read_text("utf-8", "replace") for node in nodes]
        if any(text in log for log in logs):
            return text
        time.sleep(0.2)
    raise AssertionError(f"no node said that something {text}: {nodes[0].last_words}")


def _appended(member: Member, members: list[Member]) -> None:
    """As the documents say: the block as it stands, at the end of what ``init`` wrote."""
    with member.config.open("a") as file:
        file.write("\n" + _filled_in(CONFIG, members))


def test_the_config_block_is_refused_by_the_node_and_explained_point_by_point(members: list[Member]) -> None:
    first = members[0]
    _appended(first, members)
    words = last_words(first)
    assert "toml" in words and ("U+000A" in words or "basic strings cannot have new lines" in words)
    told = quorate("config", "check", "--home", str(first.home), cwd=first.folder, expect=1)
    assert {"config-peers-several-lines", "config-flat-block"} <= told.errors
    assert "7 of the documents' settings" in told.told("config-flat-block")
    lines = {one["subject"]: one["message"] for one in told.json["findings"] if one["code"] == "config-wrong-table"}
    assert lines.keys() == {f"instrumentation.{key}" for key in BELONGS}
    assert all(lines[f"instrumentation.{key}"].endswith(f"it belongs {place}.") for key, place in BELONGS.items())


def test_at_the_top_of_the_file_it_is_explained_too(members: list[Member]) -> None:
    first = members[0]
    first.config.write_text(_filled_in(CONFIG, members) + first.config.read_text())
    assert "toml" in last_words(first)
    told = quorate("config", "check", "--home", str(first.home), cwd=first.folder, expect=1)
    assert "config-peers-several-lines" in told.errors
    assert told.errors & {"toml-duplicate-key", "config-key-twice"}


def test_the_plan_mends_the_block_and_the_node_starts(members: list[Member], tmp_path: Path) -> None:
    """What the block was meant to say stands in its tables then, and the node takes it."""
    first = members[0]
    first.genesis.write_text(_mended(first.genesis.read_text()))
    _appended(first, members)
    begin(first)
    first.apply("config", moniker="alice")
    told = quorate("config", "check", "--home", str(first.home), cwd=first.folder)
    assert told.errors == set()
    with Node(first) as node:
        config = first.config.read_text()
        assert config.count("create_empty_blocks = false") == 1
        assert config.count("send_rate = 102400000") == 1
        _wait_for_rpc(node)
        assert node.ask("status")["node_info"]["moniker"] == "alice"


def _mended(text: str) -> str:
    genesis = json.loads(text.replace('"power":10', '"power":"10"'))
    del genesis["consensus_params"]
    return json.dumps({**genesis, "genesis_time": "2026-01-01T00:00:00Z"})


def _wait_for_rpc(node: Node, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and node.process.poll() is None:
        try:
            node.ask("status")
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(node.last_words)
