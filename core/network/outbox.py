"""The outbox: payloads that wait for the signature of an owner with an OpenSSH key, made by stock ``ssh-keygen``."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from ..agreement.record import NetworkRecord, Owner
from ..changes import WriteFile
from ..documents.canonical import Malformed, parse_canonical
from ..documents.document import Document
from ..documents.kinds import KINDS
from ..finding import Finding, info


def write_draft(folder: Path, kind: str, id: str, payload: bytes, before: bytes | None, reason: str) -> WriteFile:
    """``folder``: the state's."""
    return WriteFile(draft_path(folder, kind, id), before, payload, reason, 0o600)


def draft_path(folder: Path, kind: str, id: str) -> Path:
    return folder / "outbox" / f"{kind}-{id[:16]}.json"


def drafts(payloads: Iterable[bytes]) -> tuple[Document, ...]:
    """Documents without a signature, of the kind that each payload says it is; what is neither is left out."""
    kinds = ((_kind(payload), payload) for payload in payloads)
    return tuple(Document(kind, payload, frozenset()) for kind, payload in kinds if kind is not None)


def _kind(payload: bytes) -> str | None:
    try:
        value = parse_canonical(payload)
    except Malformed:
        return None
    said = value.get("kind") if isinstance(value, dict) else None
    return said if isinstance(said, str) and said in KINDS and KINDS[said].is_drafted else None


def ssh_owners(record: NetworkRecord, before: NetworkRecord | None = None) -> tuple[Owner, ...]:
    """The owners (also of the version ``before``) whose keys are no member's node key: OpenSSH ones."""
    nodes = {member.node_key for one in (record, before) if one for member in one.members}
    owners = (owner for one in (record, before) if one for owner in one.owners)
    return tuple({owner.key: owner for owner in owners if owner.key not in nodes}.values())


def sign_command(kind: str, path: Path) -> str:
    return f"ssh-keygen -Y sign -n {kind}.v1@quorate -f KEY {shlex.quote(str(path))}"


def sign_with_ssh(kind: str, path: Path, message: str) -> Finding:
    fix = f"{sign_command(kind, path)}    and then: quorate import {shlex.quote(f'{path}.sig')}"
    return info("network-sign-with-ssh", str(path), message, fix)
