"""A file replaced or made, whole."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from ..disk.errors import stale
from ..disk.folder import Folder, Folders, Standing, is_folder
from ..disk.passage import refuse_foreign, standing_folder
from ..finding import Refusal, error
from ..safe import safe
from ..world import Files
from .change import (
    Change,
    Entry,
    Ground,
    PathChange,
    Run,
    Scene,
    Side,
    Task,
    digest_of,
    elsewhere,
    leads,
    leads_line,
    text_of,
)
from .content import size_of, unified
from .keep import Keep
from .place import make_missing, moved_away, other
from .remove_file import RemoveFile

_NEW_FILE = 0o644
_KEY_FILES = frozenset({"priv_validator_key.json", "node_key.json", "priv_validator.json"})


@dataclass(frozen=True, slots=True)
class WriteFile(PathChange):
    """Replace or make one file, whole. Folders that are missing above it are made with mode 0700."""

    path: Path
    before: bytes | None
    """The present content; None if there is no file. ``apply`` refuses if the file on disk differs."""
    after: bytes
    reason: str
    mode: int | None = None
    """Mode of a new file (None: 0644). A replaced file keeps its mode and owner."""
    real: Path | None = None
    """Where ``path`` leads, if that is another place: a link is on the way, or at its end. ``apply`` refuses any
    other; so it does for each ``real`` of a change. :mod:`core.real_place` fills them in."""

    @property
    def effect(self) -> str:
        made = f"new file, {size_of(self.after)}" if self.before is None else self._lines_changed()
        return made + elsewhere(self.real)

    @property
    def mode_word(self) -> str:
        return f"{self.mode or _NEW_FILE:04o}" if self.before is None else "as it is"

    @property
    def places(self) -> tuple[Path, ...]:
        return (self.path if self.real is None else self.real,)

    @property
    def makes(self) -> Path:
        return self.path

    @property
    def replaces(self) -> bool:
        return self.before is not None

    @property
    def summary(self) -> str:
        return "write {n} file{s}"

    def digested(self) -> list[object]:
        before = None if self.before is None else digest_of(self.before)
        return ["write", str(self.path), before, digest_of(self.after), self.mode, text_of(self.real)]

    def describe(self) -> str:
        verb = "make" if self.before is None else "edit"
        return f"{verb} {safe(self.path)}{leads(self.real)}: {safe(self.reason)}"

    def diff(self) -> Iterator[str]:
        yield from leads_line(self.real)
        yield from unified(self.path, self.before, self.after)

    def _lines_changed(self) -> str:
        lines = [line for line in self.diff() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        number = max(sum(line[0] == sign for line in lines) for sign in "+-") if lines else 0
        return f"{number} line{'s' if number != 1 else ''}"

    def located(self, earlier: Sequence[Change], files: Files) -> Change:
        _, real = moved_away(self.path, earlier, files) or (None, files.real(self.path))
        return replace(self, real=other(self.path, real))

    def survey(self, ground: Ground, moved: Path | None, folders: Folders) -> Entry | None:
        if self.before == self.after:
            return None
        (real,) = self.places
        if real.name in _KEY_FILES:
            message = (
                f"{real} is a key file, expected another one: a key file is made by the key process only, never written"
            )
            raise Refusal(error("plan-writes-key", real, message, "Take that file out of the plan."))
        refuse_foreign(moved.parent if moved else self.path)
        anchor = standing_folder(moved.parent if moved else real.parent)
        ground.note_missing(real.parent, moved)
        content = None if moved else _content(folders.at(anchor), real)
        if content != self.before:
            raise self._changed(content, moved)
        number = len(ground.entries)
        if content is not None:
            ground.copies[f"{number}.before"] = content
        ground.copies[f"{number}.after"] = self.after
        if moved is None:
            # Of what is in a folder that is set aside before, the way to that folder says enough.
            ground.leads[str(self.path)] = str(real)
        before = None if content is None else digest_of(content)
        mode = _NEW_FILE if self.mode is None else self.mode
        return Write(str(real), ground.temp(anchor), before, digest_of(self.after), mode)

    def _changed(self, content: bytes | None, moved: Path | None) -> Refusal:
        found = _shown(content) + (" (it is set aside before)" if moved else "")
        since = f"{self.path} has changed since the plan was made"
        return stale(self.path, f"{since}: expected {_shown(self.before)}, found {found}")


@dataclass(frozen=True, slots=True)
class Write(Entry):
    """A file and its two contents, by their SHA-256; ``before`` is None where there was none."""

    path: str
    temp: str
    """Where its new content waits, on the same file system."""
    before: str | None
    after: str
    mode: int
    """Of a new file."""

    word: ClassVar[str] = "write"

    @property
    def places(self) -> tuple[str, ...]:
        return (self.path,)

    @property
    def temps(self) -> tuple[str, ...]:
        return (self.temp,)

    def todo(self, run: Run, index: int, goal: Side, folders: Folders) -> Task | None:
        path = Path(self.path)
        if goal == "before" and self._stays(run):
            return None
        move = next((one for one in run.entries if one.moves(path)), None)
        if move is not None and move.carries():
            return None
        standing = folders.at(path.parent).look(path.name) if is_folder(path.parent) else None
        if self._side(run, index, standing) == goal or (move is not None and goal == "before"):
            return None
        refuse_foreign(path)
        return Task(index, self, standing)

    def stage(self, run: Run, task: Task, goal: Side, folders: Folders) -> None:
        if self._on(goal) is not None:
            folder, temp = folders.of(self.temp)
            folder.refuse_unsafe(task.standing.uid if task.standing else None)
            folder.make_file(temp, run.copy(task.index, goal), self.mode, task.standing)

    async def act(self, run: Run, task: Task, goal: Side, scene: Scene, folders: Folders) -> None:
        if goal == "after":
            make_missing(run, Path(self.path).parent)
        folder, name = folders.of(self.path)
        if self._side(run, task.index, folder.look(name)) == goal:
            return
        if self._on(goal) is None:
            # The copy is compared once more: what is taken away here stays there.
            run.copy(task.index, "after")
            folder.remove(name)
        else:
            staged, temp = folders.of(self.temp)
            put = staged.rename if folder.has(name) else staged.rename_new
            put(temp, name, folder)

    def sweep(self, run: Run) -> None:
        if os.path.lexists(self.temp):
            temp = Path(self.temp)
            with Folder(standing_folder(temp.parent)) as folder:
                folder.remove(temp.name)

    def back(self, run: Run, task: Task) -> Iterator[Change]:
        if self.before is None:
            yield RemoveFile(Path(self.path), task.content or b"", f"the run of {run.at} made it")
        else:
            yield WriteFile(Path(self.path), task.content, run.copy(task.index, "before"), "as it was before")

    def forth(self, run: Run, index: int, todo: Mapping[int, Task]) -> Iterator[Change]:
        path, why = Path(self.path), f"as planned on {run.at}"
        if index in todo:
            yield WriteFile(path, todo[index].content, run.copy(index, "after"), why, self.mode)
        elif any(task.entry.moves(path) for task in todo.values()):
            yield WriteFile(path, None, run.copy(index, "after"), why, self.mode)

    def kept(self, run: Run, index: int) -> Change | None:
        if not self._stays(run):
            return None
        why = "its key stays, and could sign a height twice without it"
        return Keep(f"the sign state {self.path}", Path(self.path), why)

    def left(self, run: Run, index: int) -> Change:
        path = Path(self.path)
        try:
            content = _standing(path)
        except Refusal:
            return Keep(self.path, path, "it cannot be read")
        if run.holds(index, "before", content):
            why = "as it was before"
        elif run.holds(index, "after", content):
            why = "as the run wrote it"
        else:
            why = "changed by others since"
        return Keep(self.path, path, why, "" if content is None else digest_of(content))

    def undone(self, run: Run, index: int) -> str:
        if self._stays(run):
            return f"kept the sign state {safe(self.path)}"
        if self.before is None:
            return f"removed {safe(self.path)}, which the run had made"
        return f"restored {safe(self.path)} as it was before"

    def _on(self, goal: Side) -> str | None:
        return self.after if goal == "after" else self.before

    def _stays(self, run: Run) -> bool:
        """Return True for what a run leaves even when it is undone: the sign state beside a new validator key.

        A run that makes a validator key makes no other new file than its sign state, and the key is never deleted. A
        key without its sign state could sign a height twice.
        """
        return self.before is None and any(one.guards(run, number) for number, one in enumerate(run.entries))

    def _side(self, run: Run, index: int, standing: Standing | None) -> Side:
        """Raises Refusal (``file-changed``) if the file is neither the old one nor the new one."""
        content = None if standing is None else standing.content
        if run.holds(index, "after", content):
            return "after"
        if run.holds(index, "before", content):
            return "before"
        found = None if content is None else digest_of(content)
        message = (
            f"{self.path} is neither as it was ({_short(self.before)}) nor as written ({_short(self.after)}): "
            f"found {_short(found)}"
        )
        raise Refusal(error("file-changed", self.path, message, self._way_out(run)))

    def _way_out(self, run: Run) -> str:
        # Only a run that was cut off can be given up: a finished one stays as it was applied.
        end = "" if run.is_applied else " To give that run up: quorate undo --give-up"
        if self.path.endswith(("priv_validator_state.json", "priv_validator.json")):
            # An older sign state lets the key sign a height twice: it is never to be put back by hand.
            return f"Keep it as it is: the key has signed since.{end}"
        return f"Put one of the two back, then do it again; copies lie in {run.copies}. Or keep the file as it is.{end}"


def _content(folder: Folder, path: Path) -> bytes | None:
    """The content at ``path``. Raises Refusal unless it is safe to write in ``folder``, the nearest that exists."""
    standing = folder.look(path.name) if folder.path == path.parent else None
    folder.refuse_unsafe(standing.uid if standing else None)
    if standing is not None and standing.links > 1:
        file, new = shlex.quote(str(path)), shlex.quote(f"{path}.new")
        raise Refusal(
            error(
                "file-linked",
                path,
                f"{path} has {standing.links} names (hard links), expected 1: the others would keep the old content",
                f"Make it a file of its own: `cp -p {file} {new} && mv {new} {file}`",
            )
        )
    return None if standing is None else standing.content


def _standing(path: Path) -> bytes | None:
    if not is_folder(path.parent):
        return None
    with Folder(path.parent) as folder:
        seen = folder.look(path.name)
    return None if seen is None else seen.content


def _shown(content: bytes | None) -> str:
    return "no file" if content is None else f"{len(content)} bytes with SHA-256 {digest_of(content)[:16]}…"


def _short(digest: str | None) -> str:
    return "no file" if digest is None else f"SHA-256 {digest[:16]}…"
