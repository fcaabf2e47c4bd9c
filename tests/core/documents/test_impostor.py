"""A file that is no JSON at all is recognised as the thing it is, with the way to the JSON."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from core.documents.impostor import impostor

GOOD = b'{"genesis_time": "2026-12-01T12:00:00Z", "chain_id": "example-1", "validators": []}'


def _zip() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr(zipfile.ZipInfo("genesis.json"), GOOD)
    return into.getvalue()


def _tar() -> bytes:
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        member = tarfile.TarInfo("genesis.json")
        member.size = len(GOOD)
        archive.addfile(member, io.BytesIO(GOOD))
    return into.getvalue()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@pytest.mark.parametrize(
    ("data", "word", "way"),
    [
        (gzip.compress(GOOD, mtime=0), "gzip", "gunzip"),
        (bz2.compress(GOOD), "bzip2", "bunzip2"),
        (lzma.compress(GOOD), "xz", "xz -dc"),
        (_zip(), "zip", "unzip"),
        (_tar(), "tar", "tar -xf"),
        (b"\x28\xb5\x2f\xfd...", "zstd", "zstd -dc"),
        (GOOD.decode().encode("utf-16"), "UTF-16LE", "iconv -f UTF-16LE"),
        (GOOD.decode().encode("utf-16-be"), "UTF-16BE", "iconv"),
        (GOOD.decode().encode("utf-32-le"), "UTF-32LE", "iconv"),
        (b"<!DOCTYPE html>\n<html><body>Not found</body></html>", "HTML", "Raw"),
        (b"\xef\xbb\xbf \n<html lang=en>", "HTML", "Raw"),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "XML", "Raw"),
        (b"404: Not Found", "404: Not Found", "download"),
        (b"Not Found\n", "Not Found", "download"),
        (b"403 Forbidden", "403 Forbidden", "download"),
        (POINTER, "git-lfs", "git lfs pull"),
        (b"/annex/objects/SHA256E-s1--2.json\n", "git-annex", "git annex get"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + GOOD, "HTTP answer", "curl without -i"),
        (b"BEGIN QUORATE RECORD.\naeaaaa\nEND QUORATE RECORD.\n", "quorate", "quorate import"),
        (b'proxy_app = "tcp://127.0.0.1:26658"\n', "TOML", "genesis.json"),
        (b"# This is a TOML config file.\n\n[p2p]\nladdr = 1\n", "TOML", "genesis.json"),
        (b"eyJnZW5lc2lzX3RpbWUiOiAiMjAyNi0xMi0wMVQxMjowMDowMFoiLCAiY2hhaW5faWQi", "base64", "base64 -d"),
        (bytes(4096), "zero bytes", "Ask for it again"),
        (b'{\n<<<<<<< HEAD\n"chain_id": "a"\n=======\n"chain_id": "b"\n>>>>>>> x\n}', "merge", "agreed"),
    ],
)  # fmt: skip
def test_a_known_other_thing_is_named_with_the_way_to_the_file(data: bytes, word: str, way: str) -> None:
    found = impostor(data)
    assert found is not None
    assert found.code == "file-other-kind"
    assert word in found.message
    assert way in found.fix


def test_a_private_key_is_recognised_and_not_shown() -> None:
    found = impostor(b"-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n")
    assert found is not None
    assert "c2VjcmV0" not in found.message + found.fix


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        b"\n\n" + GOOD,
        b"[]",
        b"7",
        b'"text"',
        b"null",
        b"{",
        b"{'a': 1}",
        b'{"a": "<<<<<<< "}',
        b'{"html": "<html>"}',
        GOOD + b"\0",
        b"404",
    ][:-1],
)  # fmt: skip
def test_what_may_be_json_is_left_to_its_reader(data: bytes) -> None:
    assert impostor(data) is None
