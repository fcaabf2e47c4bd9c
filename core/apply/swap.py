"""A folder set aside, and a new one in its place; and back again. At every moment one of the two is at ``path``.

The old folder is at ``path`` while the new one is made whole at ``temp``; the two are exchanged in one step; then the
old one is renamed from ``temp`` to ``to``. Where the file system cannot exchange two names the old one goes to ``to``
first and the new one follows from ``temp``: in between ``path`` is missing, and both are whole. Going back is the same
in reverse. Where things are is read from the disk every time: the old folder is recognised by its inode.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from ..disk.errors import stale, told
from ..disk.folder import Folder, is_folder
from ..disk.running import refuse_running
from ..finding import Refusal, error
from .journal import Journal, Move, Write

Side = Literal["before", "after"]
Place = Literal["path", "temp", "to"]


def place(move: Move) -> Place:
    """Where the old folder is. Raises Refusal (``file-changed``) if it is at none of its places."""
    if _is_it(move, move.path):
        return "path"
    if move.temp and _is_it(move, move.temp):
        return "temp"
    if _is_it(move, move.to):
        return "to"
    raise Refusal(
        error(
            "file-changed",
            move.path,
            f"what was to be set aside is neither at {move.path} nor at {move.to}",
            "Put it back at one of the two, then do it again; or give that run up.",
        )
    )


def side(move: Move) -> Side | None:
    """On which side a move is; None if it was cut off between them. Raises Refusal (``file-changed``)."""
    match place(move):
        case "path":
            return "before"
        case "to" if not (move.temp and os.path.lexists(move.temp)):
            return "after"
        case "to" if os.path.lexists(move.path):
            message = f"{move.path} has appeared since that run was cut off, expected nothing there"
            raise Refusal(error("file-changed", move.path, message, "Set it aside by hand, then do it again."))
        case _:
            return None


def is_away(move: Move) -> bool:
    """Return True if neither the old folder nor the new one is at ``path``."""
    return place(move) != "path" and not os.path.lexists(move.path)


def refuse_used(move: Move) -> None:
    """Raise Refusal (``node-running``) if a node runs on the old folder, or on the new one."""
    if move.only_stopped:
        for path in {move.path, getattr(move, place(move))}:
            refuse_running(Path(path))


def below(journal: Journal, move: Move) -> Iterator[tuple[int, Write, Path]]:
    """The files of the new folder: index, entry, and path in that folder."""
    for index, entry in enumerate(journal.intent.entries):
        if isinstance(entry, Write) and Path(entry.path).is_relative_to(move.path):
            yield index, entry, Path(entry.path).relative_to(move.path)


def stage(journal: Journal, move: Move) -> None:
    """Make the new folder, whole and synced, at ``temp``."""
    path, temp = Path(move.path), Path(move.temp)
    with Folder(path.parent) as folder:
        folder.refuse_unsafe()
        folder.make_folder_like(temp.name, path.name)
    for index, entry, name in below(journal, move):
        for inner in _folders(name):
            with Folder(temp / inner.parent) as folder:
                folder.make_folder(inner.name)
        with Folder((temp / name).parent) as folder:
            folder.make_file(name.name, journal.copy(index, "after"), entry.mode)
            folder.sync()


def forward(move: Move) -> None:
    """Set the old folder aside, from wherever an earlier attempt has left it."""
    path, temp, to = Path(move.path), Path(move.temp), Path(move.to)
    with Folder(path.parent) as here, Folder(to.parent) as there:
        at = place(move)
        if at == "path" and move.temp and _exchange(move, here, lambda: _refuse_other(move)):
            at = "temp"
        if at != "to":
            _rename(here, path.name if at == "path" else temp.name, there, to.name)
        if move.temp and here.has(temp.name):
            _rename(here, temp.name, here, path.name)


def back(journal: Journal, move: Move) -> None:
    """Bring the old folder back, from wherever an earlier attempt has left it; the new one ends at ``temp``."""
    path, temp, to = Path(move.path), Path(move.temp), Path(move.to)

    def refuse_strange() -> None:
        refuse_blocked(journal, move, temp)

    with Folder(path.parent) as here, Folder(to.parent) as there:
        if move.temp and here.has(path.name):
            if place(move) == "to":
                _rename(there, to.name, here, temp.name)
            if _exchange(move, here, refuse_strange):
                return
            _rename(here, temp.name, there, to.name)
            _rename(here, path.name, here, temp.name)
            try:
                refuse_strange()
            except Refusal:
                _rename(here, temp.name, here, path.name)
                raise
        if place(move) == "temp":
            _rename(here, temp.name, here, path.name)
        else:
            _rename(there, to.name, here, path.name)


def sweep(journal: Journal, move: Move) -> None:
    """Remove the new folder at ``temp`` while the old one is in its place. What this run did not make stays."""
    temp = Path(move.temp)
    if not move.temp or not is_folder(temp) or not _is_it(move, move.path):
        return
    names = [name for _, _, name in below(journal, move)]
    for name in names:
        if is_folder((temp / name).parent):
            with Folder((temp / name).parent) as folder:
                folder.remove(name.name)
    inner = {one for name in names for one in _folders(name)}
    for name in (*sorted(inner, key=lambda one: len(one.parts), reverse=True), Path()):
        if is_folder(temp / name):
            with Folder((temp / name).parent) as folder:
                folder.remove_folder((temp / name).name)


def refuse_blocked(journal: Journal, move: Move, at: Path | None = None) -> None:
    """Raise Refusal (``undo-blocked``) for what this run did not put into the new folder, which is at ``at``."""
    root = at or Path(move.path)
    ours = {str(root)} | {str(root / Path(made).relative_to(move.path)) for made in _made(journal, move)}
    files = {str(root / name): index for index, _, name in below(journal, move)}
    come = [path for path in _everything(root) if str(path) not in ours and not _is_ours(journal, path, files)]
    if come:
        more = f", and {len(come) - 1} more at {move.path}" if len(come) > 1 else ""
        raise Refusal(
            error(
                "undo-blocked",
                come[0],
                f"{come[0]} has come since{more}; expected nothing there but what this run made",
                f"Check what it is; set {move.path} aside by hand if it can go, then do it again.",
            )
        )


def _is_ours(journal: Journal, path: Path, files: dict[str, int]) -> bool:
    index = files.get(str(path))
    if index is None:
        return False
    with Folder(path.parent) as folder:
        found = folder.look(path.name)
    return journal.holds(index, "after", None if found is None else found.content)


def _made(journal: Journal, move: Move) -> Iterator[str]:
    return (made for made in journal.intent.made if Path(made).is_relative_to(move.path))


def _everything(path: Path) -> Iterator[Path]:
    if not os.path.lexists(path):
        return
    yield path
    if not is_folder(path):
        return
    with told(path):
        for parent, folders, files in os.walk(path, onerror=_raise):
            yield from (Path(parent) / name for name in (*folders, *files))


def _raise(problem: OSError) -> None:
    raise problem


def _folders(name: Path) -> list[Path]:
    """The folders above a relative path, outer ones first."""
    return [parent for parent in reversed(name.parents) if parent.name]


def _is_it(move: Move, path: str) -> bool:
    with told(path):
        try:
            seen = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
    return (seen.st_dev, seen.st_ino) == (move.device, move.inode)


def _exchange(move: Move, here: Folder, check: Callable[[], None]) -> bool:
    """Exchange ``path`` and ``temp``, and back again if ``check`` refuses what it then finds."""
    path, temp = Path(move.path).name, Path(move.temp).name
    if not here.exchange(temp, path):
        return False
    try:
        check()
    except BaseException:
        here.exchange(temp, path)
        raise
    here.sync()
    return True


def _refuse_other(move: Move) -> None:
    """What the exchange has put at ``temp`` is the old folder, and no node has been started on it meanwhile."""
    if not _is_it(move, move.temp):
        raise stale(Path(move.path), f"{move.path} was replaced since the plan was made")
    if move.only_stopped:
        refuse_running(Path(move.temp))


def _rename(source: Folder, name: str, target: Folder, to: str) -> None:
    source.rename_new(name, to, target)
    target.sync()
    if source.path != target.path:
        source.sync()
