"""The journal of one run: what it is about to do, written down before it is done, one fsynced JSON line per event.

The folder ``journal/0007-3fa2b1c94d5e6f70`` holds the events (``events.jsonl``) and the copies: ``2.before`` and
``2.after`` are the contents of the third entry's file. Nothing of a key is ever in it. It gets this name in one step
once it is whole. So a folder with a name of its own that cannot be read was damaged later, and is never deleted; one
that still has its temporary name is of a run that did not begin.
"""

from __future__ import annotations

import json
import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_origin, get_type_hints

from ..changes import ENTRIES, Entry
from ..changes.change import Side, digest_of
from ..disk.errors import told
from ..disk.folder import Folder
from ..finding import Finding, Refusal, Severity, error
from ..local import newer

_VERSION = 1
_EVENTS = "events.jsonl"
_NEW = ".new"
RunPhase = Literal["applying", "applied", "undoing", "undone", "aborted", "abandoned"]

_PHASES: Mapping[str, RunPhase] = {
    "plan": "applying",
    "done": "applied",
    "undo": "undoing",
    "kept": "applied",
    "undone": "undone",
    "aborted": "aborted",
    "abandoned": "abandoned",
}
_OF_ENTRY = "entry"
"""The event that something of one entry is about to be done, or was."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What was registered before anything was done."""

    id: str
    step: str
    digest: str
    at: str
    lines: tuple[str, ...]
    entries: tuple[Entry, ...]
    made: tuple[str, ...]
    """Folders that were missing, outer ones first."""
    leads: tuple[tuple[str, str], ...]
    """Where the files and folders led as the plan names them."""
    findings: tuple[Finding, ...]


@dataclass
class Journal:
    file: Path
    intent: Intent
    phase: RunPhase = "applying"
    notes: dict[int, dict[str, object]] = field(default_factory=dict)
    """By entry: what was noted of it."""
    documents: tuple[str, ...] = ()
    """Ids of what was signed."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """The copies, while they are at hand."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.intent.entries

    @property
    def at(self) -> str:
        return self.intent.at

    @property
    def made(self) -> tuple[str, ...]:
        return self.intent.made

    @property
    def is_applied(self) -> bool:
        return self.phase == "applied"

    @property
    def copies(self) -> Path:
        return self.file.parent

    @property
    def network(self) -> str:
        """The folder of the state in which it is."""
        return self.copies.parents[1].name

    @property
    def order(self) -> tuple[str, int]:
        """By which the runs of all networks of a state are in the order of time."""
        return self.intent.at, _number(self.copies.name)

    @property
    def places(self) -> frozenset[Path]:
        """Where it writes, and what it renames: what can be undone."""
        return frozenset(Path(place) for entry in self.entries if not entry.lasts for place in entry.places)

    def copy(self, index: int, side: Side) -> bytes:
        """The kept content of an entry. Raises Refusal (``journal-damaged``) where it is not what was kept."""
        if at_hand := self.contents.get(f"{index}.{side}"):
            return at_hand
        with Folder(self.copies) as folder:
            kept = folder.look(f"{index}.{side}")
        if kept is None or digest_of(kept.content) != getattr(self.entries[index], side):
            raise self.damaged(f"{index}.{side} is not the content that was kept")
        return kept.content

    def holds(self, index: int, side: Side, content: bytes | None) -> bool:
        """Whether ``content``, None where there is no file, is that of an entry on this side."""
        at_hand = self.contents.get(f"{index}.{side}")
        if at_hand is not None:
            return content == at_hand
        kept: str | None = getattr(self.entries[index], side)
        return kept == (None if content is None else digest_of(content))

    def noted(self, index: int) -> Mapping[str, object]:
        """What was noted of an entry so far."""
        return self.notes.get(index, {})

    def note_of(self, index: int, **more: object) -> None:
        """Write something of one entry down, synced, before it is acted upon."""
        self.note(_OF_ENTRY, entry=index, **more)

    def note(self, event: str, **more: object) -> None:
        """Write one event down, synced, before it is acted upon."""
        _append(self.file, {"event": event, **more})
        self._take(event, more)

    def damaged(self, what: str) -> Refusal:
        return damaged(self.copies, what)

    def _take(self, event: str, more: Mapping[str, object]) -> None:
        self.phase = _PHASES.get(event, self.phase)
        if event == _OF_ENTRY:
            index = cast(int, more["entry"])
            self.entries[index]
            self.notes.setdefault(index, {}).update(more)
        elif event == "done":
            self.documents = tuple(cast(list[str], more["documents"]))


