"""What a plan will do, before it does it; while it does it; and what it has done. The way back is the same way."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.worker import Worker

from core.changes import Change
from core.finding import Finding, Refusal
from core.plan import Plan
from core.run import Preview, carry_out, preview
from core.safe import safe
from core.steps import IDS

from ...action import Action
from ...page import Page
from ...theme import STYLES, bar, cut, rule, styled, wrap
from ...topic import Topic, of_finding
from ...widgets.facts import Facts, Heading, Item, Note, Table
from ...widgets.findings import Findings
from ...widgets.lines import Choice, Lines, Row, menu_rows

if TYPE_CHECKING:
    from core.apply.ending import How
    from core.apply.receipt import Pending, Receipt


_WORDS = {"undo": "Undo", "finish": "Finish", "give-up": "Give up"}
"""Button and command have the same words."""


class DiffView(Lines):
    """``-`` and ``+`` rows of one change; long lines wrap with the sign repeated."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.change: Change | None = None
        self.whole = False
        """Whether the payload is shown instead of the sentences."""

    def put(self, change: Change) -> None:
        self.change, self.whole = change, False
        self.renew()

    def turn(self) -> bool:
        """Show the text itself, or the sentences again; whether there are two ways to show this change."""
        if self.change is None or not any(self.change.told()):
            return False
        self.whole = not self.whole
        self.renew()
        return True

    def rows(self, width: int) -> Sequence[Row]:
        told = list(self.change.told()) if self.change is not None and not self.whole else []
        return tuple(_told_rows(self.change, told, width)) if self.change and told else self._text(width)

    def _text(self, width: int) -> Sequence[Row]:
        if self.change is None:
            return ()
        lines = list(self.change.diff()) or wrap(self.change.describe(), width - 6)
        head = rule(cut(self.change.name, width - 30), _size(lines), width)
        return (Row(head), *(row for line in lines for row in _diff_rows(line, width)))

    def plain(self, width: int) -> tuple[str, ...]:
        """All of it, the text that is signed too."""
        return tuple(row.content.plain.rstrip() for row in self._text(width))


def _told_rows(change: Change, told: Sequence[str], width: int) -> Iterator[Row]:
    yield Row(rule(f"{change.name[:1].upper()}{change.name[1:]} says", "", width))
    for line in told:
        if line[:1] in ("-", "+"):
            yield from _diff_rows(line, width)
        else:
            yield from (Row(styled("    ", part)) for part in wrap(line.strip(), width - 6) or [""])
    size = sum(len(line) for line in change.diff() if line.startswith("+"))
    yield Row(styled(""))
    yield Row(styled((f"    Enter shows the text itself, {size} characters", "$muted")))


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


class PlanPage(Page):
    """Files, and what changes in the chosen one. The list has the focus, so that Enter carries nothing out."""

    plan: Plan
    step_id: str

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts((self.purpose(), ""), id="purpose").add_class("purpose")
            yield Lines(self._files, id="files")
            yield Facts(("", *self._then()), id="then")
            yield DiffView(id="diff")
        # They were read on the form; here the room is for what changes.
        yield Findings(id="findings", share=0.15)

    def on_mount(self) -> None:
        if self.plan.changes:
            self.query_one(DiffView).put(self.plan.changes[0])
        self.query_one(Findings).put(self.plan.findings)

    def purpose(self) -> str:
        """One line above the files."""
        return "Nothing is written yet. This is what would change."

    def about(self) -> str:
        """What is said beside the description of the chosen change."""
        raise NotImplementedError

    def _files(self, width: int) -> Sequence[Row]:
        rows = tuple(("", (one.name, one.effect, one.mode_word)) for one in self.plan.changes)
        from ...widgets.facts import table_rows

        return tuple(table_rows(Table(("File", "Change", "Mode"), rows, open=True), width))

    def _then(self) -> Iterator[Item]:
        for line in self.plan.restarts:
            yield Note(f"Then: {line}")
        if self.plan.restarts:
            yield ""

    @on(Lines.Moved, "#files")
    def _moved(self, event: Lines.Moved) -> None:
        self.query_one(DiffView).put(self.plan.changes[event.item])

    @on(Lines.Chosen, "#files")
    def _scroll(self, event: Lines.Chosen) -> None:
        if not self.query_one(DiffView).turn():
            self.frame.action_scroll_page(1)

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def arrival(self) -> Widget:
        return self.query_one("#files")

    def topic(self, focused: Widget | None) -> Topic:
        changes, files = self.plan.changes, self.query_one("#files", Lines)
        plan = f"This is plan {short(self.plan)}: the same digits elsewhere mean exactly the same changes."
        so = (*((changes[files.cursor].describe(),) if changes else ()), self.about(), plan)
        return Topic("Preview", f"{self.heading()}, preview", so, back="the preview")


