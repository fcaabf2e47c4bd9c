"""Dave has no quorate and Olivia no node: the network forms with both all the same.

Alice, Bob and Carol have quorate. Dave sends what his node program prints; Olivia owns the record together with Alice
and signs it with stock ssh-keygen.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.ceremony import (
    NETWORK,
    agree,
    as_chat,
    begin,
    begin_all,
    gather,
    make_cards,
    members_of,
    pin,
    propose,
    publish,
)
from tests.end_to_end.driver import Member, Result, make_blocks, set_in_toml, started, together


@dataclass
class Story:
    members: list[Member]
    """With quorate: alice, bob, carol."""
    dave: Member
    olivia: Member
    added: Result
    waiting: Result
    """What status said of the record before Olivia signed."""
    attested: Result


def make_ssh_key(folder: Path) -> str:
    """The line of the .pub file."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: install openssh-client")
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "olivia", "-f", str(folder / "id")]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "id.pub").read_text().strip()


def sign_with_ssh(owner: Member, kind: str, payload: Path) -> Path:
    """What quorate prints, done by hand."""
    command = ["ssh-keygen", "-Y", "sign", "-n", f"{kind}.v1@quorate", "-f", str(owner.folder / "id"), str(payload)]
    subprocess.run(command, check=True, capture_output=True)
    return payload.with_name(payload.name + ".sig")


def without_node(moniker: str, folder: Path) -> Member:
    member = Member(moniker, folder / moniker)
    member.folder.mkdir()
    member.run("home", "--network", NETWORK, "--role", "coordinator", "--no-home")
    return member


def take_part_by_hand(dave: Member, export: Path) -> None:
    """What the documents tell Dave to do with what he is given."""
    message = (export / "message.txt").read_text()
    told = (export / "genesis.json.sha256").read_text().split()[0]
    dave.genesis.unlink()
    script = message[message.index("printf %s") : message.index("\n2. Its SHA-256")]
    subprocess.run(["sh", "-c", script], cwd=dave.genesis.parent, check=True)
    assert dave.genesis.read_bytes() == (export / "genesis.json").read_bytes()
    assert hashlib.sha256(dave.genesis.read_bytes()).hexdigest() == told and f"\n{told}\n" in message
    for key, value in re.findall(r'^(\w+) = (".*")$', message, re.MULTILINE):
        set_in_toml(dave.config, "p2p", key, value)
    assert dave.node_id not in message and f"--genesis_hash={told}" in message
    # All nodes of this test stand behind one address, which the node's default forbids.
    set_in_toml(dave.config, "p2p", "allow_duplicate_ip", "true")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("without")
    everybody = members_of(folder, 4)
    members, dave = everybody[:3], everybody[3]
    alice, olivia = members[0], without_node("olivia", folder)
    key = make_ssh_key(olivia.folder)
    begin_all(members)

    words = ("--moniker", "dave", "--address", f"127.0.0.1:{dave.p2p}", "--node-id", dave.node_id)
    added = alice.run("peers", "add", *words, "--key", dave.node("show-validator"))
    alice.run("peers", "confirm", "dave", "--how", "read both values to him on the phone")
    gather(alice, as_chat(members, make_cards(members)), ["alice", "bob", "carol", "dave"])

    unsigned = publish(alice, owners=f"me; {key}", threshold="2")
    waiting = alice.run("network", "show")
    olivia.take(unsigned)
    olivia.apply("network")
    (payload,) = (olivia.state / NETWORK / "outbox").glob("record-*.json")
    olivia.run("import", str(sign_with_ssh(olivia, "record", payload)))
    agree(members, olivia.share())

    alice.run("network", "export", "--out", str(folder / "for-dave"), "--member", "dave")
    take_part_by_hand(dave, folder / "for-dave")
    yield Story(members, dave, olivia, added, waiting, attest(alice, "dave"))


def attest(owner: Member, moniker: str) -> Result:
    words = ("network", "attest", moniker, "--how", "he read the hash out on the phone")
    digest = owner.run(*words, expect=1).json["digest"]
    return owner.run(*words, "--digest", digest)


def test_an_entry_without_signature_stays_marked_as_such(story: Story) -> None:
    rows = {row["moniker"]: row for row in story.members[0].run("peers", "show").json["members"]}
    assert rows["dave"]["node_id"] == story.dave.node_id
    assert "unsigned" in rows["dave"]["state"]
    assert "read both values to him on the phone" in rows["dave"]["state"]
    signed = {row["moniker"]: row["signed"] for row in story.members[1].run("network", "show").json["members"]}
    assert signed == {"alice": True, "bob": True, "carol": True, "dave": False}


