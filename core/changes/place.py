"""Where the path of a change really is, and the folders above it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..disk.folder import Folder
from ..world import Files
from .change import Change, Run


def entry_of(path: Path, files: Files) -> Path:
    """``path`` with every link on the way to its folder resolved, its own name kept."""
    return files.real(path.parent) / path.name


def other(path: Path, real: Path) -> Path | None:
    """The real place, if it is another one than the path says."""
    return None if real == path else real


def moved_away(path: Path, earlier: Iterable[Change], files: Files) -> tuple[Path, Path] | None:
    """The folder above ``path`` that one of the earlier changes takes away, and where ``path`` leads then.

    The links in that folder, and it itself where it is one, have gone with it.
    """
    away = {change.takes_away for change in earlier} - {None}
    for above in path.parents if away else ():
        if (folder := entry_of(above, files)) in away:
            return folder, folder / path.relative_to(above)
    return None


def make_missing(run: Run, path: Path) -> None:
    """The registered folders of a run down to ``path``, where they are not there yet. Raises Refusal."""
    for made in map(Path, run.made):
        if path.is_relative_to(made):
            with Folder(made.parent) as folder:
                folder.make_folder(made.name)
