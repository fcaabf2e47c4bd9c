"""From a plan to what it means on this disk: stale or not, real places, missing folders. Looks, and writes nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..finding import Finding, Refusal, error, info
from ..plan import Change, CreateSecret, MoveAside, Plan, Sign, WriteFile, describe
from .folder import Folder, Folders, is_folder
from .journal import Entry, Intent, Move, Secret, Signing, Write, digest_of
from .running import refuse_running
from .trouble import told, trouble

_NEW_FILE = 0o644
_KEY_FILES = frozenset({"priv_validator_key.json", "node_key.json", "priv_validator.json"})


@dataclass
class Survey:
    """What a plan comes to; ``copies`` are the contents to keep, by name."""

    id: str
    entries: list[Entry] = field(default_factory=list)
    copies: dict[str, bytes] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    troubles: list[Finding] = field(default_factory=list)

    def intent(self, plan: Plan, at: str) -> Intent:
        findings = (*plan.findings, *self.notes)
        return Intent(
            self.id, plan.step, plan.digest, at, tuple(self.lines), tuple(self.entries), tuple(self.made), findings
        )


def survey(plan: Plan) -> Survey:
    """Raises Refusal with every reason why the plan can not be carried out as it was shown.

    ``plan-stale``, ``plan-collides``, ``plan-writes-key``, ``node-running``, ``target-not-regular``, ``file-linked``,
    ``folder-writable``, ``folder-owner``, ``folder-missing`` and what the operating system refuses.
    """
    found = Survey(secrets.token_hex(8))
    with Folders() as folders:
        for change in plan.changes:
            try:
                _take(found, change, folders)
            except Refusal as refusal:
                found.troubles += refusal.findings
            except OSError as problem:
                found.troubles += trouble(problem, change.home if isinstance(change, Sign) else change.path).findings
    found.troubles += _collisions(found.entries)
    if found.troubles:
        raise Refusal(*found.troubles)
    return found


def _take(found: Survey, change: Change, folders: Folders) -> None:
    line = describe(change)
    match change:
        case WriteFile():
            if change.before == change.after:
                return
            real = _write(found, change, folders)
            line += "" if str(real) == os.path.abspath(change.path) else f" (by a link; its real place: {real})"
        case MoveAside():
            move = _move(change)
            found.entries.append(move)
            if move.only_stopped:
                refuse_running(Path(move.path))
        case CreateSecret():
            found.entries.append(_secret(found, change))
        case Sign():
            found.entries.append(Signing(change.kind, str(change.home), change.body.decode("ascii")))
        case _:
            raise TypeError(f"{type(change).__name__} is for the end of a run only")
    found.lines.append(line)


def _moved_away(entries: list[Entry], path: Path) -> tuple[Move, Path] | None:
    """The move that takes ``path`` away, and the real place of ``path`` after it, where links have gone with it."""
    moves = {entry.path: entry for entry in entries if isinstance(entry, Move)}
    if not moves:
        return None
    absolute = Path(os.path.abspath(path))
    for above in absolute.parents:
        if move := moves.get(str(real_parent(above))):
            return move, Path(move.path) / absolute.relative_to(above)
    return None


def standing_folder(path: Path) -> Path:
    """The nearest folder at or above ``path`` that exists."""
    while not is_folder(path) and path != path.parent:
        path = path.parent
    return path


def real_parent(path: Path) -> Path:
    """``path`` with every link on the way to its folder resolved, its own name kept."""
    absolute = Path(os.path.abspath(path))
    return Path(os.path.realpath(absolute.parent)) / absolute.name


def _write(found: Survey, change: WriteFile, folders: Folders) -> Path:
    moved, real = _moved_away(found.entries, change.path) or (None, Path(os.path.realpath(change.path)))
    if real.name in _KEY_FILES:
        raise _writes_key(real)
    anchor = standing_folder(Path(moved.path).parent if moved else real.parent)
    _note_missing(found, real.parent, Path(moved.path) if moved else None)
    content = None if moved else _content(folders.at(anchor), real)
    if content != change.before:
        raise _changed(change, content, moved)
    temp = str(anchor / f".quorate-{found.id}-{len(found.entries)}.tmp")
    if content is not None:
        found.copies[f"{len(found.entries)}.before"] = content
    found.copies[f"{len(found.entries)}.after"] = change.after
    before = None if content is None else digest_of(content)
    mode = _NEW_FILE if change.mode is None else change.mode
    found.entries.append(Write(str(real), temp, before, digest_of(change.after), mode))
    if os.path.islink(change.path) and not moved:
        found.notes.append(
            info("apply-link-followed", change.path, f"{change.path} is a link; the file at {real} is what was written")
        )
    return real


def _content(folder: Folder, path: Path) -> bytes | None:
    """What stands at ``path``; ``folder``, the nearest that exists, is one where it is safe to write."""
    standing = folder.look(path.name) if folder.path == path.parent else None
    folder.refuse_unsafe(standing.uid if standing else None)
    if standing is not None and standing.links > 1:
        raise Refusal(
            error(
                "file-linked",
                path,
                f"{path} has {standing.links} names (hard links), expected 1: the others would keep the old content",
                f"Make it a file of its own: cp -p '{path}' '{path}.new' && mv '{path}.new' '{path}'",
            )
        )
    return None if standing is None else standing.content


def _move(change: MoveAside) -> Move:
    path, to = real_parent(change.path), real_parent(change.to)
    with Folder(path.parent) as folder:
        folder.refuse_unsafe(_owner(path))
    with told(path):
        seen = os.lstat(path)
    if os.path.lexists(to):
        raise stale(to, f"{to} exists, expected nothing there")
    if not is_folder(to.parent):
        raise Refusal(error("folder-missing", to.parent, f"{to.parent} is not a folder", "Make the plan anew."))
    return Move(str(path), str(to), change.only_stopped, seen.st_dev, seen.st_ino)


def _owner(path: Path) -> int | None:
    try:
        return os.lstat(path).st_uid
    except FileNotFoundError:
        raise stale(path, f"{path} is not there, expected it to be set aside") from None
    except OSError:
        return None


def _secret(found: Survey, change: CreateSecret) -> Secret:
    moved, path = _moved_away(found.entries, change.path) or (None, real_parent(change.path))
    if moved is None and os.path.lexists(path):
        raise stale(path, f"{path} exists, expected no key there: a key is never replaced")
    with Folder(standing_folder(Path(moved.path).parent if moved else path.parent)) as folder:
        folder.refuse_unsafe()
    _note_missing(found, path.parent, Path(moved.path) if moved else None)
    return Secret(str(path), change.kind)


def _note_missing(found: Survey, folder: Path, moved: Path | None) -> None:
    missing = []
    while not is_folder(folder) or (moved is not None and folder.is_relative_to(moved)):
        if os.path.lexists(folder) and not is_folder(folder):
            raise Refusal(
                error("folder-missing", folder, f"{folder} is not a folder, expected one", "Set it aside by hand.")
            )
        missing.append(str(folder))
        folder = folder.parent
    found.made += [path for path in reversed(missing) if path not in found.made]


def stale(path: Path, message: str) -> Refusal:
    """The disk is not as the plan has it."""
    return Refusal(error("plan-stale", path, message, "Make the plan anew and look at it again."))


def _changed(change: WriteFile, content: bytes | None, moved: Move | None) -> Refusal:
    found = _shown(content) + (" (it is set aside before)" if moved else "")
    since = f"{change.path} has changed since the plan was made"
    return stale(change.path, f"{since}: expected {_shown(change.before)}, found {found}")


def _shown(content: bytes | None) -> str:
    return "no file" if content is None else f"{len(content)} bytes with SHA-256 {digest_of(content)[:16]}…"


def _writes_key(path: Path) -> Refusal:
    message = f"{path} is a key file, expected another one: a key file is made by the key process only, never written"
    return Refusal(error("plan-writes-key", path, message, "Take that file out of the plan."))


def _collisions(entries: list[Entry]) -> Iterator[Finding]:
    """Two entries that would get into each other's way; a file below a folder set aside before it is fine."""
    files: set[Path] = set()
    aside: set[Path] = set()
    targets: set[Path] = set()
    for entry in entries:
        if isinstance(entry, Write | Secret):
            path = Path(entry.path)
            if path in files or path in aside or any(map(path.is_relative_to, targets)):
                yield _meeting(path)
            files.add(path)
        elif isinstance(entry, Move):
            path, to = Path(entry.path), Path(entry.to)
            if any(_nested(one, other) for one in (path, to) for other in files | aside | targets) or _nested(path, to):
                yield _meeting(path)
            aside.add(path)
            targets.add(to)


def _nested(path: Path, other: Path) -> bool:
    return path.is_relative_to(other) or other.is_relative_to(path)


def _meeting(path: Path) -> Finding:
    message = f"two changes of the plan meet at {path}, expected them apart"
    return error("plan-collides", path, message, "Make two plans of it.")
