"""Whose signatures make the record, as the coordinator typed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..agreement.record import Owner
from ..documents.ed25519 import from_base64, to_base64
from ..documents.sshsig import parse_public_key
from ..finding import Finding, Refusal, error

ME, ALL = "me", "members"
MOST = 100
"""Owners. As the record's format has it."""

_NAME = re.compile(r"[!-~]([ -~]{0,62}[!-~])?")
_NAMED_KEY = re.compile(r"(?:(?P<name>.*)=)?(?P<key>[A-Za-z0-9+/]{43}=)")


def read_owners(
    text: str, me: Owner | None, known: Sequence[Owner], members: Sequence[Owner] = ()
) -> tuple[tuple[Owner, ...], tuple[Finding, ...]]:
    """Owners, one per ``;``: ``me``, ``members``, a name, ``NAME=BASE64KEY``, BASE64KEY or an ``ssh-ed25519`` line.

    ``known``: who can be named, the ``members`` among them. ``me`` is nobody but the own node, whatever others are
    called.
    """
    owners: dict[bytes, Owner] = {}
    findings: list[Finding] = []
    for part in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        found = _read(part, me, known, members)
        if isinstance(found, Finding):
            findings.append(found)
            continue
        for owner in found:
            owners.setdefault(owner.key, owner)
    if len(owners) > MOST:
        message = f"{len(owners)} owners are named; a record takes {MOST} at most"
        findings.append(error("network-owners-many", "owners", message, "Name those who are to sign changes."))
    if not owners and not findings:
        findings.append(_nobody_owns())
    return tuple(owners.values()), tuple(findings)


def owners_as_words(owners: Sequence[Owner]) -> str:
    """As :func:`read_owners` reads it again, where ``owners`` are known by key."""
    return "; ".join(
        to_base64(owner.key) if ";" in owner.name else f"{owner.name}={to_base64(owner.key)}" for owner in owners
    )


def _read(part: str, me: Owner | None, known: Sequence[Owner], members: Sequence[Owner]) -> Sequence[Owner] | Finding:
    if part == ME:
        return (me,) if me else _no_owner(part, me, known, members)
    if part == ALL:
        return members or _no_owner(part, me, known, members)
    named = {owner.key: owner for owner in known if owner.name == part}
    if len(named) > 1:
        return _several(part, tuple(named.values()))
    found = tuple(named.values()) or tuple(_keys(part, {owner.key: owner for owner in known}))
    return found or _no_owner(part, me, known, members)


def _keys(part: str, known: Mapping[bytes, Owner]) -> Iterator[Owner]:
    typed = _NAMED_KEY.fullmatch(part)
    if typed is not None:
        key, name = from_base64(typed["key"]) or b"", typed["name"]
        if key and name is None:
            yield known.get(key) or Owner("owner", key)
        elif key and _NAME.fullmatch(name.strip()):
            yield Owner(name.strip(), key)
    elif part.startswith("ssh-"):
        try:
            key = parse_public_key(part)
        except Refusal:
            return
        yield known.get(key) or Owner(_comment(part), key)


def _comment(line: str) -> str:
    """What stands behind the key, as far as a record takes it as a name."""
    words = " ".join(line.split()[2:])
    kept = "".join(char for char in words if " " <= char <= "~")[:64].strip()
    return kept or "owner"


def default_threshold(owners: int) -> int:
    """More than half."""
    return owners // 2 + 1


def read_threshold(text: str, owners: int) -> tuple[int, tuple[Finding, ...]]:
    """How many owners must sign; empty: more than half."""
    if not text.strip():
        return default_threshold(owners), ()
    if re.fullmatch(r"[0-9]{1,4}", text.strip()) and 1 <= int(text) <= owners:
        return int(text), ()
    wanted, fix = (
        f"a number from 1 to {owners}, the number of owners",
        f"Enter 1 to {owners}, or nothing for more than half.",
    )
    if owners <= 1:
        wanted, fix = "1, the number of owners", "Enter 1, or nothing."
    wrong = error(
        "network-threshold",
        "threshold",
        f'"{text}" is not {wanted}',
        fix,
    )
    return max(owners, 1), (wrong,)


def _nobody_owns() -> Finding:
    return error(
        "network-no-owner",
        "owners",
        "nobody is named whose signature makes the record",
        "Write me for your node key, or paste the line of an ssh-ed25519 .pub file.",
    )


def _several(name: str, owners: Sequence[Owner]) -> Finding:
    keys = ", ".join(to_base64(owner.key) for owner in owners)
    fix = "Write NAME=KEY with the key that is meant."
    return error("network-owner-ambiguous", "owners", f'{len(owners)} keys are called "{name}": {keys}', fix)


def _no_owner(part: str, me: Owner | None, known: Sequence[Owner], members: Sequence[Owner]) -> Finding:
    names = ", ".join(owner.name for owner in known) or "none"
    pieces = [piece.strip() for piece in part.split(",") if piece.strip()] if "," in part else []
    wrong = [piece for piece in pieces if isinstance(_read(piece, me, known, members), Finding)]
    if len(wrong) < len(pieces):
        # Some of them are owners: it is a list, with commas for what divides it.
        which = " and ".join(f'"{piece}"' for piece in wrong)
        message = f"{which} names no ed25519 key" if len(wrong) == 1 else f"{which} name no ed25519 key"
        told = f'"{part}" is several owners with a comma between them; expected a semicolon'
        fix = f"Divide them with ; and write for each: me, members, a moniker ({names}), or NAME=BASE64KEY."
        return error("network-owner", "owners", f"{told}; {message}" if wrong else told, fix)
    return error(
        "network-owner",
        "owners",
        f'"{part}" names no ed25519 key',
        f"Write me, members, a moniker ({names}), NAME=BASE64KEY, or a line of an ssh-ed25519 .pub file.",
    )
