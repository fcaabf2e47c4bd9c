"""The step keys: makes what is missing, and nothing where something is."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.changes import CreateSecret, WriteFile
from core.finding import Refusal
from core.keys.client import create
from core.keys.step import KeysFacts, KeysStep, look, plan_new, validator_key
from core.plan import Plan
from core.step import silent
from tests.core.keys.key_homes import FRESH_STATE, b64, make_home, public_of, put, seed_of, this_world, validator_file

STEP = KeysStep()


def codes(plan: Plan) -> set[str]:
    return {finding.code for finding in plan.findings}


def at(home: Path, **answers: str) -> dict[str, str]:
    return {"home": str(home), **answers}


async def facts_of(home: Path, profile: str = "tendermint-0.34") -> KeysFacts:
    return (await STEP.inspect(this_world(), at(home, profile=profile), silent)).facts


async def carry_out(plan: Plan) -> None:
    """As the engine does, in the small."""
    for change in plan.changes:
        match change:
            case CreateSecret():
                await create(this_world(), change.path, change.kind)
            case WriteFile():
                put(change.path, change.after, change.mode or 0o644)
            case _:
                raise AssertionError(change)


@pytest.mark.parametrize(
    "name", ["tendermint-0.22", "tendermint-0.31", "tendermint-0.34", "cometbft-0.38", "cometbft-1.0"]
)
async def test_an_empty_folder_gets_both_keys_and_a_fresh_state(tmp_path: Path, name: str) -> None:
    home = tmp_path / "none" / "yet"
    plan = STEP.plan(await facts_of(home, name), {})
    assert plan.is_safe and codes(plan) == set()
    await carry_out(plan)
    facts = await facts_of(home, name)
    assert (await STEP.inspect(this_world(), at(home, profile=name), silent)).findings == ()
    assert facts.keys.validator_key and facts.keys.node_key and STEP.plan(facts, {}).changes == ()
    assert await STEP.verify(this_world(), at(home, profile=name)) == ()


async def test_the_fresh_state_is_what_init_writes(tmp_path: Path) -> None:
    (state,) = [change for change in STEP.plan(await facts_of(tmp_path), {}).changes if isinstance(change, WriteFile)]
    assert (state.after, state.mode, state.before) == (FRESH_STATE, 0o600, None)


async def test_sound_keys_are_left_alone(tmp_path: Path) -> None:
    plan = STEP.plan(await facts_of(make_home(tmp_path)), {})
    assert plan.changes == () and plan.findings == ()


async def test_only_the_missing_key_is_made(tmp_path: Path) -> None:
    home = make_home(tmp_path, node=b"")
    (change,) = STEP.plan(await facts_of(home), {}).changes
    assert change == CreateSecret(home / "config" / "node_key.json", change.purpose, "node")  # type: ignore[attr-defined]


async def test_a_damaged_key_is_not_replaced_and_stops_the_plan(tmp_path: Path) -> None:
    plan = STEP.plan(await facts_of(make_home(tmp_path, validator=b"{")), {})
    assert plan.changes == () and not plan.is_safe


async def test_a_key_of_another_generation_is_not_passed_over(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=b"", state=b"")
    put(home / "config" / "priv_validator.json", validator_file(seed_of("validator")))
    facts = await facts_of(home)
    plan = STEP.plan(facts, {})
    assert plan.changes == () and "key-generation-other" in codes(plan)
    new = plan_new(facts.home, facts.keys)
    assert new.changes == () and not new.is_safe


async def test_a_fresh_state_for_an_old_key_is_made_only_when_said(tmp_path: Path) -> None:
    home = make_home(tmp_path, state=b"")
    assert codes(STEP.plan(await facts_of(home), {})) == {"key-state-missing"}
    plan = STEP.plan(await facts_of(home), {"sign_state": "fresh"})
    assert plan.is_safe and [type(change) for change in plan.changes] == [WriteFile]
    assert "key-answer-unknown" in codes(STEP.plan(await facts_of(home), {"sign_state": "reset"}))


async def test_a_fresh_key_beside_another_keys_state_is_refused(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=b"", state=b'{"height":"9","round":0,"step":3}')
    assert "key-state-of-another-key" in codes(STEP.plan(await facts_of(home), {}))


async def test_with_a_remote_signer_the_public_key_is_asked_for(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=b"", state=b"")
    put(home / "config" / "config.toml", b'priv_validator_laddr = "tcp://127.0.0.1:26659"\n')
    facts, key = await facts_of(home), public_of(seed_of("signer"))
    assert codes(STEP.plan(facts, {})) == {"key-remote-signer", "key-validator-not-given"}
    given = {"validator_key": b64(key)}
    plan = STEP.plan(facts, given)
    assert plan.is_safe and plan.changes == () and validator_key(facts, given) == key
    assert "key-validator-not-read" in codes(STEP.plan(facts, {"validator_key": "x"}))
    assert "key-weak-point" in codes(STEP.plan(facts, {"validator_key": b64(bytes([1]) + bytes(31))}))


async def test_the_plan_is_the_same_for_the_same_home(tmp_path: Path) -> None:
    assert STEP.plan(await facts_of(tmp_path), {}).digest == STEP.plan(await facts_of(tmp_path), {}).digest


async def test_without_a_home_it_says_what_to_say() -> None:
    with pytest.raises(Refusal, match="No node home"):
        await STEP.inspect(this_world(), {}, silent)


async def test_look_recognises_the_profile_where_none_is_named(tmp_path: Path) -> None:
    home = make_home(tmp_path, validator=b"", state=b"")
    put(home / "config" / "priv_validator.json", validator_file(seed_of("validator")))
    assert (await look(this_world(), home)).home.profile.name == "tendermint-0.22"
