"""Findings under the form: worst first, each with its fix; Enter or F1 explains the one with the cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.geometry import Size

from core.finding import Finding, Severity, worst_first

from ..theme import MARKS, STYLES, counts, rule, styled, wrap
from .lines import Lines, Row


class Findings(Lines):
    DEFAULT_CSS = "Findings { height: auto; }"

    def __init__(self, *, id: str | None = None, share: float = 0.3) -> None:
        """``share``: of the lines of the screen, at most; never less than 3 lines."""
        super().__init__(id=id)
        self._share = share
        self.findings: tuple[Finding, ...] = ()
        self.fine = ""
        """Said where there is nothing to fix; empty: nothing is known yet."""

    def put(self, findings: Sequence[Finding], fine: str = "") -> None:
        found = worst_first(findings)
        if (found, fine) != (self.findings, self.fine):
            self.findings, self.fine = found, fine
            self.renew()

    @property
    def chosen(self) -> Finding | None:
        return self.findings[self.cursor] if self.cursor < len(self.findings) else None

    @property
    def room(self) -> int:
        """Lines below the rule."""
        return max(3, int((self.app.size.height - 4) * self._share))

    def rows(self, width: int) -> Sequence[Row]:
        if not self.findings:
            return (Row(styled(("✓ ", "$ok"), (self.fine, "$muted"))),) if self.fine else ()
        rows = [row for item, finding in enumerate(self.findings) for row in self._about(item, finding, width)]
        return (Row(rule("Findings", counts(self.findings), width)), *self._seen(rows))

    def _about(self, item: int, finding: Finding, width: int) -> Iterator[Row]:
        sign = MARKS[finding.severity]
        for number, line in enumerate(wrap(finding.message, width - 3)):
            head = styled(" ", (sign, STYLES[sign]), " ") if number == 0 else "   "
            yield Row(styled(head, line), item)
        if (finding.fix and finding.severity is not Severity.INFO) or (finding.fix and self._alone(item)):
            for number, line in enumerate(wrap(finding.fix, width - 8)):
                yield Row(styled(("   Fix: " if number == 0 else "        ", "bold"), line), item, lit=False)

    def _alone(self, item: int) -> bool:
        return len(self.findings) == 1 or (self.has_focus and item == self.cursor)

    def _seen(self, rows: list[Row]) -> list[Row]:
        """A window on all rows that holds the chosen one; what is cut off is said."""
        if len(rows) <= self.room:
            return rows
        mine = [y for y, row in enumerate(rows) if row.item == self.cursor]
        top = 0 if not self.has_focus or mine[-1] < self.room - 1 else min(mine[0], len(rows) - self.room)
        more = len(rows) - top > self.room
        shown = rows[top : top + self.room - (1 if more else 0)]
        if more:
            word = "   Down shows the rest" if self.has_focus else "   more below: Tab, then Down"
            shown.append(Row(styled((word, "$muted"))))
        return shown

    @property
    def count(self) -> int:
        return len(self.findings)

    def go(self, item: int) -> None:
        super().go(item)
        self.renew()

    def focus_changed(self) -> None:
        self.cursor = self.cursor if self.has_focus else 0
        self.renew()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._at(width))
