"""A page as lines of plain text, also what is scrolled out of sight."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from .widgets.field import Entry
from .widgets.findings import Findings
from .widgets.lines import Lines

WIDTH = 76


def plain_lines(page: Widget) -> Iterator[str]:
    for widget in page.walk_children():
        if not widget.display:
            continue
        if isinstance(widget, Findings):
            yield from _findings(widget)
        elif isinstance(widget, Lines | Entry):
            yield from widget.plain(WIDTH)


def _findings(listed: Findings) -> Iterator[str]:
    if not listed.findings:
        return
    yield ""
    for finding in listed.findings:
        yield f"{finding.severity.word}: {finding.message}"
        if finding.fix:
            yield f"  Fix: {finding.fix}"
        yield f"  {finding.code}"