class Owner(Protocol):
    """The step's page: a plan was made there, and what was done is gone on from there."""

    step_id: str
    hands_on: bool
    """Whether what was made is for others: the receipt begins with the ways to give it to them."""

    def commands(self) -> Iterable[str]: ...

    def after(self) -> Iterable[Choice]:
        """Ways to go on that the receipt offers."""
        ...

    async def chosen(self, value: object) -> None:
        """One of them was chosen."""
        ...

    def going_on(self) -> Action:
        """What is next once it is done."""
        ...

    async def onwards(self) -> None: ...


class PreviewPage(PlanPage):
    """What a step would change."""

    def __init__(self, owner: Owner, shown: Preview, *, of_form: bool = True) -> None:
        """``of_form``: the plan follows from the answers of the form."""
        super().__init__()
        self.owner = owner
        self.shown = shown
        self.of_form = of_form
        self.plan = shown.plan
        self.step_id = owner.step_id

    def about(self) -> str:
        return "Nothing is written before ^N. What was there is kept, and quorate undo brings it back."

    def keys(self) -> str:
        return "Up/Down file   ^N apply   Esc back to the form   F1 explain"

    def action(self) -> Action:
        kept = " The old ones are kept." if any(one.replaces for one in self.plan.changes) else ""
        return Action("NEXT", f"Apply: {self.plan.summary}.{kept}", acts=True)

    async def next(self) -> None:
        await self.frame.swap(WorkingPage(self.owner, self.plan, self._apply))

    async def _apply(self) -> tuple[Receipt | None, tuple[Finding, ...]]:
        shown, world = self.shown, self.session.world
        if self.of_form:
            # Something else may have been signed or imported since: what does not lead to this plan now is refused.
            shown = await preview(shown.step, world, shown.answers)
        outcome = await carry_out(shown, world, self.plan.digest)
        return outcome.receipt, outcome.findings

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        yield from self.owner.commands()
        yield f"quorate{words} apply {self.step_id} --digest {self.plan.digest}"


class EndingPage(PlanPage):
    """What the end of an earlier run would change: it is undone, finished, or given up."""

    def __init__(self, run: Receipt | Pending, how: How, plan: Plan) -> None:
        super().__init__()
        self.run_ended = run
        self.how: How = how
        self.plan = plan
        self.step_id = _step_of(run)

    def purpose(self) -> str:
        at = safe(f"{self.run_ended.at[:10]} {self.run_ended.at[11:16]}")
        return f"{_WORDS[self.how]} the run of {at} UTC? Nothing is written yet."

    def about(self) -> str:
        return {
            "undo": "Nothing is written before ^N. What the run wrote is kept. Signatures and keys stay.",
            "finish": "Nothing is written before ^N. It does the rest of what was planned then.",
            "give-up": "All stays as it is now, and the run is forgotten. Its copies are kept in its journal.",
        }[self.how]

    def keys(self) -> str:
        return f"Up/Down file   ^N {_WORDS[self.how].lower()}   Esc back, nothing is done   F1 explain"

    def action(self) -> Action:
        return Action("NEXT", f"{_WORDS[self.how]}: {self.plan.summary}.", acts=True)

    async def next(self) -> None:
        await self.frame.swap(WorkingPage(None, self.plan, self._end))

    async def _end(self) -> tuple[Receipt | None, tuple[Finding, ...]]:
        from core.apply.engine import give_up, resume, undo
        from core.apply.receipt import Pending

        run, world, digest = self.run_ended, self.session.world, self.plan.digest
        if self.how == "undo":
            receipt = await undo(run, world, expect_digest=digest)
        else:
            assert isinstance(run, Pending)
            if self.how == "give-up":
                await give_up(run, world, expect_digest=digest)
                return None, ()
            receipt = await resume(run, world, expect_digest=digest)
        return receipt, receipt.findings

    def commands(self) -> Iterable[str]:
        words = ["undo", self.run_ended.id, *([] if self.how == "undo" else [f"--{self.how}"])]
        yield f"quorate{self.session.state_words()} {shlex.join(words)} --digest {self.plan.digest}"


