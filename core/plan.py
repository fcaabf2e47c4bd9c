"""What would change, before anything does: a Plan and its Changes. Values only; ``core.apply`` carries them out."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .documents.kinds import KINDS, sentences
from .finding import Finding, has_error
from .safe import safe


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Replace or make one file, whole. Folders that are missing above it are made with mode 0700."""

    path: Path
    before: bytes | None
    """What stands there now; None where nothing does. ``apply`` refuses when the disk says otherwise."""
    after: bytes
    reason: str
    mode: int | None = None
    """Mode of a new file (None: 0644). A replaced file keeps its mode and owner."""
    real: Path | None = None
    """Where ``path`` leads, if that is another place: a link is on the way, or at its end. ``apply`` refuses any
    other; so it does for each ``real`` below. :mod:`core.real_place` fills them in."""


@dataclass(frozen=True, slots=True)
class MoveAside:
    """Rename ``path`` to ``to``, which must not exist. Nothing is deleted."""

    path: Path
    to: Path
    reason: str
    only_stopped: bool = False
    """``apply`` looks again that no running node holds a database lock below ``path``."""
    real: Path | None = None
    """Where what is renamed really is, if a link is on the way to it."""
    real_to: Path | None = None
    link: Path | None = None
    """What ``path`` leads to, if it is a link itself: the link is renamed, and what it leads to stays."""


@dataclass(frozen=True, slots=True)
class CreateSecret:
    """Have the key process make one key file (O_EXCL, 0600). The plan knows its path and purpose, never its content."""

    path: Path
    purpose: str
    """For people: "the validator key of this node"."""
    kind: Literal["validator", "node"]
    real: Path | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """Have the key process sign one document with the node key of ``home``, and keep it in the state.

    ``body`` is the payload in canonical JSON. Cards, acceptances and attestations carry a ``serial``, which is not in
    the body: it is set to the second of signing, and so two previews of the same content have the same digest.
    """

    kind: str
    """A name in ``core.documents.kinds``."""
    body: bytes
    home: Path
    reason: str
    key: Path | None = None
    """The real place of the node key file, if it is not ``config/node_key.json`` of ``home``."""


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove a file that an earlier run made. Only the end of a run has it; the journal keeps a copy."""

    path: Path
    before: bytes
    """What is there now."""
    reason: str


@dataclass(frozen=True, slots=True)
class BringBack:
    """Rename ``path``, which an earlier run set aside, back to ``to``. Only the end of a run has it."""

    path: Path
    to: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Something that an earlier run made or changed, and that stays as it is. Only the end of a run has it."""

    what: str
    """For people: "the signed card"."""
    path: Path
    """The file, or the home of what is no file."""
    reason: str
    content: str = ""
    """SHA-256 of what is there, where the person decides by it."""


