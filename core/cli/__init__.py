"""The command line: everything that the wizard does, as a command. Same steps, same findings, printed.

stdout is data, stderr is talk. ``--json`` prints one object with ``findings``. Nothing prompts without a terminal.
"""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from ..finding import Refusal, error
from .answer import Answer, ExitCode
from .output import Output
from .parser import build_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 nothing wrong, 1 an error, 2 wrong usage, 3 undetermined."""
    os.umask(0o077)
    words = sys.argv[1:] if argv is None else list(argv)
    output = Output(as_json="--json" in words, stdout=sys.stdout, stderr=sys.stderr)
    try:
        return _run(build_parser().parse_args(words), output)
    except UsageError as usage:
        output.show(Answer(findings=(error("usage", usage.subject, str(usage), usage.fix),)))
        return ExitCode.USAGE
    except KeyboardInterrupt:
        output.talk("Stopped. What was applied so far can be finished or undone: quorate status")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): no more is wanted, and Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_RDWR), sys.stdout.fileno())
        return ExitCode.OK


def _run(arguments: Namespace, output: Output) -> int:
    from .commands import run

    try:
        answer = asyncio.run(run(arguments, output))
    except Refusal as refusal:
        answer = Answer(findings=refusal.findings)
    except OSError as failure:
        # What the adapters did not foresee is still the world's doing, and no reason for a traceback.
        reason = failure.strerror or type(failure).__name__
        answer = Answer(findings=(error("system", failure.filename or "system", reason, "Mend it and run again."),))
    output.show(answer)
    return answer.exit_code


class UsageError(Exception):
    """The command's words are off: exit code 2."""

    def __init__(self, message: str, *, subject: str = "command", fix: str = "See quorate --help.") -> None:
        super().__init__(message)
        self.subject = subject
        self.fix = fix
