"""The key process: the only code that opens a private key (promise P1). Started by path, never imported by the rest.

One JSON request on stdin, one JSON answer on stdout, then it ends. Only public facts and signatures leave it; an
error is a code from the lists below, never text of a file. Needs the standard library and PyNaCl alone, so that
``python -I process.py`` runs it without anything else of quorate in the process.

Requests: ``{"verb": "inspect", "validator": PATH|null, "node": PATH|null}``,
``{"verb": "recognise", "paths": [PATH...]}``,
``{"verb": "sign", "node": PATH, "validators": [PATH...], "namespace": NAME, "payload": BASE64}``,
``{"verb": "create", "path": PATH, "shape": "node"|"validator"|"validator-with-state"}``.
Answers: the fields of :func:`inspect`, :func:`recognise`, :func:`sign`, :func:`create`, or ``{"error": CODE}``.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import ctypes
import errno
import hashlib
import json
import os
import re
import resource
import stat
import struct
import sys
from typing import Any, NoReturn

NAMESPACES = {f"{kind}.v1@quorate": kind for kind in ("card", "record", "acceptance", "attestation")}
"""What the node key may sign: SSHSIG namespace, and the ``kind`` that the payload must have."""

ED25519_PRIVATE = "tendermint/PrivKeyEd25519"
ED25519_PUBLIC = "tendermint/PubKeyEd25519"

_PR_SET_DUMPABLE = 4
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PASS = _FOLDER | getattr(os, "O_PATH", 0)
_LINKED = (errno.ELOOP, errno.ENOTDIR)
_MAX_KEY_FILE = 64 * 1024
_MAX_PAYLOAD = 1 << 20
_MAX_REQUEST = 4 << 20
_MAX_PATHS = 2000
_TYPE = re.compile(r"(tendermint|cometbft)/(Priv|Pub)Key[A-Za-z0-9_]{1,16}")
_OLD_TYPES = ("AC26791624DE60", "954568A3288910")
_VALIDATOR_ONLY = ("address", "pub_key", "last_height")
_AMINO = {64: bytes.fromhex("A328891040"), 32: bytes.fromhex("1624DE6420")}
"""What amino writes before the bytes of an ed25519 key: four bytes for the type, one for the length."""
_FIELD_NAMES = ("priv_key", "privKey", "PrivKey", "private_key", "privateKey")
_HEX_KEY = re.compile(r"(?:0x)?(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{74}|[0-9A-Fa-f]{128}|[0-9A-Fa-f]{138})")
"""32 or 64 bytes, with amino's five before them or without."""
_PREFIX = 64 * 1024
_NAMED_KEY = re.compile(
    rb"""["'](?:priv_?key|private_?key)\\?["']\s{0,8}:|PrivKey(?:Ed25519|Secp256k1|Sr25519|Bls12_381)"""
    rb"|BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY|AGE-SECRET-KEY-1",
    re.IGNORECASE,
)
_OTHER_THINGS = (
    ("gzip", rb"\x1f\x8b"),
    ("zip", rb"PK\x03\x04"),
    ("git-lfs", rb"version https://git-lfs"),
    ("html", rb"\s*<"),
    ("error-page", rb"\s*(?:[45][0-9][0-9]:? |Not Found|Access Denied)"),
    ("encrypted", rb"age-encryption\.org|-----BEGIN (?:AGE|PGP)|Salted__"),
    ("pem", rb"-----BEGIN "),
)
"""Files of another kind under a key file's name, by their first bytes."""


class Failure(Exception):  # noqa: N818  (it is an answer, not a fault)
    """Ends the request with a code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Private:
    """A key file's private key: 64 bytes, seed and public half. Has no repr that shows it."""

    __slots__ = ("public", "second", "seed")

    def __init__(self, value: bytes) -> None:
        self.seed, self.second = value[:32], value[32:]
        self.public = _derive(self.seed)

    @property
    def halves_agree(self) -> bool:
        return self.public == self.second


