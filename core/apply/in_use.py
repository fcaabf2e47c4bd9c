"""What a run wrote and a node has run with since: a chain stands on it, and it is not taken from under the node."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..changes.write_file import Write
from ..finding import Finding, Refusal, error
from .journal import Journal, RunPhase

if TYPE_CHECKING:
    from ..home.history import History
    from ..home.model import Home
    from ..world import Files, World

_ENDS = {
    "applying": "Let that run be finished instead: quorate undo --finish",
    "undoing": "Leave the rest as it stands: quorate undo --give-up",
}


def refuse_in_use(journal: Journal, world: World) -> None:
    """Raise Refusal (``undo-in-use``) where undoing would take a genesis.json, or the only config.toml, from a home
    that has run."""
    troubles = tuple(_troubles(journal, world))
    if troubles:
        raise Refusal(*troubles)


def in_use(file: Path, home: Home, history: History, phase: RunPhase) -> Finding | None:
    """Why ``file``, which a run wrote, may not be taken from ``home``; None where it may.

    A node keeps the genesis that it first ran with in its databases, or its hash (``History.frozen_genesis``): with
    another genesis.json, or none, it does not start again.
    """
    if history.frozen_genesis == "unreadable":
        said = f"whether a node has run in {home.path} with {file} can not be read, expected a home that never ran"
        return error("undo-in-use", file, said, "Run quorate as the owner of the home.")
    if history.frozen_genesis == "no" and not history.height:
        return None
    runs = "a node runs" if history.running == "yes" else "a node has run"
    said = f"{runs} in {home.path} with {file}: {_made(history)}; expected a home that has not run with it"
    return error("undo-in-use", file, said, _ENDS.get(phase) or _way(file, home))


def _way(file: Path, home: Home) -> str:
    if _is(file, home.files.config):
        return "Leave it there. To change what it says: quorate plan config"
    return (
        "Leave it there. For another chain: stop the node, then have its data set aside together with it: "
        "quorate plan genesis --set aside=yes"
    )


def _made(history: History) -> str:
    if history.height:
        return f"its key signed height {history.height} on {history.chain_id or 'a chain that can not be read'}"
    return f"there is {', '.join(path.name for path in history.signs)}"


def _troubles(journal: Journal, world: World) -> Iterator[Finding]:
    from ..home.history import read_history
    from ..keys.surroundings import read_sign_state

    for index, entry in enumerate(journal.entries):
        if not isinstance(entry, Write):
            continue
        file = Path(entry.path)
        home = next((home for home in homes_of(journal, file, world) if _needs(home, entry)), None)
        if home is None or not journal.holds(index, "after", _content(world.files, file)):
            continue
        # A sign state that can not be read tells nothing: then the databases do.
        state = read_sign_state(world.files, home).state
        found = in_use(file, home, read_history(world.files, home, state), journal.phase)
        if found is not None:
            yield found


def _needs(home: Home, entry: Write) -> bool:
    """An older config.toml is one that the node can go on with; without any it makes one of its own, without peers."""
    file = Path(entry.path)
    return _is(file, home.files.genesis) or (entry.before is None and _is(file, home.files.config))


def _is(real: Path, path: Path) -> bool:
    return real == Path(os.path.realpath(path))


def homes_of(journal: Journal, file: Path, world: World) -> Iterator[Home]:
    """Homes whose file it may be: the one at hand, those that the same run names, the one it stands in."""
    from ..home.model import open_home, resolve
    from ..home.recognise import profile_for

    local = None if world.state is None else world.state.local
    at_hand = (Path(local.home),) if local and local.home else ()
    named = (Path(entry.node_home) for entry in journal.entries if entry.node_home is not None)
    for place in dict.fromkeys((*at_hand, *named, file.parent.parent)):
        known = local.profile if local and local.home == str(place) else ""
        profile = profile_for(world.files, place, known)
        try:
            yield open_home(world.files, place, profile)
        except Refusal:
            yield resolve(place, profile, None)


def _content(files: Files, file: Path) -> bytes | None:
    try:
        return files.read(file, 1 << 30)
    except Refusal:
        return None
