"""The real world: the only code that talks to file system, processes, sockets and clock for the steps."""

from __future__ import annotations

from collections.abc import Mapping

from ..world import World
from .clock import SystemClock
from .files import LocalFiles
from .net import LocalNet
from .processes import LocalProcesses

__all__ = ["LocalFiles", "LocalNet", "LocalProcesses", "SystemClock", "real_world"]


def real_world(environ: Mapping[str, str]) -> World:
    """This machine, without a state (``World.at`` adds one)."""
    return World(
        files=LocalFiles(),
        processes=LocalProcesses(environ),
        clock=SystemClock(environ),
        environ=environ,
        net=LocalNet(),
    )
