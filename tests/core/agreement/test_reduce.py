"""State is a function of the set of signed documents: order, duplicates and the way they travelled do not matter."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.agreement.exchange import Exchange
from core.agreement.reduce import reduce
from core.documents.armour import armour
from core.documents.document import Document
from core.documents.read import read_documents
from core.state import Decision, Local
from tests.builders import (
    GENESIS_TIME,
    MONIKERS,
    NETWORK,
    NOW,
    SERIAL,
    a_card,
    a_key,
    a_record,
    an_acceptance,
    an_amendment,
    an_attestation,
    an_unsigned,
    sign,
    the_record,
)

ALICE = a_key("alice").node_id
CARDS = [a_card(name) for name in MONIKERS[:4]]


def reduced(*documents: Document, own: str | None = None, local: Local | None = None) -> Exchange:
    return reduce(documents, network=NETWORK, now=NOW, own=own, local=local)


def status(exchange: Exchange, document: Document) -> str:
    return exchange.statuses[document.id].status


# A whole ceremony, with everything that can go wrong in it, to be dealt out in every way.

RECORD = a_record([*CARDS[:3], an_unsigned("dave")], owners=("alice", "bob"), threshold=2)
RIVAL = a_record(4, owners=("alice", "bob"), threshold=2, genesis_time=GENESIS_TIME + timedelta(hours=1))
CEREMONY = (
    *CARDS,
    a_card("alice", serial=SERIAL + 5, p2p=("moved.example.org:26656",)),
    a_card("bob", serial=SERIAL + 7, contact="one"),
    a_card("bob", serial=SERIAL + 7, contact="two"),
    a_card("erin", signer="mallory"),
    a_card("frank", network="elsewhere"),
    a_card("ALICE", node="mallory", validator="alice validator"),
    a_card("grace", v=2),
    a_card("heidi", node_id="0" * 40),
    RECORD,
    an_amendment(RECORD, note="one"),
    an_acceptance(RECORD, "alice"),
    an_acceptance(RECORD, "bob"),
    an_acceptance(RIVAL, "bob"),
    an_acceptance(RECORD, "carol", signer="mallory"),
    an_attestation(RECORD, "dave"),
    an_attestation(RECORD, "dave", owner="carol"),
)
WHOLE = reduced(*CEREMONY)


def split(document: Document) -> list[Document]:
    """The same document, once with each of its signatures."""
    return [replace(document, signatures=frozenset({one})) for one in document.signatures]


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(CEREMONY), max_size=8), st.booleans())
def test_order_duplicates_and_split_signatures_do_not_matter(
    shuffle: random.Random, again: list[Document], apart: bool
) -> None:
    dealt = [part for one in CEREMONY for part in split(one)] if apart else list(CEREMONY)
    dealt += again
    shuffle.shuffle(dealt)
    assert reduced(*dealt) == WHOLE


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_way_they_travelled_does_not_matter(shuffle: random.Random, mails: int) -> None:
    """Dealt into mails, quoted and wrapped, read back, and reduced."""
    good = [one for one in CEREMONY if WHOLE.statuses[one.id].status in ("known", "older", "changed", "foreign")]
    dealt = [part for one in good for part in split(one)]
    shuffle.shuffle(dealt)
    came: list[Document] = []
    for mail in range(mails):
        text = "\n> ".join(armour(one) for one in dealt[mail::mails]).replace(" ", "\n>> ")
        came += [one.document for one in read_documents(text) if one.document]
    assert reduced(*came) == reduced(*good)


@settings(max_examples=25)
@given(st.sets(st.sampled_from(range(len(CEREMONY)))), st.sets(st.sampled_from(range(len(CEREMONY)))))
def test_two_members_who_swap_what_they_have_see_the_same(one: set[int], two: set[int]) -> None:
    mine, theirs = [CEREMONY[at] for at in sorted(one)], [CEREMONY[at] for at in sorted(two)]
    assert reduced(*mine, *theirs) == reduced(*reduced(*theirs).documents, *reduced(*mine).documents)


def test_the_ceremony_says_what_it_should() -> None:
    codes = {finding.code for finding in WHOLE.findings}
    assert {
        "peer-two-cards",
        "card-not-by-its-key",
        "document-other-network",
        "document-later-version",
        "card-node-id",
        "peer-moniker-twice",
        "peer-validator-key-twice",
        "peer-changed",
        "acceptance-conflict",
        "document-not-by-its-key",
        "attestation-not-by-owner",
    } <= codes
    assert {one.moniker for one in WHOLE.members} == {"alice", "carol", "dave", "ALICE"}


def test_nothing_gives_nothing() -> None:
    empty = reduced()
    assert (empty.cards, empty.record, empty.tally, empty.findings) == ({}, None, None, ())


def test_the_newest_card_of_a_node_is_in_use_and_the_others_are_its_history() -> None:
    old, new = a_card("alice"), a_card("alice", serial=SERIAL + 1)
    found = reduced(new, old)
    known = found.cards[ALICE]
    assert known.document == new and [one.serial for one in known.history] == [SERIAL]
    assert (status(found, new), status(found, old)) == ("known", "older")


def test_two_cards_of_one_serial_are_both_out_until_a_newer_one_comes() -> None:
    one, two = a_card("alice", contact="one"), a_card("alice", contact="two")
    found = reduced(one, two)
    assert found.cards == {} and set(found.disputed[ALICE]) == {one, two}
    assert status(found, one) == status(found, two) == "changed"
    newer = a_card("alice", serial=SERIAL + 1)
    found = reduced(one, two, newer)
    assert found.cards[ALICE].document == newer and found.disputed == {}
    assert status(found, one) == status(found, two) == "older"


def test_an_older_card_does_not_come_back_while_the_newest_are_disputed() -> None:
    found = reduced(a_card("alice"), *(a_card("alice", serial=SERIAL + 1, contact=text) for text in ("one", "two")))
    assert found.cards == {}


def test_signatures_of_one_document_merge() -> None:
    apart = [a_record(2, owners=("alice", "bob"), threshold=2, signers=(name,)) for name in ("alice", "bob")]
    assert reduced(apart[0]).record is None and reduced(*apart).record == the_record(apart[0])
    assert len(reduced(*apart).documents) == 1


def test_a_decision_dies_with_its_card() -> None:
    card = a_card("bob")
    decision = Decision(card.id, "approve", confirmed="phone")
    local = Local(decisions={a_key("bob").node_id: decision})
    assert reduced(card, local=local).cards[a_key("bob").node_id].verified
    newer = a_card("bob", serial=SERIAL + 1)
    assert reduced(card, newer, local=local).cards[a_key("bob").node_id].decision is None


def test_an_unsigned_entry_gives_way_to_a_card_of_its_node() -> None:
    entry = an_unsigned("dave")
    local = Local(unsigned={entry.node_id: entry.body.decode()})
    assert [one.entry for one in reduced(local=local).unsigned.values()] == [entry]
    found = reduced(a_card("dave"), local=local)
    assert found.unsigned == {} and list(found.cards) == [entry.node_id]


def test_an_unsigned_entry_that_is_damaged_is_told() -> None:
    found = reduced(local=Local(unsigned={"0" * 40: '{"kind":"unsigned\ud800"'}))
    assert found.unsigned == {} and found.findings


def test_documents_of_the_wrong_kind_are_damaged() -> None:
    card = a_card("alice")
    found = reduced(sign("record", card.payload, a_key()), sign("acceptance", b"[]", a_key()))
    assert {one.status for one in found.statuses.values()} == {"damaged"}


def test_what_the_member_accepted_decides_between_founders() -> None:
    other = a_record([a_card("mallory"), *CARDS[1:]], owners=("mallory",))
    mine = a_record(4)
    assert reduced(mine, other, own=ALICE).record == the_record(mine)  # alice signed it as its owner
    bob = a_key("bob").node_id
    assert reduced(mine, other, own=bob).record is None
    assert reduced(mine, other, an_acceptance(mine, "bob"), own=bob).record == the_record(mine)
    chosen = Local(answers={"network": {"record": other.id}})
    assert reduced(mine, other, own=bob, local=chosen).record == the_record(other)


def test_somebody_elses_acceptance_decides_nothing() -> None:
    other = a_record([a_card("mallory"), *CARDS[1:]], owners=("mallory",))
    said = an_acceptance(other, "mallory"), an_acceptance(other, "bob", signer="mallory")
    assert reduced(a_record(4), other, *said, own=a_key("bob").node_id).record is None


def test_the_tally_is_that_of_the_record_in_force() -> None:
    found = reduced(
        RECORD, an_acceptance(RECORD, "alice"), an_acceptance(RECORD, "bob"), an_attestation(RECORD, "dave")
    )
    assert found.tally is not None and found.tally.sentence == "2 signed, 1 attested of 4; missing carol"


def test_acceptances_of_a_genesis_that_was_left_are_older() -> None:
    first = a_record(4)
    later = a_record(4, previous=first, chain_id="example-2")
    accepted = an_acceptance(first)
    assert status(reduced(first, accepted), accepted) == "known"
    found = reduced(first, later, accepted)
    assert status(found, accepted) == status(found, first) == "older"
    assert status(found, later) == "known"
