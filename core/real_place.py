"""Where the paths of a plan lead, through every link: the place that is shown, digested and written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .changes import Change
from .finding import Finding, Refusal, error
from .plan import Plan
from .world import Files


def with_real_places(plan: Plan, files: Files) -> Plan:
    """The plan with the real place of every change whose path leads elsewhere. Raises Refusal, as ``open_home``."""
    changes: list[Change] = []
    for change in plan.changes:
        changes.append(change.located(changes, files))
    return replace(plan, changes=tuple(changes))


def refuse_outside(plan: Plan, home: Path, files: Files) -> None:
    """For a plan that is carried out without being shown: raise Refusal if a link leads it out of ``home``.

    Where the home itself is a link, what that leads to is the home. ``plan-leads-outside``.
    """
    inside = files.real(home)
    out = [(change, place) for change in plan.changes for place in change.places if not place.is_relative_to(inside)]
    if out:
        raise Refusal(*(_leads_outside(change.subject, place, inside) for change, place in out))


def _leads_outside(path: Path, place: Path, inside: Path) -> Finding:
    message = f"{path} leads to {place}, expected a place in {inside}: nothing is written there before it was shown"
    fix = "Check who made the link. If it is yours, have it shown first: `quorate plan keys`, then `quorate apply keys`"
    return error("plan-leads-outside", path, message, fix)
