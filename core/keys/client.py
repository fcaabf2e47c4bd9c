"""Talks to the key process, and gathers what is public about a home's keys. Never opens a key file itself (P1)."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..finding import Finding, Refusal, error
from ..home.model import Home, open_home
from ..plan import DocumentKind
from ..profiles import DEFAULT
from ..profiles import profile as profile_of
from ..world import Files, World
from .model import DamagedState, KeyFacts, KeyFile, KeyKind, SignState, parse_sign_state, sign_state

if TYPE_CHECKING:
    from ..documents.document import Signature

PROCESS = Path(__file__).with_name("process.py")

_SECONDS = 20.0
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_STATE_LIMIT = 1 << 20

Answer = Mapping[str, object]


async def inspect(world: World, home: Home) -> KeyFacts:
    """Everything public about the keys of ``home``. Raises Refusal (``key-process-failed``, as ``Files``)."""
    files = home.files
    request: dict[str, object] = {"verb": "inspect", "node": str(files.node_key)}
    if not home.remote_signer:
        request["validator"] = str(files.validator_key)
    answer = await _ask(world, request, files.node_key)
    validator = None if home.remote_signer else _key_file(files.validator_key, answer.get("validator"))
    state, state_problem = _sign_state(world.files, home, validator)
    stat = world.files.stat(home.path)
    return KeyFacts(
        home=home.path,
        home_uid=stat.uid if stat else None,
        node=_key_file(files.node_key, answer.get("node")),
        validator=validator,
        remote_signer=home.remote_signer,
        other_generation=_other_generation(world.files, home),
        sign_state=state,
        state_path=files.sign_state or files.validator_key,
        state_problem=state_problem,
        strays=_strays(world.files, home),
        git=git_work_tree(world.files, home.path),
        config_problem=home.config_problem,
    )


async def sign(world: World, home: Path, kind: DocumentKind, payload: bytes) -> Signature:
    """The node key's signature over ``payload`` (canonical JSON whose ``kind`` is ``kind``).

    Raises Refusal: ``key-sign-refused`` with the reason, ``key-missing``, ``key-process-failed``.
    """
    from ..documents.document import Signature

    # The profile matters for the name of the validator key file alone, and both names are compared with the node key.
    files = open_home(world.files, home, profile_of(DEFAULT)).files
    old = open_home(world.files, home, profile_of("tendermint-0.22")).files
    request = {
        "verb": "sign",
        "node": str(files.node_key),
        "validators": sorted({str(files.validator_key), str(old.validator_key), str(files.other_validator_key)}),
        "namespace": f"{kind}.v1@quorate",
        "payload": base64.b64encode(payload).decode(),
    }
    answer = await _ask(world, request, files.node_key)
    return Signature(_bytes(answer, "public"), _bytes(answer, "signature"))


async def create(world: World, path: Path, kind: KeyKind, *, profile: str | None = None) -> bytes:
    """Make a fresh key file (O_EXCL, 0600) and return its public key. Up to 0.27 a validator key file has its state.

    Without ``profile`` the file's name tells. Raises Refusal: ``key-exists``, ``key-unwritable``,
    ``key-process-failed``.
    """
    answer = await _ask(world, {"verb": "create", "path": str(path), "shape": _shape(path, kind, profile)}, path)
    return _bytes(answer, "public")


def git_work_tree(files: Files, path: Path) -> Path | None:
    """The folder at or above ``path`` that is a git work tree."""
    return next((folder for folder in (path, *path.parents) if files.stat(folder / ".git")), None)


def _shape(path: Path, kind: KeyKind, profile: str | None) -> str:
    if kind == "node":
        return "node"
    old = path.name == "priv_validator.json" if profile is None else profile_of(profile).validator_state_file is None
    return "validator-with-state" if old else "validator"


async def _ask(world: World, request: Mapping[str, object], path: Path) -> Answer:
    environ = {name: world.environ[name] for name in _KEPT_VARIABLES if name in world.environ}
    argv = (sys.executable, "-I", str(PROCESS))
    done = await world.processes.run(argv, stdin=json.dumps(request).encode(), environ=environ, seconds=_SECONDS)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if done.code != 0 or not isinstance(answer, dict):
        raise Refusal(_failed(path, f"it ended with {done.code} and gave no answer"))
    if "error" in answer:
        raise Refusal(_refused(str(answer["error"]), path))
    return answer


_REFUSED = {
    "halves-disagree": "the two halves of the private key disagree, and a signature with them gives the key away",
    "node-key-is-validator": "the node key is the validator key, which signs nothing but blocks",
    "validator-unreadable": "the validator key file can not be read, so that it can not be told from the node key",
    "no-ed25519-key": "it holds no ed25519 private key of 64 bytes",
    "payload-of-another-kind": "the document is of another kind than the signature asked for",
    "payload-damaged": "the document is not JSON, or has a field twice",
    "payload-too-large": "the document is larger than 1 MiB",
    "unreadable": "it can not be read",
    "not-regular": "it is not a regular file",
    "too-large": "it is larger than a key file is",
    "not-json": "it is not JSON",
    "doubled-field": "it has a field twice",
}


def _refused(code: str, path: Path) -> Finding:
    unwritable = f"{path} can not be made"
    match code:
        case "missing":
            return error("key-missing", path, f"There is no key file at {path}.", "quorate keys new --home DIR")
        case "key-exists":
            return error("key-exists", path, f"{path} exists already; a key is never replaced.", "Make the plan anew.")
        case "unwritable":
            fix = "Run quorate as the owner of the home, or make its folders writable for them."
            return error("key-unwritable", path, f"{unwritable}.", fix)
        case "disk-full":
            return error("key-unwritable", path, f"{unwritable}: the disk is full.", "Make room, then repeat.")
        case "nacl-missing":
            return _failed(path, "its Python has no PyNaCl")
    if code in _REFUSED:
        fix = "Look at the keys: quorate keys show --home DIR"
        return error("key-sign-refused", path, f"Nothing was signed with {path}: {_REFUSED[code]}.", fix)
    return _failed(path, f"it answered {code}")


def _failed(path: Path, why: str) -> Finding:
    fix = "Install quorate into a virtual environment of its own, with its dependencies, and repeat."
    return error("key-process-failed", path, f"The key process could not do its work: {why}.", fix)


def _bytes(answer: Answer, name: str) -> bytes:
    return bytes.fromhex(str(answer.get(name, "")))


def _key_file(path: Path, answer: object) -> KeyFile:
    facts: Answer = answer if isinstance(answer, dict) else {"problem": "unreadable"}
    state, damaged = _state_inside(facts.get("state"))
    return KeyFile(
        path,
        problem=str(facts.get("problem", "")),
        link=facts.get("link") is True,
        mode=_number(facts.get("mode")),
        uid=_number(facts.get("uid")),
        type=str(facts.get("type", "")),
        length=_number(facts.get("length")),
        public=_key(facts.get("public")),
        halves_agree=bool(facts["halves_agree"]) if "halves_agree" in facts else None,
        second_address=str(facts.get("second_address", "")),
        stated_type=_text(facts.get("stated_type")),
        stated_public=_key(facts.get("stated_public")),
        stated_address=_text(facts.get("stated_address")),
        validator_shape=facts.get("validator_shape") is True,
        sign_state=state,
        state_damaged=damaged,
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _key(value: object) -> bytes | None:
    return bytes.fromhex(value) if isinstance(value, str) else None


def _state_inside(state: object) -> tuple[SignState | None, str]:
    if not isinstance(state, dict):
        return None, ""
    sign_bytes = "?" if state.get("signbytes") is None else state["signbytes"]
    try:
        return sign_state(state.get("height"), state.get("round"), state.get("step"), sign_bytes), ""
    except DamagedState as problem:
        return None, str(problem)


def _sign_state(files: Files, home: Home, validator: KeyFile | None) -> tuple[SignState | None, str]:
    if home.files.sign_state is None:
        if validator is None or validator.sign_state is None:
            return None, (validator.state_damaged if validator else "") or "missing"
        return validator.sign_state, ""
    return read_sign_state(files, home.files.sign_state)


def read_sign_state(files: Files, path: Path) -> tuple[SignState | None, str]:
    """A sign state file (since 0.28), and what is wrong with it: empty, ``missing``, or our words."""
    try:
        content = files.read(path, _STATE_LIMIT)
        return (None, "missing") if content is None else (parse_sign_state(content), "")
    except DamagedState as problem:
        return None, str(problem)
    except Refusal:
        return None, "it can not be read"


def _other_generation(files: Files, home: Home) -> Path | None:
    path = home.files.other_validator_key
    return path if path != home.files.validator_key and files.stat(path) else None


def _strays(files: Files, home: Home) -> tuple[Path, ...]:
    folders = dict.fromkeys((home.path / "config", home.path / "data"))
    return tuple(
        folder / name
        for folder in folders
        if (stat := files.stat(folder)) and stat.kind in ("folder", "link")
        for name in files.names(folder)
        if name.startswith("write-file-atomic-")
    )
