from __future__ import annotations

from pathlib import Path

import pytest

from core.agreement.board import Board, board
from core.agreement.current import Current
from core.agreement.reduce import reduce
from core.documents.document import Document
from core.finding import Refusal
from core.keys.step import KeysFacts
from core.network.attest import plan_attestation
from core.network.share import own_words, to_share
from core.peers.roster import beside_cards
from core.seen import Own
from tests.builders import (
    NETWORK,
    NOW,
    SERIAL,
    a_card,
    a_key,
    a_record,
    an_acceptance,
    an_attestation,
    an_unsigned,
    the_record,
)


def _seen(*documents: Document, own: str = "alice") -> Current:
    exchange = reduce(documents, network=NETWORK, now=NOW, own=a_key(own).node_id)
    return Current(exchange, exchange.succession.lineage[-1] if exchange.succession.lineage else None, {}, frozenset())


def _board(*documents: Document) -> Board:
    found = board(_seen(*documents))
    assert found is not None
    return found


def test_without_a_record_there_is_no_board() -> None:
    assert board(_seen(a_card("alice"))) is None


def test_each_member_has_a_row_with_what_they_signed() -> None:
    record = a_record()
    found = _board(record, an_acceptance(record, "alice"), an_acceptance(record, "bob", words=False))
    assert {(row.moniker, row.standing, row.compared, row.own) for row in found.rows} == {
        ("alice", "accepted", "yes", True),
        ("bob", "accepted", "no", False),
        ("carol", "missing", "", False),
        ("dave", "missing", "", False),
    }
    assert {row.record for row in found.rows} == {record.id, ""}
    assert (found.accepted, found.tally.needed) == (2, 4)


def test_who_signed_something_else_stands_in_conflict_with_what_they_signed() -> None:
    record, other = a_record(), a_record(note="another")
    found = _board(record, an_acceptance(other, "bob", serial=SERIAL + 90))
    row = next(row for row in found.rows if row.moniker == "bob")
    assert (row.standing, row.record) == ("conflicting", other.id)


def test_a_member_without_quorate_stands_as_attested_with_how() -> None:
    record = a_record([a_card("alice"), an_unsigned("dave")])
    found = _board(record, an_acceptance(record, "alice"), an_attestation(record, "dave", how="by phone"))
    assert {(row.standing, row.compared, row.signed) for row in found.rows} == {
        ("accepted", "yes", True),
        ("attested", "by phone", False),
    }
    assert found.tally.quorate


def test_what_is_handed_on_are_records_first_and_no_cards() -> None:
    record = a_record()
    seen = _seen(record, an_acceptance(record, "bob"), an_acceptance(record, "alice"), a_card("bob"))
    assert [one.kind for one in to_share(seen)] == ["record", "acceptance", "acceptance"]
    assert [one.id for one in own_words(seen)] == [an_acceptance(record, "alice").id]


def test_the_members_of_a_record_are_seen_beside_the_cards_that_were_here() -> None:
    seen = _seen(a_card("alice"), a_card("bob", contact="elsewhere"), a_card("dave", serial=SERIAL + 5))
    record = the_record(a_record([a_card("alice"), a_card("bob"), a_card("carol"), a_card("dave")]))
    told = beside_cards(record, seen.exchange)
    assert {(one.moniker, one.how, one.own) for one in told} == {
        ("alice", "same", True),
        ("bob", "differs", False),
        ("carol", "first", False),
        ("dave", "older", False),
    }
    assert [str(change) for one in told for change in one.changes] == ["contact: elsewhere -> bob@example.org"]


def _own(name: str, tmp_path: Path) -> Own:
    keys = KeysFacts.__new__(KeysFacts)
    return Own(tmp_path, a_key(name).node_id, a_key(name).public, None, keys)


@pytest.mark.parametrize(
    ("name", "member", "how", "code"),
    [
        ("alice", "alice", "by phone", "attest-nobody"),
        ("bob", "dave", "by phone", "attest-not-owner"),
        ("alice", "dave", "", "attest-how"),
        ("alice", "dave", "café", "attest-how"),
    ],
)
def test_an_attestation_that_can_not_be_is_refused(name: str, member: str, how: str, code: str, tmp_path: Path) -> None:
    record = the_record(a_record([a_card("alice"), a_card("bob"), an_unsigned("dave")]))
    with pytest.raises(Refusal) as refused:
        plan_attestation(record, _own(name, tmp_path), a_key(member).node_id, member, how)
    assert [one.code for one in refused.value.findings] == [code]


def test_an_owner_attests_by_signing(tmp_path: Path) -> None:
    record = the_record(a_record([a_card("alice"), an_unsigned("dave")]))
    plan = plan_attestation(record, _own("alice", tmp_path), a_key("dave").node_id, "dave", "by phone")
    assert [type(change).__name__ for change in plan.changes] == ["Sign"]