def test_the_record_waits_for_the_owner_without_a_node(story: Story) -> None:
    assert not story.waiting.json["in_force"]
    assert "olivia" in story.waiting.told("record-waiting")
    for member in (*story.members, story.olivia):
        assert member.run("network", "show").json["in_force"]


def test_three_signed_and_one_attested_is_quorate_for_everybody(story: Story) -> None:
    text = story.members[0].share()
    everybody = (*story.members, story.olivia)
    together(everybody, lambda one: one.take(text))
    for status in together(everybody, Member.status):
        assert (status["tally"], status["quorate"]) == ("3 signed, 1 attested of 4", True)


def test_the_attestation_says_how_the_hash_was_confirmed(story: Story) -> None:
    shared = story.members[0].run("network", "share").json["documents"]
    assert {"attestation"} < {row["kind"] for row in shared}
    assert any("he read the hash out on the phone" in line for line in story.attested.json["changes"])


def test_dave_can_check_a_card_with_stock_ssh_keygen(story: Story, tmp_path: Path) -> None:
    told = story.members[1].run("card", "export", "--out", str(tmp_path / "card")).json["verify"]
    for damage, good in ((b"", True), (b" ", False)):
        payload = tmp_path / "card" / "card.json"
        payload.write_bytes(payload.read_bytes() + damage)
        done = subprocess.run(told, shell=True, cwd=tmp_path / "card", capture_output=True, check=False)
        assert (done.returncode == 0) == good, done.stderr


def test_nobody_but_an_owner_can_attest(story: Story) -> None:
    refused = story.members[1].run("network", "attest", "dave", "--how", "heard of it", expect=1)
    assert "attest-not-owner" in refused.errors


def test_a_member_with_quorate_is_not_attested_for(story: Story) -> None:
    refused = story.members[0].run("network", "attest", "bob", "--how", "he said so", expect=1)
    assert refused.errors


def test_the_four_nodes_start_with_the_hash_and_make_blocks(story: Story) -> None:
    with started([*story.members, story.dave], pin(story.members[0])) as nodes:
        make_blocks(nodes, 3)
        ids = {peer["node_info"]["id"] for peer in nodes[3].ask("net_info")["peers"]}
        assert ids == {one.node_id for one in story.members}


def test_a_member_whose_coordinator_has_no_quorate_installs_the_file_they_were_given(
    story: Story, tmp_path: Path
) -> None:
    erin = Member("erin", tmp_path / "erin", story.dave.program)
    erin.init()
    begin(erin)
    file = str(story.dave.genesis)
    assert erin.run("genesis", "check", file).errors == set()
    planned = erin.plan("genesis", file=file)
    assert "genesis-own-line" in planned.codes
    erin.apply("genesis", file=file)
    assert erin.genesis.read_bytes() == story.dave.genesis.read_bytes()


@pytest.fixture(scope="module")
def nodeless(tmp_path_factory: pytest.TempPathFactory) -> tuple[Member, Member]:
    """Olivia without a node is coordinator and only owner; Alice has quorate, Dave has not."""
    folder = tmp_path_factory.mktemp("nodeless")
    alice, _, _, dave = members_of(folder, 4)
    olivia = without_node("olivia", folder)
    key = make_ssh_key(olivia.folder)
    begin(alice)
    words = ("--moniker", "dave", "--address", f"127.0.0.1:{dave.p2p}", "--node-id", dave.node_id)
    olivia.run("peers", "add", *words, "--key", dave.validator_key)
    gather(olivia, as_chat([alice], make_cards([alice])), ["alice", "dave"])
    propose(olivia, owners=key)
    (payload,) = (olivia.state / NETWORK / "outbox").glob("record-*.json")
    olivia.run("import", str(sign_with_ssh(olivia, "record", payload)))
    return olivia, alice


def test_a_coordinator_without_a_node_brings_a_record_into_force_with_ssh_alone(
    nodeless: tuple[Member, Member],
) -> None:
    olivia, alice = nodeless
    agree([alice], olivia.share())
    olivia.take(alice.share())
    status = olivia.status()
    assert status["tally"] == "1 signed of 2; missing dave"


def test_an_owner_without_a_node_attests_with_ssh_too(nodeless: tuple[Member, Member]) -> None:
    olivia, _ = nodeless
    told = attest(olivia, "dave").json["next"]
    assert told.startswith("ssh-keygen -Y sign -n attestation.v1@quorate -f KEY ")
    assert olivia.status()["next"] == told
    (payload,) = (olivia.state / NETWORK / "outbox").glob("attestation-*.json")
    olivia.run("import", str(sign_with_ssh(olivia, "attestation", payload)))
    assert olivia.status()["tally"] == "1 signed, 1 attested of 2"
