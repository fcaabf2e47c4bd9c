"""A network that runs already and was made without quorate: its genesis and its nodes, from files and running nodes.

What a node says of itself over its RPC is signed by nobody: it is compared with the other sources, and with what the
person was told over another channel. Formats: rpc/core/types of Tendermint v0.34.24 and CometBFT v0.34.33 to v1.0.1.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .. import rpc
from ..card.model import UnsignedEntry
from ..card.typed import read_address
from ..documents.ed25519 import from_base64, to_base64
from ..finding import Finding, Refusal, error, info, warning
from ..genesis.checks import check as check_genesis
from ..genesis.diff import diff, parse_rpc, verdict
from ..genesis.model import Genesis, render
from ..genesis.reading import parse
from ..keys.model import ED25519_PUBLIC
from ..profiles.profile import Profile
from ..safe import safe
from ..way import Blank, way
from ..world import Net

SECONDS = 5
"""For each of the questions that a node is asked."""
_PAGE = 100
"""Validators in one answer, the most that a node gives (rpc/core/env.go)."""


@dataclass(frozen=True, slots=True)
class Node:
    """What a running node says of itself; every text safe."""

    moniker: str
    node_id: str
    chain_id: str
    version: str
    height: int
    validator_key: bytes
    dial: str
    """``id@host:port``, canonical; empty where it says no address that can be dialled."""

    @property
    def entry(self) -> UnsignedEntry | None:
        """What the node says, as that of a member without quorate; None where a value of it is missing."""
        if not (self.dial and self.validator_key and self.moniker):
            return None
        return UnsignedEntry(self.moniker, (self.dial.partition("@")[2],), self.node_id, to_base64(self.validator_key))


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    """The path, or the address of the RPC."""
    genesis: Genesis | None
    data: bytes = b""
    """genesis.json: the file as it is, or as a node would write what it answered."""
    node: Node | None = None
    """None for a file."""
    peers: tuple[str, ...] = ()
    """``id@host:port`` of the nodes that it is connected to."""
    validators: tuple[tuple[bytes, int], ...] = ()
    """Key and power of those who vote now; none where that is not known."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a member of the network said over another channel."""

    sha256: str = ""
    """Of genesis.json, lower-case hex."""
    chain_id: str = ""


def of_file(name: str, data: bytes, profile: Profile) -> Source:
    """A genesis.json, or a saved answer of a node to ``/genesis``."""
    parsed = parse(data, profile)
    if parsed.genesis is None and (answer := parse_rpc(data, profile)).genesis is not None:
        return Source(name, answer.genesis, render(answer.genesis, profile), findings=answer.findings)
    return Source(name, parsed.genesis, data, findings=parsed.findings)


async def of_node(net: Net, base: str, profile: Profile) -> Source:
    """What the node at ``base`` answers. Raises Refusal (``join-not-a-node``, and as ``rpc.result``)."""
    answer = parse_rpc(await rpc.genesis(net, base), profile)
    status: Any = await rpc.result(net, base, "status", SECONDS)
    node = _node(status, base)
    if node is None:
        raise Refusal(error("join-not-a-node", base, "its answer to /status is not that of a node", _RPC))
    told: tuple[str, ...] = ()
    voters: tuple[tuple[bytes, int], ...] = ()
    # They add to what is known; the genesis and the node itself are what a source is for.
    with suppress(Refusal):
        told = tuple(_peers(await rpc.result(net, base, "net_info", SECONDS)))
    with suppress(Refusal):
        voters = await _validators(net, base)
    data = render(answer.genesis, profile) if answer.genesis else b""
    others = tuple(one for one in dict.fromkeys(told) if not one.startswith(f"{node.node_id}@"))
    return Source(base, answer.genesis, data, node, others, voters, answer.findings)


_RPC = "Give the address of a node's RPC, port 26657."


