"""One run of the wizard: the state at hand, what is kept in it, and what the edges of the frame show of it.

Made before Textual is imported, from ``local.json`` alone; everything that needs more comes when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal

from core.finding import Refusal
from core.local import Local
from core.safe import safe
from core.standing import Pulse, Standing, kept
from core.state import State
from core.steps import IDS
from core.world import World

StepMark = Literal["done", "begun", "stale", "blocked", "open"]

TITLES = {step: step.capitalize() for step in IDS}
"""A step's id is its title in small letters: known without importing it."""

_UNKNOWN = ("cards     -", "accepted  -", "no start yet")


class Session:
    def __init__(
        self, root: Path, environ: Mapping[str, str], network: str | None = None, world: World | None = None
    ) -> None:
        """``world``: another one than this machine. Raises Refusal where the state's root can not be read."""
        self.root = root
        self.environ = environ
        self.networks = State.networks(root)
        self.state: State | None = None
        self.named = network or ""
        """The network that was named on the command line."""
        self.drafts: dict[str, dict[str, str]] = {}
        """Answers that were given before there was a state to keep them in."""
        self.marks: dict[str, StepMark] = {}
        self.here = ""
        """The step that is seen."""
        self.pulse: tuple[str, ...] = _UNKNOWN
        self.standing: Standing | None = None
        """As it was seen last, in an earlier run too."""
        self.since: tuple[str, ...] = ()
        self._held = ExitStack()
        self._world = world

    # The state -------------------------------------------------------------------------------------------------------

    def enter(self, network: str) -> None:
        """Work on this network from now on, as the only wizard that does.

        Raises Refusal (``state-locked`` where another wizard holds it; as ``State.open``). Then nothing has changed.
        """
        from core.disk.lock import Lock

        state = self._open(network)
        held = ExitStack()
        held.enter_context(Lock(state.folder, "wizard").held("wizard"))
        self._held.close()
        self._held, self.state = held, state
        self.networks = State.networks(self.root)
        self._forget()
        for step, answers in self.drafts.items():
            self.keep(step, answers)
        self.drafts = {}
        if (before := kept(state)) is not None:
            self.see(before)

    def call_it(self, network: str) -> None:
        """The network at hand is called otherwise; nothing is signed for it yet. Raises Refusal (``network-begun``)."""
        from core.state import rename_network

        assert self.state is not None
        rename_network(self.state.root, self.state.network, network)
        self.state = self._open(network)
        self.networks = State.networks(self.root)

    def _open(self, network: str) -> State:
        state = State.open(self.root, network)
        # A screen that answers to no key for longer looks dead; what was typed stays on it.
        state.patience = 2.0
        return state

    def move(self, root: Path, network: str) -> None:
        """Work in another root: the practice network's. Raises Refusal as ``enter``; then nothing has changed."""
        before, drafts = self.root, self.drafts
        self.root, self.drafts = root, {}
        try:
            self.enter(network)
        except Refusal:
            self.root, self.drafts = before, drafts
            raise

    def leave(self) -> None:
        """Work on no network, to begin another one."""
        self.close()
        self.state, self.named, self.drafts = None, "", {}
        self._forget()

    def _forget(self) -> None:
        self.marks, self.pulse, self.standing = {}, _UNKNOWN, None

    def close(self) -> None:
        """Let go of the state; another wizard may take it."""
        self._held.close()

    @property
    def local(self) -> Local:
        """Raises Refusal where ``local.json`` was damaged meanwhile."""
        return self.state.local if self.state is not None else Local()

    @property
    def world(self) -> World:
        """This machine, with the state at hand where there is one."""
        if self._world is None:
            from core.adapters import real_world

            self._world = real_world(self.environ)
        return self._world.at(self.state) if self.state is not None else self._world

    # What is kept ----------------------------------------------------------------------------------------------------

    def answers(self, step: str) -> Mapping[str, str]:
        """As typed before."""
        return {**self.local.answers.get(step, {}), **self.drafts.get(step, {})}

    def keep(self, step: str, answers: Mapping[str, str]) -> None:
        """Remember what was typed. Raises Refusal where the state can not be written."""
        if self.state is None:
            self.drafts.setdefault(step, {}).update(answers)
            return
        from core.run import keep_answers

        keep_answers(self.state, step, answers, self.environ)

    def keep_place(self, step: str, field: str) -> None:
        """Remember where the person is."""
        if self.state is None:
            return
        local = self.state.local
        if (local.step, local.field) != (step, field):
            self.state.change(lambda local: replace(local, step=step, field=field))

    # What was seen of all steps --------------------------------------------------------------------------------------

    def see(self, now: Standing) -> None:
        """Marks and pulse as they are ``now``. Raises Refusal where ``local.json`` was damaged meanwhile."""
        begun, here = self.local.answers, self.local.step
        marks: dict[str, StepMark] = {}
        for station in now.stations:
            was = self.marks.get(station.step)
            touched = bool(begun.get(station.step)) or station.applied or station.step in (here, self.here)
            if station.mark == "done":
                marks[station.step] = "done"
            elif station.applied or was in ("done", "stale"):
                marks[station.step] = "stale" if station.mark == "todo" else "blocked"
            elif not touched:
                marks[station.step] = "open"
            else:
                marks[station.step] = "blocked" if station.mark == "blocked" else "begun"
        self.marks, self.pulse, self.standing = marks, _pulse(now.pulse), now

    @property
    def node(self) -> str:
        """What the node of this home did when it was last asked: a sentence; empty before QUORATE."""
        return "" if self.standing is None else self.standing.node

    # What the edges show ---------------------------------------------------------------------------------------------

    def who(self) -> str:
        local = self.local
        moniker = local.answers.get("card", {}).get("moniker", "") or self.drafts.get("card", {}).get("moniker", "")
        network = self.state.network if self.state is not None else ""
        role = local.role or self.drafts.get("home", {}).get("role", "")
        return " · ".join(safe(part, 30) for part in (network, moniker, role) if part)

    def step_marks(self) -> tuple[tuple[str, StepMark], ...]:
        kept = self.local.answers
        return tuple((step, self.marks.get(step, "begun" if kept.get(step) else "open")) for step in IDS)

    def heading(self, step: str) -> str:
        return f"{IDS.index(step) + 1}/{len(IDS)} {TITLES[step]}"

    def place(self) -> tuple[str, str]:
        """Step and field where the person was; the first step where nobody was anywhere."""
        local = self.local
        return (local.step, local.field) if local.step in IDS else (IDS[0], "")

    def state_words(self) -> str:
        """`` --state DIR --network NAME`` where a command needs them."""
        words = "" if self.root == _usual_root(self.environ) else f" --state {self.root}"
        return words + (f" --network {self.state.network}" if self.state and len(self.networks) > 1 else "")


def _pulse(now: Pulse) -> tuple[str, ...]:
    cards = f"{now.cards}/{now.members}" if now.cards else "-"
    accepted = f"{now.accepted}/{now.needed}" if now.accepted is not None else "-"
    lines = (_line("cards", cards), _line("accepted", accepted), now.start or _UNKNOWN[-1])
    return (*lines, now.node) if now.node else lines


def _line(word: str, value: str) -> str:
    """12 cells: ``accepted 3/4``, ``accept 40/40``."""
    room = 12 - len(value)
    return f"{word[: room - 1]:<{room}}{value}"


def _usual_root(environ: Mapping[str, str]) -> Path:
    return State.root_of(environ)


def refused(refusal: Refusal) -> str:
    """For the terminal, before there is a screen."""
    lines = []
    for finding in refusal.findings:
        lines.append(f"quorate: {finding.message}")
        if finding.fix:
            lines.append(f"  Fix: {finding.fix}")
    return "\n".join(lines)
