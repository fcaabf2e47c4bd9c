"""Versions follow one another by hash link and by the signatures of old and new owners."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.agreement.owners import SignedRecord, read_record
from core.agreement.succession import Succession, chain
from core.documents.document import Document, Signature
from tests.builders import GENESIS_TIME, a_card, a_key, a_record, an_amendment, the_record


def judged(*documents: Document, trusted: Iterable[str] = (), chosen: Iterable[str] = ()) -> Succession:
    return chain((signed(one) for one in documents), frozenset(trusted), frozenset(chosen))


def signed(document: Document) -> SignedRecord:
    found = read_record(document)
    assert found is not None
    return found


def in_force(*documents: Document, trusted: Iterable[str] = ()) -> str | None:
    record = judged(*documents, trusted=trusted).in_force
    return record.id if record else None


def codes(succession: Succession) -> list[str]:
    return [finding.code for finding in succession.findings]


FIRST = a_record(4)
SECOND = an_amendment(FIRST, note="carol moved")
THIRD = an_amendment(SECOND, note="dave moved")


def test_nothing_is_in_force_where_nothing_is() -> None:
    assert judged() == Succession()


def test_a_first_version_signed_by_its_owners_is_in_force() -> None:
    assert in_force(FIRST) == FIRST.id
    assert codes(judged(FIRST)) == []


def test_a_first_version_waits_for_its_threshold() -> None:
    waiting = a_record(4, owners=("alice", "bob", "carol"), threshold=2, signers=("alice",))
    found = judged(waiting)
    assert found.in_force is None and [one.id for one in found.waiting] == [waiting.id]
    (finding,) = found.findings
    assert finding.code == "record-waiting" and "1 of 2" in finding.message and "alice" in finding.message
    assert in_force(waiting.with_signatures([a_key("bob").sign("record", waiting.payload)])) == waiting.id


def test_signatures_that_came_apart_count_together() -> None:
    one = a_record(4, owners=("alice", "bob"), threshold=2, signers=("alice",))
    two = a_record(4, owners=("alice", "bob"), threshold=2, signers=("bob",))
    assert one.id == two.id and in_force(one) is None and in_force(one, two) == one.id


def test_one_key_listed_twice_signs_once() -> None:
    record = a_record(4, owners=("alice", "alice"), threshold=2)
    assert in_force(record) is None


def test_a_signature_that_is_not_good_does_not_count_wherever_it_came_from() -> None:
    bad = Document("record", FIRST.payload, frozenset({Signature(a_key("alice").public, b"\1" * 64)}))
    assert in_force(bad) is None


def test_a_signature_of_a_stranger_does_not_count() -> None:
    assert in_force(a_record(4, signers=("mallory",))) is None


def test_later_versions_follow_by_hash_link() -> None:
    found = judged(THIRD, FIRST, SECOND)
    assert [one.version for one in found.lineage] == [1, 2, 3]
    assert found.in_force == the_record(THIRD) and codes(found) == []
    assert [one.version for one in found.era] == [1, 2, 3]


def test_a_version_whose_predecessor_is_not_here_is_not_in_force_beside_the_first() -> None:
    found = judged(FIRST, THIRD)
    assert found.in_force == the_record(FIRST) and codes(found) == ["record-gap"]


def test_a_member_who_joins_late_can_start_from_a_later_version_alone() -> None:
    assert in_force(THIRD) == THIRD.id


def test_a_successor_needs_the_old_owners() -> None:
    stolen = an_amendment(FIRST, owners=("mallory",), signers=("mallory",))
    found = judged(FIRST, stolen)
    assert found.in_force == the_record(FIRST) and codes(found) == ["record-waiting"]
    assert "owners before" in found.findings[0].message


def test_a_successor_needs_the_new_owners() -> None:
    found = judged(FIRST, an_amendment(FIRST, owners=("bob",), signers=("alice",)))
    assert found.in_force == the_record(FIRST) and codes(found) == ["record-waiting"]


def test_owners_rotate_when_both_sides_sign() -> None:
    rotated = an_amendment(FIRST, owners=("bob", "carol"), threshold=2)
    after = an_amendment(rotated, note="only the new ones sign", signers=("bob", "carol"))
    assert in_force(FIRST, rotated, after) == after.id


def test_owners_who_left_can_not_amend_any_more() -> None:
    rotated = an_amendment(FIRST, owners=("bob",))
    by_old = an_amendment(rotated, owners=("alice",), signers=("alice",))
    assert in_force(FIRST, rotated, by_old) == rotated.id


@pytest.mark.parametrize("threshold", [1, 2, 3])
def test_exactly_the_threshold_of_the_old_owners_is_needed(threshold: int) -> None:
    owners = ("alice", "bob", "carol")
    first = a_record(4, owners=owners, threshold=threshold)
    enough = an_amendment(first, note="n", threshold=1, signers=owners[:threshold])
    too_few = an_amendment(first, note="n", threshold=1, signers=owners[: threshold - 1] or ("mallory",))
    assert in_force(first, enough) == enough.id
    assert in_force(first, too_few) == first.id


def test_the_same_chain_id_with_another_genesis_is_refused() -> None:
    changed = a_record(4, previous=FIRST, genesis_time=GENESIS_TIME + timedelta(hours=1))
    found = judged(FIRST, changed)
    assert found.in_force == the_record(FIRST) and codes(found) == ["record-genesis-changed"]
    message = found.findings[0].message
    assert the_record(FIRST).genesis_sha256 in message and the_record(changed).genesis_sha256 in message


def test_another_genesis_comes_with_another_chain_id_and_begins_an_era() -> None:
    changed = a_record(4, previous=FIRST, chain_id="example-2")
    found = judged(FIRST, changed)
    assert found.in_force == the_record(changed)
    assert [one.id for one in found.era] == [changed.id]


def test_a_chain_id_of_an_earlier_era_is_not_taken_again() -> None:
    second = a_record(4, previous=FIRST, chain_id="example-2")
    third = a_record(5, previous=second)
    found = judged(FIRST, second, third)
    assert found.in_force == the_record(second) and codes(found) == ["record-genesis-changed"]


def test_another_profile_over_the_same_genesis_section_is_refused() -> None:
    changed = an_amendment(FIRST, profile="cometbft-0.37")
    assert codes(judged(FIRST, changed)) == ["record-genesis-changed"]


def test_two_successors_of_one_version_put_neither_in_force_and_show_both() -> None:
    other = an_amendment(FIRST, note="carol stayed")
    found = judged(FIRST, SECOND, other)
    assert found.in_force == the_record(FIRST) and codes(found) == ["record-fork"]
    assert SECOND.id in found.findings[0].message and other.id in found.findings[0].message
    assert {one.id for one in found.rivals[0]} == {SECOND.id, other.id}


def test_a_fork_stops_everything_that_follows_it() -> None:
    other = an_amendment(FIRST, note="carol stayed")
    found = judged(FIRST, SECOND, other, THIRD)
    assert found.in_force == the_record(FIRST)
    assert codes(found) == ["record-fork", "record-not-in-force"]


def test_a_branch_that_was_left_does_not_come_back_to_who_accepted_what_followed() -> None:
    other = an_amendment(FIRST, note="carol stayed")
    found = judged(FIRST, SECOND, THIRD, other, trusted=[THIRD.id])
    assert found.in_force == the_record(THIRD) and codes(found) == ["record-rollback"]
    assert other.id in found.findings[0].message and SECOND.id in found.findings[0].message


def test_who_accepted_on_both_branches_has_neither() -> None:
    other = an_amendment(FIRST, note="carol stayed")
    after = an_amendment(other, note="erin came")
    found = judged(FIRST, SECOND, THIRD, other, after, trusted=[THIRD.id, after.id])
    assert found.in_force == the_record(FIRST) and codes(found)[0] == "record-fork"


def test_a_fork_at_the_very_version_that_was_accepted_is_a_fork() -> None:
    other = an_amendment(FIRST, note="carol stayed")
    assert codes(judged(FIRST, SECOND, other, trusted=[SECOND.id])) == ["record-fork"]


@pytest.mark.parametrize("accepted", [False, True])
def test_p5_two_first_versions_by_the_same_owners_put_neither_in_force_and_show_both(accepted: bool) -> None:
    other = a_record(4, genesis_time=GENESIS_TIME + timedelta(hours=1))
    found = judged(FIRST, other, trusted=[FIRST.id] if accepted else [])
    assert found.in_force is None and codes(found) == ["record-equivocation"]
    for one in (FIRST, other):
        assert one.id in found.findings[0].message
        assert the_record(one).genesis_sha256 in found.findings[0].message


@pytest.mark.parametrize("wanted", [0, 1])
def test_which_of_two_first_versions_holds_can_be_chosen(wanted: int) -> None:
    both = (FIRST, a_record(4, genesis_time=GENESIS_TIME + timedelta(hours=1)))
    found = judged(*both, chosen=[both[wanted].id])
    assert found.in_force == the_record(both[wanted]) and codes(found) == ["record-signed-twice"]


def test_p5_one_of_several_owners_cannot_revoke_what_the_others_made_with_a_record_of_their_own() -> None:
    owners = ("alice", "bob", "carol", "dave")
    ours = a_record(4, owners=owners, threshold=3, signers=owners)
    rival = a_record(4, owners=("dave",), threshold=1, signers=("dave",), chain_id="example-9")
    found = judged(ours, rival, trusted=[ours.id])
    assert found.in_force == the_record(ours) and codes(found) == ["record-signed-twice"]
    assert "dave signed two" in found.findings[0].message and rival.id in found.findings[0].message
    revoked = a_record(4, owners=owners, threshold=3, signers=owners[:3], chain_id="example-9")
    assert codes(judged(ours, revoked, trusted=[ours.id])) == ["record-equivocation"]


def test_a_complete_record_of_a_stranger_does_not_displace_one_that_waits_for_its_owners() -> None:
    waiting = a_record(4, owners=("alice", "bob", "carol"), threshold=2, signers=("alice",))
    rival = a_record(4, owners=("mallory",), threshold=1, signers=("mallory",), chain_id="example-9")
    found = judged(waiting, rival)
    assert found.in_force is None and found.opening is None and "record-two-founders" in codes(found)
    assert judged(waiting, rival, chosen=[waiting.id]).at_hand == the_record(waiting)


def test_a_name_that_two_groups_use_is_settled_by_what_the_member_accepted() -> None:
    other = a_record([a_card("mallory"), a_card("bob")], owners=("mallory",), chain_id="example-9")
    found = judged(FIRST, other)
    assert found.in_force is None and codes(found) == ["record-two-founders"]
    found = judged(FIRST, other, trusted=[FIRST.id])
    assert found.in_force == the_record(FIRST) and codes(found) == ["record-other-founders"]


def test_a_version_number_that_does_not_follow_is_refused() -> None:
    assert codes(judged(FIRST, an_amendment(FIRST, version=5))) == ["record-version"]
    assert codes(judged(an_amendment(FIRST, version=1))) == ["record-version"]
    assert codes(judged(a_record(4, version=2))) == ["record-version"]


def test_a_successor_of_another_network_is_refused() -> None:
    assert codes(judged(FIRST, an_amendment(FIRST, network="elsewhere"))) == ["record-version"]


OTHER = an_amendment(FIRST, note="carol stayed")
WAITING = an_amendment(THIRD, owners=("bob",), signers=("alice",))
ALL = (FIRST, SECOND, THIRD, OTHER, WAITING, a_record(4, signers=("mallory",), note="x"))


@given(st.permutations(ALL), st.lists(st.sampled_from(ALL), max_size=4))
def test_neither_order_nor_repetition_matters(order: list[Document], again: list[Document]) -> None:
    assert judged(*order, *again) == judged(*ALL)
