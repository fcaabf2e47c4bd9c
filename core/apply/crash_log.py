"""Where a fault of the wizard is written down: a file of its own in the state's root, for its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .trouble import trouble

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_crash_log(root: Path, text: str) -> Path:
    """A new file ``crash-<random>.log`` (0600) below ``root``, which is made (0700) where it is missing.

    Raises Refusal.
    """
    path = root / f"crash-{secrets.token_hex(4)}.log"
    try:
        os.makedirs(root, mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, _FLAGS, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise trouble(problem, path) from problem
    return path