def register(state: Folder, intent: Intent, copies: Mapping[str, bytes]) -> Journal:
    """Keep the copies and write the intent down, all synced. Raises Refusal and leaves nothing."""
    state.make_folder("journal")
    with Folder(state.path / "journal") as folder:
        _sweep(folder)
        name = f"{_last(folder) + 1:04d}-{intent.id}"
        temp = f".{name}{_NEW}"
        line = _line({"event": "plan", "v": _VERSION, **_render(intent)})
        try:
            _fill(folder, temp, {**copies, _EVENTS: line})
            folder.rename(temp, name)
            folder.sync()
        except BaseException:
            if folder.has(name):
                folder.rename(name, temp)
            _discard(folder, temp)
            raise
    return Journal(folder.path / name / _EVENTS, intent, contents=copies)


def journals(state: Path) -> tuple[Journal, ...]:
    """Every journal of a state that can be read, oldest first."""
    return tuple(found for found in _look(state) if isinstance(found, Journal))


def unreadable(state: Path) -> tuple[Finding, ...]:
    """What cannot be read among the journals of a state (``journal-damaged``, ``state-newer``, as ``told``)."""
    return tuple(found for found in _look(state) if not isinstance(found, Journal))


def _look(state: Path) -> Iterator[Journal | Finding]:
    path = state / "journal"
    try:
        with told(path):
            try:
                names = [name for name in os.listdir(path) if not name.startswith(".")]
            except FileNotFoundError:
                return
    except Refusal as refusal:
        yield from refusal.findings
        return
    for name in sorted(names, key=lambda name: (_number(name), name)):
        try:
            yield _read(path / name)
        except Refusal as refusal:
            yield from refusal.findings


def damaged(folder: Path, what: str) -> Refusal:
    """``folder`` is the one of a run."""
    aside = folder.parents[1] / f"{folder.name}.damaged"
    return Refusal(
        error(
            "journal-damaged",
            folder,
            f"{folder} is damaged: {what}. {_holdings(folder)}",
            "Put it back from your backup; or take out of it what you still need, then set it aside: "
            f"`mv {shlex.quote(str(folder))} {shlex.quote(str(aside))}`",
        )
    )


def _holdings(folder: Path) -> str:
    """What is in the folder of a run, for people."""
    try:
        sizes = [f"{entry.name} ({entry.stat(follow_symlinks=False).st_size} bytes)" for entry in os.scandir(folder)]
    except OSError:
        return "It is not a folder that can be read."
    return f"It holds {', '.join(sorted(sizes))}." if sizes else "It is empty."


def _fill(folder: Folder, name: str, files: Mapping[str, bytes]) -> None:
    folder.make_folder(name)
    with Folder(folder.path / name) as inner:
        for file, content in files.items():
            inner.make_file(file, content, 0o600)
        inner.sync()


def _sweep(folder: Folder) -> None:
    """Remove what is left of a run that died before its journal had its name: it has done nothing."""
    with told(folder.path):
        names = os.listdir(folder.fd)
    for name in names:
        if name.startswith(".") and name.endswith(_NEW):
            _discard(folder, name)


def _discard(folder: Folder, name: str) -> None:
    if not folder.has(name):
        return
    with Folder(folder.path / name) as inner, told(inner.path):
        for copy in os.listdir(inner.fd):
            inner.remove(copy)
        os.rmdir(name, dir_fd=folder.fd)


def _last(folder: Folder) -> int:
    with told(folder.path):
        return max((_number(name) for name in os.listdir(folder.fd)), default=0)


def _number(name: str) -> int:
    head = name.partition("-")[0]
    return int(head) if head.isascii() and head.isdigit() else 0


