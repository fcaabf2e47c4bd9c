"""Applies and takes back :func:`five_changes` until it is killed: ``python -m tests.core.apply.loop DIR``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from core.apply import apply, undo
from tests.core.apply.ground import Ground, five_changes


async def loop(ground: Ground) -> None:
    world = ground.world()
    plan = five_changes(ground)
    print("ready", flush=True)
    while True:
        await undo(await apply(plan, world), world)


if __name__ == "__main__":
    asyncio.run(loop(Ground(Path(sys.argv[1]))))
