"""Addresses as the node reads them: Go's net package, and p2p/netaddress.go of Tendermint 0.34 to CometBFT 1.0."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_NUMERIC = re.compile(r"[0-9.]+\Z")
_DIGITS = re.compile(r"[0-9]+\Z", re.ASCII)
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z", re.ASCII)
SERVICES = {
    "domain": 53, "ftp": 21, "ftps": 990, "gopher": 70, "http": 80, "https": 443, "imap2": 143, "imap3": 220,
    "imaps": 993, "pop3": 110, "pop3s": 995, "smtp": 25, "submissions": 465, "ssh": 22, "telnet": 23,
}  # fmt: skip
"""Names of TCP ports that Go knows on every machine (services of net/lookup.go); it takes them where it listens."""
NETWORKS = ("tcp", "tcp4", "tcp6", "unix", "unixpacket")


@dataclass(frozen=True, slots=True)
class HostPort:
    host: str
    port: str
    fault: str = ""
    """Why Go refuses it, one clause; empty where it does not."""


def split_host_port(text: str) -> HostPort:
    """net.SplitHostPort."""
    last = text.rfind(":")
    if last < 0:
        return HostPort("", "", "it has no port")
    if text.startswith("["):
        end = text.find("]")
        if end < 0:
            return HostPort("", "", 'the closing "]" is missing')
        if end + 1 != last:
            more = text[end + 1 : end + 2] == ":"
            return HostPort("", "", "it has too many colons" if more else "it has no port")
        host, after = text[1:end], text[end + 1 :]
        inside = host
    else:
        host, inside, after = text[:last], text, text
        if ":" in host:
            return HostPort("", "", "it has too many colons: an IPv6 address stands in [brackets]")
    if "[" in inside or "]" in after:
        return HostPort("", "", "it has a bracket in the wrong place")
    return HostPort(host, text[last + 1 :])


def without_protocol(text: str) -> str:
    """removeProtocolIfDefined: what stands between the first and the second ``://``."""
    return text.split("://")[1] if "://" in text else text


def port_fault(port: str) -> str:
    """Why strconv.ParseUint(port, 10, 16) refuses it."""
    if not _DIGITS.match(port):
        return f'the port "{port}" is not a number' if port else "the port is empty"
    return f"the port {port} is above 65535" if int(port[:30]) > 65535 else ""


def ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address (with a zone or not); None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def one_spelling(host: str) -> str:
    """The same text for every spelling of a host: an IPv4 address mapped to IPv6 is that IPv4 address to the system."""
    ip = ip_of(host)
    if ip is None:
        return host.lower().rstrip(".")
    return str(ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else str(ip)


def is_name(host: str) -> bool:
    """Whether ``host`` could be a DNS name that resolves; text of digits and dots that is no address could not."""
    if len(host) > 254 or _NUMERIC.match(host):
        return False
    labels = host.removesuffix(".").split(".")
    return all(_LABEL.match(label) for label in labels) and labels[-1] != "invalid"


def host_fault(host: str) -> str:
    """Why ``host`` is no place that could be reached; empty where it is an IP address or may be a name."""
    if not host:
        return "the host is empty"
    if ip_of(host) is not None or is_name(host):
        return ""
    return f'"{host}" is neither an IP address nor a name that can resolve'


def dial_fault(text: str) -> str:
    """Why NewNetAddressString refuses ``<id>@`` + ``text`` (p2p.laddr, external_address)."""
    plain = without_protocol(text)
    if "@" in plain:
        return 'it has an "@"'
    split = split_host_port(plain)
    return split.fault or host_fault(split.host) or port_fault(split.port)


def listen_fault(text: str) -> str:
    """Why net.Listen refuses ``text``, a fully formed address (rpc.laddr)."""
    if "://" not in text:
        return "it does not begin with tcp:// or unix://"
    network, place = text.split("://", 1)
    if network not in NETWORKS:
        return f'"{network}" is not one of {", ".join(NETWORKS)}'
    if network.startswith("unix"):
        return "" if 0 < len(place.encode()) < 108 else "a socket's path has 1 to 107 bytes"
    if not place:
        return ""  # every interface, and a port that the system chooses
    split = split_host_port(place)
    if split.fault:
        return split.fault
    host = host_fault(split.host) or _other_family(network, split.host) if split.host else ""
    return host or heard_port_fault(split.port)


def heard_port_fault(port: str) -> str:
    """Why net.Listen refuses a port: it takes one with a sign, an empty one, and the name of a service."""
    return port_fault(_unsigned(port)) if port and port.lower() not in SERVICES else ""


def heard_port(port: str) -> int:
    """The number of a port in which ``heard_port_fault`` finds nothing."""
    return SERVICES.get(port.lower()) or int(port.lstrip("+-") or 0)


def _unsigned(port: str) -> str:
    return port[1:] if port.startswith("+") or re.match(r"-0+\Z", port) else port


def _other_family(network: str, host: str) -> str:
    ip = ip_of(host)
    wanted = {"tcp4": 4, "tcp6": 6}.get(network)
    if ip is None or wanted is None or ip.version == wanted:
        return ""
    mapped = isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None
    return "" if mapped and wanted == 4 else f"{host} is not of the family of {network}"


_NOT_ROUTABLE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "255.255.255.255/32", "::/128", "::1/128", "2001:10::/28", "2001:db8::/32", "fc00::/7", "fe80::/64",
    )
)  # fmt: skip
"""NetAddress.Routable of p2p/netaddress.go, the same from v0.34.33 to v1.0.1: 100.64.0.0/10 is routable to the node."""


def is_routable(host: str) -> bool:
    """Whether a strict address book takes it; of a name, whether it is not local by its form."""
    ip = ip_of(host)
    if ip is None:
        lower = host.lower().rstrip(".")
        return "." in lower and not lower.endswith((".local", ".internal", ".lan", ".home.arpa", ".localhost"))
    plain = ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip
    return not any(plain.version == net.version and plain in net for net in _NOT_ROUTABLE)
