"""What cannot be read in a journal is named, is never deleted, and is no obstacle for what can be read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.apply.engine import apply, receipts, runs, undo, unfinished, unreadable_runs
from core.apply.journal import _entry
from core.apply.receipt import Receipt
from core.changes import WriteFile
from core.changes.sign import Signing
from core.finding import Refusal
from core.plan import Plan
from core.state import State
from tests.core.apply.ground import Ground, codes, make_ground, seen


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return make_ground(tmp_path)


async def written(ground: Ground, name: str, content: bytes = b"new") -> Receipt:
    path = ground.home / name
    before = path.read_bytes() if path.exists() else None
    return await apply(Plan("x", (WriteFile(path, before, content, "r"),)), ground.world())


def journal_of(ground: Ground, receipt: Receipt) -> Path:
    (folder,) = ground.journal.glob(f"*{receipt.id}")
    return folder


def _events(write: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "events.jsonl"
        path.write_bytes(write(path.read_bytes()))

    return spoil


def _no_events(folder: Path) -> None:
    (folder / "events.jsonl").unlink()


def _a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"a copy that went wrong")


def _a_link(folder: Path) -> None:
    folder.rename(folder.parent.parent / "elsewhere")
    folder.symlink_to(folder.parent.parent / "elsewhere")


SPOILED: dict[str, Callable[[Path], None]] = {
    "emptied": _events(lambda content: b""),
    "cut off in the first line": _events(lambda content: content[:20]),
    "zeros, as after a power cut": _events(lambda content: bytes(len(content))),
    "binary": _events(lambda content: b"\xff\xfe" * 99),
    "another list": _events(lambda content: b"[]\n"),
    "a plan without fields": _events(lambda content: b'{"event":"plan"}\n'),
    "a number for a path": _events(lambda content: content.replace(b'"mode":', b'"mode":"x","mod":')),
    "a number for a time": _events(lambda content: content.replace(b'"at":"', b'"at":7,"was":"')),
    "a later version": _events(lambda content: b'{"event":"plan","v":9}\n'),
    "no events": _no_events,
    "a file": _a_file,
    "a link": _a_link,
}


@pytest.mark.parametrize("kind", SPOILED)
async def test_p3_a_damaged_journal_of_a_finished_run_is_named_and_never_deleted(ground: Ground, kind: str) -> None:
    first = await written(ground, "a")
    ground.put("genesis.json", b"the only old one")
    damaged = await written(ground, "genesis.json")
    folder = journal_of(ground, damaged)
    SPOILED[kind](folder)
    before = seen(ground.root / "state"), ground.seen()
    (found,) = unreadable_runs(ground.world())
    assert found.code == ("state-newer" if kind == "a later version" else "journal-damaged")
    assert str(folder) in found.message
    assert [run.id for run in runs(ground.world())] == [first.id] == [run.id for run in receipts(ground.world())]
    assert unfinished(ground.world()) == ()
    with pytest.raises(Refusal) as caught:
        await written(ground, "b")
    assert caught.value.findings == (found,), "it may be a run that was cut off"
    assert (seen(ground.root / "state"), ground.seen()) == before
    assert (await undo(first, ground.world())).undone and not (ground.home / "a").exists()
    assert {name: what for name, what in before[0].items() if folder.name in name}.items() <= seen(
        ground.root / "state"
    ).items()


async def test_what_is_in_a_damaged_journal_is_said_and_once_it_is_set_aside_as_said_work_goes_on(
    ground: Ground,
) -> None:
    ground.put("genesis.json", b"the only old one")
    folder = journal_of(ground, await written(ground, "genesis.json"))
    (folder / "events.jsonl").write_bytes(b"")
    (found,) = unreadable_runs(ground.world())
    assert "events.jsonl is empty" in found.message and "0.before (16 bytes)" in found.message
    _, source, to = found.fix.split("`")[1].split()
    os.rename(source, to)
    assert unreadable_runs(ground.world()) == ()
    await written(ground, "b")
    assert (ground.journal.parent / f"{folder.name}.damaged" / "0.before").read_bytes() == b"the only old one"


async def test_a_damaged_journal_of_another_network_is_named_and_stops_nothing_here(ground: Ground) -> None:
    other = State.open(ground.root / "state", "other")
    world = ground.world().at(other)
    await apply(Plan("x", (WriteFile(ground.home / "a", None, b"1", "r"),)), world)
    (events,) = (ground.root / "state" / "other" / "journal").glob("*/events.jsonl")
    events.write_bytes(b"")
    assert codes(unreadable_runs(ground.world())) == ["journal-damaged"]
    await written(ground, "b")
    assert events.exists()


async def test_what_is_no_folder_of_a_run_is_left_in_the_journal(ground: Ground) -> None:
    receipt = await written(ground, "a")
    (ground.journal / "notes").write_text("mine")
    assert codes(unreadable_runs(ground.world())) == ["journal-damaged"]
    await undo(receipt, ground.world())
    assert (ground.journal / "notes").read_text() == "mine"


def test_an_entry_to_sign_a_kind_of_document_that_does_not_exist_is_damage() -> None:
    entry: dict[str, object] = {"do": "sign", "home": "/node", "body": "{}", "key": "/node/config/node_key.json"}
    assert _entry({**entry, "kind": "card"}) == Signing("card", "/node", "{}", "/node/config/node_key.json")
    with pytest.raises(ValueError):
        _entry({**entry, "kind": "oath"})
