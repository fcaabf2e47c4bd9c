"""What F1 explains: a value that any page can make."""

from __future__ import annotations

from dataclasses import dataclass

from core.explain.text import Text, of_code, read
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
    source: str = ""
    """From where it is known."""


def of_finding(finding: Finding, place: str) -> Topic:
    text = of_code(finding.code)
    fix = tuple(dict.fromkeys(line for line in (finding.fix, *text.fix) if line))
    return Topic(finding.code, place, (finding.message,), text.why, fix, text.see, "the finding", text.source)


def of_field(field: Field, place: str, about: tuple[Finding, ...]) -> Topic:
    from core.explain.find import of_field as text_of

    text = text_of(field)
    reasons = (*(line for finding in about for line in of_code(finding.code).why), *text.why)
    fix = tuple(finding.fix for finding in about if finding.fix)
    see = (*(finding.code for finding in about), *text.see)
    so = (*(finding.message for finding in about), field.help)
    reasons, fix, see = (tuple(dict.fromkeys(one)) for one in (reasons, fix, see))
    back = f"the field {field.label}"
    return Topic(field.label, f"{place}, field {field.label}", so, reasons, fix, see, back, text.source)


def of_setting(path: str, place: str, so: tuple[str, ...]) -> Topic:
    """A key of config.toml: ``p2p.pex``."""
    from core.explain.find import of_setting as text_of

    text = text_of(path)
    return Topic(path, place, so, (*text.so, *text.why), text.fix, text.see, "the setting", text.source)


def of_step(step: Step[object], place: str) -> Topic:
    text = read("steps").get(step.id, Text())
    return Topic(step.title, place, (step.purpose,), text.why, text.fix, back=f"the step {step.title}")


def of_name(name: str, place: str) -> Topic | None:
    """What ``quorate explain NAME`` says: for what stands under "See also"."""
    from core.explain.find import explain

    found = explain(name)
    if not found:
        return None
    text = found[0].text
    return Topic(found[0].title, place, text.so, text.why, text.fix, text.see, "what you read", text.source)
