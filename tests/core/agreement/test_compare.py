"""What an import would bring, document by document, against what was known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.agreement.compare import Compared, after_import, compare
from core.agreement.reduce import reduce
from core.documents.document import Document
from tests.builders import (
    MONIKERS,
    NETWORK,
    NOW,
    SERIAL,
    a_card,
    a_record,
    an_acceptance,
    an_amendment,
)

CARDS = [a_card(name) for name in MONIKERS[:4]]
FIRST = a_record(4)
SECOND = an_amendment(FIRST, note="two")
THIRD = an_amendment(SECOND, note="three")


def compared(before: list[Document], *incoming: Document) -> list[Compared]:
    had = reduce(before, network=NETWORK, now=NOW)
    return list(compare(had, after_import(had, incoming), incoming))


def statuses(before: list[Document], *incoming: Document) -> list[str]:
    return [one.status for one in compared(before, *incoming)]


def test_new_and_known() -> None:
    assert statuses([CARDS[0]], *CARDS[:2]) == ["known", "new"]
    assert statuses([], FIRST, an_acceptance(FIRST)) == ["new", "new"]
    assert statuses([FIRST], FIRST) == ["known"]


def test_the_same_document_twice_is_told_once() -> None:
    assert statuses([], CARDS[0], CARDS[0]) == ["new"]


def test_a_changed_card_is_told_field_by_field() -> None:
    (one,) = compared(CARDS, a_card("carol", serial=SERIAL + 1, p2p=("new.example.org:26656",), contact="x"))
    assert one.status == "changed" and one.subject == "carol"
    assert [(change.field, change.old, change.new) for change in one.changes] == [
        ("serial", str(SERIAL), str(SERIAL + 1)),
        ("p2p", "carol.example.org:26656", "new.example.org:26656"),
        ("contact", "carol@example.org", "x"),
    ]


def test_an_older_card_is_older() -> None:
    assert statuses([a_card("alice", serial=SERIAL + 1)], CARDS[0]) == ["older"]
    assert statuses([], CARDS[0], a_card("alice", serial=SERIAL + 1)) == ["older", "new"]


def test_another_card_of_the_same_serial_is_changed() -> None:
    (one,) = compared(CARDS, a_card("alice", contact="other"))
    assert one.status == "changed" and "contact" in {change.field for change in one.changes}


def test_forged_foreign_newer_and_damaged() -> None:
    incoming = (
        a_card("alice", signer="mallory"),
        a_card("alice", network="elsewhere"),
        a_card("alice", v=2),
        a_card("alice", validator_address="0" * 40),
    )
    found = compared([], *incoming)
    assert [one.status for one in found] == ["forged", "foreign", "newer", "damaged"]
    assert all(one.findings for one in found)


def test_the_next_version_is_told_by_meaning() -> None:
    moved = [*CARDS[:3], a_card("dave", serial=SERIAL + 1, p2p=("new.example.org:26656",))]
    (one,) = compared([FIRST], an_amendment(FIRST, moved))
    assert one.status == "changed"
    assert [change.field for change in one.changes] == ["version", "dave: p2p"]


def test_a_signature_that_is_added_is_told() -> None:
    apart = [a_record(2, owners=("alice", "bob"), threshold=2, signers=(name,)) for name in ("alice", "bob")]
    (one,) = compared([apart[0]], apart[1])
    assert one.status == "changed" and [change.field for change in one.changes] == ["signatures"]
    assert statuses([apart[0].with_signatures(apart[1].signatures)], apart[1]) == ["known"]


def test_a_lower_version_offered_after_a_higher_one_is_refused() -> None:
    (one,) = compared([THIRD], FIRST)
    assert one.status == "older" and [finding.code for finding in one.findings] == ["record-step-back"]
    assert THIRD.id in one.findings[0].message and FIRST.id in one.findings[0].message


def test_the_versions_before_can_be_completed() -> None:
    assert statuses([THIRD], SECOND, FIRST) == ["older", "older"]
    assert all(not one.findings for one in compared([THIRD], SECOND, FIRST))


@given(st.permutations([*CARDS, FIRST, SECOND, a_card("alice", serial=SERIAL + 1), a_card("alice", contact="other")]))
def test_the_order_of_an_import_changes_no_status(incoming: list[Document]) -> None:
    found = compared([CARDS[1]], *incoming)
    plain = compared([CARDS[1]], *sorted(incoming, key=lambda one: one.id))
    assert sorted(found, key=lambda one: one.id) == plain
