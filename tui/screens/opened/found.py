"""What an import would bring, one row for each document, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.card.model import UnsignedEntry
from core.documents.kinds import KINDS
from core.finding import Finding, Refusal
from core.peers.receive import Received, Reception, keep
from core.peers.wording import readable, what_it_does, what_it_is
from core.safe import safe

from ...action import Action
from ...page import Page
from ...session import TITLES
from ...theme import STYLES, join, padded, styled
from ...topic import Topic
from ...widgets.facts import Facts, Heading, Item, Note, change_items, fact_rows
from ...widgets.findings import Findings
from ...widgets.lines import Lines, Row
from ...widgets.window import Window

_SIGNS = {"new": "✓", "changed": "!", "known": "·", "older": "·", "foreign": "?", "newer": "?"}


class FoundPage(Page):
    def __init__(self, reception: Reception, where: str) -> None:
        """``where``: in what it was found, such as ``those 61 lines``."""
        super().__init__()
        self._reception = reception
        self._where = where
        self._left_out: set[str] = set()
        self._refused: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.base.step_id
        with Vertical(classes="scroll"):
            yield Facts((self._purpose(), ""), id="purpose").add_class("purpose")
            yield Window(self._head, self._rows, self._most, id="rows")
            yield Lines(self._details, id="details")
        yield Findings(id="findings")

    def on_mount(self) -> None:
        rows = self.query_one("#rows", Window)
        rows.go(next((at for at, row in enumerate(self._reception.rows) if row.status == "changed"), 0))
        self._show_findings()

    def _purpose(self) -> str:
        if not (self._reception.rows or self._reception.unsigned):
            return f"In {self._where} there is nothing that quorate knows."
        return f"In {self._where}. Take all, or leave one out with Enter."

    def _show_findings(self) -> None:
        fine = "All of it is whole." if self._reception.rows else ""
        self.query_one(Findings).put((*self._refused, *self._reception.findings), fine)

    # What is drawn ---------------------------------------------------------------------------------------------------

    def _most(self) -> int:
        return max(4, self.app.size.height - 17)

    def _widths(self, width: int) -> tuple[int, int, int]:
        names = (len(row.subject) for row in self._reception.rows)
        name = max(7, min(20 if width >= 80 else 14, max(names, default=7)))
        what = min(32, max(24, (width - name - 12) * 3 // 5))
        return name, what, max(8, width - name - what - 12)

    def _head(self, width: int) -> Sequence[Row]:
        return (Row(styled((f"       {self._cells(('Member', 'What it is', 'What it does'), width)}", "$muted"))),)

    def _cells(self, cells: tuple[str, str, str], width: int) -> str:
        return "  ".join(padded(safe(cell), room) for cell, room in zip(cells, self._widths(width), strict=True))

    def _rows(self, width: int) -> Sequence[Row]:
        rows = [
            self._row(item, self._sign(row), (row.subject, what_it_is(row), self._does(row)), width)
            for item, row in enumerate(self._reception.rows)
        ]
        for item, entry in enumerate(self._reception.unsigned, len(rows)):
            told = (f"{entry.node_id[:8]}..", "values, signed by nobody", self._enters())
            rows.append(self._row(item, "?", told, width))
        return rows

    def _row(self, item: int, sign: str, cells: tuple[str, str, str], width: int) -> Row:
        return Row(styled("   ", (sign, STYLES.get(sign, "")), "   ", self._cells(cells, width)), item)

    def _sign(self, row: Received) -> str:
        return "□" if self._is_out(row) else _SIGNS.get(row.status, "✗")

    def _does(self, row: Received) -> str:
        return "left out" if self._is_out(row) else what_it_does(row)

    def _is_out(self, row: Received) -> bool:
        return row.document is not None and row.document.id in self._left_out

    @property
    def _judges(self) -> bool:
        return self.session.local.role == "coordinator"

    def _enters(self) -> str:
        return "you name the member" if self._judges else "for the coordinator"

    def _details(self, width: int) -> Sequence[Row]:
        return tuple(fact_rows(self._detail_items(), width))

    def _detail_items(self) -> Iterator[Item]:
        row = self._chosen
        if row is None or not row.changes:
            return
        yield from ("", Heading(f"{safe(row.subject, 30)}: what changes", "- before  + in this"))
        yield from change_items(readable(row.changes))
        yield Note("All else is the same.")

    @property
    def _chosen(self) -> Received | None:
        rows, at = self._reception.rows, self.query_one("#rows", Window).cursor
        return rows[at] if at < len(rows) else None

    # What is done ----------------------------------------------------------------------------------------------------

    @on(Lines.Moved, "#rows")
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()
        self.query_one("#details", Lines).renew()

    @on(Lines.Chosen, "#rows")
    def _leave_or_take(self, event: Lines.Chosen) -> None:
        event.stop()
        row = self._chosen
        if row is not None and row.document is not None and row.keeps:
            self._left_out ^= {row.document.id}
            self.query_one("#rows", Window).renew()
            self.told()

    @property
    def _taken(self) -> tuple[Received, ...]:
        return tuple(
            row for row in self._reception.rows if row.document is not None and row.keeps and not self._is_out(row)
        )

    @property
    def _entries(self) -> tuple[UnsignedEntry, ...]:
        return self._reception.unsigned if self._judges else ()

    async def next(self) -> None:
        if not (self._taken or self._entries):
            await self.frame.close()
            return
        state = self.session.state
        assert state is not None
        try:
            keep(state, self._reception, left_out=self._left_out)
        except Refusal as refusal:
            self._refused = refusal.findings
            self._show_findings()
            return
        self.desk.look_around()
        if self._entries:
            from .unsigned import UnsignedPage

            await self.frame.close_stale()
            await self.frame.open(UnsignedPage(self._entries))
        else:
            taken = self._taken
            await self.frame.close_stale()
            self._tell_where(taken)

    def _tell_where(self, taken: Sequence[Received]) -> None:
        """On a step that shows nothing of it, line 23 says what was taken, and goes where it is seen."""
        kinds = sorted({row.kind for row in taken}, key=list(KINDS).index)
        seen = {step for kind in kinds for step in KINDS[kind].seen_in}
        if self.step_id not in seen:
            step = KINDS[kinds[-1]].seen_in[0]
            told = join([_counted(kind, sum(row.kind == kind for row in taken)) for kind in kinds], 3)
            self.frame.offer(f"Taken: {told}. See it in {TITLES[step]}", step)

    # The frame -------------------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self.session.heading(self.step_id) if self.step_id else "Found"

    def keys(self) -> str:
        return "Up/Down move   Enter take or leave out   ^N take   F1 explain   Esc put all away"

    def arrival(self) -> Widget | None:
        return self.query_one("#rows") if self._reception.rows else None

    def action(self) -> Action:
        taken, entries = self._taken, self._entries
        if taken:
            kinds = {row.kind for row in taken}
            kind = kinds.pop() if len(kinds) == 1 else "document"
            told = join([f"{safe(row.subject, 20)} {row.status}" for row in taken], 3)
            return Action("NEXT", f"Take {len(taken)} {kind}{'s' if len(taken) > 1 else ''}: {told}", acts=True)
        if entries:
            return Action("NEXT", "Say whose these values are", acts=True)
        return Action("READ", "There is nothing to take. Esc goes back.", "Esc")

    def topic(self, focused: Widget | None) -> Topic:
        so = (
            (
                "Each document with what it is to you: new, known, older than yours, changed; cut off or damaged on "
                "its way; forged, when the signature does not fit; foreign, of another network; newer than this "
                "quorate."
            ),
            "Nothing is kept before ^N. A card that is taken is not approved by that.",
        )
        return Topic("What was found", f"{self.heading()}, found", so, back="what was found")


def _counted(kind: str, count: int) -> str:
    return f"{count} {kind}{'s' if count > 1 else ''}"
