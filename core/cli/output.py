"""How answers are printed, for people and as JSON. The only module that prints; all of it through ``safe`` (P4)."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import TextIO

from ..finding import Finding, Severity, worst_first
from ..safe import safe
from .answer import Answer

_SIGNS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARN ", Severity.UNKNOWN: "?    ", Severity.INFO: "     "}
_WIDTH = 100


@dataclass(slots=True)
class Output:
    as_json: bool
    stdout: TextIO
    stderr: TextIO

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked something."""
        import sys

        return not self.as_json and sys.stdin.isatty() and self.stderr.isatty()

    def talk(self, text: str) -> None:
        """A line to the person, on stderr; with ``--json`` too, since stdout stays data."""
        self._print(self.stderr, safe(text, 20_000))

    def ask(self, question: str) -> str:
        self.stderr.write(safe(question))
        self.stderr.flush()
        import sys

        return sys.stdin.readline().strip()

    def show(self, answer: Answer) -> None:
        if self.as_json:
            self._print(
                self.stdout, dumps({**answer.data, "findings": [f.as_json() for f in worst_first(answer.findings)]})
            )
            return
        for line in answer.lines:
            self._print(self.stdout, safe(line, 2_000_000))
        stream = self.stdout if answer.judges else self.stderr
        for finding in worst_first(answer.findings):
            for line in finding_lines(finding):
                self._print(stream, line)
        if answer.next:
            self._print(self.stderr, f"Next: {safe(answer.next)}")

    def _print(self, stream: TextIO, text: str) -> None:
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()


def dumps(value: object) -> str:
    """JSON on one object, ASCII only, and DEL escaped too, so that no control byte is left (P4)."""
    return json.dumps(value, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")


def finding_lines(finding: Finding) -> list[str]:
    head = f"{_SIGNS[finding.severity]} {finding.code}  {finding.subject}"
    body = textwrap.wrap(finding.message, _WIDTH - 6)
    fix = textwrap.wrap("-> " + finding.fix, _WIDTH - 6, subsequent_indent="   ") if finding.fix else []
    return [head, *(f"      {line}" for line in (*body, *fix))]
