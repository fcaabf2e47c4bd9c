"""The text of ``log_level``. Source: libs/cli/flags/log_level.go, the same from Tendermint 0.22 to CometBFT 1.0."""

from __future__ import annotations

LEVELS = ("debug", "info", "error", "none")


def log_level_fault(text: str) -> str:
    """Why the node refuses it, one clause; empty where it does not."""
    if not text:
        return "it is empty"
    for item in (text if ":" in text else f"*:{text}").split(","):
        parts = item.split(":")
        if len(parts) != 2:
            return f'"{item}" is not a pair module:level'
        if parts[1] not in LEVELS:
            return f'"{parts[1]}" is not one of {", ".join(LEVELS)}'
    return ""
