"""The command line: everything that the wizard does, as a command. Same steps, same findings, printed.

stdout is data, stderr is talk. ``--json`` prints one object with ``findings``. Nothing prompts without a terminal.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence

from ..finding import Finding, Refusal, error
from .answer import Answer, ExitCode, UsageError
from .output import Output
from .parser import Told, parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 nothing wrong, 1 an error, 2 wrong usage, 3 undetermined."""
    # Until work begins and once it is done, ctrl-C ends the process and nothing else: raised as an exception in the
    # middle of an import, or at exit, it would show a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.umask(0o077)
    _keep_standard_streams()
    words = sys.argv[1:] if argv is None else list(argv)
    output = Output(as_json=_wants_json(words), stdout=sys.stdout, stderr=sys.stderr, stdin=sys.stdin)
    try:
        return output.close(_run(words, output))
    except KeyboardInterrupt:
        output.show(Answer(findings=(_stopped(),)))
        return ExitCode.INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        # The process ends now: walking 10,000 documents once more, to find cycles, would take a tenth of the time.
        gc.freeze()


def _keep_standard_streams() -> None:
    """Where one was closed, nothing opened later may take its number and be written to as the terminal."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _wants_json(words: Sequence[str]) -> bool:
    """Before the words are parsed: wrong usage is told in JSON too."""
    end = words.index("--") if "--" in words else len(words)
    return "--json" in words[:end]


def _run(words: Sequence[str], output: Output) -> int:
    try:
        arguments = parse(words)
        output.as_json = arguments.json
        answer = _answer(arguments, output)
    except Told as told:
        output.data(str(told))
        return ExitCode.OK
    except UsageError as usage:
        answer = Answer(findings=(error("usage", usage.subject, str(usage), usage.fix),))
    output.show(answer)
    return answer.exit_code


def _answer(arguments: Namespace, output: Output) -> Answer:
    import asyncio

    from .commands import run

    try:
        with asyncio.Runner() as runner:
            # Not before there is a loop: one that is half made says so when it is thrown away.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            return runner.run(run(arguments, output))
    except Refusal as refusal:
        return Answer(findings=refusal.findings)
    except (UsageError, KeyboardInterrupt):
        raise
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except OSError as failure:
        # What the adapters did not foresee is still the world's doing, and no reason for a traceback.
        reason = failure.strerror or type(failure).__name__
        return Answer(findings=(error("system", failure.filename or "system", reason, "Mend it and run again."),))
    except Exception as fault:
        if "QUORATE_DEBUG" in os.environ:
            raise
        return Answer(findings=(_internal(fault),))


def _stopped() -> Finding:
    message = "stopped before it was done; what was begun was undone, or can be finished or undone"
    return error("interrupted", "command", message, "quorate status")


def _internal(fault: Exception) -> Finding:
    """A bug of ours: told in one line without values, which may be foreign or secret."""
    import traceback

    frames = traceback.extract_tb(fault.__traceback__)
    where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno} in {frames[-1].name}" if frames else "?"
    message = f"quorate failed: {type(fault).__name__} at {where}; nothing is half written"
    return error("internal", "quorate", message, "Report this line; QUORATE_DEBUG=1 shows more.")
