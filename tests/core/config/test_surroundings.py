"""What a config.toml refers to is looked at once, and the command judges by it; nobody is asked but this machine."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from core.adapters import LocalNet
from core.cli.config import check as command
from core.cli.session import Session
from core.config.model import read_config
from core.config.surroundings import Surroundings
from core.config.survey import survey
from core.documents.ed25519 import address
from core.documents.toml import edit_toml
from core.finding import Finding, Severity
from core.profiles import profile
from core.step import silent
from core.world import World
from tests.builders import a_card, a_key
from tests.core.config.configs import ONE, real
from tests.core.config.test_step import STEP, a_network, a_world, plan_of
from tests.core.keys.key_homes import b64, make_home, public_of, put, seed_of, this_world

_0_34 = "tendermint-0.34"


@dataclass
class Table(LocalNet):
    """Names and addresses as a table has them; what was asked is kept."""

    names: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def bind_fault(self, ip: str) -> str | None:
        return "" if ip.startswith("127.") or ip in ("0.0.0.0", "::") else "this machine has no such address"

    async def look_up(self, name: str, seconds: float = 5) -> tuple[str, ...] | None:
        self.asked.append(name)
        return self.names.get(name)


def a_home(path: Path, *values: tuple[str, str, str]) -> Path:
    """With bob's validator in its genesis.json."""
    home = make_home(path / "home")
    entry = f'{{"pub_key": {{"type": "x", "value": "{b64(public_of(seed_of("bob")))}"}}, "name": "bob"}}'
    put(home / "config" / "genesis.json", f'{{"validators": [{entry}, null, 5]}}'.encode())
    put(home / "config" / "config.toml", edit_toml(real(_0_34), {(table, key): text for table, key, text in values}))
    return home


async def found(home: Path, sockets: Table, name: str = _0_34) -> dict[str, Finding]:
    """What ``quorate config check`` says."""
    world = replace(this_world(), net=sockets)
    session = cast(Session, SimpleNamespace(world=world, environ={}))
    answer = await command(Namespace(home=str(home), profile=name), session)
    return {one.code: one for one in answer.findings}


async def surveyed(world: World, home: Path, look_up: bool = False) -> Surroundings:
    data = (home / "config" / "config.toml").read_bytes()
    return await survey(world, home, read_config(data, profile(_0_34)), look_up=look_up)


async def test_the_command_compares_with_the_validators_of_the_homes_genesis(tmp_path: Path) -> None:
    printed = address(public_of(seed_of("bob")))
    for text in (printed, printed.lower()):
        home = a_home(tmp_path / text, ("p2p", "persistent_peers", f"{text}@127.0.0.1:26600"))
        finding = (await found(home, Table()))["config-id-kind"]
        assert "the address of bob's validator key (genesis.json)" in finding.message
        assert finding.fix == "Ask bob for what show-node-id prints."


async def test_the_command_knows_its_own_node_and_validator(tmp_path: Path) -> None:
    around = await surveyed(this_world(), a_home(tmp_path))
    own = around.known.with_id(around.own_id)
    assert around.own_id and own is not None and own.who == "this node"
    home = a_home(tmp_path / "a", ("p2p", "persistent_peers", f"{around.own_id}@127.0.0.1:26600"))
    assert (await found(home, Table()))["config-peers-self"].severity is Severity.INFO
    home = a_home(tmp_path / "b", ("p2p", "persistent_peers", f"{own.validator_address}@127.0.0.1:26600"))
    assert "this node's own validator key" in (await found(home, Table()))["config-id-kind"].message


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"validators": 5}', b"\xff", b"[" * 100_000])
async def test_a_genesis_that_can_not_be_read_is_not_this_commands_business(damage: bytes, tmp_path: Path) -> None:
    home = a_home(tmp_path)
    put(home / "config" / "genesis.json", damage)
    assert [one for one in (await found(home, Table())).values() if one.severity > Severity.INFO] == []


