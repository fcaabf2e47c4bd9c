"""quorate's own folder for one network: ``STATE/<network>/`` (0700; files 0600). Never a secret in it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .binder import Binder, read_file
from .disk.folder import Folder
from .disk.lock import Lock
from .disk.passage import refuse_foreign
from .finding import Finding, Refusal, error
from .local import Decision, Local, Role, Verdict, parse_local, render_local, unreadable
from .network_name import EXPECTED, is_network_name

if TYPE_CHECKING:
    from .documents.document import Document, Status
    from .documents.parts import Part

__all__ = ["OF_HOMES", "Decision", "Local", "Role", "State", "Verdict", "no_state", "require_name"]


_MEMORY = "standing.json"
_FOREIGN = "foreign-genesis.json"
_PARTS = "parts.json"
_MOST_OF_PARTS = 1 << 20
OF_HOMES = ".homes"
"""The folder of no network."""


class State:
    """Opened for one network. Reading never locks; every writing method holds the lock only while it writes."""

    patience = 15.0
    """Seconds to wait for whoever holds the lock: enough for dozens of commands at once on a slow machine."""

    def __init__(self, root: Path, network: str) -> None:
        self.root = root
        self.network = network
        self.folder = Path(os.path.realpath(root / network))
        """The network's own: where a link at its place leads, as to a larger disk."""
        self._lock = Lock(self.folder)
        self._local: tuple[bytes, Local] | None = None
        self._was_there = False
        """Then its folder is not made again: one that is gone was renamed or set aside."""
        signed, documents = self.folder / "signed.txt", self.folder / "documents.txt"
        self._signed = Binder(signed, _rebuild(signed))
        self._documents = Binder(documents, _import_again(documents, signed))

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
                return tuple(sorted(e.name for e in entries if is_network_name(e.name) and e.is_dir()))
        except FileNotFoundError:
            return ()
        except NotADirectoryError as problem:
            raise _no_folder(root) from problem
        except OSError as problem:
            raise unreadable(root, problem) from problem

    @classmethod
    def open(cls, root: Path, network: str) -> State:
        """Raises Refusal (``state-unreadable``, ``state-damaged``, ``state-newer``, ``network-name``, ``link-owner``).

        Writes nothing until something is saved.
        """
        require_name(network)
        refuse_foreign(root / network)
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
    def local(self) -> Local:
        """As it is on the disk now. Raises Refusal as ``open``."""
        content = read_file(self.folder / "local.json")
        if content is None:
            self._local = None
            return Local()
        if self._local is None or self._local[0] != content:
            self._local = (content, parse_local(content, self.folder / "local.json"))
            self._was_there = True
        return self._local[1]

    def change(self, change: Callable[[Local], Local]) -> Local:
        """Read ``local.json``, change what it says, and replace it atomically, all under the lock.

        The only way to write it: what others wrote meanwhile is read first, and so it is not lost.
        Raises Refusal (``state-locked``, ``state-unwritable``, ``state-gone``, and as ``open``).
        """
        with self._writing() as folder:
            local = change(self.local)
            content = render_local(local)
            if self._local is None or self._local[0] != content:
                folder.replace("local.json", _temp(), content, 0o600)
            self._local, self._was_there = (content, local), True
        return local

    def fingerprint(self) -> str:
        """Names exactly the documents that are kept now. Raises Refusal (``state-unreadable``)."""
        files = (read_file(self.folder / name) or b"" for name in ("documents.txt", "signed.txt"))
        return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in files)).hexdigest()

    def documents(self) -> tuple[Document, ...]:
        """All documents, signatures of equal ids merged, in the order in which they came.

        Those of ``documents.txt``, and of ``signed.txt`` what is missing there.
        Raises Refusal (``state-unreadable``, ``state-damaged``, ``state-newer``).
        """
        merged = dict(self._documents.read())
        for name, document in self._signed.read().items():
            held = merged.get(name)
            merged[name] = document if held is None else held.with_signatures(document.signatures)
        return tuple(merged.values())

    def add(self, documents: tuple[Document, ...]) -> tuple[tuple[Document, Status], ...]:
        """Keep what is not there yet (new document or new signature), fsynced. Raises Refusal as ``change``.

        The status is ``new`` where something was kept, else ``known``; the document is the merged one.
        """
        with self._writing() as folder:
            return self._documents.add(folder, _temp(), documents)

    def parts(self) -> tuple[Part, ...]:
        """Of texts that came in several messages and are not whole yet; none where they cannot be read."""
        from .documents.parts import parse

        try:
            return parse(json.loads(read_file(self.folder / _PARTS) or b"[]"))
        except (Refusal, ValueError, RecursionError):
            # They can be sent again, and must not keep anything else from being taken in.
            return ()

    def keep_parts(self, parts: Sequence[Part]) -> None:
        """These instead of those before: of more than 1 Mi characters the last. Raises Refusal as ``change``."""
        from .documents.parts import render

        kept: list[Part] = []
        room = _MOST_OF_PARTS
        for one in reversed(parts):
            room -= len(one.text)
            if room < 0:
                break
            kept.insert(0, one)
        if tuple(kept) == self.parts():
            return
        content = (json.dumps(render(kept)) + "\n").encode("ascii")
        with self._writing() as folder:
            folder.replace(_PARTS, _temp(), content, 0o600)

    def keep_genesis(self, content: bytes) -> Path:
        """Keep the genesis.json of a network that was made without quorate. Raises Refusal as ``change``."""
        with self._writing() as folder:
            folder.replace(_FOREIGN, _temp(), content, 0o600)
        return self.folder / _FOREIGN

    def add_signed(self, document: Document) -> Document:
        """Keep what this operator has just signed: first in ``signed.txt``, so that it outlives ``documents.txt``.

        What ``documents.txt`` holds of the same key is kept there too. Returns the merged document.
        Raises Refusal as ``change``.
        """
        keys = {signature.key for signature in document.signatures}
        with self._writing() as folder:
            before = (_signed_by(one, keys) for one in self._documents.read().values())
            self._signed.add(folder, _temp(), (*(one for one in before if one.signatures), document))
            return self._documents.add(folder, _temp(), (document,))[0][0]

    def remembered(self) -> bytes | None:
        """What :meth:`remember` wrote last, in any process; None where that is not known, or not true any more."""
        try:
            return read_file(self.folder / _MEMORY)
        except Refusal:
            return None

    def remember(self, content: bytes) -> None:
        """Keep what a look has found, until a run changes something: a memory, which nothing depends on.

        Waits for nobody, and makes no folder. Raises Refusal (``state-locked``, ``state-unwritable``, ``state-gone``).
        """
        if self.remembered() == content or not self.folder.is_dir():
            return
        with self._lock.held("saving", 0, make=False), _opened(self.folder) as folder:
            folder.replace(_MEMORY, _temp(), content, 0o600)

    def forget(self, folder: Folder) -> None:
        """A run begins, and what was found may not be so any more. ``folder``: as :meth:`hold` yields it."""
        folder.remove(_MEMORY)

    @contextmanager
    def hold(self, doing: str) -> Iterator[Folder]:
        """Hold the lock for a whole run; ``change`` and ``add`` of this State go on meanwhile.

        Yields the state's folder. Raises Refusal (``state-locked``, also where this State holds it; as ``change``).
        """
        with self._lock.held(doing, self.patience, make=not self._was_there), _opened(self.folder) as folder:
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
        with self._lock.held("saving", self.patience, make=not self._was_there), _opened(self.folder) as folder:
            yield folder


