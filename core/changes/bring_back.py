"""A folder or file brought back that an earlier run set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..safe import safe
from .change import PathChange, last_two


@dataclass(frozen=True, slots=True)
class BringBack(PathChange):
    """Rename ``path``, which an earlier run set aside, back to ``to``. Only the end of a run has it."""

    path: Path
    to: Path
    reason: str

    @property
    def name(self) -> str:
        return last_two(self.to)

    @property
    def effect(self) -> str:
        return f"brought back from {safe(self.path.name, 60)}"

    @property
    def summary(self) -> str:
        return "bring {n} back"

    def digested(self) -> list[object]:
        return ["back", str(self.path), str(self.to)]

    def describe(self) -> str:
        return f"bring back {safe(self.to)} from {safe(self.path.name)}: {safe(self.reason)}"

    def diff(self) -> Iterator[str]:
        yield f"rename {safe(self.path)}"
        yield f"    to {safe(self.to)}"
