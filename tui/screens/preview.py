"""What a plan will do, before it does it; while it does it; and what it has done. The way back is the same way."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.worker import Worker

from core.finding import Finding, Refusal
from core.plan import Change, CreateSecret, MoveAside, Sign, WriteFile, describe, diff
from core.run import Preview, carry_out
from core.safe import safe

from ..look import STYLES, bar, cut, rule, styled, wrap
from ..page import Action, Page
from ..topic import Topic, of_finding
from ..widgets.facts import Facts, Heading, Item, Note, Table
from ..widgets.findings import Findings
from ..widgets.lines import Choice, Lines, Row, menu_rows

if TYPE_CHECKING:
    from core.apply import Receipt

    from .step import StepPage


class DiffView(Lines):
    """``-`` and ``+`` rows of one change; long lines wrap with the sign repeated."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.change: Change | None = None

    def put(self, change: Change) -> None:
        self.change = change
        self.renew()

    def rows(self, width: int) -> Sequence[Row]:
        if self.change is None:
            return ()
        lines = list(diff(self.change))
        head = rule(cut(name_of(self.change), width - 30), _size(lines), width)
        return (Row(head), *(row for line in lines for row in _diff_rows(line, width)))


def _size(lines: Sequence[str]) -> str:
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    taken = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    return f"{added} added, {taken} removed" if added or taken else ""


def _diff_rows(line: str, width: int) -> Iterator[Row]:
    """One line of a unified diff, which is safe already. Where a path leads is in the lines before the first "---"."""
    if line.startswith(("---", "+++")) and "mode 0600" not in line and "signed" not in line:
        return
    sign = line[:1] if line[:1] in ("+", "-") else " "
    style = {"+": "$ok", "-": "$error"}.get(sign, "$muted" if line.startswith("@@") else "")
    text = line.lstrip("+ ") if line.startswith("+++") else line[1:] if sign != " " or line.startswith(" ") else line
    pieces = [text[at : at + width - 6] for at in range(0, len(text), width - 6)] or [""]
    for piece in pieces:
        yield Row(styled("    ", (f"{sign} ", f"bold {style}" if sign != " " else ""), (piece, style)))


class PreviewPage(Page):
    """Files, and what changes in the chosen one. The list has the focus, so that Enter does not apply."""

    def __init__(self, owner: StepPage, shown: Preview) -> None:
        super().__init__()
        self.owner = owner
        self.shown = shown
        self.step_id = owner.step_id

    def compose(self) -> ComposeResult:
        plan = self.shown.plan
        with Vertical(classes="scroll"):
            purpose = f"Nothing is written yet. This is plan {plan.digest[:4]}-{plan.digest[4:8]}."
            yield Facts((purpose, ""), id="purpose").add_class("purpose")
            yield Lines(self._files, id="files")
            yield Facts(("", *self._then()), id="then")
            yield DiffView(id="diff")
        # They were read on the form; here the room is for what changes.
        yield Findings(id="findings", share=0.15)

    def on_mount(self) -> None:
        plan = self.shown.plan
        self.query_one(DiffView).put(plan.changes[0])
        self.query_one(Findings).put(plan.findings, "Nothing to fix.")

    def _files(self, width: int) -> Sequence[Row]:
        rows = tuple(("", (name_of(one), what(one), mode_of(one))) for one in self.shown.plan.changes)
        from ..widgets.facts import table_rows

        return tuple(table_rows(Table(("File", "Change", "Mode"), rows, open=True), width))

    def _then(self) -> Iterator[Item]:
        for line in self.shown.plan.restarts:
            yield Note(f"Then: {line}")
        if self.shown.plan.restarts:
            yield ""

    @on(Lines.Moved, "#files")
    def _moved(self, event: Lines.Moved) -> None:
        self.query_one(DiffView).put(self.shown.plan.changes[event.item])

    @on(Lines.Chosen, "#files")
    def _scroll(self, event: Lines.Chosen) -> None:
        self.frame.action_scroll_page(1)

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Up/Down file   ^N apply   Esc back to the form   F1 explain"

    def arrival(self) -> Widget:
        return self.query_one("#files")

    def action(self) -> Action:
        from .step import sum_up

        kept = " The old ones are kept." if any(_replaces(one) for one in self.shown.plan.changes) else ""
        return Action("NEXT", f"Apply: {sum_up(self.shown)}.{kept}", acts=True)

    async def next(self) -> None:
        await self.frame.swap(ApplyingPage(self.owner, self.shown))

    def topic(self, focused: Widget | None) -> Topic:
        if isinstance(focused, Findings) and focused.chosen is not None:
            return of_finding(focused.chosen, self.heading())
        files = self.query_one("#files", Lines)
        change = self.shown.plan.changes[files.cursor]
        so = (
            describe(change),
            "Nothing is written before ^N. What was there is kept, and quorate undo brings it back.",
        )
        return Topic("Preview", f"{self.heading()}, preview", so, back="the preview")

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        yield from self.owner.commands()
        yield f"quorate{words} apply {self.step_id} --digest {self.shown.plan.digest}"


