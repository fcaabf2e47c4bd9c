"""The step home: which part, which network, where the node lives. Its network is where keeping begins."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget

from core.finding import Refusal
from core.home.step import HomeFacts, HomeLook
from core.network_name import is_network_name
from core.place import typed_place
from core.safe import safe

from ...action import Action
from ...widgets.facts import Fact, Heading, Item, Note
from ...widgets.lines import Choice, Lines, Row, menu_rows
from ..step.page import StepPage

_PARTS = (("member", "Member"), ("coordinator", "Coordinator"))


class HomePage(StepPage):
    step_id = "home"
    long: ClassVar[frozenset[str]] = frozenset({"home"})
    reads: ClassVar[frozenset[str]] = frozenset({"home", "profile"})
    keeps_half: ClassVar[bool] = False

    def form(self) -> Iterable[Widget]:
        yield self.radio("role", _PARTS, "Part")
        yield self.entry("network")
        yield self.entry("home")
        yield self.entry("profile", "Software")
        yield Lines(self._offers, id="offers")

    def purpose(self) -> str:
        return "Where your node lives on this machine, and your part."

    def looked(self) -> None:
        self.query_one("#offers", Lines).renew()

    def _others(self) -> tuple[HomeLook, ...]:
        """Homes on this machine that are not the one in the field."""
        facts: HomeFacts | None = self.facts
        if facts is None or (self.session.state is not None and self.session.answers("keys")):
            return ()
        here = self.values.get("home", "")
        return tuple(look for look in facts.looks if str(look.path) != here and look.home is not None)

    def _offers(self, width: int) -> Sequence[Row]:
        others = self._others()
        if not others:
            return ()
        choices = [Choice(safe(look.path, 60), f"{safe(look.source, 20)}, {look.recognised.name}") for look in others]
        return (Row(Content("")), *menu_rows(choices))

    @on(Lines.Chosen, "#offers")
    def _offered(self, event: Lines.Chosen) -> None:
        event.stop()
        entry = self.question("home")
        others = self._others()
        if entry is not None and event.item < len(others):
            entry.put(str(others[event.item].path))
            entry.touched = True
            self.keep({"home": entry.value})
            self.look()

    def keep(self, answers: Mapping[str, str]) -> None:
        """As every step; but where nothing can be kept yet, the network's name makes the place for it."""
        network = answers.get("network", "")
        try:
            if is_network_name(network):
                self._call_it(network)
        except Refusal as refusal:
            self.refused, self.shown = refusal.findings, None
            self._draw()
            return
        super().keep(answers)

    def _call_it(self, network: str) -> None:
        state = self.session.state
        if state is None:
            self.session.enter(network)
            self.desk.look_around()
        elif state.network != network:
            self.session.call_it(network)

    def show(self, facts: HomeFacts, answers: Mapping[str, str]) -> Iterator[Item]:
        chosen = answers.get("home", "").strip()
        if not chosen:
            if answers.get("role") == "coordinator":
                yield Note("Without a home you are a coordinator without a node: you sign with an OpenSSH key.")
            return
        look = facts.of(str(typed_place(chosen, self.session.environ)))
        if look is None:
            return
        yield Heading("Found there")
        yield Fact("Profile", f"{look.recognised.name}: {look.recognised.why}", "✓" if look.recognised.sure else "?")
        history = look.history
        if history is None:
            return
        ran = f"yes, to height {history.height}" if history.height else "yes" if history.has_run else "no: it never ran"
        if not history.has_run and not history.never_ran:
            ran = "unknown: its key has no sign state that can be read"
        yield Fact("Has run?", ran, "✓" if history.never_ran else "!")
        yield Fact("Runs now?", {"no": "no", "yes": "yes", "unreadable": "can not be told"}[history.running], "")
        if history.chain_id:
            yield Fact("Signed on", history.chain_id)

    def own_action(self) -> Action | None:
        if not self.wrong and self.shown is not None and self.session.state is None:
            return Action("NEXT", "Keep this in quorate's own folder, and go to Keys", acts=True)
        return None

    def commands(self) -> Iterable[str]:
        given = self.values
        words = [f"--{name} {shlex.quote(given[name])}" for name in ("network", "role", "home") if given.get(name)]
        root = "" if self.session.state is None else self.session.state_words().partition(" --network")[0]
        yield f"quorate{root} home {' '.join(words)}"
