"""The answers of the step ``config``: parsed, with a finding for each that can not be used."""

from __future__ import annotations

from dataclasses import dataclass

from ..finding import Finding, Severity, error
from ..member_name import SHORTEST, meant
from ..step import Answers, Field
from .addresses import dial_fault, port_fault
from .facts import ConfigFacts
from .listening import laddr_for
from .log_level import log_level_fault
from .peers import Peer, read_peers
from .settings import LOG_LEVEL, RATE, Neighbour, Wanted

FIELDS = (
    Field("moniker", "Moniker", "The name under which the other members see this node, as on its card."),
    Field(
        "peers",
        "Peers",
        "Whom this node keeps connections to: all, or some members, by moniker or the beginning of a node id, with "
        "commas between. In a network without a record: ID@HOST:PORT of each.",
    ),
    Field(
        "external_address",
        "External address",
        "host:port that this node tells its peers, from its card. Empty: the setting stays as it is.",
    ),
    Field(
        "listen",
        "Listen port",
        "The port on which this node waits for its peers. Empty: the port of its card, which they dial. Say another "
        "one where a router forwards the card's port to it.",
    ),
    Field(
        "pex",
        "Peer exchange",
        "no: this node dials only the members of the record and tells nobody their addresses. yes: it learns and tells "
        "addresses.",
    ),
    Field(
        "log_level",
        "Log level",
        "The documents' value logs little and hides why a peer was refused; info shows it.",
    ),
    Field("send_rate", "Send rate", "Bytes per second to one peer; the documents have 102400000."),
    Field("recv_rate", "Receive rate", "Bytes per second from one peer; the documents have 102400000."),
    Field(
        "create_empty_blocks", "Empty blocks", "no, as the documents have it: blocks are made for transactions only."
    ),
    Field(
        "recheck", "Recheck", "no, as the documents have it: waiting transactions are not checked after every block."
    ),
)
"""``base``, a file that stands for the home's config.toml, is an answer of commands only."""


@dataclass(frozen=True, slots=True)
class Parsed:
    wanted: Wanted
    findings: tuple[Finding, ...]


_SUGGESTED = {
    "log_level": ("", "log_level"),
    "send_rate": ("p2p", "send_rate"),
    "recv_rate": ("p2p", "recv_rate"),
    "create_empty_blocks": ("consensus", "create_empty_blocks"),
    "recheck": ("mempool", "recheck"),
}
"""What the documents suggest and no network needs: by field, its place in config.toml."""


def suggest(facts: ConfigFacts) -> dict[str, str]:
    """An answer for every field. What the documents only suggest leaves a setting that the operator has made."""
    return {
        "moniker": facts.moniker or facts.config.moniker,
        "peers": "all",
        "external_address": facts.addresses[0] if facts.addresses else "",
        "listen": "",
        "pex": "no",
        "log_level": LOG_LEVEL,
        "send_rate": str(RATE),
        "recv_rate": str(RATE),
        "create_empty_blocks": "no",
        "recheck": "no",
        **{field: own for field, place in _SUGGESTED.items() if (own := _own(facts, *place))},
    }


def _own(facts: ConfigFacts, table: str, key: str) -> str:
    """What the file says, as an answer, where that is another value than the program's own ``init`` writes, and sound.

    Empty where it is not: then nobody has chosen it.
    """
    value, default = facts.config.get(table, key), facts.profile.config.get(table, {}).get(key)
    if (table, key) not in facts.config.written or value == default:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if value > 0 else ""
    return value if isinstance(value, str) and value and not log_level_fault(value) else ""


def parse(facts: ConfigFacts, answers: Answers) -> Parsed:
    """What is wanted; an answer that can not be used counts as the suggestion, and there is a finding about it."""
    said = {**suggest(facts), **answers}
    findings: list[Finding] = []
    reader = _Reader(facts, said, findings)
    chosen = reader.chosen()
    wanted = Wanted(
        own_id=facts.node_id,
        moniker=reader.moniker(),
        members=facts.members or chosen,
        chosen=chosen,
        external_address=reader.external_address(),
        p2p_laddr=laddr_for(facts, reader.listen()),
        pex=reader.yes("pex"),
        log_level=reader.log_level(),
        send_rate=reader.rate("send_rate"),
        recv_rate=reader.rate("recv_rate"),
        create_empty_blocks=reader.yes("create_empty_blocks"),
        recheck=reader.yes("recheck"),
        rpc_laddr=facts.config.rpc_laddr,
    )
    return Parsed(wanted, tuple(findings))


