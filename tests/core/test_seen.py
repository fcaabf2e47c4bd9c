"""What the state says now: the record that matters, what waits for whom, and what another network has taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.agreement.current import Current
from core.documents.document import Document
from core.finding import Refusal
from core.run import one_look
from core.seen import own_record, seen
from core.world import World
from tests.builders import SERIAL, a_card, a_key, a_record, an_acceptance, an_amendment, the_record
from tests.core.network.operators import Operator, operator

ALICE, BOB, MALLORY = (a_key(name).public for name in ("alice", "bob", "mallory"))
FIRST = a_record(3, owners=("alice", "bob"), threshold=1)


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    return operator(tmp_path)


def of(who: Operator, *documents: Document) -> Current:
    return who.has(*documents).seen


def test_nothing_is_known_of_an_empty_state(alice: Operator) -> None:
    seen = alice.seen
    assert (seen.record, seen.pending, seen.tally, seen.own_card, seen.in_force) == (None, None, None, None, False)
    assert seen.head(ALICE) is None and seen.undecided == () and seen.awaits(ALICE) is None


async def test_who_is_no_owner_needs_a_record_in_force(tmp_path: Path) -> None:
    carol = operator(tmp_path, "carol", "member")
    with pytest.raises(Refusal) as refused:
        await own_record(carol.world)
    assert refused.value.findings[0].code == "network-no-record"
    waiting = a_record(3, owners=("alice", "bob"), threshold=2, signers=("alice",))
    with pytest.raises(Refusal):
        await own_record(carol.has(waiting).world)
    assert carol.record.id == waiting.id and not carol.seen.in_force


async def test_without_a_state_that_is_what_is_told(alice: Operator) -> None:
    bare = alice.world
    with pytest.raises(Refusal) as refused:
        await own_record(World(bare.files, bare.processes, bare.clock, bare.environ))
    assert refused.value.findings[0].code == "state-none"


async def test_records_that_exclude_each_other_are_told_as_such(tmp_path: Path) -> None:
    carol = operator(tmp_path, "carol", "member").has(a_record(3), a_record(3, owners=("mallory",)))
    with pytest.raises(Refusal) as refused:
        await own_record(carol.world)
    assert "record-two-founders" in {one.code for one in refused.value.findings}


async def test_of_records_that_exclude_each_other_the_own_one_holds(alice: Operator) -> None:
    alice.has(a_record(3), a_record(3, owners=("mallory",)))
    assert (await own_record(alice.world)).id == a_record(3).id


async def test_what_the_documents_say_is_reduced_once_for_a_change(alice: Operator) -> None:
    world = one_look(alice.has(FIRST).world)
    first = (await seen(world)).current
    assert (await seen(world)).current is first
    alice.approves("alice").has(an_acceptance(FIRST, "bob"))
    second = (await seen(world)).current
    assert second is not first and len(second.exchange.acceptances) == 1


# What waits


def test_an_owner_is_asked_for_what_they_have_not_signed(alice: Operator) -> None:
    second = an_amendment(FIRST, threshold=2, signers=("bob",))
    seen = of(alice, FIRST, second)
    assert seen.pending is not None and seen.pending.id == second.id
    assert seen.awaits(ALICE) == the_record(second)
    assert seen.awaits(BOB) is None and seen.awaits(MALLORY) is None


def test_an_owner_who_signed_one_successor_is_not_asked_for_the_other(alice: Operator) -> None:
    mine = an_amendment(FIRST, threshold=2, note="mine", signers=("alice",))
    theirs = an_amendment(FIRST, threshold=2, note="theirs", signers=("bob",))
    seen = of(alice, FIRST, mine, theirs)
    assert len(seen.offered) == 2 and seen.awaits(ALICE) is None and seen.awaits(BOB) is None


def test_only_what_an_owner_began_to_sign_is_offered(alice: Operator) -> None:
    planted = an_amendment(FIRST, owners=("alice", "mallory"), threshold=2, signers=("mallory",))
    elsewhere = a_record(3, owners=("mallory", "alice"), threshold=2, signers=("mallory",))
    seen = of(alice, FIRST, planted, elsewhere)
    assert seen.offered == () and seen.pending is None and seen.awaits(ALICE) is None


def test_owners_who_leave_are_asked_too(alice: Operator) -> None:
    second = an_amendment(FIRST, owners=("carol",), threshold=1, signers=("carol",))
    # Carol alone is no owner before, and bob's signature offers it to alice.
    assert of(alice, FIRST, second).offered == ()
    again = an_amendment(FIRST, owners=("carol",), threshold=1, signers=("bob",))
    seen = alice.has(again).seen
    assert seen.awaits(a_key("carol").public) is None and seen.in_force


# What a next version follows


def test_a_next_version_follows_what_was_made_last(alice: Operator) -> None:
    second = an_amendment(FIRST, threshold=2, note="x", signers=("alice",))
    third = an_amendment(second, note="y", signers=("alice",))
    seen = of(alice, FIRST, second, third)
    assert seen.record == the_record(FIRST) and seen.head(ALICE) == the_record(third)
    assert seen.before(the_record(third)) == the_record(second)
    assert seen.head(BOB) == the_record(FIRST)


def test_what_a_stranger_hangs_on_a_record_is_followed_by_nobody(alice: Operator) -> None:
    planted = an_amendment(FIRST, note="x", signers=("mallory",))
    seen = of(alice, FIRST, planted)
    assert seen.head(ALICE) == seen.head(MALLORY) == seen.head(None) == the_record(FIRST)


async def test_of_two_that_one_key_made_none_is_followed_unchosen(alice: Operator) -> None:
    left, right = (an_amendment(FIRST, note=note) for note in ("left", "right"))
    now = of(alice, FIRST, left, right)
    assert now.head(ALICE) == the_record(FIRST)
    chosen = (await seen(alice.world, chosen=f" {right.id} ")).current
    assert chosen.head(ALICE) == the_record(right)


# Chain ids


def test_no_chain_id_of_an_earlier_genesis_is_free(alice: Operator) -> None:
    second = a_record(3, owners=("alice", "bob"), previous=FIRST, chain_id="example-2")
    third = an_amendment(second, note="x")
    seen = of(alice, FIRST, second, third)
    assert seen.chain_ids_besides(the_record(third)) == {"example-1"}
    assert seen.chain_ids_besides(the_record(second)) == {"example-1"}
    assert seen.chain_ids_besides(the_record(FIRST)) == frozenset()
    back = a_record(3, owners=("alice", "bob"), previous=third, chain_id="example-1")
    assert seen.chain_ids_besides(the_record(back)) == {"example-1", "example-2"}


def test_chain_ids_of_other_networks_are_not_free_and_their_damage_is_not_ours(alice: Operator) -> None:
    root = alice.folder.parent
    other = operator(root, network="other").has(a_record(3, network="other", chain_id="taken-1"))
    assert alice.seen.other_chain_ids == {"taken-1"}
    other.has(a_record(3, network="other", chain_id="taken-2"))
    assert alice.seen.other_chain_ids == {"taken-1", "taken-2"}
    (other.state.folder / "documents.txt").write_bytes(b"-----BEGIN QUORATE CARD-----\n")
    assert alice.seen.other_chain_ids <= {"taken-1", "taken-2"}
    (other.state.folder / "documents.txt").unlink()
    (other.state.folder / "documents.txt").symlink_to("/dev/zero")
    assert alice.seen.other_chain_ids == frozenset()


# Acceptances, cards, outbox


def test_an_acceptance_holds_for_later_versions_over_the_same_genesis(alice: Operator) -> None:
    later = an_amendment(FIRST, note="x")
    other = a_record(3, owners=("alice", "bob"), previous=later, chain_id="example-2")
    seen = of(alice, FIRST, an_acceptance(FIRST, "alice"), later)
    assert seen.accepted(the_record(FIRST)) and seen.accepted(the_record(later))
    seen = of(alice, other)
    assert seen.record == the_record(other) and not seen.accepted(the_record(other))


def test_the_acceptance_of_another_is_not_ones_own(alice: Operator) -> None:
    assert not of(alice, FIRST, an_acceptance(FIRST, "bob")).accepted(the_record(FIRST))


async def test_the_own_card_is_the_newest_of_this_node(alice: Operator) -> None:
    new = a_card("alice", serial=SERIAL + 1)
    alice.has(a_card("alice"), new, a_card("bob"))
    assert (await seen(alice.world)).current.own_card == new.id


def test_an_outbox_with_anything_in_it_is_read(alice: Operator) -> None:
    outbox = alice.state.folder / "outbox"
    outbox.mkdir(parents=True)
    (outbox / "record-1.json").write_bytes(FIRST.payload)
    (outbox / "record-2.json").write_bytes(b"\xff\x00")
    (outbox / "record-1.json.sig").write_bytes(b"x")
    assert sorted(path.name for path in alice.seen.outbox) == ["record-1.json", "record-2.json"]


def test_who_is_undecided_and_missing_is_known_by_name(alice: Operator) -> None:
    alice.has(a_card("alice"), a_card("bob"), a_card("carol")).approves("alice").approves("bob", verdict="hold")
    alice.approves("carol", verdict="refuse").says(expected=("Alice", "dave"))
    assert [one.card.moniker for one in alice.seen.undecided] == ["bob"]  # type: ignore[union-attr]
    assert alice.seen.refused == {a_key("carol").node_id}
    assert alice.seen.missing(()) == ("Alice", "dave")
