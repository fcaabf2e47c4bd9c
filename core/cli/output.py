"""How answers are printed, for people and as JSON. The only module that prints; all of it through ``safe`` (P4)."""

from __future__ import annotations

import json
import os
import signal
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from ..finding import Finding, Severity, error, worst_first
from ..safe import safe
from .answer import Answer, ExitCode

_SIGNS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARN ", Severity.UNKNOWN: "?    ", Severity.INFO: "     "}
_WIDTH = 100


@dataclass(slots=True)
class Output:
    """The two streams of one run. A stream that takes nothing (closed, full, reader gone) never raises."""

    as_json: bool
    stdout: TextIO | None
    """None where the program was started with it closed."""
    stderr: TextIO | None
    stdin: TextIO | None
    lost: str = ""
    """Why data for stdout could not be delivered; a reader that has gone away wanted no more, and is no reason."""

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked something."""
        return not self.as_json and _is_terminal(self.stdin) and _is_terminal(self.stderr)

    def talk(self, text: str) -> None:
        """A line to the person, on stderr; with ``--json`` too, since stdout stays data."""
        self._tell(safe(text, 20_000))

    def ask(self, question: str) -> str:
        """What the person typed; empty where the input has ended or is no text."""
        self._tell(safe(question), end="")
        with _interruptible():
            try:
                return self.stdin.readline(1000).strip() if self.stdin else ""
            except (OSError, UnicodeDecodeError):
                return ""

    def read(self, limit: int) -> bytes:
        """The standard input to its end, at most ``limit`` bytes."""
        with _interruptible():
            return self.stdin.buffer.read(limit) if self.stdin else b""

    def data(self, text: str) -> None:
        """Text of our own for stdout, as it is."""
        self._deliver(text, end="")

    def show(self, answer: Answer) -> None:
        if self.as_json:
            self._deliver(dumps(_whole(answer)))
            return
        for line in answer.lines:
            self._deliver(safe(line, 2_000_000))
        put = self._deliver if answer.judges else self._tell
        for finding in worst_first(answer.findings):
            for line in finding_lines(finding):
                put(line)
        if answer.next:
            self._tell(f"Next: {safe(answer.next, 20_000)}")
            for line in textwrap.wrap(safe(answer.why), _WIDTH - 6):
                self._tell(f"      {line}")

    def close(self, code: int) -> int:
        """The exit code at last: an error, where the data of a command that had none could not be delivered."""
        if not self.lost:
            return code
        finding = error("output-lost", "stdout", f"the output was not written: {self.lost}", "Make room, run it again.")
        for line in finding_lines(finding):
            self._tell(line)
        return ExitCode.ERROR if code in (ExitCode.OK, ExitCode.UNKNOWN) else code

    def _deliver(self, text: str, end: str = "\n") -> None:
        self.lost = _print(self.stdout, text + end) or self.lost

    def _tell(self, text: str, end: str = "\n") -> None:
        _print(self.stderr, text + end)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let ctrl-C end a read at once: asyncio would only note it down until the read comes back."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _print(stream: TextIO | None, text: str) -> str:
    """Empty, or why it could not be written; that the reader has gone away is not a reason."""
    if stream is None:
        return "it is closed"
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _drop(stream)
    except OSError as failure:
        _drop(stream)
        return failure.strerror or type(failure).__name__
    except ValueError:
        return "it is closed"
    return ""


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _drop(stream: TextIO) -> None:
    """Send what is still in the buffer, and all that comes, nowhere: Python would complain about it at exit."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, stream.fileno())
    os.close(null)


def _whole(answer: Answer) -> dict[str, object]:
    ahead = {"next": answer.next, "why": answer.why} if answer.next else {}
    return {**answer.data, **ahead, "findings": [finding.as_json() for finding in worst_first(answer.findings)]}


def dumps(value: object) -> str:
    """JSON on one object, ASCII only, and DEL escaped too, so that no control byte is left (P4)."""
    return json.dumps(value, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")


def finding_lines(finding: Finding) -> list[str]:
    head = f"{_SIGNS[finding.severity]} {finding.code}  {finding.subject}"
    body = textwrap.wrap(finding.message, _WIDTH - 6)
    fix = textwrap.wrap("-> " + finding.fix, _WIDTH - 6, subsequent_indent="   ") if finding.fix else []
    return [head, *(f"      {line}" for line in (*body, *fix))]
