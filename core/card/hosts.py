"""Hosts and addresses as cards carry them: one canonical form, and what kind of host it is."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

P2P_PORT = 26656
RPC_PORT = 26657
PROXY_PORT = 26658
"""Defaults of Tendermint and CometBFT: p2p.laddr, rpc.laddr, proxy_app."""
OTHER_PORTS = {
    RPC_PORT: "the RPC",
    PROXY_PORT: "the application",
    26660: "the Prometheus metrics",
    6060: "the profiler (pprof)",
    9090: "gRPC",
    1317: "the REST API of the Cosmos SDK",
    9984: "Planetmint's HTTP API",
    9985: "Planetmint's event stream",
}
"""Ports that are given for that of p2p.laddr by mistake, and what listens there."""

Kind = Literal["name", "bare", "public", "private", "loopback", "unspecified", "link-local", "unusable"]
"""``name``: a DNS name with a dot. ``bare``: a name without. ``private``: RFC 1918, RFC 6598, unique local IPv6.
``unusable``: multicast, documentation, reserved. The rest are kinds of IP addresses; ``localhost`` is ``loopback``."""

_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?![0-9]+\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_IP = re.compile(r"[0-9a-f:.]{2,45}")
_KEPT = 1 << 15
_ADDRESS = re.compile(
    r"(?:(?P<id>[0-9a-f]{40})@)?(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<host>[^\s:@\[\]]+)):(?P<port>[0-9]{1,5})"
)
_SHARED = ipaddress.ip_network("100.64.0.0/10")
_TEST_NET = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32")
_UNUSABLE = tuple(ipaddress.ip_network(net) for net in _TEST_NET)


@dataclass(frozen=True, slots=True)
class Address:
    """``[id@]host:port`` in canonical form: the host lower case and without brackets, IPv6 compressed."""

    host: str
    port: int
    node_id: str = ""
    """40 lower-case hex digits in a dial entry (a sentry's), empty for the node's own address."""

    @property
    def host_port(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.node_id}@{self.host_port}" if self.node_id else self.host_port


def is_host(text: str) -> bool:
    """Whether ``text`` is a canonical host: DNS name (letters, digits, hyphen), IPv4, or IPv6 without brackets."""
    if _NAME.fullmatch(text):
        return len(text) <= 253
    return _ip(text) == text


@lru_cache(maxsize=_KEPT)
def parse_address(text: str) -> Address | None:
    """The address, when ``text`` is one in canonical form; None for every other text."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    port, host = int(match["port"]), match["v6"] or match["host"]
    if not is_host(host) or (match["v6"] is not None) != (":" in host):
        return None
    address = Address(host, port, match["id"] or "")
    return address if 0 < port < 65536 and str(address) == text else None


@lru_cache(maxsize=_KEPT)
def parse_host_port(text: str) -> Address | None:
    """A host with or without a port (0 then), IPv6 in brackets: where the HTTP API is. None for every other text."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if is_host(bare) and (":" in bare) == (bare != text):
        return Address(bare, 0)
    address = parse_address(text)
    return address if address and not address.node_id else None


@lru_cache(maxsize=_KEPT)
def classify(host: str) -> Kind:
    """What kind of host a canonical ``host`` is, as far as its spelling tells."""
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    if _NAME.fullmatch(host) or _ip(host) is None:
        return "name" if "." in host else "bare"
    return _classify_ip(ipaddress.ip_address(host))


def means_many(host: str) -> str:
    """``multicast`` or ``broadcast`` where an IP address is for many machines at once, else empty."""
    if _ip(host) is None:
        return ""
    ip = ipaddress.ip_address(host)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if str(ip) == "255.255.255.255":
        return "broadcast"
    return "multicast" if ip.is_multicast else ""


def _classify_ip(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Kind:
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        return _classify_ip(mapped)
    if ip.is_unspecified:
        return "unspecified"
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    if ip.is_multicast or any(ip.version == net.version and ip in net for net in _UNUSABLE):
        return "unusable"
    if ip.version == 4 and ip in _SHARED:
        return "private"
    if ip.is_private:
        return "private" if not ip.is_reserved else "unusable"
    return "unusable" if ip.is_reserved else "public"


def _ip(text: str) -> str | None:
    # Nearly every text that comes here is no address, and an exception costs more than a look.
    if not _IP.fullmatch(text):
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
