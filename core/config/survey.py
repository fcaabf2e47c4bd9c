"""Looking at what a config.toml refers to, as this machine has it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..finding import Refusal
from ..home.model import open_home
from ..world import Files, World
from .addresses import ip_of
from .known import Known, Party
from .listeners import listeners
from .model import NodeConfig
from .paths import named_paths
from .peers import read_peers
from .settings import Neighbour
from .surroundings import Surroundings, There

if TYPE_CHECKING:
    from ..keys.model import KeyFacts

_GENESIS_READ = 4 << 20
"""Bytes of a genesis.json that is read for its validators; one above that has an application state of its own."""
_MOST_NAMES = 100
_PARALLEL = 20


async def survey(
    world: World,
    home: Path | None,
    config: NodeConfig,
    others: tuple[Neighbour, ...] = (),
    source: str = "the record",
    *,
    look_up: bool = False,
) -> Surroundings:
    """Look at everything that ``config`` refers to; ``look_up`` also resolves names, for which queries are sent.

    ``others`` are the members that ``source`` names.
    """
    keys = await _keys(world, home, config) if home else None
    names = await _look_up(world, _hosts(config)) if look_up else {}
    found = {host for host in _hosts(config) if ip_of(host) is not None}
    found |= {ip for several in names.values() for ip in several or ()}
    return Surroundings(
        home=home,
        there={path: _there(world.files, path) for path in _named(home, config)} if home else {},
        dangling=dict(_dangling(world.files, home, config)) if home else {},
        leads={path: world.files.real(path) for path in _files(home, config)} if home else {},
        bind_faults=_bind_faults(world, found),
        names=names,
        known=Known(
            (*_own(keys), *_named_by(others, source), *(_of_genesis(world.files, home, config) if home else ()))
        ),
        own_id=keys.node_id if keys else "",
    )


def _hosts(config: NodeConfig) -> frozenset[str]:
    """Every host that is listened at or dialled, in small letters."""
    dialled = (
        peer.host
        for key in ("persistent_peers", "seeds")
        for peer in read_peers(config.text("p2p", key), config.profile).peers
    )
    heard = (listener.host for listener in listeners(config))
    own = config.external_host
    return frozenset(host.lower() for host in (*dialled, *heard, own) if host)


def _bind_faults(world: World, addresses: Iterable[str]) -> Mapping[str, str]:
    if world.net is None:
        return {}
    told = {ip: world.net.bind_fault(ip) for ip in sorted(addresses)}
    return {ip: fault for ip, fault in told.items() if fault is not None}


async def _look_up(world: World, hosts: Iterable[str]) -> Mapping[str, tuple[str, ...] | None]:
    names = sorted(host for host in hosts if ip_of(host) is None)
    turns = asyncio.Semaphore(_PARALLEL)

    async def one(name: str) -> tuple[str, ...] | None:
        if world.net is None:
            return None
        async with turns:
            return await world.net.look_up(name)

    first = names[:_MOST_NAMES]
    found = await asyncio.gather(*map(one, first))
    return {**dict.fromkeys(names), **dict(zip(first, found, strict=True))}


# --- files -------------------------------------------------------------------------------------------------------


def _named(home: Path, config: NodeConfig) -> Iterator[Path]:
    for named in named_paths(config):
        path = named.path(home)
        yield path
        yield path.parent


def _files(home: Path, config: NodeConfig) -> Iterator[Path]:
    for named in named_paths(config):
        yield named.path(home)
        yield home / named.default


def _dangling(files: Files, home: Path, config: NodeConfig) -> Iterator[tuple[Path, Path]]:
    for named in named_paths(config):
        path = named.path(home)
        if _there(files, path) == "missing":
            seen = files.stat(path)
            if seen is not None and seen.kind == "link":
                yield path, files.real(path)


def _there(files: Files, path: Path) -> There:
    try:
        seen = files.stat(path, follow=True)
    except Refusal:
        return "unreadable"
    if seen is None:
        return "missing"
    return seen.kind if seen.kind in ("file", "folder") else "other"


# --- parties -----------------------------------------------------------------------------------------------------


async def _keys(world: World, home: Path, config: NodeConfig) -> KeyFacts | None:
    """What is public about the home's keys; None if the key process could not tell."""
    from ..keys.client import inspect

    try:
        return await inspect(world, open_home(world.files, home, config.profile))
    except Refusal:
        return None


def _own(keys: KeyFacts | None) -> tuple[Party, ...]:
    if keys is None or not (keys.node_key or keys.validator_key):
        return ()
    found = Party("this node", "its key files", keys.node_id, keys.validator_key or b"", keys.node_key or b"")
    return (found,)


def _named_by(others: Iterable[Neighbour], source: str) -> Iterator[Party]:
    for one in others:
        dial = tuple((peer.node_id, peer.host, peer.port) for peer in one.peers)
        yield Party(one.moniker, source, one.node_id, one.validator_key, one.node_key, dial)


def _of_genesis(files: Files, home: Path, config: NodeConfig) -> Iterator[Party]:
    """The validators that a genesis.json names, as far as it can be read; judging it is the step genesis's."""
    try:
        content = files.read(home / config.genesis_file, _GENESIS_READ)
        found = json.loads(content or b"{}")
    except (Refusal, ValueError, RecursionError):
        return
    entries = found.get("validators") if isinstance(found, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        public = entry.get("pub_key") if isinstance(entry, dict) else None
        key = _base64(public.get("value") if isinstance(public, dict) else None)
        if len(key) == 32:
            name = entry.get("name")
            who = name if isinstance(name, str) and name else f"validator {number}"
            yield Party(who, "genesis.json", validator=key)


def _base64(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except ValueError:
        return b""
