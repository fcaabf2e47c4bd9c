"""The documents' three values as people send them: node id, host and validator key, without quorate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ..card.identifiers import looks_like_address, upper_case, wrong_node_id
from ..card.model import UnsignedEntry
from ..card.typed import read_address
from ..documents.ed25519 import from_base64, is_good_point, to_base64
from ..finding import Finding, error, warning

MAX_VALUES = 10_000
"""Node ids or keys of one text: more than a network has members."""

_DIAL = re.compile(r"(?<![0-9A-Za-z])([0-9A-Fa-f]{20,64})[@＠]([^\s\"'`<>(),;，\\]{1,280})", re.ASCII)
_ID = re.compile(r"(?<![0-9A-Za-z+/=@])[0-9a-f]{40}(?![0-9A-Za-z+/=@＠])", re.ASCII)
_ADDRESS = re.compile(r"(?<![0-9A-Za-z+/=@])[0-9A-F]{40}(?![0-9A-Za-z+/=@＠])", re.ASCII)
_KEY = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])", re.ASCII)
_OTHER_TYPE = re.compile(r"PubKey(?!Ed25519)[A-Z][A-Za-z0-9_]{2,20}", re.ASCII)
_HOST = re.compile(
    r"(?<![\w.@/:-])(?:(?:[a-z0-9-]{1,63}\.){1,8}[a-z0-9-]{1,63})(?::[0-9]{1,5})?(?![\w@-])", re.IGNORECASE
)
_NOTICE = re.compile(r"Deprecated: snake_case commands[^\n]*", re.IGNORECASE)
_QUOTED_BLANK = re.compile(r"\n[ \t>|]+(?=\n)")
_FILE_ENDINGS = (".json", ".toml", ".txt", ".sig", ".md", ".sh", ".conf", ".log", ".pub", ".service")
_ONE = "Import the values of one member at a time: node id with host, and validator key."


@dataclass(frozen=True, slots=True)
class _Values:
    """What one stretch of text holds, each value once."""

    dials: tuple[str, ...]
    ids: tuple[str, ...]
    keys: tuple[str, ...]
    hosts: tuple[str, ...]
    addresses: tuple[str, ...]
    """40 hex digits in upper case, as those of validators."""
    findings: tuple[Finding, ...]

    @property
    def node_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(dial.partition("@")[0] for dial in self.dials), *self.ids)))

    @property
    def is_one_member(self) -> bool:
        return len(self.node_ids) == 1 and len(self.keys) == 1


def find_entries(text: str) -> tuple[tuple[UnsignedEntry, ...], tuple[Finding, ...]]:
    """The entries whose values stand together: in one line, in one paragraph, or alone in the whole text.

    An entry without host has no address yet, and none has a moniker. Findings: ``intake-key-point``,
    ``intake-key-type``, ``intake-no-host``, ``intake-no-key``, ``intake-no-node-id``, ``intake-several-members``,
    ``intake-too-many-values``, and those of ``read_address``.
    """
    text = _NOTICE.sub("", text)
    if any(_is_too_many(pattern, text) for pattern in (_KEY, _DIAL, _ID)):
        message = f"The text has more than {MAX_VALUES} node ids or validator keys; none of them was read."
        return (), (error("intake-too-many-values", "text", message, _ONE),)
    entries: list[UnsignedEntry] = []
    findings: list[Finding] = []
    for separator in ("\n", "\n\n"):
        taken: list[tuple[int, int]] = []
        for start, end in _parts_with_keys(text, separator):
            values = _values(text[start:end])
            if values.is_one_member:
                _add(values, entries, findings)
                taken.append((start, end))
        text = _QUOTED_BLANK.sub("\n", _without(text, taken, separator))
    left = _values(text)
    if left.is_one_member:
        _add(left, entries, findings)
    else:
        findings += (*left.findings, *_left_over(left))
    return tuple(dict.fromkeys(entries)), tuple(dict.fromkeys(findings))


def _is_too_many(pattern: re.Pattern[str], text: str) -> bool:
    return next(islice(pattern.finditer(text), MAX_VALUES, None), None) is not None


def _parts_with_keys(text: str, separator: str) -> Iterator[tuple[int, int]]:
    """Where the parts between separators stand that hold a key; the text between them costs no more than a search."""
    end = -1
    for key in _KEY.finditer(text):
        if key.start() < end:
            continue
        start = text.rfind(separator, max(end, 0), key.start())
        start = max(end, 0) if start < 0 else start + len(separator)
        end = text.find(separator, key.end())
        end = len(text) if end < 0 else end
        yield start, end


def _without(text: str, spans: list[tuple[int, int]], separator: str) -> str:
    """The text with these parts emptied; what was apart stays apart."""
    kept: list[str] = []
    at = 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return separator.join((*kept, text[at:])) if kept else text


def _add(values: _Values, entries: list[UnsignedEntry], findings: list[Finding]) -> None:
    node_id, places = values.node_ids[0], tuple(dial.partition("@")[2] for dial in values.dials)
    findings += values.findings
    misplaced = wrong_node_id(node_id, from_base64(values.keys[0]), "the member")
    if misplaced is not None:
        findings.append(misplaced)
        return
    if not places and len(values.hosts) == 1:
        typed = read_address(values.hosts[0], "host")
        findings += typed.findings
        places = (str(typed.address),) if typed.address else ()
    if not places:
        message = f"The node id {node_id} stands there without the host it belongs to."
        findings.append(warning("intake-no-host", node_id, message, "Give the host: node id@host:26656."))
    entries.append(UnsignedEntry("", places, node_id, values.keys[0]))


def _values(text: str) -> _Values:
    findings: list[Finding] = []
    dials = tuple(dict.fromkeys(_dials(text, findings)))
    rest = _DIAL.sub(" ", text)
    ids = tuple(dict.fromkeys(_ID.findall(rest)))
    keys = tuple(dict.fromkeys(_keys(rest, findings)))
    hosts = tuple(dict.fromkeys(host.lower() for host in _HOST.findall(_KEY.sub(" ", rest)) if _is_place(host)))
    addresses = tuple(dict.fromkeys(filter(looks_like_address, _ADDRESS.findall(rest))))
    return _Values(dials, ids, keys, hosts, addresses, tuple(findings))


def _dials(text: str, findings: list[Finding]) -> Iterator[str]:
    for found in _DIAL.finditer(text):
        typed = read_address(found.group().rstrip("."), "p2p")
        findings += typed.findings
        if typed.address is not None:
            yield str(typed.address)


def _is_place(text: str) -> bool:
    """A name that ends as a file does is more likely a file; a version number is no host."""
    return not text.lower().endswith(_FILE_ENDINGS) and read_address(text, "host").address is not None


def _keys(text: str, findings: list[Finding]) -> Iterator[str]:
    for kind in dict.fromkeys(_OTHER_TYPE.findall(text)):
        message = f"The text has a key of the type {kind}; validators of this network have PubKeyEd25519."
        findings.append(error("intake-key-type", "validator_key", message, "Ask the member for an ed25519 key."))
    for spelled in _KEY.findall(text):
        key = from_base64(spelled)
        if key is None or not is_good_point(key):
            message = f"{spelled} is no sound ed25519 key: a letter of it is wrong, or it is something else."
            findings.append(error("intake-key-point", "validator_key", message, "Copy the key again: show-validator."))
        else:
            yield to_base64(key)


def _left_over(values: _Values) -> Iterator[Finding]:
    if not values.node_ids and not values.keys:
        return
    if values.node_ids and values.keys:
        message = (
            f"The text has {len(values.node_ids)} node ids and {len(values.keys)} validator keys, and it does not show "
            "which belong together."
        )
        yield error("intake-several-members", "text", message, _ONE)
    elif values.node_ids:
        message = f"The node id {values.node_ids[0]} stands there, and no validator key."
        yield warning("intake-no-key", values.node_ids[0], message, "Ask the member for what show-validator prints.")
    else:
        message = f"The key {values.keys[0]} stands there, and no node id."
        if values.addresses:
            message += f" {upper_case(values.addresses[0])}."
        yield warning("intake-no-node-id", values.keys[0], message, "Ask the member for what show-node-id prints.")
