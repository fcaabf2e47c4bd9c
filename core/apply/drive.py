"""Brings one run to its ``after``, or back to its ``before``. Both ways are the same work.

Where each thing stands is read from the disk every time, never believed from the journal: a file is the old one, the
new one, or somebody else's work, and then nothing is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from ..changes.change import Scene, Side, Task
from ..disk.errors import told
from ..disk.folder import Folder, Folders, is_folder
from ..disk.passage import refuse_foreign
from ..documents.document import Document
from ..finding import Finding, Refusal, error
from .journal import Journal


async def drive(journal: Journal, goal: Side, scene: Scene, *, lasting: bool = True) -> tuple[Document, ...]:
    """Phase by phase, the other way round for ``before``; returns what was signed.

    The order leaves a home safe to start at every moment. Data is never beside an older genesis.json with a newer sign
    state: genesis.json is written before the data folder is exchanged, and restored after it is brought back. A node
    goes by the genesis in its databases meanwhile.

    ``lasting``: also what cannot be undone. Raises Refusal; then the files may stand on both sides, each whole, and no
    temporary file is left. ``file-changed``, ``apply-led-elsewhere``, ``undo-blocked``, ``node-running``,
    ``journal-damaged``, ``link-owner``, what the entries refuse and what the operating system refuses.
    """
    todo = [task for task in tasks(journal, goal) if lasting or not task.entry.lasts]
    documents = []
    _sweep(journal)
    try:
        with Folders() as folders:
            for task in todo:
                task.entry.stage(journal, task, goal, folders)
        for _, together in groupby(todo, key=lambda task: task.entry.phase):
            with Folders() as folders:
                for task in together:
                    documents.append(await task.entry.act(journal, task, goal, scene, folders))
                folders.sync()
        if goal == "before":
            _remove_made(journal)
    finally:
        _sweep(journal)
    return tuple(document for document in documents if document is not None)


def come_to_rest(journal: Journal) -> None:
    """For a run that is given up: nothing stays between two places, and no temporary file, as far as possible."""
    for entry in journal.entries:
        with suppress(Refusal):
            entry.rest()
    with suppress(Refusal):
        _sweep(journal)


def tasks(journal: Journal, goal: Side) -> list[Task]:
    """What is left to do for ``goal``, in order. Raises what :func:`drive` would raise before it touches anything."""
    troubles = list(_led_elsewhere(journal))
    if troubles:
        raise Refusal(*troubles)
    todo: list[Task | None] = []
    with Folders() as folders:
        for index, entry in enumerate(journal.entries):
            try:
                todo.append(entry.todo(journal, index, goal, folders))
            except Refusal as refusal:
                troubles += refusal.findings
    if troubles:
        raise Refusal(*dict.fromkeys(troubles))
    return _in_order((task for task in todo if task is not None), goal)


def _in_order(todo: Iterable[Task], goal: Side) -> list[Task]:
    return sorted(todo, key=lambda task: (task.entry.phase, task.index), reverse=goal == "before")


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
            end = "" if journal.is_applied else ", or give that run up: quorate undo --give-up"
            yield error("apply-led-elsewhere", path, message, f"Put the link back as it was, then do it again{end}.")


def _remove_made(journal: Journal) -> None:
    """Folders that this run made, where nothing is left in them; those of a new folder have gone with it."""
    for path in map(Path, reversed(journal.made)):
        if any(str(path) in entry.places or entry.moves(path) for entry in journal.entries) or not is_folder(path):
            continue
        with Folder(path.parent) as folder, told(path):
            with Folder(path) as inner:
                if os.listdir(inner.fd):
                    continue
            folder.remove_folder(path.name)
            folder.sync()


def _sweep(journal: Journal) -> None:
    """Remove the temporary files of this run, also those of its life before a crash."""
    for entry in journal.entries:
        entry.sweep(journal)
