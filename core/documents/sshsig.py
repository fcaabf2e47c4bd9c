"""SSHSIG: the form of every signature, so that stock ``ssh-keygen -Y verify`` can check a document without quorate.

Source: OpenSSH, PROTOCOL.sshsig. Always ssh-ed25519 and sha512. What is signed starts with ``SSHSIG``: no vote,
proposal or challenge of a node does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from ..finding import Finding, Refusal, error
from .document import Signature
from .ed25519 import KEY_BYTES, SIGNATURE_BYTES
from .ed25519 import verify as verify_ed25519

MAGIC = b"SSHSIG"
KEY_TYPE = b"ssh-ed25519"
HASH = b"sha512"
BEGIN = "-----BEGIN SSH SIGNATURE-----"
END = "-----END SSH SIGNATURE-----"

_MAX_BLOCK = 16384
_PRINCIPAL = re.compile(r"[A-Za-z0-9._@-]+")


@dataclass(frozen=True, slots=True)
class SshSignature:
    """What a ``.sig`` file of ``ssh-keygen -Y sign`` says. Not checked: the signed text does not stand in it."""

    key: bytes
    namespace: str
    value: bytes

    @property
    def signature(self) -> Signature:
        return Signature(self.key, self.value)


def namespace(kind: str, version: int = 1) -> str:
    """``card.v1@quorate``."""
    return f"{kind}.v{version}@quorate"


def signed_bytes(payload: bytes, namespace: str) -> bytes:
    """The bytes that the ed25519 signature is made over."""
    digest = hashlib.sha512(payload).digest()
    return MAGIC + _string(namespace.encode("ascii")) + _string(b"") + _string(HASH) + _string(digest)


def signature_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Where the texts from BEGIN to END stand, in order; of two BEGIN lines the later one counts."""
    after, end = 0, text.find(END)
    while end >= 0:
        begin = text.rfind(BEGIN, after, end)
        after = end + len(END)
        if begin >= 0:
            yield begin, after
        end = text.find(END, after)


def verify(kind: str, payload: bytes, signature: Signature) -> bool:
    """Whether ``signature`` is good for a version 1 document of this kind. Raises Refusal as ``ed25519.verify``."""
    return verify_ed25519(signature.key, signed_bytes(payload, namespace(kind)), signature.value)


def to_ssh_signature(signature: Signature, kind: str) -> str:
    """The signature as the text of a ``.sig`` file."""
    blob = (
        MAGIC
        + (1).to_bytes(4, "big")
        + _string(_key_blob(signature.key))
        + _string(namespace(kind).encode("ascii"))
        + _string(b"")
        + _string(HASH)
        + _string(_string(KEY_TYPE) + _string(signature.value))
    )
    lines = textwrap.wrap(base64.b64encode(blob).decode("ascii"), 70)
    return "\n".join((BEGIN, *lines, END, ""))


def public_key_line(key: bytes) -> str:
    """``ssh-ed25519 AAAA...`` as in a ``.pub`` file, without a comment."""
    return f"ssh-ed25519 {base64.b64encode(_key_blob(key)).decode('ascii')}"


def allowed_signers(principal: str, key: bytes, kind: str) -> str:
    """One line of an allowed signers file. ``principal`` is a node id or another word of ``[A-Za-z0-9._@-]``."""
    if not _PRINCIPAL.fullmatch(principal):
        raise ValueError("a principal is a word of letters, digits and ._@-")
    return f'{principal} namespaces="{namespace(kind)}" {public_key_line(key)}\n'


def parse_public_key(line: str) -> bytes:
    """The 32 bytes of an OpenSSH public key line. Raises Refusal (``sshsig-key-type``, ``sshsig-unreadable``)."""
    words = line.split()
    if len(words) < 2 or not words[0].isascii():
        raise _refuse("sshsig-unreadable", "It is no OpenSSH public key line (type, base64, comment).")
    if words[0] != KEY_TYPE.decode():
        raise _other_type(words[0])
    return _key(_base64(words[1]))


def parse_ssh_signature(text: str) -> SshSignature:
    """Read the text of a ``.sig`` file: from BEGIN to END, in any line width.

    Raises Refusal (``sshsig-unreadable``, ``sshsig-key-type``, ``sshsig-hash``).
    """
    end = text.find(END)
    begin = text.rfind(BEGIN, 0, max(end, 0))
    if begin < 0 or end - begin > _MAX_BLOCK:
        raise _refuse("sshsig-unreadable", f"There is no text from {BEGIN} to {END}.")
    blob = _base64(re.sub(r"[^A-Za-z0-9+/=]", "", text[begin + len(BEGIN) : end]))
    if not blob.startswith(MAGIC + b"\0\0\0\1"):
        raise _refuse("sshsig-unreadable", "It is no SSH signature of version 1.")
    key, name, _, hashed, signature = _strings(blob[10:], 5)
    if hashed != HASH:
        raise _refuse("sshsig-hash", f"It is over a {_shown(hashed)} hash; quorate's signatures are over sha512.")
    return SshSignature(_key(key), _shown(name), _value(signature))


def _key(blob: bytes) -> bytes:
    kind, rest = _split(blob)
    if kind != KEY_TYPE:
        raise _other_type(_shown(kind))
    (key,) = _strings(rest, 1)
    if len(key) != KEY_BYTES:
        raise _refuse("sshsig-unreadable", f"Its key has {len(key)} bytes; an ed25519 key has {KEY_BYTES}.")
    return key


def _value(blob: bytes) -> bytes:
    kind, value = _strings(blob, 2)
    if kind != KEY_TYPE:
        raise _other_type(_shown(kind))
    if len(value) != SIGNATURE_BYTES:
        raise _refuse("sshsig-unreadable", f"Its signature has {len(value)} bytes, not {SIGNATURE_BYTES}.")
    return value


def _key_blob(key: bytes) -> bytes:
    return _string(KEY_TYPE) + _string(key)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _split(blob: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(blob[:4], "big")
    if len(blob) < 4 + size or len(blob) < 4:
        raise _refuse("sshsig-unreadable", "It ends in the middle of a field.")
    return blob[4 : 4 + size], blob[4 + size :]


def _strings(blob: bytes, count: int) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for _ in range(count):
        one, blob = _split(blob)
        found.append(one)
    if blob:
        raise _refuse("sshsig-unreadable", f"{len(blob)} bytes follow its last field.")
    return tuple(found)


def _base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise _refuse("sshsig-unreadable", "Its text is not base64.") from None


def _shown(data: bytes) -> str:
    return data[:100].decode("ascii", "backslashreplace")


def _other_type(kind: str) -> Refusal:
    return _refuse(
        "sshsig-key-type",
        f"It is of type {kind}; quorate takes ssh-ed25519 keys only.",
        "Make a key with ssh-keygen -t ed25519, and sign with that one.",
    )


def _refuse(code: str, message: str, fix: str = "Copy the file again, whole.") -> Refusal:
    finding: Finding = error(code, "ssh signature", message, fix)
    return Refusal(finding)
