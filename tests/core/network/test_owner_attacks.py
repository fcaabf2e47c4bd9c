"""What one dishonest owner publishes, and what the other members see of it, by every step that goes by the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.around import standing
from core.changes import Sign, WriteFile
from core.documents.document import Document, Signature
from core.documents.words import eight_words
from core.finding import Refusal
from core.network.step import record_of
from core.run import carry_out
from core.state import State
from tests.builders import (
    a_card,
    a_key,
    a_node_card,
    a_record,
    an_acceptance,
    an_amendment,
    an_attestation,
    an_unsigned,
    the_record,
)
from tests.core.network.operators import Operator, codes, operator

NAMES = ("alice", "bob", "carol", "dave")
CARDS = [a_card(name) for name in NAMES]
OWNED = a_record(CARDS, owners=NAMES, threshold=3, signers=("alice",))
ACCEPTED = [an_acceptance(OWNED, name) for name in NAMES]
SOLE = a_record(CARDS)


@pytest.fixture
def bob(tmp_path: Path) -> Operator:
    return operator(tmp_path, "bob", "member").has(*CARDS)


def forged(name: str, **spoil: object) -> Document:
    """A card that its member did not sign, under the signature of one that they did."""
    (good,) = a_card(name).signatures
    return Document("card", a_node_card(name, **spoil).payload, frozenset({Signature(good.key, good.value)}))


async def test_a_version_with_a_forged_card_is_never_in_force(bob: Operator) -> None:
    changed = [a_card("alice"), a_card("bob"), forged("carol", p2p=("203.0.113.66:26656",)), a_card("dave")]
    second = an_amendment(SOLE, changed)
    bob.has(SOLE, *(an_acceptance(SOLE, name) for name in NAMES), second)
    assert bob.record.id == SOLE.id and "record-card-forged" in codes(bob.seen.findings)
    plan = await bob.plan("config")
    assert not any(b"203.0.113.66" in change.after for change in plan.changes if isinstance(change, WriteFile))


async def test_every_step_goes_by_the_record_that_this_node_accepted(bob: Operator) -> None:
    moved = [a_card("alice"), a_card("bob"), a_card("carol", p2p=("203.0.113.66:26656",)), a_card("dave")]
    rival = a_record(moved, owners=("mallory",), chain_id="example-9")
    bob.has(OWNED, an_acceptance(OWNED, "bob"), an_acceptance(OWNED, "carol"), rival)
    assert bob.record.id == OWNED.id and (await standing(bob.world)).tally
    (change,) = (await bob.plan("config")).changes
    assert isinstance(change, WriteFile) and b"203.0.113.66" not in change.after
    for member in the_record(OWNED).members:
        assert member.node_id == a_key("bob").node_id or member.dial[0].encode() in change.after


@pytest.mark.parametrize("who", ["bob", "carol"])
def test_nobody_is_attested_whose_signed_card_is_here_whatever_the_record_says(who: str, tmp_path: Path) -> None:
    record = a_record([a_card("alice"), an_unsigned("bob"), a_card("carol"), a_card("dave")])
    said = [an_acceptance(record, name) for name in ("alice", "carol", "dave")]
    seen = operator(tmp_path, who, "member").has(a_card(who), a_card("bob"), record, *said).seen
    attested = operator(tmp_path, who, "member").has(an_attestation(record, "bob")).seen
    for one in (seen, attested):
        assert one.tally is not None and not one.tally.quorate and one.tally.missing == ("bob",)
    assert "attestation-for-signed" in codes(attested.findings)


async def test_a_member_is_warned_of_a_record_that_has_a_signer_without_quorate(bob: Operator) -> None:
    record = a_record([a_card("alice"), a_card("bob"), an_unsigned("carol"), a_card("dave")])
    assert codes(await bob.has(record).plan("genesis"))["record-signer-unsigned"] == "carol"


async def test_what_version_1_may_not_do_is_found_also_where_version_2_came_with_it(bob: Operator) -> None:
    # The first power in the payload is that of alice in the genesis; her roster row keeps the other one.
    body = SOLE.payload.replace(b'"power":"10"', b'"power":"1000"', 1)
    spoiled = Document("record", body, frozenset({a_key("alice").sign("record", body)}))
    alone = await bob.has(spoiled).plan("genesis")
    assert "record-validators-differ" in codes(alone)
    second = an_amendment(spoiled, note="harmless")
    assert "record-validators-differ" in codes(await bob.has(second).plan("genesis"))


async def test_of_two_versions_that_wait_an_owner_signs_the_one_that_they_name(bob: Operator) -> None:
    bob.has(OWNED, *ACCEPTED)
    honest = an_amendment(OWNED, note="honest", signers=("alice",))
    other = an_amendment(OWNED, note="other", signers=("dave",))
    plan = await bob.has(honest, other).plan("network")
    assert plan.changes == () and {honest.id, other.id} <= set(
        next(one.message for one in plan.findings if one.code == "network-several-wait").split()
    )
    for wanted in (honest, other):
        (change,) = (await bob.plan("network", record=wanted.id)).changes
        assert isinstance(change, Sign) and change.body == wanted.payload
    signed = await bob.signs("network", record=honest.id)
    assert signed.id == honest.id and (await bob.plan("network", record=other.id)).changes == ()


async def test_a_member_who_moves_keeps_the_genesis_and_is_an_owner_with_the_new_key(
    tmp_path: Path,
) -> None:
    alice = operator(tmp_path, "alice").has(*CARDS).approves()
    first = await alice.signs("network")
    alice.has(*(an_acceptance(first, name) for name in NAMES))
    alice.has(a_card("bob", node="bob again")).approves("bob again").approves("bob", verdict="refuse")
    second = record_of(await alice.plan("network"))
    assert second is not None and second.section == the_record(first).section
    assert a_key("bob again").public in {owner.key for owner in second.owners} != {a_key(name).public for name in NAMES}


async def test_p5_a_plan_that_was_made_before_documents_came_signs_nothing(bob: Operator) -> None:
    shown = await bob.has(OWNED).shown("genesis", word=eight_words(bytes.fromhex(OWNED.id), "record")[7])
    assert shown.plan.is_safe and shown.plan.changes
    bob.has(a_record(CARDS, owners=NAMES, threshold=3, signers=("alice",), chain_id="example-9"))
    with pytest.raises(Refusal) as caught:
        await carry_out(shown, bob.world, shown.plan.digest)
    assert caught.value.findings[0].code == "plan-stale" and not bob.seen.exchange.acceptances


async def test_p5_one_key_signs_one_record_of_a_version(tmp_path: Path) -> None:
    alice = operator(tmp_path, "alice").has(*CARDS).approves()
    shown = await alice.shown("network", chain_id="example-7")
    first = await alice.signs("network", chain_id="example-8")
    with pytest.raises(Refusal) as caught:
        await carry_out(replace(shown, documents=None), alice.world, shown.plan.digest)
    assert caught.value.findings[0].code == "record-second" and alice.record.id == first.id
    for name in ("documents.txt", "signed.txt"):
        (alice.state.folder / name).unlink()
    forgotten = State.open(alice.state.root, alice.state.network)
    with pytest.raises(Refusal) as caught:
        await carry_out(replace(shown, documents=None), alice.world.at(forgotten), shown.plan.digest)
    assert caught.value.findings[0].code == "record-second"
