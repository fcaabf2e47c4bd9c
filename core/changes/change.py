"""What every kind of change is made of: its value in a plan (Change), and its twin in the journal of a run (Entry).

A kind is one module beside this one, named in ``core.changes``. A Change says what it would do, and surveys the disk
before anything is done: what it comes to is its Entry. The entry is what is written down, carried out by
``core.apply``, and undone. Kinds that only the end of a run has (something is brought back, or stays) have no
entry: they show what the entries of that run would do.
"""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from ..disk.folder import Folders, Standing, is_folder
from ..finding import Finding, Refusal, error
from ..safe import safe

if TYPE_CHECKING:
    from ..documents.document import Document
    from ..state import State
    from ..world import Files, World

Side = Literal["before", "after"]
"""Where a run brings things: ``after`` is as planned, ``before`` as they were."""


class Phase(IntEnum):
    """When in a run a change is made. What is undone is undone the other way round."""

    STOP = 1
    FILES = 2
    FOLDERS = 3
    SECRETS = 4
    SIGNATURES = 5
    START = 6


class Change(ABC):
    """One thing that a plan does; its kinds are frozen dataclasses.

    A located change knows the real place of each of its paths (``real`` and its like), where a link leads to another.
    """

    __slots__ = ()
    phase: ClassVar[Phase] = Phase.FILES
    acts: ClassVar[bool] = True
    """False for what only says that something stays."""

    @property
    @abstractmethod
    def subject(self) -> Path:
        """The path that findings about it name."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is about, short and safe: the file with the folder that holds it."""

    @property
    @abstractmethod
    def effect(self) -> str:
        """What becomes of that, in a few safe words."""

    @property
    def mode_word(self) -> str:
        """The mode of what it makes, for people."""
        return ""

    @property
    @abstractmethod
    def summary(self) -> str:
        """What changes of its kind do, counted: ``write {n} file{s}``; empty for what does nothing."""

    @abstractmethod
    def digested(self) -> list[object]:
        """All that its plan's digest is to name, as JSON has it."""

    @abstractmethod
    def describe(self) -> str:
        """One line for people."""

    def told(self) -> Iterator[str]:
        """The same in sentences, and what differs as lines of a diff, safe to show; none where ``diff`` says it all."""
        yield from ()

    @abstractmethod
    def diff(self) -> Iterator[str]:
        """The change as lines of a unified diff, safe to show; a secret never appears in one."""

    @property
    def places(self) -> tuple[Path, ...]:
        """Everywhere that it takes place once it is located, or leads to."""
        return (self.subject,)

    @property
    def takes_away(self) -> Path | None:
        """The real place of what is not there any more once it is made."""
        return None

    @property
    def makes(self) -> Path | None:
        """The file that is as planned once it is made: what was said of it before holds no longer."""
        return None

    @property
    def replaces(self) -> bool:
        """Return True if something that is there now gives way to it; it is kept."""
        return False

    def located(self, earlier: Sequence[Change], files: Files) -> Change:
        """With its real places, after the ``earlier`` ones of its plan. Raises Refusal, as ``open_home``."""
        return self

    def refuse(self, scene: Scene) -> None:
        """Raise Refusal if it may not be made, whatever the disk says."""
        return

    def survey(self, ground: Ground, moved: Path | None, folders: Folders) -> Entry | None:
        """What it comes to on this disk; None where that is nothing. Writes nothing.

        ``moved``: the folder above it that an earlier change of the plan takes away. Raises Refusal.
        """
        raise TypeError(f"{type(self).__name__} is for the end of a run only")


class PathChange(Change):
    """A change of what is at one ``path``, which is its subject."""

    __slots__ = ()
    path: Path

    @property
    def subject(self) -> Path:
        return self.path

    @property
    def name(self) -> str:
        return last_two(self.path)


