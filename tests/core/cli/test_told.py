"""What a person is told where a state is not sound, or where a word of theirs has no effect or another one."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from core.documents.armour import armour
from tests.builders import NETWORK, a_card, a_record, an_unsigned
from tests.core.cli.program import Operator, operator, snapshot


@pytest.fixture
def zoe(tmp_path: Path) -> Operator:
    """A coordinator without a node."""
    one = operator(tmp_path / "zoe")
    assert one.json("home", "--network", NETWORK, "--role", "coordinator", "--no-home").code == 0
    return one


@pytest.fixture
def member(tmp_path: Path) -> Operator:
    one = operator(tmp_path / "member")
    assert one.json("home", "--network", NETWORK, "--role", "member", "--home", one.home).code == 0
    return one


# A state that is not sound


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x80" * 99], ids=["empty", "binary"])
def test_documents_that_are_gone_are_told_and_never_written_over(zoe: Operator, content: bytes) -> None:
    record = armour(a_record(2)).encode()
    assert zoe.json("import", "-", stdin=record).code == 0
    path = zoe.state / NETWORK / "documents.txt"
    path.write_bytes(content)
    for ran in (zoe.json("status"), zoe.json("import", "-", stdin=record)):
        assert (ran.code, ran.codes) == (1, {"state-damaged"}), ran.text
    assert path.read_bytes() == content


def test_a_journal_of_a_later_quorate_is_left_where_it_is(zoe: Operator) -> None:
    journal = zoe.state / NETWORK / "journal" / "0001-ab" / "events.jsonl"
    journal.parent.mkdir(parents=True, mode=0o700)
    journal.write_text('{"event":"plan","v":9}\n')
    for words in (("status",), ("undo",), ("undo", "--list")):
        ran = zoe.json(*words)
        assert (ran.code, ran.codes - {"undo-nothing"}) == (1, {"state-newer"}), ran.text
        (told,) = [one for one in ran.findings if one["code"] == "state-newer"]
        assert str(journal) in told["message"] and "mv " not in told["fix"]


def test_a_state_that_is_no_folder_is_no_empty_state(alone: Operator) -> None:
    file = alone.folder / "file"
    file.write_text("x")
    ran = alone.json("--state", file, "status")
    assert (ran.code, ran.codes) == (1, {"state-unreadable"}) and "is no folder" in ran.findings[0]["message"]
    assert file.read_text() == "x"
    # Nothing of a state is needed for these.
    assert alone.run("--state", file, "explain", "state-unreadable").code == 0


# Words without an effect, or with another one


@pytest.mark.parametrize(
    "words",
    [
        ("network", "create"),
        ("network", "create", "--set", "threshold=-1"),
        ("network", "create", "--set", "genesis_time=yesterday"),
        ("plan", "network", "--set", "threshold=-1"),
        ("apply", "network", "--set", "threshold=-1"),
    ],
    ids=" ".join,
)
def test_a_member_makes_no_record(member: Operator, words: tuple[str, ...]) -> None:
    assert member.json("import", "-", stdin=armour(a_record(2)).encode()).code == 0
    before = snapshot(member.state)
    ran = member.json(*words)
    assert (ran.code, ran.codes) == (1, {"network-not-coordinator"}), ran.text
    assert snapshot(member.state) == before


def test_other_values_for_a_node_are_told_with_the_old_ones(zoe: Operator) -> None:
    entry = an_unsigned("dave")
    node = ("--node-id", entry.node_id, "--key", entry.validator_key)

    def add(moniker: str, address: str) -> list[dict[str, str]]:
        ran = zoe.json("peers", "add", "--moniker", moniker, "--address", address, *node)
        return [one for one in ran.findings if one["code"] == "unsigned-changed"]

    assert add("dave", "dave.example.org:26656") == add("dave", "dave.example.org:26656") == []
    (told,) = add("david", "dave.example.org:26657")
    assert told["severity"] == "warning" and entry.node_id in told["message"]
    assert "moniker: dave -> david" in told["message"]
    assert "p2p: dave.example.org:26656 -> dave.example.org:26657" in told["message"]


def test_the_reason_of_the_next_action_is_about_that_action(zoe: Operator) -> None:
    """Though there is a warning that the address of a card is this machine itself."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: install openssh-client")
    key = zoe.folder / "owner"
    words = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "olivia", "-f", str(key))
    subprocess.run(words, check=True, capture_output=True)
    card = a_card("bob", p2p=("127.0.0.1:26656",))
    assert zoe.json("import", "-", stdin=armour(card).encode()).code == 0
    assert zoe.json("peers", "approve", "bob").code == 0
    said = (f"owners={key.with_suffix('.pub').read_text().strip()}", "genesis_time=2099-11-26 12:00")
    created = zoe.json("network", "create", *(word for one in said for word in ("--set", one)))
    assert created.code == 0, created.text
    published = zoe.json("network", "publish", "--digest", created.json["digest"])
    assert published.code == 0, published.text
    assert "127.0.0.1" in published.text, "the warning stands among the findings"
    for ran in (published, zoe.json("status")):
        signs = ran.json["next"]
        assert signs.startswith("ssh-keygen -Y sign ")
        assert "127.0.0.1" not in ran.json["why"] and "olivia" in ran.json["why"]
        file = f"{shlex.split(signs)[-1]}.sig"
        assert ran.json["why"].endswith(f"quorate import {file}")
