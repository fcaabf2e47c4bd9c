"""A key file made by the key process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from ..disk.errors import stale
from ..disk.folder import Folder, Folders
from ..disk.passage import refuse_foreign, standing_folder
from ..finding import Finding, Refusal, info
from ..safe import safe
from ..world import Files
from .change import (
    Change,
    Entry,
    Ground,
    PathChange,
    Phase,
    Run,
    Scene,
    Side,
    Task,
    elsewhere,
    leads,
    leads_line,
    text_of,
)
from .keep import Keep
from .place import entry_of, make_missing, moved_away, other

_ANSWERS = frozenset({"key-exists", "key-unwritable"})
"""What the key process itself says where it has made no key."""


@dataclass(frozen=True, slots=True)
class CreateSecret(PathChange):
    """Have the key process make one key file (O_EXCL, 0600). The plan knows its path and purpose, never its content."""

    path: Path
    purpose: str
    """For people: "the validator key of this node"."""
    kind: Literal["validator", "node"]
    real: Path | None = None
    """Where ``path`` leads, if that is another place."""

    phase: ClassVar[Phase] = Phase.SECRETS

    @property
    def effect(self) -> str:
        return f"new key, not shown{elsewhere(self.real)}"

    @property
    def places(self) -> tuple[Path, ...]:
        return (self.path if self.real is None else self.real,)

    @property
    def makes(self) -> Path:
        return self.path

    @property
    def mode_word(self) -> str:
        return "0600"

    @property
    def summary(self) -> str:
        return "make {n} key file{s}"

    def digested(self) -> list[object]:
        return ["secret", str(self.path), self.kind, text_of(self.real)]

    def describe(self) -> str:
        return f"make {safe(self.path)}{leads(self.real)}: {safe(self.purpose)}"

    def diff(self) -> Iterator[str]:
        yield from leads_line(self.real)
        yield f"+++ {safe(self.path)} (mode 0600, content never shown)"

    def located(self, earlier: Sequence[Change], files: Files) -> Change:
        # A key is never made through a link at the end of its path: what is there counts as a key.
        _, real = moved_away(self.path, earlier, files) or (None, entry_of(self.path, files))
        return replace(self, real=other(self.path, real))

    def survey(self, ground: Ground, moved: Path | None, folders: Folders) -> Entry:
        (path,) = self.places
        if moved is None and os.path.lexists(path):
            raise stale(path, f"{path} exists, expected no key there: a key is never replaced")
        refuse_foreign(moved.parent if moved else self.path.parent)
        with Folder(standing_folder(moved.parent if moved else path.parent)) as folder:
            folder.refuse_unsafe()
        ground.note_missing(path.parent, moved)
        if moved is None:
            ground.leads[str(self.path)] = str(path)
        return Secret(str(path), self.kind)


@dataclass(frozen=True, slots=True)
class Secret(Entry):
    """A key file; it is noted as started before the key process is asked for it."""

    path: str
    kind: Literal["validator", "node"]

    word: ClassVar[str] = "secret"
    phase: ClassVar[Phase] = Phase.SECRETS
    lasts: ClassVar[bool] = True

    @property
    def places(self) -> tuple[str, ...]:
        return (self.path,)

    def guards(self, run: Run, index: int) -> bool:
        return self.kind == "validator" and self._is_made(run, index)

    def todo(self, run: Run, index: int, goal: Side, folders: Folders) -> Task | None:
        return None if goal == "before" or self._is_made(run, index) else Task(index, self)

    async def act(self, run: Run, task: Task, goal: Side, scene: Scene, folders: Folders) -> None:
        """Raises Refusal as ``keys.client.create``."""
        from ..keys import client

        path = Path(self.path)
        make_missing(run, path.parent)
        run.note_of(task.index, started=True)
        try:
            await client.create(scene.world, path, self.kind)
        except Refusal as refusal:
            # Nothing was there before. A key process that was killed before it answered, and left the file, has made
            # the key: the file gets its name only once it is whole.
            if any(finding.code in _ANSWERS for finding in refusal.findings) or not self._is_made(run, task.index):
                raise

    def back(self, run: Run, task: Task) -> Iterator[Change]:
        yield from ()

    def forth(self, run: Run, index: int, todo: Mapping[int, Task]) -> Iterator[Change]:
        if index in todo:
            yield CreateSecret(Path(self.path), f"the {self.kind} key of this node", self.kind)

    def kept(self, run: Run, index: int) -> Change | None:
        if not self._is_made(run, index):
            return None
        return Keep(f"the key file {self.path}", Path(self.path), "quorate neither deletes nor moves keys")

    def undone(self, run: Run, index: int) -> str:
        return f"kept the key file {safe(self.path)}" if run.noted(index).get("started") else ""

    def lasting(self, run: Run, index: int) -> Finding | None:
        if not run.noted(index).get("started"):
            return None
        message = f"the key file {self.path} stays: quorate neither deletes nor moves keys"
        return info("undo-key-stays", self.path, message, "Set it aside by hand if it is not wanted.")

    def _is_made(self, run: Run, index: int) -> bool:
        return bool(run.noted(index).get("started")) and os.path.lexists(self.path)