def _render(intent: Intent) -> dict[str, object]:
    return {
        "id": intent.id,
        "step": intent.step,
        "digest": intent.digest,
        "at": intent.at,
        "lines": intent.lines,
        "entries": [
            {"do": entry.word, **{one.name: getattr(entry, one.name) for one in fields(entry)}}  # type: ignore[arg-type]
            for entry in intent.entries
        ],
        "made": intent.made,
        "leads": intent.leads,
        "findings": [finding.as_json() for finding in intent.findings],
    }


def _read(folder: Path) -> Journal:
    with told(folder):
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            raise damaged(folder, "expected the folder of a run")
    with Folder(folder) as opened:
        seen = opened.look(_EVENTS)
    if seen is None or not seen.content:
        raise damaged(folder, f"{_EVENTS} is {'missing' if seen is None else 'empty'}, expected the events of a run")
    events = list(_events(seen.content))
    try:
        first = events[0]
        version = first.get("v")
        if type(version) is int and version > _VERSION:
            what = f"has version {version}, newer than this quorate understands ({_VERSION})"
            raise Refusal(newer(folder / _EVENTS, what))
        if first["event"] != "plan" or first["v"] != _VERSION:
            raise damaged(folder, f"{_EVENTS} does not begin with a plan of version {_VERSION}")
        journal = Journal(folder / _EVENTS, _parse(first))
        for event in events[1:]:
            journal._take(cast(str, event["event"]), event)
    except (LookupError, TypeError, AttributeError, ValueError) as problem:
        said = f"expected the events of a run in {_EVENTS}, found {type(problem).__name__}"
        raise damaged(folder, said) from None
    return journal


def _events(content: bytes) -> Iterator[Mapping[str, object]]:
    """The events; a line that was cut off by a crash was not acted upon and does not count."""
    for line in content.split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def _parse(event: Mapping[str, object]) -> Intent:
    listed = [text for name in ("lines", "made") for text in cast(list[object], event[name])]
    if not all(isinstance(text, str) for text in (*(event[name] for name in ("id", "step", "digest", "at")), *listed)):
        raise TypeError
    return Intent(
        id=cast(str, event["id"]),
        step=cast(str, event["step"]),
        digest=cast(str, event["digest"]),
        at=cast(str, event["at"]),
        lines=tuple(cast(list[str], event["lines"])),
        entries=tuple(_entry(dict(entry)) for entry in cast(list[dict[str, object]], event["entries"])),
        made=tuple(cast(list[str], event["made"])),
        leads=tuple((path, real) for path, real in cast(list[list[str]], event["leads"])),
        findings=tuple(_finding(finding) for finding in cast(list[dict[str, str]], event["findings"])),
    )


def _entry(value: dict[str, object]) -> Entry:
    """Raises LookupError, TypeError, ValueError for one that quorate has not written."""
    shape = ENTRIES[cast(str, value.pop("do"))]
    for name, kind in _fields(shape):
        if not isinstance(value[name], kind):
            raise TypeError
    return shape(**value)


@cache
def _fields(shape: type[Entry]) -> tuple[tuple[str, Any], ...]:
    """What an entry consists of, by name, and what ``isinstance`` is to find there."""
    hints = get_type_hints(shape)
    kinds = ((one.name, hints[one.name]) for one in fields(shape))  # type: ignore[arg-type]
    return tuple((name, str if get_origin(kind) is Literal else kind) for name, kind in kinds)


def _finding(value: dict[str, str]) -> Finding:
    severity = Severity[value["severity"].upper()]
    return Finding(value["code"], severity, value["subject"], value["message"], value["fix"])


def _line(event: Mapping[str, object]) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode("ascii") + b"\n"


def _append(path: Path, event: Mapping[str, object]) -> None:
    with told(path):
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            size = os.fstat(fd).st_size
            torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            rest = memoryview((b"\n" if torn else b"") + _line(event))
            while rest:
                rest = rest[os.write(fd, rest) :]
            os.fsync(fd)
        finally:
            os.close(fd)
