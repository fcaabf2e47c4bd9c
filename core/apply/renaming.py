"""Another name for a network that nothing was signed for yet: its state's folder is renamed, whole."""

from __future__ import annotations

from pathlib import Path

from ..finding import Refusal, error
from .folder import Folder


def rename_network(root: Path, old: str, new: str) -> None:
    """Raises Refusal: ``network-begun`` where documents or receipts are there already, ``network-taken``."""
    here, there = root / old, root / new
    if (here / "documents.txt").exists() or (here / "journal").exists():
        message = f"The network is called {old}, and documents of it are here; expected none for another name, {new}."
        raise Refusal(error("network-begun", "network", message, f"Begin {new} apart: quorate --network {new}"))
    if there.exists():
        message = f"There is a network {new} here already; expected none of that name."
        raise Refusal(error("network-taken", "network", message, f"Go on with it: quorate --network {new}"))
    with Folder(root) as folder:
        folder.rename_new(old, new)
        folder.sync()