def harden() -> None:
    """No core dump, no debugger of the same user, no /proc memory: best effort, the rest does not depend on it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def inspect(request: dict[str, Any]) -> dict[str, Any]:
    """Public facts of the two key files; a path that is null is not opened."""
    secrets: list[bytes] = []
    names = [name for name in ("validator", "node") if request.get(name) is not None]
    found = {name: _facts(_path(request.get(name)), secrets) for name in names}
    return {name: _without_leak(facts, secrets) for name, facts in found.items()}


def recognise(request: dict[str, Any]) -> dict[str, Any]:
    """Of each path: ``validator``, ``node`` or ``private`` where it holds a private key, else empty.

    So that a key file that somebody names by mistake is opened by no other process. A prefix is read, of plain files
    alone.
    """
    paths = request.get("paths")
    if not isinstance(paths, list) or len(paths) > _MAX_PATHS:
        raise Failure("request-damaged")
    return {"found": [_kind_of_file(_path(path)) for path in paths]}


def sign(request: dict[str, Any]) -> dict[str, Any]:
    """The node's public key and its signature over the SSHSIG bytes of ``payload``.

    The SSHSIG bytes begin with "SSHSIG" and are never 32 long, so that no vote, proposal, transaction or peer
    challenge can be had from it (OpenSSH, PROTOCOL.sshsig).
    """
    namespace = request.get("namespace")
    payload = _base64(request.get("payload"), "request-damaged")
    if not isinstance(namespace, str) or namespace not in NAMESPACES:
        raise Failure("namespace-unknown")
    if len(payload) > _MAX_PAYLOAD:
        raise Failure("payload-too-large")
    if _kind(payload) != NAMESPACES[namespace]:
        raise Failure("payload-of-another-kind")
    path = _path(request.get("node"))
    key = _node_key(path)
    for other in request.get("validators", []):
        _refuse_validator(path, key, _path(other))
    from nacl.signing import SigningKey, VerifyKey

    message = _sshsig_bytes(namespace, payload)
    signature = SigningKey(key.seed).sign(message).signature
    VerifyKey(key.public).verify(message, signature)
    return {"public": key.public.hex(), "signature": signature.hex()}


def create(request: dict[str, Any]) -> dict[str, Any]:
    """Make a fresh key file, mode 0600, whole or not at all; never replaces one. Answers the public key."""
    path, shape = _path(request.get("path")), request.get("shape")
    seed = os.urandom(32)
    public = _derive(seed)
    content = _render(shape, seed, public)
    try:
        folder = _folder(path, make=True)
    except OSError as problem:
        if problem.errno in _LINKED:
            raise Failure("linked") from None
        raise Failure("disk-full" if _os_code(problem, "") == "disk-full" else "unwritable") from None
    try:
        _write_new(folder, os.path.basename(path), content)
    except FileExistsError:
        raise Failure("key-exists") from None
    except OSError as problem:
        raise Failure(_os_code(problem, "unwritable")) from None
    finally:
        os.close(folder)
    return {"public": public.hex()}


# --- reading ---------------------------------------------------------------------------------------------------------


def _facts(path: str, secrets: list[bytes]) -> dict[str, Any]:
    facts: dict[str, Any] = {"problem": "", "link": os.path.islink(path)}
    try:
        data, status = _read(path)
        facts |= {"mode": stat.S_IMODE(status.st_mode), "uid": status.st_uid}
        file, form = _file_in_any_form(data)
        facts |= _private_facts(file, form, secrets)
        facts |= _stated_facts(file)
        facts["state"] = _state_facts(file)
    except Failure as failure:
        facts["problem"] = failure.code
    return facts


def _file_in_any_form(data: bytes) -> tuple[dict[str, Any], str]:
    """The fields of a key file, and how the file itself differs from what a node writes: a code, or empty."""
    if not data.strip():
        raise Failure("empty")
    for code, first in _OTHER_THINGS:
        if re.match(first, data):
            raise Failure(code)
    for mark, encoding, form in (
        (b"\xef\xbb\xbf", "utf-8-sig", "byte-order-mark"),
        (b"\xff\xfe", "utf-16", "utf-16"),
        (b"\xfe\xff", "utf-16", "utf-16"),
    ):
        if data.startswith(mark):
            return _fields_in_text(data, encoding), form
    try:
        return _parse(_text(data)), ""
    except Failure:
        value = _bare(data.decode("ascii", "replace").strip())
        if value is None:
            raise
        return {"priv_key": base64.b64encode(value).decode()}, "bare"


def _fields_in_text(data: bytes, encoding: str) -> dict[str, Any]:
    try:
        return _parse(data.decode(encoding))
    except UnicodeDecodeError:
        raise Failure("not-json") from None


def _bare(text: str) -> bytes | None:
    """A file that is nothing but a private key in hex or base64; seed and public key belong together."""
    value = _hex_or_base64(text)
    return value if value is not None and len(value) == 64 and _derive(value[:32]) == value[32:] else None


def _private_facts(file: dict[str, Any], form: str, secrets: list[bytes]) -> dict[str, Any]:
    name = next((name for name in _FIELD_NAMES if name in file), "priv_key")
    kind, value, spelling = _spelled(file.get(name))
    form = form or ("field-name" if name != "priv_key" else spelling)
    facts: dict[str, Any] = {"type": kind}
    if value is None:
        return facts | {"problem": "no-private-key"}
    swapped = len(value) == 64 and _derive(value[32:]) == value[:32]
    secrets += [value, value[32:] if swapped else value[:32]]
    if len(value) == 32 and _spelled(file.get("pub_key"))[1] == _derive(value):
        value, form = value + _derive(value), "seed"
    facts["length"] = len(value)
    if len(value) != 64 or (kind != ED25519_PRIVATE and _other_kind(kind)):
        return facts
    key = Private(value)
    if form and not key.halves_agree:
        return facts
    # Where the halves disagree the second one may be the secret one (swapped, doubled): only its address is told.
    return facts | {
        "form": form,
        "public": key.public.hex(),
        "halves_agree": key.halves_agree,
        "second_address": _address(key.second),
    }


def _other_kind(kind: str) -> bool:
    """Whether the type names a key that is not an ed25519 one."""
    return kind not in ("", "other") and kind not in _OLD_TYPES


def _spelled(entry: object) -> tuple[str, bytes | None, str]:
    """A key in any spelling: its type as :func:`_typed` tells it, its bytes, and a code for the spelling.

    The code is empty for what a node writes today: type and value, in base64.
    """
    kind, value = _typed(entry)
    if isinstance(entry, dict) and _HEX_KEY.fullmatch(str(entry.get("value"))):
        return kind, *_other_spelling(entry.get("value"), "hex-value")[1:]
    if value is not None:
        if _AMINO.get(len(value) - 5, b"?") == value[:5]:
            return kind, value[5:], "amino"
        return kind, value, "disfix" if kind in _OLD_TYPES else "" if kind != "other" else "type-name"
    if isinstance(entry, str):
        return _other_spelling(entry, "text")
    if isinstance(entry, list) and len(entry) == 2 and entry[0] == 1:
        return _other_spelling(entry[1], "type-byte")
    if not isinstance(entry, dict):
        return kind, None, ""
    if "@type" in entry:
        return _other_spelling(entry.get("key"), "cosmos") if "ed25519" in str(entry["@type"]) else ("other", None, "")
    if "data" in entry:
        return _other_spelling(entry["data"], "type-and-data")
    return kind, None, ""


def _other_spelling(text: object, spelling: str) -> tuple[str, bytes | None, str]:
    value = _hex_or_base64(text)
    if value is not None and _AMINO.get(len(value) - 5, b"?") == value[:5]:
        value = value[5:]
    return "", value, spelling


def _hex_or_base64(text: object) -> bytes | None:
    if isinstance(text, str) and _HEX_KEY.fullmatch(text):
        return bytes.fromhex(text.removeprefix("0x"))
    try:
        return _base64(text, "not-base64")
    except Failure:
        return None


def _stated_facts(file: dict[str, Any]) -> dict[str, Any]:
    """What the file says of itself beside the private key: the node ignores it and derives its own."""
    facts: dict[str, Any] = {"validator_shape": any(name in file for name in _VALIDATOR_ONLY)}
    if "pub_key" in file:
        kind, value, _ = _spelled(file["pub_key"])
        facts["stated_type"] = kind
        facts["stated_public"] = value.hex() if value is not None and len(value) == 32 else ""
    if "address" in file:
        address = file["address"]
        readable = isinstance(address, str) and re.fullmatch(r"[0-9A-Fa-f]{40}", address)
        facts["stated_address"] = address if readable else ""
    return facts


def _state_facts(file: dict[str, Any]) -> dict[str, Any] | None:
    """The sign state that files up to 0.27 carry, as far as it is there; only values of the right shape leave."""
    if "last_height" not in file:
        return None
    facts = {name: _number(file[f"last_{name}"]) for name in ("height", "round", "step") if f"last_{name}" in file}
    return facts | {"signbytes": _hex(file.get("last_signbytes") or "")}


def _kind_of_file(path: str) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return ""
    try:
        data = os.read(handle, _PREFIX) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return ""
    finally:
        os.close(handle)
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            data = data.decode(encoding, "replace").encode("utf-8", "replace")
    if not _NAMED_KEY.search(data):
        return "private" if len(data) <= 256 and _bare(data.decode("ascii", "replace").strip()) else ""
    if not re.search(rb'"priv_?key"', data, re.IGNORECASE):
        return "private"
    return "validator" if re.search(rb'"(?:pub_key|address|last_height)"', data) else "node"


def _number(value: object) -> str | int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**64):
        return value
    return value if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value) else "?"


def _hex(value: object) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"(?:[0-9A-Fa-f]{2}){0,4096}", value) else "?"


def _read(path: str, *, follow: bool = True) -> tuple[bytes, os.stat_result]:
    """Links are followed (mounted secrets are links) and told of; pipes and devices are not opened for waiting.

    ``follow=False``: ``path`` is the real place, and a link on the way to it, or at its end, is a Failure.
    """
    try:
        handle = _open(path, follow)
    except OSError as problem:
        linked = not follow and problem.errno in _LINKED
        raise Failure("linked" if linked else _os_code(problem, "unreadable")) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Failure("not-regular")
        if status.st_size > _MAX_KEY_FILE:
            raise Failure("too-large")
        return os.read(handle, _MAX_KEY_FILE + 1), status
    except OSError as problem:
        raise Failure(_os_code(problem, "unreadable")) from None
    finally:
        os.close(handle)


def _open(path: str, follow: bool) -> int:
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    if follow:
        return os.open(path, flags)
    folder = _folder(path)
    try:
        return os.open(os.path.basename(path), flags | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _folder(path: str, *, make: bool = False) -> int:
    """A descriptor of the folder of ``path``, a real place: no link is followed on the way. Raises OSError."""
    folder = os.open("/", _PASS)
    try:
        for part in filter(None, os.path.dirname(path).split("/")):
            try:
                below = os.open(part, _PASS, dir_fd=folder)
            except FileNotFoundError:
                if not make:
                    raise
                os.mkdir(part, 0o700, dir_fd=folder)
                _sync(folder)
                below = os.open(part, _PASS, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(".", _FOLDER, dir_fd=folder)
    finally:
        os.close(folder)


def _sync(folder: int) -> None:
    handle = os.open(".", _FOLDER, dir_fd=folder)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _os_code(problem: OSError, otherwise: str) -> str:
    missing = problem.errno in (errno.ENOENT, errno.ENOTDIR)
    full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
    return "missing" if missing else "disk-full" if full else otherwise


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Failure("not-json") from None


def _parse(text: str) -> dict[str, Any]:
    try:
        file = json.loads(text, object_pairs_hook=_once, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise Failure("not-json") from None
    if not isinstance(file, dict):
        raise Failure("not-json")
    return file


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Failure("doubled-field")
    return dict(pairs)


def _constant(name: str) -> NoReturn:
    raise ValueError


def _typed(entry: object) -> tuple[str, bytes | None]:
    """``{"type", "value"}`` as (type, or "other" where it is no known spelling; decoded value)."""
    if not isinstance(entry, dict):
        return "", None
    kind, value = entry.get("type"), entry.get("value")
    named = isinstance(kind, str) and (kind in _OLD_TYPES or _TYPE.fullmatch(kind))
    try:
        return (str(kind) if named else "other"), _base64(value, "not-base64")
    except Failure:
        return (str(kind) if named else "other"), None


def _base64(value: object, code: str) -> bytes:
    """As Go's standard decoder reads it: padding is required, line ends inside are skipped."""
    if not isinstance(value, str) or not value.isascii():
        raise Failure(code)
    try:
        return binascii.a2b_base64(value.replace("\r", "").replace("\n", ""), strict_mode=True)
    except ValueError:
        raise Failure(code) from None


