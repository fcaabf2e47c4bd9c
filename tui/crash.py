"""What a fault of ours leaves: one line on the terminal, and a log for its owner. Neither has values in it.

Textual prints the local variables of every frame, and these can hold what nobody should see; here only types, files,
lines and function names are told, not even the exception's own text, which can quote what was pasted.
"""

from __future__ import annotations

import os
import platform
import traceback
from pathlib import Path

from core.finding import Refusal
from core.safe import safe
from core.version import __version__


def report(problem: BaseException, root: Path) -> str:
    """Write the log; the line for the terminal."""
    from core.disk.crash_log import write_crash_log

    head = f"quorate: a fault of quorate itself: {_where(problem)}. Nothing is half written, all answers are kept."
    try:
        path = write_crash_log(root, log_text(problem))
    except Refusal as refusal:
        return f"{head}\nIts log could not be written: {safe(refusal.findings[0].message)}"
    return f"{head}\nSend this line and {safe(path)} to those who make quorate. Start it again: quorate"


def log_text(problem: BaseException) -> str:
    """The chain of exceptions with their frames; no values, no texts of exceptions."""
    lines = [f"quorate {__version__}, Python {platform.python_version()}, TERM {safe(os.environ.get('TERM', ''))}"]
    current: BaseException | None = problem
    while current is not None:
        lines.append(type(current).__qualname__)
        lines += [f"  {safe(frame.filename)}:{frame.lineno} in {frame.name}" for frame in _frames(current)]
        current = current.__cause__ or current.__context__
    return "\n".join(lines) + "\n"


def _where(problem: BaseException) -> str:
    frames = _frames(problem)
    if not frames:
        return type(problem).__name__
    ours = [frame for frame in frames if "/tui/" in frame.filename or "/core/" in frame.filename]
    last = (ours or frames)[-1]
    return f"{type(problem).__name__} at {os.path.basename(last.filename)}:{last.lineno} in {last.name}"


def _frames(problem: BaseException) -> traceback.StackSummary:
    return traceback.StackSummary.extract(
        traceback.walk_tb(problem.__traceback__), lookup_lines=False, capture_locals=False
    )
