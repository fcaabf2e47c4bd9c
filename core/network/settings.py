"""What the coordinator typed about the network, parsed: each field on its own, each mistake a finding at its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ..documents.ed25519 import from_base64
from ..documents.sshsig import parse_public_key
from ..finding import Finding, Refusal, error
from ..genesis.model import ParamValue, default_params
from ..profiles import NAMES, profile
from ..profiles.profile import MAX_TOTAL_POWER, Profile
from .record import Owner, Params

DEFAULT_POWER = 10
NOTICE = timedelta(hours=24)
"""From the last change of the genesis to its time: who can not act in between starts with an old file."""
_TIME_FORMS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M")
_SPLIT = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Powers:
    """Power by moniker or node id, as typed; whoever is not named has the default."""

    said: Mapping[str, int] = field(default_factory=dict)
    default: int = DEFAULT_POWER

    def of(self, moniker: str, node_id: str) -> int:
        for name, power in self.said.items():
            if name == moniker or (len(name) >= 6 and node_id.startswith(name)):
                return power
        return self.default


@dataclass(frozen=True, slots=True)
class Settings:
    """The coordinator's answers, parsed."""

    profile: Profile
    chain_id: str
    """Empty: made from name and content."""
    time: datetime
    powers: Powers
    params: Params
    owners: tuple[Owner, ...]
    threshold: int
    note: str
    notice: timedelta
    """How long before the start everybody is to have the record."""


def read_settings(
    answers: Mapping[str, str], *, names: Sequence[tuple[str, str]], known: Mapping[str, Owner], default_profile: str
) -> tuple[Settings | None, tuple[Finding, ...]]:
    """All fields, and every mistake in them; None where something is missing to go on with.

    ``names``: (moniker, node id) of the approved members. ``known``: who can be named as an owner.
    """
    said = answers.get("profile", "") or default_profile
    if said not in NAMES or not profile(said).whole:
        return None, (_bad_profile(said),)
    chosen = profile(said)
    time, no_time = read_time(answers.get("genesis_time", ""))
    powers, no_powers = read_powers(answers.get("power", ""), names)
    params, no_params = read_parameters(answers.get("parameters", ""), chosen)
    owners, no_owners = read_owners(answers.get("owners", ""), known)
    threshold, no_threshold = read_threshold(answers.get("threshold", ""), len(owners))
    notice, no_notice = read_notice(answers.get("notice", ""))
    lacking = no_threshold if owners else (_nobody_owns(),)
    findings = (*no_time, *no_notice, *no_powers, *no_params, *no_owners, *lacking)
    if time is None or not owners:
        return None, findings
    chain_id, note = (answers.get(name, "").strip() for name in ("chain_id", "note"))
    return Settings(chosen, chain_id, time, powers, params, owners, threshold, note, notice), findings


def read_time(text: str) -> tuple[datetime | None, tuple[Finding, ...]]:
    """A start time in UTC: ``2026-11-26 12:00``, also with seconds, T and Z."""
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC), ()
        except ValueError:
            continue
    wrong = error(
        "network-time",
        "genesis_time",
        f'"{text}" is not a time; expected one in UTC such as 2026-11-26 12:00',
        "Enter date and time in UTC.",
    )
    return None, (wrong,)


def read_notice(text: str) -> tuple[timedelta, tuple[Finding, ...]]:
    """Hours, ``24`` or ``24 h``; empty: 24."""
    found = re.fullmatch(r"([0-9]{1,4}) *h?", text.strip())
    if found or not text.strip():
        return timedelta(hours=int(found.group(1))) if found else NOTICE, ()
    wrong = error("network-notice", "notice", f'"{text}" is not a number of hours', "Enter hours, such as 24.")
    return NOTICE, (wrong,)


def suggest_time(now: datetime, notice: timedelta = timedelta(hours=25)) -> str:
    """The next full hour after ``notice``: time enough to read, accept and install."""
    return (now + notice).replace(minute=0, second=0, microsecond=0).strftime("%Y-%m-%d %H:%M")


def power_text(powers: Iterable[tuple[str, str]]) -> str:
    """Node id and power as typed of each, as :func:`read_powers` reads it; the usual power is left out."""
    return " ".join(f"{node_id[:12]}={power}" for node_id, power in powers if power != str(DEFAULT_POWER))


