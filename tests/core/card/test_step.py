"""The step card: filled from the home, signed once, signed anew when something changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.apply.engine import apply
from core.card.model import NodeCard
from core.card.step import CardStep
from core.changes import Sign
from core.finding import Refusal
from core.plan import Plan
from core.state import State
from core.step import silent
from core.world import World
from tests.core.keys.key_homes import b64, make_home, public_of, put, seed_of, this_world

STEP = CardStep()
CONFIG = 'moniker = "alice"\n[p2p]\nexternal_address = "tcp://Alice.example.org:26700"\nladdr = "tcp://0.0.0.0:26656"\n'


def codes(plan: Plan) -> list[str]:
    return [finding.code for finding in plan.findings]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_home(tmp_path / "home")
    put(home / "config" / "config.toml", CONFIG.encode(), 0o644)
    return home


@pytest.fixture
def world(tmp_path: Path, home: Path) -> World:
    state = State.open(tmp_path / "state", "example-net")
    state.change(lambda local: replace(local, role="member", home=str(home), profile="tendermint-0.34"))
    return this_world().at(state)


async def plan_of(world: World, **answers: str) -> Plan:
    facts = (await STEP.inspect(world, {}, silent)).facts
    return STEP.plan(facts, {**STEP.suggest(facts), **answers})


async def test_everything_is_filled_from_the_home(world: World) -> None:
    facts = (await STEP.inspect(world, {}, silent)).facts
    suggested = STEP.suggest(facts)
    assert (suggested["moniker"], suggested["host"], suggested["port"]) == ("alice", "alice.example.org", "26700")
    assert set(suggested) == {field.name for field in STEP.fields}
    (sign,) = STEP.plan(facts, suggested).changes
    assert isinstance(sign, Sign) and sign.kind == "card"
    assert b'"p2p":["alice.example.org:26700"]' in sign.body and b"serial" not in sign.body


async def test_a_card_is_signed_once_and_again_only_when_it_says_something_else(world: World) -> None:
    assert [finding.code for finding in await STEP.verify(world, {})] == ["card-not-signed"]
    await apply(await plan_of(world), world)
    assert world.state is not None
    (document,) = world.state.documents()
    card, findings = NodeCard.parse(document.payload)
    assert card is not None and findings == () and card.node_public == public_of(seed_of("node"))
    assert (await plan_of(world)).changes == ()
    assert await STEP.verify(world, {}) == ()
    changed = await plan_of(world, contact="alice@example.org")
    await apply(changed, world)
    assert len(world.state.documents()) == 2
    # What was said then is suggested now.
    assert STEP.suggest((await STEP.inspect(world, {}, silent)).facts)["contact"] == "alice@example.org"


async def test_two_previews_of_the_same_answers_have_one_digest(world: World) -> None:
    assert (await plan_of(world)).digest == (await plan_of(world)).digest


async def test_a_key_that_changed_since_is_told_and_signed_anew(world: World, home: Path) -> None:
    await apply(await plan_of(world), world)
    from tests.core.keys.key_homes import validator_file

    put(home / "config" / "priv_validator_key.json", validator_file(seed_of("another")))
    inspection = await STEP.inspect(world, {}, silent)
    assert [finding.code for finding in inspection.findings] == ["card-key-changed"]
    assert len((await plan_of(world)).changes) == 1


async def test_a_remote_signer_needs_the_key_to_be_told(world: World, home: Path) -> None:
    put(home / "config" / "config.toml", b'priv_validator_laddr = "tcp://127.0.0.1:1"\n' + CONFIG.encode(), 0o644)
    missing = await plan_of(world)
    assert codes(missing) == ["card-no-validator-key"] and missing.changes == ()
    told = '{"type":"tendermint/PubKeyEd25519","value":"' + b64(public_of(seed_of("hsm"))) + '"}'
    (sign,) = (await plan_of(world, validator_key=told)).changes
    assert isinstance(sign, Sign) and b64(public_of(seed_of("hsm"))).encode() in sign.body


async def test_a_home_without_keys_has_no_card(world: World, home: Path) -> None:
    (home / "config" / "node_key.json").unlink()
    (home / "config" / "priv_validator_key.json").unlink()
    assert codes(await plan_of(world)) == ["card-no-node-key", "card-no-validator-key"]


@pytest.mark.parametrize(
    ("answers", "code", "subject"),
    [
        ({"host": ""}, "address-empty", "host"),
        ({"host": "bad_host"}, "address-host", "host"),
        ({"port": "0"}, "address-port", "port"),
        ({"port": "x"}, "address-port", "port"),
        ({"more": "abc@x.example:1"}, "address-node-id", "more"),
        ({"moniker": "\x1b[2J"}, "card-moniker", "moniker"),
        ({"moniker": ""}, "card-moniker", "moniker"),
        ({"api": "a b"}, "address-host", "api"),
        ({"contact": "x" * 200}, "card-contact", "contact"),
        ({"software": "\u202e"}, "card-software", "software"),
    ],
)
async def test_a_wrong_answer_is_told_at_its_field(
    world: World, answers: dict[str, str], code: str, subject: str
) -> None:
    plan = await plan_of(world, **answers)
    assert [(one.code, one.subject) for one in plan.findings] == [(code, subject)] and plan.changes == ()
    assert not any(one.fix.startswith("Ask") for one in plan.findings), "who answers has nobody to ask"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"host": "192.0.2.1", "port": "5"}, '"p2p":["192.0.2.1:5"]'),
        ({"host": "2001:db8::1", "port": "5"}, '"p2p":["[2001:db8::1]:5"]'),
        ({"host": "a.example:7", "port": "5"}, '"p2p":["a.example:7"]'),
        ({"host": "", "more": f"{'ab' * 20}@s.example"}, f'"p2p":["{"ab" * 20}@s.example:26656"]'),
        (
            {"host": "a.example", "port": "", "more": "b.example:1, [::1]:2"},
            '["a.example:26656","b.example:1","[::1]:2"]',
        ),
        ({"api": "https://api.example/"}, '"api":"api.example"'),
        ({"api": "api.example:9984"}, '"api":"api.example:9984"'),
    ],
)
async def test_answers_become_canonical(world: World, answers: dict[str, str], expected: str) -> None:
    (sign,) = (await plan_of(world, **answers)).changes
    assert isinstance(sign, Sign) and expected in sign.body.decode()


async def test_what_a_card_says_is_suggested_so_that_it_stays_as_it_is(world: World) -> None:
    for answers in ({"host": "2001:db8::1", "port": "5"}, {"host": "", "more": f"{'ab' * 20}@s.example:1"}):
        await apply(await plan_of(world, **answers), world)
        facts = (await STEP.inspect(world, {}, silent)).facts
        assert STEP.plan(facts, STEP.suggest(facts)).changes == ()


async def test_a_coordinator_without_a_node_has_no_card(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state", "example-net")
    state.change(lambda local: replace(local, role="coordinator"))
    plan = await plan_of(this_world().at(state))
    assert codes(plan) == ["card-no-node"] and plan.changes == () and plan.is_safe


@pytest.mark.parametrize("kept", [{"role": "member"}, {}])
async def test_without_a_home_it_refuses(tmp_path: Path, kept: dict[str, Any]) -> None:
    state = State.open(tmp_path / "state", "example-net")
    state.change(lambda local: replace(local, **kept))
    with pytest.raises(Refusal) as refused:
        await STEP.inspect(this_world().at(state), {}, silent)
    assert refused.value.findings[0].code == "card-no-home"


async def test_what_is_to_be_said_of_an_address_stands_at_the_field_it_was_typed_in(world: World) -> None:
    typed = {"moniker": "alice", "host": "10.20.0.5", "port": "26657", "more": "192.168.1.1:26656"}
    plan = await plan_of(world, **typed)
    told = {(finding.code, finding.subject) for finding in plan.findings}
    assert {("address-private", "host"), ("address-other-port", "port"), ("address-private", "more")} <= told
