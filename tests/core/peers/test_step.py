"""The step peers: whom the coordinator waits for, and the one next word that is theirs to say."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from core.cli.parser import parse
from core.peers.decide import find_member
from tests.builders import SERIAL, a_card, a_key, a_record, an_unsigned
from tests.core.network.operators import Operator, codes, operator


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    return operator(tmp_path)


async def next_of(who: Operator) -> str:
    plan = await who.plan("peers")
    assert plan.changes == () and plan.is_safe
    if plan.next:
        parse(shlex.split(plan.next)[1:])
    return plan.next


async def test_from_nobody_to_all_approved(alice: Operator) -> None:
    assert await next_of(alice) == "quorate peers expect MONIKER MONIKER"
    alice.says(expected=("alice", "bob"))
    assert await next_of(alice.has(a_card("alice"))) == "quorate import FILE"
    told = (await alice.plan("peers")).findings[0].message
    assert "missing: bob" in told
    assert await next_of(alice.has(a_card("bob"))) == "quorate peers approve bob"
    assert await next_of(alice.approves("bob")) == ""


async def test_a_card_that_changed_wants_a_new_word(alice: Operator) -> None:
    alice.has(a_card("alice"), a_card("bob")).approves()
    assert await next_of(alice) == ""
    assert await next_of(alice.has(a_card("bob", serial=SERIAL + 1))) == "quorate peers approve bob"


@pytest.mark.parametrize("verdict", ["hold", "refuse"])
async def test_who_was_held_or_refused_is_not_asked_about_again(alice: Operator, verdict: str) -> None:
    alice.has(a_card("alice"), a_card("bob")).approves("alice").approves("bob", verdict=verdict)
    assert await next_of(alice) == ""


async def test_a_card_that_nobody_expects_is_never_in_the_command_that_approves(alice: Operator) -> None:
    alice.says(expected=("alice",)).has(a_card("alice"), a_card("mallory"))
    assert await next_of(alice) == "quorate peers refuse mallory --reason TEXT"
    assert await next_of(alice.approves("mallory", verdict="refuse")) == ""


@pytest.mark.parametrize("other", ["bob", "my node", "--all"])
async def test_whoever_was_refused_is_to_be_expected_no_longer(alice: Operator, other: str) -> None:
    alice.has(
        a_card("alice"), a_card(other, node="bob", p2p=("bob.example.org:26656",), api="", contact=""), a_card("dave")
    )
    alice.says(expected=("alice", "dave", other)).approves().approves("dave", verdict="refuse")
    words = [word for word in shlex.split(await next_of(alice)) if word != "--"]
    assert words == ["quorate", "peers", "expect", "alice", other]
    assert await next_of(alice.says(expected=tuple(words[3:]))) == ""


async def test_one_card_is_told_as_one(alice: Operator) -> None:
    alice.says(expected=("alice", "bob")).has(a_card("alice"))
    assert (await alice.plan("peers")).findings[0].message == "1 card came; missing: bob"
    alice.says(expected=("alice", "bob")).has(a_card("bob"))
    assert (await alice.plan("peers")).findings[0].message.startswith("1 card to decide about: bob;")


@pytest.mark.parametrize("moniker", ["my node", "--all", "-h", "a;b", "$(id)", "`x`", "quote'd", "a\\b", "@"])
async def test_whatever_a_member_is_called_the_command_names_them(alice: Operator, moniker: str) -> None:
    alice.has(a_card(moniker, node="bob", p2p=("bob.example.org:26656",), api="", contact=""))
    alice.says(expected=(moniker,))
    words = shlex.split(await next_of(alice))
    assert words[:3] == ["quorate", "peers", "approve"]
    assert find_member(alice.seen.exchange, words[3])[0] == a_key("bob").node_id


async def test_two_of_one_name_are_named_by_their_node_ids(alice: Operator) -> None:
    alice.says(expected=("bob",)).has(a_card("bob"), a_card("Bob", node="mallory"))
    words = (await next_of(alice)).split()[3:]
    found = {find_member(alice.seen.exchange, word)[0] for word in words}
    assert found == {a_key("bob").node_id, a_key("mallory").node_id}


async def test_two_of_one_name_are_told_before_either_is_approved_and_how_the_old_card_is_refused(
    alice: Operator,
) -> None:
    alice.says(expected=("bob",)).has(a_card("bob"), a_card("bob", node="mallory", serial=SERIAL + 1))
    plan = await alice.plan("peers")
    found = next(one for one in plan.findings if one.code == "peer-moniker-twice")
    assert f"quorate peers refuse {a_key('bob').node_id[:12]} --reason moved" in found.fix
    assert "have the same name" in plan.findings[0].message and "refuse" not in plan.next
    alice.approves("bob", verdict="refuse")
    assert "peer-moniker-twice" not in {one.code for one in (await alice.plan("peers")).findings}


async def test_a_member_without_quorate_counts(alice: Operator) -> None:
    entry = an_unsigned("dave")
    alice.says(expected=("dave",), unsigned={entry.node_id: entry.body.decode()})
    assert await next_of(alice) == "quorate peers approve dave"
    alice.approves()
    assert await next_of(alice) == ""
    # The signed card is another thing to decide about.
    assert await next_of(alice.has(a_card("dave"))) == "quorate peers approve dave"


async def test_two_cards_of_one_serial_are_none(alice: Operator) -> None:
    alice.says(expected=("bob",)).has(a_card("bob", contact="one"), a_card("bob", contact="two"))
    assert await next_of(alice) == "quorate import FILE"
    assert "peer-two-cards" in codes(await alice.shown("peers"))


async def test_a_member_has_nothing_to_say(tmp_path: Path) -> None:
    bob = operator(tmp_path, "bob", "member").has(a_card("alice"), a_record(3))
    assert await next_of(bob) == ""


async def test_records_that_exclude_each_other_are_a_matter_of_the_step_after(tmp_path: Path) -> None:
    bob = operator(tmp_path, "bob", "member").has(a_record(3), a_record(3, owners=("mallory",)))
    assert "record-two-founders" not in codes(await bob.shown("peers"))
    assert "record-two-founders" in codes(await bob.shown("network"))
