"""Eight words, the same on every machine."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13

from core.documents import words
from core.documents.words import LIST_SHA256, SALTS, eight_words, word_list
from core.finding import Refusal

DIGEST = hashlib.sha256(b"").digest()


def test_the_words_of_a_digest_are_what_the_design_says() -> None:
    raw = crypto_pwhash_alg(16, DIGEST, b"quorate.card..01", 3, 64 << 20, crypto_pwhash_ALG_ARGON2ID13)
    bits = "".join(f"{byte:08b}" for byte in raw)[:88]
    expected = tuple(word_list()[int(bits[at : at + 11], 2)] for at in range(0, 88, 11))
    assert eight_words(DIGEST, "card") == expected


def test_the_words_stay_what_they_were() -> None:
    assert " ".join(eight_words(DIGEST, "card")) == "video cheese entire sponsor romance choose vital material"


def test_each_purpose_has_its_own_words() -> None:
    assert len({eight_words(DIGEST, purpose) for purpose in SALTS}) == 3
    assert all(len(salt) == 16 for salt in SALTS.values())


def test_the_list_is_bip39_english() -> None:
    assert len(word_list()) == 2048 and word_list()[0] == "abandon" and word_list()[-1] == "zoo"
    assert len({word[:4] for word in word_list()}) == 2048


def test_only_a_sha256_has_words() -> None:
    with pytest.raises(ValueError):
        eight_words(b"short", "record")


def test_another_list_is_refused_with_both_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_read", lambda loader, path: b"abandon\n")
    word_list.cache_clear()
    try:
        with pytest.raises(Refusal) as refused:
            word_list()
    finally:
        word_list.cache_clear()
    assert LIST_SHA256 in refused.value.findings[0].message


def test_the_list_is_read_without_importing_its_package() -> None:
    code = "import sys; from core.documents.words import word_list; word_list(); print('mnemonic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == "False", done.stderr
