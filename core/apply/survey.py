"""From a plan to what it means on this disk: stale or not, missing folders, file by file. Looks, and writes nothing."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..disk.errors import stale, told, trouble
from ..disk.folder import Folder, Folders, is_folder
from ..disk.passage import refuse_foreign, standing_folder
from ..disk.running import refuse_running
from ..finding import Finding, Refusal, error
from ..plan import Change, CreateSecret, MoveAside, Plan, Sign, WriteFile, describe
from ..real_place import key_of, moved_away, places, real_of, with_real_places
from ..world import Files
from .journal import Entry, Intent, Move, Secret, Signing, Write, digest_of

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
    leads: dict[str, str] = field(default_factory=dict)
    """Where the files and folders lead as the plan names them."""
    troubles: list[Finding] = field(default_factory=list)

    def intent(self, plan: Plan, at: str) -> Intent:
        return Intent(
            self.id,
            plan.step,
            plan.digest,
            at,
            tuple(self.lines),
            tuple(self.entries),
            tuple(self.made),
            tuple(self.leads.items()),
            plan.findings,
        )


def survey(plan: Plan, files: Files) -> Survey:
    """Raises Refusal with every reason why the plan can not be carried out as it was shown.

    ``plan-stale``, ``plan-collides``, ``plan-writes-key``, ``node-running``, ``target-not-regular``, ``file-linked``,
    ``folder-writable``, ``folder-owner``, ``folder-missing``, ``link-owner`` and what the operating system refuses.
    """
    found = Survey(secrets.token_hex(8))
    found.troubles += _led_elsewhere(plan, files)
    if found.troubles:
        raise Refusal(*found.troubles)
    with Folders() as folders:
        for number, change in enumerate(plan.changes):
            try:
                _take(found, change, moved_away(_named(change), plan.changes[:number], files), folders)
            except Refusal as refusal:
                found.troubles += refusal.findings
            except OSError as problem:
                found.troubles += trouble(problem, _named(change)).findings
    found.troubles += _collisions(found.entries)
    if found.troubles:
        raise Refusal(*found.troubles)
    found.entries = [_with_temp(found, number, entry) for number, entry in enumerate(found.entries)]
    return found


def _named(change: Change) -> Path:
    return change.home if isinstance(change, Sign) else change.path


def _led_elsewhere(plan: Plan, files: Files) -> Iterator[Finding]:
    """Where a link was put in place, removed or retargeted since the plan was made."""
    for shown, now in zip(plan.changes, with_real_places(plan, files).changes, strict=True):
        if shown != now:
            then, since = (" and ".join(map(str, places(change))) for change in (shown, now))
            message = f"{_named(shown)} leads to {since} now; the plan shows {then}: a link on the way has changed"
            yield from stale(_named(shown), message).findings


def _take(found: Survey, change: Change, moved: tuple[MoveAside, Path] | None, folders: Folders) -> None:
    away = None if moved is None else real_of(moved[0])
    match change:
        case WriteFile():
            if change.before == change.after:
                return
            _write(found, change, away, folders)
        case MoveAside():
            move = _move(change)
            found.entries.append(move)
            if move.only_stopped:
                refuse_running(Path(move.path))
        case CreateSecret():
            found.entries.append(_secret(found, change, away))
        case Sign():
            body, key = change.body.decode("ascii"), str(key_of(change))
            found.entries.append(Signing(change.kind, str(change.home), body, key))
        case _:
            raise TypeError(f"{type(change).__name__} is for the end of a run only")
    _note_leads(found, change, away)
    found.lines.append(describe(change))


def _note_leads(found: Survey, change: Change, moved: Path | None) -> None:
    """Of what is below a folder that is set aside before, the way to that folder says enough."""
    if isinstance(change, MoveAside):
        found.leads[str(change.path.parent)] = str(real_of(change).parent)
        found.leads[str(change.to.parent)] = str((change.real_to or change.to).parent)
    elif moved is None and isinstance(change, WriteFile | CreateSecret):
        found.leads[str(change.path)] = str(real_of(change))


def _with_temp(found: Survey, number: int, entry: Entry) -> Entry:
    """A folder in which files are written once it is set aside gets a place where the new one is made whole."""
    if not isinstance(entry, Move):
        return entry
    filled = any(isinstance(other, Write) and Path(other.path).is_relative_to(entry.path) for other in found.entries)
    temp = Path(entry.path).parent / f".quorate-{found.id}-{number}.tmp"
    return replace(entry, temp=str(temp)) if filled else entry


def _write(found: Survey, change: WriteFile, moved: Path | None, folders: Folders) -> None:
    """``moved``: the folder above that is set aside before."""
    real = real_of(change)
    if real.name in _KEY_FILES:
        raise _writes_key(real)
    refuse_foreign(moved.parent if moved else change.path)
    anchor = standing_folder(moved.parent if moved else real.parent)
    _note_missing(found, real.parent, moved)
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


def _content(folder: Folder, path: Path) -> bytes | None:
    """What stands at ``path``; ``folder``, the nearest that exists, is one where it is safe to write."""
    standing = folder.look(path.name) if folder.path == path.parent else None
    folder.refuse_unsafe(standing.uid if standing else None)
    if standing is not None and standing.links > 1:
        file, new = shlex.quote(str(path)), shlex.quote(f"{path}.new")
        raise Refusal(
            error(
                "file-linked",
                path,
                f"{path} has {standing.links} names (hard links), expected 1: the others would keep the old content",
                f"Make it a file of its own: `cp -p {file} {new} && mv {new} {file}`",
            )
        )
    return None if standing is None else standing.content


def _move(change: MoveAside) -> Move:
    path, to = real_of(change), change.real_to or change.to
    for parent in (change.path.parent, change.to.parent):
        refuse_foreign(parent)
    with Folder(path.parent) as folder:
        folder.refuse_unsafe(_owner(path))
    with told(path):
        seen = os.lstat(path)
    if os.path.lexists(to):
        raise stale(to, f"{to} exists, expected nothing there")
    if not is_folder(to.parent):
        raise Refusal(error("folder-missing", to.parent, f"{to.parent} is not a folder", "Make the plan again."))
    return Move(str(path), str(to), change.only_stopped, seen.st_dev, seen.st_ino)


def _owner(path: Path) -> int | None:
    try:
        return os.lstat(path).st_uid
    except FileNotFoundError:
        raise stale(path, f"{path} is not there, expected it to be set aside") from None
    except OSError:
        return None


def _secret(found: Survey, change: CreateSecret, moved: Path | None) -> Secret:
    path = real_of(change)
    if moved is None and os.path.lexists(path):
        raise stale(path, f"{path} exists, expected no key there: a key is never replaced")
    refuse_foreign(moved.parent if moved else change.path.parent)
    with Folder(standing_folder(moved.parent if moved else path.parent)) as folder:
        folder.refuse_unsafe()
    _note_missing(found, path.parent, moved)
    return Secret(str(path), change.kind)


def _note_missing(found: Survey, folder: Path, moved: Path | None) -> None:
    missing = []
    while (away := moved is not None and folder.is_relative_to(moved)) or not is_folder(folder):
        if not away and os.path.lexists(folder):
            raise Refusal(
                error("folder-missing", folder, f"{folder} is not a folder, expected one", "Set it aside by hand.")
            )
        missing.append(str(folder))
        folder = folder.parent
    found.made += [path for path in reversed(missing) if path not in found.made]


def _changed(change: WriteFile, content: bytes | None, moved: Path | None) -> Refusal:
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
