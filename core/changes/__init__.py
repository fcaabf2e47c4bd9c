"""The kinds of changes that a plan is made of: one module each.

Steps plan those that have an entry, and ``core.apply`` carries them out; only the end of a run has the others. The
next kind is one file and its name here: its Change is exported, and its Entry is one of ``ENTRIES``.
"""

from __future__ import annotations

from .bring_back import BringBack
from .change import Change, Entry
from .create_secret import CreateSecret, Secret
from .keep import Keep
from .move_aside import Move, MoveAside
from .remove_file import RemoveFile
from .sign import Sign, Signing, Since
from .use_home import Home, UseHome
from .write_file import Write, WriteFile

ENTRIES: dict[str, type[Entry]] = {entry.word: entry for entry in (Home, Write, Move, Secret, Signing)}
"""What a journal may hold, by its name there."""

__all__ = [
    "ENTRIES",
    "BringBack",
    "Change",
    "CreateSecret",
    "Entry",
    "Keep",
    "MoveAside",
    "RemoveFile",
    "Sign",
    "Since",
    "UseHome",
    "WriteFile",
]
