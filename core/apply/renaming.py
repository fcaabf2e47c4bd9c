"""Another name for a network that nothing was signed for yet: its state's folder is renamed, whole."""

from __future__ import annotations

from pathlib import Path

from ..finding import Refusal, error
from .folder import Folder
from .lock import Lock


def rename_network(root: Path, old: str, new: str) -> None:
    """Raises Refusal: ``network-begun`` where documents or receipts are there already, ``network-taken``."""
    here = root / old
    with Lock(here).held("renaming", patience=2.0, make=False), Folder(root) as folder:
        if any((here / name).exists() for name in ("documents.txt", "signed.txt", "journal")):
            message = (
                f"The network is called {old}, and documents of it are here; expected none for another name, {new}."
            )
            raise Refusal(error("network-begun", "network", message, f"Begin {new} apart: quorate --network {new}"))
        try:
            folder.rename_new(old, new)
        except Refusal as refusal:
            if not folder.has(new):
                raise
            message = f"There is a network {new} here already; expected none of that name."
            fix = f"Go on with it: quorate --network {new}"
            raise Refusal(error("network-taken", "network", message, fix)) from refusal
        folder.sync()
