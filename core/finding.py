"""What a check has to say: one shape for every check, command, screen and test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from .safe import safe
from .way import Way


class Severity(IntEnum):
    """How bad it is; ordered, so that ``max`` gives the worst.

    ERROR: with this the node refuses to start, or the network will not run or is not what was
    agreed, or the command could not do its work. UNKNOWN: it could not be determined.
    """

    INFO = 1
    UNKNOWN = 2
    WARNING = 3
    ERROR = 4

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is so. Foreign text in it is made safe here, so that no finding can carry raw bytes (P4)."""

    code: str
    """Stable kebab-case name: ``genesis-zero-power``."""
    severity: Severity
    subject: str
    """Where: a path into a file, a host, a member, a field: ``validators[2].power``."""
    message: str
    """What is so, one sentence, with both values."""
    fix: str = ""
    """An order that a person can carry out; where it is empty, that of ``way``."""
    way: Way | None = None
    """The command that clears it, or what it waits for."""

    def __post_init__(self) -> None:
        if self.way is not None and not self.fix:
            object.__setattr__(self, "fix", self.way.said)
        object.__setattr__(self, "subject", safe(self.subject, 200))
        object.__setattr__(self, "message", safe(self.message, 2000))
        object.__setattr__(self, "fix", safe(self.fix, 2000))

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "severity": self.severity.word,
            "subject": self.subject,
            "message": self.message,
            "fix": self.fix,
        }


def error(code: str, subject: object, message: str, fix: str = "", *, way: Way | None = None) -> Finding:
    return Finding(code, Severity.ERROR, str(subject), message, fix, way)


def warning(code: str, subject: object, message: str, fix: str = "", *, way: Way | None = None) -> Finding:
    return Finding(code, Severity.WARNING, str(subject), message, fix, way)


def info(code: str, subject: object, message: str, fix: str = "", *, way: Way | None = None) -> Finding:
    return Finding(code, Severity.INFO, str(subject), message, fix, way)


def unknown(code: str, subject: object, message: str, fix: str = "", *, way: Way | None = None) -> Finding:
    return Finding(code, Severity.UNKNOWN, str(subject), message, fix, way)


def has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, worst first, otherwise in the order given; equal ones once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: -finding.severity))


MOST_OF_ONE_CODE = 20


def summed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings about one file, equal ones once; of one code the first 20, and one more that counts the others."""
    kept: list[Finding] = []
    kinds: dict[str, list[Finding]] = defaultdict(list)
    for finding in dict.fromkeys(findings):
        several = kinds[finding.code]
        several.append(finding)
        if len(several) <= MOST_OF_ONE_CODE:
            kept.append(finding)
    return (*kept, *(_rest(several[MOST_OF_ONE_CODE:]) for several in kinds.values() if several[MOST_OF_ONE_CODE:]))


def _rest(left: list[Finding]) -> Finding:
    if len(left) == 1:
        return left[0]
    worst = max(finding.severity for finding in left)
    message = f"{len(left)} more findings of this kind are not listed, the first about {left[0].subject}."
    return Finding(left[0].code, worst, left[0].subject, message, "Repair those listed, then check again.")


class Refusal(Exception):  # noqa: N818  (it is an answer, not a fault)
    """Work that can not go on because of the world (a full disk, a changed file): it carries what to tell the person.

    Caught in exactly two places: the command line and the wizard's step screen.
    """

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = findings
