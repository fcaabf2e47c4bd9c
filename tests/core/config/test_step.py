"""The step config: a home's config.toml made fit for the record, with nothing else moved."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.apply.engine import apply, undo
from core.changes import WriteFile
from core.config.step import ConfigStep, as_environment, as_flags, rows, without_flag
from core.documents.document import Document
from core.finding import Refusal, Severity
from core.plan import Plan
from core.state import State
from core.step import silent
from core.world import World
from tests.builders import NETWORK, NOW, a_card, a_key, a_record
from tests.core.config.configs import DOCUMENTS, WHOLE, real, with_raw
from tests.core.keys.key_homes import make_home, node_file, put, this_world

STEP = ConfigStep()
MEMBERS = tuple(sorted(("alice", "bob", "carol", "dave"), key=lambda name: a_key(name).node_id))
"""In the record's order."""
OTHERS = tuple(name for name in MEMBERS if name != "alice")


class _Clock:
    def now(self) -> object:
        return NOW

    def zone(self) -> object:
        return NOW.tzinfo


def a_world(
    path: Path, data: bytes | None, *documents: Document, name: str = "tendermint-0.34", node: str = "alice"
) -> World:
    """A member's world: a home with that config.toml, and a state that holds the documents."""
    home = make_home(path / "home", node=node_file(hashlib.sha256(f"key of {node}".encode()).digest()))
    if data is not None:
        put(home / "config" / "config.toml", data, 0o644)
    put(home / "config" / "genesis.json", b"{}", 0o644)
    state = State.open(path / "state", NETWORK)
    state.change(lambda local: replace(local, role="member", home=str(home), profile=name))
    state.add(documents)
    return replace(this_world().at(state), clock=_Clock(), environ={})  # type: ignore[arg-type]


def a_network(cards: Sequence[Document] | int = 4, name: str = "tendermint-0.34") -> Document:
    return a_record(cards, profile_name=name)


async def plan_of(world: World, **answers: str) -> Plan:
    facts = (await STEP.inspect(world, answers, silent)).facts
    return STEP.plan(facts, {**STEP.suggest(facts), **answers})


def written(plan: Plan) -> bytes:
    (change,) = plan.changes
    assert isinstance(change, WriteFile)
    return change.after


def values(plan: Plan) -> dict[str, object]:
    found = tomllib.loads(written(plan).decode())
    return {
        f"{table}.{key}" if isinstance(inside, dict) else table: value
        for table, inside in found.items()
        for key, value in (inside.items() if isinstance(inside, dict) else (("", inside),))
    }


def peer(name: str) -> str:
    return f"{a_key(name).node_id}@{name}.example.org:26656"


@pytest.mark.parametrize("name", WHOLE)
async def test_the_documents_values_and_what_a_permissioned_network_needs_are_set(tmp_path: Path, name: str) -> None:
    world = a_world(tmp_path, real(name), a_network(name=name), name=name)
    plan = await plan_of(world)
    now = values(plan)
    wanted = {
        "moniker": "alice",
        "log_level": "main:info,state:info,*:error",
        "consensus.create_empty_blocks": False,
        "mempool.recheck": False,
        "p2p.send_rate": 102400000,
        "p2p.recv_rate": 102400000,
        "p2p.persistent_peers": ",".join(map(peer, OTHERS)),
        "p2p.external_address": "alice.example.org:26656",
        "p2p.pex": False,
        "p2p.private_peer_ids": ",".join(a_key(member).node_id for member in OTHERS),
    }
    assert {key: now[key] for key in wanted} == wanted
    before = tomllib.loads(real(name).decode())
    assert now["p2p.allow_duplicate_ip"] == before["p2p"]["allow_duplicate_ip"]
    assert now["rpc.laddr"] == before["rpc"]["laddr"]
    assert plan.is_safe and len(plan.restarts) == 1
    old, new = real(name).splitlines(), written(plan).splitlines()
    assert len(old) == len(new)
    assert sum(one != two for one, two in zip(old, new, strict=True)) == len(wanted)


@pytest.mark.parametrize("name", WHOLE)
async def test_what_the_operator_has_set_stays_where_the_documents_only_suggest(tmp_path: Path, name: str) -> None:
    own = {"log_level": '"debug"', "send_rate": "7000000", "recv_rate": "8000000"}
    file = real(name).decode()
    for key, value in own.items():
        file = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", file, count=1)
    world = a_world(tmp_path, file.encode(), a_network(name=name), name=name)
    now = values(await plan_of(world))
    assert (now["log_level"], now["p2p.send_rate"], now["p2p.recv_rate"]) == ("debug", 7000000, 8000000)
    assert (now["mempool.recheck"], now["consensus.create_empty_blocks"]) == (False, False), "init's own are no choice"
    said = {row.path: row.reason for row in rows((await STEP.inspect(world, {}, silent)).facts, {})}
    assert said["log_level"].startswith("As you have it. The documents have main:info")
    taken = values(await plan_of(world, log_level="main:info,state:info,*:error", send_rate="102400000"))
    assert (taken["log_level"], taken["p2p.send_rate"]) == ("main:info,state:info,*:error", 102400000)


