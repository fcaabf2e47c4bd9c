"""What is known and not yet in the record in force is said by the status, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.agreement.ahead import ahead
from core.around import standing
from core.documents.words import eight_words
from core.standing import Standing
from tests.builders import SERIAL, a_card, a_record, an_acceptance, an_amendment, an_unsigned
from tests.core.cli import program
from tests.core.network.operators import Operator, operator

NAMES = ("alice", "bob", "carol", "dave")
CARDS = [a_card(name) for name in NAMES]
FIRST = a_record(CARDS, owners=NAMES[:3], threshold=2)
WORD = eight_words(bytes.fromhex(FIRST.id), "record")[7]


async def settled(folder: Path, name: str) -> Operator:
    """A member who has done all that the steps ask for."""
    others = (an_acceptance(FIRST, one) for one in NAMES if one != name)
    who = operator(folder, name, "member").has(*CARDS, FIRST, *others)
    await who.does("genesis", word=WORD)
    await who.does("config")
    return who


@pytest.fixture
async def bob(tmp_path: Path) -> Operator:
    return await settled(tmp_path, "bob")


async def told(who: Operator) -> tuple[Standing, dict[str, str]]:
    now = await standing(who.world)
    return now, {one.code: one.message for one in now.findings}


async def test_a_version_that_waits_is_sent_by_who_signed_it_and_awaited_by_others(
    bob: Operator, tmp_path: Path
) -> None:
    assert (await told(bob))[0].next == "quorate genesis"
    by_bob = an_amendment(FIRST, note="two", signers=("bob",))
    now, said = await told(bob.has(by_bob))
    assert now.is_quorate and now.next == "quorate network share" and "version 2 is not in force yet" in now.why
    assert "1 of 2 of its owners signed (bob)" in said["record-next-waits"]
    now, said = await told((await settled(tmp_path, "dave")).has(by_bob))
    assert now.next == "quorate import FILE" and "record-next-waits" in said
    now, said = await told((await settled(tmp_path, "carol")).has(by_bob))
    assert now.next == "quorate plan network" and "record-next-waits" in said
    now, said = await told(bob.has(an_amendment(FIRST, note="two", signers=("carol",))))
    assert (now.next, said) == ("quorate genesis", {})


async def test_a_card_that_the_record_has_not_is_to_be_sent_until_a_version_has_it(bob: Operator) -> None:
    new = a_card("bob", serial=SERIAL + 1, p2p=["bob.example.org:31013"])
    now, said = await told(bob.has(new))
    assert now.next == "quorate card show" and "bob.example.org:31013" in said["record-card-older"]
    assert "version 1 still has" in now.why
    offered = an_amendment(FIRST, [CARDS[0], new, CARDS[2], CARDS[3]], signers=("alice",))
    assert "record-card-older" not in (await told(bob.has(offered)))[1]
    now, said = await told(bob.has(an_amendment(FIRST, [CARDS[0], new, CARDS[2], CARDS[3]])))
    # Its own new address then goes into config.toml.
    assert (now.next, said) == ("quorate plan config", {})


async def test_the_command_status_says_it_and_what_was_just_sent_is_not_the_next_thing_again(bob: Operator) -> None:
    at = program.operator(bob.folder)
    bob.has(an_amendment(FIRST, note="two", signers=("bob",)))
    said = at.run("status")
    assert said.code == 0 and said.next == "quorate network share" and "record-next-waits" in said.talk
    assert at.run("network", "share").next == "quorate import FILE"
    bob.has(a_card("bob", serial=SERIAL + 1, contact="new"), an_amendment(FIRST, note="two", signers=("carol",)))
    said = at.run("status")
    assert said.next == "quorate card show" and "record-card-older" in said.talk
    assert at.run("card", "show").next == "quorate import FILE"


async def test_a_member_of_a_version_that_waits_is_known_and_not_attested_for_yet(bob: Operator) -> None:
    at, entry = program.operator(bob.folder), an_unsigned("eve")
    words = ("network", "attest", "eve", "--how", "phone")
    bob.says(unsigned={entry.node_id: entry.body.decode()})
    ran = at.json(*words)
    assert ran.codes == {"member-not-in-record"} and "version 1" in ran.findings[0]["message"]
    bob.has(an_amendment(FIRST, [*CARDS, entry], powers=(10, 10, 10, 10, 0), signers=("bob",)))
    ran = at.json(*words)
    assert "version 2 has them" in ran.findings[0]["message"] and "quorate network share" in ran.findings[0]["fix"]
    assert at.json("network", "heard", "eve", "same").codes == {"member-not-in-record"}
    assert at.json("network", "heard", "nobody", "same").codes == {"member-unknown"}
    bob.has(an_amendment(FIRST, [*CARDS, entry], powers=(10, 10, 10, 10, 0), signers=("bob", "carol")))
    assert "apply-needs-digest" in at.json(*words).codes


async def test_a_version_without_a_member_says_what_that_means_for_a_network_that_runs(tmp_path: Path) -> None:
    alice = operator(tmp_path).has(*CARDS, FIRST, *(an_acceptance(FIRST, one) for one in NAMES))
    alice.approves().approves("dave", verdict="refuse")
    (told,) = [one for one in (await alice.plan("network")).findings if one.code == "network-new-genesis"]
    assert "dave must stay in the record of a network that runs (quorate peers approve dave)" in told.fix


async def test_nothing_is_ahead_of_a_record_that_is_not_in_force(tmp_path: Path) -> None:
    waiting = a_record(CARDS, owners=NAMES, threshold=3, signers=("alice",))
    assert list(ahead(operator(tmp_path, "carol", "member").has(*CARDS, waiting).seen)) == []
