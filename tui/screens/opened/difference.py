"""Two records, or two geneses, beside each other: what differs, by meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.agreement.changes import by_whom, record_changes
from core.agreement.owners import SignedRecord, signed_by
from core.finding import Finding
from core.genesis.diff import Difference as GenesisDifference
from core.genesis.diff import runs_together, verdict
from core.safe import safe

from ...action import Action
from ...page import Page
from ...topic import Topic
from ...widgets.agreement import change_rows
from ...widgets.facts import Facts, Heading, Item, Note, Prose, Table, fact_rows
from ...widgets.findings import Findings
from ...widgets.lines import Lines, Row

_SIDE_BY_SIDE = 90
"""Cells from which both values stand in one line."""


class DifferencePage(Page):
    """``items(width)`` gives the rows."""

    def __init__(self, purpose: str, items: Callable[[int], Iterable[Item]], findings: Sequence[Finding] = ()) -> None:
        super().__init__()
        self._purpose = purpose
        self._items = items
        self._told = tuple(findings)

    def compose(self) -> ComposeResult:
        self.step_id = self.frame.base.step_id
        with Vertical(classes="scroll"):
            yield Facts((self._purpose, ""), id="purpose").add_class("purpose")
            yield Lines(self._rows, id="rows")
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Findings).put(self._told)

    def _rows(self, width: int) -> Sequence[Row]:
        return tuple(fact_rows(self._items(width), width))

    def heading(self) -> str:
        return self.session.heading(self.step_id) if self.step_id else "Difference"

    def keys(self) -> str:
        return "PageUp/PageDown scroll   ^T as text   F1 explain   Esc back   ^Q leave"

    def action(self) -> Action:
        return Action("READ", "Esc goes back", "Esc")

    def topic(self, focused: Widget | None) -> Topic:
        so = ("Compared is what it means: order, spacing and spelling are left out.",)
        return Topic("Difference", self.heading(), so, back="the difference")


def of_records(
    old: SignedRecord, new: SignedRecord, own: str, names: tuple[str, str], findings: Sequence[Finding] = ()
) -> DifferencePage:
    """``own``: this operator's moniker; ``names``: what to call the two."""
    return DifferencePage(
        "What differs, by meaning:", lambda width: _record_items(old, new, own, names, width), findings
    )


def _record_items(old: SignedRecord, new: SignedRecord, own: str, names: tuple[str, str], width: int) -> Iterator[Item]:
    head = (("version", str(old.version), str(new.version)), ("record", old.id[:16], new.id[:16]))
    signed = ("signed by", _signers(old), _signers(new))
    yield Table(("", *(safe(name, 24) for name in names)), tuple(("", row) for row in (*head, signed)))
    differences = record_changes(old.record, new.record)
    mine = own and not any(one.subject == own for one in differences)
    if mine:
        yield ""
        yield Heading("For you", "nothing of yours changed")
    for name, changes in by_whom(differences, own):
        yield ""
        yield Heading("For all" if not name else "For you" if name == own else f"For {name}")
        yield from _values([(one.field, one.old, one.new) for one in changes], names, width)
    if not differences:
        yield ""
        yield Prose("They mean the same; only version or signatures differ.")


def _values(changes: Sequence[tuple[str, str, str]], names: tuple[str, str], width: int) -> Iterator[Item]:
    if width >= _SIDE_BY_SIDE:
        rows = tuple(("!", (field, old or "none", new or "none")) for field, old, new in changes)
        yield Table(("What", *names), rows)
    else:
        yield from change_rows(changes)


def _signers(one: SignedRecord) -> str:
    return ", ".join(safe(owner.name, 20) for owner in signed_by(one, one.record.owners)) or "nobody"


def of_geneses(
    differences: Iterable[GenesisDifference], names: tuple[str, str], findings: Sequence[Finding] = ()
) -> DifferencePage:
    found = tuple(differences)
    purpose = safe(f"From {names[0]} to {names[1]}, by meaning:")
    return DifferencePage(purpose, lambda _: _genesis_items(found), (*findings, *verdict(found)))


def _genesis_items(found: tuple[GenesisDifference, ...]) -> Iterator[Item]:
    if not found:
        yield Prose("Both mean the same to the node.")
    for one in found:
        yield Heading(one.path, "harmless" if one.harmless else "")
        yield from change_rows((("", one.before, one.after),))
        yield Prose(f"   {one.message}")
        if one.harmless:
            yield Note(f"   {one.effect.text}")
        yield ""
    if found:
        together = runs_together(found)
        yield Prose("Nodes with these two run together." if together else "Nodes with these two form no network.")
    yield Note("Order, spacing and spelling of the file are left out.")
