"""The engine: brings the files of one journal to its ``after``, or back to its ``before``. Both ways are the same work.

Where each thing stands is read from the disk every time, never believed from the journal: a file is the old one, the
new one, or somebody else's work, and then nothing is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..disk.errors import told
from ..disk.folder import Folder, Folders, Standing, is_folder
from ..disk.passage import refuse_foreign, standing_folder
from ..finding import Finding, Refusal, error
from .journal import Journal, Move, Write, digest_of
from .swap import Side, back, forward, is_away, place, refuse_blocked, refuse_used, side, stage, sweep


def drive(journal: Journal, goal: Side) -> None:
    """Raises Refusal; then the files may stand on both sides, each whole, and no temporary file is left.

    ``file-changed``, ``apply-led-elsewhere``, ``undo-blocked``, ``node-running``, ``journal-damaged``, ``link-owner``
    and what the operating system refuses.
    """
    todo = tasks(journal, goal)
    _sweep(journal)
    try:
        _stage(journal, goal, todo)
        _commit(journal, goal, todo)
    finally:
        _sweep(journal)


def come_to_rest(journal: Journal) -> None:
    """For a run that is given up: no folder stays between its two places, and no temporary file, as far as possible."""
    for entry in journal.intent.entries:
        with suppress(Refusal):
            if isinstance(entry, Move) and side(entry) is None:
                forward(entry)
    with suppress(Refusal):
        _sweep(journal)


@dataclass(frozen=True, slots=True)
class Task:
    index: int
    entry: Write | Move
    standing: Standing | None = None
    """The file that is to be replaced."""


def tasks(journal: Journal, goal: Side) -> list[Task]:
    """What is left to do for ``goal``, in order. Raises what :func:`drive` would raise before it touches anything."""
    troubles = list(_led_elsewhere(journal))
    if troubles:
        raise Refusal(*troubles)
    todo: list[Task] = []
    with Folders() as folders:
        for index, entry in enumerate(journal.intent.entries):
            try:
                if isinstance(entry, Move):
                    todo += _moving(journal, goal, index, entry)
                elif isinstance(entry, Write) and not (goal == "before" and journal.stays(index)):
                    todo += _writing(journal, goal, index, entry, folders)
            except Refusal as refusal:
                troubles += refusal.findings
    if troubles:
        raise Refusal(*dict.fromkeys(troubles))
    # As they are carried out: see ``_commit``.
    return sorted(
        todo if goal == "after" else todo[::-1], key=lambda task: isinstance(task.entry, Move) == (goal == "after")
    )


def _led_elsewhere(journal: Journal) -> Iterator[Finding]:
    """Where a link was put in place, removed or retargeted since the run began, or is of a different user now."""
    for path, real in journal.intent.leads:
        try:
            refuse_foreign(Path(path))
        except Refusal as refusal:
            yield from refusal.findings
            continue
        now = os.path.realpath(path)
        if now != real:
            message = f"{path} leads to {now} now; this run was about {real}: a link on the way has changed"
            end = "" if journal.phase == "applied" else ", or give that run up: quorate undo --give-up"
            yield error("apply-led-elsewhere", path, message, f"Put the link back as it was, then do it again{end}.")


def _moving(journal: Journal, goal: Side, index: int, move: Move) -> list[Task]:
    if side(move) == goal:
        return []
    for path in (move.path, move.to):
        refuse_foreign(Path(path).parent)
    refuse_used(move)
    if goal == "after" and place(move) == "temp" and is_away(move):
        message = f"{move.path}, which that run made, is not there any more"
        raise Refusal(error("file-changed", move.path, message, "Put it back there, or undo that run: quorate undo"))
    if goal == "before" and not is_away(move):
        refuse_blocked(journal, move)
    return [Task(index, move)]


def _writing(journal: Journal, goal: Side, index: int, entry: Write, folders: Folders) -> list[Task]:
    path = Path(entry.path)
    moves = (one for one in journal.intent.entries if isinstance(one, Move))
    move = next((move for move in moves if path.is_relative_to(move.path)), None)
    if move is not None and (place(move) == "path" or is_away(move)):
        return []  # It comes and goes with the folder that it is in.
    standing = folders.at(path.parent).look(path.name) if is_folder(path.parent) else None
    if _side_of_file(journal, index, entry, standing) == goal or (move is not None and goal == "before"):
        return []
    refuse_foreign(path)
    return [Task(index, entry, standing)]


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


def _stage(journal: Journal, goal: Side, todo: list[Task]) -> None:
    """Write every temporary file before the first rename, so that a full disk changes nothing."""
    with Folders() as folders:
        for task in todo:
            if isinstance(task.entry, Write) and getattr(task.entry, goal) is not None:
                folder, temp = folders.of(task.entry.temp)
                folder.refuse_unsafe(task.standing.uid if task.standing else None)
                folder.make_file(temp, journal.copy(task.index, goal), task.entry.mode, task.standing)
            elif isinstance(task.entry, Move) and goal == "after" and task.entry.temp and place(task.entry) == "path":
                stage(journal, task.entry)


def _commit(journal: Journal, goal: Side, todo: list[Task]) -> None:
    """The files and the folders, in the order in which each step leaves a home that is safe to start.

    Data is never beside an older genesis.json with a newer sign state: genesis.json is written before the data folder
    is exchanged, and restored after it is brought back. A node goes by the genesis in its databases meanwhile.
    """
    moves = [task.entry for task in todo if isinstance(task.entry, Move)]
    if goal == "before":
        for move in moves:
            refuse_used(move)
            back(journal, move)
    _put_all(journal, goal, [task for task in todo if isinstance(task.entry, Write)])
    if goal == "after":
        for move in moves:
            refuse_used(move)
            forward(move)
    else:
        _remove_made(journal)


def _put_all(journal: Journal, goal: Side, todo: list[Task]) -> None:
    with Folders() as folders:
        for task in todo:
            _put(journal, task, goal, folders)
        for folder in {folders.of(task.entry.path)[0] for task in todo}:
            folder.sync()


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
        put = staged.rename if folder.has(name) else staged.rename_new
        put(temp, name, folder)


def _remove_made(journal: Journal) -> None:
    """Folders that this run made, where nothing is left in them; those of a new folder go with it."""
    swapped = [entry.path for entry in journal.intent.entries if isinstance(entry, Move) and entry.temp]
    for path in map(Path, reversed(journal.intent.made)):
        if any(map(path.is_relative_to, swapped)) or not is_folder(path):
            continue
        with Folder(path.parent) as folder, told(path):
            with Folder(path) as inner:
                if os.listdir(inner.fd):
                    continue
            folder.remove_folder(path.name)
            folder.sync()


def _sweep(journal: Journal) -> None:
    """Remove the temporary files of this run, also those of its life before a crash."""
    for entry in journal.intent.entries:
        if isinstance(entry, Move):
            sweep(journal, entry)
        elif isinstance(entry, Write) and os.path.lexists(entry.temp):
            temp = Path(entry.temp)
            with Folder(standing_folder(temp.parent)) as folder:
                folder.remove(temp.name)


def _short(digest: str | None) -> str:
    return "no file" if digest is None else f"SHA-256 {digest[:16]}…"
