"""Where the paths of a plan lead, through every link: the place that is shown, digested and written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from .finding import Finding, Refusal, error
from .plan import Change, CreateSecret, MoveAside, Plan, Sign, WriteFile
from .world import Files


def with_real_places(plan: Plan, files: Files) -> Plan:
    """The plan with the real place of every change whose path leads elsewhere. Raises Refusal, as ``open_home``."""
    changes: list[Change] = []
    for change in plan.changes:
        changes.append(_located(change, changes, files))
    return replace(plan, changes=tuple(changes))


def real_of(change: WriteFile | MoveAside | CreateSecret) -> Path:
    """Where a located change takes place."""
    return change.path if change.real is None else change.real


def key_of(change: Sign) -> Path:
    """The node key file of a located change."""
    return _usual_key(change.home) if change.key is None else change.key


def refuse_outside(plan: Plan, home: Path, files: Files) -> None:
    """For a plan that is carried out without being shown: raise Refusal if a link leads it out of ``home``.

    Where the home itself is a link, what that leads to is the home. ``plan-leads-outside``.
    """
    inside = files.real(home)
    out = [(change, place) for change in plan.changes for place in places(change) if not place.is_relative_to(inside)]
    if out:
        raise Refusal(*(_leads_outside(change, place, inside) for change, place in out))


def places(change: Change) -> tuple[Path, ...]:
    """Everywhere that a located change takes place, or leads to."""
    match change:
        case Sign():
            return (key_of(change),)
        case MoveAside():
            ends = (change.real_to or change.to, change.link)
            return (real_of(change), *(end for end in ends if end is not None))
        case WriteFile() | CreateSecret():
            return (real_of(change),)
        case _:
            # The end of a run is about the real places that its journal names.
            return (change.path,)


def moved_away(path: Path, before: Iterable[Change], files: Files) -> tuple[MoveAside, Path] | None:
    """The earlier one of the located changes that takes away a folder above ``path``, and where ``path`` leads then.

    The links in that folder, and it itself where it is one, have gone with it.
    """
    moves = {real_of(change): change for change in before if isinstance(change, MoveAside)}
    for above in path.parents if moves else ():
        if move := moves.get(_entry(above, files)):
            return move, real_of(move) / path.relative_to(above)
    return None


def _located(change: Change, before: list[Change], files: Files) -> Change:
    match change:
        case WriteFile():
            _, real = moved_away(change.path, before, files) or (None, files.real(change.path))
            return replace(change, real=_other(change.path, real))
        case CreateSecret():
            # A key is never made through a link at the end of its path: what is there counts as a key.
            _, real = moved_away(change.path, before, files) or (None, _entry(change.path, files))
            return replace(change, real=_other(change.path, real))
        case MoveAside():
            real, end = _entry(change.path, files), files.real(change.path)
            return replace(
                change,
                real=_other(change.path, real),
                real_to=_other(change.to, _entry(change.to, files)),
                link=_other(real, end),
            )
        case Sign():
            return replace(change, key=_other(_usual_key(change.home), node_key(change.home, files)))
        case _:
            return change


def _leads_outside(change: Change, place: Path, inside: Path) -> Finding:
    path = change.home if isinstance(change, Sign) else change.path
    message = f"{path} leads to {place}, expected a place in {inside}: nothing is written there before it was shown"
    fix = "Check who made the link. If it is yours, have it shown first: `quorate plan keys`, then `quorate apply keys`"
    return error("plan-leads-outside", path, message, fix)


def node_key(home: Path, files: Files) -> Path:
    """The real place of the node key file of ``home``. Raises Refusal, as ``open_home``."""
    from .home.model import open_home
    from .profiles import DEFAULT
    from .profiles import profile as profile_of

    return files.real(open_home(files, home, profile_of(DEFAULT)).files.node_key)


def _entry(path: Path, files: Files) -> Path:
    """``path`` with every link on the way to its folder resolved, its own name kept."""
    return files.real(path.parent) / path.name


def _usual_key(home: Path) -> Path:
    return home / "config" / "node_key.json"


def _other(path: Path, real: Path) -> Path | None:
    return None if real == path else real
