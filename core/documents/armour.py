"""Armour: a signed document as letters and digits that survive chat, e-mail quoting and line wrapping.

::

    BEGIN QUORATE CARD.
    aeaaaaabmz5se... (base32 in lower case, words of 15 letters)
    END QUORATE CARD.

Inside: 1 byte format (1), 4 bytes length of the payload, 2 bytes number of signatures, the payload, each signature as
32 bytes key and 64 bytes value, and the first 4 bytes of the SHA-256 of all that. Lengths are big endian.
"""

from __future__ import annotations

import base64
import hashlib
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ..finding import Finding, error, unknown
from .document import Document, Signature
from .kinds import KINDS

FORMAT = 1
MAX_PAYLOAD = 1 << 20
MAX_SIGNATURES = 1024
MAX_TEXT = 16 << 20
"""Characters of one text that are looked through."""
MAX_BROKEN = 1024
"""Armours of one text that are cut off or damaged. No exchange has so many, and each costs more than its letters."""

_HEAD = 7
_SIGNATURE = 96
_SUM = 4
_WORD = 15
_WORDS_IN_A_LINE = 4
_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567"
_DIGITS = b"0123456789abcdefghijklmnopqrstuv"
_TABLE = bytes.maketrans(_LETTERS + _LETTERS[:26].upper(), _DIGITS + _DIGITS[:26])
_NOISE = bytes(sorted(set(range(256)) - set(_LETTERS) - set(string.ascii_uppercase.encode())))
_WORD_BEFORE = re.compile(r"(begin|end)[^a-z0-9]{1,80}\Z")
_BEFORE = 90
_SMALL = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_AGAIN = "Copy the whole text from BEGIN to END again, or ask the sender to send it again."


