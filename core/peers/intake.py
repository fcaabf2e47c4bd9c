"""Whatever people paste: documents, signatures of ssh-keygen and bare values, found in any text or folder."""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ..card.model import UnsignedEntry
from ..counted import counted
from ..documents.armour import MAX_TEXT, Found, find
from ..documents.document import Document, merge
from ..documents.ed25519 import to_base64, verify
from ..documents.parts import Part, Waiting, find_parts, join
from ..documents.read import ReadDocument, read_all, read_found
from ..documents.sshsig import SshSignature, namespace, parse_ssh_signature, signature_blocks, signed_bytes
from ..finding import Finding, Refusal, error, unknown, warning
from ..safe import safe
from ..way import Blank, once, way
from ..world import Files
from .bare import find_entries
from .leak import holds_private_key

MAX_FILES = 1000
MAX_FILE = 4 << 20
"""Bytes: the armour of a payload of 1 MiB has less than 2 MiB."""

MAX_SIGNATURES = 256
"""Signatures of ssh-keygen that are looked at in one import."""

MAX_CHECKS = 4096
"""Signatures of ssh-keygen times the documents that each may belong to: so many are checked in one import."""

FORGET = way("import", "--forget-parts")
"""Discards the parts that are kept."""

_KEY = re.compile(rb'"([A-Za-z0-9+/]{43}=)"')
_PREVIOUS = re.compile(rb'"previous":"([0-9a-f]{64})"')
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Intake:
    """What a text held. Of a text with a private key in it nothing is kept."""

    documents: tuple[ReadDocument, ...] = ()
    unsigned: tuple[UnsignedEntry, ...] = ()
    """Bare values that belong together. Whose they are is not known: the moniker is empty, and ``p2p`` may be."""
    findings: tuple[Finding, ...] = ()
    """About the text; those about one document stand with it."""
    signatures: tuple[SshSignature, ...] = ()
    """Signatures of ssh-keygen whose document is neither in the text nor among the known ones."""
    parts: tuple[Part, ...] = ()
    """Of texts that came in several messages, as they were found."""
    waiting: tuple[Waiting, ...] = ()
    """Such texts of which parts are missing."""


def intake(
    text: str | bytes, *, network: str | None, known: tuple[Document, ...] = (), kept: tuple[Part, ...] = ()
) -> Intake:
    """Find everything in ``text``. ``known``: documents at hand, to which a ``.sig`` may belong.

    ``kept``: parts that came before, of texts that were not whole.

    With ``network``, documents of another network have the status ``foreign``. Findings: ``intake-private-key``,
    ``intake-not-text``, ``intake-nothing``, ``intake-too-large``, ``intake-foreign-network``,
    ``intake-signature-loose``, those of ``bare`` and ``sshsig``. Raises only Refusal, as ``ed25519.is_good_point``.
    """
    found = _one_text(text)
    if found == Intake():
        message = "The text holds no document, and no node id or validator key."
        fix = "Copy the whole text, from BEGIN to END."
        return Intake(findings=(warning("intake-nothing", "text", message, fix),))
    return _finish(found, network, known, kept)


def intake_folder(
    files: Files,
    folder: Path,
    *,
    network: str | None,
    known: tuple[Document, ...] = (),
    keys: Mapping[str, Finding] | None = None,
    kept: tuple[Part, ...] = (),
) -> Intake:
    """Everything in the plain files of ``folder``, none below it. Names are never used but to tell where something was.

    ``keys``: files that hold a private key, by name; they are not opened.

    Besides those of ``intake``: ``intake-file-skipped``, ``intake-folder-empty``. Raises Refusal as ``Files.names``.
    """
    names = [name for name in files.names(folder, MAX_FILES) if not name.startswith(".")]
    taken: list[Intake] = []
    budget = MAX_TEXT
    for name in names:
        content = (keys or {}).get(name) or _content(files, folder / name, name, budget)
        budget -= 0 if isinstance(content, Finding) else len(content)
        taken.append(Intake(findings=(content,)) if isinstance(content, Finding) else _named(_one_text(content), name))
    whole = _merge(taken)
    if not names:
        message = f"{safe(folder)} holds no file."
        whole = replace(whole, findings=(error("intake-folder-empty", folder, message, "Name the right folder."),))
    return _finish(whole, network, known, kept)


def _content(files: Files, path: Path, name: str, budget: int) -> bytes | Finding:
    fix = "Put plain files of their own into the folder, one document in each."
    try:
        stat = files.stat(path)
        if stat is None or stat.kind != "file":
            kind = stat.kind if stat else "gone"
            return warning(
                "intake-file-skipped", name, f"{safe(name)} is no plain file ({kind}); it was not read.", fix
            )
        if stat.size > min(MAX_FILE, budget):
            message = f"{safe(name)} has {stat.size} bytes; at most {min(MAX_FILE, budget)} are read here."
            return unknown("intake-too-large", name, message, fix)
        return files.read(path, min(MAX_FILE, budget), follow=False) or b""
    except Refusal as refusal:
        return error("intake-file-skipped", name, "; ".join(one.message for one in refusal.findings), fix)


