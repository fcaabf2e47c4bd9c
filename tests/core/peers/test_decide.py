"""The coordinator's word: about exactly one card, found by exactly one name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.agreement.exchange import Exchange, card_id_of, known_members, moniker_of, node_id_of
from core.agreement.reduce import reduce
from core.documents.document import Document
from core.finding import Refusal
from core.peers.decide import add_unsigned, approve, confirm, decide, expect, find_member, keep, newest, unsaid
from core.state import Local
from tests.builders import NETWORK, NOW, SERIAL, a_card, a_key, an_unsigned

ALICE, BOB = a_key("alice").node_id, a_key("bob").node_id


def seen(*documents: Document, local: Local | None = None) -> Exchange:
    return reduce(documents, network=NETWORK, now=NOW, local=local)


def test_a_member_is_found_by_moniker_or_beginning_of_the_node_id() -> None:
    exchange = seen(a_card("alice"), a_card("bob"))
    for name in ("alice", "ALICE", ALICE, ALICE[:6], ALICE[:9].upper()):
        assert find_member(exchange, name)[0] == ALICE


@pytest.mark.parametrize("name", ["", "carol", ALICE[:5], ALICE + "0", "alice ", "\x1b[31m", "a" * 5000])
def test_who_is_not_here_is_refused_with_who_is(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        find_member(seen(a_card("alice"), a_card("bob")), name)
    (finding,) = refused.value.findings
    assert finding.code == "member-unknown" and "\x1b" not in finding.message


def test_a_name_in_exact_letters_counts_before_others_and_before_a_node_id() -> None:
    exchange = seen(a_card("alice"), a_card("Alice", node="bob"), a_card(ALICE[:8], node="carol"))
    assert find_member(exchange, "alice")[0] == ALICE
    assert find_member(exchange, "Alice")[0] == BOB
    assert find_member(exchange, ALICE[:8])[0] == a_key("carol").node_id
    assert find_member(exchange, ALICE[:7])[0] == ALICE


def test_what_can_be_two_is_refused_with_both() -> None:
    exchange = seen(a_card("node", node="alice"), a_card("node", node="bob"))
    with pytest.raises(Refusal) as refused:
        find_member(exchange, "node")
    (finding,) = refused.value.findings
    assert finding.code == "member-ambiguous" and ALICE in finding.message and BOB in finding.message


def test_what_was_compared_stays_noted_under_every_verdict_about_this_card() -> None:
    one = seen(a_card("bob")).cards[BOB]
    local = decide(confirm(Local(), BOB, one, "on the phone"), BOB, one, "hold", "who is this?")
    local = decide(local, BOB, one, "approve")
    decision = local.decisions[BOB]
    assert (decision.verdict, decision.confirmed, decision.reason) == ("approve", "on the phone", "")


def test_a_new_card_begins_without_a_word() -> None:
    old, new = a_card("bob"), a_card("bob", serial=SERIAL + 1)
    local = approve(Local(), BOB, seen(old).cards[BOB], "in person")
    one = seen(old, new, local=local).cards[BOB]
    assert one.decision is None and not one.verified
    decision = decide(local, BOB, one, "approve").decisions[BOB]
    assert decision.card == new.id and decision.confirmed == ""


def test_an_approval_without_a_comparison_is_no_comparison() -> None:
    one = seen(a_card("bob")).cards[BOB]
    assert approve(Local(), BOB, one, "  ").decisions[BOB].confirmed == ""
    assert approve(Local(), BOB, one, " phone ").decisions[BOB].confirmed == "phone"


def test_a_verdict_without_its_words_is_told() -> None:
    assert [one.code for one in unsaid("refuse", " ")] == ["peers-reason"]
    assert [one.code for one in unsaid("approve", "")] == ["peers-how"]
    assert unsaid("hold", "later") == ()


@given(st.lists(st.text(max_size=5)))
def test_each_is_expected_once_in_the_order_given(names: list[str]) -> None:
    assert expect(Local(), names).expected == tuple(dict.fromkeys(names))


def test_an_entry_that_changed_loses_the_decision_about_the_one_before() -> None:
    entry = an_unsigned("dave")
    local = add_unsigned(Local(), entry)
    one = seen(local=local).unsigned[entry.node_id]
    local = decide(local, entry.node_id, one, "approve")
    assert seen(local=local).unsigned[entry.node_id].decision is not None
    local = add_unsigned(local, entry.reached_at("other.example.org:26656"))
    assert seen(local=local).unsigned[entry.node_id].decision is None


def test_whoever_is_entered_is_expected_where_others_are_expected_by_name() -> None:
    dave = an_unsigned("dave")
    assert add_unsigned(Local(), dave).expected == ()
    local = add_unsigned(Local(expected=("alice", "bob")), dave)
    assert local.expected == ("alice", "bob", "dave")
    assert add_unsigned(local, dave).expected == local.expected
    # What was a slip in the name is not waited for.
    assert add_unsigned(local, replace(dave, moniker="Dave Jones")).expected == ("alice", "bob", "Dave Jones")


def test_a_signed_card_takes_the_place_of_an_entry() -> None:
    entry = an_unsigned("dave")
    exchange = seen(a_card("dave"), local=add_unsigned(Local(), entry))
    ((node_id, one),) = known_members(exchange).items()
    assert node_id == node_id_of(one) == entry.node_id and moniker_of(one) == "dave"
    assert card_id_of(one) == a_card("dave").id != entry.id


def test_an_earlier_card_that_was_approved_is_kept_until_a_still_newer_one_comes() -> None:
    cards = [a_card("bob", serial=SERIAL + n, contact=f"desk {n}") for n in range(3)]
    local = approve(Local(role="coordinator"), BOB, seen(cards[0]).cards[BOB], "on a call")
    changed = seen(*cards[:2], local=local).cards[BOB]
    assert (changed.card.contact, changed.decision, changed.earlier) == ("desk 1", None, local.decisions[BOB])
    kept = seen(*cards[:2], local=keep(local, BOB, changed)).cards[BOB]
    assert (kept.card.contact, kept.verified, kept.passed) == ("desk 0", True, changed.card)
    assert [one.contact for one in kept.history] == []
    newer = seen(*cards, local=keep(local, BOB, changed)).cards[BOB]
    assert (newer.card.contact, newer.decision, newer.passed) == ("desk 2", None, None)
    again = seen(*cards[:2], local=newest(keep(local, BOB, changed), BOB, kept)).cards[BOB]
    assert (again.card, again.decision, again.earlier) == (changed.card, None, local.decisions[BOB])


def test_where_nothing_was_admitted_before_no_card_is_kept() -> None:
    cards = [a_card("bob", serial=SERIAL + n, contact=f"desk {n}") for n in range(2)]
    refused = decide(Local(), BOB, seen(cards[0]).cards[BOB], "refuse", "who is this?")
    for local in (Local(), refused):
        with pytest.raises(Refusal) as found:
            keep(local, BOB, seen(*cards, local=local).cards[BOB])
        assert [one.code for one in found.value.findings] == ["card-no-earlier"]