class ApplyingPage(Page):
    """A fixed list of what is done. Esc takes back what was done so far."""

    def __init__(self, owner: StepPage, shown: Preview) -> None:
        super().__init__()
        self.owner = owner
        self.shown = shown
        self.step_id = owner.step_id

    def compose(self) -> ComposeResult:
        plan = self.shown.plan
        rows = tuple(("·", (name_of(one), what(one))) for one in plan.changes)
        with Vertical(classes="scroll"):
            yield Facts(
                (
                    f"Writing plan {plan.digest[:4]}-{plan.digest[4:8]}. Each file is old or new, never torn.",
                    "",
                    Table(("What", "Change"), rows),
                )
            )

    def on_mount(self) -> None:
        self._worker: Worker[None] = self.run_worker(self._apply, group="apply", exit_on_error=True)

    async def _apply(self) -> None:
        try:
            outcome = await carry_out(self.shown, self.session.world, self.shown.plan.digest)
        except Refusal as refusal:
            await self.frame.swap(RefusedPage(self.step_id, refusal.findings), self)
            return
        self.wizard.look_around()
        await self.frame.swap(ReceiptPage(self.owner, outcome.receipt, outcome.findings), self)

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Esc stop and take back   ^Q leave; it can be finished or undone later"

    def action(self) -> Action:
        return Action("BUSY", f"{len(self.shown.plan.changes)} changes", "Esc stop", bar(1, 2, 20))

    def escape(self) -> bool:
        self._worker.cancel()
        return False

    async def next(self) -> None:
        """Work runs."""


class RefusedPage(Page):
    """It could not be done, and everything is as it was; the findings say why."""

    def __init__(self, step_id: str, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self.step_id = step_id
        self.told_findings = findings

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts(
                ("It was not done.", "", Note("What was begun is taken back, unless a finding says otherwise."))
            )
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Findings).put(self.told_findings)

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def arrival(self) -> Widget:
        return self.query_one(Findings)

    def action(self) -> Action:
        return Action("FIX", f"{cut(self.told_findings[0].message, 44)} ^N goes back.")

    def topic(self, focused: Widget | None) -> Topic:
        chosen = self.query_one(Findings).chosen or self.told_findings[0]
        return of_finding(chosen, self.heading())

    @on(Lines.Chosen, "#findings")
    async def _explain(self, event: Lines.Chosen) -> None:
        await self.frame.action_explain()

    async def next(self) -> None:
        await self.frame.close()


class ReceiptPage(Page):
    """Done, and read back: what was done, what quorate did not do, and the way back."""

    def __init__(self, owner: StepPage, receipt: Receipt, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self.owner = owner
        self.receipt = receipt
        self.step_id = owner.step_id
        self.told_findings = findings
        own = () if receipt.undone else tuple(owner.after())
        undo = (Choice("Undo", "see first what comes back", "undo"),) if receipt.id and not receipt.undone else ()
        self.choices = (*own, *undo, Choice("Command", "the same as a command, also ^T", "command"))

    def compose(self) -> ComposeResult:
        at = self.receipt.at[11:16]
        done = "Taken back" if self.receipt.undone else "Done"
        with Vertical(classes="scroll"):
            yield Facts((f"{done}, and read back. Receipt {self.receipt.id[:24]}, {at} UTC.", ""), id="purpose")
            yield Lines(self._done, id="done")
            yield Facts(tuple(self._not_done()), id="rest")
            yield Lines(menu_rows(self.choices), id="ways")
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Findings).put(self.told_findings, "Nothing to fix.")

    def _done(self, width: int) -> Sequence[Row]:
        sign = "↻" if self.receipt.undone else "✓"
        return tuple(row for line in self.receipt.done for row in _signed_rows(sign, line, width))

    def _not_done(self) -> Iterator[Item]:
        restarts = self.owner.shown.plan.restarts if self.owner.shown and not self.receipt.undone else ()
        if restarts:
            yield from ("", Heading("Not done by quorate"))
            yield from (Note(line) for line in restarts)
        yield from ("", Heading("What you can do now"))

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Up/Down move   Enter choose   ^N next   Esc back to the form   F1 explain"

    def action(self) -> Action:
        if self.receipt.undone:
            return Action("NEXT", "Back to the form")
        return self.owner._onwards()

    async def next(self) -> None:
        if self.receipt.undone:
            await self.frame.close()
        else:
            await self.owner.onwards()

    @on(Lines.Chosen, "#ways")
    async def _chosen(self, event: Lines.Chosen) -> None:
        value = self.choices[event.item].value
        if value == "undo":
            await self.frame.open(UndoPage(self.owner, self.receipt, self))
        elif value == "command":
            await self.frame.action_text()
        else:
            await self.owner.chosen(value)

    @on(Lines.Chosen, "#findings")
    async def _explain(self, event: Lines.Chosen) -> None:
        await self.frame.action_explain()

    def topic(self, focused: Widget | None) -> Topic:
        if isinstance(focused, Findings) and focused.chosen is not None:
            return of_finding(focused.chosen, self.heading())
        so = ("A receipt is the finished entry of a journal: what was done, and copies of what was there before.",)
        return Topic("Receipt", f"{self.heading()}, receipt", so, back="the receipt")

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        if not self.receipt.undone:
            yield f"quorate{words} apply {shlex.quote(self.step_id)} --digest {self.receipt.digest}"
        yield f"quorate{words} undo"


