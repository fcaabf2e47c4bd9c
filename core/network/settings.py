"""What the coordinator typed about the network, parsed: each field on its own, each mistake a finding at its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..agreement.record import Owner, Params
from ..finding import Finding, error
from ..genesis.model import ParamValue, default_params
from ..profiles import NAMES, profile
from ..profiles.profile import Profile
from .owner_words import read_owners, read_threshold
from .powers import Powers, read_powers

NOTICE = timedelta(hours=24)
"""From the last change of the genesis to its time: who can not act in between starts with an old file."""
_TIME_FORMS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
_CHAIN_ID = re.compile(r"[!-~]{0,50}")
_NOTE = re.compile(r"[ -~]{0,500}")
_VALUE = re.compile(r"[ -~]{0,64}")
_MOST_VALUES = 16
_HOUR = 12
"""UTC, of the start that is suggested: most of the world is awake then."""


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


@dataclass(frozen=True, slots=True)
class Named:
    """Who can be named in an answer."""

    members: Sequence[tuple[str, str]]
    """(moniker, node id) of everybody who will be in the record."""
    me: Owner | None
    nodes: Sequence[Owner]
    """The members' node keys."""
    owners: Sequence[Owner]
    """All who can be named as an owner: nodes, and who is an owner already."""


def read_settings(
    answers: Mapping[str, str], named: Named, default_profile: str
) -> tuple[Settings | None, tuple[Finding, ...]]:
    """All fields, and every mistake in them; None where something is missing to go on with."""
    said = answers.get("profile", "").strip() or default_profile
    if said not in NAMES or not profile(said).whole:
        return None, (_bad_profile(said),)
    chosen = profile(said)
    chain_id, note = (answers.get(name, "").strip() for name in ("chain_id", "note"))
    time, no_time = read_time(answers.get("genesis_time", ""))
    powers, no_powers = read_powers(answers.get("power", ""), named.members)
    params, no_params = read_parameters(answers.get("parameters", ""), chosen)
    owners, no_owners = read_owners(answers.get("owners", ""), named.me, named.owners, named.nodes)
    threshold, no_threshold = read_threshold(answers.get("threshold", ""), len(owners))
    notice, no_notice = read_notice(answers.get("notice", ""))
    about_start = (*check_chain_id(chain_id), *no_time, *no_notice)
    findings = (*about_start, *no_powers, *no_params, *no_owners, *(no_threshold if owners else ()), *check_note(note))
    if time is None or findings:
        return None, findings
    return Settings(chosen, chain_id, time, powers, params, owners, threshold, note, notice), ()


def check_chain_id(chain_id: str) -> tuple[Finding, ...]:
    """Whether a record can hold it; what is wrong with it as a chain id is told with the genesis."""
    if _CHAIN_ID.fullmatch(chain_id):
        return ()
    message = (
        f'"{chain_id}" has {len(chain_id)} characters; at most 20 are wanted, so that Planetmint can append to it, and '
        "a record takes up to 50, printable ASCII without a blank"
    )
    return (error("network-chain-id", "chain_id", message, "Use small letters, digits and -, at most 20 of them."),)


def check_note(note: str) -> tuple[Finding, ...]:
    if _NOTE.fullmatch(note):
        return ()
    message = f"the note has {len(note)} characters; up to 500 can be, printable ASCII on one line"
    return (error("network-note", "note", message, "Shorten it, and write it in plain letters."),)


def read_time(text: str) -> tuple[datetime | None, tuple[Finding, ...]]:
    """A start time in UTC: ``2026-11-26 12:00``, also with seconds, T, Z, UTC, or another offset (``+01:00``)."""
    plain = text.strip().removesuffix("UTC").removesuffix("Z").strip()
    for form in _TIME_FORMS:
        with suppress(ValueError):
            return datetime.strptime(plain, form).replace(tzinfo=UTC), ()
    with suppress(ValueError, OverflowError):
        time = datetime.fromisoformat(text.strip())
        if time.tzinfo is not None:
            return time.astimezone(UTC).replace(microsecond=0), ()
    wrong = error(
        "network-time",
        "genesis_time",
        f'"{text}" is not a time; expected one in UTC such as 2026-11-26 12:00',
        "Enter year-month-day and hour:minute in UTC, or with an offset: 2026-11-26T13:00+01:00.",
    )
    return None, (wrong,)


def read_notice(text: str) -> tuple[timedelta, tuple[Finding, ...]]:
    """Hours, ``24`` or ``24 h``; empty: 24."""
    found = re.fullmatch(r"([0-9]{1,4}) *h?", text.strip())
    if found or not text.strip():
        return timedelta(hours=int(found.group(1))) if found else NOTICE, ()
    wrong = error("network-notice", "notice", f'"{text}" is not a number of hours', "Enter hours, such as 24.")
    return NOTICE, (wrong,)


def suggest_time(now: datetime, notice: timedelta = NOTICE + timedelta(hours=1)) -> str:
    """The first noon (UTC) after ``notice``: time enough to read, accept and install.

    It moves once a day only, so that a plan can be looked at now and applied hours later.
    """
    earliest = now.astimezone(UTC) + notice
    noon = earliest.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    return (noon if noon >= earliest else noon + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")


def read_parameters(text: str, profile: Profile) -> tuple[Params, tuple[Finding, ...]]:
    """``block.max_bytes=1048576``: consensus parameters that differ from the profile's defaults."""
    values: dict[str, ParamValue] = dict(default_params(profile))
    said: dict[str, ParamValue] = {}
    findings: list[Finding] = []
    for word in text.replace(";", " ").split():
        path, equals, typed = word.partition("=")
        if not equals or path not in values:
            findings.append(_no_parameter(word, profile))
            continue
        several = isinstance(values[path], tuple)
        value: ParamValue = tuple(filter(None, typed.split(","))) if several else typed
        if not _fits(value):
            findings.append(_bad_value(path, typed))
        elif said.setdefault(path, value) != value:
            findings.append(_parameter_twice(path, said[path], value))
    return tuple({**values, **said}.items()), tuple(findings)


def parameters_text(params: Params) -> str:
    """As typed: what :func:`read_parameters` reads."""
    return " ".join(f"{path}={value if isinstance(value, str) else ','.join(value)}" for path, value in params)


def _fits(value: ParamValue) -> bool:
    parts = (value,) if isinstance(value, str) else value
    return len(parts) <= _MOST_VALUES and all(_VALUE.fullmatch(part) for part in parts)


def _bad_profile(name: str) -> Finding:
    whole = ", ".join(known for known in NAMES if profile(known).whole)
    return error(
        "network-profile", "profile", f'"{name}" is not a profile that a network can be formed with', f"Use {whole}."
    )


def _no_parameter(word: str, profile: Profile) -> Finding:
    paths = ", ".join(param.path for param in profile.params)
    return error("network-parameter", "parameters", f'"{word}" is not PATH=VALUE of {profile.name}', f"Paths: {paths}.")


def _bad_value(path: str, value: str) -> Finding:
    message = f'"{value}" is no value of {path}: up to 64 printable ASCII characters can be'
    return error("network-parameter-value", "parameters", message, "Enter a number as the node's manual has it.")


def _parameter_twice(path: str, first: ParamValue, second: ParamValue) -> Finding:
    both = " and ".join(f'"{one if isinstance(one, str) else ",".join(one)}"' for one in (first, second))
    return error("network-parameter-twice", "parameters", f"{path} is given as {both}", "Give one of them.")
