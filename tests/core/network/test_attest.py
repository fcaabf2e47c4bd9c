"""An owner with an OpenSSH key attests: the payload waits in the outbox for ssh-keygen."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from core.apply.engine import apply, undo
from core.finding import Refusal
from core.network.attest import keep_draft, plan_draft, ssh_owner
from core.network.facts import gather
from core.network.outbox import drafts
from core.peers.decide import add_unsigned
from core.peers.receive import receive
from core.plan import Plan
from tests.builders import a_card, an_unsigned
from tests.core.network.operators import Operator, codes, operator

HOW = "read the 8 words to me on the phone"


def _ssh_key(folder: Path, name: str) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: install openssh-client")
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
    subprocess.run(words, check=True, capture_output=True)
    return folder / name


async def _owner(folder: Path, *names: str) -> Operator:
    """Zoe without a node, her record in force, of which those names own OpenSSH keys."""
    zoe = operator(folder, "zoe", node=False).has(a_card("alice"))
    zoe.state.change(lambda local: add_unsigned(local, an_unsigned("dave")))
    zoe.approves()
    keys = [_ssh_key(folder, name) for name in names]
    owners = "; ".join(key.with_suffix(".pub").read_text().strip() for key in keys)
    await zoe.does("network", owners=owners, genesis_time="2026-11-26 12:00", threshold="1")
    command = (await zoe.plan("network")).next
    await receive(zoe.world, _signed(command, keys[0]))
    assert zoe.seen.in_force
    return zoe


def _signed(command: str, key: Path) -> bytes:
    """What the printed command makes."""
    words = [str(key) if word == "KEY" else word for word in shlex.split(command)]
    subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return Path(f"{words[-1]}.sig").read_bytes()


async def _plan(zoe: Operator, how: str = HOW, named: str = "") -> Plan:
    facts = await gather(zoe.world)
    owner = ssh_owner(facts.current, zoe.record, facts.own, named)
    return plan_draft(facts, zoe.record, an_unsigned("dave").node_id, "dave", how, owner)


async def test_the_printed_command_signs_what_is_then_counted(tmp_path: Path) -> None:
    zoe = await _owner(tmp_path, "olivia")
    plan = await _plan(zoe)
    await apply(plan, zoe.world)
    waiting = await zoe.plan("network")
    assert (waiting.changes, waiting.next) == ((), plan.next)
    assert plan.next.startswith("ssh-keygen -Y sign -n attestation.v1@quorate -f KEY ")
    assert "network-sign-with-ssh" in codes(waiting)
    reception = await receive(zoe.world, _signed(plan.next, tmp_path / "olivia"))
    assert [(row.kind, row.status) for row in reception.rows] == [("attestation", "new")]
    assert zoe.seen.tally is not None and zoe.seen.tally.attested == ("dave",)
    after = await zoe.plan("network")
    assert (after.changes, after.next) == ((), "") and "network-sign-with-ssh" not in codes(after)
    assert (await _plan(zoe)).changes == () and (await _plan(zoe)).next == ""


async def test_a_draft_keeps_its_time_while_it_waits(tmp_path: Path) -> None:
    zoe = await _owner(tmp_path, "olivia")
    await apply(await _plan(zoe), zoe.world)
    before = dict(zoe.seen.outbox)
    zoe.wait(timedelta(days=2))
    again = await _plan(zoe)
    assert again.changes == () and again.next and dict(zoe.seen.outbox) == before
    assert (await _plan(zoe, "another way")).changes


async def test_what_was_shown_can_be_approved_later(tmp_path: Path) -> None:
    zoe = await _owner(tmp_path, "olivia")
    shown = await _plan(zoe)
    zoe.state.change(lambda local: keep_draft(local, shown))
    zoe.wait(timedelta(minutes=5))
    assert (await _plan(zoe)).digest == shown.digest
    zoe.state.change(lambda local: keep_draft(local, Plan("network")))
    assert "attest" not in zoe.state.local.answers and (await _plan(zoe)).digest != shown.digest


async def test_what_is_taken_back_waits_no_longer(tmp_path: Path) -> None:
    zoe = await _owner(tmp_path, "olivia")
    await undo(await apply(await _plan(zoe), zoe.world), zoe.world)
    assert (await zoe.plan("network")).next == ""


async def test_of_several_owners_one_is_named(tmp_path: Path) -> None:
    zoe = await _owner(tmp_path, "olivia", "pat")
    with pytest.raises(Refusal) as several:
        await _plan(zoe)
    assert codes(several.value.findings) == {"attest-which-owner": "owner"}
    await apply(await _plan(zoe, named="pat"), zoe.world)
    reception = await receive(zoe.world, _signed((await zoe.plan("network")).next, tmp_path / "pat"))
    assert [row.status for row in reception.rows] == ["new"]
    with pytest.raises(Refusal, match="ann is none of them"):
        await _plan(zoe, named="ann")


async def test_a_member_with_a_node_is_not_taken_for_an_owner_with_an_openssh_key(tmp_path: Path) -> None:
    zoe = await _owner(tmp_path, "olivia")
    bob = operator(tmp_path, "bob", "member").has(*zoe.state.documents())
    with pytest.raises(Refusal) as refused:
        await _plan(bob)
    assert codes(refused.value.findings) == {"attest-not-owner": "owner"}


async def test_where_all_owners_sign_with_their_nodes_there_is_nothing_to_draft(tmp_path: Path) -> None:
    alice = operator(tmp_path, "alice").has(a_card("alice"))
    alice.state.change(lambda local: add_unsigned(local, an_unsigned("dave")))
    alice.approves()
    record = await alice.signs("network", owners="me")
    with pytest.raises(Refusal) as refused:
        await _plan(operator(tmp_path, "zoe", node=False).has(record))
    assert codes(refused.value.findings) == {"attest-not-owner": "owner"}


def test_only_what_says_that_it_is_a_record_or_attestation_is_a_draft() -> None:
    told = (b"", b"[]", b"{", b'{"kind":7}', b'{"kind":"card"}', b'{"kind":"record"}', b'{"kind": "record"}')
    assert [(one.kind, one.payload) for one in drafts(told)] == [("record", b'{"kind":"record"}')]
