"""The journal of one run: what it is about to do, written down before it is done, one fsynced JSON line per event.

``journal/0007-3fa2b1c94d5e6f70.jsonl`` holds the events, the folder of that name the copies: ``2.before`` and
``2.after`` are the contents of the third entry's file. Nothing of a key is ever in either.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, cast

from ..finding import Finding, Refusal, Severity, error
from ..local import newer
from ..plan import DocumentKind
from .folder import Folder
from .trouble import told

_VERSION = 1
Phase = Literal["applying", "applied", "undoing", "undone", "aborted", "abandoned"]

_PHASES: Mapping[str, Phase] = {
    "plan": "applying",
    "done": "applied",
    "undo": "undoing",
    "kept": "applied",
    "undone": "undone",
    "aborted": "aborted",
    "abandoned": "abandoned",
}


@dataclass(frozen=True, slots=True)
class Write:
    """A file and its two contents, by their SHA-256; ``before`` is None where there was none."""

    path: str
    """Its real place: no link on the way."""
    temp: str
    """Where its new content waits, on the same file system."""
    before: str | None
    after: str
    mode: int
    """Of a new file."""


@dataclass(frozen=True, slots=True)
class Move:
    path: str
    to: str
    only_stopped: bool
    device: int
    inode: int
    """What is moved is recognised by these two, wherever it stands."""
    temp: str = ""
    """Where the new folder is made whole and, for a moment, the old one is; empty where no new one is made."""


@dataclass(frozen=True, slots=True)
class Secret:
    path: str
    kind: Literal["validator", "node"]


@dataclass(frozen=True, slots=True)
class Signing:
    kind: DocumentKind
    home: str
    body: str
    key: str
    """The node key file: its real place."""


Entry = Write | Move | Secret | Signing
_ENTRIES: Mapping[str, type[Write] | type[Move] | type[Secret] | type[Signing]] = {
    "write": Write,
    "move": Move,
    "secret": Secret,
    "sign": Signing,
}


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
    phase: Phase = "applying"
    payloads: dict[int, str] = field(default_factory=dict)
    """By entry: the payload that was about to be signed."""
    signed: set[int] = field(default_factory=set)
    """Entries whose payload was signed: the signature may have been kept, or not any more."""
    started: set[int] = field(default_factory=set)
    """Secrets that were about to be made."""
    documents: tuple[str, ...] = ()
    """Ids of what was signed."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """The copies, while they are at hand."""

    @property
    def copies(self) -> Path:
        return self.file.with_suffix("")

    def copy(self, index: int, side: Literal["before", "after"]) -> bytes:
        """The kept content of an entry. Raises Refusal (``journal-damaged``) where it is not what was kept."""
        entry = self.intent.entries[index]
        assert isinstance(entry, Write)
        if at_hand := self.contents.get(f"{index}.{side}"):
            return at_hand
        with Folder(self.copies) as folder:
            kept = folder.look(f"{index}.{side}")
        if kept is None or digest_of(kept.content) != getattr(entry, side):
            raise damaged(self.copies / f"{index}.{side}", "it is not the content that was kept")
        return kept.content

    def holds(self, index: int, side: Literal["before", "after"], content: bytes | None) -> bool:
        """Whether ``content``, None where there is no file, is that of an entry on this side."""
        at_hand = self.contents.get(f"{index}.{side}")
        if at_hand is not None:
            return content == at_hand
        kept: str | None = getattr(self.intent.entries[index], side)
        return kept == (None if content is None else digest_of(content))

    def note(self, event: str, **more: object) -> None:
        """Write one event down, synced, before it is acted upon."""
        _append(self.file, {"event": event, **more})
        self._take(event, more)

    def _take(self, event: str, more: Mapping[str, object]) -> None:
        self.phase = _PHASES.get(event, self.phase)
        if event == "sign":
            self.payloads[cast(int, more["entry"])] = cast(str, more["payload"])
        elif event == "signed":
            self.signed.add(cast(int, more["entry"]))
        elif event == "secret":
            self.started.add(cast(int, more["entry"]))
        elif event == "done":
            self.documents = tuple(cast(list[str], more["documents"]))


def register(state: Folder, intent: Intent, copies: Mapping[str, bytes]) -> Journal:
    """Keep the copies and write the intent down, all synced. Raises Refusal and leaves nothing."""
    state.make_folder("journal")
    with Folder(state.path / "journal") as folder:
        _sweep(folder)
        name = f"{_last(folder) + 1:04d}-{intent.id}"
        journal = Journal(folder.path / f"{name}.jsonl", intent, contents=copies)
        try:
            if copies:
                _keep(folder, name, copies)
            line = _line({"event": "plan", "v": _VERSION, **_render(intent)})
            folder.make_file(f"{name}.jsonl", line, 0o600)
            folder.sync()
        except BaseException:
            folder.remove(f"{name}.jsonl")
            _discard(folder, name)
            raise
    return journal


def journals(state: Path) -> tuple[Journal, ...]:
    """Every journal of a state, oldest first. Raises Refusal (``journal-damaged``, ``state-newer``)."""
    path = state / "journal"
    with told(path):
        try:
            names = sorted(name for name in os.listdir(path) if name.endswith(".jsonl"))
        except FileNotFoundError:
            return ()
    with Folder(path) as folder:
        kept = ((name, _kept(folder, name)) for name in sorted(names, key=_number))
        return tuple(_read(path / name, content) for name, content in kept if content)


def damaged(path: Path, what: str) -> Refusal:
    return Refusal(
        error(
            "journal-damaged",
            path,
            f"{path} is damaged: {what}",
            f"Put a copy of it back from your backup, or set it aside: mv '{path}' '{path}.damaged'",
        )
    )


def _keep(folder: Folder, name: str, copies: Mapping[str, bytes]) -> None:
    folder.make_folder(name)
    with Folder(folder.path / name) as inner:
        for copy, content in copies.items():
            inner.make_file(copy, content, 0o600)
        inner.sync()


def _sweep(folder: Folder) -> None:
    """Remove the copies of a run that died before it wrote its intent down: it has done nothing."""
    with told(folder.path):
        names = set(os.listdir(folder.fd))
    for torn in [name for name in names if name.endswith(".jsonl") and not _kept(folder, name)]:
        folder.remove(torn)
        names.discard(torn)
    for name in names:
        if not name.endswith(".jsonl") and f"{name}.jsonl" not in names:
            _discard(folder, name)


def _kept(folder: Folder, name: str) -> bytes:
    """The events; empty where not even the intent was written down to its end: then nothing was done."""
    kept = folder.look(name)
    return kept.content if kept and b"\n" in kept.content else b""


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
    names = {shape: name for name, shape in _ENTRIES.items()}
    return {
        "id": intent.id,
        "step": intent.step,
        "digest": intent.digest,
        "at": intent.at,
        "lines": intent.lines,
        "entries": [
            {"do": names[type(entry)], **{one.name: getattr(entry, one.name) for one in fields(entry)}}
            for entry in intent.entries
        ],
        "made": intent.made,
        "leads": intent.leads,
        "findings": [finding.as_json() for finding in intent.findings],
    }


def _read(path: Path, content: bytes) -> Journal:
    events = list(_events(content))
    try:
        first = events[0]
        version = first.get("v")
        if type(version) is int and version > _VERSION:
            raise Refusal(newer(path, f"has version {version}, newer than this quorate understands ({_VERSION})"))
        if first["event"] != "plan" or first["v"] != _VERSION:
            raise damaged(path, f"expected a plan of version {_VERSION} at its beginning")
        journal = Journal(path, _parse(first))
        for event in events[1:]:
            journal._take(cast(str, event["event"]), event)
    except (LookupError, TypeError, AttributeError, ValueError) as problem:
        raise damaged(path, f"expected the events of a run, found {type(problem).__name__}") from None
    return journal


def _events(content: bytes) -> Iterator[Mapping[str, object]]:
    """The events; a line that was cut off by a crash was not acted upon and does not count."""
    for line in content.split(b"\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _parse(event: Mapping[str, object]) -> Intent:
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
    shape = _ENTRIES[cast(str, value.pop("do"))]
    return shape(**value)  # type: ignore[arg-type]


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
