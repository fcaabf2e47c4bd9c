"""P3: ``quorate keys new`` killed at any moment: the next command leads to a home with all its keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from core.adapters import real_world
from core.apply.engine import apply, receipts, undo, unfinished
from core.finding import Refusal
from core.keys.step import look
from core.run import carry_out, preview
from core.state import State
from core.steps import step
from core.world import Completed, Processes, World
from tests.core.cli.killed import run
from tests.core.cli.program import Operator, operator

FILES = {"config/priv_validator_key.json", "config/node_key.json", "data/priv_validator_state.json"}
MOST = 400


def world_of(one: Operator) -> World:
    return real_world(one.environment()).at(State.of_homes(one.state))


def files_of(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


async def assert_good(one: Operator, why: object) -> None:
    world = world_of(one)
    assert files_of(one.home) == FILES, why
    facts = await look(world, one.home)
    assert facts.keys.node_key and facts.keys.validator_key and not facts.keys.signed.troubles, why
    assert unfinished(world) == () and not list(one.state.rglob("*.tmp")), why


async def test_p3_keys_new_killed_at_any_moment_is_finished_undone_or_run_again(tmp_path: Path) -> None:
    killed = left_open = 0
    for moment in range(1, MOST):
        one = operator(tmp_path / str(moment))
        home = ("--home", str(one.home))
        shown = await preview(step("keys"), world_of(one), {"home": str(one.home)})
        ended = run(one, "keys", "new", *home, "--digest", shown.plan.digest, die_at=moment)
        assert ended in (0, -9), said(one)
        if ended == 0:
            break
        if not list(one.state.glob("*/journal/*")):
            assert not one.home.exists()
            continue
        killed += 1
        if pending := unfinished(world_of(one)):
            left_open += 1
            assert run(one, "keys", "new", *home) == 1 and "quorate undo --finish" in said(one)
            how = ("--finish",) if moment % 2 else ()
            assert run(one, "undo", *how, "--plan", "--json") == 0
            digest = json.loads(said(one))["digest"]
            assert run(one, "undo", pending[0].id, *how, "--digest", digest) == 0, said(one)
            kept = files_of(one.home)
            assert ("config/priv_validator_key.json" in kept) == ("data/priv_validator_state.json" in kept)
        whole = files_of(one.home) == FILES
        digest = (await preview(step("keys"), world_of(one), {"home": str(one.home)})).plan.digest
        assert run(one, "keys", "new", *home, "--digest", digest) == (1 if whole else 0), said(one)
        await assert_good(one, moment)
    else:
        pytest.fail(f"it was killed at all of {MOST} moments")
    assert killed > 20 and left_open > 5, (killed, left_open)


def said(one: Operator) -> str:
    """What the last command has printed."""
    return (one.folder / "said").read_text()


class Unanswered:
    """The real processes; the one that makes a key of this kind is killed after that, before it answers."""

    def __init__(self, inner: Processes, shape: str) -> None:
        self._inner, self._shape = inner, shape

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        seconds: float = 20,
    ) -> Completed:
        done = await self._inner.run(argv, stdin=stdin, environ=environ, seconds=seconds)
        asked = json.loads(stdin)
        return Completed(-9, b"", b"") if asked.get("shape") == self._shape else done

    def find(self, name: str) -> Path | None:
        return self._inner.find(name)

    def start(self, argv: Sequence[str], *, environ: Mapping[str, str] | None = None) -> NoReturn:
        raise AssertionError("no test starts one that stays")


@pytest.mark.parametrize("shape", ["validator", "node"])
async def test_p3_a_key_process_that_was_killed_before_it_answered_has_made_its_key(tmp_path: Path, shape: str) -> None:
    one = operator(tmp_path)
    world = world_of(one)
    dying = replace(world, processes=Unanswered(world.processes, shape))
    shown = await preview(step("keys"), world, {"home": str(one.home)})
    outcome = await carry_out(shown, dying)
    assert outcome.receipt.id and not outcome.receipt.undone
    await assert_good(one, shape)


async def test_a_run_that_fails_after_it_made_the_validator_key_leaves_its_sign_state(tmp_path: Path) -> None:
    one = operator(tmp_path)
    world = world_of(one)
    shown = await preview(step("keys"), world, {"home": str(one.home)})
    quick = one.home / "config" / "node_key.json"

    class Quicker(Unanswered):
        async def run(self, argv: Sequence[str], *, stdin: bytes = b"", **more: object) -> Completed:
            if json.loads(stdin).get("shape") == "node":
                quick.write_text("someone else was quicker")
            return await self._inner.run(argv, stdin=stdin, **more)  # type: ignore[arg-type]

    with pytest.raises(Refusal) as caught:
        await apply(shown.plan, replace(world, processes=Quicker(world.processes, "")))
    assert {"key-exists", "undo-key-stays"} <= {finding.code for finding in caught.value.findings}
    quick.unlink()
    assert files_of(one.home) == FILES - {"config/node_key.json"} and receipts(world) == ()
    again = await preview(step("keys"), world, {"home": str(one.home)})
    receipt = await apply(again.plan, world)
    await assert_good(one, again.plan)
    await undo(receipt, world)
    assert files_of(one.home) == FILES
