"""One dishonest owner against members who accepted version 1: is there any set of documents that reads QUORATE?

The owner has own keys, keys of strangers, and every document that the honest members ever signed. Out of these they
make versions, acceptances and attestations as they like, and show each member whichever part of them.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.agreement.record import NetworkRecord
from core.agreement.reduce import reduce
from core.card.model import UnsignedEntry
from core.documents.document import Document
from tests.builders import (
    NETWORK,
    NOW,
    a_card,
    a_key,
    a_record,
    an_acceptance,
    an_amendment,
    an_attestation,
    an_unsigned,
    the_record,
)

HONEST = ("bob", "carol", "dave")
OWNER, STRANGERS = "mallory", ("stranger 1", "stranger 2")
KEYS = (OWNER, *STRANGERS)
Rows = list[tuple[Document | UnsignedEntry, int]]


def stranger(moniker: str, key: str, **spoil: str) -> Document:
    return a_card(moniker, node=key, **spoil)


def entered(moniker: str, key: str) -> UnsignedEntry:
    """A member as an owner enters them, without a signature."""
    return replace(an_unsigned(moniker), node_id=a_key(key).node_id)


@st.composite
def places(draw: st.DrawFn, name: str) -> Rows:
    """What stands in a roster where ``name`` stood: most often what they signed."""
    key = draw(st.sampled_from(KEYS))
    other = draw(st.sampled_from([one for one in HONEST if one != name]))
    own = a_card(name)
    ways: list[Rows] = [
        [(own, 10)],
        [(stranger(name, key), 10)],
        [(entered(name, name), 10)],
        [(entered(name, key), 10)],
        [(own, 0), (stranger(name, key), 10)],
        [(own, 10), (stranger(name, key), 10)],
        [(own, 0)],
        [(stranger(other, key, validator=f"{name} validator"), 10)],
        [(replace(an_unsigned(name), validator_key=a_key(key).base64), 10)],
        [],
    ]
    return ways[draw(st.sampled_from([0, 0, 0, 0, *range(len(ways))]))]


@st.composite
def versions(draw: st.DrawFn, known: list[Document], number: int) -> Document:
    """One more version after any of those there are, or beside them."""
    rows = [row for name in HONEST for row in draw(places(name))]
    if draw(st.booleans()):
        rows.append((a_card(OWNER), 10))
    if draw(st.integers(0, 4)) == 0:
        rows.append((stranger("eve", "stranger 2"), draw(st.sampled_from([0, 10]))))
    owners = draw(st.sampled_from([(OWNER,), (OWNER,), (OWNER, "bob"), ("stranger 1",)]))
    after = draw(st.sampled_from(known))
    members, powers = [one for one, _ in rows], [power for _, power in rows]
    if draw(st.integers(0, 3)):
        return an_amendment(after, members, powers=powers, owners=owners, signers=KEYS, note=f"number {number}")
    before = draw(st.sampled_from([after, after, None]))
    chain_id = draw(st.sampled_from(["example-1", "example-2"]))
    return a_record(members, powers=powers, owners=owners, signers=KEYS, previous=before, chain_id=chain_id)


@st.composite
def attacks(draw: st.DrawFn) -> tuple[Document, list[Document], list[Document]]:
    """The first version, what the honest members signed of it, and all that the owner makes of that."""
    two_votes = draw(st.booleans())
    members = [a_card(name) for name in (*HONEST, OWNER, *STRANGERS[:two_votes])]
    first = a_record(members, owners=draw(st.sampled_from([(OWNER,), (OWNER, "bob")])), signers=(OWNER,))
    records = [first]
    for number in range(draw(st.integers(1, 3))):
        records.append(draw(versions(records, number)))
    words = [an_acceptance(one, key) for one in records for key in KEYS]
    words += [an_attestation(one, name, owner=OWNER) for one in records for name in (*HONEST, *KEYS)]
    if draw(st.integers(0, 4)) == 0:
        words = draw(st.lists(st.sampled_from(words), unique_by=lambda one: one.id))
    return first, [an_acceptance(first, name) for name in HONEST], [*records[1:], *words]


def voice(record: NetworkRecord, name: str) -> list[tuple[str, bool]]:
    """Under which node ids, and signed or not, the validator key of ``name`` stands in the record."""
    key = a_key(f"{name} validator").public
    found = [member for member in record.members if member.validator_key == key]
    return [(one.node_id, one.signed) for one in [one for one in found if one.power] or found]


@settings(max_examples=300, derandomize=True)
@given(attacks(), st.sampled_from(HONEST), st.data())
def test_p5_no_owner_alone_reaches_quorate_without_each_honest_voter(
    attack: tuple[Document, list[Document], list[Document]], name: str, data: st.DataObject
) -> None:
    first, honest, made = attack
    kept = data.draw(st.sampled_from([honest, honest, [an_acceptance(first, name)]]))
    found = reduce([first, *kept, *made], network=NETWORK, now=NOW, own=a_key(name).node_id)
    if found.tally is None or not found.tally.quorate:
        return
    record = found.record
    assert record is not None
    assert record.section.canonical == the_record(first).section.canonical, "their signature was for another genesis"
    assert len(kept) == len(HONEST), "not all have signed"
    for one in HONEST:
        assert voice(record, one) == [(a_key(one).node_id, True)], f"the power of {one} is not theirs any more"