Change = WriteFile | MoveAside | CreateSecret | Sign | RemoveFile | BringBack | Keep
"""Steps plan the first four, and ``apply`` carries them out. The end of a run has the others too."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes in the order in which they are made, and what would still be so once they are."""

    step: str
    """Id of the step that made it."""
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    restarts: tuple[str, ...] = ()
    """What is to be done then, by whoever runs the node, for the changes to take effect, and why; one sentence each."""
    next: str = ""
    """A command that goes on where the step itself has nothing to change, and yet waits for something."""
    ends: str = ""
    """Only where it ends an earlier run: how, and which (``undo 3fa2b1c94d5e6f70``)."""

    @property
    def is_empty(self) -> bool:
        """Return True if carrying it out would change nothing."""
        return all(isinstance(change, Keep) for change in self.changes)

    @property
    def is_safe(self) -> bool:
        return not has_error(self.findings)

    @property
    def digest(self) -> str:
        """128 bits in hex that name exactly these changes, so that a preview can be approved elsewhere."""
        what = [self.step, self.ends] if self.ends else [self.step]
        whole = json.dumps([*what, *(_canonical(change) for change in self.changes)], separators=(",", ":"))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _canonical(change: Change) -> list[object]:
    match change:
        case WriteFile():
            before = None if change.before is None else hashlib.sha256(change.before).hexdigest()
            after = hashlib.sha256(change.after).hexdigest()
            return ["write", str(change.path), before, after, change.mode, _text(change.real)]
        case MoveAside():
            places = map(_text, (change.path, change.to, change.real, change.real_to, change.link))
            return ["move", *places, change.only_stopped]
        case CreateSecret():
            return ["secret", str(change.path), change.kind, _text(change.real)]
        case Sign():
            body = hashlib.sha256(change.body).hexdigest()
            return ["sign", change.kind, str(change.home), body, _text(change.key)]
        case RemoveFile():
            return ["remove", str(change.path), hashlib.sha256(change.before).hexdigest()]
        case BringBack():
            return ["back", str(change.path), str(change.to)]
        case Keep():
            return ["keep", change.what, str(change.path), change.reason, change.content]


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def describe(change: Change) -> str:
    """One line for people."""
    match change:
        case WriteFile():
            verb = "make" if change.before is None else "edit"
            return f"{verb} {safe(change.path)}{_leads(change.real)}: {safe(change.reason)}"
        case MoveAside():
            to = f"{safe(change.to.name)}{_leads(change.real_to)}"
            return f"set aside {safe(change.path)}{_leads(change.real)} as {to}: {safe(change.reason)}{_kept(change)}"
        case CreateSecret():
            return f"make {safe(change.path)}{_leads(change.real)}: {safe(change.purpose)}"
        case Sign():
            article = KINDS[change.kind].article
            key = "" if change.key is None else f", {safe(change.key)}"
            return f"sign {article} {change.kind} with the node key of {safe(change.home)}{key}: {safe(change.reason)}"
        case RemoveFile():
            return f"remove {safe(change.path)}: {safe(change.reason)}"
        case BringBack():
            return f"bring back {safe(change.to)} from {safe(change.path.name)}: {safe(change.reason)}"
        case Keep():
            return f"keep {safe(change.what)}: {safe(change.reason)}"


def _leads(real: Path | None) -> str:
    return "" if real is None else f" (leads to {safe(real)})"


def _kept(change: MoveAside) -> str:
    return "" if change.link is None else f"; it is a link, and {safe(change.link)} stays where it is"


def diff(change: Change) -> Iterator[str]:
    """The change as lines of a unified diff, safe to show; a secret never appears in one."""
    match change:
        case WriteFile():
            yield from _real(change.real)
            yield from _unified(str(change.path), change.before, change.after)
        case RemoveFile():
            yield from _unified(str(change.path), change.before, None)
        case Keep():
            return
        case BringBack():
            yield f"rename {safe(change.path)}"
            yield f"    to {safe(change.to)}"
        case MoveAside():
            yield f"rename {safe(change.path)}"
            yield from _real(change.real)
            yield f"    to {safe(change.to)}"
            yield from _real(change.real_to)
            if change.link is not None:
                yield f"  link {safe(change.link)} stays where it is"
        case CreateSecret():
            yield from _real(change.real)
            yield f"+++ {safe(change.path)} (mode 0600, content never shown)"
        case Sign():
            if change.key is not None:
                yield f"  with {safe(change.key)}"
            payload = json.loads(change.body)
            for said in sentences(change.kind, payload):
                yield f" {safe(said)}"
            yield f"+++ a signed {change.kind}"
            for line in json.dumps(payload, indent=2, sort_keys=True).splitlines():
                yield "+" + safe(line)
            if KINDS[change.kind].has_serial:
                yield '+and a "serial": the second of signing, or a higher number if the last one was not lower'


def _real(real: Path | None) -> Iterator[str]:
    """The line of a diff's header that says where its path leads."""
    if real is not None:
        yield f" leads {safe(real)}"


def _unified(name: str, before: bytes | None, after: bytes | None) -> Iterator[str]:
    old, new = ((side or b"").decode("utf-8", "replace").splitlines() for side in (before, after))
    old_name, new_name = ("/dev/null" if side is None else safe(name) for side in (before, after))
    for line in difflib.unified_diff(old, new, old_name, new_name, lineterm=""):
        yield safe(line)
