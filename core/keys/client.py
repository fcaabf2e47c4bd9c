"""Talks to the key process, and gathers what is public about a home's keys. Never opens a key file itself (P1)."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from ..finding import Finding, Refusal, error
from ..home.model import Home, open_home
from ..profiles import DEFAULT
from ..profiles import profile as profile_of
from ..world import Files, World
from .ask import Answer, ask
from .model import KeyFacts, KeyFile, KeyKind
from .sign_state import StateFile, judge
from .started import evidence
from .surroundings import git_work_tree, other_generation, sign_state_of, strays

if TYPE_CHECKING:
    from ..documents.document import Signature


async def inspect(world: World, home: Home) -> KeyFacts:
    """Everything public about the keys of ``home``. Raises Refusal (``key-process-failed``, as ``Files``)."""
    files = home.files
    request: dict[str, object] = {"verb": "inspect", "node": str(files.node_key)}
    if not home.remote_signer:
        request["validator"] = str(files.validator_key)
    answer = await ask(world, request, files.node_key)
    validator = None if home.remote_signer else _key_file(files.validator_key, answer.get("validator"))
    node = _key_file(files.node_key, answer.get("node"))
    signed = sign_state_of(world.files, home, validator)
    stat = world.files.stat(home.path)
    return KeyFacts(
        home=home.path,
        uid=os.geteuid(),
        home_uid=stat.uid if stat else None,
        node=node,
        validator=validator,
        remote_signer=home.remote_signer,
        other_generation=other_generation(world.files, home),
        signed=signed,
        state_path=files.sign_state or files.validator_key,
        started=await evidence(world, home, validator, node) if signed.missing and _is_there(validator) else (),
        has_blocks=_has_blocks(world.files, home),
        strays=strays(world.files, home),
        git=git_work_tree(world.files, home.path),
        config_problem=home.config_problem,
    )


async def sign(world: World, home: Path, kind: str, payload: bytes, *, key: Path | None = None) -> Signature:
    """The node key's signature over ``payload`` (canonical JSON whose ``kind`` is ``kind``).

    ``key``: the real place of the node key file, as it was shown. Raises Refusal: ``key-led-elsewhere`` if it is
    another one now, ``key-sign-refused`` with the reason, ``key-process-failed``.
    """
    from ..documents.document import Signature

    # The profile matters for the name of the validator key file alone, and both names are compared with the node key.
    files = open_home(world.files, home, profile_of(DEFAULT)).files
    old = open_home(world.files, home, profile_of("tendermint-0.22")).files
    real = world.files.real(files.node_key)
    if key is not None and real != key:
        raise Refusal(_led_elsewhere(files.node_key, real, key))
    request = {
        "verb": "sign",
        "node": str(real),
        "validators": sorted({str(files.validator_key), str(old.validator_key), str(files.other_validator_key)}),
        "namespace": f"{kind}.v1@quorate",
        "payload": base64.b64encode(payload).decode(),
    }
    answer = await ask(world, request, real)
    return Signature(_bytes(answer, "public"), _bytes(answer, "signature"))


async def create(world: World, path: Path, kind: KeyKind, *, profile: str | None = None) -> bytes:
    """Make a fresh key file (O_EXCL, 0600) and return its public key. Up to 0.27 a validator key file has its state.

    Without ``profile`` the file's name tells. Raises Refusal: ``key-exists``, ``key-unwritable``,
    ``key-process-failed``.
    """
    answer = await ask(world, {"verb": "create", "path": str(path), "shape": _shape(path, kind, profile)}, path)
    return _bytes(answer, "public")


def _led_elsewhere(path: Path, now: Path, shown: Path) -> Finding:
    message = f"The node key {path} is {now} now; the plan shows {shown}: a link or config.toml has changed."
    return error("key-led-elsewhere", path, message, "Make the plan again and check which key signs.")


def _shape(path: Path, kind: KeyKind, profile: str | None) -> str:
    if kind == "node":
        return "node"
    old = path.name == "priv_validator.json" if profile is None else profile_of(profile).validator_state_file is None
    return "validator-with-state" if old else "validator"


def _bytes(answer: Answer, name: str) -> bytes:
    return bytes.fromhex(str(answer.get(name, "")))


def _key_file(path: Path, answer: object) -> KeyFile:
    facts: Answer = answer if isinstance(answer, dict) else {"problem": "unreadable"}
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
        inside=_state_inside(facts.get("state")),
        form=str(facts.get("form", "")),
    )


def _has_blocks(files: Files, home: Home) -> bool:
    try:
        return files.stat(home.files.data / "blockstore.db", follow=True) is not None
    except Refusal:
        return True


def _is_there(validator: KeyFile | None) -> TypeGuard[KeyFile]:
    return validator is not None and validator.exists


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _key(value: object) -> bytes | None:
    return bytes.fromhex(value) if isinstance(value, str) else None


def _state_inside(state: object) -> StateFile | None:
    """As Tendermint 0.22 to 0.27 reads it from the key file; whether a signature is beside the bytes is not told."""
    return judge(state, round_quoted=True, with_signature=False) if isinstance(state, dict) else None