async def test_no_finding_is_about_a_value_that_was_suggested(tmp_path: Path) -> None:
    world = a_world(tmp_path, real("tendermint-0.34"), a_network())
    plan = await plan_of(world)
    assert "config-log-level-hides" not in {one.code for one in plan.findings}
    await apply(plan, world)
    assert "config-log-level-hides" not in {one.code for one in await STEP.verify(world, {})}
    chosen = await plan_of(world, log_level="*:none")
    assert "config-log-level-hides" in {one.code for one in chosen.findings}


async def test_applied_it_is_verified_planned_no_more_and_can_be_undone(tmp_path: Path) -> None:
    world = a_world(tmp_path, real("tendermint-0.34"), a_network())
    assert any(one.code == "config-not-as-planned" for one in await STEP.verify(world, {}))
    receipt = await apply(await plan_of(world), world)
    assert [one.code for one in await STEP.verify(world, {}) if one.severity >= Severity.WARNING] == []
    assert (await plan_of(world)).changes == ()
    await undo(receipt, world)
    assert (tmp_path / "home" / "config" / "config.toml").read_bytes() == real("tendermint-0.34")


@pytest.mark.parametrize("where", ["end", "top"])
async def test_the_documents_recipe_is_mended_as_a_visible_part_of_the_plan(tmp_path: Path, where: str) -> None:
    base = real("tendermint-0.34")
    pasted = base + DOCUMENTS if where == "end" else DOCUMENTS + base
    world = a_world(tmp_path, pasted, a_network())
    plan = await plan_of(world)
    assert plan.is_safe
    mended = {
        one.code for one in plan.findings if one.severity is Severity.INFO and "The plan repairs it." in one.message
    }
    assert {"config-flat-block", "config-wrong-table", "config-peers-several-lines"} <= mended
    now = values(plan)
    assert now["p2p.persistent_peers"] == ",".join(map(peer, OTHERS))
    assert now["moniker"] == "alice"
    assert "instrumentation.recheck" not in now and "recheck" not in now
    await apply(plan, world)
    assert [one.code for one in await STEP.verify(world, {}) if one.severity >= Severity.WARNING] == []


async def test_peers_can_be_a_chosen_few_and_wrong_answers_are_findings_at_their_field(tmp_path: Path) -> None:
    world = a_world(tmp_path, real("tendermint-0.34"), a_network())
    few = await plan_of(world, peers=f"bob, {a_key('dave').node_id[:6]}", pex="yes")
    assert values(few)["p2p.persistent_peers"] == f"{peer('bob')},{peer('dave')}"
    assert values(few)["p2p.private_peer_ids"] == ""
    wrong = await plan_of(
        world, peers="mallory", pex="maybe", log_level="loud", send_rate="fast", recv_rate="-1", moniker="ü",
        external_address="nowhere",
    )  # fmt: skip
    fields = {one.subject for one in wrong.findings if one.code == "config-answer"}
    assert fields == {"peers", "pex", "log_level", "send_rate", "recv_rate", "moniker", "external_address"}
    assert not wrong.is_safe


async def test_members_behind_one_address_and_private_addresses_are_provided_for(tmp_path: Path) -> None:
    cards = [a_card(name, p2p=(f"10.0.0.1:{26656 + 10 * number}",)) for number, name in enumerate(("alice", "bob"))]
    now = values(await plan_of(a_world(tmp_path, real("tendermint-0.34"), a_network(cards))))
    assert now["p2p.allow_duplicate_ip"] is True
    assert now["p2p.addr_book_strict"] is False
    assert now["p2p.external_address"] == "10.0.0.1:26656"


async def test_sentries_and_second_addresses_are_dialled_once_per_node_id(tmp_path: Path) -> None:
    sentry = "ab" * 20
    cards = [
        a_card("alice"),
        a_card("bob", p2p=("bob.example.org:26656", "[2001:db8::2]:26656")),
        a_card("carol", p2p=(f"{sentry}@s.example.org:26656",)),
    ]
    now = values(await plan_of(a_world(tmp_path, real("tendermint-0.34"), a_network(cards))))
    assert sorted(str(now["p2p.persistent_peers"]).split(",")) == sorted((peer("bob"), f"{sentry}@s.example.org:26656"))


async def test_a_node_that_joins_later_gets_all_members_as_peers(tmp_path: Path) -> None:
    world = a_world(tmp_path, real("tendermint-0.34"), a_network(), node="zoe")
    plan = await plan_of(world)
    assert values(plan)["p2p.persistent_peers"] == ",".join(map(peer, MEMBERS))
    assert values(plan)["moniker"] == "node"
    assert "config-not-a-member" in {one.code for one in plan.findings}
    assert plan.is_safe


