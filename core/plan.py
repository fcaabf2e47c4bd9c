"""What would change, before anything does: a Plan and its Changes. Values only; ``core.apply`` carries them out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass

from .changes import Change
from .changes.change import Phase
from .finding import Finding, has_error
from .way import Way


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes in the order in which they are made, and what would still be so once they are.

    They are sorted by their phases; what ends an earlier run is in its order already. Those of one phase are made as
    they are listed, but for the files of a new folder, which appear with it (:class:`core.changes.MoveAside`).
    """

    step: str
    """Id of the step that made it."""
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    restarts: tuple[str, ...] = ()
    """What is to be done then, by whoever runs the node, for the changes to take effect, and why; one sentence each."""
    way: Way | None = None
    """What goes on where the step itself has nothing to change, and yet waits for something."""
    ends: str = ""
    """Only where it ends an earlier run: how, and which (``undo 3fa2b1c94d5e6f70``)."""

    def __post_init__(self) -> None:
        if not self.ends:
            object.__setattr__(self, "changes", tuple(sorted(self.changes, key=lambda change: change.phase)))

    @property
    def is_empty(self) -> bool:
        """Return True if carrying it out would change nothing."""
        return not any(change.acts for change in self.changes)

    @property
    def signs(self) -> bool:
        return any(change.phase is Phase.SIGNATURES for change in self.changes)

    @property
    def summary(self) -> str:
        """What it does, in a few words: ``write 1 file, make 2 key files``."""
        counted = Counter(change.summary for change in self.changes if change.summary)
        said = (words.format(n=n, s="" if n == 1 else "s") for words, n in counted.items())
        return ", ".join(said) or "no file changes"

    @property
    def next(self) -> str:
        """The command that goes on; empty where nothing is waited for."""
        return "" if self.way is None else self.way.command

    @property
    def is_safe(self) -> bool:
        return not has_error(self.findings)

    @property
    def digest(self) -> str:
        """128 bits in hex that name exactly these changes, so that a preview can be approved elsewhere."""
        what = [self.step, self.ends] if self.ends else [self.step]
        whole = json.dumps([*what, *(change.digested() for change in self.changes)], separators=(",", ":"))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]
