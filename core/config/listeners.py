"""Every place where a node listens: one port for two, and addresses that the machine does not have.

Source: OnStart, startRPC and startPrometheusServer of node/node.go, and NewSignerListener of privval/utils.go, at
v0.34.33, v0.37.15, v0.38.17 and v1.0.1; runs of those programs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ..finding import Finding, error, unknown, warning
from .addresses import (
    SERVICES,
    dial_fault,
    heard_port,
    heard_port_fault,
    ip_of,
    listen_fault,
    split_host_port,
    without_protocol,
)
from .model import NodeConfig

if TYPE_CHECKING:
    from .surroundings import Surroundings

_NOWHERE = (ipaddress.ip_network("0.0.0.0/8"), ipaddress.ip_network("240.0.0.0/4"))
"""Addresses that no machine has; 0.0.0.0 itself means all, and 255.255.255.255 can be bound."""


@dataclass(frozen=True, slots=True)
class Listener:
    path: str
    text: str
    """As the setting has it."""
    network: str
    """``tcp``, ``tcp4``, ``tcp6`` or ``unix``."""
    host: str
    """Empty: every interface. For ``unix``: the socket's path."""
    port: int
    needed: bool = True
    """Whether the node ends if it can not listen there; else it logs that and goes on."""


def listeners(config: NodeConfig) -> tuple[Listener, ...]:
    """Where the node listens; what it refuses, and a port that the system chooses, are left out."""
    found = (_p2p(config), *_rpc(config), *_grpc(config), _signer(config), *_extra(config))
    return tuple(one for one in found if one is not None and (one.port or one.network == "unix" or one.host))


def listener_findings(config: NodeConfig, around: Surroundings) -> Iterator[Finding]:
    every = listeners(config)
    for one in every:
        yield from _named_port(one)
    yield from _same_port(every)
    yield from _application(config, every, around)
    for one in every:
        if one.network != "unix":
            yield from _not_here(one, around)
    yield from _remote_signer(config)


# --- reading -----------------------------------------------------------------------------------------------------


def _p2p(config: NodeConfig) -> Listener | None:
    text = config.p2p_laddr
    if dial_fault(text):
        return None
    split = split_host_port(without_protocol(text))
    return Listener("p2p.laddr", text, "tcp", split.host, int(split.port))


def _rpc(config: NodeConfig) -> Iterator[Listener | None]:
    parts = [part.strip(" ") for part in config.rpc_laddr.split(",")]
    for part in filter(None, parts):
        yield _formed("rpc.laddr", part)


def _grpc(config: NodeConfig) -> Iterator[Listener | None]:
    if not config.rpc_laddr:
        return  # all of them are started with the RPC
    for table, key in (("rpc", "grpc_laddr"), ("grpc", "laddr"), ("grpc.privileged", "laddr")):
        text = config.text(table, key)
        if text:
            yield _formed(f"{table}.{key}", text)


def _signer(config: NodeConfig) -> Listener | None:
    text = config.priv_validator_laddr
    return _formed("priv_validator_laddr", text if "://" in text else f"tcp://{text}") if text else None


def _extra(config: NodeConfig) -> Iterator[Listener | None]:
    """Listeners of net/http: an address without protocol, and no end of the node if it fails."""
    places = [("rpc", "pprof_laddr"), ("", "prof_laddr")]
    if config.flag("instrumentation", "prometheus"):
        places.append(("instrumentation", "prometheus_listen_addr"))
    for table, key in places:
        text = config.text(table, key)
        if text and not http_fault(text):
            split = split_host_port(text)
            path = f"{table}.{key}" if table else key
            yield Listener(path, text, "tcp", split.host, heard_port(split.port), needed=False)


def http_fault(text: str) -> str:
    """Why http.ListenAndServe refuses an address: it takes host:port, and no protocol."""
    if "://" in text:
        return "it has a protocol, and this one is only host:port"
    split = split_host_port(text)
    return split.fault or heard_port_fault(split.port)


def _formed(path: str, text: str) -> Listener | None:
    if listen_fault(text):
        return None
    network, place = text.split("://", 1)
    if network.startswith("unix"):
        return Listener(path, text, "unix", place, 0)
    split = split_host_port(place or ":0")
    return Listener(path, text, network, split.host, heard_port(split.port))


# --- two at one place --------------------------------------------------------------------------------------------


def _named_port(one: Listener) -> Iterator[Finding]:
    name = one.text.rpartition(":")[2]
    if one.network != "unix" and name.lower() in SERVICES:
        message = f"{one.path} is {one.text}: the port is a name, which stands for {one.port}."
        yield warning("config-port-name", one.path, message, f"Write {one.port} for {name}.")


