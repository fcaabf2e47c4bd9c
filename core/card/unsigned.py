"""The entry of a member without quorate, from the documents' three values as somebody typed them."""

from __future__ import annotations

from collections.abc import Sequence

from ..documents.ed25519 import to_base64
from ..finding import Finding, error, has_error
from ..keys.model import parse_public
from .model import UnsignedEntry, wrong_unsigned
from .typed import read_addresses


def typed_entry(
    *, moniker: str, addresses: Sequence[str], node_id: str, validator_key: str
) -> tuple[UnsignedEntry | None, tuple[Finding, ...]]:
    """``validator_key``: base64, or the JSON line of show-validator. A node id in capitals is written small."""
    read = tuple(one for text in addresses for one in read_addresses(text, "p2p"))
    key = parse_public(validator_key)
    findings = [finding for one in read for finding in one.findings]
    if key is None:
        message = f'"{validator_key}" is no ed25519 public key; expected 32 bytes in base64'
        findings.append(error("unsigned-key", "validator_key", message, "Copy what show-validator prints."))
    entry = UnsignedEntry(
        moniker=moniker.strip(),
        p2p=tuple(one.address.host_port for one in read if one.address),
        node_id=node_id.strip().lower(),
        validator_key=to_base64(key) if key else "",
    )
    findings += [finding for finding in wrong_unsigned(entry) if key or finding.subject != "validator_key"]
    return (None if has_error(findings) else entry), tuple(findings)