class UndoPage(Page):
    """What comes back, before it does. Staying has the focus."""

    def __init__(self, owner: StepPage, receipt: Receipt, below: Page) -> None:
        """``below``: the page that shows the receipt."""
        super().__init__()
        self.owner = owner
        self.below = below
        self.receipt = receipt
        self.step_id = owner.step_id

    def compose(self) -> ComposeResult:
        from ..widgets.field import Buttons

        with Vertical(classes="scroll"):
            yield Facts(("This is taken back, the last first:", ""))
            yield Lines(self._rows)
            yield Facts(("", Note("A signature and a key file can not be taken back; the receipt then says so."), ""))
            yield Buttons("Take it back?", (("stay", "Stay"), ("undo", "Take it back")), id="say")

    def _rows(self, width: int) -> Sequence[Row]:
        return tuple(row for line in self.receipt.back for row in _signed_rows("↻", line, width))

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Left/Right choose   Enter do it   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self.query_one("#say")

    def action(self) -> Action:
        return Action("WAIT", "For your word: Left/Right, then Enter", "")

    async def next(self) -> None:
        self.query_one("#say").focus()

    @on(Lines.Chosen)
    def _ignore(self, event: Lines.Chosen) -> None:
        event.stop()

    async def on_buttons_pressed(self, event: object) -> None:
        if getattr(event, "value", "") == "undo":
            self.run_worker(self._undo(), group="apply", exit_on_error=True)
        else:
            await self.frame.close()

    async def _undo(self) -> None:
        from core.apply import undo

        try:
            receipt = await undo(self.receipt, self.session.world)
        except Refusal as refusal:
            await self.frame.swap(RefusedPage(self.step_id, refusal.findings), self)
            return
        self.wizard.look_around()
        await self.frame.close(self.below)
        await self.frame.swap(ReceiptPage(self.owner, receipt, receipt.findings), self)

    def commands(self) -> Iterable[str]:
        yield f"quorate{self.session.state_words()} undo"


def _signed_rows(sign: str, line: str, width: int) -> Iterator[Row]:
    for number, piece in enumerate(wrap(safe(line), width - 7)):
        yield Row(styled("  ", (sign if number == 0 else " ", STYLES[sign]), "   ", piece))


def name_of(change: Change) -> str:
    """The file, with the folder that holds it; what is signed."""
    if isinstance(change, Sign):
        return f"a signed {change.kind}"
    return safe("/".join(change.path.parts[-2:]), 200)


def what(change: Change) -> str:
    match change:
        case WriteFile():
            made = f"new file, {_bytes(len(change.after))}" if change.before is None else _lines_changed(change)
            return made + _elsewhere(change.real)
        case MoveAside():
            return f"set aside as {safe(change.to.name, 60)}{_elsewhere(change.real or change.real_to or change.link)}"
        case CreateSecret():
            return f"new key, not shown{_elsewhere(change.real)}"
        case Sign():
            return f"signed by your node key{_elsewhere(change.key)}"


def _elsewhere(real: Path | None) -> str:
    """Below, the diff says where."""
    return "" if real is None else ", at another place"


def mode_of(change: Change) -> str:
    if isinstance(change, CreateSecret):
        return "0600"
    if isinstance(change, WriteFile):
        return f"{change.mode or 0o644:04o}" if change.before is None else "as it is"
    return ""


def _lines_changed(change: WriteFile) -> str:
    lines = [line for line in diff(change) if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    number = max(sum(line[0] == sign for line in lines) for sign in "+-") if lines else 0
    return f"{number} line{'s' if number != 1 else ''}"


def _bytes(size: int) -> str:
    return f"{size} B" if size < 1000 else f"{size / 1000:.1f} kB"


def _replaces(change: Change) -> bool:
    return isinstance(change, MoveAside) or (isinstance(change, WriteFile) and change.before is not None)
