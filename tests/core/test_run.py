"""How a step is run: what was said before counts as long as it holds, and nothing but the shown plan is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from core.finding import Refusal
from core.run import Remembering, carry_out, keep_answers, kept_answers, preview
from core.state import State
from core.steps import IDS, step
from core.world import Completed
from tests.builders import a_card, a_record, an_amendment
from tests.core.network.operators import Operator, codes, operator


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    return operator(tmp_path).has(a_card("alice"), a_card("bob")).approves()


async def test_given_counts_before_kept_and_kept_before_suggested(alice: Operator) -> None:
    assert (await alice.shown("network")).answers["owners"] == "me"
    keep_answers(alice.state, "network", {"owners": "bob", "note": "kept"})
    shown = await alice.shown("network", note="given")
    assert (shown.answers["owners"], shown.answers["note"]) == ("bob", "given")
    assert set(shown.answers) <= {field.name for field in shown.step.fields}


async def test_a_preview_writes_nothing(alice: Operator) -> None:
    before = {path: path.read_bytes() for path in alice.folder.rglob("*") if path.is_file()}
    for step_id in IDS:
        await alice.shown(step_id)
    assert {path: path.read_bytes() for path in alice.folder.rglob("*") if path.is_file()} == before


async def test_two_previews_of_every_step_have_one_digest(alice: Operator) -> None:
    for step_id in IDS:
        assert (await alice.plan(step_id)).digest == (await alice.plan(step_id)).digest


async def test_another_plan_than_the_approved_one_is_not_carried_out(alice: Operator) -> None:
    shown = await alice.shown("network")
    with pytest.raises(Refusal) as refused:
        await carry_out(shown, alice.world, "0" * 32)
    assert codes(refused.value.findings) == {"plan-digest": "network"} and len(alice.state.documents()) == 2


async def test_a_plan_with_errors_is_not_carried_out(alice: Operator) -> None:
    shown = await alice.shown("network", parameters="block.max_bytes=abc")
    with pytest.raises(Refusal):
        await carry_out(shown, alice.world)
    assert len(alice.state.documents()) == 2


async def test_a_preview_without_a_state_is_answered_by_what_is_given(alice: Operator) -> None:
    world = replace(alice.world, state=None)
    shown = await preview(step("keys"), world, {"home": str(alice.home), "profile": "tendermint-0.34"})
    assert shown.inspection.facts.keys.node_id == alice.key.node_id


# What is kept


def test_what_was_said_is_kept_beside_what_was_said_before(alice: Operator) -> None:
    keep_answers(alice.state, "card", {"moniker": "a", "host": "b"})
    keep_answers(alice.state, "card", {"host": "c"})
    assert kept_answers(alice.state, step("card")) == {"moniker": "a", "host": "c"}


def test_role_home_and_profile_stand_apart(tmp_path: Path) -> None:
    state = State.open(tmp_path, "example-net")
    keep_answers(state, "home", {"role": "member", "home": "/srv/node"})
    keep_answers(state, "home", {"profile": "cometbft-0.37"})
    assert (state.local.role, state.local.home, state.local.profile) == ("member", "/srv/node", "cometbft-0.37")


def test_a_consent_is_never_kept(alice: Operator) -> None:
    keep_answers(alice.state, "genesis", {"word": "zoo", "aside": "yes", "file": "/x"})
    keep_answers(alice.state, "keys", {"sign_state": "fresh"})
    assert kept_answers(alice.state, step("genesis")) == {"file": "/x"}
    assert kept_answers(alice.state, step("keys")) == {}
    alice.says(answers={"genesis": {"aside": "yes"}})
    assert kept_answers(alice.state, step("genesis")) == {}


def test_what_was_typed_for_a_record_holds_until_it_or_another_is_here(alice: Operator) -> None:
    network, first = step("network"), a_record(2)
    keep_answers(alice.state, "network", {"note": "one"})
    assert kept_answers(alice.state, network) == {"note": "one"}
    alice.has(first)
    assert kept_answers(alice.state, network) == {}
    keep_answers(alice.state, "network", {"power": "bob=3", "record": first.id})
    assert kept_answers(alice.state, network) == {"power": "bob=3", "record": first.id}
    alice.has(an_amendment(first, note="x"))
    assert kept_answers(alice.state, network) == {"record": first.id}


# Asking once


class Counting:
    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], bytes]] = []

    async def run(self, argv: object, *, stdin: bytes = b"", environ: object = None, seconds: float = 20) -> Completed:
        self.asked.append((tuple(argv), stdin))  # type: ignore[arg-type]
        if stdin == b"refuse":
            raise Refusal
        return Completed(0, stdin, b"")

    def find(self, name: str) -> Path | None:
        return Path("/bin") / name

    def start(self, argv: Sequence[str], *, environ: Mapping[str, str] | None = None) -> NoReturn:
        raise AssertionError("no test starts one that stays")


async def test_the_same_question_is_asked_once() -> None:
    counting = Counting()
    once = Remembering(counting)
    for question in (b"a", b"b", b"a"):
        assert (await once.run(["x"], stdin=question)).stdout == question
    await once.run(["y"], stdin=b"a")
    assert counting.asked == [(("x",), b"a"), (("x",), b"b"), (("y",), b"a")] and once.find("sh") == Path("/bin/sh")


async def test_what_was_refused_is_asked_again() -> None:
    counting = Counting()
    once = Remembering(counting)
    for _ in range(2):
        with pytest.raises(Refusal):
            await once.run(["x"], stdin=b"refuse")
    assert len(counting.asked) == 2


async def test_a_home_is_typed_with_a_tilde_where_no_shell_expands_it(tmp_path: Path) -> None:
    who = operator(tmp_path, "alice")
    world = replace(who.world, environ={"HOME": str(who.folder)})
    shown = await preview(step("home"), world, {"home": "~/node", "role": "member", "network": "example"})
    assert shown.plan.is_safe and shown.answers["home"] == str(who.home)
    keep_answers(who.state, "home", {"home": "~/node"}, world.environ)
    assert who.state.local.home == str(who.home)


@pytest.mark.parametrize("typed", ["node", "./~/node", "~nobody-of-this-name/node"])
async def test_only_the_persons_own_folder_is_put_in(tmp_path: Path, typed: str) -> None:
    shown = await preview(step("home"), operator(tmp_path, "alice").world, {"home": typed})
    assert "home-not-absolute" in {one.code for one in shown.plan.findings}