def _without_leak(facts: dict[str, Any], secrets: list[bytes]) -> dict[str, Any]:
    """The last gate: a file whose public fields repeat a private key gives no facts but that."""
    text = json.dumps(facts)
    low = text.lower()
    for secret in secrets:
        if secret and (secret.hex() in low or base64.b64encode(secret).decode() in text):
            kept = {name: facts[name] for name in ("link", "mode", "uid")}
            return kept | {"problem": "private-key-in-public-field"}
    return facts


# --- signing ---------------------------------------------------------------------------------------------------------


def _node_key(path: str) -> Private:
    file = _parse(_text(_read(path, follow=False)[0]))
    if any(name in file for name in _VALIDATOR_ONLY):
        raise Failure("node-key-is-validator")
    return _ed25519(file)


def _ed25519(file: dict[str, Any]) -> Private:
    kind, value = _typed(file.get("priv_key"))
    if kind != ED25519_PRIVATE or value is None or len(value) != 64:
        raise Failure("no-ed25519-key")
    key = Private(value)
    if not key.halves_agree:
        raise Failure("halves-disagree")
    return key


def _refuse_validator(path: str, key: Private, other: str) -> None:
    """Refuse where the node key is the validator key: the same file, the same seed or the same public key."""
    try:
        file, _ = _file_in_any_form(_read(other)[0])
    except Failure as failure:
        if failure.code == "missing":
            return
        raise Failure("validator-unreadable") from None
    value = next((_spelled(file[name])[1] for name in _FIELD_NAMES if name in file), None) or b""
    stated = _spelled(file.get("pub_key"))[1]
    if os.path.samefile(path, other) or key.seed in (value[:32], value[32:]) or key.public in (value[32:], stated):
        raise Failure("node-key-is-validator")


