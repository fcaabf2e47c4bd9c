"""The text of ``persistent_peers``: read as each generation of the node reads it, written in the one form all accept.

Canonical: ``<40 lower-case hex>@<host>:<port>`` joined with ``,``. Source: splitAndTrimEmpty of node/node.go and
NewNetAddressString of p2p/netaddress.go; runs of 0.22.8, 0.31.5, 0.34.24 and CometBFT 0.34 to 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..finding import Finding, Severity, error, info, warning
from ..profiles.profile import Profile
from .addresses import host_fault, port_fault, split_host_port, without_protocol
from .known import Known, Party, is_id, is_place, looks_like_address, mistaken_id, of_whom

_CANONICAL_ID = re.compile(r"[0-9a-f]{40}\Z")
_ID = re.compile(r"[0-9a-fA-F]+\Z")
_JOINTS = re.compile(r"[\s;|，；、]+")
"""What people write between entries instead of a comma."""
_PLACEHOLDER = re.compile(r"<[^<>]*>")
NOBODY = Known()


@dataclass(frozen=True, slots=True)
class Peer:
    """One entry that the node can dial."""

    node_id: str
    """40 lower-case hex."""
    host: str
    """Name or IP address, an IPv6 address without brackets."""
    port: int

    @property
    def text(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.node_id}@{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Peers:
    """What a peer string says; ``peers`` are the entries that can be read, repaired where the meaning is plain."""

    peers: tuple[Peer, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def text(self) -> str:
        return render_peers(self.peers)


def render_peers(peers: Iterable[Peer]) -> str:
    """The canonical string; the same peer once."""
    return ",".join(dict.fromkeys(peer.text for peer in peers))


def parse_dial(entry: str) -> Peer | None:
    """A canonical ``id@host:port`` of a card; None for anything else."""
    node_id, at, place = entry.partition("@")
    split = split_host_port(place)
    if not at or split.fault or not _CANONICAL_ID.match(node_id):
        return None
    if host_fault(split.host) or port_fault(split.port):
        return None
    return Peer(node_id, split.host, int(split.port))


def read_peers(
    text: str, profile: Profile, own_id: str = "", subject: str = "p2p.persistent_peers", known: Known = NOBODY
) -> Peers:
    """Read a peer string as the node of ``profile`` does. Findings are about every entry that is not canonical."""
    reader = _Reader(profile, own_id, subject, known)
    findings = (*reader.placeholder(text), *reader.whole(text))
    entries = [reader.entry(number, entry) for number, entry in enumerate(text.split(","), 1) if entry.strip(" ")]
    peers = tuple(peer for peer, _ in entries if peer is not None)
    found = [finding for _, several in entries for finding in several]
    return Peers(peers, (*findings, *found, *reader.repeated(peers)))


def refuses(profile: Profile) -> bool:
    """Whether a malformed entry ends the node; older ones (before 0.31.6) drop the entry with an error line."""
    return profile.malformed_peer_ends_node


@dataclass(frozen=True, slots=True)
class _Reader:
    profile: Profile
    own_id: str
    subject: str
    known: Known

    def placeholder(self, text: str) -> Iterator[Finding]:
        left = _PLACEHOLDER.findall(text)
        if left:
            yield error(
                "config-peers-placeholder",
                self.subject,
                f"The documents' placeholder {left[0]} is still there; nobody has that address.",
                "Let the config step write the peers, or put in the members' node ids and hostnames.",
            )

    def whole(self, text: str) -> Iterator[Finding]:
        parts = [part.strip(" ") for part in text.split(",")]
        if text.strip(" ") and not all(parts):
            yield self._note("config-peers-empty-entry", self.subject, "The list has a comma too many.", "Remove it.")
        if any(part != part.strip(" ") for part in text.split(",")):
            yield info(
                "config-peers-spaces",
                self.subject,
                "There are spaces around entries; the node trims them.",
                "Remove them.",
            )

    def entry(self, number: int, raw: str) -> tuple[Peer | None, tuple[Finding, ...]]:
        entry = raw.strip(" ")
        where = f"{self.subject}[{number}]"
        fault = entry_fault(entry)
        if fault:
            return None, (self._malformed(where, entry, fault),)
        plain = without_protocol(entry)
        node_id, place = plain.split("@")
        split = split_host_port(place)
        findings = (*self._form(where, entry, plain), *self._id(where, node_id, split.host))
        findings = (*findings, *self._host(where, split.host))
        if port_fault(split.port):
            return None, findings
        return Peer(node_id.lower(), split.host, int(split.port)), findings

    def _malformed(self, where: str, entry: str, fault: str) -> Finding:
        does = "refuses to start, even if all other entries are good" if refuses(self.profile) else "drops the entry"
        instead, fix = _joined(entry, entry_fault) or self._instead(without_protocol(entry).split("@"))
        message = f'"{entry}" is not <node id>@<host>:<port>: {instead or fault}. The node {does}.'
        return error("config-peers-entry", where, message, fix)

    def _instead(self, parts: list[str]) -> tuple[str, str]:
        """Return what the entry has instead, if that can be seen, and what to do."""
        first, place = parts[0], parts[1] if len(parts) == 2 else ""
        if place and is_id(place) and is_place(first):
            return "the node id is behind the address", f"Write {place}@{first}, if show-node-id prints that there."
        mistaken = mistaken_id(first, self.known)
        host = split_host_port(place if place else first).host or first
        if not place and is_place(first):
            party = next(iter(self._there(first)), None)
            clause = f"{party.who}'s address without a node id" if party else "it has no node id"
            return clause, f"Ask {of_whom(party, host)} for what show-node-id prints, and write it, @ and {first}."
        if mistaken:
            fix = f"Ask {of_whom(mistaken.party, host if place else '')} for what show-node-id prints."
            return f"{first} is {mistaken.what}", fix
        if not place and is_id(first):
            return "it has no address", "Ask that node's operator for its host and port, and write them behind @."
        return "", "Write 40 lower-case hex digits, @, a name or IP address, a colon and the port."

    def _there(self, place: str) -> Iterable[Party]:
        split = split_host_port(place)
        usable = not split.fault and not port_fault(split.port)
        return self.known.at(split.host, int(split.port)).values() if usable else ()

    def _id(self, where: str, node_id: str, host: str) -> Iterator[Finding]:
        never = "The node starts, and never connects to that peer"
        mistaken = mistaken_id(node_id, self.known)
        if mistaken:
            fix = f"Ask {of_whom(mistaken.party, host)} for what show-node-id prints."
            yield error("config-id-kind", where, f"{node_id} is {mistaken.what}, not a node id. {never}.", fix)
        elif node_id != node_id.lower():
            clause, fix = upper_case(node_id, self.known, host)
            yield error("config-peers-upper-case", where, f"{clause} {never}: ids are compared as text.", fix)

    def _form(self, where: str, entry: str, plain: str) -> Iterator[Finding]:
        if plain != entry:
            yield info(
                "config-peers-protocol",
                where,
                f'"{entry}" begins with a protocol; the node cuts it.',
                f"Write {plain}.",
            )

    def _host(self, where: str, host: str) -> Iterator[Finding]:
        fault = host_fault(host)
        if fault:
            yield error(
                "config-peers-host",
                where,
                f"{fault}: the node never dials this peer (the name is looked up once, at the start).",
                "Write the peer's DNS name or IP address.",
            )

    def repeated(self, peers: tuple[Peer, ...]) -> Iterator[Finding]:
        seen: set[str] = set()
        for peer in peers:
            if peer.node_id == self.own_id:
                yield info(
                    "config-peers-self",
                    self.subject,
                    f"{peer.text} is this node itself; the node skips it.",
                    "Remove it.",
                )
            elif peer.node_id in seen:
                yield info(
                    "config-peers-duplicate",
                    self.subject,
                    f"The node id {peer.node_id} is listed more than once; the node keeps one connection to it.",
                    "Keep one of them.",
                )
            seen.add(peer.node_id)

    def _note(self, code: str, subject: str, message: str, fix: str) -> Finding:
        if self.profile.logs_empty_peer:
            return warning(code, subject, f'{message} The node logs "Address () does not contain ID".', fix)
        return info(code, subject, f"{message} The node skips the empty entry.", fix)


def _joined(text: str, fault: Callable[[str], str]) -> tuple[str, str] | None:
    """Several entries with something else than a comma between them: a clause, and what to do."""
    parts = [part for part in _JOINTS.split(text) if part]
    joints = dict.fromkeys("".join(joint.strip(" ") or " " for joint in _JOINTS.findall(text)))
    if len(parts) < 2 or any(map(fault, parts)):
        return None
    named = " and ".join("a blank" if joint.isspace() else f'"{joint}"' for joint in joints)
    said = f'{len(parts)} entries have {named} between them, expected ","'
    return said, f'Write "," between them, and no blank: {",".join(parts)}'


def entry_fault(entry: str) -> str:
    """Why NewNetAddressString refuses the entry, were its host to resolve."""
    parts = without_protocol(entry).split("@")
    if len(parts) != 2:
        return "it has no node id" if len(parts) < 2 else 'it has more than one "@"'
    fault = id_fault(parts[0])
    if fault:
        return fault
    split = split_host_port(parts[1])
    if split.fault:
        return split.fault
    if not split.host:
        return "the host is empty"
    # The look-up comes before the port, and a look-up that fails is only logged.
    return "" if host_fault(split.host) else port_fault(split.port)


def id_fault(node_id: str) -> str:
    """Why validateID refuses it; upper case passes."""
    if not node_id:
        return "the node id is empty"
    if not _ID.match(node_id):
        return f'the node id "{node_id}" is not hex'
    return "" if len(node_id) == 40 else f"the node id has {len(node_id)} hex digits, expected 40"


def upper_case(node_id: str, known: Known, host: str = "") -> tuple[str, str]:
    """What an id with capitals is, a sentence, and what to do: only a node id that is known may be written small."""
    party = known.with_id(node_id)
    if party:
        return f"{node_id} is the node id of {party.who} in upper case.", f"Write {node_id.lower()}."
    said = f"The node id {node_id} has upper-case letters."
    if looks_like_address(node_id):
        said += " 40 upper-case hex digits are how validator addresses are printed; a node id is printed in lower case."
    return said, f"Ask {of_whom(None, host)} for what show-node-id prints."


def id_list_findings(text: str, subject: str, fatal: bool, known: Known = NOBODY) -> Iterator[Finding]:
    """Findings about a list of node ids; ``fatal`` where the node checks it (unconditional_peer_ids)."""
    for number, raw in enumerate(text.split(","), 1):
        node_id = raw.strip(" ")
        if node_id:
            yield from _listed(node_id, f"{subject}[{number}]", fatal, known)


def _listed(node_id: str, where: str, fatal: bool, known: Known) -> Iterator[Finding]:
    fault, mistaken = id_fault(node_id), mistaken_id(node_id, known)
    if fault:
        does = "The node refuses to start." if fatal else "It has no effect."
        clause, fix = _joined(node_id, id_fault) or _listed_instead(node_id, known)
        severity = Severity.ERROR if fatal else Severity.WARNING
        yield Finding("config-peer-id", severity, where, f"{clause or fault}. {does}", fix)
    elif mistaken:
        message = f"{node_id} is {mistaken.what}, not a node id, and matches no node."
        yield error(
            "config-id-kind", where, message, f"Ask {of_whom(mistaken.party, '')} for what show-node-id prints."
        )
    elif node_id != node_id.lower():
        clause, fix = upper_case(node_id, known)
        yield warning(
            "config-peer-id-upper-case", where, f"{clause} It matches no node: ids are compared as text.", fix
        )


def _listed_instead(text: str, known: Known) -> tuple[str, str]:
    before = text.partition("@")[0]
    if before != text and not id_fault(before):
        return f"{text} has an address; this list has node ids alone", f"Write {before}."
    mistaken = mistaken_id(text, known)
    if mistaken:
        fix = f"Ask {of_whom(mistaken.party, '')} for what show-node-id prints."
        return f"{text} is {mistaken.what}, not a node id", fix
    return "", "Write 40 lower-case hex digits, as show-node-id prints them."