def rename_network(root: Path, old: str, new: str) -> None:
    """Raises Refusal: ``network-begun`` where documents or receipts are there already, ``network-taken``."""
    here = root / old
    with Lock(here).held("renaming", patience=2.0, make=False), Folder(root) as folder:
        if any((here / name).exists() for name in ("documents.txt", "signed.txt", "journal")):
            message = (
                f"The network is called {old}, and documents of it are here; expected none for another name, {new}."
            )
            raise Refusal(error("network-begun", "network", message, f"Begin {new} apart: quorate --network {new}"))
        try:
            folder.rename_new(old, new)
        except Refusal as refusal:
            if not folder.has(new):
                raise
            message = f"There is a network {new} here already; expected none of that name."
            fix = f"Go on with it: quorate --network {new}"
            raise Refusal(error("network-taken", "network", message, fix)) from refusal
        folder.sync()


def require_name(network: str) -> None:
    """Raises Refusal (``network-name``) for what can not be a network's name."""
    if not is_network_name(network):
        message = f"the network is called {network!r}, expected {EXPECTED}"
        raise Refusal(error("network-name", network, message, "Choose a name of small letters, digits and hyphens."))


def no_state(where: object) -> Finding:
    return error(
        "state-none",
        where,
        "no network is known here yet",
        "Begin with: quorate home --network NAME --role member --home DIR    (or see it all first: quorate demo)",
    )


@contextmanager
def _opened(path: Path) -> Iterator[Folder]:
    with Folder(path) as folder:
        folder.refuse_unsafe()
        yield folder


def _temp() -> str:
    return f".quorate-{os.getpid()}-{secrets.token_hex(4)}.tmp"


def _signed_by(document: Document, keys: set[bytes]) -> Document:
    """With the signatures of these keys only."""
    return replace(document, signatures=frozenset(one for one in document.signatures if one.key in keys))


def _import_again(documents: Path, signed: Path) -> str:
    aside = shlex.quote(f"{documents}.damaged")
    return (
        f"What you signed is kept in {signed} too and still counts. Then `quorate import {aside}` takes what is intact "
        "in it; import the rest again from what the others sent you."
    )


def _rebuild(signed: Path) -> str:
    return f"The next signature makes {signed} anew, from documents.txt."


def _no_folder(root: Path) -> Refusal:
    message = f"{root} is no folder, expected the folder of quorate's state"
    fix = "Name a folder, or one that is to be made: --state DIR (or the variable QUORATE_STATE)."
    return Refusal(error("state-unreadable", root, message, fix))