def read_powers(text: str, names: Sequence[tuple[str, str]]) -> tuple[Powers, tuple[Finding, ...]]:
    """``alice=10 bob=0``: power by moniker or beginning of a node id; ``names`` are the (moniker, node id) there are.

    A moniker with a blank in it is named by its node id.
    """
    findings: list[Finding] = []
    said: dict[str, int] = {}
    for word in filter(None, _SPLIT.split(text.strip())):
        name, equals, number = word.rpartition("=")
        if not equals or not re.fullmatch(r"[0-9]{1,19}", number) or int(number) > MAX_TOTAL_POWER:
            findings.append(_bad_power(word))
        elif not any(name == moniker or (len(name) >= 6 and node.startswith(name)) for moniker, node in names):
            findings.append(_nobody(name, names))
        else:
            said[name] = int(number)
    return Powers(said), tuple(findings)


def read_parameters(text: str, profile: Profile) -> tuple[Params, tuple[Finding, ...]]:
    """``block.max_bytes=1048576``: consensus parameters that differ from the profile's defaults."""
    values: dict[str, ParamValue] = dict(default_params(profile))
    findings: list[Finding] = []
    for word in filter(None, text.replace(";", " ").split()):
        path, equals, value = word.partition("=")
        if not equals or path not in values:
            findings.append(_no_parameter(word, profile))
        elif isinstance(values[path], tuple):
            values[path] = tuple(filter(None, value.split(",")))
        else:
            values[path] = value
    return tuple(values.items()), tuple(findings)


def read_owners(text: str, known: Mapping[str, Owner]) -> tuple[tuple[Owner, ...], tuple[Finding, ...]]:
    """Owners, one per ``;``: ``me``, ``members``, a moniker, ``NAME=BASE64KEY`` or an ``ssh-ed25519 ...`` line.

    ``known``: the members by moniker, and ``me``.
    """
    owners: dict[bytes, Owner] = {}
    findings: list[Finding] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        found = tuple(_owners(part, known))
        if not found:
            findings.append(_no_owner(part, known))
        owners.update((owner.key, owner) for owner in found)
    return tuple(owners.values()), tuple(findings)


def _owners(part: str, known: Mapping[str, Owner]) -> Iterator[Owner]:
    if part == "members":
        yield from (owner for name, owner in known.items() if name != "me")
    elif part in known:
        yield known[part]
    elif part.startswith("ssh-"):
        with suppress(Refusal):
            comment = " ".join(part.split()[2:])
            yield Owner(comment or "owner", parse_public_key(part))
    else:
        name, equals, text = part.partition("=")
        key = from_base64(text) if equals else None
        if key is not None and name:
            yield Owner(name.strip(), key)


def read_threshold(text: str, owners: int) -> tuple[int, tuple[Finding, ...]]:
    """How many owners must sign; empty: more than half."""
    if not text.strip():
        return owners // 2 + 1, ()
    if re.fullmatch(r"[0-9]{1,4}", text.strip()) and 1 <= int(text) <= owners:
        return int(text), ()
    wrong = error(
        "network-threshold",
        "threshold",
        f'"{text}" is not a number from 1 to {owners}, the number of owners',
        f"Enter 1 to {owners}.",
    )
    return max(owners, 1), (wrong,)


def _bad_profile(name: str) -> Finding:
    whole = ", ".join(known for known in NAMES if profile(known).whole)
    return error(
        "network-profile", "profile", f'"{name}" is not a profile that a network can be formed with', f"Use {whole}."
    )


def _nobody_owns() -> Finding:
    return error(
        "network-no-owner",
        "owners",
        "nobody is named whose signature makes the record",
        "Write me for your node key, or paste the line of an ssh-ed25519 .pub file.",
    )


def _bad_power(word: str) -> Finding:
    return error(
        "network-power",
        "power",
        f'"{word}" is not MONIKER=POWER with a power from 0 to {MAX_TOTAL_POWER}',
        "Write it as alice=10 bob=5; 0 makes a full node that does not vote.",
    )


def _nobody(name: str, names: Sequence[tuple[str, str]]) -> Finding:
    there = ", ".join(moniker for moniker, _ in names) or "nobody"
    return error(
        "network-power-nobody",
        "power",
        f'"{name}" is no approved member; approved: {there}',
        "Use a moniker, or the first 6 or more digits of a node id.",
    )


def _no_parameter(word: str, profile: Profile) -> Finding:
    paths = ", ".join(param.path for param in profile.params)
    return error("network-parameter", "parameters", f'"{word}" is not PATH=VALUE of {profile.name}', f"Paths: {paths}.")


def _no_owner(part: str, known: Mapping[str, Owner]) -> Finding:
    names = ", ".join(known) or "none"
    return error(
        "network-owner",
        "owners",
        f'"{part}" names no ed25519 key',
        f"Write me, members, a moniker ({names}), NAME=BASE64KEY, or a line of an ssh-ed25519 .pub file.",
    )
