"""A home belongs to one network: every plan of another one is refused, with that network's name and a way out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.apply.engine import apply, receipts, undo
from core.around import standing
from core.documents.words import eight_words
from core.finding import Refusal, Severity
from core.home.claim import Mark, mark_path, parse, render
from core.plan import Plan
from core.state import State
from tests.builders import NETWORK, a_card, a_record, the_record
from tests.core.keys.key_homes import put
from tests.core.network.operators import Operator, operator

CARDS = [a_card(name) for name in ("alice", "bob", "carol")]
RECORD = a_record(CARDS)
STEPS = ("keys", "card", "genesis", "config")


@pytest.fixture
def bob(tmp_path: Path) -> Operator:
    """A member to whom the record has come."""
    return operator(tmp_path, "bob", "member").has(*CARDS, RECORD)


async def accepts(bob: Operator) -> Operator:
    await bob.does("genesis", word=eight_words(bytes.fromhex(the_record(RECORD).id), "record")[7])
    return bob


def elsewhere(bob: Operator, home: Path | None = None, network: str = "second", root: str = "state") -> Operator:
    """The same operator with another network (or another state), in the same home."""
    state = State.open(bob.folder / root, network)
    state.change(lambda local: replace(local, role="member", home=str(home or bob.home), profile="tendermint-0.34"))
    return replace(bob, state=state)


async def told(one: Operator, step: str) -> dict[str, str]:
    """The fix by code, of the findings about whose home it is."""
    shown = await one.shown(step)
    findings = (*shown.inspection.findings, *shown.plan.findings)
    about = {finding.code: finding.fix for finding in findings if finding.code in CODES}
    assert shown.plan.is_safe or any(finding.severity is Severity.ERROR for finding in shown.plan.findings)
    if not shown.plan.is_safe and shown.plan.changes:
        with pytest.raises(Refusal):
            await apply(shown.plan, one.world)
    return about


def run(command: str) -> None:
    """As it is pasted into a shell."""
    subprocess.run(command, shell=True, check=True)


CODES = {"home-in-use", "home-shared", "home-mark-damaged"}


async def test_a_second_network_plans_nothing_over_what_the_first_accepted(bob: Operator) -> None:
    before = (await accepts(bob)).home / "config" / "genesis.json"
    content, second = before.read_bytes(), elsewhere(bob)
    for step in ("home", *STEPS):
        shown = await second.shown(step)
        (finding,) = {one for one in shown.plan.findings if one.code in CODES}
        assert (finding.code, finding.severity) == ("home-in-use", Severity.ERROR) and not shown.plan.is_safe
        assert NETWORK in finding.message and str(bob.state.root) in finding.message
        assert (await told(second, step)).keys() == {"home-in-use"}
        assert (await told(bob, step)).keys() == ({"home-shared"} if step == "home" else set())
    assert before.read_bytes() == content


@pytest.mark.parametrize("way", ["link", "link above", "dots"])
async def test_a_home_is_the_same_by_any_path(bob: Operator, way: str) -> None:
    await accepts(bob)
    link = bob.folder / "linked"
    link.symlink_to(bob.home if way == "link" else bob.folder)
    home = {"link": link, "link above": link / "node", "dots": bob.folder / "." / ".." / bob.folder.name / "node"}[way]
    for step in ("home", *STEPS):
        assert "home-in-use" in await told(elsewhere(bob, home), step), step


async def test_a_network_that_was_only_begun_is_a_warning_and_keeps_nobody(bob: Operator) -> None:
    """``quorate home`` twice, by mistake with two names."""
    mistaken = elsewhere(bob)
    assert (await told(bob, "home")).keys() == {"home-shared"}
    assert not any([await told(bob, step) for step in STEPS])
    fix = (await told(bob, "home"))["home-shared"]
    run(fix.split("`")[1])
    assert await told(bob, "home") == {} and not mistaken.state.folder.exists()
    await accepts(bob)


async def test_keys_that_were_made_under_a_wrong_name_are_no_claim(tmp_path: Path) -> None:
    bob = replace(operator(tmp_path, "bob", "member", node=False), fresh=True).says(home=str(tmp_path / "bob" / "node"))
    await bob.does("keys")
    second = elsewhere(bob)
    assert (await told(second, "home")).keys() == {"home-shared"}
    assert not any([await told(second, step) for step in STEPS])


async def test_an_edit_of_config_toml_is_a_claim_and_undo_ends_it(bob: Operator) -> None:
    receipt, second = await bob.does("config"), elsewhere(bob)
    assert "home-in-use" in await told(second, "config")
    await undo(receipt, bob.world)
    assert await told(second, "config") == {}


async def test_undo_takes_the_mark_away_and_the_acceptance_stays_a_claim(bob: Operator) -> None:
    await accepts(bob)
    await undo(receipts(bob.world)[0], bob.world)
    assert not mark_path(bob.home).exists()
    assert "home-in-use" in await told(elsewhere(bob), "genesis")
    bob.says(home=str(bob.folder / "other"))
    assert await told(elsewhere(bob), "genesis") == {}


@pytest.mark.parametrize("network", [NETWORK, "second"])
async def test_another_state_that_left_its_mark_is_named_and_can_be_overruled(bob: Operator, network: str) -> None:
    other = elsewhere(await accepts(bob), network=network, root="other-state")
    for step in ("home", *STEPS):
        fixes = await told(other, step)
        assert fixes.keys() == {"home-in-use"}, step
    aside = re.search(r"run: `(mv .*)`\.$", fixes["home-in-use"])
    assert aside is not None
    run(aside.group(1))
    for step in ("home", *STEPS):
        assert await told(other, step) == {}, step


async def test_a_copy_of_home_and_state_is_a_home_of_its_own(bob: Operator) -> None:
    await accepts(bob)
    shutil.copytree(bob.folder, bob.folder.parent / "copy")
    copy = replace(bob, folder=bob.folder.parent / "copy", state=State.open(bob.folder.parent / "copy/state", NETWORK))
    for step in ("home", *STEPS):
        assert (await told(copy, step)).keys() == {"home-in-use"}, "until it is said, it names the home of the other"
    copy.says(home=str(copy.home))
    for step in ("home", *STEPS):
        assert await told(copy, step) == {} == await told(bob, step), step
    await copy.does("genesis")
    assert parse(mark_path(copy.home).read_bytes()) == Mark(NETWORK, str(copy.state.root))
    assert parse(mark_path(bob.home).read_bytes()) == Mark(NETWORK, str(bob.state.root))


async def test_a_state_that_was_moved_goes_on_once_the_mark_is_set_aside(bob: Operator) -> None:
    await accepts(bob)
    root = bob.folder / "moved"
    bob.state.root.rename(root)
    moved = replace(bob, state=State.open(root, NETWORK))
    fix = (await told(moved, "genesis"))["home-in-use"]
    run(fix.split("`")[3])
    plan = await moved.plan("genesis")
    assert [type(change).__name__ for change in plan.changes] == ["WriteFile"] and plan.is_safe
    await moved.does("genesis")
    assert parse(mark_path(bob.home).read_bytes()) == Mark(NETWORK, str(root))
    assert await told(moved, "genesis") == {} and (await moved.plan("genesis")).changes == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\x1b[31m",
        b"[" * 9000,
        b'{"v": 2, "network": "a", "state": "/x"}',
        b'{"v": 1, "network": "a\\u001b[2J", "state": "/x"}',
        b'{"v": 1, "network": "a", "state": "x"}',
        b'{"v": 1, "network": ["a"], "state": "/x"}',
        b'{"v": 1, "network": "a"}',
        b'{"v": 1, "network": "a", "state": "/\\ud800"}',
    ],
)
async def test_a_damaged_mark_is_told_and_nothing_is_planned_over_it(bob: Operator, content: bytes) -> None:
    mark_path(bob.home).write_bytes(content)
    for step in ("home", *STEPS):
        assert (await told(bob, step)).keys() == {"home-mark-damaged"}
    assert mark_path(bob.home).read_bytes() == content


async def test_a_mark_that_is_a_link_or_a_folder_is_not_followed(bob: Operator) -> None:
    mark_path(bob.home).symlink_to("/dev/zero")
    plan = await bob.plan("genesis")
    assert not plan.is_safe and not _marks(plan)
    mark_path(bob.home).unlink()
    mark_path(bob.home).mkdir()
    plan = await bob.plan("genesis")
    assert not plan.is_safe and not _marks(plan)


def _marks(plan: Plan) -> bool:
    return any("quorate.json" in str(getattr(change, "path", "")) for change in plan.changes)


async def test_foreign_text_in_a_mark_is_shown_safely(bob: Operator) -> None:
    mark_path(bob.home).write_bytes(json.dumps({"v": 1, "network": "x", "state": "/\x1b]0;x\x07\u202e"}).encode())
    shown = await bob.shown("genesis")
    assert all(text.isprintable() for one in shown.plan.findings for text in (one.message, one.fix, one.subject))


@given(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True), st.text(min_size=1, max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_mark_survives_its_file(network: str, state: str) -> None:
    mark = Mark(network, os.path.join("/", state.replace("\0", "")))
    assert parse(render(mark)) == mark


@given(st.binary(max_size=80))
def test_a_mark_of_any_content_is_no_traceback(content: bytes) -> None:
    parse(content)


async def test_the_file_for_another_machine_carries_no_mark(bob: Operator, tmp_path: Path) -> None:
    from tests.core.cli.program import operator as program

    await accepts(bob)
    one = program(tmp_path / "cli")
    shutil.copytree(bob.state.root, one.state)
    ran = one.json("--network", NETWORK, "plan", "genesis", "--out", str(tmp_path / "out"))
    assert ran.code == 1 and ran.codes >= {"home-in-use"}
    ran = one.json("--state", str(bob.state.root), "plan", "genesis", "--out", str(tmp_path / "out"))
    assert ran.code == 0 and [path.name for path in (tmp_path / "out").iterdir()] == ["genesis.json"], ran.text


async def test_a_mark_of_any_size_keeps_a_different_network_out(tmp_path: Path) -> None:
    one = operator(tmp_path, "bob", "member")
    for content in (b"[" * 100_000, b'{"network":"other","state":"/elsewhere","v":1' + b" " * (3 << 20) + b"}"):
        put(one.home / "config" / "quorate.json", content, 0o644)
        for step_id in ("config", "genesis", "card"):
            assert not (await one.plan(step_id)).is_safe
        assert (await standing(one.world)).next
