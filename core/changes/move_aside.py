"""A folder or file set aside, and a new folder in its place; and back again. Always one of the two is at ``path``.

The old folder is at ``path`` while the new one is made whole at ``temp``; the two are exchanged in one step; then the
old one is renamed from ``temp`` to ``to``. Where the file system cannot exchange two names the old one goes to ``to``
first and the new one follows from ``temp``: in between ``path`` is missing, and both are whole. Going back is the same
in reverse. Where things are is read from the disk every time: the old folder is recognised by its inode.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from ..disk.errors import stale, told
from ..disk.folder import Folder, Folders, is_folder
from ..disk.passage import refuse_foreign
from ..disk.running import refuse_running
from ..finding import Refusal, error
from ..safe import safe
from ..world import Files
from .bring_back import BringBack
from .change import (
    Change,
    Entry,
    Ground,
    PathChange,
    Phase,
    Run,
    Scene,
    Side,
    Task,
    elsewhere,
    leads,
    leads_line,
    text_of,
)
from .keep import Keep
from .place import entry_of, other
from .remove_file import RemoveFile
from .write_file import Write, WriteFile

Place = Literal["path", "temp", "to"]


@dataclass(frozen=True, slots=True)
class MoveAside(PathChange):
    """Rename ``path`` to ``to``, which must not exist. Nothing is deleted.

    Files that the plan writes below ``path`` after it are those of a new folder there.
    """

    path: Path
    to: Path
    reason: str
    only_stopped: bool = False
    """``apply`` looks again that no running node holds a database lock below ``path``."""
    real: Path | None = None
    """Where what is renamed really is, if a link is on the way to it."""
    real_to: Path | None = None
    link: Path | None = None
    """What ``path`` leads to, if it is a link itself: the link is renamed, and what it leads to stays."""

    @property
    def effect(self) -> str:
        return f"set aside as {safe(self.to.name, 60)}{elsewhere(self.real, self.real_to, self.link)}"

    @property
    def summary(self) -> str:
        return "set {n} aside"

    @property
    def places(self) -> tuple[Path, ...]:
        path, to = self._ends
        return (path, to) if self.link is None else (path, to, self.link)

    @property
    def takes_away(self) -> Path:
        return self._ends[0]

    @property
    def replaces(self) -> bool:
        return True

    @property
    def _ends(self) -> tuple[Path, Path]:
        return self.real or self.path, self.real_to or self.to

    def digested(self) -> list[object]:
        places = map(text_of, (self.path, self.to, self.real, self.real_to, self.link))
        return ["move", *places, self.only_stopped]

    def describe(self) -> str:
        to = f"{safe(self.to.name)}{leads(self.real_to)}"
        kept = "" if self.link is None else f"; it is a link, and {safe(self.link)} stays where it is"
        return f"set aside {safe(self.path)}{leads(self.real)} as {to}: {safe(self.reason)}{kept}"

    def diff(self) -> Iterator[str]:
        yield f"rename {safe(self.path)}"
        yield from leads_line(self.real)
        yield f"    to {safe(self.to)}"
        yield from leads_line(self.real_to)
        if self.link is not None:
            yield f"  link {safe(self.link)} stays where it is"

    def located(self, earlier: Sequence[Change], files: Files) -> Change:
        real = entry_of(self.path, files)
        return replace(
            self,
            real=other(self.path, real),
            real_to=other(self.to, entry_of(self.to, files)),
            link=other(real, files.real(self.path)),
        )

    def survey(self, ground: Ground, moved: Path | None, folders: Folders) -> Entry:
        path, to = self._ends
        for parent in (self.path.parent, self.to.parent):
            refuse_foreign(parent)
        with Folder(path.parent) as folder:
            folder.refuse_unsafe(_owner(path))
        with told(path):
            seen = os.lstat(path)
        if os.path.lexists(to):
            raise stale(to, f"{to} exists, expected nothing there")
        if not is_folder(to.parent):
            raise Refusal(error("folder-missing", to.parent, f"{to.parent} is not a folder", "Make the plan again."))
        if self.only_stopped:
            refuse_running(path)
        ground.leads[str(self.path.parent)] = str(path.parent)
        ground.leads[str(self.to.parent)] = str(to.parent)
        temp = ground.temp(path.parent) if any(_is_file_below(path, one) for one in ground.changes) else ""
        return Move(str(path), str(to), self.only_stopped, seen.st_dev, seen.st_ino, temp)


def _is_file_below(path: Path, change: Change) -> bool:
    return isinstance(change, WriteFile) and change.before != change.after and change.places[0].is_relative_to(path)


def _owner(path: Path) -> int | None:
    try:
        return os.lstat(path).st_uid
    except FileNotFoundError:
        raise stale(path, f"{path} is not there, expected it to be set aside") from None
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Move(Entry):
    path: str
    to: str
    only_stopped: bool
    device: int
    inode: int
    """What is moved is recognised by these two, wherever it stands."""
    temp: str = ""
    """Where the new folder is made whole and, for a moment, the old one is; empty where no new one is made."""

    word: ClassVar[str] = "move"
    phase: ClassVar[Phase] = Phase.FOLDERS

    @property
    def places(self) -> tuple[str, ...]:
        return self.path, self.to

    @property
    def temps(self) -> tuple[str, ...]:
        return (self.temp,) if self.temp else ()

    def moves(self, path: Path) -> bool:
        return path != Path(self.path) and path.is_relative_to(self.path)

    def carries(self) -> bool:
        return self._place() == "path" or self._is_away()

    def todo(self, run: Run, index: int, goal: Side, folders: Folders) -> Task | None:
        if self._side() == goal:
            return None
        for path in (self.path, self.to):
            refuse_foreign(Path(path).parent)
        self._refuse_used()
        if goal == "after" and self._place() == "temp" and self._is_away():
            message = f"{self.path}, which that run made, is not there any more"
            fix = "Put it back there, or undo that run: quorate undo"
            raise Refusal(error("file-changed", self.path, message, fix))
        if goal == "before" and not self._is_away():
            self._refuse_blocked(run)
        return Task(index, self)

    def stage(self, run: Run, task: Task, goal: Side, folders: Folders) -> None:
        """Make the new folder, whole and synced, at ``temp``."""
        if goal == "before" or not self.temp or self._place() != "path":
            return
        path, temp = Path(self.path), Path(self.temp)
        with Folder(path.parent) as folder:
            folder.refuse_unsafe()
            folder.make_folder_like(temp.name, path.name)
        for index, entry, name in self._files(run):
            for inner in _folders(name):
                with Folder(temp / inner.parent) as folder:
                    folder.make_folder(inner.name)
            with Folder((temp / name).parent) as folder:
                folder.make_file(name.name, run.copy(index, "after"), entry.mode)
                folder.sync()

    async def act(self, run: Run, task: Task, goal: Side, scene: Scene, folders: Folders) -> None:
        self._refuse_used()
        if goal == "after":
            self._forward()
        else:
            self._back(run)

    def sweep(self, run: Run) -> None:
        """Remove the new folder at ``temp`` while the old one is in its place. What this run did not make stays."""
        temp = Path(self.temp)
        if not self.temp or not is_folder(temp) or not self._is_it(self.path):
            return
        names = [name for _, _, name in self._files(run)]
        for name in names:
            if is_folder((temp / name).parent):
                with Folder((temp / name).parent) as folder:
                    folder.remove(name.name)
        inner = {one for name in names for one in _folders(name)}
        for name in (*sorted(inner, key=lambda one: len(one.parts), reverse=True), Path()):
            if is_folder(temp / name):
                with Folder((temp / name).parent) as folder:
                    folder.remove_folder((temp / name).name)

    def rest(self) -> None:
        if self._side() is None:
            self._forward()

    def back(self, run: Run, task: Task) -> Iterator[Change]:
        for index, file, _ in self._files(run):
            if os.path.lexists(file.path):
                yield RemoveFile(Path(file.path), run.copy(index, "after"), f"the run of {run.at} made it")
        yield BringBack(self._standing(), Path(self.path), "as it was before")

    def forth(self, run: Run, index: int, todo: Mapping[int, Task]) -> Iterator[Change]:
        if index in todo:
            yield MoveAside(self._standing(), Path(self.to), f"as planned on {run.at}", self.only_stopped)

    def left(self, run: Run, index: int) -> Change:
        """A folder between its two places is brought to the end of its way (:meth:`rest`)."""
        try:
            at, cut_off = self._place(), self._side() is None
        except Refusal:
            return Keep(self.path, Path(self.path), "where it is now cannot be determined")
        if cut_off and at == "temp":
            return MoveAside(Path(self.temp), Path(self.to), f"it was {self.path}, and the run was cut off at it")
        if cut_off:
            return BringBack(Path(self.temp), Path(self.path), "it was made by the run, which was cut off at it")
        return Keep(self.path, Path(self.path), f"set aside as {self.to}" if at == "to" else "where it was")

    def undone(self, run: Run, index: int) -> str:
        return f"brought back {safe(self.path)}, which was set aside as {safe(Path(self.to).name)}"

    def _place(self) -> Place:
        """Where the old folder is. Raises Refusal (``file-changed``) if it is at none of its places."""
        if self._is_it(self.path):
            return "path"
        if self.temp and self._is_it(self.temp):
            return "temp"
        if self._is_it(self.to):
            return "to"
        message = f"what was to be set aside is neither at {self.path} nor at {self.to}"
        fix = "Put it back at one of the two, then do it again; or give that run up."
        raise Refusal(error("file-changed", self.path, message, fix))

    def _standing(self) -> Path:
        return Path({"path": self.path, "temp": self.temp, "to": self.to}[self._place()])

    def _side(self) -> Side | None:
        """On which side it is; None if it was cut off between them. Raises Refusal (``file-changed``)."""
        match self._place():
            case "path":
                return "before"
            case "to" if not (self.temp and os.path.lexists(self.temp)):
                return "after"
            case "to" if os.path.lexists(self.path):
                message = f"{self.path} has appeared since that run was cut off, expected nothing there"
                raise Refusal(error("file-changed", self.path, message, "Set it aside by hand, then do it again."))
            case _:
                return None

    def _is_away(self) -> bool:
        """Return True if neither the old folder nor the new one is at ``path``."""
        return self._place() != "path" and not os.path.lexists(self.path)

    def _is_it(self, path: str) -> bool:
        with told(path):
            try:
                seen = os.lstat(path)
            except (FileNotFoundError, NotADirectoryError):
                return False
        return (seen.st_dev, seen.st_ino) == (self.device, self.inode)

    def _refuse_used(self) -> None:
        """Raise Refusal (``node-running``) if a node runs on the old folder, or on the new one."""
        if self.only_stopped:
            for path in {Path(self.path), self._standing()}:
                refuse_running(path)

    def _files(self, run: Run) -> Iterator[tuple[int, Write, Path]]:
        """The files of the new folder: index, entry, and path in that folder."""
        for index, entry in enumerate(run.entries):
            if isinstance(entry, Write) and Path(entry.path).is_relative_to(self.path):
                yield index, entry, Path(entry.path).relative_to(self.path)

    def _forward(self) -> None:
        """Set the old folder aside, from wherever an earlier attempt has left it."""
        path, temp, to = Path(self.path), Path(self.temp), Path(self.to)
        with Folder(path.parent) as here, Folder(to.parent) as there:
            at = self._place()
            if at == "path" and self.temp and self._exchange(here, self._refuse_other):
                at = "temp"
            if at != "to":
                _rename(here, path.name if at == "path" else temp.name, there, to.name)
            if self.temp and here.has(temp.name):
                _rename(here, temp.name, here, path.name)

    def _back(self, run: Run) -> None:
        """Bring the old folder back, from wherever an earlier attempt has left it; the new one ends at ``temp``."""
        path, temp, to = Path(self.path), Path(self.temp), Path(self.to)

        def refuse_strange() -> None:
            self._refuse_blocked(run, temp)

        with Folder(path.parent) as here, Folder(to.parent) as there:
            if self.temp and here.has(path.name):
                if self._place() == "to":
                    _rename(there, to.name, here, temp.name)
                if self._exchange(here, refuse_strange):
                    return
                _rename(here, temp.name, there, to.name)
                _rename(here, path.name, here, temp.name)
                try:
                    refuse_strange()
                except Refusal:
                    _rename(here, temp.name, here, path.name)
                    raise
            if self._place() == "temp":
                _rename(here, temp.name, here, path.name)
            else:
                _rename(there, to.name, here, path.name)

    def _exchange(self, here: Folder, check: Callable[[], None]) -> bool:
        """Exchange ``path`` and ``temp``, and back again if ``check`` refuses what it then finds."""
        path, temp = Path(self.path).name, Path(self.temp).name
        if not here.exchange(temp, path):
            return False
        try:
            check()
        except BaseException:
            here.exchange(temp, path)
            raise
        here.sync()
        return True

    def _refuse_other(self) -> None:
        """What the exchange has put at ``temp`` is the old folder, and no node has been started on it meanwhile."""
        if not self._is_it(self.temp):
            raise stale(Path(self.path), f"{self.path} was replaced since the plan was made")
        if self.only_stopped:
            refuse_running(Path(self.temp))

    def _refuse_blocked(self, run: Run, at: Path | None = None) -> None:
        """Raise Refusal (``undo-blocked``) for what this run did not put into the new folder, which is at ``at``."""
        root = at or Path(self.path)
        made = (Path(one) for one in run.made if Path(one).is_relative_to(self.path))
        ours = {str(root)} | {str(root / one.relative_to(self.path)) for one in made}
        files = {str(root / name): index for index, _, name in self._files(run)}
        come = [path for path in _everything(root) if str(path) not in ours and not _is_ours(run, path, files)]
        if come:
            more = f", and {len(come) - 1} more at {self.path}" if len(come) > 1 else ""
            message = f"{come[0]} has come since{more}; expected nothing there but what this run made"
            fix = f"Check what it is; set {self.path} aside by hand if it can go, then do it again."
            raise Refusal(error("undo-blocked", come[0], message, fix))


def _is_ours(run: Run, path: Path, files: Mapping[str, int]) -> bool:
    index = files.get(str(path))
    if index is None:
        return False
    with Folder(path.parent) as folder:
        found = folder.look(path.name)
    return run.holds(index, "after", None if found is None else found.content)


def _everything(path: Path) -> Iterator[Path]:
    if not os.path.lexists(path):
        return
    yield path
    if not is_folder(path):
        return
    with told(path):
        for parent, folders, files in os.walk(path, onerror=_raise):
            yield from (Path(parent) / name for name in (*folders, *files))


def _raise(problem: OSError) -> None:
    raise problem


def _folders(name: Path) -> list[Path]:
    """The folders above a relative path, outer ones first."""
    return [parent for parent in reversed(name.parents) if parent.name]


def _rename(source: Folder, name: str, target: Folder, to: str) -> None:
    source.rename_new(name, to, target)
    target.sync()
    if source.path != target.path:
        source.sync()
