"""The files and folders that config.toml names, against what is there.

Source: rootify of config/config.go, LoadOrGenFilePV, LoadOrGenNodeKey, addrBook.loadFromFile and DefaultNewNode, the
same from v0.34.33 to v1.0.1; runs of those programs.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..finding import Finding, Severity, error, info, unknown, warning
from .model import NodeConfig

if TYPE_CHECKING:
    from .surroundings import Surroundings, There

Role = Literal["read", "key", "node key", "state", "made", "folder", "certificate"]
"""``read``: the node ends without it. ``key``, ``node key``: it makes a new one. ``state``: it ends without it, if the
key is there. ``made``, ``folder``: it makes it. ``certificate``: the RPC does not answer without it."""

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_VARIABLE = re.compile(r"\$\{?[A-Za-z_]|%[A-Za-z_]+%|\{\{")
_IDENTITY: Mapping[Role, str] = {"key": "validator key", "node key": "node key"}
_APART: frozenset[Role] = frozenset({"read", "key", "node key", "state", "made", "folder"})
"""Certificate and key of the RPC may be in one file."""


@dataclass(frozen=True, slots=True)
class Named:
    table: str
    key: str
    text: str
    """As config.toml has it."""
    default: str
    role: Role
    below: str = ""
    """The folder in the home at which relative paths start."""

    @property
    def setting(self) -> str:
        return f"{self.table}.{self.key}" if self.table else self.key

    @property
    def is_default(self) -> bool:
        return self.text == self.default

    def path(self, home: Path) -> Path:
        return home / self.below / self.text


def named_paths(config: NodeConfig) -> tuple[Named, ...]:
    """Every path that the node opens with these settings."""
    return tuple(_named(config))


def _named(config: NodeConfig) -> Iterator[Named]:
    places: list[tuple[str, str, Role]] = [
        ("", "genesis_file", "read"),
        ("", "priv_validator_key_file", "key"),
        ("", "priv_validator_file", "key"),
        ("", "priv_validator_state_file", "state"),
        ("", "node_key_file", "node key"),
        ("", "db_dir", "folder"),
        ("", "db_path", "folder"),
        ("consensus", "wal_file", "made"),
        ("p2p", "addr_book_file", "made"),
    ]
    if config.text("mempool", "wal_dir") and config.profile.opens_mempool_wal:
        places.append(("mempool", "wal_dir", "folder"))
    for table, key, role in places:
        if key in config.profile.config.get(table, {}):
            yield _one(config, table, key, role)
    if config.text("rpc", "tls_cert_file") and config.text("rpc", "tls_key_file"):
        yield _one(config, "rpc", "tls_cert_file", "certificate", "config")
        yield _one(config, "rpc", "tls_key_file", "certificate", "config")


def _one(config: NodeConfig, table: str, key: str, role: Role, below: str = "") -> Named:
    return Named(table, key, config.text(table, key), str(config.profile.config[table][key]), role, below)


def path_findings(config: NodeConfig, around: Surroundings) -> Iterator[Finding]:
    """Findings about paths; none without a home."""
    yield from _half_tls(config)
    if around.home is None:
        return
    every = named_paths(config)
    yield from _shared(every, around)
    look = _Look(around.home, around.there, around.dangling, every, bool(config.priv_validator_laddr))
    for named in every:
        yield from look.judge(named)


def _half_tls(config: NodeConfig) -> Iterator[Finding]:
    keys = ("tls_cert_file", "tls_key_file")
    said = [key for key in keys if config.text("rpc", key)]
    if len(said) == 1:
        other = next(key for key in keys if key not in said)
        message = f"rpc.{said[0]} is set and rpc.{other} is not: the RPC answers without TLS."
        yield warning("config-tls-half", f"rpc.{other}", message, f"Set rpc.{other} too, or empty rpc.{said[0]}.")


def _shared(every: tuple[Named, ...], around: Surroundings) -> Iterator[Finding]:
    """Two settings with one file: the node writes what belongs to one over what belongs to the other."""
    assert around.home is not None
    places: dict[Path, list[Named]] = defaultdict(list)
    for named in every:
        if named.text and named.role in _APART:
            places[around.leads_to(named.path(around.home))].append(named)
    for place, several in places.items():
        for one, other in combinations(several, 2):
            if one.role != "folder" or other.role != "folder":
                yield _one_file(one, other, place)
    for named in every:
        if named.role == "key" and named.text:
            yield from _usual_place_of_another(named, every, places, around)


def _one_file(one: Named, other: Named, place: Path) -> Finding:
    message = (
        f"{one.setting} is {one.text} and {other.setting} is {other.text}: both name {place}. The node reads one "
        "for the other, or writes over it; a private key is lost that way."
    )
    fix = (
        f"With the node stopped, write {one.default} for {one.setting} and {other.default} for {other.setting}, or "
        "wherever each of the two files is. Move and delete no file before you know which one it is."
    )
    wrong = other if one.is_default else one
    return error("config-path-shared", wrong.setting, message, fix)


def _usual_place_of_another(
    key: Named, every: tuple[Named, ...], places: Mapping[Path, list[Named]], around: Surroundings
) -> Iterator[Finding]:
    """A validator key at the usual place of a file that another setting names elsewhere."""
    assert around.home is not None
    place = around.leads_to(key.path(around.home))
    for other in every:
        apart = other.role in ("read", "node key") and other not in places[place]
        if apart and place == around.leads_to(around.home / other.default):
            message = (
                f"{key.setting} is {key.text}, the usual place of {other.setting}, which is {other.text}: the node "
                "takes whatever private key is in that file for its validator key."
            )
            fix = f"Write {key.default}, or wherever the validator key is; move and delete no file."
            yield error("config-path-shared", key.setting, message, fix)


@dataclass(frozen=True, slots=True)
class _Look:
    home: Path
    there: Mapping[Path, There]
    dangling: Mapping[Path, Path]
    every: tuple[Named, ...]
    remote: bool
    """Whether a remote signer holds the validator key."""

    def at(self, path: Path) -> There:
        return self.there.get(path, "missing")

    def judge(self, named: Named) -> Iterator[Finding]:
        if not named.text:
            yield from self._empty(named)
            return
        there = self.at(named.path(self.home))
        if there == "unreadable":
            message = f"{named.setting} is {named.text}; whether anything is there could not be determined."
            yield unknown("config-path-unreadable", named.setting, message, "Run this as the user of the node.")
        elif there == "missing":
            yield from self._missing(named)
        elif (there == "folder") != (named.role == "folder"):
            found = {"file": "a file", "folder": "a folder"}.get(there, "not a regular file")
            wanted = "a folder" if named.role == "folder" else "a file"
            message = f"{named.setting} is {named.text}, which is {found}, expected {wanted}; {_stops(named)}."
            usual = f": {named.default} is the usual one" if named.default else ", or empty the setting"
            yield error("config-path-kind", named.setting, message, f"Name {wanted}{usual}.")
        elif named.role in ("key", "node key", "state") and self._outside(named):
            message = f"{named.setting} is {named.text}, outside the home {self.home}."
            fix = f"Make sure that no other node uses it, or write {named.default}: two nodes with one key sign twice."
            yield warning("config-path-outside", named.setting, message, fix)

    def _empty(self, named: Named) -> Iterator[Finding]:
        if named.role == "folder":
            if named.key in ("db_dir", "db_path"):
                message = f"{named.setting} is empty: the node puts its databases into the home itself."
                yield warning("config-path-empty", named.setting, message, f"Write {named.default}.")
            return
        message = f"{named.setting} is empty, which means the home itself; {_stops(named)}."
        yield error("config-path-empty", named.setting, message, f"Write {named.default}.")

    def _dangling(self, named: Named, target: Path) -> Iterator[Finding]:
        """A link to a file that does not exist: a file was meant to be there, so no default excuses it."""
        effect, severity = self._effect(named)
        path = named.path(self.home)
        match named.role:
            case "read":
                severity = Severity.ERROR
            case "key" if not self.remote:
                effect, severity = f"{effect}, with the new key in place of the link", Severity.ERROR
            case "folder":
                effect, severity = "the node can not make the folder and ends at its start", Severity.ERROR
            case _:
                severity = max(severity, Severity.WARNING)
        message = f"{named.setting} is {named.text}, a link to {target}, where nothing is; {effect}."
        what = "folder" if named.role == "folder" else "file"
        fix = f"Put the {what} back to {target}, or correct the link {path}."
        yield Finding("config-path-missing", severity, named.setting, message, fix)

    def _missing(self, named: Named) -> Iterator[Finding]:
        target = self.dangling.get(named.path(self.home))
        if target is not None:
            yield from self._dangling(named, target)
            return
        effect, severity = self._effect(named)
        form = _form(named.text)
        if form:
            clause, fix = form
            said = f"{named.setting} is {named.text}: {clause}, and nothing has that name in {self.home}; {effect}."
            worst = severity if severity is Severity.ERROR else Severity.WARNING
            yield Finding("config-path-form", worst, named.setting, said, fix)
        elif severity is not Severity.INFO:
            said = f"{named.setting} is {named.text}, and nothing is at {named.path(self.home)}; {effect}."
            yield Finding("config-path-missing", severity, named.setting, said, self._fix(named))
        if named.role in ("made", "folder") and not form and self._outside(named):
            message = f"{named.setting} is {named.text}, outside the home {self.home}, and nothing is there yet."
            usual = f"Write {named.default}" if named.default else "Empty the setting"
            yield info("config-path-outside", named.setting, message, f"{usual} if that was not meant.")

    def _effect(self, named: Named) -> tuple[str, Severity]:
        """What the node does without the file, and how bad that is."""
        folder = self.at(named.path(self.home).parent) in ("folder", "unreadable")
        standing = named.path(self.home).parent in (self.home / "config", self.home / "data")
        # The node makes config/ and data/ itself.
        writes = folder or standing
        usual = Severity.WARNING if self._in_use() else Severity.INFO
        match named.role:
            case "read":
                return "the node ends without it", usual if named.is_default else Severity.ERROR
            case "key" | "node key":
                if not writes:
                    return "the node ends, as it can not make one in a folder that is missing", Severity.ERROR
                if named.role == "key" and self.remote:
                    return "the node makes one and does not use it", Severity.INFO
                wrong = Severity.ERROR if named.role == "key" else Severity.WARNING
                made = f"the node makes a new {_IDENTITY[named.role]} without a word"
                lost = "is not a validator then" if named.role == "key" else "is a stranger to its peers then"
                return f"{made}, and {lost}", usual if named.is_default else wrong
            case "state":
                if self._key_is_there():
                    return "the node ends, as the validator key is there and its sign state is not", Severity.ERROR
                return "the node makes it", Severity.INFO
            case "certificate":
                return "the RPC does not answer", Severity.ERROR
            case "made" if named.table == "p2p" and not writes:
                return "the node can not keep its address book", Severity.WARNING
            case _:
                return "the node makes it", Severity.INFO

    def _fix(self, named: Named) -> str:
        path = named.path(self.home)
        match named.role:
            case "read":
                return f"Put the network's genesis.json at {path} (quorate plan genesis), or write {named.default}."
            case "key":
                return f"Put the validator key back to {path}, or name the file that holds it."
            case "node key":
                return f"Put the node key back to {path}, or name the file that holds it."
            case "state":
                return f"Put the sign state of this key back to {path}; without it the key may sign twice."
            case "certificate":
                return "Name the file, relative to config/, or empty both tls settings."
            case _:
                return f"Make the folder {path.parent}, or write {named.default}."

    def _in_use(self) -> bool:
        """Whether anything of a node is in the home: a file that is missing then was not just not made yet."""
        roles = ("read", "key", "node key", "state")
        return any(self.at(one.path(self.home)) == "file" for one in self.every if one.role in roles)

    def _key_is_there(self) -> bool:
        return any(self.at(one.path(self.home)) != "missing" for one in self.every if one.role == "key" and one.text)

    def _outside(self, named: Named) -> bool:
        path = Path(os.path.normpath(named.path(self.home)))
        return not path.is_relative_to(self.home)


def _stops(named: Named) -> str:
    if named.role == "certificate":
        return "the RPC does not answer"
    return "the node ends at its start"


def _form(text: str) -> tuple[str, str] | None:
    """Why a path is not read as it was meant: a clause, and what to do."""
    if _DRIVE.match(text) or "\\" in text:
        plain = _DRIVE.sub("", text).replace("\\", "/")
        return "it is written as on Windows", f"Write it with /, as {plain}, if the file is in this home."
    if text.startswith("~"):
        return "the node does not replace ~ by a home folder", "Write the path in full."
    if _VARIABLE.search(text):
        return "the node replaces no variables in it", "Write the path in full."
    if text != text.strip() or text.strip("\"'") != text:
        return "it has blanks or quotes at an end", "Remove them."
    return None