def _node(status: Any, base: str) -> Node | None:
    from urllib.parse import urlsplit

    try:
        about, voter = status["node_info"], status.get("validator_info") or {}
        node_id, listen = str(about["id"]).lower(), str(about.get("listen_addr", ""))
        key = voter.get("pub_key") or {}
        return Node(
            moniker=safe(str(about.get("moniker", "")), 64),
            node_id=safe(node_id, 40),
            chain_id=safe(str(about["network"]), 50),
            version=safe(str(about.get("version", "")), 40),
            height=int(status["sync_info"]["latest_block_height"]),
            validator_key=_key(key),
            dial=_dial(node_id, listen, urlsplit(base).hostname or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _key(value: Any) -> bytes:
    """An ed25519 key of an answer; empty for anything else."""
    if not isinstance(value, dict) or value.get("type") != ED25519_PUBLIC:
        return b""
    return from_base64(str(value.get("value", ""))) or b""


def _peers(told: Any) -> Iterator[str]:
    peers = told.get("peers") if isinstance(told, dict) else None
    for peer in peers if isinstance(peers, list) else ():
        with suppress(KeyError, TypeError, AttributeError):
            about = peer["node_info"]
            dial = _dial(str(about["id"]).lower(), str(about["listen_addr"]), str(peer.get("remote_ip", "")))
            if dial:
                yield dial


def _dial(node_id: str, listen: str, remote: str) -> str:
    """Where a node is reached that says ``listen`` (its external_address, else its laddr) and was met at ``remote``."""
    place = listen.rpartition("://")[2]
    host, _, port = place.rpartition(":")
    with suppress(ValueError):
        ip = ipaddress.ip_address(host.strip("[]"))
        if ip.is_unspecified or (ip.is_loopback and remote not in ("localhost", "127.0.0.1", "::1")):
            host = ""
    host = host.strip("[]") or remote.strip("[]")
    read = read_address(f"{node_id}@{f'[{host}]' if ':' in host else host}:{port}", "peers")
    return str(read.address) if read.address is not None and read.address.node_id else ""


async def _validators(net: Net, base: str) -> tuple[tuple[bytes, int], ...]:
    """All pages of ``/validators`` at one height; none where an answer is not as a node gives it."""
    found: list[tuple[bytes, int]] = []
    height, page, total = "", 1, 1
    while len(found) < total:
        at = f"&height={height}" if height else ""
        told: Any = await rpc.result(net, base, f"validators?page={page}&per_page={_PAGE}{at}", SECONDS)
        try:
            height, total = str(int(told["block_height"])), int(told.get("total", len(told["validators"])))
            more = [(_key(one["pub_key"]), int(one["voting_power"])) for one in told["validators"]]
        except (KeyError, TypeError, ValueError, AttributeError):
            return ()
        if not more or total > 10_000:
            return ()
        found += more
        page += 1
    return tuple(found)


async def look(net: Net | None, names: Sequence[str], files: dict[str, bytes], profile: Profile) -> tuple[Source, ...]:
    """Every source, side by side; of one that does not answer, only the findings. ``files``: content by name."""

    async def one(name: str) -> Source:
        if name in files:
            return of_file(name, files[name], profile)
        assert net is not None
        try:
            return await of_node(net, name, profile)
        except Refusal as refusal:
            return Source(name, None, findings=refusal.findings)

    return tuple(await asyncio.gather(*map(one, names)))


def chosen(sources: Iterable[Source]) -> Source | None:
    """The source whose genesis is taken: a file before an answer, as its bytes are those that the members have."""
    read = [one for one in sources if one.genesis is not None]
    return min(read, key=lambda one: one.node is not None, default=None)


def peers_of(sources: Iterable[Source], named: Iterable[str], own: str = "") -> tuple[str, ...]:
    """Whom to dial, one address for each node id: those who were named, the nodes that answered, and their peers."""
    sources = tuple(sources)
    nodes = (one.node.dial for one in sources if one.node is not None)
    first: dict[str, str] = {own: ""}
    for dial in (*named, *nodes, *(peer for one in sources for peer in one.peers)):
        if dial:
            first.setdefault(dial.partition("@")[0], dial)
    return tuple(dial for dial in first.values() if dial)


def judge(sources: Sequence[Source], told: Told, profile: Profile, now: datetime) -> Iterator[Finding]:
    """What the person has to know before a node joins this network."""
    for one in sources:
        yield from one.findings if one.genesis is None else ()
    taken = chosen(sources)
    if taken is None or taken.genesis is None:
        return
    yield from check_genesis(taken.data, profile, now=now)
    for one in sources:
        yield from _beside(taken, one, profile)
        yield from _about_node(taken.genesis, one, profile)
    yield from _as_told(taken, sources, told)
    height = max((one.node.height for one in sources if one.node), default=0)
    if any(one.node for one in sources) and not height:
        message = "no node that answered has a block yet"
        yield warning("join-no-block", taken.name, message, "Ask a member whether the network runs.")


def _beside(taken: Source, one: Source, profile: Profile) -> Iterator[Finding]:
    """Two sources with geneses that mean different things: one of them is of another network, or was changed."""
    if one is taken or one.genesis is None or taken.genesis is None:
        return
    differences = diff(taken.genesis, one.genesis, profile)
    if not all(each.harmless for each in differences):
        worst = verdict(differences)[0]
        paths = ", ".join(dict.fromkeys(each.path for each in differences if not each.harmless))
        message = f"{safe(one.name, 100)} has another genesis than {safe(taken.name, 100)}: {safe(paths, 120)}"
        fix = f"Find out over another channel which is right: quorate genesis diff shows both. {worst.message}"
        yield error("join-genesis-differs", one.name, message, fix)


def _about_node(genesis: Genesis, one: Source, profile: Profile) -> Iterator[Finding]:
    node = one.node
    if node is None:
        return
    if node.chain_id != safe(genesis.chain_id, 50):
        message = f"the node says that it is on chain {node.chain_id}; the genesis is of {safe(genesis.chain_id, 50)}"
        yield error("join-other-chain", one.name, message, "Give the RPC address of a node of this network.")
    release, expected = ".".join(node.version.split(".")[:2]), profile.name.rpartition("-")[2]
    if release.replace(".", "").isdigit() and release != expected:
        message = f"the node runs version {node.version}; this home is one of {profile.name}"
        fix = "Install the software that the network runs, then: quorate home --profile NAME"
        yield warning("join-other-software", one.name, message, fix, way=way("home", "--profile", Blank("NAME")))
    if one.validators:
        changed = set(one.validators) ^ {(each.key, each.power) for each in genesis.validators}
        if changed:
            message = f"who votes has changed since the genesis: {len(one.validators)} validators now"
            yield info("join-validators-changed", one.name, message)


def _as_told(taken: Source, sources: Iterable[Source], told: Told) -> Iterator[Finding]:
    assert taken.genesis is not None
    digests = {hashlib.sha256(one.data).hexdigest() for one in sources if one.data}
    if told.chain_id and told.chain_id != taken.genesis.chain_id:
        said, found = safe(told.chain_id, 60), safe(taken.genesis.chain_id, 60)
        message = f"you were told chain id {said}; the genesis has {found}"
        yield error("join-not-as-told", "chain_id", message, "Ask again; do not join before both are the same.")
    if told.sha256 and told.sha256 not in digests:
        message = f"you were told SHA-256 {safe(told.sha256, 64)}; here it is {', '.join(sorted(digests))}"
        fix = "Ask for the genesis.json itself and name it: what a node answers may be written differently."
        yield error("join-not-as-told", "sha256", message, fix)
    if not told.sha256:
        message = "nobody has told you the SHA-256 of its genesis.json; who answers may lead you to another network"
        fix = "Ask a member, over another channel, for what `sha256sum genesis.json` prints, and add --sha256 HEX."
        yield warning("join-not-told", "sha256", message, fix)


def with_moniker(entry: UnsignedEntry, taken: Iterable[str]) -> UnsignedEntry:
    """The entry under a name that nobody of ``taken`` has: nodes are often all called the same."""
    used = {name.casefold() for name in taken}
    if entry.moniker.casefold() not in used:
        return entry
    return replace(entry, moniker=f"{entry.moniker[:55]}-{entry.node_id[:8]}")