@dataclass(frozen=True, slots=True)
class _Reader:
    facts: ConfigFacts
    said: dict[str, str]
    findings: list[Finding]

    def refuse(self, field: str, message: str, fix: str) -> None:
        self.findings.append(error("config-answer", field, message, fix))

    def yes(self, field: str) -> bool:
        word = self.said[field].strip().lower()
        if word not in ("yes", "no", "true", "false"):
            self.refuse(field, f'{field} is "{word}", expected yes or no.', "Say yes or no.")
        return word in ("yes", "true")

    def rate(self, field: str) -> int:
        text = self.said[field].strip().replace("_", "")
        if text.isascii() and text.isdigit() and 0 < int(text[:20]) < 2**63:
            return int(text)
        self.refuse(field, f'{field} is "{text}", expected bytes per second, 1 or more.', f"Say {RATE}.")
        return RATE

    def moniker(self) -> str:
        text = self.said["moniker"].strip(" ")
        if text and len(text) <= 64 and all(" " <= char <= "~" for char in text):
            return text
        if text:
            message = f'moniker is "{text}", expected 1 to 64 printable ASCII characters.'
            self.refuse("moniker", message, "Say a name of letters, digits, blanks and signs.")
        return ""

    def log_level(self) -> str:
        text = self.said["log_level"].strip()
        fault = log_level_fault(text)
        if fault:
            self.refuse("log_level", f'log_level is "{text}": {fault}.', f"Say info, or {LOG_LEVEL}.")
        return LOG_LEVEL if fault else text

    def external_address(self) -> str:
        text = self.said["external_address"].strip()
        fault = dial_fault(text) if text else ""
        if fault or "://" in text:
            message = f'external_address is "{text}": {fault or "it has a protocol"}.'
            self.refuse("external_address", message, "Say host:port, an IPv6 address in brackets.")
            return ""
        return text

    def listen(self) -> int | None:
        text = self.said["listen"].strip()
        fault = port_fault(text) if text else ""
        if fault or (text and int(text) == 0):
            message = f'listen is "{text}": {fault or "others can not dial a port that the system chooses"}.'
            self.refuse("listen", message, "Say a port, 1 to 65535; nothing for the port of the card.")
        elif text:
            return int(text)
        return self.facts.dialled

    def chosen(self) -> tuple[Neighbour, ...]:
        text = self.said["peers"].strip()
        if text == "all":
            return self.facts.members
        if not self.facts.members:
            return self._addresses(text)
        found = [self._member(name.strip()) for name in text.split(",") if name.strip()]
        if not found:
            self.refuse("peers", "peers names nobody.", "Say all, or some members with commas between.")
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def _addresses(self, text: str) -> tuple[Neighbour, ...]:
        """Of a network without a record, whose nodes are known by their addresses alone."""
        read = read_peers(text, self.facts.profile, self.facts.node_id, "peers")
        self.findings.extend(one for one in read.findings if one.severity is Severity.ERROR)
        by_id: dict[str, list[Peer]] = {}
        for peer in read.peers:
            by_id.setdefault(peer.node_id, []).append(peer)
        return tuple(Neighbour(node_id[:8], node_id, tuple(peers)) for node_id, peers in by_id.items())

    def _member(self, name: str) -> Neighbour | None:
        node_ids = meant(name, ((one.moniker, one.node_id) for one in self.facts.members))
        named = [one for one in self.facts.members if one.node_id in node_ids]
        if len(named) == 1:
            return named[0]
        known = ", ".join(member.moniker for member in self.facts.members) or "nobody: there is no record yet"
        many = ", ".join(f"{member.moniker} ({member.node_id[:8]})" for member in named)
        message = f'"{name}" could be {many}.' if many else f'Nobody in the record is called "{name}"; it has {known}.'
        self.refuse("peers", message, f"Say a moniker, or the first {SHORTEST} or more digits of a node id.")
        return None
