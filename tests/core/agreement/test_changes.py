"""Versions differ by meaning: who moved, who came, what the genesis says now."""

from __future__ import annotations

from datetime import timedelta

from core.agreement.changes import record_changes
from core.documents.document import Document
from tests.builders import (
    GENESIS_TIME,
    MONIKERS,
    SERIAL,
    a_card,
    a_record,
    an_amendment,
    an_unsigned,
    the_record,
)

FIRST = a_record(4)
CARDS = [a_card(name) for name in MONIKERS[:4]]


def told(new: Document, old: Document = FIRST) -> list[str]:
    return [str(one) for one in record_changes(the_record(old), the_record(new))]


def test_the_same_record_has_no_changes() -> None:
    assert told(FIRST) == [] and told(an_amendment(FIRST)) == []


def test_a_member_who_moved() -> None:
    moved = a_card("carol", serial=SERIAL + 9, p2p=("new.example.org:26656",))
    amended = an_amendment(FIRST, [CARDS[0], CARDS[1], moved, CARDS[3]])
    assert told(amended) == ["carol: p2p carol.example.org:26656 -> new.example.org:26656"]


def test_members_who_came_and_left() -> None:
    amended = an_amendment(FIRST, [*CARDS[:3], a_card("erin")], powers=(10, 10, 10, 0))
    assert [
        (one.subject, bool(one.old), bool(one.new)) for one in record_changes(the_record(FIRST), the_record(amended))
    ] == [
        ("erin", False, True),
        ("dave", True, False),
    ]


def test_a_member_with_a_new_node_key_is_the_same_member() -> None:
    amended = an_amendment(FIRST, [*CARDS[:3], a_card("dave", node="dave again")])
    (change,) = record_changes(the_record(FIRST), the_record(amended))
    assert (change.subject, change.field) == ("dave", "node id")


def test_a_member_who_now_signs() -> None:
    before = a_record([*CARDS[:3], an_unsigned("dave")])
    amended = an_amendment(before, CARDS)
    fields = {(one.subject, one.field) for one in record_changes(the_record(before), the_record(amended))}
    assert ("dave", "signed by") in fields and {subject for subject, _ in fields} == {"dave"}


def test_another_genesis() -> None:
    later = a_record(4, previous=FIRST, chain_id="example-2", genesis_time=GENESIS_TIME + timedelta(days=1))
    fields = [one.field for one in record_changes(the_record(FIRST), the_record(later))]
    assert fields == ["chain id", "time", "sha256"]


def test_owners_and_threshold_and_power() -> None:
    amended = an_amendment(FIRST, CARDS, powers=(10, 10, 10, 20), owners=("alice", "bob"), threshold=2, note="n")
    assert [(one.subject, one.field) for one in record_changes(the_record(FIRST), the_record(amended))] == [
        ("record", "threshold"),
        ("record", "note"),
        ("dave", "power"),
        ("bob", "owner"),
    ]
