"""What a file really is that is no JSON, whatever its name says: archives, web pages, pointers, other encodings."""

from __future__ import annotations

import re

from ..finding import Finding, error

_START = 2048
"""Bytes at the beginning in which every kind shows itself."""
_SHORT = 400
"""Bytes of the longest error text that a server sends instead of a file."""

_PACKED: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a gzip archive (it begins with 1F 8B)", "gunzip -c FILE > genesis.json"),
    (b"PK\x03\x04", "a zip archive (it begins with PK)", "unzip -p FILE > genesis.json"),
    (b"PK\x05\x06", "an empty zip archive", ""),
    (b"BZh", "a bzip2 archive", "bunzip2 -c FILE > genesis.json"),
    (b"\xfd7zXZ\x00", "an xz archive", "xz -dc < FILE > genesis.json"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "zstd -dc FILE > genesis.json"),
    (b"\x04\x22\x4d\x18", "an lz4 archive", "lz4 -dc FILE > genesis.json"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "7z e -so FILE > genesis.json"),
)
_TAR = 257
"""Where a tar archive says ``ustar``."""

_WIDE: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\xff\xfe\x00\x00|[ -~\r\n\t]\x00\x00\x00"), "UTF-32LE"),
    (re.compile(rb"\x00\x00\xfe\xff|\x00\x00\x00[ -~\r\n\t]"), "UTF-32BE"),
    (re.compile(rb"\xff\xfe|[ -~\r\n\t]\x00"), "UTF-16LE"),
    (re.compile(rb"\xfe\xff|\x00[ -~\r\n\t]"), "UTF-16BE"),
)

_RAW = "Download the file itself, not the page that shows it (on GitHub: Raw), or ask the sender for it."
_TEXTS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb"version https://git-lfs\.github\.com/spec/"),
        "a pointer of git-lfs, not the file that it points to",
        "Fetch the file itself: git lfs pull",
    ),
    (
        re.compile(rb"/annex/objects/|(?:\.\./)*\.git/annex/"),
        "a pointer of git-annex, not the file that it points to",
        "Fetch the file itself: git annex get FILE",
    ),
    (re.compile(rb"<\?xml|<Error>|<svg\b", re.IGNORECASE), "an XML document, such as a storage server's error", _RAW),
    (re.compile(rb"<(?:!doctype|html|head|body|meta|script|!--)", re.IGNORECASE), "an HTML page", _RAW),
    (
        re.compile(rb"HTTP/[0-9.]+ [0-9]{3}\b"),
        "a whole HTTP answer, with its headers",
        "Download it again without the headers: curl without -i.",
    ),
    (
        re.compile(rb"begin[^a-z0-9]{1,80}quorate", re.IGNORECASE),
        "a document of quorate (BEGIN QUORATE ...)",
        "Import it: quorate import FILE",
    ),
    (
        re.compile(rb"-----BEGIN |age-encryption\.org/|AGE-SECRET-KEY-"),
        "a key, certificate or encrypted file (it is not shown here)",
        "Give the right file. If it is a private key that was sent to you, tell its owner to replace it.",
    ),
    (
        re.compile(rb"(?:#[^\n]*\n|\s)*(?:\[[A-Za-z0-9_.-]+\]\s*\n|[A-Za-z0-9_-]+ *= *[\"'0-9tf\[])"),
        "a TOML file, such as config.toml",
        "Give the genesis.json, which is beside config.toml.",
    ),
    (
        re.compile(rb"(?:ey[IJA-Z]|ewo|ewog|ewk|ewI|H4sI)[A-Za-z0-9+/=\r\n]{40,}"),
        "base64 of a file, not the file itself",
        "Decode it: base64 -d FILE > genesis.json",
    ),
)
_ERRORS = re.compile(
    rb"(?:error:? *)?(?:[45][0-9]{2}\b|not found|file not found|page not found|access denied|forbidden|unauthorized"
    rb"|bad gateway|service unavailable|gateway time-?out|no such |invalid request|too many requests|rate limit)",
    re.IGNORECASE,
)
_MERGE = re.compile(rb"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)


def impostor(data: bytes) -> Finding | None:
    """What ``data`` is where it is a known thing that is not JSON in UTF-8; None where it may be JSON."""
    if data and not data.strip(b"\0"):
        return _finding("nothing but zero bytes, as after a crash of the machine or a full disk", "Ask for it again.")
    start = data[:_START]
    for magic, what, command in _PACKED:
        if start.startswith(magic):
            return _finding(what, f"Unpack it: {command}" if command else "Ask for the file again.")
    if start[_TAR : _TAR + 5] == b"ustar":
        return _finding("a tar archive", "Unpack it: tar -xf FILE")
    for pattern, encoding in _WIDE:
        if pattern.match(start):
            fix = f"Convert it: iconv -f {encoding} -t UTF-8 FILE > genesis.json"
            return _finding(f"text in {encoding}; the node reads UTF-8 only", fix)
    return _text(start.removeprefix(b"\xef\xbb\xbf").lstrip(), len(data)) or _merged(data)


def _text(start: bytes, size: int) -> Finding | None:
    if start[:1] in (b"{", b'"'):
        return None
    for pattern, what, fix in _TEXTS:
        if pattern.match(start):
            return _finding(what, fix)
    if size <= _SHORT and _ERRORS.match(start):
        said = start.split(b"\n")[0][:80].decode("utf-8", "replace").strip()
        return _finding(f'the error of a server: "{said}"', "Check the address, and download the file again.")
    return None


def _merged(data: bytes) -> Finding | None:
    if not data.startswith(b"<<<<<<< ") and b"\n<<<<<<< " not in data:
        return None
    if len(set(_MERGE.findall(data))) < 3:
        return None
    return _finding(
        "a file with the marks of an unfinished git merge (<<<<<<<, =======, >>>>>>>)",
        "Ask which side was agreed, take the marks and the other side out, and compare the SHA-256 with the others.",
    )


def _finding(what: str, fix: str) -> Finding:
    return error("file-other-kind", "file", f"The file is {what}; JSON was expected.", fix)