def _one_text(data: str | bytes) -> Intake:
    if len(data) > MAX_TEXT:
        message = f"The text has {len(data)} characters; at most {MAX_TEXT} are read."
        return Intake(findings=(unknown("intake-too-large", "text", message, "Import it in smaller parts."),))
    text, findings = _decode(data)
    parts, text = find_parts(text)
    if holds_private_key("\n".join(one.text for one in parts)):
        return Intake(findings=(_private(),))
    armour = find(text)
    rest = _without(text, ((one.start, one.end) for one in armour if one.status is None))
    blocks = tuple(signature_blocks(rest))
    signatures, about_signatures = _ssh_signatures(rest[start:end] for start, end in blocks)
    rest = _without(rest, blocks)
    if holds_private_key(rest):
        return Intake(findings=(_private(),))
    rest = _without(text, ((one.start, one.end) for one in armour))
    unsigned, about_values = find_entries(_without(rest, signature_blocks(rest)))
    if armour:
        # Chats about documents are full of ids and keys; only alone do they mean to be the values themselves.
        about_values = tuple(one for one in about_values if one.code not in ("intake-no-key", "intake-no-node-id"))
    return Intake(read_all(armour), unsigned, (*findings, *about_signatures, *about_values), signatures, parts)


def _decode(data: str | bytes) -> tuple[str, tuple[Finding, ...]]:
    if isinstance(data, str):
        return data, ()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError:
        message = "The text is not UTF-8; what could not be read was passed over."
        fix = "Save it as UTF-8, if something is missing."
        return data.decode(encoding, "replace"), (warning("intake-not-text", "text", message, fix),)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept: list[str] = []
    at = 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "\n\n".join((*kept, text[at:]))


def _private() -> Finding:
    message = "The text contains a private key. Nothing of it was read or kept, and it is not shown."
    fix = (
        "Send a card instead (quorate card show), or only the public values that show-node-id and show-validator "
        "print. Whoever sent it: the key is known to others now. Tell the other members, and replace it by a record "
        "that all accept, never alone: a genesis may name it."
    )
    return error("intake-private-key", "text", message, fix)


def _ssh_signatures(blocks: Iterable[str]) -> tuple[tuple[SshSignature, ...], tuple[Finding, ...]]:
    signatures: list[SshSignature] = []
    findings: list[Finding] = []
    blocks = iter(blocks)
    for block in islice(blocks, MAX_SIGNATURES):
        try:
            signatures.append(parse_ssh_signature(block))
        except Refusal as refusal:
            findings += refusal.findings
    if next(blocks, None) is not None:
        findings.append(_too_many_signatures())
    return tuple(dict.fromkeys(signatures)), tuple(findings)


def _too_many_signatures() -> Finding:
    message = (
        f"More than {MAX_SIGNATURES} signatures of ssh-keygen came, or too many documents that they may belong to."
    )
    fix = "Import the rest by itself: one document with its signatures at a time."
    return error("intake-too-many-signatures", "ssh signature", message, fix)


def _named(found: Intake, name: str) -> Intake:
    """The same, and each finding tells the file."""
    return replace(
        found,
        documents=tuple(replace(one, findings=tuple(_in_file(one.findings, name))) for one in found.documents),
        findings=tuple(_in_file(found.findings, name)),
    )


def _in_file(findings: tuple[Finding, ...], name: str) -> Iterator[Finding]:
    for finding in findings:
        yield replace(finding, subject=f"{safe(name, 80)}: {finding.subject}")


def _merge(taken: list[Intake]) -> Intake:
    return Intake(
        tuple(dict.fromkeys(one for each in taken for one in each.documents)),
        tuple(dict.fromkeys(one for each in taken for one in each.unsigned)),
        tuple(dict.fromkeys(one for each in taken for one in each.findings)),
        tuple(dict.fromkeys(one for each in taken for one in each.signatures)),
        tuple(dict.fromkeys(one for each in taken for one in each.parts)),
    )


