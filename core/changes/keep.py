"""Something that stays when an earlier run ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..safe import safe
from .change import PathChange, last_two


@dataclass(frozen=True, slots=True)
class Keep(PathChange):
    """Something that an earlier run made or changed, and that stays as it is. Only the end of a run has it."""

    what: str
    """For people: "the signed card"."""
    path: Path
    """The file, or the home of what is no file."""
    reason: str
    content: str = ""
    """SHA-256 of what is there, where the person decides by it."""

    acts: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return last_two(self.path) if str(self.path) in self.what else safe(self.what, 200)

    @property
    def effect(self) -> str:
        return "stays"

    @property
    def summary(self) -> str:
        return ""

    def digested(self) -> list[object]:
        return ["keep", self.what, str(self.path), self.reason, self.content]

    def describe(self) -> str:
        return f"keep {safe(self.what)}: {safe(self.reason)}"

    def diff(self) -> Iterator[str]:
        yield from ()
