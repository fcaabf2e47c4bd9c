"""The settings that quorate plans in config.toml: one declaration each, with its value rule and its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..documents.toml import Value
from ..profiles.profile import Profile
from .addresses import is_routable, one_spelling, without_protocol
from .environment import variable
from .flags import has_flag
from .peers import Peer, render_peers

Origin = Literal["documents", "permissioned"]

LOG_LEVEL = "main:info,state:info,*:error"
RATE = 102_400_000
"""Bytes per second, as the documents have it."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A member of the record as config.toml needs it."""

    moniker: str
    node_id: str
    peers: tuple[Peer, ...]
    """Where it is dialled; ids of sentries may differ from ``node_id``."""
    node_key: bytes = b""
    """Public key, 32 bytes; empty for a member without quorate."""
    validator_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the plan is made from: the answers, parsed, and the facts."""

    own_id: str
    moniker: str
    members: tuple[Neighbour, ...]
    chosen: tuple[Neighbour, ...]
    """Those that go into persistent_peers."""
    external_address: str
    p2p_laddr: str
    """As planned; empty where it stays as it is."""
    pex: bool
    log_level: str
    send_rate: int
    recv_rate: int
    create_empty_blocks: bool
    recheck: bool
    rpc_laddr: str
    """As it is now."""

    @property
    def peers(self) -> tuple[Peer, ...]:
        """One entry per node id, without this node; the first address of each."""
        first: dict[str, Peer] = {}
        own = {
            self.own_id,
            *(peer.node_id for member in self.members if member.node_id == self.own_id for peer in member.peers),
        }
        for member in self.chosen:
            if member.node_id != self.own_id:
                for peer in member.peers:
                    first.setdefault(peer.node_id, peer)
        return tuple(peer for peer in first.values() if peer.node_id not in own)


@dataclass(frozen=True, slots=True)
class Setting:
    table: str
    key: str
    origin: Origin
    """Whether the documents name this value, or a permissioned network needs it besides."""
    reason: str
    value: Callable[[Wanted], Value | None]
    """The planned value; None leaves the key as it is."""
    suggested: Value | None = None
    """What the documents have, where no network needs it: the operator's own value stays."""

    @property
    def path(self) -> str:
        return f"{self.table}.{self.key}" if self.table else self.key


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the preview."""

    table: str
    key: str
    now: Value | None
    """As it stands in the file; None where the key is not there (``default`` counts)."""
    planned: Value
    reason: str
    origin: Origin = "documents"
    default: Value | None = None
    """What counts where the file says nothing."""
    suggested: bool = False
    """The documents suggest it, and no network needs it."""

    @property
    def path(self) -> str:
        return f"{self.table}.{self.key}" if self.table else self.key

    @property
    def changes(self) -> bool:
        return self.now != self.planned or type(self.now) is not type(self.planned)


def _shared_host(wanted: Wanted) -> bool:
    hosts = [host for member in wanted.members for host in {one_spelling(peer.host) for peer in member.peers}]
    return len(hosts) != len(set(hosts))


def _private_host(wanted: Wanted) -> bool:
    return any(not is_routable(peer.host) for member in wanted.members for peer in member.peers)


def _private_ids(wanted: Wanted) -> str | None:
    everyone = {member.node_id for member in wanted.chosen} >= {member.node_id for member in wanted.members}
    ids = dict.fromkeys(peer.node_id for peer in wanted.peers)
    return ",".join(ids) if ids and (everyone or not wanted.pex) else None


def rpc_on_loopback(laddr: str) -> str | None:
    """``laddr`` with loopback where it listens on every interface; None where none does."""
    parts = [_closed(part.strip(" ")) for part in laddr.split(",")]
    closed = ",".join(parts)
    return closed if closed != ",".join(part.strip(" ") for part in laddr.split(",")) else None


def _closed(part: str) -> str:
    place = without_protocol(part)
    protocol = part[: len(part) - len(place)]
    if protocol.startswith("unix"):
        return part
    for everywhere, loopback in (("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:"), (":", "127.0.0.1:")):
        if place.startswith(everywhere):
            return protocol + loopback + place[len(everywhere) :]
    return part


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "", "moniker", "documents",
        "The name under which the other members see this node.",
        lambda wanted: wanted.moniker or None,
    ),
    Setting(
        "", "log_level", "documents",
        "The documents' value: main and state are logged, of everything else only errors. It hides why a peer was "
        "refused; answer info while the network forms.",
        lambda wanted: wanted.log_level,
        LOG_LEVEL,
    ),
    Setting(
        "p2p", "external_address", "permissioned",
        "The address that this node tells its peers, from its card. The node refuses to start when the name does not "
        "resolve.",
        lambda wanted: wanted.external_address or None,
    ),
    Setting(
        "p2p", "persistent_peers", "documents",
        "The members that this node keeps connections to, without itself. It need not be all of them.",
        lambda wanted: render_peers(wanted.peers) if wanted.members else None,
    ),
    Setting(
        "p2p", "addr_book_strict", "permissioned",
        "A member's address is private or loopback; the strict address book would not take it.",
        lambda wanted: False if _private_host(wanted) else None,
    ),
    Setting(
        "p2p", "send_rate", "documents",
        "Bytes per second to one peer, as the documents have it (the default is 5120000).",
        lambda wanted: wanted.send_rate,
        RATE,
    ),
    Setting(
        "p2p", "recv_rate", "documents",
        "Bytes per second from one peer, as the documents have it (the default is 5120000).",
        lambda wanted: wanted.recv_rate,
        RATE,
    ),
    Setting(
        "p2p", "pex", "permissioned",
        "Off, nobody learns the members' addresses from this node, and it dials only whom the record names. It does "
        "not keep strangers out.",
        lambda wanted: wanted.pex,
    ),
    Setting(
        "p2p", "private_peer_ids", "permissioned",
        "The addresses of these members are never handed on, should peer exchange be switched on.",
        _private_ids,
    ),
    Setting(
        "p2p", "allow_duplicate_ip", "permissioned",
        "Two members share a host; without this the second connection from it is refused without a word.",
        lambda wanted: True if _shared_host(wanted) else None,
    ),
    Setting(
        "p2p", "laddr", "permissioned",
        "Where the node listens: on the card's port, which the others dial, unless a router forwards that to another.",
        lambda wanted: wanted.p2p_laddr or None,
    ),
    Setting(
        "rpc", "laddr", "permissioned",
        "The RPC asks nobody who they are; it listened on every interface.",
        lambda wanted: rpc_on_loopback(wanted.rpc_laddr),
    ),
    Setting(
        "mempool", "recheck", "documents",
        "Transactions are not checked again after every block, as the documents have it.",
        lambda wanted: wanted.recheck,
        suggested=False,
    ),
    Setting(
        "consensus", "create_empty_blocks", "documents",
        "Blocks are made when there are transactions; an idle network stands still and is healthy.",
        lambda wanted: wanted.create_empty_blocks,
        suggested=False,
    ),
)  # fmt: skip

DOCUMENTS_KEYS: Mapping[str, str] = {one.key: one.table for one in SETTINGS if one.origin == "documents"}
"""The keys of the documents' flat block, and the table where each belongs."""


def planned(wanted: Wanted, profile: Profile) -> tuple[tuple[Setting, Value], ...]:
    """Every setting that the profile has and that has a planned value."""
    found = ((one, one.value(wanted)) for one in SETTINGS if one.key in profile.config.get(one.table, {}))
    return tuple((setting, value) for setting, value in found if value is not None)


def as_flags(rows: tuple[Row, ...], profile: Profile) -> tuple[str, ...]:
    """Flags of ``start`` that mean the same. Settings without a flag are left out: ``without_flag`` names them."""
    return tuple(f"--{row.path}={as_text(row.planned)}" for row in rows if has_flag(profile, row.table, row.key))


def without_flag(rows: tuple[Row, ...], profile: Profile) -> tuple[Row, ...]:
    """The settings that only config.toml or an environment variable can carry."""
    return tuple(row for row in rows if not has_flag(profile, row.table, row.key))


def as_environment(rows: tuple[Row, ...], profile: Profile) -> dict[str, str]:
    """Environment variables that mean the same; those of ``without_flag`` count only where the file has the key."""
    return {variable(profile, row.table, row.key): as_text(row.planned) for row in rows}


def as_text(value: Value) -> str:
    """As a flag or an environment variable has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)
