"""The engine: brings the files of one journal to its ``after``, or back to its ``before``. Both ways are the same work.

Where each thing stands is read from the disk every time, never believed from the journal: a file is the old one, the
new one, or somebody else's work, and then nothing is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..finding import Finding, Refusal, error
from .folder import Folder, Folders, Standing, is_folder
from .journal import Journal, Move, Write, digest_of
from .running import refuse_running
from .survey import stale, standing_folder
from .trouble import told

Side = Literal["before", "after"]


def drive(journal: Journal, goal: Side) -> None:
    """Raises Refusal; then the files may stand on both sides, each whole, and no temporary file is left.

    ``file-changed``, ``undo-blocked``, ``node-running``, ``journal-damaged`` and what the operating system refuses.
    """
    todo = tasks(journal, goal)
    sweep(journal)
    try:
        _stage(journal, goal, todo)
        _commit(journal, goal, todo)
    finally:
        sweep(journal)


@dataclass(frozen=True, slots=True)
class Task:
    index: int
    entry: Write | Move
    standing: Standing | None = None
    """The file that is to be replaced."""


def tasks(journal: Journal, goal: Side) -> list[Task]:
    """What is left to do for ``goal``, in order. Raises what :func:`drive` would raise before it touches anything."""
    troubles: list[Finding] = []
    todo: list[Task] = []
    aside = [entry for entry in journal.intent.entries if isinstance(entry, Move)]
    with Folders() as folders:
        for index, entry in enumerate(journal.intent.entries):
            try:
                if isinstance(entry, Move) and _side_of_move(entry) != goal:
                    todo.append(Task(index, entry))
                    _refuse_running(entry, goal)
                elif isinstance(entry, Write) and not (goal == "before" and journal.stays(index)):
                    todo += _writing(journal, goal, index, entry, aside, folders)
            except Refusal as refusal:
                troubles += refusal.findings
    if goal == "before":
        todo.reverse()
        back = [task.entry for task in todo if isinstance(task.entry, Move)]
        troubles += [trouble for move in back for trouble in _blocked(journal, move)]
    if troubles:
        raise Refusal(*troubles)
    return todo


def _refuse_running(move: Move, goal: Side) -> None:
    if move.only_stopped:
        refuse_running(Path(move.path if goal == "after" else move.to))


def _writing(journal: Journal, goal: Side, index: int, entry: Write, aside: list[Move], folders: Folders) -> list[Task]:
    path = Path(entry.path)
    move = next((move for move in aside if path.is_relative_to(move.path)), None)
    if move is not None and _side_of_move(move) == "before":
        return [] if goal == "before" else [Task(index, entry)]
    standing = folders.at(path.parent).look(path.name) if is_folder(path.parent) else None
    return [] if _side_of_file(journal, index, entry, standing) == goal else [Task(index, entry, standing)]


def _side_of_file(journal: Journal, index: int, entry: Write, standing: Standing | None) -> Side:
    content = None if standing is None else standing.content
    if journal.holds(index, "after", content):
        return "after"
    if journal.holds(index, "before", content):
        return "before"
    found = None if content is None else digest_of(content)
    raise Refusal(
        error(
            "file-changed",
            entry.path,
            f"{entry.path} is neither as it was ({_short(entry.before)}) nor as written ({_short(entry.after)}): "
            f"found {_short(found)}",
            _way_out(entry.path, journal),
        )
    )


def _way_out(path: str, journal: Journal) -> str:
    # Only a run that was cut off can be given up: a finished one stays as it was applied.
    end = "" if journal.phase == "applied" else " To give that run up: quorate undo --give-up"
    if path.endswith(("priv_validator_state.json", "priv_validator.json")):
        # An older sign state lets the key sign a height twice: it is never to be put back by hand.
        return f"Keep it as it is: the key has signed since.{end}"
    return f"Put one of the two back, then do it again; copies lie in {journal.copies}. Or keep the file as it is.{end}"


def _side_of_move(move: Move) -> Side:
    if _is_it(move, move.path):
        return "before"
    if _is_it(move, move.to):
        return "after"
    raise Refusal(
        error(
            "file-changed",
            move.path,
            f"what was to be set aside stands neither at {move.path} nor at {move.to}",
            "Put it back at one of the two, then do it again; or give that run up.",
        )
    )


def _is_it(move: Move, path: str) -> bool:
    with told(path):
        try:
            seen = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
    return (seen.st_dev, seen.st_ino) == (move.device, move.inode)


def _blocked(journal: Journal, move: Move) -> Iterator[Finding]:
    """What stands where a folder is to be put back, and was not put there by this run."""
    ours = {entry.path for entry in journal.intent.entries if isinstance(entry, Write)} | set(journal.intent.made)
    come = [path for path in _everything(Path(move.path)) if str(path) not in ours]
    if come:
        more = f", and {len(come) - 1} more at {move.path}" if len(come) > 1 else ""
        yield error(
            "undo-blocked",
            come[0],
            f"{come[0]} has come since{more}; expected nothing there but what this run made",
            f"Look what it is; set {move.path} aside by hand if it can go, then do it again.",
        )


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


def _stage(journal: Journal, goal: Side, todo: list[Task]) -> None:
    """Write every temporary file before the first rename, so that a full disk changes nothing."""
    with Folders() as folders:
        for task in todo:
            if isinstance(task.entry, Write) and getattr(task.entry, goal) is not None:
                folder, temp = folders.of(task.entry.temp)
                folder.refuse_unsafe(task.standing.uid if task.standing else None)
                folder.make_file(temp, journal.copy(task.index, goal), task.entry.mode, task.standing)


def _commit(journal: Journal, goal: Side, todo: list[Task]) -> None:
    moves_back = []
    with Folders() as folders:
        for task in todo:
            if isinstance(task.entry, Write):
                _put(journal, task, goal, folders)
            elif goal == "after":
                _rename(task.entry, task.entry.path, task.entry.to)
                folders.forget()
            else:
                moves_back.append(task.entry)
        for folder in {folders.of(task.entry.path)[0] for task in todo if isinstance(task.entry, Write)}:
            folder.sync()
    if goal == "before":
        _remove_made(journal)
        for move in moves_back:
            _rename(move, move.to, move.path)


def make_missing(journal: Journal, path: Path) -> None:
    """The registered folders down to ``path``, where they are not there yet."""
    for made in map(Path, journal.intent.made):
        if path.is_relative_to(made):
            with Folder(made.parent) as folder:
                folder.make_folder(made.name)


def _put(journal: Journal, task: Task, goal: Side, folders: Folders) -> None:
    """One file to its goal, unless it was changed meanwhile."""
    entry = task.entry
    assert isinstance(entry, Write)
    if goal == "after":
        make_missing(journal, Path(entry.path).parent)
    folder, name = folders.of(entry.path)
    if _side_of_file(journal, task.index, entry, folder.look(name)) == goal:
        return
    if getattr(entry, goal) is None:
        # The copy is compared once more: what is taken away here stays there.
        journal.copy(task.index, "after")
        folder.remove(name)
    else:
        staged, temp = folders.of(entry.temp)
        staged.rename(temp, name, folder)


def _rename(move: Move, source: str, to: str) -> None:
    if move.only_stopped:
        refuse_running(Path(source))
    old, new = Path(source), Path(to)
    with Folder(old.parent) as folder, Folder(new.parent) as target:
        if target.has(new.name):
            raise stale(new, f"{new} exists, expected nothing there")
        folder.rename(old.name, new.name, target)
        folder.sync()
        if target.path != folder.path:
            target.sync()


def _remove_made(journal: Journal) -> None:
    """Folders that this run made, where nothing is left in them."""
    for path in map(Path, reversed(journal.intent.made)):
        if not is_folder(path):
            continue
        with Folder(path.parent) as folder, told(path):
            if os.listdir(path):
                continue
            os.rmdir(path.name, dir_fd=folder.fd)
            folder.sync()


def sweep(journal: Journal) -> None:
    """Remove the temporary files of this run, also those of its life before a crash."""
    for entry in journal.intent.entries:
        if isinstance(entry, Write) and os.path.lexists(entry.temp):
            temp = Path(entry.temp)
            with Folder(standing_folder(temp.parent)) as folder:
                folder.remove(temp.name)


def _short(digest: str | None) -> str:
    return "no file" if digest is None else f"SHA-256 {digest[:16]}…"
