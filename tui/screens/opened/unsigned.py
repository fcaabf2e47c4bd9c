"""Entering a member without quorate: moniker, and the documents' three values, typed or as they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from core.card.model import UnsignedEntry
from core.card.unsigned import typed_entry
from core.finding import Finding, Refusal, Severity, worst_first
from core.peers.decide import add_unsigned
from core.peers.misplaced import misplaced
from core.safe import safe
from core.seen import seen

from ...action import Action
from ...page import Page
from ...topic import Topic
from ...widgets.facts import Facts, Note, Prose
from ...widgets.field import Entry, Question
from ...widgets.findings import Findings

_FIELDS = {
    "moniker": ("Moniker", "The name that all will see. The member told you, or the two of you agree on one."),
    "p2p": ("Address", "Where the node is dialled: host:port, such as node.dave.example:26656."),
    "node_id": ("Node id", "40 hex digits, as tendermint show-node-id (cometbft show-node-id) prints them."),
    "validator_key": ("Validator key", "As show-validator prints it: the whole JSON line, or its base64 alone."),
}


class UnsignedPage(Page):
    step_id = "peers"

    def __init__(self, came: Sequence[UnsignedEntry] = ()) -> None:
        """``came``: values that an import found, one member after the other."""
        super().__init__()
        self._came = tuple(came)
        self._refused: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        first = self._came[0] if self._came else None
        given = {
            "moniker": first.moniker if first else "",
            "p2p": ", ".join(first.p2p) if first else "",
            "node_id": first.node_id if first else "",
            "validator_key": first.validator_key if first else "",
        }
        with Vertical(classes="scroll"):
            yield Facts((self._purpose(), ""), id="purpose").add_class("purpose")
            for name, (label, _) in _FIELDS.items():
                yield Entry(name, label, given[name], long=True)
            yield Facts(
                (
                    "",
                    Prose(
                        "Ask for what these two print on their machine, and where their node is dialled: `tendermint "
                        "show-node-id`, `tendermint show-validator` (or cometbft). Both are public."
                    ),
                    Note(
                        "Nobody signs these values. They stay marked as unsigned everywhere, until a card of this "
                        "node comes; an owner notes later how the member confirmed the hash."
                    ),
                )
            )
        yield Findings(id="findings")

    def _purpose(self) -> str:
        more = f" {len(self._came)} came; this is the first." if len(self._came) > 1 else ""
        return f"A member without quorate, by three values.{more}"

    def on_mount(self) -> None:
        self._tell()

    # What was typed --------------------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, str]:
        return {str(entry.name): entry.value.strip() for entry in self.query(Entry)}

    @property
    def empty(self) -> tuple[str, ...]:
        return tuple(name for name, value in self.values.items() if not value)

    def _typed(self) -> tuple[UnsignedEntry | None, tuple[Finding, ...]]:
        values = self.values
        return typed_entry(
            moniker=values["moniker"],
            addresses=values["p2p"].replace(",", " ").split(),
            node_id=values["node_id"],
            validator_key=values["validator_key"],
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of what is typed; an empty field is only waited for."""
        empty = self.empty
        return worst_first((*self._refused, *(one for one in self._typed()[1] if _field(one) not in empty)))

    def _tell(self) -> None:
        findings = self.findings
        for entry in self.query(Entry):
            entry.tell(next((one for one in findings if _field(one) == entry.name), None))
        self.query_one(Findings).put(findings, "" if self.empty else "Nothing to fix.")
        self.told()

    @on(Question.Changed)
    def _changed(self, event: Question.Changed) -> None:
        event.stop()
        self._refused = ()
        self._tell()

    @on(Question.Taken)
    def _taken(self, event: Question.Taken) -> None:
        event.stop()
        if event.enter:
            self.screen.focus_next()

    # The frame -------------------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return f"{self.session.heading('peers')}: without quorate"

    def keys(self) -> str:
        return "Tab move   Enter next field   ^N enter   Esc back   F1 explain   ^Q leave"

    def arrival(self) -> Widget:
        return self._box(next(iter(self.empty), "moniker"))

    def _box(self, name: str) -> Widget:
        return next(entry for entry in self.query(Entry) if entry.name == name).box

    @property
    def _wrong(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)

    def action(self) -> Action:
        if not self.query(Entry):
            return Action("BUSY", "Looking", "")
        if self._wrong:
            label = _FIELDS.get(_field(self._wrong[0]), ("What was typed", ""))[0]
            return Action("FIX", f"{label} can not be used as it is. ^N goes there.")
        if self.empty:
            return Action("WAIT", f"For {', '.join(_FIELDS[name][0] for name in self.empty)}. ^N goes there.")
        return Action("NEXT", f"Enter {safe(self.values['moniker'], 30)}, marked as unsigned", acts=True)

    @property
    def discards(self) -> bool:
        return any(entry.touched for entry in self.query(Entry))

    async def next(self) -> None:
        entry, _ = self._typed()
        if entry is None:
            where = next((name for name in (*map(_field, self._wrong), *self.empty) if name in _FIELDS), "moniker")
            self.screen.set_focus(self._box(where))
            return
        state = self.session.state
        assert state is not None
        try:
            own, current = await seen(self.session.world)
            self._refused = misplaced(entry, current.exchange, own)
            if self._refused:
                self._tell()
                return
            state.change(lambda local: add_unsigned(local, entry))
        except Refusal as refusal:
            self._refused = refusal.findings
            self._tell()
            return
        self.desk.look_around()
        if len(self._came) > 1:
            await self.frame.swap(UnsignedPage(self._came[1:]))
        else:
            await self.frame.close()

    def topic(self, focused: Widget | None) -> Topic:
        around = [] if focused is None else [focused, *focused.ancestors]
        entry = next((one for one in around if isinstance(one, Entry)), None)
        name = str(entry.name) if entry is not None else ""
        if name not in _FIELDS:
            return Topic(
                "Without quorate", self.heading(), tuple(text for _, text in _FIELDS.values()), back="the form"
            )
        label, text = _FIELDS[name]
        fix = tuple(one.fix for one in self.findings if _field(one) == name and one.fix)
        return Topic(label, self.heading(), (text,), fix=fix, back=f"the field {label}")

    def commands(self) -> Iterable[str]:
        words = self.session.state_words()
        yield f"quorate{words} peers add --moniker NAME --address HOST:26656 --node-id ID --key KEY"


def _field(finding: Finding) -> str:
    """``p2p[0]`` is about the field p2p."""
    return finding.subject.partition("[")[0]