async def test_the_command_looks_up_names_once_and_the_step_none(tmp_path: Path) -> None:
    peers = f"{ONE}@a.example.org:1,{ONE[:-1]}2@A.example.org:2,{ONE[:-1]}3@10.0.0.5:1"
    home = a_home(tmp_path, ("p2p", "persistent_peers", peers), ("p2p", "external_address", "b.example.org:26656"))
    sockets = Table({"a.example.org": ()})
    said = await found(home, sockets)
    assert sorted(sockets.asked) == ["a.example.org", "b.example.org"]
    assert said["config-peers-unresolved"].severity is Severity.WARNING
    assert said["config-address-name"].severity is Severity.UNKNOWN
    silent_table = Table()
    await surveyed(replace(this_world(), net=silent_table), home)
    assert silent_table.asked == []


async def test_without_a_network_stack_what_depends_on_it_is_not_judged(tmp_path: Path) -> None:
    home = a_home(tmp_path, ("rpc", "laddr", "tcp://10.9.8.7:1"), ("p2p", "seeds", f"{ONE}@a.example.org:1"))
    around = await surveyed(replace(this_world(), net=None), home, look_up=True)
    assert around.bind_faults == {} and around.names == {"a.example.org": None}


async def test_the_command_finds_a_listener_on_another_host(tmp_path: Path) -> None:
    home = a_home(tmp_path, ("rpc", "laddr", "tcp://10.9.8.7:26657"))
    assert (await found(home, Table()))["config-not-this-machine"].severity is Severity.ERROR


async def test_the_step_says_of_a_file_what_the_command_says(tmp_path: Path) -> None:
    """Of a setting that the plan does not write, both say the same."""
    mistakes = {
        ("", "genesis_file"): "~/genesis.json",
        ("", "priv_validator_key_file"): "config/pv.json",
        ("", "proxy_app"): "",
        ("", "priv_validator_laddr"): "tcp://127.0.0.1:26657",
        ("rpc", "pprof_laddr"): "127.0.0.1:26657",
        ("p2p", "seeds"): f"{ONE[:-1]}a@127.0.0.1:26657",
        ("p2p", "unconditional_peer_ids"): a_key("bob").node_id.upper(),
    }
    data = edit_toml(real(_0_34), mistakes)
    world = replace(a_world(tmp_path, data, a_network()), net=Table())
    plan = {one.code for one in (await plan_of(world, pex="yes")).findings if one.severity > Severity.INFO}
    said = {one.code for one in (await found(tmp_path / "home", Table())).values() if one.severity > Severity.INFO}
    assert plan - {"config-address-name"} == said - {"config-peers-unresolved"}
    assert len(said) > 6


async def test_the_step_knows_the_members_of_the_record_or_else_of_cards(tmp_path: Path) -> None:
    bob = a_key("bob").node_id
    data = edit_toml(real(_0_34), {("p2p", "persistent_peers"): f"{bob}@carol.example.org:26656"})
    cards = [a_card(name) for name in ("alice", "bob", "carol")]
    for name, documents, source in (("record", (a_network(cards),), "the record"), ("cards", tuple(cards), "a card")):
        world = a_world(tmp_path / name, data, *documents)
        around = (await STEP.inspect(world, {}, silent)).facts.around
        party = around.known.with_id(bob)
        assert party is not None and (party.who, party.source) == ("bob", source)
        verified = {one.code: one for one in await STEP.verify(world, {})}
        assert "bob's node id, and carol's node answers there" in verified["config-peers-other-member"].message


async def test_a_base_file_is_not_judged_by_this_machine(tmp_path: Path) -> None:
    data = edit_toml(real(_0_34), {("rpc", "laddr"): "tcp://10.9.8.7:26657", ("", "genesis_file"): "none.json"})
    base = put(tmp_path / "base.toml", data)
    world = replace(a_world(tmp_path, real(_0_34), a_network()), net=Table())
    codes = {one.code for one in (await plan_of(world, base=str(base))).findings}
    assert not {"config-not-this-machine", "config-path-missing"} & codes
