"""What F1 explains: a value that any page can make."""

from __future__ import annotations

from dataclasses import dataclass

from core.finding import Finding
from core.step import Field, Step


@dataclass(frozen=True, slots=True)
class Topic:
    title: str
    """Line 1: a finding's code, a field's label, a step's title."""
    place: str
    """Where the person is: ``3/7 Card, field Host``."""
    so: tuple[str, ...]
    """What is so; a paragraph each."""
    why: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    """Codes or fields of the same kind."""
    back: str = ""
    """Where Esc goes: ``the field Host``."""


def of_finding(finding: Finding, place: str) -> Topic:
    from .why import why

    fix = (finding.fix,) if finding.fix else ()
    return Topic(finding.code, place, (finding.message,), why(finding.code), fix, back="the finding")


def of_field(field: Field, place: str, about: tuple[Finding, ...]) -> Topic:
    from .why import why

    so = (field.help, *(finding.message for finding in about))
    reasons = tuple(dict.fromkeys(line for finding in about for line in why(finding.code)))
    fix = tuple(finding.fix for finding in about if finding.fix)
    see = tuple(finding.code for finding in about)
    return Topic(field.label, f"{place}, field {field.label}", so, reasons, fix, see, f"the field {field.label}")


def of_setting(path: str, place: str, so: tuple[str, ...], reasons: tuple[str, ...]) -> Topic:
    """A key of config.toml: ``p2p.pex``."""
    from .why import why_setting

    return Topic(path, place, so, tuple(dict.fromkeys((*reasons, *why_setting(path)))), back="the setting")


def of_step(step: Step[object], place: str) -> Topic:
    from .why import why_step

    return Topic(step.title, place, (step.purpose,), why_step(step.id), back=f"the step {step.title}")
