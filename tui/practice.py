"""The practice network: the demo's homes in a folder, found or made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.world import World

MEMBERS = 4
_FIRST_PORT = 27656
"""As ``quorate demo``: apart from a node's usual ports."""


def usual_folder(world: World) -> Path:
    return Path(world.environ.get("HOME") or "/") / "quorate-demo"


def found(folder: Path, world: World) -> tuple[str, ...]:
    """Monikers whose state lies in the folder."""
    from core.demo import NAMES, NETWORK

    return tuple(name for name in NAMES if world.files.stat(folder / name / "state" / NETWORK) is not None)


async def make(folder: Path, world: World, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Four homes with a state each. Raises Refusal."""
    from core.demo import Practice, players

    assert world.net is not None
    cast = players(folder, world, MEMBERS, world.net.free_ports(2 * MEMBERS, first=_FIRST_PORT))
    await Practice(folder, cast, tell).form("home")
    return tuple(player.moniker for player in cast)
