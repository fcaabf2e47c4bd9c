"""A path as a person types it, and as it is shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .finding import Refusal, error
from .safe import safe


def typed_place(text: str, environ: Mapping[str, str]) -> Path:
    """Absolute, ``~`` for the person's own folder; links are not followed. Raises Refusal (``path-empty``)."""
    text = text.strip()
    if not text:
        raise Refusal(error("path-empty", "path", "no file or folder is named", "Type a path, such as ~/quorate."))
    home = environ.get("HOME", "")
    if home and (text == "~" or text.startswith("~/")):
        text = home + text[1:]
    return Path(os.path.abspath(os.path.expanduser(text)))


def shown_place(path: Path, environ: Mapping[str, str]) -> str:
    """With ``~`` for the person's own folder, made safe."""
    home = environ.get("HOME", "").rstrip("/")
    text = str(path)
    return safe("~" + text[len(home) :] if home and text.startswith(home + "/") else text, 400)