class Entry(ABC):
    """What a run does for one change, as its journal has it; its kinds are frozen dataclasses of text and numbers.

    Where things stand is read from the disk every time. ``run`` is the run whose entry it is, ``index`` its number.
    """

    __slots__ = ()
    word: ClassVar[str]
    """Names the kind in a journal."""
    phase: ClassVar[Phase] = Phase.FILES
    lasts: ClassVar[bool] = False
    """True for what cannot be undone: a key, a signature."""

    def __post_init__(self) -> None:
        """Raise ValueError for one that quorate has not written: a journal may have been changed by others."""
        if not all(os.path.isabs(one) and "\0" not in one for one in self.paths):
            raise ValueError
        # They are removed without a question: they must be of the names that are made for that.
        if not all(os.path.basename(temp).startswith(".quorate-") for temp in self.temps):
            raise ValueError

    @property
    @abstractmethod
    def places(self) -> tuple[str, ...]:
        """What it makes, changes or renames, by its real place; nothing is a link on the way."""

    @property
    def temps(self) -> tuple[str, ...]:
        """Where something of it may stand for a while."""
        return ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All that is a path in it."""
        return (*self.places, *self.temps)

    @property
    def node_home(self) -> str | None:
        """The node home that it is about, where the entry names one."""
        return None

    def moves(self, path: Path) -> bool:
        """Return True if ``path`` is in a folder that it renames."""
        return False

    def carries(self) -> bool:
        """Return True while what is in that folder comes and goes with it. Raises Refusal."""
        return False

    def guards(self, run: Run, index: int) -> bool:
        """Return True if what the run has made beside it must stay for as long as this does."""
        return False

    def refuse(self, scene: Scene) -> None:
        """Raise Refusal if it may not be carried out, whatever the disk says."""
        return

    @abstractmethod
    def todo(self, run: Run, index: int, goal: Side, folders: Folders) -> Task | None:
        """What is left to do for ``goal``. Raises Refusal if it cannot be done; changes nothing."""

    def stage(self, run: Run, task: Task, goal: Side, folders: Folders) -> None:
        """Prepare what may fail, before anything is changed: with a full disk nothing is. Raises Refusal."""
        return

    @abstractmethod
    async def act(self, run: Run, task: Task, goal: Side, scene: Scene, folders: Folders) -> Document | None:
        """Do it, unless it was changed meanwhile; what was signed is returned. ``folders`` are synced afterwards.

        What is awaited can be cancelled; files and folders wait for nothing. Raises Refusal.
        """

    def sweep(self, run: Run) -> None:
        """Remove what :meth:`stage` has left, also of a life of the run before a crash. Raises Refusal."""
        return

    def rest(self) -> None:
        """The run is given up: leave nothing between two places. Raises Refusal."""
        return

    @abstractmethod
    def back(self, run: Run, task: Task) -> Iterator[Change]:
        """What undoing it would change, to be shown. Raises Refusal."""

    @abstractmethod
    def forth(self, run: Run, index: int, todo: Mapping[int, Task]) -> Iterator[Change]:
        """What finishing it would change, to be shown; ``todo`` is all that is left to do. Raises Refusal."""

    def kept(self, run: Run, index: int) -> Change | None:
        """What of it stays when the run is undone, to be shown."""
        return None

    def left(self, run: Run, index: int) -> Change | None:
        """How giving the run up leaves it, to be shown."""
        return self.kept(run, index)

    @abstractmethod
    def undone(self, run: Run, index: int) -> str:
        """What has become of it in a run that was undone, one safe line; empty where nothing had been done."""

    def lasting(self, run: Run, index: int) -> Finding | None:
        """The part of it that cannot be undone."""
        return None


@dataclass(frozen=True, slots=True)
class Task:
    """An entry that is not yet where it is to be."""

    index: int
    entry: Entry
    standing: Standing | None = None
    """The file that is to be replaced."""

    @property
    def content(self) -> bytes | None:
        return None if self.standing is None else self.standing.content


class Run(Protocol):
    """What an entry needs of the journal that it is in."""

    @property
    def entries(self) -> Sequence[Entry]: ...

    @property
    def at(self) -> str:
        """When it was begun, UTC."""
        ...

    @property
    def made(self) -> Sequence[str]:
        """Folders that were missing, outer ones first."""
        ...

    @property
    def is_applied(self) -> bool:
        """Return True if it was carried out whole; it may be about to be undone."""
        ...

    @property
    def copies(self) -> Path:
        """The folder with the copies."""
        ...

    def copy(self, index: int, side: Side) -> bytes:
        """The kept content of an entry. Raises Refusal (``journal-damaged``)."""
        ...

    def holds(self, index: int, side: Side, content: bytes | None) -> bool:
        """Whether ``content``, None where there is no file, is that of an entry on this side."""
        ...

    def noted(self, index: int) -> Mapping[str, object]:
        """What was noted of an entry so far."""
        ...

    def note_of(self, index: int, **more: object) -> None:
        """Write something of an entry down, synced, before it is acted upon."""
        ...

    def damaged(self, what: str) -> Refusal: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a run takes place."""

    world: World
    state: State
    past: Callable[[], Iterable[Run]]
    """Every run of this network, oldest first, this one included; read anew each time."""


@dataclass
class Ground:
    """What the changes of a plan come to, change by change."""

    id: str
    """Of the run."""
    changes: tuple[Change, ...]
    """All of the plan, located."""
    entries: list[Entry] = field(default_factory=list)
    copies: dict[str, bytes] = field(default_factory=dict)
    """The contents to keep, by name: ``2.before``, ``2.after``."""
    made: list[str] = field(default_factory=list)
    """Folders that are missing, outer ones first."""
    leads: dict[str, str] = field(default_factory=dict)
    """Where the files and folders lead as the plan names them."""

    def temp(self, folder: Path) -> str:
        """A temporary name for the next entry."""
        return str(folder / f".quorate-{self.id}-{len(self.entries)}.tmp")

    def note_missing(self, folder: Path, moved: Path | None) -> None:
        """Have ``folder`` made where it is missing; ``moved`` is taken away before. Raises Refusal."""
        missing = []
        while (away := moved is not None and folder.is_relative_to(moved)) or not is_folder(folder):
            if not away and os.path.lexists(folder):
                raise Refusal(
                    error("folder-missing", folder, f"{folder} is not a folder, expected one", "Set it aside by hand.")
                )
            missing.append(str(folder))
            folder = folder.parent
        self.made += [path for path in reversed(missing) if path not in self.made]


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def text_of(path: Path | None) -> str | None:
    return None if path is None else str(path)


def last_two(path: Path) -> str:
    """A file with the folder that holds it, for people."""
    return safe("/".join(path.parts[-2:]), 200)


def elsewhere(*real: Path | None) -> str:
    """That it is not where its path says; its diff says where."""
    return ", at another place" if any(real) else ""


def leads(real: Path | None) -> str:
    """Where a path leads, beside the path."""
    return "" if real is None else f" (leads to {safe(real)})"


def leads_line(real: Path | None) -> Iterator[str]:
    """The line of a diff's header that says where its path leads."""
    if real is not None:
        yield f" leads {safe(real)}"
