"""QUORATE at N of N, and never when somebody signed two things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.agreement.acceptance import parse_acceptance, read_acceptance, read_attestation
from core.agreement.tally import Tally, tally
from core.documents.document import Document
from core.documents.ed25519 import to_base64
from core.finding import Severity
from tests.builders import (
    GENESIS_TIME,
    MONIKERS,
    a_card,
    a_key,
    a_record,
    an_acceptance,
    an_amendment,
    an_attestation,
    an_unsigned,
    the_record,
)

FOUR = MONIKERS[:4]
RECORD = a_record(4)
OTHER = a_record(4, genesis_time=GENESIS_TIME + timedelta(hours=1))
MIXED = a_record([*(a_card(name) for name in FOUR[:3]), an_unsigned("dave")])


def counted(record: Document, *said: Document, earlier: Sequence[Document] = ()) -> Tally:
    acceptances = [read_acceptance(one)[0] for one in said if one.kind == "acceptance"]
    attestations = [read_attestation(one)[0] for one in said if one.kind == "attestation"]
    return tally(
        the_record(record),
        [one for one in acceptances if one],
        [one for one in attestations if one],
        earlier=[the_record(one) for one in earlier],
    )


def codes(found: Tally) -> list[str]:
    return [finding.code for finding in found.findings]


def test_all_members_with_power_make_it_quorate() -> None:
    found = counted(RECORD, *(an_acceptance(RECORD, name) for name in FOUR))
    assert found.quorate and set(found.accepted) == set(FOUR) and found.sentence == "4 signed of 4"


def test_one_missing_is_named() -> None:
    found = counted(RECORD, *(an_acceptance(RECORD, name) for name in FOUR[:3]))
    assert not found.quorate and found.missing == ("dave",) and found.sentence == "3 signed of 4; missing dave"


def test_nobody_is_not_quorate() -> None:
    assert not counted(RECORD).quorate
    assert not Tally().quorate


def test_a_member_without_quorate_is_attested_by_an_owner_and_counted_apart() -> None:
    said = [*(an_acceptance(MIXED, name) for name in FOUR[:3]), an_attestation(MIXED, "dave")]
    found = counted(MIXED, *said)
    assert found.quorate and found.attested == ("dave",) and found.sentence == "3 signed, 1 attested of 4"


def test_only_an_owner_can_attest() -> None:
    found = counted(MIXED, an_attestation(MIXED, "dave", owner="bob"))
    assert found.attested == () and codes(found) == ["attestation-not-by-owner"]


def test_nobody_is_attested_who_can_sign() -> None:
    found = counted(RECORD, an_attestation(RECORD, "dave"))
    assert found.attested == () and codes(found) == ["attestation-for-signed"]


def test_an_attestation_over_another_genesis_is_a_conflict() -> None:
    found = counted(MIXED, an_attestation(MIXED, "dave", genesis_sha256="0" * 64))
    assert found.conflicting == ("dave",) and codes(found) == ["acceptance-other-record"]


def test_an_attestation_for_a_member_who_signs_takes_nothing_from_them() -> None:
    said = [an_acceptance(RECORD, name) for name in FOUR]
    assert counted(RECORD, *said, an_attestation(RECORD, "dave", genesis_sha256="0" * 64)).quorate


def test_full_nodes_are_shown_and_not_counted() -> None:
    record = a_record(4, powers=(10, 10, 10, 0))
    found = counted(record, *(an_acceptance(record, name) for name in FOUR))
    assert found.quorate and found.needed == 3 and found.watching == ("dave",)
    assert counted(record, *(an_acceptance(record, name) for name in FOUR[:3])).quorate


def test_nobody_speaks_for_the_validator_key_of_another() -> None:
    shadow = a_card("mallory", validator="bob validator")
    record = a_record([*(a_card(name) for name in FOUR), shadow], powers=(10, 10, 10, 10, 0))
    said = [*(an_acceptance(record, name) for name in ("alice", "carol", "dave")), an_acceptance(record, "mallory")]
    found = counted(record, *said)
    assert not found.quorate and found.missing == ("bob",)
    against = counted(record, an_acceptance(record, "bob"), an_acceptance(record, "mallory", genesis_sha256="0" * 64))
    assert against.accepted == ("bob",) and against.conflicting == ()


def test_a_stranger_is_not_counted() -> None:
    found = counted(RECORD, an_acceptance(RECORD, "mallory"))
    assert found.accepted == () and found.watching == () and found.needed == 4


def test_an_acceptance_signed_by_another_key_is_none() -> None:
    accepted, findings = read_acceptance(an_acceptance(RECORD, "alice", signer="mallory"))
    assert accepted is None and [one.code for one in findings] == ["document-not-by-its-key"]


def test_an_acceptance_with_the_node_id_of_another_is_none() -> None:
    stolen = an_acceptance(RECORD, "mallory", node_id=the_record(RECORD).members[0].node_id)
    accepted, findings = read_acceptance(stolen)
    assert accepted is None and [one.code for one in findings] == ["acceptance-node-id"]


def test_an_acceptance_that_nobody_signed_is_not_counted() -> None:
    accepted, _ = parse_acceptance(an_acceptance(RECORD).payload)
    assert accepted is not None and tally(the_record(RECORD), [accepted]).accepted == ()


def test_words_that_were_not_compared_are_told() -> None:
    found = counted(RECORD, an_acceptance(RECORD, words=False))
    assert found.accepted == ("alice",) and codes(found) == ["acceptance-words-not-compared"]


def test_p5_who_signed_two_geneses_of_one_version_counts_for_neither_and_both_signatures_are_shown() -> None:
    both = an_acceptance(RECORD, "bob"), an_acceptance(OTHER, "bob")
    said = [*(an_acceptance(RECORD, name) for name in FOUR), *both]
    for record in (RECORD, OTHER):
        found = counted(record, *said)
        assert not found.quorate and "bob" in found.conflicting and "bob" not in found.accepted
        told = next(one for one in found.findings if one.code == "acceptance-conflict")
        for one in both:
            (signature,) = one.signatures
            assert one.id in told.message and to_base64(signature.value) in told.message


def test_p5_an_acceptance_of_another_record_of_the_same_version_is_shown_with_its_signature() -> None:
    (signature,) = (other := an_acceptance(OTHER, "bob")).signatures
    found = counted(RECORD, other)
    assert found.conflicting == ("bob",) and codes(found) == ["acceptance-other-record"]
    assert to_base64(signature.value) in found.findings[0].message


@given(st.data())
def test_p5_two_geneses_are_never_both_accepted_by_all_unless_the_double_signers_are_shown(data: st.DataObject) -> None:
    """Whatever each member signs, and whichever part of it is seen where."""
    signs = [data.draw(st.sampled_from([(), (RECORD,), (OTHER,), (RECORD, OTHER)])) for _ in FOUR]
    said = [an_acceptance(record, name) for name, records in zip(FOUR, signs, strict=True) for record in records]
    here, there = counted(RECORD, *said), counted(OTHER, *said)
    assert not (here.quorate and there.quorate)
    double = {name for name, records in zip(FOUR, signs, strict=True) if len(records) == 2}
    told = {one.subject for one in here.findings if one.code == "acceptance-conflict"}
    assert told == double


def test_a_genesis_hash_that_is_not_the_records_is_a_conflict() -> None:
    found = counted(RECORD, an_acceptance(RECORD, genesis_sha256="0" * 64))
    assert found.conflicting == ("alice",) and not found.accepted


def test_a_conflict_over_another_version_is_told_and_takes_nothing_away() -> None:
    later = a_record(4, previous=RECORD, chain_id="example-2")
    found = counted(RECORD, an_acceptance(RECORD), an_acceptance(later))
    assert found.accepted == ("alice",) and codes(found) == ["acceptance-ahead"]


def test_acceptances_outlive_amendments_of_the_same_genesis() -> None:
    amended = an_amendment(RECORD, 5, powers=(10, 10, 10, 10, 0))
    found = counted(amended, *(an_acceptance(RECORD, name) for name in FOUR), earlier=[RECORD])
    assert found.quorate and found.needed == 4
    assert not counted(amended, *(an_acceptance(RECORD, name) for name in FOUR)).quorate


def test_another_genesis_voids_all_acceptances() -> None:
    later = a_record(4, previous=RECORD, chain_id="example-2")
    found = counted(later, *(an_acceptance(RECORD, name) for name in FOUR), earlier=[RECORD])
    assert not found.quorate and found.accepted == () and found.conflicting == ()


def test_a_member_who_left_the_roster_is_still_needed_for_the_genesis() -> None:
    amended = an_amendment(RECORD, 3)
    found = counted(amended, *(an_acceptance(RECORD, name) for name in FOUR[:3]), earlier=[RECORD])
    assert found.missing == ("dave",)


# A later version that gives the power to a different node

MOVED = an_amendment(RECORD, [*(a_card(name) for name in FOUR[:3]), a_card("dave", node="dave again")])
ALL = [an_acceptance(RECORD, name) for name in FOUR]
BY_THE_NEW_KEY = an_acceptance(MOVED, "dave again")
HANDED_OVER = an_acceptance(MOVED, "dave")


def test_a_new_node_key_does_not_count_until_the_old_one_has_signed_that_version() -> None:
    found = counted(MOVED, *ALL, BY_THE_NEW_KEY, earlier=[RECORD])
    assert not found.quorate and found.moved == found.missing == ("dave",) and len(found.accepted) == 3
    (told,) = (one for one in found.findings if one.code == "record-power-moved")
    assert told.severity is Severity.ERROR and told.subject == "dave"
    assert all(a_key(name).node_id in told.message for name in ("dave", "dave again"))
    assert "moved" in found.sentence and "dave" in found.sentence
    after = counted(MOVED, *ALL, BY_THE_NEW_KEY, HANDED_OVER, earlier=[RECORD])
    assert after.quorate and after.moved == () and "record-power-agreed" in codes(after)


def test_the_hand_over_alone_is_no_acceptance_by_the_new_key() -> None:
    found = counted(MOVED, *ALL, HANDED_OVER, earlier=[RECORD])
    assert not found.quorate and found.missing == ("dave",) and found.moved == ()


def test_a_hand_over_of_an_earlier_version_is_none() -> None:
    """The old key accepted the version before; only its signature over the version that moves the power counts."""
    again = an_acceptance(RECORD, "dave", serial=1795259999)
    assert not counted(MOVED, *ALL, BY_THE_NEW_KEY, again, earlier=[RECORD]).quorate


def test_a_hand_over_holds_for_the_versions_after_it() -> None:
    later = an_amendment(MOVED, note="carol moved")
    found = counted(later, *ALL, BY_THE_NEW_KEY, HANDED_OVER, earlier=[RECORD, MOVED])
    assert found.quorate


def test_after_a_hand_over_the_old_key_is_no_holder_any_more() -> None:
    back = an_amendment(MOVED, 4)
    found = counted(back, *ALL, BY_THE_NEW_KEY, HANDED_OVER, earlier=[RECORD, MOVED])
    assert not found.quorate and found.moved == ("dave",)
    again = counted(back, *ALL, BY_THE_NEW_KEY, HANDED_OVER, an_acceptance(back, "dave again"), earlier=[RECORD, MOVED])
    assert again.quorate


def test_a_change_that_is_taken_back_leaves_the_acceptance_as_it_was() -> None:
    back = an_amendment(MOVED, 4)
    assert counted(back, *ALL, BY_THE_NEW_KEY, earlier=[RECORD, MOVED]).quorate


def test_where_the_old_key_is_lost_all_accept_exactly_that_version_with_words_compared() -> None:
    anew = [an_acceptance(MOVED, name) for name in (*FOUR[:3], "dave again")]
    assert counted(MOVED, *ALL, *anew, earlier=[RECORD]).quorate
    for left_out in range(4):
        some = [one for number, one in enumerate(anew) if number != left_out]
        assert not counted(MOVED, *ALL, *some, earlier=[RECORD]).quorate
    silent = an_acceptance(MOVED, "bob", words=False)
    assert not counted(MOVED, *ALL, anew[0], silent, *anew[2:], earlier=[RECORD]).quorate


def test_accepting_anew_needs_most_members_with_their_old_keys() -> None:
    """Else one owner could replace all the others, and accept for them."""
    names = ("alice", "bob", "mallory 1", "mallory 2")
    nodes = dict(zip(FOUR, names, strict=True))
    replaced = an_amendment(RECORD, [a_card(name, node=node) for name, node in nodes.items()])
    found = counted(replaced, *ALL, *(an_acceptance(replaced, node) for node in names), earlier=[RECORD])
    assert not found.quorate and set(found.moved) == {"carol", "dave"}


def test_whoever_lost_their_power_is_never_outvoted_in_their_own_view() -> None:
    anew = [an_acceptance(MOVED, name) for name in (*FOUR[:3], "dave again")]
    said = [one for one in (read_acceptance(document)[0] for document in (*ALL, *anew)) if one]
    own = a_key("dave").node_id
    found = tally(the_record(MOVED), said, earlier=[the_record(RECORD)], own=own)
    assert not found.quorate and "quorate network handover" in found.findings[0].fix


def test_a_signed_member_is_not_replaced_by_an_owners_word() -> None:
    lowered = an_amendment(RECORD, [*(a_card(name) for name in FOUR[:3]), an_unsigned("dave")])
    found = counted(lowered, *ALL, an_attestation(lowered, "dave"), earlier=[RECORD])
    assert not found.quorate and found.moved == ("dave",) and found.attested == ()
    assert "signed by nobody" in found.findings[0].message


def test_who_gets_quorate_signs_themself_from_then_on() -> None:
    raised = an_amendment(MIXED, 4)
    said = [*(an_acceptance(MIXED, name) for name in FOUR[:3]), an_attestation(MIXED, "dave")]
    found = counted(raised, *said, earlier=[MIXED])
    assert found.missing == ("dave",) and found.moved == ()
    assert counted(raised, *said, an_acceptance(raised, "dave"), earlier=[MIXED]).quorate


def test_another_validator_key_under_the_same_node_is_told_with_both() -> None:
    changed = [*(a_card(name) for name in FOUR[:3]), a_card("dave", validator="another validator")]
    found = counted(an_amendment(RECORD, changed), *ALL, earlier=[RECORD])
    assert not found.quorate and found.moved == ("dave",)
    message = found.findings[0].message
    assert a_key("dave validator").base64 in message and a_key("another validator").base64 in message


def test_a_member_who_is_left_out_agrees_with_their_own_key() -> None:
    without = an_amendment(RECORD, 3)
    found = counted(without, *ALL, earlier=[RECORD])
    assert not found.quorate and found.moved == found.missing == ("dave",)
    left = counted(without, *ALL, an_acceptance(without, "dave"), earlier=[RECORD])
    assert left.quorate and left.needed == 3
    stranger = an_amendment(without, [*(a_card(name) for name in FOUR[:3]), a_card("dave", node="mallory")])
    said = [*ALL, an_acceptance(without, "dave"), an_acceptance(stranger, "mallory")]
    assert counted(stranger, *said, earlier=[RECORD, without]).moved == ("dave",)


def test_one_validator_key_under_two_nodes_counts_for_nobody() -> None:
    twice = [*(a_card(name) for name in FOUR), a_card("mallory", validator="dave validator")]
    said = [*ALL, an_acceptance(RECORD, "mallory")]
    later = an_amendment(RECORD, twice, powers=(10, 10, 10, 10, 10))
    found = counted(later, *said, an_acceptance(later, "mallory"), earlier=[RECORD])
    assert not found.quorate and found.moved == ("dave",)
    first = a_record(twice, powers=(10, 10, 10, 10, 10))
    now = an_amendment(first, [*(a_card(name) for name in FOUR[:3]), twice[4]])
    accepted = [an_acceptance(first, name) for name in (*FOUR, "mallory")]
    assert not counted(first, *accepted).quorate
    assert not counted(now, *accepted, an_acceptance(now, "mallory"), earlier=[first]).quorate


def test_a_name_that_changes_moves_no_power() -> None:
    renamed = [a_card("bob", node="alice", validator="alice validator"), *(a_card(name) for name in FOUR[2:])]
    renamed.append(a_card("alice", node="bob", validator="bob validator"))
    found = counted(an_amendment(RECORD, renamed), *ALL[1:], earlier=[RECORD])
    assert found.missing == ("bob",) and found.moved == ()


def test_a_new_genesis_does_not_move_power_without_a_signature_either() -> None:
    moved = [*(a_card(name) for name in FOUR[:3]), a_card("dave", node="mallory")]
    later = a_record(moved, previous=RECORD, chain_id="example-2")
    anew = [an_acceptance(later, name) for name in FOUR[:3]]
    found = counted(later, *ALL, *anew, an_acceptance(later, "mallory"), earlier=[RECORD])
    assert found.quorate  # All others accepted it anew: they let dave go.
    unchecked = [anew[0], anew[1], an_acceptance(later, "carol", words=False), an_acceptance(later, "mallory")]
    assert not counted(later, *unchecked, earlier=[RECORD]).quorate


def test_the_same_acceptance_twice_counts_once() -> None:
    twice = [an_acceptance(RECORD), an_acceptance(RECORD), an_acceptance(RECORD, serial=1795258999)]
    assert counted(RECORD, *twice).accepted == ("alice",)