async def open_ending(page: Page, run: Receipt | Pending, how: How) -> None:
    """Show how a run would end; or why it cannot."""
    from core.apply.engine import plan_ending

    try:
        plan = plan_ending(run, how, page.session.world)
    except Refusal as refusal:
        await page.frame.open(RefusedPage(_step_of(run), refusal.findings))
        return
    await page.frame.open(EndingPage(run, how, plan))


def _step_of(run: Receipt | Pending) -> str:
    """The step at which it is shown; a journal may name one that this quorate has not."""
    return run.step if run.step in IDS else IDS[0]


class WorkingPage(Page):
    """A fixed list of what is done. Esc stops it; the page stays until it has ended, and then says how."""

    def __init__(
        self,
        owner: Owner | None,
        plan: Plan,
        work: Callable[[], Awaitable[tuple[Receipt | None, tuple[Finding, ...]]]],
    ) -> None:
        """``owner``: the page whose plan it is; None where an earlier run ends."""
        super().__init__()
        self.owner = owner
        self.plan = plan
        self.work = work
        self.step_id = plan.step if plan.step in IDS else IDS[0]
        self.is_stopping = False
        self._before: frozenset[str] = frozenset()

    def compose(self) -> ComposeResult:
        rows = tuple(("·", (one.name, one.effect)) for one in self.plan.changes)
        with Vertical(classes="scroll"):
            yield Facts(
                (
                    "Each file is the old one or the new one, never torn.",
                    "",
                    Table(("What", "Change"), rows),
                )
            )

    def on_mount(self) -> None:
        # A task of its own: Esc cancels the work, and not what says afterwards how it ended.
        self._doing = asyncio.create_task(self._work())
        # The wizard's, not this page's: it goes on when the page is replaced by the receipt.
        self._worker: Worker[None] = self.app.run_worker(self._do(), group="apply", exit_on_error=True)

    @property
    def works(self) -> bool:
        return not self._worker.is_finished

    async def _work(self) -> tuple[Receipt | None, tuple[Finding, ...]]:
        from core.apply.engine import begun

        self._before = begun(self.session.world)
        return await self.work()

    async def _do(self) -> None:
        try:
            try:
                receipt, findings = await self._doing
            except asyncio.CancelledError:
                if not self.is_stopping or _is_cancelled():
                    raise
                await self._stopped()
                return
        except Refusal as refusal:
            await self._say(RefusedPage(self.step_id, refusal.findings))
            return
        await self._done(receipt, findings)

    async def _stopped(self) -> None:
        """The journal knows whether the stop came in time. Raises Refusal."""
        from core.apply.engine import stopped

        receipt, findings = stopped(self.plan, self.session.world, self._before)
        if receipt is not None:
            await self._done(receipt, findings)
        else:
            self.desk.look_around()
            await self._say(StoppedPage(self.step_id, findings))

    async def _done(self, receipt: Receipt | None, findings: tuple[Finding, ...]) -> None:
        if self.owner is not None:
            assert receipt is not None
            self.desk.look_around()
            await self._say(ReceiptPage(self.owner, receipt, findings, self.plan.restarts))
        else:
            await self._ended(receipt, findings)

    async def _say(self, page: Page) -> None:
        """In place of this page; over what the person has gone to meanwhile."""
        if self in self.frame.pages:
            await self.frame.swap(page, self)
        else:
            await self.frame.open(page)

    async def _ended(self, receipt: Receipt | None, findings: tuple[Finding, ...]) -> None:
        """What was below shows how it was before."""
        if receipt is None:
            await self.frame.restart()
            return
        owner = cast("Owner", await self.frame.go(self.step_id))
        await self.frame.open(ReceiptPage(owner, receipt, findings, self.plan.restarts))
        self.desk.look_around()

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Esc stop and undo   ^Q leave; it can be finished or undone later"

    def action(self) -> Action:
        if self.is_stopping:
            return Action("BUSY", "Stopping", "")
        return Action("BUSY", f"{len(self.plan.changes)} changes", "Esc stop", bar(1, 2, 20))

    def escape(self) -> bool:
        if not self.is_stopping:
            self.is_stopping = True
            self._doing.cancel()
            self.told()
        return True

    async def next(self) -> None:
        """Work runs."""


