"""The end of a run as a Plan: what undoing, finishing or giving it up would change now. Looks, and writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..disk.folder import Folder, is_folder
from ..finding import Finding, Refusal, error, warning
from ..plan import BringBack, Change, CreateSecret, Keep, MoveAside, Plan, RemoveFile, Sign, WriteFile
from ..safe import safe
from .drive import Task, tasks
from .in_use import homes_of, refuse_in_use
from .journal import Journal, Move, Secret, Signing, Write, digest_of
from .swap import below, place, side

if TYPE_CHECKING:
    from ..home.model import Home
    from ..world import World

How = Literal["undo", "finish", "give-up"]


def ending(journal: Journal, how: How, world: World, later: Iterable[Journal] = ()) -> Plan:
    """``later``: runs that were applied after this one, and are not undone.

    Raises Refusal, as carrying it out would before it touches anything.
    """
    backwards = how == "undo" or (how == "finish" and journal.phase == "undoing")
    if backwards:
        _refuse_superseded(journal, later)
        refuse_in_use(journal, world)
    changes = tuple(_left(journal) if how == "give-up" else _back(journal) if backwards else _forth(journal))
    findings, restarts = _about_nodes(journal, changes, world)
    return Plan(journal.intent.step, changes, findings, restarts, ends=f"{how} {journal.intent.id}")


def undone_lines(journal: Journal) -> Iterator[str]:
    """What was undone, one line each, in the order in which it was: folders, then the last change first."""
    backwards = reversed(tuple(enumerate(journal.intent.entries)))
    for index, entry in sorted(backwards, key=lambda one: not isinstance(one[1], Move)):
        match entry:
            case Write() if journal.stays(index):
                yield f"kept the sign state {safe(entry.path)}"
            case Write(before=None):
                yield f"removed {safe(entry.path)}, which the run had made"
            case Write():
                yield f"restored {safe(entry.path)} as it was before"
            case Move():
                yield f"brought back {safe(entry.path)}, which was set aside as {safe(Path(entry.to).name)}"
            case Secret() if index in journal.started:
                yield f"kept the key file {safe(entry.path)}"
            case Signing() if index in journal.payloads:
                yield f"kept the signed {entry.kind}"
            case _:
                continue


def _refuse_superseded(journal: Journal, later: Iterable[Journal]) -> None:
    """Raise Refusal (``undo-superseded``) where a later run changed the same file or folder."""
    for other in later:
        meets = sorted(one for one in journal.places if any(_meet(one, place) for place in other.places))
        if meets:
            run = f"the run {other.intent.id} of {other.intent.at} for {other.intent.step}"
            message = f"{run} changed {meets[0]} after it; expected no newer change of what is undone"
            fix = f"Undo the newer one first: quorate undo {other.intent.id}"
            raise Refusal(error("undo-superseded", journal.intent.id, message, fix))


def _meet(path: Path, other: Path) -> bool:
    return path.is_relative_to(other) or other.is_relative_to(path)


def _back(journal: Journal) -> Iterator[Change]:
    for task in tasks(journal, "before"):
        path = Path(task.entry.path)
        if isinstance(task.entry, Move):
            for index, file, _ in below(journal, task.entry):
                if os.path.lexists(file.path):
                    why = f"the run of {journal.intent.at} made it"
                    yield RemoveFile(Path(file.path), journal.copy(index, "after"), why)
            yield BringBack(Path(getattr(task.entry, place(task.entry))), path, "as it was before")
        elif task.entry.before is None:
            yield RemoveFile(path, _content(task) or b"", f"the run of {journal.intent.at} made it")
        else:
            yield WriteFile(path, _content(task), journal.copy(task.index, "before"), "as it was before")
    for index, entry in enumerate(journal.intent.entries):
        match entry:
            case Secret() if index in journal.started and os.path.lexists(entry.path):
                why = "quorate neither deletes nor moves keys"
                yield Keep(f"the key file {entry.path}", Path(entry.path), why)
            case Signing() if index in journal.payloads:
                yield Keep(f"the signed {entry.kind}", Path(entry.home), "whoever has a signature can show it")
            case Write() if journal.stays(index):
                why = "its key stays, and could sign a height twice without it"
                yield Keep(f"the sign state {entry.path}", Path(entry.path), why)


def _forth(journal: Journal) -> Iterator[Change]:
    todo = {task.index: task for task in tasks(journal, "after")}
    moves = [task.entry for task in todo.values() if isinstance(task.entry, Move)]
    why = f"as planned on {journal.intent.at}"
    for index, entry in enumerate(journal.intent.entries):
        match entry:
            case Write() if index in todo:
                after = journal.copy(index, "after")
                yield WriteFile(Path(entry.path), _content(todo[index]), after, why, entry.mode)
            case Write() if any(Path(entry.path).is_relative_to(move.path) for move in moves):
                yield WriteFile(Path(entry.path), None, journal.copy(index, "after"), why, entry.mode)
            case Move() if index in todo:
                yield MoveAside(Path(getattr(entry, place(entry))), Path(entry.to), why, entry.only_stopped)
            case Secret() if not (index in journal.started and os.path.lexists(entry.path)):
                yield CreateSecret(Path(entry.path), f"the {entry.kind} key of this node", entry.kind)
            case Signing():
                body = journal.payloads.get(index, entry.body).encode()
                yield Sign(entry.kind, body, Path(entry.home), why, Path(entry.key))


def _left(journal: Journal) -> Iterator[Change]:
    """Everything, as giving up leaves it."""
    for index, entry in enumerate(journal.intent.entries):
        match entry:
            case Write():
                yield _left_file(journal, index, Path(entry.path))
            case Move():
                yield _left_folder(entry)
            case Secret() if index in journal.started and os.path.lexists(entry.path):
                yield Keep(f"the key file {entry.path}", Path(entry.path), "quorate neither deletes nor moves keys")
            case Signing() if index in journal.payloads:
                yield Keep(f"the signed {entry.kind}", Path(entry.home), "whoever has a signature can show it")


def _left_folder(move: Move) -> Change:
    """A folder between its two places is brought to the end of its way (``drive.come_to_rest``)."""
    try:
        at, cut_off = place(move), side(move) is None
    except Refusal:
        return Keep(move.path, Path(move.path), "where it is now cannot be determined")
    if cut_off and at == "temp":
        return MoveAside(Path(move.temp), Path(move.to), f"it was {move.path}, and the run was cut off at it")
    if cut_off:
        return BringBack(Path(move.temp), Path(move.path), "it was made by the run, which was cut off at it")
    return Keep(move.path, Path(move.path), f"set aside as {move.to}" if at == "to" else "where it was")


def _content(task: Task) -> bytes | None:
    return None if task.standing is None else task.standing.content


def _left_file(journal: Journal, index: int, path: Path) -> Keep:
    try:
        content = _standing(path)
    except Refusal:
        return Keep(str(path), path, "it cannot be read")
    if journal.holds(index, "before", content):
        why = "as it was before"
    elif journal.holds(index, "after", content):
        why = "as the run wrote it"
    else:
        why = "changed by others since"
    return Keep(str(path), path, why, "" if content is None else digest_of(content))


def _standing(path: Path) -> bytes | None:
    if not is_folder(path.parent):
        return None
    with Folder(path.parent) as folder:
        seen = folder.look(path.name)
    return None if seen is None else seen.content


def _about_nodes(
    journal: Journal, changes: tuple[Change, ...], world: World
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What it means for nodes whose files are changed, and what is to be restarted then."""
    from ..home.history import read_history

    findings: list[Finding] = []
    restarts: dict[str, None] = {}
    for change in changes:
        if not isinstance(change, WriteFile | RemoveFile):
            continue
        home = next((home for home in homes_of(journal, change.path, world) if _reads(home, change.path)), None)
        if home is None:
            continue
        name, runs = change.path.name, read_history(world.files, home, None).running == "yes"
        when = "Restart the node of" if runs else "If a node runs on it, restart"
        restarts[f"{when} {home.path}: a node reads {name} only when it starts."] = None
        if runs:
            lost = _peers(change.before) - _peers(change.after if isinstance(change, WriteFile) else None)
            less = f", and has lost {len(lost)} of its peers: {', '.join(sorted(lost))}" if lost else ""
            message = f"a node runs in {home.path}; once it is restarted, it goes by the {name} of this plan{less}"
            fix = "Agree on a time for the restart, or plan the change that you want instead: quorate plan config"
            findings.append(warning("undo-node-runs", change.path, message, fix))
    return tuple(findings), tuple(restarts)


def _reads(home: Home, path: Path) -> bool:
    return any(path == Path(os.path.realpath(file)) for file in (home.files.config, home.files.genesis))


def _peers(config: bytes | None) -> set[str]:
    """The persistent peers of a config.toml; none where it cannot be read."""
    from ..home.model import ConfigDamaged, parse_config, text_of

    try:
        listed = text_of(parse_config(config or b""), "p2p", "persistent_peers")
    except ConfigDamaged:
        return set()
    return {peer.strip() for peer in listed.split(",") if peer.strip()}
