"""The part of a plan that needs keys: key files made and documents signed, by the key process alone."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..documents.document import Document, Signature
from ..documents.kinds import KINDS
from ..finding import Refusal, error
from ..plan import Sign
from ..state import State
from ..world import World
from .drive import make_missing
from .journal import Journal, Secret, Signing, damaged, journals

_ANSWERS = frozenset({"key-exists", "key-unwritable"})
"""What the key process itself says where it has made no key."""


@dataclass(frozen=True, slots=True)
class _Body:
    value: dict[str, object]

    @classmethod
    def parse(cls, body: bytes | str) -> _Body:
        return cls(cast(dict[str, object], json.loads(body)))

    @property
    def key(self) -> bytes | None:
        """Whose signature the document says it needs."""
        text = self.value.get("owner", self.value.get("node_key"))
        try:
            return base64.b64decode(text, validate=True) if isinstance(text, str) else None
        except binascii.Error:
            return None

    @property
    def serial(self) -> int:
        serial = self.value.get("serial")
        return serial if isinstance(serial, int) else 0

    @property
    def about(self) -> tuple[object, ...]:
        return self.value.get("record"), self.value.get("genesis_sha256")

    def with_serial(self, serial: int) -> bytes:
        from ..documents.canonical import canonical
        from ..documents.json import JsonValue

        return canonical(cast(JsonValue, {**self.value, "serial": serial}))


async def make_secrets(journal: Journal, world: World) -> None:
    """Raises Refusal as ``keys.client.create``."""
    from ..keys import client

    for index, entry in enumerate(journal.intent.entries):
        if not isinstance(entry, Secret):
            continue
        path = Path(entry.path)
        if index in journal.started and _stands(path):
            continue
        make_missing(journal, path.parent)
        journal.note("secret", entry=index)
        try:
            await client.create(world, path, entry.kind)
        except Refusal as refusal:
            # Nothing was there before. A key process that was killed before it answered, and left the file, has made
            # the key: the file gets its name only once it is whole.
            if any(finding.code in _ANSWERS for finding in refusal.findings) or not _stands(path):
                raise


def _stands(path: Path) -> bool:
    return os.path.lexists(path)


async def sign_documents(journal: Journal, world: World, state: State) -> tuple[Document, ...]:
    """Sign and keep.

    Raises Refusal (``acceptance-second``, ``sign-other-network``, ``sign-other-key``, as ``keys.client.sign``).
    """
    signed = []
    for index, entry in enumerate(journal.intent.entries):
        if isinstance(entry, Signing):
            document = await _sign(journal, index, entry, world, state)
            journal.note("signed", entry=index)
            signed.append(state.add_signed(document))
    return tuple(signed)


def refuse_unsignable(changes: Iterable[Sign | Signing], state: State) -> None:
    """Raise Refusal for a document of another network (``sign-other-network``) and for a second acceptance (P5)."""
    for change in changes:
        body = _Body.parse(change.body)
        if body.value.get("network") != state.network:
            raise _other_network(change.kind, body, state)
        if change.kind == "acceptance":
            _refuse_second(body, state)


def _refuse_second(wanted: _Body, state: State) -> None:
    """One acceptance per version of a network. Raises Refusal (``acceptance-second``)."""
    for held in _signed("acceptance", wanted.key, state):
        _refuse_if_other(wanted, held, state)


def _signed(kind: str, key: bytes | None, state: State) -> Iterator[_Body]:
    """What this key has signed: by the documents, and by the journal, should those have been set aside."""
    for document in state.documents():
        if document.kind == kind and _is_by(document, key):
            yield _Body.parse(document.payload)
    for journal in journals(state.folder):
        for index, entry in enumerate(journal.intent.entries):
            if isinstance(entry, Signing) and entry.kind == kind and index in journal.signed:
                body = _noted(journal, index)
                # A record does not say who signs it; what this state signed, it signed with its node key.
                if key is None or body.key in (None, key):
                    yield body


def _noted(journal: Journal, index: int) -> _Body:
    """The payload that was signed. Raises Refusal (``journal-damaged``)."""
    try:
        body = _Body.parse(journal.payloads.get(index, ""))
    except ValueError:
        body = _Body({})
    if not isinstance(body.value, dict) or not body.value:
        raise damaged(journal.file, "a document was signed, and what it said is missing")
    return body


async def _sign(journal: Journal, index: int, entry: Signing, world: World, state: State) -> Document:
    refuse_unsignable((entry,), state)
    body = _Body.parse(entry.body)
    payload = journal.payloads.get(index, "").encode() or _payload(entry, body, world, state)
    signature = await _signature(journal, index, entry, payload, world)
    if body.key is not None and signature.key != body.key:
        raise _other_key(entry, body.key, signature)
    if (
        KINDS[entry.kind].has_serial
        and body.key is None
        and _highest(entry.kind, signature.key, state) >= _serial(payload)
    ):
        payload = body.with_serial(_highest(entry.kind, signature.key, state) + 1)
        signature = await _signature(journal, index, entry, payload, world)
    if KINDS[entry.kind].is_versioned:
        _refuse_second_record(_Body.parse(payload), signature.key, state)
    return Document(entry.kind, payload, frozenset({signature}))


def _refuse_second_record(wanted: _Body, key: bytes, state: State) -> None:
    """One successor of each version, one first version of a network. Raises Refusal (``record-second``)."""
    for held in _signed("record", key, state):
        if held.value == wanted.value or held.value.get("previous") != wanted.value.get("previous"):
            continue
        version = f"version {wanted.value.get('version')} of {state.network}"
        message = f"this key has signed {version} already, with other content; a second one would exclude it"
        fix = "Look at the step network again: it goes on from the record that is signed. Run: quorate plan network"
        raise Refusal(error("record-second", version, message, fix))


async def _signature(journal: Journal, index: int, entry: Signing, payload: bytes, world: World) -> Signature:
    from ..keys import client

    if journal.payloads.get(index) != payload.decode():
        journal.note("sign", entry=index, payload=payload.decode())
    return await client.sign(world, Path(entry.home), entry.kind, payload, key=Path(entry.key))


def _payload(entry: Signing, body: _Body, world: World, state: State) -> bytes:
    if not KINDS[entry.kind].has_serial:
        return entry.body.encode()
    now = int(world.clock.now().timestamp())
    return body.with_serial(max(now, _highest(entry.kind, body.key, state) + 1 if body.key else 0))


def _highest(kind: str, key: bytes | None, state: State) -> int:
    return max((body.serial for body in _signed(kind, key, state)), default=0)


def _serial(payload: bytes) -> int:
    return _Body.parse(payload).serial


def _is_by(document: Document, key: bytes | None) -> bool:
    return key is None or any(signature.key == key for signature in document.signatures)


def _refuse_if_other(wanted: _Body, held: _Body, state: State) -> None:
    if held.value.get("version") != wanted.value.get("version") or held.about == wanted.about:
        return
    raise Refusal(
        error(
            "acceptance-second",
            f"version {wanted.value.get('version')} of {state.network}",
            f"this key has accepted record {held.about[0]} with genesis {held.about[1]} already, "
            f"now it would be record {wanted.about[0]} with genesis {wanted.about[1]}",
            "Show both to the other members: two records of one version exist. "
            "The owners publish the next version, and that one can be accepted.",
        )
    )


def _other_network(kind: str, body: _Body, state: State) -> Refusal:
    return Refusal(
        error(
            "sign-other-network",
            kind,
            f"the {kind} is for the network {body.value.get('network')}, expected {state.network}",
            "Make the plan anew with the network that is meant (--network NAME).",
        )
    )


def _other_key(entry: Signing, expected: bytes, signature: Signature) -> Refusal:
    shown = [base64.b64encode(key).decode() for key in (expected, signature.key)]
    return Refusal(
        error(
            "sign-other-key",
            entry.home,
            f"the {entry.kind} names the key {shown[0]}, the node key of {entry.home} is {shown[1]}",
            "Make the plan anew: the node key has changed since. Nothing was signed.",
        )
    )
