"""Where the node listens for its peers, against where they dial it: two ports that must be one, or be forwarded."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ..finding import Finding, error, info, warning
from .addresses import dial_fault, ip_of, listen_fault, split_host_port, without_protocol
from .environment import Override, effective, environment
from .facts import ConfigFacts
from .model import NodeConfig

_PLACE = ("p2p", "laddr")


def port_of(laddr: str) -> int | None:
    """The port of a p2p.laddr; None where the node refuses the address."""
    return None if dial_fault(laddr) else int(split_host_port(without_protocol(laddr)).port)


def with_port(laddr: str, port: int) -> str:
    """An address that the node takes, with another port; protocol and host stay."""
    place = without_protocol(laddr)
    protocol = laddr[: laddr.find("://") + 3] if "://" in laddr else ""
    return f"{protocol}{place[: place.rfind(':')]}:{port}"


def laddr_for(facts: ConfigFacts, port: int | None) -> str:
    """The p2p.laddr that listens on ``port``; empty where the file need not say it, or what it says is refused."""
    now = facts.config.p2p_laddr
    listens = port_of(now)
    if port is None or listens is None:
        return ""
    if listens == port:
        return now if _PLACE in facts.config.written else ""
    return with_port(now, port)


def forwarding(facts: ConfigFacts, laddr: str) -> Iterator[Finding]:
    """Where the port that counts is not the card's; ``laddr`` is the planned one, empty where none is planned."""
    override = _override(facts)
    listens = port_of(override.value if override else laddr or facts.config.p2p_laddr)
    if not facts.addresses or listens is None or listens == facts.dialled:
        return
    message = (
        f"The others dial {facts.addresses[0]}, and this node listens on port {listens}: a router has to forward port "
        f"{facts.dialled} to it."
    )
    if override:
        fix = f"Unset {override.variable}, or see that the router does."
        yield warning("config-port-forward", override.variable, message, fix)
    else:
        fix = "See that the router does; to listen on the card's port, empty the field listen."
        yield info("config-port-forward", "listen", message, fix)


def _override(facts: ConfigFacts) -> Override | None:
    found = environment(facts.profile, dict(facts.environ))
    return next((one for one in found if (one.table, one.key) == _PLACE and effective(one, facts.profile, True)), None)


def same_port_findings(config: NodeConfig) -> Iterator[Finding]:
    """The node opens p2p.laddr and each of rpc.laddr; the second of two on one port ends it.

    Source: runs of CometBFT 0.34.33, 0.37, 0.38 and 1.0.1.
    """
    port = port_of(config.p2p_laddr)
    if not port:
        return  # refused, or 0: then the system chooses
    host = split_host_port(without_protocol(config.p2p_laddr)).host
    for part in filter(None, (part.strip(" ") for part in config.rpc_laddr.split(","))):
        if listen_fault(part) or part.startswith("unix"):
            continue
        network, place = part.split("://", 1)
        split = split_host_port(place or ":0")
        if split.port.lstrip("+").lstrip("0") == str(port) and _meet(host, split.host, network):
            message = f"p2p.laddr is {config.p2p_laddr} and rpc.laddr is {part}: one port. The node ends at its start."
            fix = "Write another port for rpc.laddr, tcp://127.0.0.1:26657 unless that is the p2p port."
            yield error("config-same-port", "rpc.laddr", message, fix)


def _meet(p2p: str, rpc: str, network: str) -> bool:
    """Whether one listener keeps the other's port from being opened; every interface means both families."""
    one, other = _interface(p2p), _interface(rpc)
    if one is None or other is None:
        return p2p.lower() == rpc.lower() or any(ip and ip.is_unspecified for ip in (one, other))
    if one.is_unspecified:
        return True
    if other.is_unspecified:
        return one.version == {"tcp4": 4, "tcp6": 6}.get(network, one.version)
    return one == other


def _interface(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for a name, of which only the machine knows the address."""
    if not host:
        return ipaddress.IPv6Address("::")
    ip = ip_of("127.0.0.1" if host.lower() == "localhost" else host)
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip
