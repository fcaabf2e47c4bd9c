"""A version that gives a member's power to a different node: who is told what, and how the member signs it over."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.agreement.board import board
from core.around import standing
from core.changes import Sign
from core.documents.armour import armour
from core.documents.document import Document
from core.documents.words import eight_words
from core.finding import Finding, Refusal, Severity
from core.network.facts import gather
from core.network.handover import plan_handover
from core.network.heard import note_heard
from core.peers.receive import receive
from core.plan import Plan
from core.run import Preview, carry_out
from tests.builders import NOW, a_card, a_key, a_record, an_acceptance, an_amendment, the_record
from tests.core.keys.key_homes import put, validator_file
from tests.core.network.operators import Operator, codes, operator

NAMES = ("alice", "bob", "carol")
FIRST = a_record([a_card(name) for name in NAMES])
SIGNED = [an_acceptance(FIRST, name) for name in NAMES]
STRANGER = an_amendment(FIRST, [a_card("alice"), a_card("bob", node="mallory"), a_card("carol")])
NEW = an_amendment(FIRST, [a_card("alice"), a_card("bob", node="bob again"), a_card("carol")])
BOTH = (a_key("bob").node_id, a_key("mallory").node_id)


@pytest.fixture
def carol(tmp_path: Path) -> Operator:
    return operator(tmp_path, "carol", "member").has(a_card("carol"), FIRST, *SIGNED)


@pytest.fixture
def bob(tmp_path: Path) -> Operator:
    return operator(tmp_path, "bob", "member").has(a_card("bob"), FIRST, *SIGNED)


@pytest.fixture
def again(tmp_path: Path) -> Operator:
    """Bob's new machine: his validator key under a new node key."""
    new = operator(tmp_path, "bob again", "member")
    seed = hashlib.sha256(b"key of bob validator").digest()
    put(new.home / "config" / "priv_validator_key.json", validator_file(seed))
    return new.has(a_card("bob", node="bob again"), FIRST, *SIGNED)


def moved(findings: tuple[Finding, ...]) -> Finding:
    return next(one for one in findings if one.code == "record-power-moved")


async def hands_over(who: Operator) -> Document:
    facts = await gather(who.world)
    shown = await who.shown("network")
    planned = plan_handover(facts.current, facts.own)
    outcome = await carry_out(Preview(shown.step, shown.inspection, {}, planned), who.world, planned.digest)
    (document,) = outcome.receipt.documents
    return document


async def test_an_import_that_moves_power_to_a_stranger_says_so_with_both_node_ids(carol: Operator) -> None:
    text = "\n".join(armour(one) for one in (STRANGER, an_acceptance(STRANGER, "mallory"))).encode()
    told = moved((await receive(carol.world, text)).findings)
    assert told.severity is Severity.ERROR and told.subject == "bob" and all(one in told.message for one in BOTH)
    assert "record-power-moved" not in codes((await receive(carol.world, text)).findings)


async def test_status_network_and_board_say_so_too(carol: Operator) -> None:
    carol.has(STRANGER, an_acceptance(STRANGER, "mallory"))
    now = await standing(carol.world)
    assert not now.is_quorate and "bob" in now.tally
    network = next(station for station in now.stations if station.step == "network")
    assert network.mark == "blocked" and all(one in network.findings[0].message for one in BOTH)
    told = moved((await carol.shown("network")).inspection.findings)
    assert all(one in told.message for one in BOTH)
    seen = board(carol.seen)
    assert seen is not None and not seen.tally.quorate
    assert {row.moniker: row.standing for row in seen.rows} == {
        "alice": "accepted",
        "bob": "moved",
        "carol": "accepted",
    }


async def test_a_member_who_is_left_out_still_has_a_row_on_the_board(carol: Operator) -> None:
    carol.has(an_amendment(FIRST, [a_card("alice"), a_card("carol")]))
    seen = board(carol.seen)
    assert seen is not None and ("bob", "moved") in {(row.moniker, row.standing) for row in seen.rows}


async def test_nobody_accepts_such_a_version_without_the_words(carol: Operator) -> None:
    record = the_record(STRANGER)
    carol.has(STRANGER)
    word = eight_words(bytes.fromhex(record.id), "record")[7]
    plan = await carol.plan("genesis", word=word)
    assert not plan.is_safe and moved(plan.findings).severity is Severity.ERROR
    carol.state.change(lambda local: note_heard(local, record, a_key("alice").node_id, "same", NOW))
    compared = await carol.plan("genesis", word=word)
    signs = [change for change in compared.changes if isinstance(change, Sign)]
    assert compared.is_safe and moved(compared.findings).severity is Severity.WARNING and len(signs) == 1


async def test_bob_is_asked_to_hand_over_and_all_are_quorate_again(
    bob: Operator, again: Operator, carol: Operator
) -> None:
    for one in (bob, again, carol):
        one.has(NEW)
    assert (await standing(bob.world)).next == "quorate network handover"
    assert (await bob.plan("genesis")).next == "quorate network handover"
    given = await hands_over(bob)
    assert not (await standing(carol.has(given).world)).is_quorate
    word = eight_words(bytes.fromhex(NEW.id), "record")[7]
    accepted = (await again.has(given).does("genesis", word=word)).documents
    assert carol.has(*accepted).seen.tally is not None
    for one in (bob, again, carol):
        now = await standing(one.has(given, *accepted).world)
        assert now.is_quorate and now.tally == "3 signed of 3"
        assert "record-power-agreed" in codes(one.seen.findings)


async def test_the_old_home_is_told_to_stop_its_node(bob: Operator) -> None:
    await hands_over(bob.has(NEW))
    plan = await bob.plan("genesis")
    assert plan.is_safe and plan.changes == () and "stop this node" in plan.findings[0].fix
    assert codes(plan) == {"genesis-handed-over": "home"}
    accepted = an_acceptance(NEW, "bob again")
    now = await standing(bob.has(accepted).world)
    network = next(station for station in now.stations if station.step == "network")
    assert now.is_quorate and network.mark == "done" and now.next != "quorate genesis"


async def test_the_plan_of_a_hand_over_shows_what_changes(bob: Operator) -> None:
    facts = await gather(bob.has(NEW).world)
    planned: Plan = plan_handover(facts.current, facts.own)
    (change,) = planned.changes
    assert isinstance(change, Sign) and a_key("bob again").node_id in change.reason
    assert any(a_key("bob again").node_id in one.message for one in planned.findings)


async def test_there_is_nothing_to_hand_over_where_no_version_moves_the_power(bob: Operator, carol: Operator) -> None:
    for one in (bob, carol.has(NEW)):
        facts = await gather(one.world)
        with pytest.raises(Refusal) as refused:
            plan_handover(facts.current, facts.own)
        assert refused.value.findings[0].code == "handover-nothing"