def _kind(payload: bytes) -> object:
    try:
        document = json.loads(payload.decode("ascii"), object_pairs_hook=_once, parse_constant=_constant)
    except (ValueError, RecursionError, Failure):
        raise Failure("payload-damaged") from None
    return document.get("kind") if isinstance(document, dict) else None


def _sshsig_bytes(namespace: str, payload: bytes) -> bytes:
    parts = (namespace.encode(), b"", b"sha512", hashlib.sha512(payload).digest())
    return b"SSHSIG" + b"".join(struct.pack(">I", len(part)) + part for part in parts)


def _derive(seed: bytes) -> bytes:
    from nacl.bindings import crypto_sign_seed_keypair

    return crypto_sign_seed_keypair(seed)[0]


def _address(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:40].upper()


# --- making ----------------------------------------------------------------------------------------------------------


def _render(shape: object, seed: bytes, public: bytes) -> bytes:
    """As Go writes them: a node key on one line, a validator key indented by two, neither with a last newline."""
    private = {"type": ED25519_PRIVATE, "value": base64.b64encode(seed + public).decode()}
    if shape == "node":
        return json.dumps({"priv_key": private}, separators=(",", ":")).encode()
    if shape not in ("validator", "validator-with-state"):
        raise Failure("request-damaged")
    stated = {"type": ED25519_PUBLIC, "value": base64.b64encode(public).decode()}
    state = {"last_height": "0", "last_round": "0", "last_step": 0} if shape == "validator-with-state" else {}
    whole = {"address": _address(public), "pub_key": stated, **state, "priv_key": private}
    return json.dumps(whole, indent=2).encode()