def _is_cancelled() -> bool:
    """Whether the task that runs is to end itself, and not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def short(plan: Plan) -> str:
    """The beginning of a digest, as it is read out."""
    return f"{plan.digest[:4]}-{plan.digest[4:8]}"


class RefusedPage(Page):
    """It could not be done, and everything is as it was; the findings say why."""

    is_news = True

    def __init__(self, step_id: str, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self.step_id = step_id
        self.told_findings = findings

    def compose(self) -> ComposeResult:
        with Vertical(classes="scroll"):
            yield Facts((self.head(), "", Note("What was begun is undone, unless a finding says otherwise.")))
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Findings).put(self.told_findings)

    def head(self) -> str:
        return "It was not done."

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def arrival(self) -> Widget:
        return self.query_one(Findings)

    def action(self) -> Action:
        return Action("FIX", f"{cut(self.told_findings[0].message, 44)} ^N goes back.")

    def topic(self, focused: Widget | None) -> Topic:
        chosen = self.query_one(Findings).chosen or self.told_findings[0]
        return of_finding(chosen, self.heading())

    async def next(self) -> None:
        await self.frame.close()


class StoppedPage(RefusedPage):
    """The person has stopped it; the findings say what is so now."""

    def head(self) -> str:
        return "Stopped."

    def action(self) -> Action:
        return Action("NEXT", "Go back")


class ReceiptPage(Page):
    """Done, and read back: what was done, what quorate did not do, and the way back."""

    is_news = True

    def __init__(
        self, owner: Owner, receipt: Receipt, findings: tuple[Finding, ...], restarts: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.owner = owner
        self.receipt = receipt
        self.restarts = restarts
        self.step_id = owner.step_id
        self.told_findings = findings
        own = () if receipt.undone else tuple(owner.after())
        undo = (Choice("Undo", "see first what it would change", "undo"),) if receipt.id and not receipt.undone else ()
        self.choices = (*own, *undo, Choice("Command", "the same as a command, also ^T", "command"))

    def compose(self) -> ComposeResult:
        done = "Undone" if self.receipt.undone else "Done"
        with Vertical(classes="scroll"):
            yield Facts((f"{done}, and read back.", ""), id="purpose")
            yield Lines(self._done, id="done")
            yield Facts(tuple(self._not_done()), id="rest")
            yield Lines(menu_rows(self.choices), id="ways")
        yield Findings(id="findings")

    def on_mount(self) -> None:
        self.query_one(Findings).put(self.told_findings, "Nothing to fix.")

    def _done(self, width: int) -> Sequence[Row]:
        sign = "↻" if self.receipt.undone else "✓"
        kept = Row(styled((f"      Receipt {self.receipt.id[:24]}, {self.receipt.at[11:16]} UTC", "$muted")))
        return (*(row for line in self.receipt.done for row in _signed_rows(sign, line, width)), kept)

    def _not_done(self) -> Iterator[Item]:
        if self.restarts:
            yield from ("", Heading("Not done by quorate"))
            yield from (Note(line) for line in self.restarts)
        yield from ("", Heading("What you can do now"))

    def heading(self) -> str:
        return self.session.heading(self.step_id)

    def keys(self) -> str:
        return "Up/Down move   Enter choose   ^N next   Esc back to the form   F1 explain"

    def action(self) -> Action:
        if self.receipt.undone:
            return Action("NEXT", "Back to the form")
        return self.owner.going_on()

    async def next(self) -> None:
        if self.receipt.undone:
            await self.frame.close()
        else:
            await self.owner.onwards()

    def arrival(self) -> Widget | None:
        return self.query_one("#ways") if self.owner.hands_on else None

    @on(Lines.Chosen, "#ways")
    async def _chosen(self, event: Lines.Chosen) -> None:
        value = self.choices[event.item].value
        if value == "undo":
            await open_ending(self, self.receipt, "undo")
        elif value == "command":
            await self.frame.action_text()
        else:
            await self.owner.chosen(value)

    def topic(self, focused: Widget | None) -> Topic:
        so = ("A receipt is the finished entry of a journal: what was done, and copies of what was there before.",)
        return Topic("Receipt", f"{self.heading()}, receipt", so, back="the receipt")

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        if not self.receipt.undone:
            yield f"quorate{words} apply {shlex.quote(self.step_id)} --digest {self.receipt.digest}"
        yield f"quorate{words} undo {shlex.quote(self.receipt.id)}"


def _signed_rows(sign: str, line: str, width: int) -> Iterator[Row]:
    for number, piece in enumerate(wrap(safe(line), width - 7)):
        yield Row(styled("  ", (sign if number == 0 else " ", STYLES[sign]), "   ", piece))
