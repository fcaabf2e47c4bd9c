"""One question to the key process, and its refusals in words. Raises; never opens a key file (P1)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from ..finding import Finding, Refusal, error
from ..world import World

PROCESS = Path(__file__).with_name("process.py")

_SECONDS = 20.0
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH")

Answer = Mapping[str, object]


async def ask(world: World, request: Mapping[str, object], path: Path) -> Answer:
    """The answer to ``request``; ``path`` is what refusals are about.

    Raises Refusal: ``key-sign-refused``, ``key-exists``, ``key-unwritable``, ``key-process-failed``.
    """
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
        raise Refusal(_refused(str(answer["error"]), path, request))
    return answer


_REFUSED = {
    "missing": "there is no such file",
    "halves-disagree": "the two halves of the private key disagree, and a signature with them gives the key away",
    "node-key-is-validator": "the node key is the validator key, which signs nothing but blocks",
    "validator-unreadable": "the validator key file can not be read, so that it can not be told from the node key",
    "no-ed25519-key": "it holds no ed25519 private key of 64 bytes",
    "payload-of-another-kind": "the document is of another kind than the signature asked for",
    "payload-damaged": "the document is not JSON, or has a field twice",
    "payload-too-large": "the document is larger than 1 MiB",
    "linked": "a link is on the way to it, which was not there when its real place was looked up",
    "unreadable": "it can not be read",
    "not-regular": "it is not a regular file",
    "too-large": "it is larger than a key file is",
    "not-json": "it is not JSON",
    "doubled-field": "it has a field twice",
}


def _refused(code: str, path: Path, request: Mapping[str, object]) -> Finding:
    unwritable = f"{path} can not be made"
    match code:
        case "key-exists":
            return error("key-exists", path, f"{path} exists already; a key is never replaced.", "Make the plan anew.")
        case "unwritable":
            fix = "Run quorate as the owner of the home, or make its folders writable for them."
            return error("key-unwritable", path, f"{unwritable}.", fix)
        case "linked" if request["verb"] == "create":
            fix = "Check who made the link, then make the plan again."
            return error("key-unwritable", path, f"{unwritable}: a link or a file is on the way to it.", fix)
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
