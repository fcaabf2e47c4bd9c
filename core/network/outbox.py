"""The outbox: payloads that wait for the signature of an owner with an OpenSSH key, made by stock ``ssh-keygen``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..agreement.record import NetworkRecord, Owner
from ..changes import WriteFile
from ..documents.canonical import Malformed, parse_canonical
from ..documents.document import Document
from ..documents.kinds import KINDS
from ..finding import Finding, info
from ..way import Blank, Way, way


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


def sign_with_ssh(kind: str, path: Path) -> Way:
    """What makes the signature; its owner may be on another machine."""
    words = ("-Y", "sign", "-n", f"{kind}.v1@quorate", "-f", Blank("KEY"), str(path))
    then = f"Then: {way('import', f'{path}.sig').command}"
    return Way(words, "others", "the owners' signature", then, program="ssh-keygen")


def asks_ssh(kind: str, path: Path, message: str) -> Finding:
    return info("network-sign-with-ssh", str(path), message, way=sign_with_ssh(kind, path))
