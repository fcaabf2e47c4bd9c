"""A home belongs to one network. The mark that its genesis leaves there, and the findings of every other network."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..apply.traces import has_traces
from ..changes import WriteFile
from ..finding import Finding, Refusal, Severity, error, warning
from ..network_name import is_network_name
from ..state import State
from ..way import Blank, way
from ..world import World

_VERSION = 1
_LIMIT = 1 << 14


@dataclass(frozen=True, slots=True)
class Mark:
    """``config/quorate.json``: which network uses the home, and where quorate keeps its state."""

    network: str
    state: str


def mark_path(home: Path) -> Path:
    return home / "config" / "quorate.json"


def render(mark: Mark) -> bytes:
    return (json.dumps({"network": mark.network, "state": mark.state, "v": _VERSION}, indent=1) + "\n").encode("ascii")


def parse(content: bytes) -> Mark | None:
    """None where it is not what :func:`render` writes."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or set(value) != {"network", "state", "v"} or value["v"] != _VERSION:
        return None
    network, state = value["network"], value["state"]
    if not isinstance(network, str) or not is_network_name(network):
        return None
    if not isinstance(state, str) or not os.path.isabs(state) or "\0" in state:
        return None
    try:
        os.fsencode(state)
    except UnicodeEncodeError:
        return None
    return Mark(network, state)


def plan_mark(world: World, home: Path) -> WriteFile | None:
    """Made with what the network at hand installs there, unless a mark is there that holds. Raises Refusal."""
    assert world.state is not None
    path = mark_path(home)
    stat = world.files.stat(path)
    if stat is not None and stat.size > _LIMIT:
        return None  # It is none of ours, which ``check`` reports.
    before = world.files.read(path, _LIMIT, follow=False) if stat is not None and stat.kind == "file" else None
    mark, ours = parse(before or b""), Mark(world.state.network, str(world.state.root))
    if stat is not None and (mark is None or mark == ours or _holds(mark, home)):
        return None
    return WriteFile(path, before, render(ours), f"says that {ours.network} uses this home", mode=0o644)


def check(world: World, home: Path) -> tuple[Finding, ...]:
    """What another network has to do with ``home``: one of this state, or of a state that has left its mark there."""
    if world.state is None:
        return ()
    beside = dict(_beside(world.state, home))
    in_use = frozenset(network for network, finding in beside.items() if finding.severity is Severity.ERROR)
    return (*beside.values(), *_marked(world, home, in_use))


def _beside(state: State, home: Path) -> Iterator[tuple[str, Finding]]:
    """The other networks of this state that name the same home."""
    real = Path(os.path.realpath(home))
    for name in State.networks(state.root):
        other = State(state.root, name)
        if name == state.network or not _names(other, real):
            continue
        if has_traces(other.folder, real):
            yield name, _in_use(home, Mark(name, str(state.root)), state, _other_home(name))
            continue
        message = f"The network {name} names the home {home} too; it has written nothing there, and accepted nothing."
        folder, aside = shlex.quote(str(other.folder)), shlex.quote(f"{other.folder}.unused")
        fix = f"If {name} was begun by mistake, set it aside: `mv {folder} {aside}`. Otherwise {_other_home(name)}."
        yield name, warning("home-shared", home, message, fix)


def _names(other: State, real: Path) -> bool:
    try:
        home = other.local.home
    except Refusal:
        # Its damage is reported where that network is at hand; its mark is read all the same.
        return False
    return bool(home) and os.path.realpath(home) == str(real)


def _marked(world: World, home: Path, in_use: frozenset[str]) -> tuple[Finding, ...]:
    state, path = world.state, mark_path(home)
    assert state is not None
    try:
        content = world.files.read(path, _LIMIT, follow=False)
    except Refusal as refusal:
        # What cannot be read, or is larger than any mark of ours, may be that of a different network.
        return tuple(replace(one, severity=Severity.ERROR) for one in refusal.findings)
    if content is None:
        return ()
    mark, aside = parse(content), f"`mv {shlex.quote(str(path))} {shlex.quote(f'{path}.old')}`"
    if mark is None:
        message = f"{path} does not say which network uses this home; expected what quorate wrote there."
        fix = f"Find out whether another network uses the home. If none does, set the file aside: {aside}"
        return (error("home-mark-damaged", path, message, fix),)
    is_told = mark.state == str(state.root) and mark.network in {state.network, *in_use}
    if is_told or not _holds(mark, home):
        return ()
    return (_in_use(home, mark, state, f"if that state was moved, or no longer uses the home, run: {aside}"),)


def _holds(mark: Mark, home: Path) -> bool:
    """Return False if its state is there and names a different home: then the mark came with a copy, or is outdated."""
    try:
        named = State(Path(mark.state), mark.network).local.home
    except Refusal:
        return True
    return not named or os.path.realpath(named) == os.path.realpath(home)


def _in_use(home: Path, mark: Mark, state: State, otherwise: str) -> Finding:
    message = (
        f"The home {home} is in use by the network {mark.network} (state {mark.state}); "
        f"found in {state.network} (state {state.root}), expected in one network only."
    )
    another = way("home", "--network", state.network, "--home", Blank("DIR"))
    fix = f"Give this network a home of its own: `{another.command}`; or {otherwise}."
    return error("home-in-use", home, message, fix, way=another)


def _other_home(name: str) -> str:
    return f"give {name} another home: `quorate home --network {name} --home DIR`"
