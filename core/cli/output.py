"""How answers are printed, for people and as JSON. The only module that prints; all of it through ``safe`` (P4)."""

from __future__ import annotations

import json
import os
import signal
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TextIO

from ..finding import Finding, Severity, error, worst_first
from ..safe import safe
from .answer import Answer, ExitCode
from .command import each_command

if TYPE_CHECKING:
    from asyncio import TimerHandle

_SIGNS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARN ", Severity.UNKNOWN: "?    ", Severity.INFO: "     "}
_WIDTH = 100
_NARROWEST = 40

PATIENCE = 1.0
"""Seconds: what is over sooner needs no line about what is being done."""


@dataclass(slots=True)
class Output:
    """The two streams of one run. A stream that takes nothing (closed, full, reader gone) never raises."""

    as_json: bool
    stdout: TextIO | None
    """None where the program was started with it closed."""
    stderr: TextIO | None
    stdin: TextIO | None
    typed: Callable[[str], str] = str
    """A command as it works for the person: with the options that say where they are."""
    lost: str = ""
    """Why data for stdout could not be delivered; a reader that has gone away wanted no more, and is no reason."""
    _told: set[Finding] = field(default_factory=set)
    """What the person has read already in this run."""
    _doing: str = ""
    _late: TimerHandle | None = None

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked something."""
        return not self.as_json and _is_terminal(self.stdin) and _is_terminal(self.stderr)

    @property
    def on_screen(self) -> bool:
        """Whether data for stdout goes to the person, and nowhere else."""
        return not self.as_json and _is_terminal(self.stdout)

    def talk(self, text: str) -> None:
        """A line to the person, on stderr; with ``--json`` too, since stdout stays data."""
        self._settle()
        self._tell(safe(text, 20_000))

    def tell(self, findings: Iterable[Finding]) -> None:
        """Before a question that rests on them, on stderr; ``show`` does not say them again."""
        self._settle()
        for finding in worst_first(findings):
            self._told.add(finding)
            for line in finding_lines(self._as_typed(finding), _width(self.stderr)):
                self._tell(line)

    def progress(self, text: str) -> None:
        """What is being done, on stderr: told where it takes longer than ``PATIENCE``, and each only once."""
        from asyncio import get_running_loop

        if text == self._doing:
            return
        self._doing = text
        if self._late is None:
            self._late = get_running_loop().call_later(PATIENCE, self._tell_progress)
        elif self._late.when() <= get_running_loop().time():
            self._tell_progress()

    def ask(self, question: str) -> str:
        """What the person typed; empty where the input has ended or is no text."""
        self._settle()
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
            self._deliver(dumps(_whole(replace(answer, findings=tuple(map(self._as_typed, answer.findings))))))
            return
        self._settle()
        for line in answer.lines:
            self._deliver(safe(line, 2_000_000))
        put, stream = (self._deliver, self.stdout) if answer.judges else (self._tell, self.stderr)
        for finding in worst_first(one for one in answer.findings if one not in self._told):
            for line in finding_lines(self._as_typed(finding), _width(stream)):
                put(line)
        if answer.next:
            self._tell(f"Next: {safe(answer.next, 20_000)}")
            for line in _wrapped(safe(answer.why), _width(self.stderr)):
                self._tell(f"      {line}")

    def close(self, code: int) -> int:
        """The exit code at last: an error, where the data of a command that had none could not be delivered."""
        if not self.lost:
            return code
        finding = error("output-lost", "stdout", f"the output was not written: {self.lost}", "Make room, run it again.")
        for line in finding_lines(finding, _width(self.stderr)):
            self._tell(line)
        return ExitCode.ERROR if code in (ExitCode.OK, ExitCode.UNKNOWN) else code

    def _as_typed(self, finding: Finding) -> Finding:
        return replace(finding, fix=each_command(finding.fix, self.typed))

    def _tell_progress(self) -> None:
        self._tell(safe(self._doing))

    def _settle(self) -> None:
        """What was being done is done: no line about it comes any more."""
        if self._late is not None:
            self._late.cancel()
        self._late, self._doing = None, ""

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
    return {**answer.data, **ahead, "findings": worst_first(answer.findings)}


def dumps(value: object) -> str:
    """JSON on one object, ASCII only, and DEL escaped too, so that no control byte is left (P4)."""
    return json.dumps(value, indent=2, ensure_ascii=True, default=Finding.as_json).replace("\x7f", "\\u007f")


def finding_lines(finding: Finding, width: int = _WIDTH) -> list[str]:
    head = f"{_SIGNS[finding.severity]} {finding.code}  {finding.subject}"
    fix = _wrapped("-> " + finding.fix, width, "   ") if finding.fix else []
    return [head, *(f"      {line}" for line in (*_wrapped(finding.message, width), *fix))]


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Beside the margin of 6. A command stays on one line, and a word whole: what is broken cannot be pasted."""
    whole = each_command(text, lambda command: command.replace(" ", "\0"))
    lines = textwrap.wrap(whole, width - 6, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def _width(stream: TextIO | None) -> int:
    """Columns: those of a terminal between 40 and 100; else 100, so that what is kept in files looks the same."""
    if stream is None or not _is_terminal(stream):
        return _WIDTH
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return _WIDTH
    return min(_WIDTH, max(_NARROWEST, columns or _WIDTH))
