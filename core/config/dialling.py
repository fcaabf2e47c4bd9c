"""Whom a node dials, and what it says about itself: addresses that can not work, and ids that belong to others.

The kinds of addresses are judged as on cards (``core.card.checks``). Source: p2p/switch.go, p2p/transport.go and
p2p/netaddress.go of v0.34.33 to v1.0.1; runs of those programs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..card.checks import check_host, check_port
from ..card.hosts import P2P_PORT, Address, means_many
from ..finding import Finding, Severity, error, unknown, warning
from .addresses import dial_fault, ip_of, is_routable, one_spelling, split_host_port, without_protocol
from .known import Party, is_id, mistaken_id, of_whom
from .model import NodeConfig
from .peers import Peer, read_peers

if TYPE_CHECKING:
    from .surroundings import Surroundings

_PORT = f"Write the port of p2p.laddr there, usually {P2P_PORT}."
_DECLARED = ("address-private", "address-link-local", "address-bare")
"""Peers of a private network have these: ``config-strict-book`` says where the settings do not fit them."""


@dataclass(frozen=True, slots=True)
class Dialled:
    where: str
    peer: Peer


def dialled(config: NodeConfig) -> tuple[Dialled, ...]:
    """Every entry of persistent_peers and, with peer exchange, seeds that can be read."""
    lists = ("persistent_peers", "seeds") if config.flag("p2p", "pex") else ("persistent_peers",)
    return tuple(
        Dialled(f"p2p.{key}", peer)
        for key in lists
        for peer in read_peers(config.text("p2p", key), config.profile, subject=f"p2p.{key}").peers
    )


def dialling_findings(config: NodeConfig, around: Surroundings) -> Iterator[Finding]:
    every = dialled(config)
    for one in every:
        if one.peer.node_id != around.own_id:  # the node skips its own, whatever the address
            yield from _address(one)
            yield from _owner(one, config, around)
    yield from _shared(config, every, around)
    yield from _strict_book(config, every, around)
    yield from _unresolved(config, every, around)
    yield from _told(config)


def _address(one: Dialled) -> Iterator[Finding]:
    peer = one.peer
    if is_id(peer.host):
        message = f"The host {peer.host} is 40 hex digits, a node id or validator address and no place to dial."
        fix = f"Ask the operator of {peer.node_id[:8]} for the host and port of the node."
        yield error("config-id-kind", one.where, message, fix)
        return
    for finding in check_host(one_spelling(peer.host), one.where):
        if finding.code not in _DECLARED:
            yield finding
    yield from check_port(Address(peer.host, peer.port), one.where)
    if not peer.port:
        yield error("config-port-zero", one.where, f"{_place(peer)}: nobody can dial the port 0.", _PORT)


def _place(peer: Peer) -> str:
    return Address(peer.host, peer.port).host_port


def _owner(one: Dialled, config: NodeConfig, around: Surroundings) -> Iterator[Finding]:
    """An id that does not belong to the address, as far as either is known."""
    peer, known = one.peer, around.known
    if mistaken_id(peer.node_id, known):
        return  # reported with the form of the entry
    there = known.at(peer.host, peer.port)
    if there and peer.node_id not in there:
        node_id, party = next(iter(there.items()))
        mine, owner = known.with_id(peer.node_id), _possessive(party)
        said = f"{peer.node_id} is {_possessive(mine)} node id" if mine else f"{peer.node_id} is an unknown node id"
        message = (
            f"{_place(peer)}: {said}, and {owner} node answers there with {node_id} ({party.source}). The node refuses "
            "a peer whose id is another than the one that it dialled."
        )
        fix = f"Ask {of_whom(party, peer.host)} for what show-node-id prints; with the record: quorate plan config."
        yield error("config-peers-other-member", one.where, message, fix)
    elif _is_own_place(peer, config, around):
        message = f"{_place(peer)} is this node's own address under another node id; it does not connect to itself."
        fix = f"Ask the operator of {peer.node_id[:8]} for the address of the node, or remove the entry."
        yield warning("config-peers-own-address", one.where, message, fix)


def _possessive(party: Party) -> str:
    return "this node's own" if party.who == "this node" else f"{party.who}'s"


def _is_own_place(peer: Peer, config: NodeConfig, around: Surroundings) -> bool:
    external = split_host_port(without_protocol(config.external_address))
    if one_spelling(peer.host) == one_spelling(external.host) and str(peer.port) == external.port.lstrip("0"):
        return True
    if dial_fault(config.p2p_laddr) or str(peer.port) != split_host_port(
        without_protocol(config.p2p_laddr)
    ).port.lstrip("0"):
        return False
    ip = ip_of(peer.host)
    loopback = peer.host.lower() == "localhost" or (ip is not None and ip.is_loopback)
    # Every machine can bind an address that means many.
    return loopback or (not means_many(peer.host) and around.is_local(peer.host))


def _shared(config: NodeConfig, every: tuple[Dialled, ...], around: Surroundings) -> Iterator[Finding]:
    """With this setting the node takes one connection from an IP address."""
    if config.flag("p2p", "allow_duplicate_ip"):
        return
    hosts: dict[str, dict[str, str]] = defaultdict(dict)
    for one in every:
        if one.peer.node_id != around.own_id:
            for place in around.resolved(one.peer.host) or (one.peer.host,):
                hosts[one_spelling(place)].setdefault(one.peer.node_id, _place(one.peer))
    own = config.external_host.lower()
    for place in around.resolved(own) or ((own,) if own else ()):
        hosts[one_spelling(place)].setdefault(around.own_id, f"{config.external_address} (this node)")
    said: set[tuple[str, ...]] = set()
    for place, texts in hosts.items():
        together = tuple(texts.values())
        if len(together) > 1 and together not in said:
            said.add(together)
            message = (
                f"{len(together)} nodes share the address {place}, and p2p.allow_duplicate_ip is false: of "
                f"{' and '.join(together)} only one can be connected at a time; the others are refused without a word."
            )
            fix = "Write allow_duplicate_ip = true in [p2p], on every node of the network."
            yield warning("config-shared-address", "p2p.allow_duplicate_ip", message, fix)


def _strict_book(config: NodeConfig, every: tuple[Dialled, ...], around: Surroundings) -> Iterator[Finding]:
    if not config.flag("p2p", "addr_book_strict"):
        return
    hosts = dict.fromkeys(one.peer.host for one in every if one.peer.node_id != around.own_id)
    refused = [host for host in hosts if not all(map(is_routable, around.resolved(host) or (host,)))]
    if refused:
        message = (
            f"p2p.addr_book_strict is true, and the address book then refuses {', '.join(refused)} as not public: the "
            "node dials such a peer from its list alone, and learns it from nobody."
        )
        fix = "Write addr_book_strict = false in [p2p] where the members are on a private network."
        yield warning("config-strict-book", "p2p.addr_book_strict", message, fix)


def _unresolved(config: NodeConfig, every: tuple[Dialled, ...], around: Surroundings) -> Iterator[Finding]:
    """Names of peers that do not resolve: the node looks each up once, when it starts."""
    hosts: dict[str, list[Dialled]] = defaultdict(list)
    for one in every:
        if one.peer.host.lower() in around.names:
            hosts[one.peer.host.lower()].append(one)
    for host, several in hosts.items():
        found, where = around.names[host], several[0].where
        if found is None:
            message = f"Whether {host} resolves could not be determined; the node looks it up once, when it starts."
            yield unknown("config-peers-unresolved", where, message, f"Look it up on the node's machine: host {host}")
        elif not found:
            fix = "Correct the name, write the IP address, or see that the name resolves on the node's machine."
            said = f"{host} does not resolve on this machine"
            if any(one.where == "p2p.seeds" for one in several) and _no_seed(config, every, around):
                message = f"{said}, nor does any other seed, and there is no address book: the node ends at its start."
                yield error("config-peers-unresolved", where, message, fix)
            else:
                yield warning("config-peers-unresolved", where, f"{said}: the node never dials that peer.", fix)


def _no_seed(config: NodeConfig, every: tuple[Dialled, ...], around: Surroundings) -> bool:
    """Whether no seed resolves, and nothing else tells the node whom to ask (checkSeeds of p2p/pex/pex_reactor.go)."""
    seeds = [one.peer.host.lower() for one in every if one.where == "p2p.seeds"]
    book = around.home / config.text("p2p", "addr_book_file") if around.home else None
    lost = all(around.names.get(seed, (seed,)) == () for seed in seeds)
    return lost and (book is None or around.there.get(book, "missing") == "missing")


def _told(config: NodeConfig) -> Iterator[Finding]:
    """external_address, which the node tells its peers."""
    text = config.external_address
    if not text or dial_fault(text):
        return
    split = split_host_port(without_protocol(text))
    where = "p2p.external_address"
    if is_id(split.host):
        message = f"{where} is {text}: the host is 40 hex digits, a node id or validator address and no place to dial."
        yield error("config-id-kind", where, message, "Write host:port of this node, as its peers reach it.")
        return
    if not int(split.port):
        yield warning("config-port-zero", where, f"{where} is {text}: nobody can dial the port 0.", _PORT)
    port = check_port(Address(split.host, int(split.port)), where)
    private = not config.flag("p2p", "addr_book_strict")
    for finding in (*check_host(one_spelling(split.host), where), *port):
        if private and finding.code in _DECLARED:
            continue
        # The node itself starts, and dials its peers.
        mild = replace(finding, severity=min(finding.severity, Severity.WARNING))
        yield replace(mild, message=f"{where} is {text}: {finding.message}")
