"""Sign and CreateSecret: through the real key process, kept in the state, and never a second acceptance."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest

from core.apply.engine import apply, receipts, resume, undo, unfinished
from core.changes import CreateSecret, Sign, WriteFile
from core.documents.canonical import canonical
from core.documents.document import Document
from core.documents.read import read_documents
from core.finding import Refusal
from core.keys import client
from core.plan import Plan
from core.world import World
from tests.core.apply.ground import NETWORK, Ground, codes, make_ground

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND = int(NOW.timestamp())


class Stopped:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW

    def zone(self) -> tzinfo:
        return UTC


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return make_ground(tmp_path)


def world_of(ground: Ground) -> World:
    return replace(ground.world(), clock=Stopped())


async def make_key(ground: Ground) -> str:
    (ground.home / "config").mkdir(exist_ok=True)
    return base64.b64encode(await client.create(ground.world(), ground.home / "config/node_key.json", "node")).decode()


def sign(ground: Ground, kind: str, **fields: object) -> Plan:
    body = canonical({"kind": kind, "v": 1, "network": NETWORK, **fields})  # type: ignore[dict-item]
    return Plan("network", (Sign(kind, body, ground.home, "because"),))


def acceptance(ground: Ground, key: str, record: str, version: int = 1, checked: int = 1) -> Plan:
    return sign(
        ground,
        "acceptance",
        node_key=key,
        record=record * 64,
        version=version,
        genesis_sha256=record * 64,
        words_checked=checked,
    )


def serial(document: Document) -> int:
    found = json.loads(document.payload)["serial"]
    assert isinstance(found, int)
    return found


async def test_a_key_is_made_and_signs_in_one_plan(ground: Ground) -> None:
    path = ground.home / "config/node_key.json"
    plan = sign(ground, "record", version=1)
    plan = replace(plan, changes=(CreateSecret(path, "the node key", "node"), *plan.changes))
    receipt = await apply(plan, world_of(ground))
    (document,) = receipt.documents
    assert ground.world().state.documents() == (document,) and len(document.signatures) == 1  # type: ignore[union-attr]
    assert document.payload == canonical({"kind": "record", "v": 1, "network": NETWORK, "version": 1})
    assert ground.seen()["config"][1] == 0o700 and ground.seen()["config/node_key.json"][1] == 0o600
    assert receipts(ground.world()) == (receipt,)


async def test_p1_no_secret_is_in_state_journal_or_receipt(ground: Ground) -> None:
    path = ground.home / "config/node_key.json"
    plan = sign(ground, "record", version=1)
    receipt = await apply(
        replace(plan, changes=(CreateSecret(path, "the node key", "node"), *plan.changes)), world_of(ground)
    )
    secret = json.loads(path.read_bytes())["priv_key"]["value"].encode()
    kept = b"".join(file.read_bytes() for file in (ground.root / "state").rglob("*") if file.is_file())
    half = base64.b64encode(base64.b64decode(secret)[:30])
    assert half not in kept and half not in repr(receipt).encode() and half in path.read_bytes()


async def test_serials_rise_strictly_even_within_one_second(ground: Ground) -> None:
    key = await make_key(ground)
    made = [
        (await apply(sign(ground, "card", node_key=key, moniker=name), world_of(ground))).documents[0] for name in "abc"
    ]
    assert [serial(document) for document in made] == [SECOND, SECOND + 1, SECOND + 2]


async def test_the_serial_of_another_member_does_not_count(tmp_path: Path) -> None:
    ours, theirs = make_ground(tmp_path / "ours"), make_ground(tmp_path / "theirs")
    for _ in range(3):
        receipt = await apply(sign(theirs, "card", node_key=await _key(theirs), moniker="x"), world_of(theirs))
    ours.world().state.add(receipt.documents)  # type: ignore[union-attr]
    made = await apply(sign(ours, "card", node_key=await _key(ours), moniker="x"), world_of(ours))
    assert serial(made.documents[0]) == SECOND


async def _key(ground: Ground) -> str:
    path = ground.home / "config/node_key.json"
    if not path.is_file():
        return await make_key(ground)
    return base64.b64encode(base64.b64decode(json.loads(path.read_bytes())["priv_key"]["value"])[32:]).decode()


async def test_a_record_that_is_known_gets_one_more_signature(tmp_path: Path) -> None:
    ours, theirs = make_ground(tmp_path / "ours"), make_ground(tmp_path / "theirs")
    await make_key(ours)
    await make_key(theirs)
    receipt = await apply(sign(theirs, "record", version=1), world_of(theirs))
    ours.world().state.add(receipt.documents)  # type: ignore[union-attr]
    made = await apply(sign(ours, "record", version=1), world_of(ours))
    assert [len(document.signatures) for document in made.documents] == [2]
    assert ours.world().state.documents() == made.documents  # type: ignore[union-attr]


async def test_p5_a_second_acceptance_of_one_version_is_refused_and_shows_both(ground: Ground) -> None:
    key = await make_key(ground)
    await apply(acceptance(ground, key, "a"), world_of(ground))
    with pytest.raises(Refusal) as caught:
        await apply(acceptance(ground, key, "b"), world_of(ground))
    (finding,) = caught.value.findings
    assert finding.code == "acceptance-second" and "a" * 64 in finding.message and "b" * 64 in finding.message
    await apply(acceptance(ground, key, "a", checked=0), world_of(ground))
    await apply(acceptance(ground, key, "b", version=2), world_of(ground))
    assert len(ground.world().state.documents()) == 3  # type: ignore[union-attr]


async def test_p5_undo_does_not_open_the_way_to_a_second_acceptance(ground: Ground) -> None:
    key = await make_key(ground)
    receipt = await apply(acceptance(ground, key, "a"), world_of(ground))
    undone = await undo(receipt, world_of(ground))
    assert codes(undone.findings) == ["undo-signature-stays"] and undone.documents == receipt.documents
    with pytest.raises(Refusal, match="accepted"):
        await apply(acceptance(ground, key, "b"), world_of(ground))


async def test_p5_two_acceptances_in_one_plan_are_one_and_a_refusal(ground: Ground) -> None:
    key = await make_key(ground)
    plan = acceptance(ground, key, "a")
    both = replace(plan, changes=(*plan.changes, *acceptance(ground, key, "b").changes))
    with pytest.raises(Refusal) as caught:
        await apply(both, world_of(ground))
    assert codes(caught.value) == ["acceptance-second", "undo-signature-stays"]
    assert len(ground.world().state.documents()) == 1  # type: ignore[union-attr]


FILES = ("documents.txt", "signed.txt", "journal")


def lose(ground: Ground, name: str, how: str) -> None:
    """One file of the state, or each file of its journal: removed, emptied, damaged or cut off."""
    path = ground.root / "state" / NETWORK / name
    if path.is_dir() and how == "removed":
        shutil.rmtree(path)
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        content = file.read_bytes() if file.is_file() else b""
        if file.is_file() and how == "removed":
            file.unlink()
        elif file.is_file():
            file.write_bytes(
                {"emptied": b"", "damaged": content[:40] + b"\0" + content[41:], "cut": content[:200]}[how]
            )


@pytest.mark.parametrize("how", ["removed", "emptied", "damaged", "cut"])
@pytest.mark.parametrize("name", FILES)
async def test_p5_no_file_of_the_state_is_the_only_one_that_knows_what_was_accepted(
    ground: Ground, name: str, how: str
) -> None:
    key = await make_key(ground)
    await apply(acceptance(ground, key, "a"), world_of(ground))
    lose(ground, name, how)
    with pytest.raises(Refusal) as caught:
        await apply(acceptance(ground, key, "b"), world_of(ground))
    assert set(codes(caught.value)) & {"acceptance-second", "state-damaged", "journal-damaged"}, caught.value.findings


@pytest.mark.parametrize("kept", FILES)
async def test_p5_any_one_of_the_three_places_is_enough(ground: Ground, kept: str) -> None:
    key = await make_key(ground)
    first = await apply(acceptance(ground, key, "a"), world_of(ground))
    for name in set(FILES) - {kept}:
        lose(ground, name, "removed")
    with pytest.raises(Refusal) as caught:
        await apply(acceptance(ground, key, "b"), world_of(ground))
    assert codes(caught.value)[0] == "acceptance-second" and "a" * 64 in caught.value.findings[0].message
    again = await apply(acceptance(ground, key, "a", checked=0), world_of(ground))
    assert serial(again.documents[0]) > serial(first.documents[0])


async def test_p5_what_came_from_elsewhere_of_the_own_key_is_kept_with_the_next_signature(ground: Ground) -> None:
    key = await make_key(ground)
    await apply(acceptance(ground, key, "a"), world_of(ground))
    for name in ("signed.txt", "journal"):
        lose(ground, name, "removed")
    await apply(sign(ground, "card", node_key=key, moniker="x"), world_of(ground))
    for name in ("documents.txt", "journal"):
        lose(ground, name, "removed")
    with pytest.raises(Refusal, match="accepted"):
        await apply(acceptance(ground, key, "b"), world_of(ground))


async def test_serials_rise_also_where_the_documents_were_set_aside(ground: Ground) -> None:
    key = await make_key(ground)
    for number in range(2):
        made = await apply(sign(ground, "card", node_key=key, moniker=str(number)), world_of(ground))
        assert serial(made.documents[0]) == SECOND + number
        lose(ground, "documents.txt", "removed")


async def test_what_was_signed_can_be_imported_as_it_is(ground: Ground) -> None:
    key = await make_key(ground)
    made = [
        (await apply(sign(ground, "card", node_key=key, moniker=name), world_of(ground))).documents[0] for name in "ab"
    ]
    text = (ground.root / "state" / NETWORK / "signed.txt").read_text()
    assert [one.document for one in read_documents(text)] == made


async def test_a_key_that_could_not_sign_has_accepted_nothing(ground: Ground) -> None:
    key = await make_key(ground)
    path = ground.home / "config/node_key.json"
    path.rename(ground.root / "away")
    with pytest.raises(Refusal):
        await apply(acceptance(ground, key, "a"), world_of(ground))
    (ground.root / "away").rename(path)
    assert (await apply(acceptance(ground, key, "b"), world_of(ground))).documents


async def test_another_key_than_the_document_names_signs_nothing_that_is_kept(ground: Ground) -> None:
    await make_key(ground)
    other = base64.b64encode(bytes(32)).decode()
    with pytest.raises(Refusal) as caught:
        await apply(sign(ground, "card", node_key=other, moniker="x"), world_of(ground))
    assert codes(caught.value)[0] == "sign-other-key"
    assert ground.world().state.documents() == ()  # type: ignore[union-attr]


async def test_a_document_of_another_network_is_not_signed(ground: Ground) -> None:
    await make_key(ground)
    body = canonical({"kind": "record", "v": 1, "network": "another"})
    with pytest.raises(Refusal) as caught:
        await apply(Plan("x", (Sign("record", body, ground.home, "r"),)), world_of(ground))
    assert codes(caught.value) == ["sign-other-network"]


async def test_when_signing_fails_the_files_are_as_before(ground: Ground) -> None:
    path = ground.put("a", b"old")
    plan = sign(ground, "record", version=1)
    plan = replace(plan, changes=(WriteFile(path, b"old", b"new", "r"), *plan.changes))
    with pytest.raises(Refusal) as caught:
        await apply(plan, world_of(ground))
    assert codes(caught.value)[0].startswith("key-")
    assert path.read_bytes() == b"old" and unfinished(ground.world()) == () == receipts(ground.world())


async def test_p3_cut_off_before_it_was_kept_the_same_payload_is_signed_again(ground: Ground) -> None:
    key = await make_key(ground)
    receipt = await apply(sign(ground, "card", node_key=key, moniker="x"), world_of(ground))
    (ground.root / "state" / NETWORK / "documents.txt").unlink()
    journal = max(ground.journal.glob("*/events.jsonl"))
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    (pending,) = unfinished(ground.world())
    # On the system's clock: the serial comes from what was written down.
    assert (await resume(pending, ground.world())).documents == receipt.documents


async def test_a_key_that_was_made_stays_after_undo(ground: Ground) -> None:
    path = ground.home / "config/node_key.json"
    receipt = await apply(Plan("keys", (CreateSecret(path, "the node key", "node"),)), world_of(ground))
    undone = await undo(receipt, world_of(ground))
    assert codes(undone.findings) == ["undo-key-stays"] and path.is_file()


async def test_p7_only_the_key_that_was_shown_signs_also_in_a_run_that_is_finished_later(ground: Ground) -> None:
    await make_key(ground)
    key, other = ground.home / "config/node_key.json", ground.root / "other.json"
    await client.create(ground.world(), other, "node")
    plan = ground.shown(sign(ground, "record", version=1))
    assert plan.changes == sign(ground, "record", version=1).changes
    kept = key.rename(key.with_name("kept.json"))
    key.symlink_to(other)
    with pytest.raises(Refusal) as caught:
        await apply(plan, world_of(ground))
    assert codes(caught.value) == ["plan-stale"]
    said = caught.value.findings[0].message
    assert str(key) in said and str(other) in said and ground.shown(plan).digest != plan.digest

    key.unlink()
    key.symlink_to(kept)
    await apply(ground.shown(plan), world_of(ground))
    (journal,) = ground.journal.glob("*/events.jsonl")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    key.unlink()
    key.symlink_to(other)
    with pytest.raises(Refusal) as caught:
        await resume(unfinished(ground.world())[0], world_of(ground))
    assert codes(caught.value) == ["key-led-elsewhere"]
