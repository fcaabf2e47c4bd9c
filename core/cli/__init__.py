"""The command line: everything that the wizard does, as a command. Same steps, same findings, printed.

stdout is data, stderr is talk. ``--json`` prints one object with ``findings``. Nothing prompts without a terminal.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence

from ..finding import Finding, Refusal, error
from .answer import Answer, ExitCode
from .output import Output
from .parser import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 nothing wrong, 1 an error, 2 wrong usage, 3 undetermined."""
    os.umask(0o077)
    words = sys.argv[1:] if argv is None else list(argv)
    output = Output(as_json="--json" in words, stdout=sys.stdout, stderr=sys.stderr)
    try:
        return _run(parse(words), output)
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
    except UsageError:
        raise
    except OSError as failure:
        # What the adapters did not foresee is still the world's doing, and no reason for a traceback.
        reason = failure.strerror or type(failure).__name__
        answer = Answer(findings=(error("system", failure.filename or "system", reason, "Mend it and run again."),))
    except Exception as fault:
        if "QUORATE_DEBUG" in os.environ:
            raise
        answer = Answer(findings=(_internal(fault),))
    output.show(answer)
    return answer.exit_code


def _internal(fault: Exception) -> Finding:
    """A bug of ours: told in one line without values, which may be foreign or secret."""
    frames = traceback.extract_tb(fault.__traceback__)
    where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno} in {frames[-1].name}" if frames else "?"
    message = f"quorate failed: {type(fault).__name__} at {where}; nothing is half written"
    return error("internal", "quorate", message, "Report this line; QUORATE_DEBUG=1 shows more.")


class UsageError(Exception):
    """The command's words are off: exit code 2."""

    def __init__(self, message: str, *, subject: str = "command", fix: str = "See quorate --help.") -> None:
        super().__init__(message)
        self.subject = subject
        self.fix = fix
