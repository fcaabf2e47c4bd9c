"""The end of a run as a Plan: what undoing, finishing or giving it up would change now. Looks, and writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..changes import Change, RemoveFile, WriteFile
from ..finding import Finding, Refusal, error, warning
from ..plan import Plan
from .drive import tasks
from .in_use import homes_of, refuse_in_use
from .journal import Journal

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
    """What was undone, one line each, in the order in which it was; then what cannot be."""
    entries = sorted(enumerate(journal.entries), key=lambda one: (one[1].lasts, -one[1].phase, -one[0]))
    yield from (line for index, entry in entries if (line := entry.undone(journal, index)))


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
        yield from task.entry.back(journal, task)
    for index, entry in sorted(enumerate(journal.entries), key=lambda one: not one[1].lasts):
        if (kept := entry.kept(journal, index)) is not None:
            yield kept


def _forth(journal: Journal) -> Iterator[Change]:
    todo = {task.index: task for task in tasks(journal, "after")}
    for index, entry in enumerate(journal.entries):
        yield from entry.forth(journal, index, todo)


def _left(journal: Journal) -> Iterator[Change]:
    """Everything, as giving up leaves it."""
    for index, entry in enumerate(journal.entries):
        if (left := entry.left(journal, index)) is not None:
            yield left


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
