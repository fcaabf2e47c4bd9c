"""quorate's own folder for one network: ``STATE/<network>/`` (0700; files 0600). Never a secret in it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .apply.folder import Folder
from .apply.lock import Lock
from .finding import Finding, Refusal, error
from .local import Decision, Local, Role, Verdict, damaged, newer, parse_local, render_local

if TYPE_CHECKING:
    from .documents.document import Document, Status

__all__ = ["OF_HOMES", "Decision", "Local", "Role", "State", "Verdict", "no_state", "require_name"]


OF_HOMES = ".homes"
"""The folder of no network."""


class State:
    """Opened for one network. Reading never locks; every writing method holds the lock only while it writes."""

    def __init__(self, root: Path, network: str) -> None:
        self.root = root
        self.network = network
        self._lock = Lock(self.folder)
        self._local: tuple[bytes, Local] | None = None
        self._documents: tuple[bytes | None, tuple[Document, ...]] = (None, ())

    @staticmethod
    def root_of(environ: Mapping[str, str], option: str | None = None) -> Path:
        """``--state DIR``, else ``QUORATE_STATE``, else the platform's folder for state; absolute."""
        chosen = option or environ.get("QUORATE_STATE")
        if chosen:
            return Path(os.path.abspath(os.path.expanduser(chosen)))
        from platformdirs import user_state_dir

        return Path(user_state_dir("quorate", appauthor=False))

    @classmethod
    def networks(cls, root: Path) -> tuple[str, ...]:
        """The networks that have a folder below ``root``, sorted; none where there is no ``root``.

        Raises Refusal (``state-unreadable``, also where ``root`` is no folder).
        """
        try:
            with os.scandir(root) as entries:
                return tuple(
                    sorted(e.name for e in entries if _NAME.fullmatch(e.name) and e.is_dir(follow_symlinks=False))
                )
        except FileNotFoundError:
            return ()
        except NotADirectoryError as problem:
            raise _no_folder(root) from problem
        except OSError as problem:
            raise _unreadable(root, problem) from problem

    @classmethod
    def open(cls, root: Path, network: str) -> State:
        """Raises Refusal (``state-unreadable``, ``state-damaged``, ``state-newer``, ``network-name``).

        Writes nothing until something is saved.
        """
        require_name(network)
        state = cls(Path(os.path.realpath(root)), network)
        state.local  # noqa: B018  (read now, so that damage is known before anything else happens)
        return state

    @classmethod
    def of_homes(cls, root: Path) -> State:
        """The one for work on homes that belong to no network yet: it has a journal, and nothing else."""
        return cls(Path(os.path.realpath(root)), OF_HOMES)

    def beside(self) -> tuple[State, ...]:
        """All states below the same root, this one included. Raises Refusal (``state-unreadable``)."""
        names = dict.fromkeys((self.network, *self.networks(self.root), OF_HOMES))
        return tuple(self if name == self.network else State(self.root, name) for name in names)

    @property
    def folder(self) -> Path:
        return self.root / self.network

    @property
    def local(self) -> Local:
        """As it stands on the disk now. Raises Refusal as ``open``."""
        content = _read(self.folder / "local.json")
        if content is None:
            return Local()
        if self._local is None or self._local[0] != content:
            self._local = (content, parse_local(content, self.folder / "local.json"))
        return self._local[1]

    def save(self, local: Local) -> None:
        """Replace ``local.json`` atomically. Raises Refusal (``state-locked``, ``state-unwritable``)."""
        content = render_local(local)
        with self._writing() as folder:
            folder.replace("local.json", _temp(), content, 0o600)
        self._local = (content, local)

    def documents(self) -> tuple[Document, ...]:
        """All documents of ``documents.txt``, signatures of equal ids merged, in the order in which they came.

        Every signature is checked, unless the content is the one that was checked last. A file without a document,
        or with anything but documents, is damaged: ``add`` writes none such.
        Raises Refusal (``state-unreadable``, ``state-damaged``, ``state-newer``).
        """
        path = self.folder / "documents.txt"
        content = _read(path)
        if content is None:
            self._documents = (None, ())
        elif content != self._documents[0]:
            self._documents = (content, _parse_documents(content, path))
        return self._documents[1]

    def add(self, documents: tuple[Document, ...]) -> tuple[tuple[Document, Status], ...]:
        """Keep what is not there yet (new document or new signature), fsynced. Raises Refusal as ``save``.

        The status is ``new`` where something was kept, else ``known``; the document is the merged one.
        """
        from .documents.armour import armour

        with self._writing() as folder:
            held = {document.id: document for document in self.documents()}
            outcome: list[tuple[Document, Status]] = []
            more: list[str] = []
            for document in documents:
                old = held.get(document.id)
                missing = (
                    document if old is None else replace(document, signatures=document.signatures - old.signatures)
                )
                if old is not None and not missing.signatures:
                    outcome.append((old, "known"))
                    continue
                held[document.id] = document if old is None else old.with_signatures(document.signatures)
                outcome.append((held[document.id], "new"))
                more.append(armour(missing))
            if more:
                content = (self._documents[0] or b"") + "".join(f"{text.rstrip()}\n\n" for text in more).encode()
                folder.replace("documents.txt", _temp(), content, 0o600)
                self._documents = (content, tuple(held.values()))
        return tuple(outcome)

    @contextmanager
    def hold(self, doing: str) -> Iterator[Folder]:
        """Hold the lock for a whole run; ``save`` and ``add`` of this State go on meanwhile.

        Yields the state's folder. Raises Refusal (``state-locked``, also where this State holds it; as ``save``).
        """
        with self._lock.held(doing), _opened(self.folder) as folder:
            yield folder

    def holder(self) -> str:
        """Who holds the lock now, for people; empty where nobody does. Raises Refusal (``state-unreadable``)."""
        return self._lock.holder()

    @property
    def is_held(self) -> bool:
        """Whether this very object holds the lock."""
        return self._lock.mine

    @contextmanager
    def _writing(self) -> Iterator[Folder]:
        if self._lock.mine:
            with _opened(self.folder) as folder:
                yield folder
            return
        with self._lock.held("saving", patience=2.0), _opened(self.folder) as folder:
            yield folder


