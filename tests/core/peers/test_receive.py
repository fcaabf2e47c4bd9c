"""Taking in what people sent: what is sound is kept, what is not is told, and nothing planted gets a hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.documents.armour import armour
from core.documents.document import Document
from core.finding import Refusal
from core.peers.receive import judge, keep, receive
from core.world import World
from tests.builders import (
    NETWORK,
    SERIAL,
    a_card,
    a_key,
    a_record,
    an_acceptance,
    an_amendment,
    an_attestation,
    an_unsigned,
)
from tests.core.network.operators import Operator, codes, operator


@pytest.fixture
def bob(tmp_path: Path) -> Operator:
    return operator(tmp_path, "bob", "member")


def text(*documents: Document) -> bytes:
    return "\n> ".join(("hello", *(armour(one) for one in documents))).encode()


def statuses(rows: object) -> list[tuple[str, str, str]]:
    return [(row.kind, row.status, row.subject) for row in rows]  # type: ignore[attr-defined]


async def test_a_chat_is_taken_in_whole(bob: Operator) -> None:
    record = a_record(3)
    told = await receive(bob.world, text(a_card("alice"), record, an_acceptance(record, "alice")))
    assert [row.status for row in told.rows] == ["new"] * 3 and len(bob.state.documents()) == 3
    again = await receive(bob.world, text(a_card("alice"), record))
    assert [row.status for row in again.rows] == ["known"] * 2 and again.sound == ()


async def test_who_accepts_is_called_as_the_record_calls_them(bob: Operator) -> None:
    record = a_record([a_card("alice"), a_card("carol"), an_unsigned("dave")])
    said = (an_acceptance(record, "alice"), an_acceptance(record, "carol"), an_attestation(record, "dave"))
    told = await receive(bob.world, text(record, *said))
    assert [row.subject for row in told.rows[1:]] == ["alice", "carol", "dave"]
    # Of a record that is not here nothing is known but the node.
    (row,) = (await judge(bob.world, text(an_acceptance(an_amendment(record, note="two"), "alice")))).rows
    assert row.subject == a_key("alice").node_id


async def test_a_card_that_changed_is_told_field_by_field(bob: Operator) -> None:
    await receive(bob.world, text(a_card("alice")))
    told = await receive(bob.world, text(a_card("alice", serial=SERIAL + 1, contact="new")))
    (row,) = told.rows
    assert (row.status, row.keeps) == ("changed", True)
    assert {change.field for change in row.changes} == {"serial", "contact"}
    (row,) = (await receive(bob.world, text(a_card("alice", serial=SERIAL - 1)))).rows
    assert row.status == "older"


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (a_card("alice", network="other"), "foreign"),
        (a_card("alice", signer="mallory"), "forged"),
        (a_card("alice", v=2), "newer"),
    ],
    ids=["foreign", "forged", "newer"],
)
async def test_what_is_not_sound_is_told_and_not_kept(bob: Operator, document: Document, status: str) -> None:
    told = await receive(bob.world, text(document))
    assert [row.status for row in told.rows] == [status] and bob.state.documents() == () and told.findings


async def test_looking_first_keeps_nothing_and_says_the_same(bob: Operator) -> None:
    source = text(a_card("alice"), a_record(3))
    looked = await judge(bob.world, source)
    assert bob.state.documents() == ()
    assert statuses(looked.rows) == statuses((await receive(bob.world, source)).rows)


async def test_what_was_left_out_is_not_kept(bob: Operator) -> None:
    alice, carol = a_card("alice"), a_card("carol")
    looked = await judge(bob.world, text(alice, carol))
    kept = keep(bob.state, looked, left_out={carol.id})
    assert [one.id for one in kept] == [alice.id] == [one.id for one in bob.state.documents()]
    assert keep(bob.state, looked, left_out={alice.id, carol.id}) == ()


async def test_a_branch_beside_what_was_accepted_does_not_come_in(bob: Operator) -> None:
    first = a_record(3)
    third = an_amendment(second := an_amendment(first, note="two"), note="three")
    await receive(bob.world, text(second, third, an_acceptance(third, "bob")))
    told = await receive(bob.world, text(an_amendment(first, note="two, otherwise")))
    assert bob.record.id == third.id and bob.seen.in_force
    assert "record-rollback" in codes(bob.seen.findings) or not any(row.keeps for row in told.rows)


async def test_a_branch_beside_what_was_not_accepted_is_shown_and_nothing_is_in_force(bob: Operator) -> None:
    first = a_record(3)
    await receive(bob.world, text(first, an_amendment(first, note="two")))
    await receive(bob.world, text(an_amendment(first, note="two, otherwise")))
    assert bob.record.id == first.id and "record-fork" in codes(bob.seen.findings)


async def test_more_signatures_of_a_known_record_are_a_change(bob: Operator) -> None:
    both = a_record(3, owners=("alice", "carol"), threshold=2)
    half = a_record(3, owners=("alice", "carol"), threshold=2, signers=("alice",))
    await receive(bob.world, text(half))
    assert not bob.seen.in_force
    (row,) = (await receive(bob.world, text(both))).rows
    assert row.status == "changed" and [change.field for change in row.changes] == ["signatures"]
    assert bob.seen.in_force


async def test_copies_of_one_record_each_bring_their_signature(bob: Operator) -> None:
    """A chat pasted whole holds what each owner sent: the same record, each time with other signatures."""
    owners = ("alice", "bob", "carol")
    alice, second, third = (
        a_record(3, owners=owners, threshold=3, signers=signers)
        for signers in (("alice",), ("alice", "bob"), ("alice", "carol"))
    )
    looked = await judge(bob.world, text(second, third, second, alice))
    assert [row.status for row in looked.rows] == ["new", "changed", "known"]
    await receive(bob.world, text(alice))
    told = await receive(bob.world, text(second, third, alice))
    assert [row.status for row in told.rows] == ["changed", "changed", "known"]
    (to_two,), (to_three,) = (row.changes for row in told.rows[:2])
    assert (to_two.old, to_two.new[:1], to_three.old, to_three.new[:1]) == ("1", "2", "2", "3")
    assert bob.seen.in_force
    again = await receive(bob.world, text(third, second))
    assert [row.status for row in again.rows] == ["known", "known"] and again.sound == ()


# Files and folders


async def test_a_file_and_a_folder_are_taken_in(bob: Operator, tmp_path: Path) -> None:
    folder = tmp_path / "ein Ordner, ümlaut"
    folder.mkdir()
    (folder / "a.txt").write_bytes(text(a_card("alice")))
    (folder / "b.txt").write_bytes(text(a_card("carol")))
    assert [row.status for row in (await receive(bob.world, folder / "a.txt")).rows] == ["new"]
    assert sorted(row.status for row in (await receive(bob.world, folder)).rows) == ["known", "new"]


async def test_a_file_that_is_not_there_is_refused(bob: Operator, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        await receive(bob.world, tmp_path / "missing")
    assert refused.value.findings[0].code == "file-missing"


# Without a state: a folder of documents in a pull request


def nobody(who: Operator) -> World:
    world = who.world
    return World(world.files, world.processes, world.clock, world.environ)


async def test_without_a_state_documents_are_judged_together(bob: Operator) -> None:
    told = await judge(nobody(bob), text(a_card("alice"), a_card("carol", validator="alice validator")))
    assert "peer-validator-key-twice" in codes(told.findings)
    assert [row.status for row in told.rows] == ["new", "new"]


async def test_documents_of_two_networks_are_told(bob: Operator) -> None:
    told = await judge(nobody(bob), text(a_card("alice"), a_card("carol", network="other")))
    assert "import-mixed-networks" in codes(told.findings)


async def test_a_network_that_was_named_makes_the_others_foreign(bob: Operator) -> None:
    source = text(a_card("alice"), a_card("carol", network="other"))
    told = await judge(nobody(bob), source, NETWORK)
    assert sorted(row.status for row in told.rows) == ["foreign", "new"]


async def test_nothing_at_all_is_judged_as_nothing(bob: Operator) -> None:
    for source in (b"", b"hello", b"\xff\xfe\x00", b"-----BEGIN"):
        told = await judge(nobody(bob), source)
        assert told.sound == () and told.unsigned == ()


# Members without quorate


def bare(name: str) -> bytes:
    entry = an_unsigned(name)
    key = f'{{"type":"tendermint/PubKeyEd25519","value":"{entry.validator_key}"}}'
    return f"{entry.node_id}@{entry.p2p[0]}\n{key}\n".encode()


async def test_bare_values_are_entered_under_the_name_that_was_given(bob: Operator) -> None:
    told = await receive(bob.world, bare("dave"), " dave ")
    assert codes(told.findings)["unsigned-entered"] == "dave"
    (one,) = bob.seen.exchange.unsigned.values()
    assert one.entry == an_unsigned("dave")


async def test_bare_values_of_nobody_knows_whom_are_not_entered(bob: Operator) -> None:
    told = await receive(bob.world, bare("dave"))
    assert "unsigned-not-entered" in codes(told.findings) and bob.state.local.unsigned == {}
    told = await receive(bob.world, bare("dave") + b"\n" + bare("erin"), "dave")
    assert "unsigned-not-entered" in codes(told.findings) and bob.state.local.unsigned == {}


@pytest.mark.parametrize("moniker", ["x" * 65, "d\x1b[31mave", "dåve", " "])
async def test_a_name_that_no_record_takes_is_told_and_nothing_is_kept(bob: Operator, moniker: str) -> None:
    """Kept, it would be a finding of every command from then on."""
    told = await receive(bob.world, bare("dave"), moniker)
    assert bob.state.local.unsigned == {} and any(one.severity.word == "error" for one in told.findings)
    assert (await bob.plan("peers")).is_safe and not [one for one in bob.seen.findings if one.severity.word == "error"]


async def test_a_private_key_among_the_text_keeps_everything_out(bob: Operator) -> None:
    import base64

    private = base64.b64encode(bytes(a_key("dave").signing) + a_key("dave").public).decode()
    told = await receive(bob.world, text(a_card("alice")) + f'\n"priv_key": {{"value": "{private}"}}'.encode())
    assert codes(told.findings) == {"intake-private-key": "text"} and bob.state.documents() == ()
    assert all(private not in one.message for one in told.findings)
