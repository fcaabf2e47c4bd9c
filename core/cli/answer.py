"""What a command has to say: data for stdout, findings, and the exit code that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from ..finding import Finding, Severity

_USAGE = frozenset({"usage", "member-ambiguous", "network-name", "explain-unknown"})
"""Codes that say that the words of the command were off, wherever that was noticed."""


class ExitCode(IntEnum):
    OK = 0
    ERROR = 1
    USAGE = 2
    UNKNOWN = 3
    INTERRUPTED = 130


# No repr: asyncio.run shows the finished task, and with it the answer, to the signal module, which takes no look.
@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    lines: tuple[str, ...] = ()
    """Data for people, on stdout."""
    data: Mapping[str, object] = field(default_factory=dict)
    """The same for programs: the JSON object, to which ``findings`` is added. Findings in it are written out too."""
    findings: tuple[Finding, ...] = ()
    judges: bool = False
    """The findings are the data (check, review, import): people get them on stdout too."""
    next: str = ""
    """The one next action: a command as it can be typed; words in CAPITALS are to be filled in."""
    why: str = ""
    """What that action is for, or what has to happen before it."""

    @property
    def exit_code(self) -> ExitCode:
        if any(finding.code in _USAGE for finding in self.findings):
            return ExitCode.USAGE
        worst = max((finding.severity for finding in self.findings), default=Severity.INFO)
        if worst is Severity.ERROR:
            return ExitCode.ERROR
        if any(finding.severity is Severity.UNKNOWN for finding in self.findings):
            return ExitCode.UNKNOWN
        return ExitCode.OK


class UsageError(Exception):
    """The command's words are off: exit code 2."""

    def __init__(self, message: str, *, subject: str = "command", fix: str = "See quorate --help.") -> None:
        super().__init__(message)
        self.subject = subject
        self.fix = fix