def require_name(network: str) -> None:
    """Raises Refusal (``network-name``) for what can not be a network's name."""
    if not _NAME.fullmatch(network):
        message = f"the network is called {network!r}, expected 1 to 20 of a-z, 0-9 and -"
        raise Refusal(error("network-name", network, message, "Choose a name of small letters, digits and hyphens."))


def no_state(where: object) -> Finding:
    return error(
        "state-none",
        where,
        "no network is known here yet",
        "Begin with: quorate home --network NAME --role member --home DIR    (or see it all first: quorate demo)",
    )


_NAME = re.compile(r"[a-z0-9-]{1,20}")
_PIECE = 8 << 20


@contextmanager
def _opened(path: Path) -> Iterator[Folder]:
    with Folder(path) as folder:
        folder.refuse_unsafe()
        yield folder


def _temp() -> str:
    return f".quorate-{os.getpid()}-{secrets.token_hex(4)}.tmp"


def _read(path: Path) -> bytes | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    try:
        with os.fdopen(fd, "rb") as file:
            return file.read()
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _parse_documents(content: bytes, path: Path) -> tuple[Document, ...]:
    from .documents.armour import find
    from .documents.bulk import many_values
    from .documents.read import read_all

    merged: dict[str, Document] = {}
    for piece in _pieces(content.decode("utf-8", "replace")):
        armours = find(piece)
        with many_values():
            read = read_all(armours)
        for one in read:
            if one.document is None:
                raise _damaged(path, one.status or "damaged", one.findings)
            known = merged.get(one.document.id)
            signatures = one.document.signatures
            merged[one.document.id] = one.document if known is None else known.with_signatures(signatures)
        if strange := _beside(piece, [(armour.start, armour.end) for armour in armours]):
            what = f"it holds {strange[:40]!r} outside of its documents"
            raise Refusal(damaged(path, f"{what}, expected nothing but documents", _aside(path)))
    if not merged:
        what = f"it has {len(content)} bytes and holds no document, expected at least one"
        aside = f"set it aside (mv '{path}' '{path}.damaged') and import all again"
        fix = f"Put a copy of it back from your backup, or {aside}: others hold what you signed."
        raise Refusal(damaged(path, what, fix))
    return tuple(merged.values())


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


def _damaged(path: Path, status: str, findings: tuple[Finding, ...]) -> Refusal:
    if status == "newer":
        return Refusal(newer(path, "holds a document that is newer than this quorate understands"), *findings)
    return Refusal(damaged(path, f"it holds a {status} document, expected only good ones", _aside(path)), *findings)


def _aside(path: Path) -> str:
    return (
        f"Put a copy of it back from your backup, or set it aside (mv '{path}' '{path}.damaged') and import that file, "
        "for what is good in it is kept, and what the others sent."
    )


def _no_folder(root: Path) -> Refusal:
    message = f"{root} is no folder, expected the folder of quorate's state"
    fix = "Name a folder, or one that is to be made: --state DIR (or the variable QUORATE_STATE)."
    return Refusal(error("state-unreadable", root, message, fix))


def _unreadable(path: Path, problem: OSError) -> Refusal:
    return Refusal(
        error(
            "state-unreadable",
            path,
            f"{path}: {problem.strerror}",
            "Run as the owner of the state, or name another one with --state DIR.",
        )
    )
