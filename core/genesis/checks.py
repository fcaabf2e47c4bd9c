"""What is wrong with a genesis.json: what the real node would refuse, and what it would only die of later.

Severity ``error``: with this the node refuses to start, or the network will not run, or is not what it seems to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ..finding import Finding, error, info, summed, unknown, warning
from ..profiles.profile import INT64_MAX, Profile
from ..safe import safe
from .param_checks import check_params
from .reading import Reading, read
from .validator_checks import check_validators

PLANETMINT_CHAIN_ID_LIMIT = 20
"""Bytes. Planetmint appends ``-migrated-at-height-<n>`` at each chain migration; the node takes 50 in all."""
DOCUMENTS_CHAIN_ID = "test-chain-la6HSr"
NOTICE = timedelta(days=90)
"""A start later than this is more likely a slip of the pen."""

_FROM_INIT = re.compile(r"test-chain-[0-9A-Za-z]{6}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
_ZERO = re.compile(r"0001-01-01T00:00:00(?:\.0+)?Z")
_OFFSET = re.compile(r"[+-]\d\d:\d\d$", re.ASCII)


def check(data: bytes, profile: Profile, *, now: datetime | None = None) -> tuple[Finding, ...]:
    """Everything to say about the bytes of a genesis.json as the input of a node of that profile.

    ``now`` (aware) is what a past or far start is measured against; without it, time is judged by its form only.
    Raises Refusal (``ed25519-no-point-check``) where this machine can not check public keys.
    """
    reading = read(data, profile)
    if not reading.root or reading.old:
        return summed(reading.findings)
    return summed((*reading.findings, *_judge(reading, profile, now)))


def _judge(reading: Reading, profile: Profile, now: datetime | None) -> Iterator[Finding]:
    yield from check_chain_id(reading.chain_id, profile)
    yield from check_time(reading, profile, now)
    yield from _check_height(reading)
    yield from check_params(reading, profile)
    yield from check_validators(reading, profile)
    yield from _check_app_hash(reading, profile)


def check_chain_id(chain_id: str, profile: Profile) -> Iterator[Finding]:
    if not chain_id:
        message = "chain_id is empty or missing; the node refuses."
        yield error("genesis-chain-id-missing", "chain_id", message, "Give the network a chain id.")
        return
    if chain_id.startswith("<") and chain_id.endswith(">"):
        message = f"chain_id is still the placeholder {chain_id!r}."
        yield error("genesis-placeholder", "chain_id", message, "Put the chain id of the network there.")
    yield from _check_chain_id_length(len(chain_id.encode("utf-8", "replace")), profile)
    yield from _check_chain_id_text(chain_id)


def _check_chain_id_length(size: int, profile: Profile) -> Iterator[Finding]:
    limit = profile.chain_id_limit
    if limit is not None and size > limit:
        message = f"chain_id has {size} bytes; the node takes {limit} at most."
        yield error("genesis-chain-id-too-long", "chain_id", message, "Choose a shorter chain id.")
    elif size > PLANETMINT_CHAIN_ID_LIMIT:
        message = (
            f"chain_id has {size} bytes; Planetmint appends up to 30 at a migration, and beyond "
            f"{PLANETMINT_CHAIN_ID_LIMIT} the next one may not fit."
        )
        yield warning("genesis-chain-id-long", "chain_id", message, "Choose a chain id of at most 20 characters.")


def _check_chain_id_text(chain_id: str) -> Iterator[Finding]:
    if not re.fullmatch(r"[!-~]+", chain_id):
        message = f"chain_id is {chain_id!r}; printable ASCII without blanks was expected."
        yield error("genesis-chain-id-characters", "chain_id", message, "Use letters, digits and - only.")
    if _FROM_INIT.fullmatch(chain_id):
        whose = "the documents' own example" if chain_id == DOCUMENTS_CHAIN_ID else "one that init makes up"
        message = f"chain_id is {chain_id}, {whose}; a node of another network may carry it too."
        fix = "Choose a chain id of your own, never used before."
        yield warning("genesis-chain-id-from-init", "chain_id", message, fix)


def check_time(reading: Reading, profile: Profile, now: datetime | None) -> Iterator[Finding]:
    time = reading.time
    if time is None:
        return
    if is_zero_time(time):
        yield _zero_time(reading, profile)
        return
    moment = moment_of(time)
    if moment is None:
        yield _time_form(time)
    elif now is not None:
        yield from _check_moment(time, moment, profile, now)


def is_zero_time(time: str) -> bool:
    """Return True if the node takes ``time`` as not set."""
    return _ZERO.fullmatch(time) is not None


def moment_of(time: str) -> datetime | None:
    """The time as a value (to the microsecond), None where it is not exactly ``YYYY-MM-DDTHH:MM:SS[.fraction]Z``."""
    if not _TIME.fullmatch(time):
        return None
    try:
        return datetime.strptime(time[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _zero_time(reading: Reading, profile: Profile) -> Finding:
    what = "the zero time" if reading.time_given else "missing"
    message = f"genesis_time is {what}: to the node it means not set, and each node puts its own clock there."
    fix = "Agree on one time in UTC and write it for all, such as 2026-12-01T12:00:00Z."
    if profile.zero_time == "deadlock":
        message += " Two nodes never agree on block 1, and the network stays at height 0."
        return error("genesis-zero-time", "genesis_time", message, fix)
    message += f" {profile.title} runs all the same, without one agreed start."
    return warning("genesis-zero-time", "genesis_time", message, fix)


def _time_form(time: str) -> Finding:
    fix = "Write it in UTC, such as 2026-12-01T12:00:00Z."
    if not time.endswith("Z") and (_OFFSET.search(time) or _TIME.fullmatch(time + "Z")):
        message = f"genesis_time is {safe(time, 80)!r}; the node takes only UTC, with Z at the end."
        return error("genesis-time-zone", "genesis_time", message, fix)
    message = f"genesis_time is {safe(time, 80)!r}; an existing time as YYYY-MM-DDTHH:MM:SSZ was expected."
    return error("genesis-time-form", "genesis_time", message, fix)


def _check_moment(time: str, moment: datetime, profile: Profile, now: datetime) -> Iterator[Finding]:
    if moment - now > NOTICE:
        message = f"genesis_time is {time}, {(moment - now).days} days from now."
        yield warning("genesis-time-far", "genesis_time", message, "Look at the year and the month again.")
    elif moment > now and profile.zero_time != "ignored":
        message = f"genesis_time is {time}: a node that is started now sleeps until then."
        yield info("genesis-time-future", "genesis_time", message)
    elif now - moment > timedelta(days=1):
        message = f"genesis_time is {time}, {(now - moment).days} days ago."
        fix = "For a network that has not started, agree on a time to come."
        yield info("genesis-time-past", "genesis_time", message, fix)


def _check_height(reading: Reading) -> Iterator[Finding]:
    height = reading.initial_height
    if height is None:
        return
    if height < 0:
        message = f"initial_height is {height}; 0 or more was expected."
        yield error("genesis-initial-height", "initial_height", message, 'Write "0".')
    elif height > INT64_MAX // 2:
        message = f"initial_height is {height}, so near the end of the numbers that the chain can not go on."
        yield error("genesis-initial-height", "initial_height", message, 'Write "0".')
    elif height > 1:
        message = f"initial_height is {height}: the first block has that number, as after the move of another chain."
        yield warning("genesis-initial-height", "initial_height", message, 'For a new network write "0".')


def _check_app_hash(reading: Reading, profile: Profile) -> Iterator[Finding]:
    if not reading.app_hash:
        return
    said, fix = f"app_hash is {reading.app_hash[:64]}", 'Write "" for a new network.'
    if profile.app_hash_replaced:
        message = (
            f"{said}; the hash with which the application answers InitChain replaces it. Whether it answers with one "
            "cannot be determined from the file; if it does not, the node ends at once."
        )
        yield unknown("genesis-app-hash", "app_hash", message, fix)
    else:
        message = (
            f"{said}; the node ends at once unless the application reports exactly this, "
            "and a new application reports none."
        )
        yield error("genesis-app-hash", "app_hash", message, fix)
