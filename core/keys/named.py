"""Files that a person names: a key file that is named by mistake is opened by the key process alone (P1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..finding import Finding, Refusal, error
from ..world import World, required
from .ask import ask

_KINDS = {
    "validator": "a validator key file",
    "node": "a node key file",
    "private": "a file with a private key in it",
}
_INSTEAD = "Leave the key file where it is, and send it to nobody. To share what is public of it: quorate card show"


async def read_named(world: World, path: Path, fix: str, limit: int = 1 << 20) -> bytes:
    """The content of a file that a person named; ``fix`` says what to name.

    Raises Refusal (``key-file-named``, and as ``required``).
    """
    wrong = await key_files(world, (path,))
    if wrong:
        (finding,) = wrong.values()
        raise Refusal(error(finding.code, path, finding.message, f"{fix} {finding.fix}"))
    return required(world.files, path, fix, limit)


async def key_files(world: World, paths: Sequence[Path]) -> dict[Path, Finding]:
    """Those of the files that hold a private key, as the key process tells from their first bytes.

    Raises Refusal (``key-process-failed``).
    """
    there = [path for path in paths if world.files.stat(path) is not None]
    if not there:
        return {}
    answer = await ask(world, {"verb": "recognise", "paths": [str(path) for path in there]}, there[0])
    found = answer.get("found")
    kinds = found if isinstance(found, list) else []
    return {path: _named(path, kind) for path, kind in zip(there, kinds, strict=False) if kind in _KINDS}


def _named(path: Path, kind: str) -> Finding:
    message = f"{path} is {_KINDS[kind]}. Nothing of it was read or kept, and it is not shown."
    return error("key-file-named", path, message, _INSTEAD)