@dataclass(frozen=True, slots=True)
class Found:
    """One armour in a text. ``payload`` and ``signatures`` are there when ``status`` is None; nothing is verified."""

    label: str
    """The kind that stands in its first or last line, in small letters."""
    status: Literal["cut", "damaged", "newer"] | None
    start: int
    end: int
    """Where it stands in the text."""
    payload: bytes = b""
    signatures: tuple[Signature, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mark:
    """A BEGIN or END line."""

    begins: bool
    label: str
    start: int
    end: int


class _Wrong(Exception):  # noqa: N818
    def __init__(self, status: Literal["cut", "damaged", "newer"], code: str, message: str, fix: str = _AGAIN) -> None:
        super().__init__(message)
        self.status: Literal["cut", "damaged", "newer"] = status
        self.code = code
        self.fix = fix


def armour(document: Document) -> str:
    """The document as text, with a line end at its end. Equal documents give equal text."""
    signatures = sorted(document.signatures)
    if len(document.payload) > MAX_PAYLOAD or len(signatures) > MAX_SIGNATURES:
        raise ValueError("a document has at most 1 MiB and 1024 signatures")
    body = bytes((FORMAT,)) + len(document.payload).to_bytes(4, "big") + len(signatures).to_bytes(2, "big")
    body += document.payload + b"".join(one.key + one.value for one in signatures)
    letters = base64.b32encode(body + _checksum(body)).decode("ascii").rstrip("=").lower()
    words = [letters[at : at + _WORD] for at in range(0, len(letters), _WORD)]
    lines = [" ".join(words[at : at + _WORDS_IN_A_LINE]) for at in range(0, len(words), _WORDS_IN_A_LINE)]
    kind = document.kind.upper()
    return "\n".join((f"BEGIN QUORATE {kind}.", *lines, f"END QUORATE {kind}.", ""))


def find(text: str) -> tuple[Found, ...]:
    """Every armour in ``text``, in order, whatever stands around it. Never raises.

    Findings: ``armour-cut-off``, ``armour-damaged``, ``armour-newer``, ``armour-too-many-broken`` for what follows the
    first ``MAX_BROKEN`` broken ones, and ``armour-text-too-large`` for a text of more than 16 Mi characters, of which
    nothing is read.
    """
    if len(text) > MAX_TEXT:
        message = f"The text has {len(text)} characters; at most {MAX_TEXT} are looked through."
        wrong = unknown("armour-text-too-large", "text", message, "Give it in smaller parts.")
        return (Found("", "damaged", 0, len(text), findings=(wrong,)),)
    return tuple(_few_broken(text))


def _few_broken(text: str) -> Iterator[Found]:
    """All of them; the text from the broken one on that is one too many is not read."""
    broken = 0
    for found in _each(text):
        broken += found.status is not None
        if broken > MAX_BROKEN:
            message = f"The text has more than {MAX_BROKEN} cut off or damaged documents; the rest was not read."
            fix = "Ask the senders for whole documents, and import them one by one."
            wrong = error("armour-too-many-broken", "text", message, fix)
            yield Found(found.label, "damaged", found.start, len(text), findings=(wrong,))
            return
        yield found


def _each(text: str) -> Iterator[Found]:
    begin: _Mark | None = None
    for mark in _marks(text):
        if begin is not None:
            yield _cut(begin, mark.start, "END") if mark.begins else _one(text, begin, mark)
        elif not mark.begins:
            yield _cut(mark, mark.end, "BEGIN")
        begin = mark if mark.begins else None
    if begin is not None:
        yield _cut(begin, len(text), "END")


def _marks(text: str) -> Iterator[_Mark]:
    """In small letters and from the rarest word on: several times faster than one pattern that minds no case."""
    names = _names(tuple(KINDS))
    small = text.lower()
    if len(small) != len(text):
        small = text.translate(_SMALL)
    at = small.find("quorate")
    while at >= 0:
        name = names.match(small, at)
        word = _word_before(small, at) if name else None
        if name and word:
            yield _Mark(word.group(1) == "begin", name.group(1), word.start(), name.end())
        at = small.find("quorate", at + 1)


@cache
def _names(kinds: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"quorate[^a-z0-9]{{1,80}}({'|'.join(kinds)})(?![a-z0-9])")


def _word_before(small: str, at: int) -> re.Match[str] | None:
    near = _WORD_BEFORE.search(small, max(0, at - 6), at)
    return near or _WORD_BEFORE.search(small, max(0, at - _BEFORE), at)


def _cut(mark: _Mark, end: int, missing: str) -> Found:
    message = f"The {mark.label} is cut off: its {missing} line is not there."
    return Found(mark.label, "cut", mark.start, end, findings=(error("armour-cut-off", mark.label, message, _AGAIN),))


def _one(text: str, begin: _Mark, end: _Mark) -> Found:
    try:
        if end.label != begin.label:
            raise _Wrong("damaged", "armour-damaged", f"It begins as a {begin.label} and ends as a {end.label}.")
        payload, signatures = _open(_decode(text[begin.end : end.start]))
    except _Wrong as wrong:
        found = (error(wrong.code, begin.label, str(wrong), wrong.fix),)
        return Found(begin.label, wrong.status, begin.start, end.end, findings=found)
    return Found(begin.label, None, begin.start, end.end, payload, signatures)


def _decode(text: str) -> bytes:
    digits = text.encode("ascii", "ignore").translate(_TABLE, _NOISE)
    if len(digits) * 5 // 8 < _HEAD + _SUM:
        raise _Wrong("cut", "armour-cut-off", "It is cut off: nearly nothing stands between its BEGIN and END lines.")
    spare = len(digits) * 5 % 8
    return (int(digits, 32) >> spare).to_bytes(len(digits) * 5 // 8, "big")


def _open(data: bytes) -> tuple[bytes, tuple[Signature, ...]]:
    head, count = _HEAD + int.from_bytes(data[1:5], "big"), int.from_bytes(data[5:7], "big")
    size = head + count * _SIGNATURE + _SUM
    whole = len(data) == size and data[-_SUM:] == _checksum(data[:-_SUM])
    if data[0] != FORMAT and data[-_SUM:] == _checksum(data[:-_SUM]):
        message = f"Its armour has the format {data[0]}; this quorate understands format {FORMAT}."
        raise _Wrong("newer", "armour-newer", message, "Install the newest quorate, and import it again.")
    if not whole and len(data) < size and _plausible(data, head - _HEAD, count):
        raise _Wrong("cut", "armour-cut-off", f"It is cut off: {len(data)} of {size} bytes are there.")
    if not whole or not _plausible(data, head - _HEAD, count):
        raise _Wrong("damaged", "armour-damaged", "It is damaged: its letters do not fit its checksum.")
    return data[_HEAD:head], tuple(
        Signature(data[at : at + 32], data[at + 32 : at + _SIGNATURE]) for at in range(head, size - _SUM, _SIGNATURE)
    )


def _plausible(data: bytes, length: int, count: int) -> bool:
    return data[0] == FORMAT and length <= MAX_PAYLOAD and count <= MAX_SIGNATURES


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_SUM]
