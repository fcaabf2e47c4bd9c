"""What is to be said of a folder that is to be a node's home."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..finding import Finding, error, info, warning
from ..profiles import NAMES
from ..way import way
from ..world import FileStat
from .model import Home
from .recognise import Recognised

_OF_A_HOME = frozenset(
    ("config.toml", "genesis.json", "node_key.json", "priv_validator_key.json", "priv_validator.json", "quorate.json")
)
_LOOKED_FOR = "config/config.toml, config/genesis.json, config/node_key.json and config/priv_validator_key.json"
_OF_A_DISK = frozenset(("lost+found", ".snapshot"))
"""What the top folder of an empty disk contains."""


def check_folder(
    path: Path,
    stat: FileStat | None,
    names: tuple[str, ...] | None,
    config: tuple[str, ...] = (),
    data: tuple[str, ...] = (),
) -> Iterator[Finding]:
    """The folder itself; ``stat`` with links followed, ``names`` None if it cannot be listed.

    ``config``, ``data``: the names in these folders of it. Where nothing is, a home can be made; where something else
    is, none should be.
    """
    named = shlex.quote(str(path))
    make = f"`quorate keys new --home {named}`, or the node's own: `cometbft init --home {named}`"
    if stat is None:
        said = f"{path} does not exist; expected the folder that holds config/ and data/ of the node."
        yield warning("home-missing", path, said, f"Make it: {make}")
        return
    if stat.kind != "folder":
        said = f"{path} is a {stat.kind}; expected the folder that holds config/ and data/ of the node."
        yield error("home-not-folder", path, said, "Give the folder, usually ~/.tendermint or ~/.cometbft.")
        return
    yield from _modes(path, stat)
    if names is None:
        said = f"{path} can not be listed."
        yield error("home-unreadable", path, said, "Run quorate as the owner of the home.")
    elif not _OF_A_HOME & set(config):
        inner = path.name in ("config", "data") or _OF_A_HOME & set(names)
        others = [name for name in names if name not in ("config", "data") and name not in _OF_A_DISK]
        if not (inner or others or config or data):
            yield warning("home-empty", path, f"Nothing is in {path} yet; expected a node's home.", f"Make it: {make}")
            return
        fix = f"Give the folder above it: {path.parent}" if inner else "Give the folder of your node, or a new one."
        yield error("home-not-a-home", path, f"{path} is no node's home: looked for {_LOOKED_FOR}, found none.", fix)


def check_profile(recognised: Recognised, said: str) -> Iterator[Finding]:
    """``said`` is the profile that the person named; empty: as recognised."""
    if recognised.withdrawn or not said:
        yield from recognised.findings
    elif said in NAMES and said not in recognised.names:
        message = f"The profile was given as {said}; {recognised.why}, which is {recognised.name}."
        fix = f"Ask the program for its version, or say {recognised.name}."
        yield warning("home-profile-other", "profile", message, fix)


def check_config(home: Home) -> Iterator[Finding]:
    path = home.files.config
    if home.config_problem:
        said = f"{path} can not be read as the node reads it: {home.config_problem}."
        yield error("home-config-unreadable", path, said, way=way("config", "check", "--home", str(home.path)))
    elif home.config is None:
        said = f"There is no {path}; the node writes one with its defaults when it first starts."
        yield info(
            "home-config-missing",
            path,
            said,
            f"Have the node make it: `cometbft init --home {shlex.quote(str(home.path))}`",
        )


def check_surroundings(path: Path, git: Path | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    if git is not None:
        said = f"The home {path} lies in the git work tree {git}: keys in it may be committed."
        yield warning("home-in-git", path, said, "Move the home out of the work tree.")
    for name in ("CMTHOME", "TMHOME"):
        other = environ.get(name, "")
        if other and Path(other) != path:
            said = (
                f"{name} is {other}; the home chosen is {path}. Since 0.34 the variable counts before --home for data."
            )
            yield warning("home-variable-other", name, said, f"unset {name}, or choose {other}.")


def _modes(path: Path, stat: FileStat) -> Iterator[Finding]:
    if stat.mode & 0o002:
        said = f"{path} has mode {stat.mode:04o}: everybody may write there; expected 0700."
        yield warning("home-world-writable", path, said, f"`chmod 700 {shlex.quote(str(path))}`")
    elif stat.mode & 0o020:
        said = f"{path} has mode {stat.mode:04o}: its group may write there; expected 0700."
        yield warning("home-mode-loose", path, said, f"`chmod 700 {shlex.quote(str(path))}`")