async def test_before_there_is_a_record_peers_stay_and_that_is_said(tmp_path: Path) -> None:
    plan = await plan_of(a_world(tmp_path, real("tendermint-0.34")))
    assert values(plan)["p2p.persistent_peers"] == ""
    assert "config-no-record" in {one.code for one in plan.findings}


async def test_an_open_rpc_is_closed(tmp_path: Path) -> None:
    data = with_raw("rpc", 'laddr = "tcp://0.0.0.0:26657"')
    assert values(await plan_of(a_world(tmp_path, data, a_network())))["rpc.laddr"] == "tcp://127.0.0.1:26657"


async def test_a_missing_file_is_made_with_the_settings_alone(tmp_path: Path) -> None:
    plan = await plan_of(a_world(tmp_path, None, a_network()))
    assert values(plan)["p2p.pex"] is False
    assert plan.is_safe


async def test_what_the_edit_can_not_mend_keeps_the_plan_from_being_applied(tmp_path: Path) -> None:
    for data, code in (
        (b"a = \n", "toml-syntax"),
        (b"p2p = 5\n", "toml-not-a-table"),
        (with_raw("p2p", 'laddr = "x"'), "config-address"),
    ):
        plan = await plan_of(a_world(tmp_path / code, data, a_network()))
        assert code in {one.code for one in plan.findings} and not plan.is_safe


async def test_capitals_in_the_file_are_kept_and_the_key_is_not_doubled(tmp_path: Path) -> None:
    data = real("tendermint-0.34").replace(b"\npex = true", b"\nPex = true")
    after = written(await plan_of(a_world(tmp_path, data, a_network())))
    assert b"\nPex = false" in after and b"\npex" not in after


async def test_a_file_that_the_node_would_read_instead_is_told(tmp_path: Path) -> None:
    world = a_world(tmp_path, real("tendermint-0.34"), a_network())
    put(tmp_path / "home" / "config.yaml", b"moniker: x\n")
    assert [one.code for one in (await STEP.inspect(world, {}, silent)).findings] == ["config-shadowed"]


async def test_a_base_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    world = replace(this_world().at(State.open(tmp_path / "state", NETWORK)), environ={})
    with pytest.raises(Refusal) as refused:
        await plan_of(world, base=str(tmp_path / "missing.toml"))
    assert [one.code for one in refused.value.findings] == ["config-base-missing"]


async def test_a_base_file_stands_for_a_home(tmp_path: Path) -> None:
    base = put(tmp_path / "base.toml", real("cometbft-0.38"), 0o644)
    state = State.open(tmp_path / "state", NETWORK)
    state.add((a_network(name="cometbft-0.38"),))
    world = replace(this_world().at(state), clock=_Clock(), environ={})  # type: ignore[arg-type]
    plan = await plan_of(world, base=str(base))
    assert values(plan)["p2p.persistent_peers"] == ",".join(map(peer, MEMBERS))
    without = await plan_of(world)
    assert not without.changes and "config-no-file" in {one.code for one in without.findings}
    facts = (await STEP.inspect(world, {}, silent)).facts
    settled = rows(facts, STEP.suggest(facts))
    flags = as_flags(settled, facts.profile)
    assert f"--p2p.persistent_peers={','.join(map(peer, MEMBERS))}" in flags
    assert "--p2p.pex=false" in flags and "--consensus.create_empty_blocks=false" in flags
    assert not any("send_rate" in flag or "external" in flag for flag in flags)
    assert {row.path for row in without_flag(settled, facts.profile)} == {
        "p2p.send_rate",
        "p2p.recv_rate",
        "mempool.recheck",
    }
    variables = as_environment(settled, facts.profile)
    assert variables["CMT_P2P_PEX"] == "false" and variables["CMT_P2P_SEND_RATE"] == "102400000"


async def test_two_previews_are_the_same_plan_and_every_field_has_a_suggestion(tmp_path: Path) -> None:
    world = a_world(tmp_path, real("tendermint-0.34"), a_network())
    assert (await plan_of(world)).digest == (await plan_of(world)).digest
    facts = (await STEP.inspect(world, {}, silent)).facts
    assert set(STEP.suggest(facts)) == {field.name for field in STEP.fields}
    for row in rows(facts, {}):
        assert row.reason.endswith(".") and row.path


async def test_an_override_of_a_planned_setting_is_shown(tmp_path: Path) -> None:
    world = replace(
        a_world(tmp_path, real("tendermint-0.34"), a_network()), environ={"TM_P2P_PEX": "true", "HOME": "/x"}
    )
    plan = await plan_of(world)
    assert "config-environment-override" in {one.code for one in plan.findings}
