"""Where a fault of the wizard is written down: a file of its own in the state's root, for its owner only."""

from __future__ import annotations

import secrets
from pathlib import Path

from .passage import hold


def write_crash_log(root: Path, text: str) -> Path:
    """A new file ``crash-<random>.log`` (0600) below ``root``, which is made (0700) where it is missing.

    Raises Refusal.
    """
    name = f"crash-{secrets.token_hex(4)}.log"
    with hold(root) as folder:
        folder.make_file(name, text.encode("utf-8", "backslashreplace"), 0o600)
        return folder.path / name
