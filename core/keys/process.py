"""The key process: the only code that opens a private key (promise P1). Started by path, never imported by the rest.

One JSON request on stdin, one JSON answer on stdout, then it ends. Only public facts and signatures leave it; an
error is a code from the lists below, never text of a file. Needs the standard library and PyNaCl alone, so that
``python -I process.py`` runs it without anything else of quorate in the process.

Requests: ``{"verb": "inspect", "validator": PATH|null, "node": PATH|null}``,
``{"verb": "sign", "node": PATH, "validators": [PATH...], "namespace": NAME, "payload": BASE64}``,
``{"verb": "create", "path": PATH, "shape": "node"|"validator"|"validator-with-state"}``.
Answers: the fields of :func:`inspect`, :func:`sign`, :func:`create`, or ``{"error": CODE}``.
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
_TYPE = re.compile(r"(tendermint|cometbft)/(Priv|Pub)Key[A-Za-z0-9_]{1,16}")
_OLD_TYPES = ("AC26791624DE60", "954568A3288910")
_VALIDATOR_ONLY = ("address", "pub_key", "last_height")


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
        text, status = _read(path)
        facts |= {"mode": stat.S_IMODE(status.st_mode), "uid": status.st_uid}
        file = _parse(text)
        facts |= _private_facts(file, secrets)
        facts |= _stated_facts(file)
        facts["state"] = _state_facts(file)
    except Failure as failure:
        facts["problem"] = failure.code
    return facts


def _private_facts(file: dict[str, Any], secrets: list[bytes]) -> dict[str, Any]:
    kind, value = _typed(file.get("priv_key"))
    facts: dict[str, Any] = {"type": kind}
    if value is None:
        return facts | {"problem": "no-private-key"}
    swapped = len(value) == 64 and _derive(value[32:]) == value[:32]
    secrets += [value, value[32:] if swapped else value[:32]]
    facts["length"] = len(value)
    if kind != ED25519_PRIVATE or len(value) != 64:
        return facts
    key = Private(value)
    # Where the halves disagree the second one may be the secret one (swapped, doubled): only its address is told.
    return facts | {
        "public": key.public.hex(),
        "halves_agree": key.halves_agree,
        "second_address": _address(key.second),
    }


def _stated_facts(file: dict[str, Any]) -> dict[str, Any]:
    """What the file says of itself beside the private key: the node ignores it and derives its own."""
    facts: dict[str, Any] = {"validator_shape": any(name in file for name in _VALIDATOR_ONLY)}
    if "pub_key" in file:
        kind, value = _typed(file["pub_key"])
        facts["stated_type"] = kind
        facts["stated_public"] = value.hex() if value is not None and len(value) == 32 else ""
    if "address" in file:
        address = file["address"]
        readable = isinstance(address, str) and re.fullmatch(r"[0-9A-Fa-f]{40}", address)
        facts["stated_address"] = address if readable else ""
    return facts


def _state_facts(file: dict[str, Any]) -> dict[str, Any] | None:
    """The sign state that files up to 0.27 carry; only values of the right shape leave."""
    if "last_height" not in file:
        return None
    return {
        "height": _number(file.get("last_height")),
        "round": _number(file.get("last_round")),
        "step": _number(file.get("last_step")),
        "signbytes": _hex(file.get("last_signbytes", "")),
    }


def _number(value: object) -> str | int | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    return value if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value) else None


def _hex(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"(?:[0-9A-Fa-f]{2}){0,4096}", value) else None


def _read(path: str, *, follow: bool = True) -> tuple[str, os.stat_result]:
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
        return os.read(handle, _MAX_KEY_FILE + 1).decode("utf-8"), status
    except UnicodeDecodeError:
        raise Failure("not-json") from None
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
    file = _parse(_read(path, follow=False)[0])
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
        file = _parse(_read(other)[0])
    except Failure as failure:
        if failure.code == "missing":
            return
        raise Failure("validator-unreadable") from None
    value = _typed(file.get("priv_key"))[1] or b""
    if (
        os.path.samefile(path, other)
        or key.seed in (value[:32], value[32:])
        or key.public
        in (
            value[32:],
            _typed(file.get("pub_key"))[1],
        )
    ):
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
        verbs = {"inspect": inspect, "sign": sign, "create": create}
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
