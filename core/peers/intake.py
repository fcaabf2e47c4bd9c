"""Whatever people paste: documents, signatures of ssh-keygen and bare values, found in any text or folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..card.model import UnsignedEntry
from ..documents.document import Document
from ..documents.read import ReadDocument, read_documents
from ..documents.sshsig import SshSignature
from ..finding import Finding
from ..world import Files


@dataclass(frozen=True, slots=True)
class Intake:
    """What a text held. Of a text with a private key in it nothing is kept."""

    documents: tuple[ReadDocument, ...] = ()
    unsigned: tuple[UnsignedEntry, ...] = ()
    """Bare values that belong together. Whose they are is not known: the moniker is empty."""
    findings: tuple[Finding, ...] = ()
    """About the text; those about one document stand with it."""
    signatures: tuple[SshSignature, ...] = ()
    """Signatures of ssh-keygen whose document is neither in the text nor among the known ones."""


def intake(text: str | bytes, *, network: str | None, known: tuple[Document, ...] = ()) -> Intake:
    """Find everything in ``text``. ``known``: documents at hand, to which a ``.sig`` may belong. Raises no error.

    With ``network``, documents of another network have the status ``foreign``.
    """
    whole = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return Intake(read_documents(whole))


def intake_folder(files: Files, folder: Path, *, network: str | None, known: tuple[Document, ...] = ()) -> Intake:
    """Everything in the regular files of ``folder``; no links, sizes and count capped, names only for findings."""
    return Intake()
