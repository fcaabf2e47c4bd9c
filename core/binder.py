"""One file of signed documents in armour, which can be imported as it is."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .disk.folder import Folder
from .finding import Finding, Refusal
from .local import damaged, newer, unreadable
from .version import __version__

if TYPE_CHECKING:
    from .documents.document import Document, Status

_PIECE = 8 << 20


class Binder:
    """Every signature is checked, unless the content is one that was checked before, by this process or an earlier one.

    ``NAME.verified`` beside the file holds the SHA-256 of content whose signatures and keys are all valid, and the
    version of quorate that checked them; it does not count for other content or another version.
    A file without a document, or with anything but documents, is damaged: ``add`` writes none such.
    """

    def __init__(self, path: Path, restored: str) -> None:
        """``restored``: what a person does to fill the file again, once a damaged one is set aside."""
        self.path = path
        self._restored = restored
        self._note = path.with_name(f"{path.name}.verified")
        self._seen: tuple[bytes | None, dict[str, Document]] = (None, {})
        self._is_noted = True
        """Whether the signatures in the content, and the keys that its cards name, are known to be valid."""

    def read(self) -> dict[str, Document]:
        """By id, signatures of equal ids merged, in the order in which they came.

        Raises Refusal (``state-unreadable``, ``state-damaged``, ``state-newer``).
        """
        content = read_file(self.path)
        if content is None:
            self._seen, self._is_noted = (None, {}), True
        elif content != self._seen[0]:
            self._is_noted = read_file(self._note) == _note(content)
            self._seen = (content, self._parse(content))
        return self._seen[1]

    def add(self, folder: Folder, temp: str, documents: Iterable[Document]) -> tuple[tuple[Document, Status], ...]:
        """Keep what is not there yet (new document or new signature), fsynced; ``folder`` is held under the lock.

        The status is ``new`` where something was kept, else ``known``; the document is the merged one.
        """
        from .documents.armour import armour

        held = dict(self.read())
        outcome: list[tuple[Document, Status]] = []
        more: list[str] = []
        unnoted = [] if self._is_noted else list(held.values())
        for document in documents:
            old = held.get(document.id)
            missing = document if old is None else replace(document, signatures=document.signatures - old.signatures)
            if old is not None and not missing.signatures:
                outcome.append((old, "known"))
                continue
            held[document.id] = document if old is None else old.with_signatures(document.signatures)
            outcome.append((held[document.id], "new"))
            more.append(armour(missing))
            unnoted.append(document)
        if more:
            content = (self._seen[0] or b"") + "".join(f"{text.rstrip()}\n\n" for text in more).encode()
            folder.replace(self.path.name, temp, content, 0o600)
            self._seen, self._is_noted = (content, held), all(map(_is_good, unnoted))
            if self._is_noted:
                # The documents are kept. Without its note the next reader checks them once more.
                with suppress(Refusal):
                    folder.replace(self._note.name, temp, _note(content), 0o600)
        return tuple(outcome)

    def _parse(self, content: bytes) -> dict[str, Document]:
        from .documents.armour import find
        from .documents.bulk import many_values
        from .documents.document import merge
        from .documents.read import read_again, read_all

        text = content.decode("utf-8", "replace")
        if self._is_noted:
            with many_values():
                return merge(read_again(one) for piece in _pieces(text) for one in find(piece))
        merged: dict[str, Document] = {}
        for piece in _pieces(text):
            armours = find(piece)
            with many_values():
                read = read_all(armours)
            for one in read:
                if one.document is None:
                    raise self._damaged(one.status or "damaged", one.findings)
                known = merged.get(one.document.id)
                signatures = one.document.signatures
                merged[one.document.id] = one.document if known is None else known.with_signatures(signatures)
            if strange := _beside(piece, [(armour.start, armour.end) for armour in armours]):
                what = f"it holds {strange[:40]!r} outside of its documents, expected nothing but documents"
                raise Refusal(damaged(self.path, what, self._fix))
        if not merged:
            what = f"it has {len(content)} bytes and holds no document, expected at least one"
            raise Refusal(damaged(self.path, what, self._fix))
        return merged

    def _damaged(self, status: str, findings: tuple[Finding, ...]) -> Refusal:
        if status == "newer":
            return Refusal(newer(self.path, "holds a document that is newer than this quorate understands"), *findings)
        return Refusal(
            damaged(self.path, f"it holds a {status} document, expected only good ones", self._fix), *findings
        )

    @property
    def _fix(self) -> str:
        path, aside = shlex.quote(str(self.path)), shlex.quote(f"{self.path}.damaged")
        return f"Put a copy of it back from your backup, or set it aside: `mv {path} {aside}`. {self._restored}"


def _note(content: bytes) -> bytes:
    return f"{hashlib.sha256(content).hexdigest()}  quorate {__version__}\n".encode()


def _is_good(document: Document) -> bool:
    """Return True if its signatures and the keys that it names are valid. A repeated check in one process is cheap."""
    from .documents.ed25519 import is_good_point
    from .documents.read import keys_in
    from .documents.sshsig import verify

    signatures = (verify(document.kind, document.payload, one) for one in document.signatures)
    return all(signatures) and all(map(is_good_point, keys_in(document.payload)))


def read_file(path: Path) -> bytes | None:
    """The content, None where nothing is. Raises Refusal (``state-unreadable``)."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise unreadable(path, problem) from problem
    try:
        with os.fdopen(fd, "rb") as file:
            return file.read()
    except OSError as problem:
        raise unreadable(path, problem) from problem


def _beside(text: str, spans: list[tuple[int, int]]) -> str:
    """The first thing that is no document: between them stand the full stops of their last lines, and space."""
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        if strange := text[at:start].removeprefix("." if at else "").strip():
            return strange
        at = end
    return ""


def _pieces(text: str) -> Iterator[str]:
    """The text in parts that the reader takes, cut at the blank lines between documents."""
    piece: list[str] = []
    size = 0
    for block in text.split("\n\n"):
        if piece and size + len(block) > _PIECE:
            yield "\n\n".join(piece)
            piece, size = [], 0
        piece.append(block)
        size += len(block)
    yield "\n\n".join(piece)
