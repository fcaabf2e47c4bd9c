"""How each member stands with the operator, and what comes next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.agreement.exchange import Exchange, known_members
from core.agreement.reduce import reduce
from core.finding import Severity
from core.local import Decision, Local
from core.peers.decide import approve, decide, expect, unsaid
from core.peers.inbox import inbox, said_of, what_changed
from tests.builders import NETWORK, NOW, SERIAL, a_card, a_key, an_unsigned

ALICE, BOB = a_key("alice").node_id, a_key("bob").node_id


def seen(*monikers: str, role: str = "coordinator", **local: object) -> Exchange:
    said = replace(Local(role=role), **local)  # type: ignore[arg-type]
    return reduce([a_card(name) for name in monikers], network=NETWORK, now=NOW, own=ALICE, local=said)


def decided(exchange: Exchange, **verdicts: str) -> Exchange:
    local = exchange.local
    for node_id, one in known_members(exchange).items():
        moniker = one.card.moniker if hasattr(one, "card") else one.entry.moniker
        if moniker in verdicts:
            local = decide(local, node_id, one, verdicts[moniker], "no name")  # type: ignore[arg-type]
    return reduce(exchange.documents, network=NETWORK, now=NOW, own=ALICE, local=local)


def words(exchange: Exchange) -> dict[str, str]:
    return {seat.moniker: seat.words for seat in inbox(exchange).seats}


def test_each_stands_with_the_word_that_was_said_and_the_reason() -> None:
    found = decided(seen("alice", "bob", "carol", "dave", "erin"), bob="approve", carol="hold", dave="refuse")
    assert words(found) == {
        "alice": "approved, you",
        "bob": "approved",
        "carol": "held: no name",
        "dave": "refused: no name",
        "erin": "unverified",
    }


def test_who_is_expected_and_has_sent_nothing_stands_there_too() -> None:
    found = inbox(seen("alice", "bob", expected=("Alice", "bob", "carol")))
    assert [seat.moniker for seat in found.of("missing")] == ["carol"]
    assert len(found.here) == 2 and [seat.moniker for seat in found.others] == ["bob"]


def test_a_members_own_card_needs_no_approval() -> None:
    assert words(seen("alice", "bob", role="member")) == {"alice": "yours", "bob": "unverified"}


def test_approving_notes_how_the_words_were_compared() -> None:
    exchange = seen("alice", "bob")
    one = exchange.cards[BOB]
    decision = approve(exchange.local, BOB, one, " on a call ").decisions[BOB]
    assert (decision.verdict, decision.confirmed) == ("approve", "on a call")
    assert approve(exchange.local, BOB, one, " ").decisions[BOB].confirmed == ""


def test_what_is_said_of_a_member_is_found_by_the_name_alone() -> None:
    exchange = reduce([a_card("bob", api="10.0.0.1:1"), a_card("bobby")], network=NETWORK, now=NOW, local=Local())
    assert {one.code for one in said_of(exchange, "bob")} == {"peer-unverified", "address-private"}


def test_a_card_that_replaced_an_approved_one_is_told_as_changed() -> None:
    old, new = a_card("bob"), a_card("bob", serial=SERIAL + 1, validator="another")
    local = Local(role="coordinator", decisions={BOB: Decision(old.id, "approve")})
    found = reduce([old, new], network=NETWORK, now=NOW, local=local)
    assert words(found) == {"bob": "changed, unverified"}
    assert [change.field for change in what_changed(found.cards[BOB])] == ["validator_key", "validator_address"]


def test_a_member_without_quorate_is_marked_as_unsigned() -> None:
    entry = an_unsigned("dave")
    found = inbox(seen("alice", unsigned={entry.node_id: entry.body.decode()}))
    assert [seat.words for seat in found.seats if not seat.signed] == ["unsigned, unverified"]


def test_two_cards_of_one_serial_are_a_seat_of_their_own() -> None:
    found = reduce([a_card("bob"), a_card("bob", contact="x")], network=NETWORK, now=NOW, local=Local())
    assert words(found) == {"bob": "two cards, none used"}


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (seen("alice"), "paste"),
        (seen("alice", "bob"), "judge"),
        (decided(seen("alice", "bob"), alice="approve", bob="hold"), "onwards"),
        (decided(seen("alice", "bob", expected=("alice", "bob", "carol")), alice="approve", bob="approve"), "wait"),
        (seen("alice", role="member"), "onwards"),
        (seen("alice", "bob", role="member"), "compare"),
    ],
)
def test_what_comes_next(exchange: Exchange, expected: str) -> None:
    assert inbox(exchange).next[0] == expected


def test_ones_own_card_needs_no_word() -> None:
    assert [seat.moniker for seat in inbox(seen("alice", "bob")).next[1]] == ["bob"]


def test_waiting_tells_for_whom() -> None:
    found = decided(seen("alice", "bob", expected=("bob", "carol", "dave")), alice="approve", bob="approve")
    assert [seat.moniker for seat in inbox(found).next[1]] == ["carol", "dave"]
    assert inbox(replace(found, local=expect(found.local, ()))).next == ("onwards", ())


def test_hold_and_refuse_need_a_reason_and_approve_asks_how() -> None:
    for verdict in ("hold", "refuse"):
        assert [one.severity for one in unsaid(verdict, " ")] == [Severity.ERROR]
        assert unsaid(verdict, "no name") == ()
    assert [one.severity for one in unsaid("approve", "")] == [Severity.WARNING]
