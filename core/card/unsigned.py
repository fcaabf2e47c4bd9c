"""The entry of a member without quorate, from the documents' three values as somebody typed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..documents.ed25519 import to_base64
from ..finding import Finding, has_error
from ..keys.model import parse_public
from .identifiers import wrong_node_id, wrong_public_key
from .model import UnsignedEntry, wrong_unsigned
from .typed import read_addresses


def typed_entry(
    *, moniker: str, addresses: Sequence[str], node_id: str, validator_key: str
) -> tuple[UnsignedEntry | None, tuple[Finding, ...]]:
    """``validator_key``: base64, or the JSON line of show-validator. A node id in upper case is not taken: validator
    addresses are printed so."""
    who, given = moniker.strip() or "the member", node_id.strip()
    read = tuple(one for text in addresses for one in read_addresses(text, "p2p"))
    key = parse_public(validator_key)
    misplaced = wrong_node_id(given, key, who)
    findings = [finding for one in read for finding in one.findings]
    findings += [misplaced] if misplaced else []
    findings += [] if key else [wrong_public_key(validator_key, "validator_key", who)]
    entry = UnsignedEntry(
        moniker=moniker.strip(),
        p2p=tuple(one.address.host_port for one in read if one.address),
        node_id=given,
        validator_key=to_base64(key) if key else "",
    )
    told = {"node_id"} if misplaced else set[str]()
    told |= set() if key else {"validator_key"}
    told |= {"p2p"} if any(one.address is None for one in read) else set()
    findings += [_asks(finding, who) for finding in wrong_unsigned(entry) if finding.subject not in told]
    return (None if has_error(findings) else entry), tuple(findings)


_SHOWN_BY = {"node_id": "show-node-id", "validator_key": "show-validator"}


def _asks(finding: Finding, who: str) -> Finding:
    """A member without quorate can not make the values again with quorate."""
    command = _SHOWN_BY.get(finding.subject)
    return replace(finding, fix=f"Ask {who} for what {command} prints.") if command else finding