def _finish(found: Intake, network: str | None, known: tuple[Document, ...], kept: tuple[Part, ...]) -> Intake:
    """Join parts, bring loose signatures to their documents, and tell documents of other networks."""
    texts, waiting = join((*kept, *found.parts)) if found.parts else ((), ())
    found = _merge([found, *map(_one_text, texts)])
    signatures = found.signatures[:MAX_SIGNATURES]
    present = tuple(one.document for one in found.documents if one.document is not None)
    joined, loose, whole = _joined(signatures, merge((*known, *present)))
    documents = _signed_too(found.documents, joined)
    told = tuple(dict.fromkeys(_told(one, network) for one in documents))
    many = () if whole and signatures == found.signatures else (_too_many_signatures(),)
    findings = dict.fromkeys((*found.findings, *many, *map(_about_loose, loose), *map(about_waiting, waiting)))
    return Intake(told, found.unsigned, tuple(findings), loose, found.parts, waiting)


def about_waiting(one: Waiting) -> Finding:
    """What is missing of a text that came in several messages."""
    subject, here = f"message {one.message}", f"{counted(len(one.parts), 'part')} of {one.total}"
    if not one.missing:
        message = f"All {one.total} parts of {subject} are here, and at least one was altered on its way."
        return error("intake-parts-altered", subject, message, "Ask for all parts again, or for the text as a file.")
    numbers = ", ".join(map(str, one.missing[:12])) + (" ..." if len(one.missing) > 12 else "")
    message = f"{here} of {subject} {'is' if len(one.parts) == 1 else 'are'} here; missing: {numbers}."
    fix = f"Import the missing ones too: what is here is kept. If they do not come: {FORGET.command}"
    return warning(
        "intake-parts-missing", subject, message, fix, way=once("the missing parts", "import", Blank("FILE"))
    )


def _joined(
    signatures: tuple[SshSignature, ...], documents: Mapping[str, Document]
) -> tuple[tuple[Document, ...], tuple[SshSignature, ...], bool]:
    """The documents that got a signature, with it; the signatures that are left; whether all could be checked.

    A signature can only belong to a document that names its key: a card its node key, a record its owners and those of
    the record before. Of several the last that came is tried first.
    """
    named = _by_key(signatures, documents)
    joined: dict[str, Document] = {}
    loose: list[SshSignature] = []
    messages: dict[str, bytes] = {}
    left = MAX_CHECKS
    for signature in signatures:
        signed = None
        for document in reversed(named.get((signature.namespace, signature.key), ())):
            if left == 0:
                break
            left -= 1
            if document.id not in messages:
                messages[document.id] = signed_bytes(document.payload, signature.namespace)
            if verify(signature.key, messages[document.id], signature.value):
                signed = joined.get(document.id, document)
                break
        if signed is None:
            loose.append(signature)
        else:
            joined[signed.id] = signed.with_signatures((signature.signature,))
    return tuple(joined.values()), tuple(loose), left > 0


def _by_key(
    signatures: tuple[SshSignature, ...], documents: Mapping[str, Document]
) -> dict[tuple[str, bytes], list[Document]]:
    """The documents that name a signer, by namespace and key; each text is looked through once."""
    wanted = {to_base64(one.key).encode(): one.key for one in signatures}
    each = documents if wanted else {}
    names = {one.id: {wanted[key] for key in _KEY.findall(one.payload) if key in wanted} for one in each.values()}
    found: defaultdict[tuple[str, bytes], list[Document]] = defaultdict(list)
    for document in each.values():
        before = _previous(document)
        for key in names[document.id] | names.get(before, set()):
            found[namespace(document.kind), key].append(document)
    return found


def _previous(document: Document) -> str:
    """The id of the record before a record; empty for any other document."""
    found = _PREVIOUS.search(document.payload) if document.kind == "record" else None
    return found.group(1).decode() if found else ""


def _signed_too(documents: tuple[ReadDocument, ...], joined: tuple[Document, ...]) -> tuple[ReadDocument, ...]:
    """The documents, with those that got a signature read again, once each; new ones after the others."""
    again = {
        one.id: read_found(Found(one.kind, None, 0, 0, one.payload, tuple(sorted(one.signatures)))) for one in joined
    }
    kept = [again.pop(one.document.id, one) if one.document is not None else one for one in documents]
    return (*kept, *again.values())


def _told(one: ReadDocument, network: str | None) -> ReadDocument:
    if network is None or not one.network or one.network == network or one.status not in (None, "newer"):
        return one
    message = f"The {one.kind} is for the network {one.network}; this one is {network}."
    finding = warning(
        "intake-foreign-network", one.subject or one.kind, message, "Import it into the state of its own."
    )
    return replace(one, status="foreign", findings=(*one.findings, finding))


def _about_loose(signature: SshSignature) -> Finding:
    message = (
        f"A signature of ssh-keygen by {to_base64(signature.key)} for {signature.namespace} belongs to no document "
        "here that names its key, or what was signed was altered."
    )
    fix = "Import the document too, or have exactly the file signed that quorate wrote."
    return error("intake-signature-loose", signature.namespace, message, fix)
