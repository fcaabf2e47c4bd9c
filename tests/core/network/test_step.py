"""The step network: one owner or several, with a node or with an OpenSSH key, and whatever else came under the name."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from core.changes import Sign, WriteFile
from core.documents.armour import armour
from core.documents.words import eight_words
from core.finding import Severity
from core.network.step import NetworkStep, record_of
from core.peers.receive import receive
from tests.builders import a_card, a_key, a_record, an_acceptance, an_amendment, sign, the_record
from tests.core.network.operators import Operator, codes, operator

MEMBERS = ("alice", "bob", "carol", "dave")
CARDS = [a_card(name) for name in MEMBERS]
ALONE = {"owners": "me", "one_owner": "yes"}
"""One owner, as the person meant it: the next version needs nobody else."""


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    return operator(tmp_path).has(*CARDS).approves()


@pytest.fixture
def bob(tmp_path: Path) -> Operator:
    return operator(tmp_path, "bob", "member").has(*CARDS)


@pytest.fixture
def carol(tmp_path: Path) -> Operator:
    return operator(tmp_path, "carol", "member").has(*CARDS)


# One owner


async def test_the_coordinator_makes_the_record_and_is_done(alice: Operator) -> None:
    shown = await alice.shown("network", **ALONE)
    assert (shown.answers["owners"], shown.answers["profile"]) == ("me", "tendermint-0.34")
    record = record_of(shown.plan)
    assert record is not None and record.version == 1
    document = await alice.signs("network", **ALONE)
    assert the_record(document) == record and alice.seen.in_force
    after = await alice.plan("network")
    assert (after.changes, after.next, after.is_safe) == ((), "", True)


async def test_what_was_typed_for_one_record_turns_no_later_one_back(alice: Operator) -> None:
    first = await alice.signs("network", note="first", owners="me; bob", threshold="1")
    later = an_amendment(first, note="by bob", signers=("alice", "bob"))
    assert (await alice.has(later).plan("network")).changes == ()
    assert (await alice.shown("network")).answers["note"] == "by bob"


async def test_a_member_waits_for_the_record_and_is_done_with_it(bob: Operator) -> None:
    waiting = await bob.plan("network")
    assert (waiting.next, codes(waiting)) == ("quorate import FILE", {"network-no-record": "record"})
    done = await bob.has(a_record(CARDS)).plan("network")
    assert (done.changes, done.next, done.is_safe) == ((), "", True)
    assert (await bob.shown("network")).answers == {}


async def test_every_field_has_a_suggestion_or_may_be_empty(alice: Operator) -> None:
    assert set((await alice.shown("network")).answers) <= {field.name for field in NetworkStep.fields}
    await alice.signs("network")
    assert set((await alice.shown("network")).answers) <= {field.name for field in NetworkStep.fields}


# Several owners


async def test_all_members_own_a_record_of_three_or_more_and_more_than_half_sign_the_next(alice: Operator) -> None:
    record = the_record(await alice.signs("network"))
    assert {owner.name for owner in record.owners} == set(MEMBERS) and record.threshold == 3


@pytest.mark.parametrize("count", [1, 2])
async def test_two_members_leave_the_coordinator_the_only_owner(tmp_path: Path, count: int) -> None:
    record = the_record(await operator(tmp_path).has(*CARDS[:count]).approves().signs("network"))
    assert [owner.name for owner in record.owners] == ["alice"]


async def test_one_owner_alone_has_to_be_meant(alice: Operator) -> None:
    plan = await alice.plan("network", owners="me")
    (told,) = (one for one in plan.findings if one.code == "network-one-owner")
    assert not plan.is_safe and (told.subject, told.severity) == ("one_owner", Severity.ERROR)
    meant = await alice.plan("network", **ALONE)
    (told,) = (one for one in meant.findings if one.code == "network-one-owner")
    assert meant.is_safe and told.severity is Severity.WARNING
    await alice.signs("network", **ALONE)
    later = await alice.plan("network", note="x")
    assert later.is_safe and "network-one-owner" in codes(later)


async def test_owners_who_must_all_sign_are_warned_of_the_loss_of_one(alice: Operator) -> None:
    plan = await alice.plan("network", owners="me; bob; carol", threshold="3")
    assert plan.is_safe and codes(plan)["network-all-owners"] == "threshold"
    assert "network-all-owners" not in codes(await alice.plan("network", owners="me; bob; carol", threshold="2"))


async def test_an_owners_acceptance_of_version_1_is_their_signature(
    alice: Operator, bob: Operator, carol: Operator
) -> None:
    first = await alice.signs("network", owners="me; bob; carol")
    assert the_record(first).threshold == 2 and not alice.seen.in_force
    plan = await bob.has(first).plan("network")
    assert (plan.changes, plan.next, plan.is_safe) == ((), "", True)
    word = eight_words(bytes.fromhex(first.id), "record")[7]
    receipt = await bob.does("genesis", word=word)
    assert [document.kind for document in receipt.documents] == ["acceptance"]
    assert alice.has(*receipt.documents).seen.in_force and bob.seen.in_force
    # Enough have signed: the third is asked for nothing but the own acceptance.
    assert (await carol.has(first, *receipt.documents).plan("network")).changes == ()


async def test_acceptances_of_version_1_sign_no_later_version(alice: Operator, bob: Operator) -> None:
    first = await alice.signs("network", owners="me; bob; carol")
    alice.has(an_acceptance(first, "bob"))
    second = await alice.signs("network", note="later")
    for name in ("bob", "carol"):
        alice.has(an_acceptance(second, name))
    assert alice.record.id == first.id
    plan = await bob.has(first, second, an_acceptance(first, "bob")).plan("network")
    (change,) = plan.changes
    assert isinstance(change, Sign) and change.body == second.payload


async def test_a_next_version_is_signed_although_the_first_still_waits(alice: Operator, bob: Operator) -> None:
    """Who signs it signs the hash of the first one with it."""
    first = await alice.signs("network", owners="me; bob; carol")
    second = await alice.signs("network", note="corrected")
    assert not alice.seen.in_force
    signed = await bob.has(first, second).signs("network")
    assert alice.has(signed).seen.in_force and alice.record.id == second.id


async def test_owners_change_by_the_signatures_of_old_and_new(alice: Operator, bob: Operator, carol: Operator) -> None:
    dave = operator(alice.folder.parent, "dave", "member").has(*CARDS)
    first = await alice.signs("network", owners="me; bob", threshold="2")
    for one in (alice, bob, carol, dave):
        one.has(first, an_acceptance(first, "alice"), an_acceptance(first, "bob"))
    second = await alice.signs("network", owners="carol; dave", threshold="")
    signed = second
    for one in (bob, carol):
        assert alice.has(signed).seen.exchange.succession.in_force != the_record(second)
        signed = signed.with_signatures((await one.has(signed).signs("network")).signatures)
    assert the_record(second).threshold == 2 and alice.has(signed).record.id == first.id
    signed = signed.with_signatures((await dave.has(signed).signs("network")).signatures)
    for one in (alice, bob, carol, dave):
        assert one.has(signed).record.id == second.id and one.seen.in_force


async def test_a_waiting_version_shows_an_owner_what_it_changes(alice: Operator, bob: Operator) -> None:
    first = await alice.signs("network", owners="me; bob", threshold="1")
    # One signature is enough of theirs, and the new threshold asks for two.
    second = await alice.signs("network", threshold="2", note="two of us")
    plan = await bob.has(first, second).plan("network")
    told = [one.message for one in plan.findings if one.code == "network-change"]
    assert len(plan.changes) == 1 and any("threshold: 1 -> 2" in one for one in told)


async def test_owners_who_all_sign_elsewhere_can_not_be_begun_for(alice: Operator) -> None:
    plan = await alice.plan("network", owners="bob; carol")
    assert (plan.changes, plan.next, codes(plan)["network-owner-first"]) == ((), "", "owners")


async def test_while_others_have_to_sign_that_is_what_comes_next(alice: Operator, bob: Operator) -> None:
    first = await alice.signs("network", owners="me; bob; carol")
    plan = await alice.plan("network")
    (told,) = (one for one in plan.findings if one.code == "network-waits-for-owners")
    # What comes next is her own acceptance.
    assert plan.next == "" and "1 of 2" in told.message and "bob, carol can" in told.message
    member = operator(alice.folder.parent, "dave", "member").has(*CARDS, first)
    assert (await member.plan("network")).next == "quorate import FILE"
    accepted = an_acceptance(first, "bob")
    assert (await alice.has(accepted).plan("network")).next == "" and alice.seen.in_force
    # A next version that waits keeps nobody from working with the one in force.
    third = await alice.signs("network", note="x")
    assert (await alice.plan("network")).next == "" and (await member.has(accepted, third).plan("network")).next == ""


# What others planted


async def test_a_record_that_nobody_else_signed_for_is_not_offered_to_owners(alice: Operator) -> None:
    """Anybody can write a next version and sign it with a key of their own."""
    first = await alice.signs("network", **ALONE)
    planted = an_amendment(first, owners=("alice", "mallory"), signers=("mallory",))
    plan = await alice.has(planted).plan("network")
    assert plan.changes == () and alice.seen.pending is None


async def test_a_first_record_planted_beside_the_one_in_force_is_not_offered(alice: Operator, bob: Operator) -> None:
    first = await alice.signs("network", owners="me; bob", threshold="1")
    planted = a_record(CARDS, owners=("mallory", "bob"), threshold=2, signers=("mallory",))
    for one in (alice, bob):
        one.has(first, planted)
        assert (await one.plan("network")).changes == () and one.seen.pending is None


@pytest.mark.parametrize("owners", [("mallory",), ("mallory", "alice")])
async def test_a_record_that_came_to_a_coordinator_is_not_built_upon_unasked(
    alice: Operator, owners: tuple[str, ...]
) -> None:
    planted = a_record(CARDS, owners=owners, signers=("mallory",))
    plan = await alice.has(planted).plan("network", note="mine")
    assert (plan.changes, codes(plan)["network-other-founder"]) == ((), "record")
    own = record_of(await alice.plan("network", note="mine", record="new"))
    assert own is not None and (own.version, own.note, own.previous) == (1, "mine", "")
    await alice.signs("network", note="mine", record="new")
    assert alice.record.note == "mine" and (await alice.plan("network")).changes == ()
    later = record_of(await alice.plan("network", note="still mine"))
    assert later is not None and later.version == 2


async def test_p5_no_second_first_record_is_signed_by_one_key(alice: Operator) -> None:
    first = await alice.signs("network", owners="me", one_owner="yes")
    doubled = a_record(CARDS, owners=("alice",), chain_id="example-9")
    plan = await alice.has(doubled).plan("network", note="other", record="new")
    assert plan.changes == () and codes(plan)["network-second-first"] == "record"
    message = next(one.message for one in plan.findings if one.code == "network-second-first")
    assert any(one.id[:8] in message for one in (first, doubled))


async def test_what_a_coordinator_typed_outlives_a_record_that_others_planted(alice: Operator) -> None:
    from core.run import keep_answers

    keep_answers(alice.state, "network", {"note": "mine"})
    alice.has(a_record(CARDS, owners=("mallory",)))
    own = record_of(await alice.plan("network", record="new"))
    assert own is not None and own.note == "mine"


async def test_a_coordinator_can_take_the_record_of_another(alice: Operator) -> None:
    theirs = a_record(CARDS, owners=("bob",))
    plan = await alice.has(theirs).plan("network", record=theirs.id)
    assert plan.is_safe and plan.changes == ()
    alice.has(an_acceptance(theirs, "alice"))
    assert (await alice.plan("network")).is_safe


async def test_a_member_called_me_owns_nothing(alice: Operator) -> None:
    alice.has(a_card("me")).approves()
    record = record_of(await alice.plan("network", owners="me"))
    assert record is not None and [owner.key for owner in record.owners] == [a_key("alice").public]


# Records that exclude each other


async def test_of_two_first_records_the_one_that_was_compared_is_chosen(bob: Operator) -> None:
    one, other = a_record(CARDS), a_record(CARDS, owners=("mallory",))
    plan = await bob.has(one, other).plan("network")
    assert plan.next == "quorate plan network --set record=ID"
    (told,) = plan.findings
    assert told.code == "record-two-founders" and one.id in told.message and other.id in told.message
    assert not (await bob.plan("network", record="abc")).is_safe
    assert (await bob.plan("network", record=one.id)).is_safe
    assert "genesis-record-disputed" in codes(await bob.plan("genesis"))
    bob.says(answers={"network": {"record": one.id}})
    assert (bob.record.id, bob.seen.in_force) == (one.id, True)
    assert (await bob.plan("genesis")).is_safe


async def test_an_id_that_is_not_here_is_told_with_those_that_are(alice: Operator) -> None:
    first = await alice.signs("network")
    plan = await alice.plan("network", record="abc")
    (told,) = (one for one in plan.findings if one.code == "network-record")
    assert told.subject == "record" and first.id in told.message and not plan.is_safe


async def test_a_fork_is_settled_by_the_next_version_of_one_branch(alice: Operator, bob: Operator) -> None:
    first = await alice.signs("network", **ALONE)
    left, right = an_amendment(first, note="left"), an_amendment(first, note="right")
    for one in (alice, bob):
        one.has(first, left, right)
        shown = await one.shown("network")
        assert shown.plan.changes == () and "record-fork" in codes(shown)
        assert one.record.id == first.id
    third = await alice.signs("network", record=left.id, note="settled")
    assert the_record(third).previous == left.id and alice.record.id == third.id
    assert bob.has(third).record.id == first.id
    assert (await bob.plan("network", record=third.id)).is_safe
    bob.says(answers={"network": {"record": third.id}})
    assert bob.record.id == third.id and "record-fork" not in codes(bob.seen.findings)


async def test_an_older_version_does_not_come_back(alice: Operator, bob: Operator) -> None:
    first = await alice.signs("network", note="one", **ALONE)
    second = await alice.signs("network", note="two")
    bob.has(first, second)
    await receive(bob.world, armour(first).encode())
    assert bob.record.id == second.id and (await bob.plan("network")).changes == ()


# Owners without a node


class SshKey:
    """An OpenSSH key of stock ``ssh-keygen``."""

    def __init__(self, folder: Path, name: str) -> None:
        program = shutil.which("ssh-keygen")
        if program is None:
            pytest.skip("ssh-keygen is missing: install openssh-client")
        self.program, self.path = program, folder / name
        self._run("-q", "-t", "ed25519", "-N", "", "-C", f"{name}@example.org", "-f", str(self.path))

    @property
    def public(self) -> str:
        return self.path.with_suffix(".pub").read_text().strip()

    def sign(self, path: Path) -> bytes:
        self._run("-Y", "sign", "-n", "record.v1@quorate", "-f", str(self.path), str(path))
        return Path(f"{path}.sig").read_bytes()

    def _run(self, *words: str) -> None:
        subprocess.run([self.program, *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)


@pytest.fixture
def owner(tmp_path: Path) -> SshKey:
    return SshKey(tmp_path, "owner")


def outbox_of(plan_changes: tuple[object, ...]) -> Path:
    (change,) = plan_changes
    assert isinstance(change, WriteFile) and change.mode == 0o600
    return change.path


async def test_a_coordinator_without_a_node_signs_with_ssh_keygen(tmp_path: Path, owner: SshKey) -> None:
    zoe = operator(tmp_path, "zoe", node=False).has(*CARDS).approves()
    # The members are to own it; she who signs it first names her key beside them, or instead.
    first = await zoe.plan("network")
    assert not first.is_safe and codes(first)["network-owner-first"] == "owners"
    beside = await zoe.plan("network", owners=f"members; {owner.public}")
    assert beside.is_safe and beside.next.startswith("ssh-keygen")
    said = {"owners": owner.public, "genesis_time": "2026-11-26 12:00", "one_owner": "yes"}
    plan = await zoe.plan("network", **said)
    assert plan.is_safe and plan.next.startswith("ssh-keygen -Y sign -n record.v1@quorate -f KEY ")
    path = outbox_of(plan.changes)
    await zoe.does("network", **said)
    again = await zoe.plan("network")
    assert (again.changes, again.next) == ((), plan.next) and not zoe.seen.in_force
    signature = owner.sign(path)
    reception = await receive(zoe.world, signature)
    assert [row.status for row in reception.rows] == ["new"]
    assert zoe.seen.in_force and zoe.record.owners[0].name == "owner@example.org"
    after = await zoe.plan("network")
    assert (after.changes, after.next, after.is_safe) == ((), "", True)
    # The next version goes the same way.
    path = outbox_of((await zoe.plan("network", note="x")).changes)
    await zoe.does("network", note="x")
    await receive(zoe.world, owner.sign(path))
    assert (zoe.record.version, zoe.record.note) == (2, "x")


async def test_who_signs_with_which_key_is_told(tmp_path: Path, owner: SshKey) -> None:
    zoe = operator(tmp_path, "zoe", node=False).has(*CARDS).approves()
    said = {"owners": owner.public, "genesis_time": "2026-11-26 12:00", "one_owner": "yes"}
    path = outbox_of((await zoe.plan("network", **said)).changes)
    (alone,) = (one for one in (await zoe.plan("network", **said)).findings if one.code == "network-sign-with-ssh")
    assert alone.message.endswith("sign: owner@example.org")
    await zoe.does("network", **said)
    await receive(zoe.world, owner.sign(path))
    plan = await zoe.plan("network", owners="members", threshold="3")
    (told,) = (one for one in plan.findings if one.code == "network-sign-with-ssh")
    with_ssh, with_nodes = told.message.split("; ")
    assert with_ssh == alone.message
    assert "quorate apply network" in with_nodes
    assert set(with_nodes.rpartition(": ")[2].split(", ")) == set(MEMBERS)


async def test_a_draft_that_nobody_signed_is_no_version_to_follow(tmp_path: Path, owner: SshKey) -> None:
    zoe = operator(tmp_path, "zoe", node=False).has(*CARDS).approves()
    await zoe.does("network", owners=owner.public, one_owner="yes", note="draft")
    await zoe.does("network", note="better")
    drafts = [the_record(sign("record", body)) for body in zoe.seen.outbox.values()]
    assert sorted(one.note for one in drafts) == ["better", "draft"] and {one.version for one in drafts} == {1}


async def test_node_and_ssh_key_together_own_a_record(alice: Operator, owner: SshKey) -> None:
    first = await alice.signs("network", owners=f"me; {owner.public}")
    assert the_record(first).threshold == 2 and not alice.seen.in_force
    path = outbox_of((await alice.plan("network")).changes)
    await alice.does("network")
    await receive(alice.world, owner.sign(path))
    assert alice.seen.in_force and (await alice.plan("network")).changes == ()


async def test_a_coordinator_with_a_node_and_a_record_of_an_ssh_key_is_no_stranger_to_it(
    alice: Operator, owner: SshKey
) -> None:
    path = outbox_of((await alice.plan("network", owners=owner.public, one_owner="yes")).changes)
    await alice.does("network", owners=owner.public, one_owner="yes")
    await receive(alice.world, owner.sign(path))
    plan = await alice.plan("network")
    assert alice.seen.in_force and plan.is_safe and (plan.changes, plan.next) == ((), "")


async def test_a_signature_over_something_else_is_loose(alice: Operator, owner: SshKey, tmp_path: Path) -> None:
    await alice.does("network", owners=owner.public, one_owner="yes")
    other = tmp_path / "other.json"
    other.write_bytes(a_record(CARDS).payload)
    reception = await receive(alice.world, owner.sign(other))
    assert "intake-signature-loose" in codes(reception.findings) and not alice.seen.in_force


async def test_no_command_to_sign_is_shown_for_a_record_with_errors(alice: Operator) -> None:
    plan = await alice.plan("network", owners="x=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    assert not plan.is_safe and plan.next == "" and codes(plan)["record-owner-key"] == "owners"
