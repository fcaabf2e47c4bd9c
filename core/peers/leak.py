"""Private keys in text that people paste: told apart before anything else looks at the text, and never kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..documents.ed25519 import from_base64, is_good_point

_NAMED = re.compile(
    r"""priv_?key\\?["']?\s{0,8}[:=]"""
    r"""|PrivKey(?:Ed25519|Secp256k1|Bls12_381)"""
    r"""|BEGIN\s{1,4}(?:[A-Z0-9]{1,12}\s{1,4}){0,3}PRIVATE\s{1,4}KEY""",
    re.IGNORECASE | re.ASCII,
)
_LINE = re.compile(r"\r\n[ \t>|]*|\n[ \t>|]+")
_BACKWARDS = re.compile(r"==(?:[A-Za-z0-9+/](?:\n[ \t]{0,4})?){86}(?![A-Za-z0-9+/])", re.ASCII)
_ENDS = re.compile(r"(?<=[A-Za-z0-9+/\n \t]{8})==", re.ASCII)
_WINDOW = 400
_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{128}(?![0-9a-f])", re.IGNORECASE | re.ASCII)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")


def holds_private_key(text: str) -> bool:
    """Whether the text holds a private key of a node, or a PEM private key.

    By name (``priv_key``, ``PrivKeyEd25519``, ``PRIVATE KEY``), or by form: 64 bytes of base64 or hex whose second half
    is a public key, also broken over lines. A signature is 64 bytes too and is taken for a key once in sixteen times:
    that error is the harmless one, and signatures of ssh-keygen have to be taken out before.
    """
    if _NAMED.search(text):
        return True
    if any(pair is not None and is_good_point(pair[32:]) for pair in _pairs(_LINE.sub("\n", text))):
        return True
    return any(is_good_point(bytes.fromhex(found.group())[32:]) for found in _HEX.finditer(text))


def _pairs(text: str) -> Iterator[bytes | None]:
    """The 64 bytes before each ``==``. Read backwards from there, so that long text costs no more than its length."""
    for end in _ENDS.finditer(text):
        window = text[max(0, end.end() - _WINDOW) : end.end()]
        found = _BACKWARDS.match(window[::-1])
        if found is not None:
            yield from_base64(_NOT_BASE64.sub("", found.group())[::-1], 64)
