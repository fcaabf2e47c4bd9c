"""The port on which a node listens is the one that its card names, unless a router forwards the one to the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.apply.engine import apply
from core.config.listening import port_of, with_port
from core.config.step import as_environment, as_flags, rows
from core.documents.toml import edit_toml
from core.finding import Finding, Severity
from core.plan import Plan
from core.run import keep_answers
from core.state import State
from core.step import silent
from core.world import World
from tests.builders import NETWORK, a_card
from tests.core.config.configs import WHOLE, errors, real, with_value
from tests.core.config.test_step import STEP, a_network, a_world, plan_of, values
from tests.core.keys.key_homes import this_world

CARD = "alice.example.org:26666"


def alice(path: Path, laddr: str | None, *, address: str = CARD, name: str = "tendermint-0.34") -> World:
    """Her home, with that p2p.laddr or none, and a record with her card."""
    data = b"[p2p]\npex = true\n" if laddr is None else with_value("p2p", "laddr", laddr, name)
    cards = [a_card("alice", p2p=(address,)), a_card("bob")]
    return a_world(path, data, a_network(cards, name=name), name=name)


def about_port(plan: Plan | tuple[Finding, ...]) -> list[Finding]:
    findings = plan.findings if isinstance(plan, Plan) else plan
    return [one for one in findings if one.code == "config-port-forward"]


@pytest.mark.parametrize("name", WHOLE)
async def test_the_node_listens_on_the_port_of_its_card(tmp_path: Path, name: str) -> None:
    world = alice(tmp_path, "tcp://0.0.0.0:26656", name=name)
    assert any("p2p.laddr" in one.subject for one in await STEP.verify(world, {}))
    plan = await plan_of(world)
    assert values(plan)["p2p.laddr"] == "tcp://0.0.0.0:26666"
    assert values(plan)["p2p.external_address"] == CARD
    assert plan.is_safe and not about_port(plan)
    await apply(plan, world)
    assert (await plan_of(world)).changes == ()
    assert [one.code for one in await STEP.verify(world, {}) if one.severity >= Severity.WARNING] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "tcp://0.0.0.0:26666"),
        ("tcp://127.0.0.1:26656", "tcp://127.0.0.1:26666"),
        ("tcp://[::]:26656", "tcp://[::]:26666"),
        ("tcp://[fe80::1%eth0]:1", "tcp://[fe80::1%eth0]:26666"),
        ("node.lan:026656", "node.lan:26666"),
        ("tcp://0.0.0.0:0", "tcp://0.0.0.0:26666"),
        ("tcp://0.0.0.0:026666", "tcp://0.0.0.0:026666"),
    ],
)
async def test_only_the_port_is_changed_and_the_host_is_kept(tmp_path: Path, before: str | None, after: str) -> None:
    assert values(await plan_of(alice(tmp_path, before)))["p2p.laddr"] == after


async def test_what_is_so_by_default_need_not_be_written(tmp_path: Path) -> None:
    plan = await plan_of(alice(tmp_path, None, address="alice.example.org:26656"))
    assert "p2p.laddr" not in values(plan)


async def test_without_a_card_nothing_is_planned_and_nothing_said(tmp_path: Path) -> None:
    world = a_world(tmp_path, with_value("p2p", "laddr", "tcp://0.0.0.0:30000"))
    plan = await plan_of(world)
    assert values(plan)["p2p.laddr"] == "tcp://0.0.0.0:30000"
    facts = (await STEP.inspect(world, {}, silent)).facts
    assert "p2p.laddr" not in {row.path for row in rows(facts, {})}
    assert not about_port(plan) and not about_port(await STEP.verify(world, {}))


async def test_a_sentry_says_nothing_of_the_port_of_the_node_itself(tmp_path: Path) -> None:
    world = alice(tmp_path, "tcp://0.0.0.0:26656", address=f"{'ab' * 20}@sentry.example.org:26666")
    assert values(await plan_of(world))["p2p.laddr"] == "tcp://0.0.0.0:26656"


async def test_behind_a_router_another_port_is_said_kept_and_told(tmp_path: Path) -> None:
    world = alice(tmp_path, "tcp://0.0.0.0:26656")
    plan = await plan_of(world, listen="26656")
    (told,) = about_port(plan)
    assert values(plan)["p2p.laddr"] == "tcp://0.0.0.0:26656" and plan.is_safe
    assert (told.severity, told.subject) == (Severity.INFO, "listen")
    assert CARD in told.message and "listens on port 26656" in told.message and "forward port 26666" in told.message
    assert world.state is not None
    keep_answers(world.state, "config", {"listen": "26656"})
    await apply(plan, world)
    found = await STEP.verify(world, {})
    assert about_port(found) == [told]
    assert [one.code for one in found if one.severity >= Severity.WARNING] == []


@pytest.mark.parametrize("said", ["0", "65536", "-1", "http", "0.0.0.0:26656", "٢٦"])
async def test_what_is_no_port_is_told_at_the_field(tmp_path: Path, said: str) -> None:
    plan = await plan_of(alice(tmp_path, "tcp://0.0.0.0:26656"), listen=said)
    assert [one.subject for one in plan.findings if one.code == "config-answer"] == ["listen"]
    assert not plan.is_safe


async def test_a_variable_that_moves_the_port_away_from_the_card_is_a_warning(tmp_path: Path) -> None:
    world = replace(alice(tmp_path, "tcp://0.0.0.0:26656"), environ={"TM_P2P_LADDR": "tcp://0.0.0.0:26656"})
    (told,) = about_port(await plan_of(world))
    assert (told.severity, told.subject) == (Severity.WARNING, "TM_P2P_LADDR")
    same = replace(world, environ={"TM_P2P_LADDR": "tcp://[::]:26666"})
    assert not about_port(await plan_of(same))


async def test_what_the_node_refuses_is_left_to_the_check(tmp_path: Path) -> None:
    plan = await plan_of(alice(tmp_path, "tcp://:26656"))
    assert values(plan)["p2p.laddr"] == "tcp://:26656"
    assert "config-address" in {one.code for one in plan.findings} and not plan.is_safe


async def test_a_card_with_the_port_of_the_rpc_is_an_error(tmp_path: Path) -> None:
    plan = await plan_of(alice(tmp_path, "tcp://0.0.0.0:26656", address="alice.example.org:26657"))
    assert "config-same-port" in {one.code for one in plan.findings} and not plan.is_safe


@pytest.mark.parametrize(("name", "prefix"), [("tendermint-0.34", "TM"), ("cometbft-0.38", "CMT")])
async def test_without_a_home_it_is_a_flag_and_a_variable(tmp_path: Path, name: str, prefix: str) -> None:
    state = State.open(tmp_path / "state", NETWORK)
    state.add((a_network(name=name),))
    world = replace(this_world().at(state), environ={})
    facts = (await STEP.inspect(world, {}, silent)).facts
    assert not any("p2p.laddr" in flag for flag in as_flags(rows(facts, {}), facts.profile))
    said = rows(facts, {"listen": "26666"})
    assert "--p2p.laddr=tcp://0.0.0.0:26666" in as_flags(said, facts.profile)
    assert as_environment(said, facts.profile)[f"{prefix}_P2P_LADDR"] == "tcp://0.0.0.0:26666"


@pytest.mark.parametrize(
    ("p2p", "rpc", "clash"),
    [
        ("tcp://127.0.0.1:28111", "tcp://127.0.0.1:28111", True),
        ("tcp://0.0.0.0:28111", "tcp://127.0.0.1:28111", True),
        ("tcp://[::]:28111", "tcp://127.0.0.1:28111", True),
        ("tcp://0.0.0.0:28111", "tcp://[::1]:28111", True),
        ("tcp://127.0.0.1:28111", "tcp://:28111", True),
        ("tcp://localhost:28111", "tcp://127.0.0.1:28111", True),
        ("tcp://[::ffff:127.0.0.1]:28111", "tcp://127.0.0.1:+28111", True),
        ("node.lan:28111", "tcp://Node.lan:28111", True),
        ("node.lan:28111", "tcp://0.0.0.0:28111", True),
        ("tcp://127.0.0.1:28111", "tcp://127.0.0.1:28112,tcp://127.0.0.1:28111", True),
        ("tcp://127.0.0.1:28111", "tcp://127.0.0.2:28111", False),
        ("tcp://[::1]:28111", "tcp4://0.0.0.0:28111", False),
        ("tcp://127.0.0.1:28111", "tcp6://[::]:28111", False),
        ("tcp://0.0.0.0:28111", "unix:///tmp/28111", False),
        ("tcp://127.0.0.1:0", "tcp://127.0.0.1:0", False),
        ("tcp://0.0.0.0:28111", "", False),
    ],
)
def test_peers_and_rpc_on_one_port_are_an_error_where_the_node_ends(p2p: str, rpc: str, clash: bool) -> None:
    data = edit_toml(real("tendermint-0.34"), {("p2p", "laddr"): p2p, ("rpc", "laddr"): rpc})
    assert ("config-same-port" in errors(data)) is clash


def test_a_port_is_read_and_replaced_as_the_node_reads_an_address() -> None:
    assert port_of("tcp://0.0.0.0:26656://x") == 26656
    assert with_port("tcp://0.0.0.0:26656://x", 1) == "tcp://0.0.0.0:1"
    assert port_of("tcp://:26656") is port_of("") is None
