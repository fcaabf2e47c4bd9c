"""A link put in place at each moment of a run: ``python -m tests.core.apply.swapped apply|undo NAME DIR [EVERY]``.

Every case is a child that does one run and, at the first, second, third ... of the moments that Python reports (each
file that is opened, renamed, removed ...), renames ``home/NAME`` and puts a link to the victim's folder in its place.
It ends when a run had no such moment left. ``EVERY``: of so many moments one is tried. Each case has the home
``DIR/<case>`` and the victim's folder ``DIR/<case>/victim``, and leaves ``done``, the codes of a refusal, or a
traceback in ``DIR/<case>.said``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from pathlib import Path

from core.apply.engine import apply, receipts, undo
from core.finding import Refusal
from tests.core.apply.ground import Ground, a_home, five_changes, make_ground

_MOST = 1000


def prepare(root: Path) -> Ground:
    ground = make_ground(root)
    a_home(ground)
    # What the victim has is what the plan expects, so that only the link itself can stop it.
    victim = root / "victim"
    for name in ("config/config.toml", "config/genesis.json", "data/state.json"):
        target = victim / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ground.home / name).read_bytes())
    return ground


def main(way: str, name: str, root: Path, every: int) -> None:
    for case in range(1, _MOST, every):
        ground = prepare(root / str(case))
        child = os.fork()
        if not child:
            _child(way, name, case, ground)
        if os.waitpid(child, 0)[1] == 0:
            return


def _child(way: str, name: str, case: int, ground: Ground) -> None:
    """Ends with 0 if the run was over before the link was put in place."""
    swapped = False
    try:
        if way == "undo":
            asyncio.run(apply(five_changes(ground), ground.world()))
        left = case

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if not event.startswith(("open", "os.")):
                return
            left -= 1
            if left == 0:
                _swap(ground, name)

        sys.addaudithook(watch)
        try:
            said = asyncio.run(_run(way, ground))
        except BaseException:
            said = traceback.format_exc()
        swapped, left = left <= 0, 0
        Path(f"{ground.root}.said").write_text(said)
    finally:
        os._exit(1 if swapped else 0)


async def _run(way: str, ground: Ground) -> str:
    try:
        if way == "apply":
            await apply(five_changes(ground), ground.world())
        else:
            await undo(receipts(ground.world())[0], ground.world())
    except Refusal as refusal:
        return " ".join(finding.code for finding in refusal.findings)
    return "done"


def _swap(ground: Ground, name: str) -> None:
    path = ground.home / name
    if path.exists():
        path.rename(path.with_name(f"{path.name}.was"))
    path.symlink_to(ground.root / "victim" / name)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int((sys.argv[4:] or ["1"])[0]))
