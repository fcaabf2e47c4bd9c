"""What every payload begins with, looked at before anything else so that newer is never called damaged."""

from __future__ import annotations

from ..documents.canonical import JsonValue, Malformed, parse_canonical
from ..finding import Finding, error, unknown
from .wire import VERSION


def read_head(payload: bytes, kind: str) -> tuple[dict[str, JsonValue] | None, tuple[Finding, ...]]:
    """The payload as an object of ``kind`` and version 1, or ``document-unreadable``, ``document-later-version``."""
    try:
        value = parse_canonical(payload)
    except Malformed as wrong:
        return None, (_damaged(kind, str(wrong)),)
    if not isinstance(value, dict) or value.get("kind") != kind:
        return None, (_damaged(kind, f"It does not say that it is a {kind}."),)
    version = value.get("v")
    if type(version) is int and version > VERSION:
        return None, (newer(kind, version),)
    if version != VERSION:
        return None, (_damaged(kind, f"Its format version is not {VERSION}."),)
    return value, ()


def newer(kind: str, version: int) -> Finding:
    return unknown(
        "document-later-version",
        kind,
        f"This {kind} has format version {version}; this quorate understands {VERSION}.",
        f"Install the newest quorate, and import the {kind} again.",
    )


def _damaged(kind: str, why: str) -> Finding:
    fix = f"Ask the signer to send the {kind} again, whole."
    return error("document-unreadable", kind, f"This {kind} can not be read. {why}", fix)
