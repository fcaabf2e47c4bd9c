"""``local.json``: what this operator said and decided. Strict, versioned; read before the first paint: stdlib only."""

from __future__ import annotations

import errno
import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from pathlib import Path
from typing import Literal, NoReturn, cast, get_args

from .finding import Finding, Refusal, error

Role = Literal["", "member", "coordinator"]
Verdict = Literal["approve", "hold", "refuse"]

_VERSION = 1
_TEXTS = ("role", "home", "profile", "step", "field")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the coordinator (or a member, for the words) decided about one card, by its id.

    It dies with the card, unless the newer one is passed over.
    """

    card: str
    """Id (SHA-256 hex) of the card, or of the unsigned entry, that was looked at."""
    verdict: Verdict | None = None
    reason: str = ""
    confirmed: str = ""
    """How its words were compared ("phone, 2026-11-21"); empty: unverified."""
    over: str = ""
    """Id of the newer card that is passed over, so that this one stays in use."""


@dataclass(frozen=True, slots=True)
class Local:
    """What this operator said and decided; enough to draw the first screen. Kept in ``local.json``."""

    role: Role = ""
    home: str = ""
    """Absolute path of the node home; empty for a coordinator without a node."""
    profile: str = ""
    """The profile that was answered; empty: as recognised."""
    step: str = ""
    field: str = ""
    """Where the person was: step and field."""
    answers: Mapping[str, Mapping[str, str]] = made_by(default_factory=dict)
    """By step id, by field name, as typed."""
    expected: tuple[str, ...] = ()
    """Monikers that the coordinator waits for."""
    decisions: Mapping[str, Decision] = made_by(default_factory=dict)
    """By node id."""
    unsigned: Mapping[str, str] = made_by(default_factory=dict)
    """Members without quorate: canonical JSON of their unsigned entry, by node id."""

    @property
    def foreign_genesis(self) -> str:
        """The genesis.json that was given to this member instead of a record: its path; empty: none."""
        return self.answers.get("genesis", {}).get("file", "")


def refuse_changed(subject: str, shown: object, now: object) -> None:
    """What a person decided rests on what was ``shown``; ``now`` is read under the lock, before it is replaced.

    Raises Refusal (``state-changed-meanwhile``).
    """
    if shown != now:
        message = "it was changed elsewhere after it was shown here; nothing was written"
        fix = "Look at it as it is now. Then decide again, where you still want to change it."
        raise Refusal(error("state-changed-meanwhile", subject, message, fix))


def render_local(local: Local) -> bytes:
    """As :func:`parse_local` reads it; indented, ASCII, so that a person can read it too."""
    value = {
        "v": _VERSION,
        **{name: getattr(local, name) for name in _TEXTS},
        "answers": {step: dict(answers) for step, answers in local.answers.items()},
        "expected": list(local.expected),
        "decisions": {node: _render_decision(decision) for node, decision in local.decisions.items()},
        "unsigned": dict(local.unsigned),
    }
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")


def parse_local(content: bytes, path: Path) -> Local:
    """Raises Refusal (``state-damaged``, ``state-newer``)."""
    try:
        value = json.loads(content, object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        _damaged(path, f"it is not JSON: {type(problem).__name__}")
    if not isinstance(value, dict):
        _damaged(path, "expected an object")
    version = value.pop("v", None)
    if type(version) is int and version > _VERSION:
        raise Refusal(newer(path, f"has version {version}, newer than this quorate understands ({_VERSION})"))
    if type(version) is not int or version != _VERSION:
        _damaged(path, f'expected "v" {_VERSION}, found {str(version)[:40]!r}')
    try:
        return _local(value)
    except _UnexpectedError as problem:
        _damaged(path, str(problem))


class _UnexpectedError(ValueError):
    pass


def _local(value: dict[str, object]) -> Local:
    known = {*_TEXTS, "answers", "expected", "decisions", "unsigned"}
    if strange := sorted(set(value) ^ known):
        raise _UnexpectedError(f"expected exactly {', '.join(sorted(known))}; other: {', '.join(strange)[:200]}")
    texts = {name: _text(value[name], name) for name in _TEXTS}
    if texts["role"] not in get_args(Role):
        raise _UnexpectedError(f"role: expected member or coordinator, found {texts['role'][:40]!r}")
    return Local(
        role=cast(Role, texts["role"]),
        home=texts["home"],
        profile=texts["profile"],
        step=texts["step"],
        field=texts["field"],
        answers={
            step: _texts(inner, f"answers.{step}") for step, inner in _object(value["answers"], "answers").items()
        },
        expected=_list(value["expected"], "expected"),
        decisions={node: _decision(inner, node) for node, inner in _object(value["decisions"], "decisions").items()},
        unsigned=_texts(value["unsigned"], "unsigned"),
    )


def _render_decision(decision: Decision) -> dict[str, str]:
    return {
        "card": decision.card,
        "verdict": decision.verdict or "",
        "reason": decision.reason,
        "confirmed": decision.confirmed,
        "over": decision.over,
    }


def _decision(value: object, node: str) -> Decision:
    found = _texts(value, f"decisions.{node}")
    if set(found) != {"card", "verdict", "reason", "confirmed", "over"}:
        raise _UnexpectedError(f"decisions.{node}: expected card, verdict, reason, confirmed and over")
    verdict = found["verdict"] or None
    if verdict is not None and verdict not in get_args(Verdict):
        raise _UnexpectedError(f"decisions.{node}.verdict: expected approve, hold or refuse, found {verdict[:40]!r}")
    return Decision(found["card"], cast(Verdict | None, verdict), found["reason"], found["confirmed"], found["over"])


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _UnexpectedError(f"{where}: expected a text, found {type(value).__name__}")
    return value


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _UnexpectedError(f"{where}: expected an object, found {type(value).__name__}")
    return value


def _texts(value: object, where: str) -> dict[str, str]:
    return {name: _text(inner, f"{where}.{name}") for name, inner in _object(value, where).items()}


def _list(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _UnexpectedError(f"{where}: expected a list, found {type(value).__name__}")
    return tuple(_text(inner, where) for inner in value)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def damaged(path: Path, what: str, fix: str) -> Finding:
    """A file of the state that can not be what quorate wrote."""
    return error("state-damaged", path, f"{path} is damaged: {what}", fix)


def newer(path: Path, what: str) -> Finding:
    """A file of the state that a later quorate has written."""
    return error("state-newer", path, f"{path} {what}", "Install the newest quorate.")


def unreadable(path: Path, problem: OSError) -> Refusal:
    """A file or folder of the state that the operating system does not let us read."""
    if problem.errno == errno.ELOOP:
        message = f"{path} is a link to {os.readlink(path)}, expected a regular file: no link is followed here"
        fix = f"Put the file itself there: mv '{path}' '{path}.link' && cp -p '{path}.link' '{path}'"
        return Refusal(error("state-unreadable", path, message, fix))
    return Refusal(
        error(
            "state-unreadable",
            path,
            f"{path}: {problem.strerror}",
            "Run as the owner of the state, or name another one with --state DIR.",
        )
    )


def _damaged(path: Path, what: str) -> NoReturn:
    file, away = shlex.quote(str(path)), shlex.quote(f"{path}.damaged")
    aside = f"set it aside (`mv {file} {away}`) and answer again; the signed documents stay"
    raise Refusal(damaged(path, what, f"Put a copy of it back from your backup, or {aside}."))