def _write_new(folder: int, name: str, content: bytes) -> None:
    """An unnamed file gets its name only once it is whole and on disk; where the file system has none, O_EXCL."""
    try:
        handle = os.open(".", os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=folder)
    except (OSError, AttributeError):
        _write_named(folder, name, content)
    else:
        with os.fdopen(handle, "wb") as file:
            _fill(file.fileno(), content)
            os.link(f"/proc/self/fd/{handle}", name, dst_dir_fd=folder, follow_symlinks=True)
    os.fsync(folder)


def _write_named(folder: int, name: str, content: bytes) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC
    handle = os.open(name, flags, 0o600, dir_fd=folder)
    try:
        _fill(handle, content)
    except BaseException:
        os.unlink(name, dir_fd=folder)
        raise
    finally:
        os.close(handle)


def _fill(handle: int, content: bytes) -> None:
    os.fchmod(handle, 0o600)
    while content:
        content = content[os.write(handle, content) :]
    os.fsync(handle)


# --- one request -----------------------------------------------------------------------------------------------------


def _path(value: object) -> str:
    if not isinstance(value, str) or not os.path.isabs(value) or "\0" in value:
        raise Failure("request-damaged")
    return value


def answer(text: bytes) -> dict[str, Any]:
    """The answer to one request; whatever happens, no exception and no text of a file leaves."""
    try:
        request = _parse(text.decode("utf-8"))
        verbs = {"inspect": inspect, "recognise": recognise, "sign": sign, "create": create}
        verb = verbs.get(str(request.get("verb")))
        return {"error": "verb-unknown"} if verb is None else verb(request)
    except Failure as failure:
        return {"error": failure.code}
    except ImportError:
        return {"error": "nacl-missing"}
    except BaseException:  # a traceback could show what must not be shown
        return {"error": "internal"}


def main() -> None:
    harden()
    text = sys.stdin.buffer.read(_MAX_REQUEST + 1)
    reply = {"error": "request-damaged"} if len(text) > _MAX_REQUEST else answer(text)
    sys.stdout.write(json.dumps(reply))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
