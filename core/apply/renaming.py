"""Another name for a network that nothing was signed for yet: its state's folder is renamed, whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ..finding import Refusal, error
from .lock import Lock
from .trouble import trouble


def rename_network(root: Path, old: str, new: str) -> None:
    """Raises Refusal: ``network-begun`` where documents or receipts are there already, ``network-taken``."""
    here, there = root / old, root / new
    with Lock(here).held("renaming", patience=2.0, make=False):
        _rename(here, there)


def _rename(here: Path, there: Path) -> None:
    old, new = here.name, there.name
    if any((here / name).exists() for name in ("documents.txt", "signed.txt", "journal")):
        message = f"The network is called {old}, and documents of it are here; expected none for another name, {new}."
        raise Refusal(error("network-begun", "network", message, f"Begin {new} apart: quorate --network {new}"))
    try:
        if not there.exists():
            os.rename(here, there)
            return
    except OSError as problem:
        if problem.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise trouble(problem, there) from problem
    message = f"There is a network {new} here already; expected none of that name."
    raise Refusal(error("network-taken", "network", message, f"Go on with it: quorate --network {new}"))
