"""From a plan to what it means on this disk: stale or not, missing folders, file by file. Looks, and writes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..changes import Entry
from ..changes.change import Ground
from ..changes.place import moved_away
from ..disk.errors import stale, trouble
from ..disk.folder import Folders
from ..finding import Finding, Refusal, error
from ..plan import Plan
from ..real_place import with_real_places
from ..world import Files
from .journal import Intent


@dataclass(frozen=True, slots=True)
class Survey:
    """What a plan comes to."""

    ground: Ground
    lines: tuple[str, ...]
    """What is done, one line for each entry."""

    def intent(self, plan: Plan, at: str) -> Intent:
        return Intent(
            self.ground.id,
            plan.step,
            plan.digest,
            at,
            self.lines,
            tuple(self.ground.entries),
            tuple(self.ground.made),
            tuple(self.ground.leads.items()),
            plan.findings,
        )


def survey(plan: Plan, files: Files) -> Survey:
    """Raises Refusal with every reason why the plan can not be carried out as it was shown.

    ``plan-stale``, ``plan-collides``, ``plan-writes-key``, ``node-running``, ``target-not-regular``, ``file-linked``,
    ``folder-writable``, ``folder-owner``, ``folder-missing``, ``link-owner`` and what the operating system refuses.
    """
    troubles = list(_led_elsewhere(plan, files))
    if troubles:
        raise Refusal(*troubles)
    ground, lines = Ground(secrets.token_hex(8), plan.changes), []
    with Folders() as folders:
        for number, change in enumerate(plan.changes):
            try:
                moved = moved_away(change.subject, plan.changes[:number], files)
                entry = change.survey(ground, None if moved is None else moved[0], folders)
            except Refusal as refusal:
                troubles += refusal.findings
            except OSError as problem:
                troubles += trouble(problem, change.subject).findings
            else:
                if entry is not None:
                    ground.entries.append(entry)
                    lines.append(change.describe())
    troubles += _collisions(ground.entries)
    if troubles:
        raise Refusal(*troubles)
    return Survey(ground, tuple(lines))


def _led_elsewhere(plan: Plan, files: Files) -> Iterator[Finding]:
    """Where a link was put in place, removed or retargeted since the plan was made."""
    for shown, now in zip(plan.changes, with_real_places(plan, files).changes, strict=True):
        if shown != now:
            then, since = (" and ".join(map(str, change.places)) for change in (shown, now))
            message = f"{shown.subject} leads to {since} now; the plan shows {then}: a link on the way has changed"
            yield from stale(shown.subject, message).findings


def _collisions(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Where entries would get into each other's way; a file in a folder that is set aside before it is fine."""
    taken: dict[Path, Entry] = {}
    # Every folder above what is taken: with it, many files do not have to be compared one by one.
    above: set[Path] = set()
    for entry in entries:
        meets = False
        for place in map(Path, entry.places):
            others = (taken[up] for up in (place, *place.parents) if up in taken)
            meets = meets or place in above or any(other is entry or not other.moves(place) for other in others)
            taken.setdefault(place, entry)
            above.update(place.parents)
        if meets:
            message = f"two changes of the plan meet at {entry.places[0]}, expected them apart"
            yield error("plan-collides", entry.places[0], message, "Make two plans of it.")
