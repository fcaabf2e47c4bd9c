"""From any text to verified documents: armour, canonical form, envelope and every signature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..finding import Finding, error, info
from ..network_name import EXPECTED, is_network_name
from .armour import Found, find
from .bulk import many_values
from .canonical import MAX_INTEGER, JsonValue, Malformed, loosely, parse_canonical
from .document import Document, Signature
from .ed25519 import from_base64, remember_good_point, to_base64
from .kinds import KINDS
from .sshsig import verify

VERSION = 1
"""The version of every kind that this quorate understands."""

_AGAIN = "Ask the sender to make the document again with quorate."
_FORGED = "Do not use it. Ask the sender, over another channel, to send the document again."


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """One document that stood in a text. ``document`` is there when ``status`` is None: its signatures are good."""

    document: Document | None
    kind: str
    """One of the document kinds, as its payload says, or as its armour says where the payload could not be read."""
    status: Literal["damaged", "forged", "newer", "foreign"] | None
    """``foreign`` is given by whoever knows which network is at hand, and then ``document`` is there too."""
    findings: tuple[Finding, ...] = ()
    network: str = ""
    """As its payload says; not verified where ``document`` is None."""
    subject: str = ""
    """Whose it is, as far as it can be told: its moniker, or its network. Not verified where ``document`` is None."""


def read_documents(text: str) -> tuple[ReadDocument, ...]:
    """Every document in ``text``, in order; equal ones once. Raises only Refusal, as ``ed25519.is_good_point``."""
    with many_values():
        return read_all(find(text))


def read_all(found: tuple[Found, ...]) -> tuple[ReadDocument, ...]:
    """Verify what was found, equal documents once."""
    kept: list[Found] = []
    seen: set[tuple[str, bytes, tuple[Signature, ...]]] = set()
    for one in found:
        content = (one.label, one.payload, one.signatures)
        if one.status is not None or content not in seen:
            seen.add(content)
            kept.append(one)
    with many_values():
        return tuple(map(read_found, kept))


def read_found(found: Found) -> ReadDocument:
    """Verify one armour that was found."""
    if found.status is not None:
        status: Literal["damaged", "newer"] = "newer" if found.status == "newer" else "damaged"
        return ReadDocument(None, found.label, status, found.findings)
    try:
        value = parse_canonical(found.payload)
    except Malformed as wrong:
        return _newer(found, loosely(found.payload)) or ReadDocument(None, found.label, "damaged", (wrong.finding,))
    return _newer(found, value) or _known(found, value)


def read_again(found: Found) -> Document:
    """A document out of content that was found good before: its signatures and keys are not checked anew."""
    for key in keys_in(found.payload):
        remember_good_point(key)
    return Document(found.label, found.payload, frozenset(found.signatures))


def keys_in(payload: bytes) -> tuple[bytes, ...]:
    """The public keys that a document names and that have to be good points, out of a payload that was read before."""
    value = json.loads(payload)
    texts = (value[name] for name in KINDS[value["kind"]].keys if name in value)
    return tuple(key for key in map(from_base64, texts) if key is not None)


def _newer(found: Found, value: JsonValue) -> ReadDocument | None:
    """A version, or a kind, that a later quorate has made up is told as such, whatever its form."""
    if not isinstance(value, dict):
        return None
    kind, version = value.get("kind"), value.get("v")
    if not isinstance(kind, str) or type(version) is not int or (kind in KINDS and version <= VERSION):
        return None
    message = f"It is a {kind} of version {version}; this quorate understands version {VERSION} of {', '.join(KINDS)}."
    wrong = error("document-newer", kind, message, "Install the newest quorate, and import it again.")
    return ReadDocument(None, kind if kind in KINDS else found.label, "newer", (wrong,), _text(value, "network"))


def _known(found: Found, value: JsonValue) -> ReadDocument:
    envelope = tuple(_envelope(found, value))
    if envelope or not isinstance(value, dict):
        return ReadDocument(None, found.label, "damaged", envelope)
    kind = found.label  # No armour of another kind is found.
    network, subject = _text(value, "network"), _text(value, "moniker") or _text(value, "network")
    forged = tuple(_bad_signatures(kind, found, value))
    if forged:
        return ReadDocument(None, kind, "forged", forged, network, subject)
    document = Document(kind, found.payload, frozenset(found.signatures))
    return ReadDocument(document, kind, None, tuple(_draft(document)), network, subject)


def _envelope(found: Found, value: JsonValue) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield error("document-not-object", found.label, "Its payload is not a JSON object.", _AGAIN)
        return
    if value.get("kind") != found.label:
        message = f"Its armour says {found.label}, its payload says {_shown(value.get('kind'))}."
        yield error("document-kind", "kind", message, _AGAIN)
    if value.get("v") != VERSION or type(value.get("v")) is not int:
        yield error("document-version", "v", f"Its version is {_shown(value.get('v'))}, not {VERSION}.", _AGAIN)
    network = value.get("network")
    if not is_network_name(network):
        message = f"Its network is {_shown(network)}; a network name is {EXPECTED}."
        yield error("document-network", "network", message, _AGAIN)
    serial = value.get("serial")
    if KINDS[found.label].has_serial and (type(serial) is not int or not 0 < serial <= MAX_INTEGER):
        message = f"Its serial is {_shown(serial)}; a serial is a time in seconds."
        yield error("document-serial", "serial", message, _AGAIN)


def _bad_signatures(kind: str, found: Found, value: dict[str, JsonValue]) -> Iterator[Finding]:
    for signature in found.signatures:
        if not verify(kind, found.payload, signature):
            signer = to_base64(signature.key)
            message = f"The signature of {signer} is not one over this {kind}: it was altered or forged."
            yield error("document-forged", kind, message, _FORGED)
    if not found.signatures and not KINDS[kind].is_versioned:
        yield error("document-unsigned", kind, f"The {kind} carries no signature, and needs one.", _FORGED)
    if KINDS[kind].signer:
        yield from _foreign_signers(kind, found.signatures, value)


def _foreign_signers(kind: str, signatures: tuple[Signature, ...], value: dict[str, JsonValue]) -> Iterator[Finding]:
    """Only the key that it names may speak for it."""
    field = KINDS[kind].signer
    own = _text(value, field)
    for signer in (to_base64(signature.key) for signature in signatures):
        if signer != own:
            message = f"It is signed by {signer}, and names the node key {own}."
            yield error("document-foreign-signer", field, message, _FORGED)


def _draft(document: Document) -> Iterator[Finding]:
    if not document.signatures:
        yield info("document-draft", document.kind, f"Nobody has signed this {document.kind} yet: it is a draft.")


def _text(value: dict[str, JsonValue], key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""


def _shown(value: JsonValue) -> str:
    return "missing" if value is None else repr(value)[:80]
