"""Eight words that people compare on the phone, made slow on purpose so that nobody can search for a second set.

88 bits after Argon2id (64 MiB each) cost an attacker about 39,000 core-years for a collision.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import PurePath
from secrets import choice
from typing import Literal, cast

from ..finding import Refusal, error

Purpose = Literal["card", "record", "genesis"]
Words = tuple[str, str, str, str, str, str, str, str]

SALTS: dict[Purpose, bytes] = {
    "card": b"quorate.card..01",
    "record": b"quorate.record01",
    "genesis": b"quorate.genesis1",
}
LIST_SHA256 = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
"""Of BIP39's english.txt: two members with different lists would read out different words."""


@lru_cache(maxsize=4096)
def eight_words(digest: bytes, purpose: Purpose) -> Words:
    """The words of a SHA-256 (32 raw bytes). Takes about 0.1 s the first time. Raises Refusal (``words-list``)."""
    from nacl.pwhash import argon2id

    if len(digest) != 32:
        raise ValueError("words are made of a SHA-256, 32 bytes")
    raw = argon2id.kdf(16, digest, SALTS[purpose], opslimit=3, memlimit=64 << 20)
    number = int.from_bytes(raw[:11], "big")
    known = word_list()
    return cast(Words, tuple(known[number >> shift & 0x7FF] for shift in range(77, -1, -11)))


def draw(*, reads_first: bool, before: int | None = None) -> int:
    """Return the place, 0 to 7, of a word to hide until the other side has read it; a different one than ``before``.

    Who ``reads_first`` reads 1 to 4, and hears one of 5 to 8. At random: to make a different document
    with one right word at a known place takes minutes, not centuries.
    """
    return choice([place for place in (range(4, 8) if reads_first else range(4)) if place != before])


@cache
def word_list() -> tuple[str, ...]:
    """BIP39's 2048 English words. Read from the package ``mnemonic`` without importing it."""
    spec = find_spec("mnemonic")
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    data = b""
    if spec is not None and folder is not None:
        data = _read(spec.loader, str(PurePath(folder, "wordlist", "english.txt")))
    found = hashlib.sha256(data).hexdigest()
    if found != LIST_SHA256:
        raise Refusal(
            error(
                "words-list",
                "mnemonic/wordlist/english.txt",
                f"The word list of this installation has the SHA-256 {found}; BIP39's English list has {LIST_SHA256}.",
                "Install the package mnemonic again.",
            )
        )
    return tuple(data.decode("ascii").split())


def _read(loader: object, path: str) -> bytes:
    get_data = getattr(loader, "get_data", None)
    try:
        data = get_data(path) if get_data else b""
    except OSError:
        return b""
    return data if isinstance(data, bytes) else b""
