"""Another node home for a network whose home has been used: what this state names, no file of either home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from ..disk.errors import stale
from ..disk.folder import Folders
from ..safe import safe
from .change import Change, Entry, Ground, Phase, Run, Scene, Side, Task

NONE = "no home"


@dataclass(frozen=True, slots=True)
class UseHome(Change):
    """Let the state name the home ``after`` in place of ``before``; None: none."""

    network: str
    before: Path | None
    after: Path | None

    phase: ClassVar[Phase] = Phase.STOP

    @property
    def subject(self) -> Path:
        path = self.after or self.before
        assert path is not None
        return path

    @property
    def name(self) -> str:
        return f"the home of {self.network}"

    @property
    def effect(self) -> str:
        return _word(self.after)

    @property
    def summary(self) -> str:
        return "use another home"

    @property
    def places(self) -> tuple[Path, ...]:
        return ()

    def digested(self) -> list[object]:
        return ["home", self.network, *(None if one is None else str(one) for one in (self.before, self.after))]

    def describe(self) -> str:
        return f"use {_word(self.after)} for {self.network} instead of {_word(self.before)}"

    def diff(self) -> Iterator[str]:
        yield f"-home {_word(self.before)}"
        yield f"+home {_word(self.after)}"
        yield " What was signed with the keys of the old home stays signed, and no file of it is touched."

    def survey(self, ground: Ground, moved: Path | None, folders: Folders) -> Entry:
        return Home(self.network, str(self.before or ""), str(self.after or ""))


@dataclass(frozen=True, slots=True)
class Home(Entry):
    """The homes that the state has named before and after; empty: none."""

    network: str
    before: str
    after: str

    word: ClassVar[str] = "home"
    phase: ClassVar[Phase] = Phase.STOP

    @property
    def places(self) -> tuple[str, ...]:
        return ()

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(one for one in (self.before, self.after) if one)

    def todo(self, run: Run, index: int, goal: Side, folders: Folders) -> Task | None:
        """What the state names can be set twice; that it was begun is noted first."""
        begun = goal == "after" or bool(run.noted(index).get("home"))
        return Task(index, self) if begun else None

    async def act(self, run: Run, task: Task, goal: Side, scene: Scene, folders: Folders) -> None:
        """Raises Refusal (``plan-stale``) where the state names a third home by now."""
        if scene.state.local.home not in (self.before, self.after):
            raise stale(scene.state.folder / "local.json", f"{self.network} has another home by now")
        run.note_of(task.index, home=goal)
        home = self.after if goal == "after" else self.before
        answers = scene.state.local.answers
        said = {**answers.get("home", {}), "home": home}
        scene.state.change(lambda local: replace(local, home=home, answers={**answers, "home": said}))

    def back(self, run: Run, task: Task) -> Iterator[Change]:
        yield UseHome(self.network, _path(self.after), _path(self.before))

    def forth(self, run: Run, index: int, todo: Mapping[int, Task]) -> Iterator[Change]:
        if index in todo:
            yield UseHome(self.network, _path(self.before), _path(self.after))

    def undone(self, run: Run, index: int) -> str:
        return f"{self.network} uses {_word(_path(self.before))} again"


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _word(path: Path | None) -> str:
    return NONE if path is None else safe(path)
