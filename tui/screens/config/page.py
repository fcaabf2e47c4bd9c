"""The step config: every setting with now, planned and why; the few that can be chosen; what must be restarted."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.widget import Widget

from core.config.answers import parse
from core.config.environment import Override, effective, environment
from core.config.listening import port_of
from core.config.settings import Neighbour, as_text
from core.config.step import ConfigFacts, Mend, Row, as_environment, as_flags, mends, rows, without_flag
from core.documents.toml import Value
from core.finding import Finding
from core.profiles.profile import Profile
from core.safe import safe

from ...action import Action
from ...page import KEYS_OF_LIST
from ...theme import STYLES, padded, styled
from ...topic import Topic, of_finding, of_setting
from ...widgets.facts import Fact, Facts, Heading, Item, Note
from ...widgets.field import Entry
from ...widgets.findings import Findings
from ...widgets.lines import Choice, Lines, menu_rows
from ...widgets.lines import Row as Line
from ...widgets.window import Window
from ..opened.text import TextPage
from ..step.page import StepPage

_YES_NO = (("no", "no"), ("yes", "yes"))
_RATES = ("send_rate", "recv_rate")
_BODY = 62
"""Width of the body at 80 columns."""
_LONG = 60
"""A longer list is told by its number of entries."""
_CELL = 12
"""Characters of a value that the table always has room for."""
_ID = 40
"""Characters of a node id."""
_NO_FILE = "config-no-file"


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table: a planned setting."""

    row: Row
    override: Override | None = None
    """The variable that wins over it, where the node is started with it."""


