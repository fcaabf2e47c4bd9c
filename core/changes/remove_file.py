"""A file removed that an earlier run made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..safe import safe
from .change import PathChange, digest_of
from .content import size_of, unified


@dataclass(frozen=True, slots=True)
class RemoveFile(PathChange):
    """Remove a file that an earlier run made. Only the end of a run has it; the journal keeps a copy."""

    path: Path
    before: bytes
    """What is there now."""
    reason: str

    @property
    def effect(self) -> str:
        return f"removed, {size_of(self.before)}"

    @property
    def summary(self) -> str:
        return "remove {n} file{s}"

    def digested(self) -> list[object]:
        return ["remove", str(self.path), digest_of(self.before)]

    def describe(self) -> str:
        return f"remove {safe(self.path)}: {safe(self.reason)}"

    def diff(self) -> Iterator[str]:
        yield from unified(self.path, self.before, None)
