"""Applies and takes back :func:`five_changes` until it is killed: ``python -m tests.core.apply.loop DIR [older]``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from core.apply.engine import apply, undo
from tests.core.apply.ground import Ground, five_changes
from tests.core.apply.older_kernel import forbid_renameat2


async def loop(ground: Ground) -> None:
    world = ground.world()
    plan = five_changes(ground)
    print("ready", flush=True)
    while True:
        await undo(await apply(plan, world), world)


if __name__ == "__main__":
    if sys.argv[2:] == ["older"]:
        forbid_renameat2()
    asyncio.run(loop(Ground(Path(sys.argv[1]))))
