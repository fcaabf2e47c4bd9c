"""From the coordinator's answers to a payload: what follows, what stays as it is, and what is said of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.agreement.record import NetworkRecord, parse_record
from core.changes import Sign
from core.network.propose import as_answers, propose
from tests.builders import NETWORK, SERIAL, a_card, a_key, a_record, an_acceptance, an_unsigned, the_record
from tests.core.network.operators import Operator, codes, operator

MEMBERS = ("alice", "bob", "carol")


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    """A coordinator with three approved cards, her own among them."""
    return operator(tmp_path).has(*map(a_card, MEMBERS)).approves()


async def proposed(who: Operator, **answers: str) -> NetworkRecord:
    """The record that would be signed."""
    plan = await who.plan("network", **answers)
    assert plan.is_safe, plan.findings
    (change,) = plan.changes
    assert isinstance(change, Sign)
    record, _ = parse_record(change.body)
    assert record is not None
    return record


ALONE = {"owners": "me", "one_owner": "yes"}
"""One owner, as the person meant it: the next version needs nobody else."""


# The chain id


async def test_a_chain_id_is_made_from_name_and_content(alice: Operator) -> None:
    first = await proposed(alice)
    assert first.chain_id.startswith(f"{NETWORK}-") and len(first.chain_id) <= 20
    assert (await proposed(alice)).chain_id == first.chain_id
    others = [
        await proposed(alice, power="bob=11"),
        await proposed(alice, genesis_time="2027-01-01 00:00"),
        await proposed(alice, parameters="block.max_bytes=2097152"),
    ]
    assert len({one.chain_id for one in (first, *others)}) == 4
    assert (await proposed(alice, note="hello", threshold="1")).chain_id == first.chain_id


@pytest.mark.parametrize(
    ("network", "begins"), [("a", "a-"), ("a-b-c", "a-b-c-"), ("x" * 20, "x" * 11 + "-"), ("---", "net-"), ("0", "0-")]
)
async def test_it_never_has_more_than_20_characters(tmp_path: Path, network: str, begins: str) -> None:
    alice = operator(tmp_path, network=network).has(a_card("alice", network=network)).approves()
    chain_id = (await proposed(alice)).chain_id
    assert chain_id.startswith(begins) and len(chain_id) <= 20


async def test_one_that_was_typed_is_taken(alice: Operator) -> None:
    assert (await proposed(alice, chain_id="harbour-1")).chain_id == "harbour-1"
    assert codes(await alice.plan("network", chain_id="harbour-of-planetmint"))["genesis-chain-id-long"] == "chain_id"


async def test_a_genesis_that_comes_back_takes_no_old_chain_id(alice: Operator) -> None:
    first, second = await alice.signs("network", **ALONE), await alice.signs("network", power="bob=3")
    third = await alice.signs("network", power="")
    records = [the_record(one) for one in (first, second, third)]
    assert [one.version for one in records] == [1, 2, 3] and len({one.chain_id for one in records}) == 3
    assert alice.record.id == third.id and "record-genesis-changed" not in codes(alice.seen.findings)


async def test_one_that_was_used_before_is_refused_before_it_is_signed(alice: Operator) -> None:
    first = the_record(await alice.signs("network"))
    await alice.signs("network", power="bob=3")
    plan = await alice.plan("network", power="bob=4", chain_id=first.chain_id)
    assert not plan.is_safe and codes(plan)["record-chain-id-reused"] == "chain_id"


async def test_one_of_another_network_of_this_operator_is_refused(alice: Operator) -> None:
    cards = [a_card(name, network="other") for name in MEMBERS]
    operator(alice.folder.parent, network="other").has(a_record(cards, network="other", chain_id="taken-1"))
    assert "record-chain-id-reused" in codes(await alice.plan("network", chain_id="taken-1"))
    assert (await alice.plan("network", chain_id="free-1")).is_safe


async def test_damage_of_another_network_keeps_nobody_from_this_one(alice: Operator) -> None:
    other = operator(alice.folder.parent, network="other").has(a_record(3, network="other", chain_id="taken-1"))
    (other.state.folder / "documents.txt").write_text("-----BEGIN QUORATE CARD-----\nx\n-----END QUORATE CARD-----\n")
    assert (await alice.plan("network")).is_safe


# What follows a record


async def test_what_is_not_said_anew_stays(alice: Operator) -> None:
    first = the_record(await alice.signs("network", power="bob=3 carol=0", note="hello", parameters="block.max_gas=7"))
    assert (await alice.plan("network")).changes == ()
    second = await proposed(alice, note="bye")
    assert (second.version, second.previous, second.note) == (2, first.id, "bye")
    assert second.section.canonical == first.section.canonical
    assert [(one.moniker, one.power) for one in second.members] == [(one.moniker, one.power) for one in first.members]


async def test_only_the_roster_changes_and_the_genesis_stays_byte_for_byte(alice: Operator) -> None:
    first = the_record(await alice.signs("network"))
    moved = a_card("bob", serial=SERIAL + 9, p2p=("moved.example.org:26656",))
    alice.has(moved, a_card("dave")).approves()
    second = await proposed(alice, power="dave=0")
    assert second.section.canonical == first.section.canonical and second.genesis_bytes() == first.genesis_bytes()
    bob = second.member(a_key("bob").node_id)
    assert bob is not None and bob.p2p == ("moved.example.org:26656",)
    assert second.member(a_key("dave").node_id) is not None


@pytest.mark.parametrize(
    "answers",
    [{"power": "bob=4"}, {"genesis_time": "2027-01-01 00:00"}, {"parameters": "block.max_gas=7"}],
    ids=lambda one: next(iter(one)),
)
async def test_another_genesis_has_another_chain_id_and_voids_what_was_signed(
    alice: Operator, answers: dict[str, str]
) -> None:
    first = await alice.signs("network", **ALONE)
    alice.has(*(an_acceptance(first, name) for name in MEMBERS))
    assert alice.seen.tally is not None and alice.seen.tally.quorate
    plan = await alice.plan("network", **answers)
    warned = next(one for one in plan.findings if one.code == "network-new-genesis")
    assert the_record(first).chain_id in warned.message and "3 signed of 3" in warned.message
    second = await alice.signs("network", **answers)
    assert the_record(second).chain_id != the_record(first).chain_id
    assert alice.seen.tally is not None and alice.seen.tally.accepted == ()


async def test_what_changes_is_told_by_meaning(alice: Operator) -> None:
    await alice.signs("network")
    told = [one.message for one in (await alice.plan("network", note="x")).findings if one.code == "network-change"]
    assert told == ["version 2 changes note: none -> x"]


async def test_other_software_makes_another_genesis(alice: Operator) -> None:
    first = the_record(await alice.signs("network"))
    second = await proposed(alice, profile="cometbft-0.37", parameters="")
    assert second.profile == "cometbft-0.37" and second.chain_id != first.chain_id


async def test_a_second_change_follows_the_first_where_owners_have_still_to_sign(alice: Operator) -> None:
    """Two successors of one version would exclude each other."""
    first = the_record(await alice.signs("network", owners="me; bob; carol"))
    assert not alice.seen.in_force
    second = the_record(await alice.signs("network", note="x"))
    third = the_record(await alice.signs("network", note="y"))
    assert (second.previous, third.previous) == (first.id, second.id)
    assert (await alice.plan("network")).changes == ()


async def test_a_version_of_another_owner_that_waits_is_told_before_one_beside_it_is_signed(tmp_path: Path) -> None:
    alice, bob = operator(tmp_path), operator(tmp_path, "bob")
    for one in (alice, bob):
        one.has(*map(a_card, MEMBERS)).approves()
    first = await alice.signs("network", owners="me; bob", threshold="2")
    for one in (alice, bob):
        one.has(first, an_acceptance(first, "alice"), an_acceptance(first, "bob"))
    theirs = await bob.signs("network", note="of bob")
    alice.has(theirs)
    plan = await alice.plan("network", note="of alice")
    assert theirs.id[:8] in codes(plan)["network-version-waits"]
    (sign,) = (await alice.plan("network")).changes
    assert isinstance(sign, Sign) and sign.body == theirs.payload


# Who is in it


async def test_a_card_that_changed_leaves_the_member_with_the_one_before(alice: Operator) -> None:
    """Else the member would fall out, and the network would begin anew without them."""
    first = the_record(await alice.signs("network"))
    alice.has(a_card("bob", serial=SERIAL + 9, contact="else"))
    plan = await alice.plan("network")
    assert plan.changes == () and codes(plan)["network-member-kept"] == "bob"
    second = await proposed(alice, note="x")
    assert second.members == first.members
    alice.approves("bob")
    third = await proposed(alice, note="x")
    assert {one.card_id for one in third.members} != {one.card_id for one in first.members}


async def test_two_cards_of_one_serial_leave_the_member_with_the_one_before(alice: Operator) -> None:
    first = the_record(await alice.signs("network"))
    alice.has(a_card("bob", serial=SERIAL + 9, contact="one"), a_card("bob", serial=SERIAL + 9, contact="two"))
    assert (await proposed(alice, note="x")).members == first.members


async def test_a_member_leaves_by_being_refused(alice: Operator) -> None:
    await alice.signs("network", power="bob=3")
    alice.approves("bob", verdict="refuse")
    plan = await alice.plan("network")
    assert plan.is_safe and "network-new-genesis" in codes(plan)
    assert [one.moniker for one in (await proposed(alice)).members if one.moniker == "bob"] == []


async def test_a_member_who_is_held_stays_in_the_record_and_is_told_as_held(alice: Operator) -> None:
    await alice.signs("network")
    alice.has(a_card("dave")).approves("bob", verdict="hold").approves("dave", verdict="hold")
    plan = await alice.plan("network")
    assert plan.changes == ()
    told = codes(plan)
    assert (told["network-member-kept"], told["network-member-undecided"]) == ("bob", "dave")
    assert all("held (because)" in one.message for one in plan.findings if one.code.startswith("network-member"))


async def test_a_member_without_quorate_is_kept_until_their_card_is_approved(alice: Operator) -> None:
    entry = an_unsigned("dave")
    alice.says(unsigned={entry.node_id: entry.body.decode()}).approves()
    first = the_record(await alice.signs("network"))
    assert [one.signed for one in first.members if one.moniker == "dave"] == [False]
    alice.has(a_card("dave"))
    assert (await alice.plan("network")).changes == ()
    alice.approves("dave")
    second = await proposed(alice)
    assert [one.signed for one in second.members if one.moniker == "dave"] == [True]
    assert second.section.canonical == first.section.canonical


async def test_who_is_expected_and_not_approved_is_told(alice: Operator) -> None:
    alice.says(expected=("Alice", "bob", "carol", "dave"))
    plan = await alice.plan("network")
    assert not plan.is_safe and codes(plan)["network-member-missing"] == "dave"
    alice.says(expected=("Alice", "bob", "carol"))
    assert (await alice.plan("network")).is_safe


async def test_nobody_approved_makes_no_record(tmp_path: Path) -> None:
    plan = await operator(tmp_path).has(a_card("bob")).plan("network")
    assert plan.changes == () and {"network-no-members", "network-member-undecided"} <= codes(plan).keys()


async def test_nobody_with_power_makes_no_network(alice: Operator) -> None:
    plan = await alice.plan("network", power="alice=0 bob=0 carol=0")
    assert not plan.is_safe and codes(plan)["genesis-no-validators"] == "power"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("parameters", "block.max_bytes=abc"),
        ("parameters", "block.max_bytes=1"),
        ("parameters", "validator.pub_key_types="),
        ("power", "alice=1152921504606846975 bob=1152921504606846975"),
        ("genesis_time", "0001-01-01 00:00:00"),
    ],
)
async def test_what_only_the_node_would_refuse_is_told_at_the_field_too(
    alice: Operator, field: str, value: str
) -> None:
    plan = await alice.plan("network", **{field: value})
    assert not plan.is_safe
    assert {one.subject for one in plan.findings if one.severity.word == "error"} == {field}


# Answers and back


TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "chain_id": st.sampled_from(["", "harbour-1"]),
        "genesis_time": st.sampled_from(["2026-11-26 12:00", "2030-01-01 00:00:59"]),
        "power": st.sampled_from(["", "bob=0", "alice=1 bob=2 carol=3"]),
        "parameters": st.sampled_from(["", "block.max_bytes=2097152 block.max_gas=5"]),
        "owners": st.sampled_from(["me", "members", f"me; Zed; the second={a_key('zed').base64}", "me; bob"]),
        "threshold": st.sampled_from(["", "1"]),
        "note": st.sampled_from(["", "hello; a=b, 100%"]),
    },
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return operator(tmp_path_factory.mktemp("table")).has(*map(a_card, MEMBERS)).approves()


@settings(max_examples=40)
@given(TEXTS)
async def test_a_record_as_answers_makes_the_same_record(table: Operator, answers: dict[str, str]) -> None:
    facts = (await table.shown("network")).inspection.facts
    said = {"genesis_time": "2026-11-26 12:00", "owners": "me", "one_owner": "yes", **answers}
    body, findings = propose(facts, said)
    if body is None:
        assert "Zed" in said["owners"] and [one.code for one in findings] == ["network-owner"]
        return
    again, findings = propose(facts, {"one_owner": "yes", **as_answers(the_record_of(body))})
    assert again == body, findings


def the_record_of(body: bytes) -> NetworkRecord:
    record, findings = parse_record(body)
    assert record is not None, findings
    return record


async def test_more_owners_need_more_signatures_unless_it_was_said_otherwise(alice: Operator) -> None:
    await alice.signs("network", **ALONE)
    assert (await proposed(alice, owners="me; bob; carol")).threshold == 2
    await alice.signs("network", owners="me; bob; carol", threshold="1")
    assert (await proposed(alice, owners="me; bob")).threshold == 1


async def test_the_plan_stays_the_same_while_the_clock_moves(alice: Operator) -> None:
    digest = (await alice.plan("network")).digest
    for span in (timedelta(seconds=1), timedelta(minutes=59), timedelta(hours=20)):
        assert (await alice.wait(span).plan("network")).digest == digest
