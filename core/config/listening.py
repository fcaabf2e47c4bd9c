"""Where the node listens for its peers, against where they dial it: two ports that must be one, or be forwarded."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, info, warning
from .addresses import dial_fault, split_host_port, without_protocol
from .environment import Override, effective, environment
from .facts import ConfigFacts

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