def _same_port(every: tuple[Listener, ...]) -> Iterator[Finding]:
    for one, other in combinations(every, 2):
        if not meet(one, other):
            continue
        place = "socket" if one.network == "unix" else "port"
        said = f"{one.path} is {one.text} and {other.path} is {other.text}: one {place}."
        fix = f"Write another {place} for {other.path}."
        if one.needed and other.needed:
            yield error("config-same-port", other.path, f"{said} The node ends at its start.", fix)
        elif one.needed or other.needed:
            ends = "The first to listen keeps it: the node ends at its start, or one of them is off."
            yield error("config-same-port", other.path, f"{said} {ends}", fix)
        else:
            yield warning("config-same-port", other.path, f"{said} One of them is off.", fix)


def meet(one: Listener, other: Listener) -> bool:
    """Whether one listener keeps the other from being opened; every interface means both families."""
    if "unix" in (one.network, other.network):
        return one.network == other.network and one.host == other.host
    if one.port != other.port or not one.port:
        return False
    first, second = _interface(one.host), _interface(other.host)
    if first is None or second is None:
        return one.host.lower() == other.host.lower() or any(ip and ip.is_unspecified for ip in (first, second))
    if first.is_unspecified or second.is_unspecified:
        return bool(_families(one, first) & _families(other, second))
    return first == second


def _families(listener: Listener, ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> set[int]:
    """Go opens a socket for both families where every interface is meant, unless the protocol names one of them."""
    only = {"tcp4": {4}, "tcp6": {6}}.get(listener.network)
    if not ip.is_unspecified:
        return {ip.version}
    return only or {4, 6}


def _interface(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for a name, of which only the machine knows the address."""
    if not host:
        return ipaddress.IPv6Address("::")
    ip = ip_of("127.0.0.1" if host.lower() == "localhost" else host)
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


def _application(config: NodeConfig, every: tuple[Listener, ...], around: Surroundings) -> Iterator[Finding]:
    """The application listens where proxy_app says; on the same machine that is one more listener."""
    text = config.text("", "proxy_app")
    place = _formed("proxy_app", text if "://" in text else f"tcp://{text}")
    if place is None or not place.port:
        return
    ip = _interface(place.host)
    if not (ip and (ip.is_loopback or ip.is_unspecified)) and not around.is_local(place.host):
        return
    for one in every:
        if meet(one, place):
            message = (
                f"proxy_app is {text}, where the application listens, and {one.path} is {one.text}: one port. "
                "Node and application can not both start."
            )
            fix = "Write another port for one of them, and start the application with the one in proxy_app."
            yield error("config-same-port", one.path, message, fix)


# --- addresses of this machine -----------------------------------------------------------------------------------


def _not_here(one: Listener, around: Surroundings) -> Iterator[Finding]:
    if one.host.lower() not in ("", "localhost") and ip_of(one.host) is None and not around.resolved(one.host):
        return  # a name that does not resolve, or was not looked up: said with the addresses
    ip = _bound(one, around)
    fault = around.bind_faults.get(ip, "") or _nowhere(ip)
    if not fault:
        return
    named = f" ({one.host} is {ip})" if ip != one.host else ""
    message = f"{one.path} is {one.text}{named}: {fault}, so nothing can listen there."
    fix = "Write an address that ip addr lists on the node's machine, or 0.0.0.0 for all of them."
    if one.needed:
        yield error("config-not-this-machine", one.path, f"{message} The node ends at its start.", fix)
    else:
        yield warning("config-not-this-machine", one.path, f"{message} The node runs without it.", fix)


def _bound(one: Listener, around: Surroundings) -> str:
    """The address that Go binds of those that a host has: the first of IPv4, if there is one."""
    several = around.resolved(one.host)
    return next((ip for ip in several if ":" not in ip), several[0] if several else "")


def _nowhere(ip: str) -> str:
    found = ip_of(ip) if ip else None
    if found is None or found.version == 6 or found.is_unspecified or str(found) == "255.255.255.255":
        return ""
    return "no machine has such an address" if any(found in net for net in _NOWHERE) else ""


def _remote_signer(config: NodeConfig) -> Iterator[Finding]:
    text = config.priv_validator_laddr
    if not text:
        return
    formed = text if "://" in text else f"tcp://{text}"
    fault = listen_fault(formed)
    if not fault and not formed.startswith(("tcp://", "unix://")):
        fault = "it is neither tcp:// nor unix://"
    if fault:
        message = f'priv_validator_laddr is "{text}": {fault}. The node refuses to start.'
        fix = "Write it as in tcp://127.0.0.1:26659, or empty it if no remote signer holds the key."
        yield error("config-remote-signer", "priv_validator_laddr", message, fix)
        return
    message = (
        f"priv_validator_laddr is {text}: at its start the node waits there for a remote signer, and ends after "
        "3 seconds without one. Whether one connects could not be determined."
    )
    fix = "Start the signer first, or empty priv_validator_laddr if the key is in this home."
    yield unknown("config-remote-signer", "priv_validator_laddr", message, fix)