class ConfigPage(StepPage):
    step_id = "config"
    long: ClassVar[frozenset[str]] = frozenset({"peers", "external_address", "log_level"})

    def __init__(self, step_id: str = "", field: str = "") -> None:
        super().__init__(step_id, field)
        self._table: tuple[Setting | Mend, ...] = ()

    # The form --------------------------------------------------------------------------------------------------------

    def form(self) -> Iterable[Widget]:
        yield Window(self._head, self._settings, self._room, id="settings")
        yield Facts(id="detail")
        yield self.entry("moniker")
        yield self.entry("peers")
        yield Window(lambda width: (), self._members, lambda: 6, id="members")
        yield self.entry("external_address", "Address")
        yield self.entry("listen")
        yield self.radio("pex", _YES_NO, "Peer exchange")
        yield self.entry("log_level")
        yield self.entry("send_rate")
        yield self.entry("recv_rate")
        yield self.radio("create_empty_blocks", _YES_NO)
        yield self.radio("recheck", _YES_NO)
        yield Lines(menu_rows((Choice("As text", "flags and variables, for a container"),)), id="ways")

    def purpose(self) -> str:
        if self._without_home:
            return "There is no home, so no file is written: these settings can be given as flags or variables."
        if self.shown is not None and not self.shown.plan.changes and self.facts.path is not None:
            return "config.toml says what this node needs. Nothing to change."
        return "What this node needs in config.toml for this network."

    def arrival(self) -> Widget | None:
        # An empty address is an answer here, and no reason to stand at it.
        came, wrong = self.question(self._came_from), [finding.subject for finding in self.wrong]
        target = came or next((one for one in self.questions if one.name in wrong), None)
        return None if target is None else target.box if isinstance(target, Entry) else target

    def keys(self) -> str:
        here = self.screen.focused
        return KEYS_OF_LIST if isinstance(here, Lines) and here.id in ("settings", "members") else super().keys()

    # What was found --------------------------------------------------------------------------------------------------

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Without those that rows of the table tell, and without a home, which nobody needs for flags."""
        facts = self.facts
        if facts is None:
            return super().findings
        told = {(mend.finding.code, mend.finding.subject) for mend in mends(facts)}
        hidden = {_NO_FILE} if facts.path is None else set()
        return tuple(one for one in super().findings if (one.code, one.subject) not in told and one.code not in hidden)

    def _draw(self) -> None:
        if self.shown is not None:
            self._table = _table(self.shown.inspection.facts, self.values)
        super()._draw()
        if not self.is_mounted:
            return
        wrong = {finding.subject for finding in self.findings}
        for one in self.questions:
            if isinstance(one, Entry) and one.name in _RATES and one.name not in wrong:
                one.tell(None, _speed(one.value))
            elif isinstance(one, Entry) and one.name == "listen" and one.name not in wrong:
                one.tell(None, self._as_card(one.value))
        for window in ("#settings", "#members"):
            self.query_one(window, Window).renew()
        self.query_one("#detail", Facts).put(self._detail())

    def _as_card(self, said: str) -> str:
        """What an empty listen port stands for."""
        dialled = self.facts.dialled if self.facts else None
        return "" if said.strip() or dialled is None else f"{dialled}, as card"

    def show(self, facts: ConfigFacts, answers: Mapping[str, str]) -> Iterator[Item]:
        overrides = [one.override for one in self._table if isinstance(one, Setting) and one.override]
        if overrides:
            yield Heading("Set in this environment", f"{len(overrides)}")
            yield from (Fact(one.variable, one.value, "!") for one in overrides)
            yield Note("These win over config.toml where the node is started with them.")
        restarts = self.shown.plan.restarts if self.shown else ()
        if restarts:
            yield Heading("To be restarted, by you")
            yield from (Note(line) for line in restarts)

    # The table -------------------------------------------------------------------------------------------------------

    def _room(self) -> int:
        """So many that the reason of the chosen one stands in sight too."""
        return max(4, self.app.size.height - 12 - len(self.query_one("#findings", Findings).rows(_BODY)))

    def _head(self, width: int) -> Sequence[Line]:
        if not self._table:
            return ()
        key, now = _columns(width)
        return (Line(styled(("   " + padded("Key", key) + padded("Now", now) + "Will be", "$muted"))),)

    def _settings(self, width: int) -> Sequence[Line]:
        key, now = _columns(width)
        lines = []
        for number, one in enumerate(self._table):
            name, before, after, changes, sign = _cells(one)
            rest = padded(name, key - 2) + "  " + padded(before, now - 2) + "  "
            style = "" if changes else "$muted"
            lead = (f" {sign or ' '} ", STYLES.get(sign, ""))
            lines.append(Line(styled(lead, (rest + padded(after, width - 4 - key - now), style)), number))
        return lines

    @property
    def _chosen(self) -> Setting | Mend | None:
        at = self.query_one("#settings", Window).cursor
        return self._table[at] if at < len(self._table) else None

    def _detail(self) -> Iterator[Item]:
        one = self._chosen
        if one is None:
            return
        if isinstance(one, Mend):
            yield Heading(one.finding.subject, "taken out or put right")
            yield Note(one.finding.message)
        else:
            row = one.row
            yield Heading(row.path, "suggested by the documents" if row.suggested else "for this network")
            if one.override:
                yield f"{one.override.variable} wins over it where the node is started with it."
            yield Note(row.reason)
            yield from _in_full(row, self.facts)
        yield ""

    @on(Lines.Moved, "#settings")
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()
        self.query_one("#detail", Facts).put(self._detail())
        self.told()

    @on(Lines.Chosen, "#settings")
    async def _explain_setting(self, event: Lines.Chosen) -> None:
        event.stop()
        await self.frame.action_explain()

    def topic(self, focused: Widget | None) -> Topic:
        one = self._chosen if isinstance(focused, Window) and focused.id == "settings" else None
        if isinstance(one, Mend):
            return of_finding(one.finding, self.heading())
        if one is not None:
            so = f"Now {_whole(one.row.now, one.row)}. Planned {_whole(one.row.planned, one.row)}."
            return of_setting(one.row.path, f"{self.heading()}, {one.row.path}", (so,))
        if isinstance(focused, Window) and focused.id == "members":
            return super().topic(self.question("peers"))
        return super().topic(focused)

    # The members -----------------------------------------------------------------------------------------------------

    def _members(self, width: int) -> Sequence[Line]:
        facts = self.facts
        if facts is None:
            return ()
        chosen = self._chosen_ids(facts)
        lines = []
        for number, one in enumerate(_others(facts)):
            sign = "●" if one.node_id in chosen else " "
            where = one.peers[0].text.split("@")[-1] if one.peers else ""
            name = padded(safe(one.moniker, 60), 16)
            text = f"{' ' * 15}({sign}) {name}  {one.node_id[:8]}  {safe(where, 60)}"
            lines.append(Line(styled(" ", padded(text, width - 1)), number))
        return lines

    def _chosen_ids(self, facts: ConfigFacts) -> frozenset[str]:
        return frozenset(one.node_id for one in parse(facts, self.values).wanted.chosen)

    @on(Lines.Chosen, "#members")
    def _toggle(self, event: Lines.Chosen) -> None:
        """Put a member in, or leave it out."""
        event.stop()
        facts, entry = self.facts, self.question("peers")
        if facts is None or not isinstance(entry, Entry):
            return
        others = _others(facts)
        chosen = self._chosen_ids(facts) ^ {others[event.item].node_id}
        names = [_name(one.moniker, one.node_id, facts) for one in others if one.node_id in chosen]
        entry.put("all" if len(names) == len(others) else ", ".join(names))
        entry.touched = True
        self.keep({"peers": entry.value})
        self.replan()

    # Line 23 ---------------------------------------------------------------------------------------------------------

    def own_action(self) -> Action | None:
        if self._without_home and not self.wrong:
            return Action("NEXT", "See the settings as flags and variables, to copy", do=self._copy)
        return None

    async def _copy(self) -> None:
        self.accept()
        await self._open_text()

    @property
    def _without_home(self) -> bool:
        return self.facts is not None and self.facts.path is None

    @on(Lines.Chosen, "#ways")
    async def _as_text(self, event: Lines.Chosen) -> None:
        event.stop()
        await self._open_text()

    async def _open_text(self) -> None:
        facts = self.facts
        if facts is not None:
            lines = tuple(container_text(rows(facts, self.values), facts.profile))
            await self.frame.open(TextPage("Settings as flags and variables", lines, self.commands()))

    def commands(self) -> Iterable[str]:
        yield from super().commands()
        yield f"quorate{self.session.state_words()} config show"


def container_text(settings: tuple[Row, ...], profile: Profile) -> Iterator[str]:
    """The same settings for a node without a config.toml of its own: flags of ``start``, and environment variables."""
    program = profile.commands.programs[0]
    flags = as_flags(settings, profile)
    variables = as_environment(settings, profile)
    bare = without_flag(settings, profile)
    yield "Flags, where the node is started with a command:"
    yield ""
    yield f"  {program} {profile.commands.start} \\"
    *first, last = flags
    yield from (f"    {shlex.quote(flag)} \\" for flag in first)
    yield f"    {shlex.quote(last)}"
    yield ""
    yield "Or variables, for compose and Kubernetes:"
    yield ""
    yield from (f"  {name}={shlex.quote(value)}" for name, value in variables.items())
    if bare:
        yield ""
        yield "These have no flag, and their variables count only where config.toml has the key:"
        yield from (f"  {row.path} = {as_text(row.planned)}" for row in bare)


def _table(facts: ConfigFacts, answers: Mapping[str, str]) -> tuple[Setting | Mend, ...]:
    """What is taken out, what this network needs, what the documents only suggest; last what is as it should be."""
    written = {(row.table, row.key) for row in rows(facts, answers) if row.now is not None}
    overrides = {
        (one.table, one.key): one
        for one in environment(facts.profile, dict(facts.environ))
        if effective(one, facts.profile, (one.table, one.key) in written)
    }
    settings = [Setting(row, overrides.get((row.table, row.key))) for row in rows(facts, answers)]
    changed = sorted((one for one in settings if one.row.changes), key=lambda one: one.row.suggested)
    return (*mends(facts), *changed, *(one for one in settings if not one.row.changes))


def _columns(width: int) -> tuple[int, int]:
    """Of the key and of what is now, with two cells of space each."""
    return (31, 14) if width < 90 else (31, 30)


def _cells(one: Setting | Mend) -> tuple[str, str, str, bool, str]:
    """Key, now, will be, whether it changes, sign."""
    if isinstance(one, Mend):
        now = "unreadable here" if one.now is None else _short(one.now)
        return (safe(one.finding.subject, 80), now, "put right" if one.now is None else "taken out", True, "✗")
    row = one.row
    now = "not set" if row.now is None else _cell(row, row.now)
    after = _cell(row, row.planned) if row.changes else "as it is"
    after += ", others" if after == now else ""
    return (row.path, now, after, row.changes, "!" if one.override else "")


def _cell(row: Row, value: Value) -> str:
    """As ``_short``; of the address on which the node listens the port, which is what the plan may change."""
    port = port_of(as_text(value)) if row.path == "p2p.laddr" else None
    return _short(value) if port is None else f"port {port}"


def _short(value: Value) -> str:
    """In one cell of the table: lists are counted."""
    text = as_text(value)
    if text == "":
        return "empty"
    entries = text.split(",")
    if len(entries) > 1 and all("@" in entry or len(entry) == 40 for entry in entries):
        return f"{len(entries)} {'peers' if '@' in text else 'ids'}"
    return safe(text, 200)


def _whole(value: Value | None, row: Row) -> str:
    if value is not None:
        text = as_text(value) or "empty"
        return text if len(text) <= _LONG else _short(value)
    default = _default(row)
    return "it is not in the file" if default == "nothing" else f"it is not in the file, and {default} counts"


def _in_full(row: Row, facts: ConfigFacts) -> Iterator[Item]:
    """What the table can not show whole; entries of members stand beside their monikers."""
    entries = as_text(row.planned).split(",")
    if len(entries[0]) >= _ID and row.changes:
        names = {peer.node_id: member.moniker for member in facts.members for peer in member.peers}
        yield from (Fact(safe(names.get(entry[:_ID], ""), 60), entry) for entry in entries)
    elif row.changes and max(len(_short(row.now or "")), len(_short(row.planned))) > _CELL:
        yield Fact("now", _whole(row.now, row))
        yield Fact("will be", _whole(row.planned, row))
    elif row.now is None and row.changes:
        yield Fact("now", _whole(None, row))


def _default(row: Row) -> str:
    if row.path == "moniker":
        return "the name of the machine"
    return "nothing" if row.default in (None, "", ()) else as_text(row.default or "")


def _others(facts: ConfigFacts) -> tuple[Neighbour, ...]:
    return tuple(one for one in facts.members if one.node_id != facts.node_id)


def _name(moniker: str, node_id: str, facts: ConfigFacts) -> str:
    """As the field takes it: the moniker where it names one, else the beginning of the node id."""
    same = [one for one in facts.members if one.moniker == moniker]
    return moniker if len(same) == 1 and "," not in moniker and moniker == moniker.strip() else node_id[:12]


def _speed(text: str) -> str:
    """``102 MB/s`` for a number of bytes per second; empty for anything else."""
    if not (text.isascii() and text.isdigit()):
        return ""
    rate = int(text[:18])
    for size, unit in ((10**9, "GB/s"), (10**6, "MB/s"), (10**3, "kB/s")):
        if rate >= size:
            return f"{rate // size} {unit}"
    return f"{rate} B/s"
