"""Why the wizard can not be drawn here, and what to do instead. Imports nothing heavy: it runs before Textual."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

SMALLEST = (60, 20)
_NO_TERMINALS = ("", "dumb", "unknown")


def preflight(environ: Mapping[str, str]) -> str:
    """Empty where all is well."""
    if not _is_terminal(sys.__stdin__) or not _is_terminal(sys.__stderr__) or not _is_terminal(sys.__stdout__):
        return (
            "the wizard needs a terminal, and input or output is none here.\n"
            "Run quorate in a terminal (with ssh: ssh -t HOST quorate), or use the commands: quorate --help"
        )
    if environ.get("TERM", "") in _NO_TERMINALS:
        return (
            f"TERM is {environ.get('TERM') or 'not set'}, and the wizard needs a terminal that can move its cursor.\n"
            "Set TERM to what your terminal is (export TERM=xterm-256color), or use the commands: quorate --help"
        )
    encoding = (getattr(sys.__stderr__, "encoding", "") or "").lower().replace("-", "").replace("_", "")
    if encoding != "utf8":
        return (
            f"the locale writes {encoding or 'an unknown encoding'}, and the wizard needs UTF-8.\n"
            "Start it so: LC_ALL=C.UTF-8 quorate    or use the commands: quorate --help"
        )
    return _too_small()


def _too_small() -> str:
    try:
        columns, rows = os.get_terminal_size(2)
    except OSError:
        return "the size of the terminal is unknown.\nUse the commands: quorate --help"
    if (columns, rows) != (0, 0) and (columns < SMALLEST[0] or rows < SMALLEST[1]):
        return (
            f"the terminal is {columns}x{rows}, and the wizard needs {SMALLEST[0]}x{SMALLEST[1]}.\n"
            "Make the window larger or its font smaller, or use the commands: quorate --help"
        )
    return ""


def _is_terminal(stream: object) -> bool:
    try:
        return stream is not None and bool(stream.isatty())  # type: ignore[attr-defined]
    except ValueError:
        return False
