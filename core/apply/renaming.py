"""Another name for a network that nothing was signed for yet: its state's folder is renamed, whole."""

from __future__ import annotations

import os
from pathlib import Path

from ..finding import Refusal, error
from .trouble import trouble


def rename_network(root: Path, old: str, new: str) -> None:
    """Raises Refusal: ``network-begun`` where documents or receipts are there already, ``network-taken``."""
    here, there = root / old, root / new
    if (here / "documents.txt").exists() or (here / "journal").exists():
        message = f"The network is called {old}, and documents of it are here; expected none for another name, {new}."
        raise Refusal(error("network-begun", "network", message, f"Begin {new} apart: quorate --network {new}"))
    if there.exists():
        message = f"There is a network {new} here already; expected none of that name."
        raise Refusal(error("network-taken", "network", message, f"Go on with it: quorate --network {new}"))
    try:
        os.rename(here, there)
    except OSError as problem:
        raise trouble(problem, there) from problem
