"""What the node of this home does now: asked over its RPC on loopback, with one short deadline, and seen by its locks.

Between its start and the genesis time a node listens nowhere, and holds its databases (Tendermint since 0.25).
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from . import rpc
from .counted import counted
from .finding import Refusal
from .safe import safe
from .world import Net, World

if TYPE_CHECKING:
    from .agreement.record import NetworkRecord
    from .home.model import Home

Life = Literal["down", "waits", "runs", "syncs", "stuck", "other", "unknown"]
"""``down``: not started, or ended. ``waits``: started, and the genesis time has not come. ``syncs``: fetches blocks.
``stuck``: no block, long after the genesis time. ``other``: another node answers. ``unknown``: it could not be told."""

SECONDS = 0.3
"""For all that is asked."""
_PATIENCE = 60
"""Seconds after the genesis time in which the first block may come."""
_USUAL = "tcp://127.0.0.1:26657"
_WORDS: dict[Life, str] = {
    "down": "· not started",
    "waits": "● waiting",
    "runs": "✓ running",
    "syncs": "● fetching",
    "stuck": "! stuck",
    "other": "✗ another",
    "unknown": "? no answer",
}


@dataclass(frozen=True, slots=True)
class NodeNow:
    life: Life
    sentence: str
    """For people, safe: ``The node runs: block 12, connected to 3 of 3 others.``"""
    height: int | None = None
    peers: int | None = None

    @property
    def word(self) -> str:
        """Mark and word, at most 12 cells."""
        return f"✓ block {self.height}" if self.life == "runs" and len(str(self.height)) < 5 else _WORDS[self.life]

    def as_json(self) -> dict[str, object]:
        return {"life": self.life, "sentence": self.sentence, "height": self.height, "peers": self.peers}


@dataclass(frozen=True, slots=True)
class Chain:
    """What the node is to run on."""

    chain_id: str
    start: datetime
    others: int | None
    """Members beside this one; None where nobody has counted them."""

    @classmethod
    def of(cls, record: NetworkRecord) -> Chain:
        return cls(record.chain_id, record.section.time, len(record.members) - 1)


async def node_now(world: World, home: Home, chain: Chain, own: str) -> NodeNow:
    """``own`` is the node id of ``home``. Never raises for what answers."""
    base = _base(home)
    if base is None or world.net is None:
        return NodeNow("unknown", "Whether the node runs is not known: its RPC does not listen on loopback.")
    try:
        async with asyncio.timeout(SECONDS):
            status: Any = await rpc.result(world.net, base, "status", SECONDS)
            told = _Told.read(status)
            peers = await _peers(world.net, base)
    except (Refusal, TimeoutError, ValueError):
        return _silent(world, home, chain)
    return _judge(told, peers, chain, own, world.clock.now(), base)


@dataclass(frozen=True, slots=True)
class _Told:
    """What ``/status`` says."""

    chain_id: str
    node_id: str
    height: int
    syncs: bool

    @classmethod
    def read(cls, status: Any) -> _Told:
        """Raises ValueError where it is not the answer of a node."""
        try:
            node, sync = status["node_info"], status["sync_info"]
            # Before 0.31 the id stands elsewhere; those profiles form no network.
            chain_id, node_id = str(node["network"]), str(node["id"])
            told = cls(chain_id, node_id, int(sync["latest_block_height"]), sync["catching_up"] is True)
        except (KeyError, TypeError) as wrong:
            raise ValueError("no answer of a node") from wrong
        return told


async def _peers(net: Net, base: str) -> int | None:
    told: Any = await rpc.result(net, base, "net_info", SECONDS)
    try:
        return int(told["n_peers"])
    except (KeyError, TypeError, ValueError):
        return None


def _judge(told: _Told, peers: int | None, chain: Chain, own: str, now: datetime, base: str) -> NodeNow:
    if (told.chain_id, told.node_id) != (chain.chain_id, own):
        which = f"node {safe(told.node_id, 40)} of chain {safe(told.chain_id, 50)}"
        expected = f"expected node {own} of {chain.chain_id}"
        return NodeNow("other", f"At {base} answers {which}; {expected}.", told.height, peers)
    connected = "" if peers is None else f", connected to {_peers_of(peers, chain)}"
    if told.syncs and told.height:
        return NodeNow("syncs", f"The node fetches blocks: {told.height}{connected}.", told.height, peers)
    late = int((now - chain.start).total_seconds())
    if not told.height and late > _PATIENCE:
        said = f"The node is up and has no block, {counted(late // 60, 'minute')} after the agreed start{connected}."
        return NodeNow("stuck", said, 0, peers)
    if not told.height:
        return NodeNow("waits", f"The node is up and waits for the first block{connected}.", 0, peers)
    return NodeNow("runs", f"The node runs: block {told.height}{connected}.", told.height, peers)


def _peers_of(peers: int, chain: Chain) -> str:
    return counted(peers, "node") if chain.others is None else f"{peers} of {counted(chain.others, 'other')}"


def _silent(world: World, home: Home, chain: Chain) -> NodeNow:
    """Nothing answers; its locks tell whether it is there."""
    from .disk.running import held_locks

    start = chain.start
    try:
        runs = bool(held_locks(home.files.data))
    except Refusal:
        return NodeNow("unknown", "Whether the node runs is not known: its data folder cannot be read.")
    if not runs:
        return NodeNow("down", f"The node is not running{_application(world.net, home)}.")
    if world.clock.now() < start:
        at = start.astimezone(UTC).strftime("%a %d %b %Y %H:%M UTC")
        return NodeNow("waits", f"The node is started, and waits for {at}.")
    return NodeNow("unknown", "The node is started, and its RPC does not answer.")


def _application(net: Net | None, home: Home) -> str:
    """What of its application is not ready, as the end of a sentence; empty where that is not known, or all is well."""
    from .config.addresses import split_host_port, without_protocol
    from .home.model import text_of

    said = text_of(home.config, "", "proxy_app")
    place = split_host_port(without_protocol(said))
    listening = net.listening() if net is not None and place.port else None
    if listening is None or place.host not in ("127.0.0.1", "localhost", "[::1]", "::1", "0.0.0.0"):
        return ""
    if any(str(port) == place.port for _, port in listening):
        return ""
    return f"; start its application first: nothing listens at {safe(said, 60)} (proxy_app)"


def _base(home: Home) -> str | None:
    """Where its RPC is asked; None where that is not on loopback."""
    from .config.addresses import split_host_port, without_protocol
    from .home.model import text_of

    if home.config_problem:
        return None
    laddr = text_of(home.config, "rpc", "laddr").split(",")[0].strip() or _USUAL
    if "://" in laddr and not laddr.startswith("tcp://"):
        return None
    place = split_host_port(without_protocol(laddr))
    if not place.port.isdigit():
        return None
    if place.host in ("", "localhost"):
        return f"http://127.0.0.1:{place.port}"
    try:
        address = ipaddress.ip_address(place.host)
    except ValueError:
        return None
    if address.is_unspecified:
        return f"http://{'127.0.0.1' if address.version == 4 else '[::1]'}:{place.port}"
    if not address.is_loopback:
        return None
    return f"http://{f'[{address}]' if address.version == 6 else address}:{place.port}"


async def here(world: World, record: NetworkRecord | None, own: str) -> NodeNow | None:
    """Of the home at hand; ``record`` is None in a network without one, to which a genesis.json was given.

    None where there is no home, or its genesis.json is not that of the network.
    """
    from .genesis.diff import same_chain
    from .home.model import GENESIS_LIMIT, open_home
    from .home.recognise import profile_for

    local = world.state.local if world.state else None
    if local is None or not local.home:
        return None
    try:
        path = Path(local.home)
        home = open_home(world.files, path, profile_for(world.files, path, local.profile))
        installed = world.files.read(home.files.genesis, GENESIS_LIMIT)
        given = world.files.read(Path(local.foreign_genesis), GENESIS_LIMIT) if record is None else None
        wanted = given if record is None else record.genesis_bytes()
        if installed is None or wanted is None or not same_chain(installed, wanted, home.profile):
            return None
        chain = Chain.of(record) if record else _chain_of(installed, home)
    except Refusal:
        return None
    return None if chain is None else await node_now(world, home, chain, own)


def _chain_of(data: bytes, home: Home) -> Chain | None:
    from .genesis.checks import moment_of
    from .genesis.reading import parse

    genesis = parse(data, home.profile).genesis
    start = moment_of(genesis.genesis_time) if genesis else None
    return Chain(genesis.chain_id, start, None) if genesis and start else None
