"""A kind of change is one file and its name in ``ENTRIES``: this one sets the mode of a file.

Nothing else is told of it, and it is planned, shown, digested, carried out, journalled, cut off, finished, undone and
given up.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from core.apply.engine import apply, give_up, plan_ending, receipts, resume, undo, unfinished
from core.changes import ENTRIES, Change, Entry, MoveAside, WriteFile
from core.changes.change import Ground, Phase, Run, Scene, Side, Task
from core.cli.plan import plan_lines
from core.disk.errors import stale
from core.disk.folder import Folders
from core.finding import Refusal, error
from core.plan import Plan
from core.safe import safe
from tests.core.apply.ground import Ground as Home
from tests.core.apply.ground import codes, make_ground


def mode_of(path: Path | str) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


@dataclass(frozen=True, slots=True)
class SetMode(Change):
    path: Path
    before: int
    after: int

    phase: ClassVar[Phase] = Phase.START

    @property
    def subject(self) -> Path:
        return self.path

    @property
    def name(self) -> str:
        return safe(self.path.name)

    @property
    def effect(self) -> str:
        return f"was {self.before:04o}"

    @property
    def mode_word(self) -> str:
        return f"{self.after:04o}"

    @property
    def summary(self) -> str:
        return "set {n} mode{s}"

    def digested(self) -> list[object]:
        return ["mode", str(self.path), self.before, self.after]

    def describe(self) -> str:
        return f"set the mode of {safe(self.path)} to {self.after:04o}"

    def diff(self) -> Iterator[str]:
        yield f"-mode {self.before:04o}"
        yield f"+mode {self.after:04o}"

    def survey(self, ground: Ground, moved: Path | None, folders: Folders) -> Entry:
        if mode_of(self.path) != self.before:
            raise stale(self.path, f"{self.path} has another mode")
        return Mode(str(self.path), self.before, self.after)


@dataclass(frozen=True, slots=True)
class Mode(Entry):
    path: str
    before: int
    after: int

    word: ClassVar[str] = "mode"
    phase: ClassVar[Phase] = Phase.START

    @property
    def places(self) -> tuple[str, ...]:
        return (self.path,)

    def todo(self, run: Run, index: int, goal: Side, folders: Folders) -> Task | None:
        found = mode_of(self.path)
        if found not in (self.before, self.after):
            raise Refusal(error("mode-changed", self.path, f"found {found:04o}", "Set one of the two."))
        return None if found == getattr(self, goal) else Task(index, self)

    async def act(self, run: Run, task: Task, goal: Side, scene: Scene, folders: Folders) -> None:
        os.chmod(self.path, getattr(self, goal))

    def back(self, run: Run, task: Task) -> Iterator[Change]:
        yield SetMode(Path(self.path), self.after, self.before)

    def forth(self, run: Run, index: int, todo: Mapping[int, Task]) -> Iterator[Change]:
        if index in todo:
            yield SetMode(Path(self.path), self.before, self.after)

    def undone(self, run: Run, index: int) -> str:
        return f"set back the mode of {safe(self.path)}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setitem(ENTRIES, Mode.word, Mode)
    home = make_ground(tmp_path)
    home.put("a", b"old", 0o640)
    home.put("b", b"whatever", 0o644)
    return home


def plan(home: Home) -> Plan:
    changes = (SetMode(home.home / "b", 0o644, 0o600), WriteFile(home.home / "a", b"old", b"new", "to try"))
    return Plan("config", changes)


async def test_it_is_shown_in_its_turn_and_named_by_the_digest(home: Home) -> None:
    shown = plan(home)
    assert [type(change) for change in shown.changes] == [WriteFile, SetMode]
    assert shown.summary == "write 1 file, set 1 mode"
    lines = plan_lines(shown)
    assert f"set the mode of {home.home}/b to 0600" in lines and "  +mode 0600" in lines
    other = Plan("config", (SetMode(home.home / "b", 0o644, 0o400), shown.changes[0]))
    assert other.digest != shown.digest


async def test_it_is_carried_out_and_undone_with_the_rest(home: Home) -> None:
    before = home.seen()
    receipt = await apply(plan(home), home.world())
    assert mode_of(home.home / "b") == 0o600 and (home.home / "a").read_bytes() == b"new"
    ending = plan_ending(receipt, "undo", home.world())
    assert [type(change) for change in ending.changes] == [SetMode, WriteFile]
    undone = await undo(receipt, home.world(), expect_digest=ending.digest)
    assert undone.done[0] == f"set back the mode of {home.home}/b" and home.seen() == before
    assert receipts(home.world())[0].undone


async def test_what_another_made_of_it_is_kept(home: Home) -> None:
    receipt = await apply(plan(home), home.world())
    (home.home / "b").chmod(0o666)
    seen = home.seen()
    with pytest.raises(Refusal) as caught:
        await undo(receipt, home.world())
    assert codes(caught.value) == ["mode-changed"] and home.seen() == seen


@pytest.mark.parametrize("how", ["finish", "undo", "give-up"])
async def test_a_run_that_was_cut_off_at_it_can_be_ended(home: Home, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = home.seen()

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # Neither it nor the way back: what a process that is killed leaves.
        patch.setattr(Mode, "act", killed)
        patch.setattr("core.apply.engine._go_back", _nothing)
        with pytest.raises(KeyboardInterrupt):
            await apply(plan(home), home.world())
    (pending,) = unfinished(home.world())
    match how:
        case "finish":
            assert [type(one) for one in plan_ending(pending, "finish", home.world()).changes] == [SetMode]
            await resume(pending, home.world())
            assert mode_of(home.home / "b") == 0o600
        case "undo":
            await undo(pending, home.world())
            assert home.seen() == before
        case _:
            await give_up(pending, home.world())
            assert mode_of(home.home / "b") == 0o644 and (home.home / "a").read_bytes() == b"new"
    assert unfinished(home.world()) == ()


async def _nothing(*_: object) -> None:
    return


async def test_two_changes_of_one_file_still_meet(home: Home) -> None:
    meeting = (SetMode(home.home / "a", 0o640, 0o600), MoveAside(home.home / "a", home.home / "a.old", "to try"))
    with pytest.raises(Refusal) as caught:
        await apply(Plan("config", meeting), home.world())
    assert codes(caught.value) == ["plan-collides"]


async def test_without_its_name_its_journal_is_damaged_and_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    await apply(plan(home), home.world())
    monkeypatch.delitem(ENTRIES, Mode.word)
    assert receipts(home.world()) == ()
    with pytest.raises(Refusal) as caught:
        await apply(Plan("config", (WriteFile(home.home / "c", None, b"", "to try"),)), home.world())
    assert codes(caught.value) == ["journal-damaged"]
