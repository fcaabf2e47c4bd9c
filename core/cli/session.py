"""One command's run: its words, its world, and the state of the network at hand."""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..counted import counted
from ..finding import Refusal
from ..state import Local, State, no_state, require_name
from ..step import Progress
from ..world import World
from .answer import UsageError
from .output import Output


@dataclass
class Session:
    arguments: Namespace
    output: Output
    environ: Mapping[str, str]

    @cached_property
    def world(self) -> World:
        """The real world, without a state: for commands that touch none."""
        from ..adapters import real_world

        return real_world(self.environ)

    @cached_property
    def root(self) -> Path:
        if self.arguments.state == "":
            raise UsageError("--state is empty", subject="--state", fix="Name the folder, or leave --state out.")
        return State.root_of(self.environ, self.arguments.state)

    @cached_property
    def state(self) -> State:
        """The state of the network that was named, or of the only one. Raises UsageError where that is not clear."""
        found = self.find_state()
        if found is None:
            raise Refusal(no_state(self.root))
        return found

    def find_state(self) -> State | None:
        """None where nothing is known here yet. Raises UsageError for a name that is not known, as ``state``."""
        named = self.arguments.network
        known = State.networks(self.root)
        if named is not None:
            require_name(named)
        if not known:
            return None
        if named is None and len(known) == 1:
            return State.open(self.root, known[0])
        if named in known:
            return State.open(self.root, named)
        there = f"here is {counted(len(known), 'network')}: {', '.join(known)}"
        if named is None:
            raise UsageError(there, subject="--network", fix=f"Say which: --network {known[0]}")
        fix = f"Name one that is here, as --network {known[0]}    A new one begins with: quorate home --network {named}"
        raise UsageError(f"no network is called {named!r}; {there}", subject="--network", fix=fix)

    def begin(self) -> State:
        """The state of the network that was named, new or not. Raises UsageError where none was."""
        if self.arguments.network is None:
            found = self.find_state()
            if found is not None:
                return found
            raise UsageError(
                "this network has no name yet", subject="--network", fix="Add --network NAME (a-z, 0-9, -)."
            )
        self.state = State.open(self.root, self.arguments.network)
        return self.state

    def for_home(self, home: Path) -> State:
        """Where work on a home is journalled: in the state whose home it is, else apart from every network."""
        named, known = self.arguments.network, State.networks(self.root)
        chosen = named or (known[0] if len(known) == 1 else "")
        if chosen in known and (state := State.open(self.root, chosen)).local.home == str(home):
            return state
        return State.of_homes(self.root)

    def anywhere(self) -> World:
        """The world with the network at hand; where none is, or several are, with the state of homes without one.

        From each of them the runs of all networks are found.
        """
        known = State.networks(self.root)
        if self.arguments.network is not None or len(known) == 1:
            return self.at_state()
        return self.world.at(State.of_homes(self.root))

    @property
    def local(self) -> Local:
        return self.state.local

    def at_state(self) -> World:
        return self.world.at(self.state)

    def typed(self, command: str) -> str:
        """A command of ours as it works here: with the state and network that were named for this run."""
        network = self.arguments.network if command.startswith("quorate ") and self._is_one_of_several else None
        named = (("--state", self.arguments.state), ("--network", network))
        said = [(option, value) for option, value in named if value and f" {option} " not in command]
        if not said or not command.startswith("quorate "):
            return command
        options = shlex.join(word for pair in said for word in pair)
        return f"quorate {options} {command.removeprefix('quorate ')}"

    @property
    def _is_one_of_several(self) -> bool:
        try:
            return bool(self.arguments.network) and len(State.networks(self.root)) > 1
        except (Refusal, UsageError):
            # The state has findings of its own.
            return False

    def report(self, progress: Progress) -> None:
        """What was found so far comes with the answer: a line of it now would be said twice."""
        if self.output.interactive:
            of = f" {progress.done}/{progress.total}" if progress.total > 1 else ""
            self.output.progress(f"{progress.text}{of}")


def settings(pairs: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """``--set field=value`` words as answers. Raises UsageError for an unknown field."""
    answers: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair}: expected FIELD=VALUE", subject="--set", fix=f"Fields: {', '.join(known)}.")
        if name not in known:
            raise UsageError(
                f"--set {name}: no such field in this step", subject="--set", fix=f"Fields: {', '.join(known)}."
            )
        answers[name] = value
    return answers


def absolute(path: str) -> Path:
    """A path as the person gave it, made absolute without following links."""
    if not path:
        # An empty variable in a script would otherwise mean the folder in which it stands.
        raise UsageError("a path is empty", subject="path", fix="Name a file or folder.")
    return Path(os.path.abspath(os.path.expanduser(path)))
