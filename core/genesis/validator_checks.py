"""The validators of a genesis: keys that work and are theirs, power that can make blocks, names that are as they seem.

Sources: types/genesis.go, types/validator_set.go at v0.22.8, v0.31.5, v0.34.33 to v1.0.1.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from ..counted import counted
from ..documents.ed25519 import is_good_point
from ..finding import Finding, error, info, unknown, warning
from ..profiles.profile import INT64_MAX, MAX_TOTAL_POWER, Profile
from ..safe import safe
from .model import KEY_TYPES, address_of
from .reading import Reading, ReadValidator
from .visibility import hides

SAMPLE_KEYS = ("P+aweH73Hii8RyCmNWbwPsa9o4inq3I+0fSfprVkZa0=", "W3tqeMCU3d4SHDKqrwQWTahTW/wpieIAKZQxUxLv6rI=")
"""Public keys whose private keys the documents of Planetmint and BigchainDB print."""

_SAMPLES = frozenset(base64.b64decode(key) for key in SAMPLE_KEYS)


def check_validators(reading: Reading, profile: Profile) -> Iterator[Finding]:
    if not reading.validators:
        if not any(finding.subject == "validators" for finding in reading.findings):
            yield _none(reading, profile)
        return
    listed = dict(reading.params or ()).get("validator.pub_key_types")
    types = listed if isinstance(listed, tuple) else ("ed25519",)
    owners = {address_of(one.key, one.key_type): one for one in reading.validators if one.key and one.key_type}
    if all(name in KEY_TYPES for name in types):  # else the list itself is wrong, and reported
        yield from _check_types(reading.validators, types)
    for one in reading.validators:
        yield from _check_key(one)
        yield from _check_address(one, owners)
        yield from _check_power(one, profile)
        yield from _check_name(one)
    yield from _check_doubles(reading.validators)
    yield from _check_names(reading.validators)
    yield from _check_total(reading.validators, profile)


_NOTHING = frozenset({"{}", "[]", '""', ""})


def _none(reading: Reading, profile: Profile) -> Finding:
    """From 0.24 on an application can bring the validators when it is initialised, as those of the Cosmos SDK do."""
    brings = "".join(reading.app_state[:100].split()) not in _NOTHING
    if brings and profile.hashes != "0.22":
        message = (
            "The file names no validators: the application has to bring them, from app_state. Whether it does cannot "
            "be determined from the file; if it does not, the node refuses."
        )
        return unknown(
            "genesis-no-validators", "validators", message, "Ask the makers of the application for its check."
        )
    message = "The file names no validators; the node refuses, unless the application brings some."
    return error("genesis-no-validators", "validators", message, "List the members with voting power.")


def _who(one: ReadValidator) -> str:
    return f"{one.path} ({safe(one.name, 40)})" if one.name else one.path


def _check_types(validators: tuple[ReadValidator, ...], types: tuple[str, ...]) -> Iterator[Finding]:
    """Keys of a type that the parameters do not list: for ed25519 the list is wrong, for every other type the key."""
    unlisted = [one for one in validators if one.key_type is not None and types and one.key_type not in types]
    listed = ", ".join(types)
    for one in unlisted:
        if one.key_type != "ed25519":
            message = f"The key is of type {one.key_type}, which pub_key_types ({listed}) does not list."
            fix = "Use an ed25519 key, the only type that Planetmint takes."
            yield warning("genesis-key-type-not-listed", f"{one.path}.pub_key.type", message, fix)
    sound = [one for one in unlisted if one.key_type == "ed25519"]
    if sound:
        message = f"pub_key_types lists {listed}, and the keys of {counted(len(sound), 'validator')} are ed25519."
        path = "consensus_params.validator.pub_key_types"
        yield warning("genesis-key-type-not-listed", path, message, 'Write ["ed25519"] for it; the keys stay.')


def _check_key(one: ReadValidator) -> Iterator[Finding]:
    path = f"{one.path}.pub_key.value"
    if one.key is None:
        return
    if one.key in _SAMPLES:
        message = f"The key of {_who(one)} is the documents' example; its private key is public."
        yield error("genesis-sample-key", path, message, "Ask the member to make a key of their own.")
    if one.key_type == "ed25519" and not is_good_point(one.key):
        message = (
            f"The key of {_who(one)}, {one.key_text}, is no proper ed25519 point: anybody may be able to forge its "
            "votes, or versions may judge them differently."
        )
        yield error("genesis-key-point", path, message, "Ask the member for the key their node shows.")


def _check_address(one: ReadValidator, owners: dict[str, ReadValidator]) -> Iterator[Finding]:
    if not one.address or one.key is None or one.key_type is None:
        return
    path, should = f"{one.path}.address", address_of(one.key, one.key_type)
    if not should:
        message = "This machine has no RIPEMD-160 and can not say whether the address fits the key."
        yield unknown("genesis-address-unknown", path, message, "Check on another machine.")
    elif one.address.upper() != should:
        yield _wrong_address(one, should, owners)


def _wrong_address(one: ReadValidator, should: str, owners: dict[str, ReadValidator]) -> Finding:
    """Key and address contradict each other: which of the two is right, only the member can say."""
    path = f"{one.path}.address"
    message = f"{path} is {one.address}; the key of {_who(one)} has the address {should}."
    ask = f"Ask {safe(one.name, 40) or 'the member'} for what show-validator prints, and compare it with the key; "
    other = owners.get(one.address.upper())
    if other is not None:
        message += f" That is the address of the key of {_who(other)}: one of the two entries has the other's value."
    elif one.address != one.address.upper():
        message += " In lower-case hex digits node ids are printed: it may be the id of the member's node."
    return error("genesis-address-wrong", path, message, ask + "the address may be left out.")


def _check_power(one: ReadValidator, profile: Profile) -> Iterator[Finding]:
    path, power = f"{one.path}.power", one.power
    limit = INT64_MAX if profile.hashes == "0.22" else MAX_TOTAL_POWER
    if power == 0:
        message = f"The power of {_who(one)} is 0 or missing; the node refuses a validator without power."
        fix = 'Write "10", as for the others, or take the entry out: a full node needs none.'
        yield error("genesis-zero-power", path, message, fix)
    elif power is not None and power < 0:
        message = f"The power of {_who(one)} is {power}; a number above 0 was expected."
        yield error("genesis-negative-power", path, message, 'Write "10", as for the others.')
    elif power is not None and power > limit:
        message = f"The power of {_who(one)} is {power}; the node takes {limit} at most."
        yield error("genesis-power-too-large", path, message, 'Write small numbers, such as "10" for each.')


def _check_name(one: ReadValidator) -> Iterator[Finding]:
    path, name = f"{one.path}.name", one.name
    if name.startswith("<") and name.endswith(">"):
        message = f"{path} is still the placeholder {name!r}."
        yield error("genesis-placeholder", path, message, "Put the member's moniker there.")
    elif hides(name):
        message = f"{path} is {safe(name, 80)}: it holds characters that can not be seen."
        yield error("genesis-name-hidden", path, message, "Write the name in visible characters.")
    elif not name.isascii():
        message = (
            f"{path} is {name!r}, which is not ASCII: it may look like another, and the node takes no such moniker."
        )
        yield warning("genesis-name-not-ascii", path, message, "Write the name in ASCII.")
    elif not name.strip():
        yield info("genesis-name-empty", path, f"{path} is empty.", "Put the member's moniker there.")


def _check_doubles(validators: tuple[ReadValidator, ...]) -> Iterator[Finding]:
    first: dict[bytes, ReadValidator] = {}
    for one in validators:
        if one.key is None:
            continue
        other = first.setdefault(one.key, one)
        if other is not one:
            message = f"{_who(one)} has the same key as {_who(other)}, {one.key_text}; the node panics."
            fix = "Take one of the two entries out, or ask both members for their keys."
            yield error("genesis-duplicate-validator", f"{one.path}.pub_key.value", message, fix)


def _check_names(validators: tuple[ReadValidator, ...]) -> Iterator[Finding]:
    counts = Counter(one.name.strip().casefold() for one in validators if one.name.strip())
    for one in validators:
        if counts[one.name.strip().casefold()] > 1:
            message = f"More than one validator is named {safe(one.name, 80)}."
            yield warning("genesis-duplicate-name", f"{one.path}.name", message, "Give each member a name of its own.")


def _check_total(validators: tuple[ReadValidator, ...], profile: Profile) -> Iterator[Finding]:
    powers = [one.power for one in validators if one.power is not None and one.power > 0]
    total = sum(powers)
    limit = INT64_MAX if profile.hashes == "0.22" else MAX_TOTAL_POWER
    if total > limit and all(power <= limit for power in powers):
        message = f"All power together is {total}; the node takes {limit} at most."
        yield error("genesis-total-power", "validators", message, 'Write small numbers, such as "10" for each.')
    if len(powers) == len(validators) > 1 and total:
        yield from _check_shares(validators, total)


def _check_shares(validators: tuple[ReadValidator, ...], total: int) -> Iterator[Finding]:
    shares = [(one, Fraction(one.power or 0, total)) for one in validators]
    if all(share >= Fraction(1, 3) for _, share in shares):
        message = f"Each of the {len(shares)} validators has a third of the power or more: no one may be down."
        yield warning("genesis-none-may-fail", "validators", message, "Four members with equal power can miss one.")
        return
    for one, share in shares:
        percent = f"{float(share):.1%}"
        if share > Fraction(2, 3):
            message = f"{_who(one)} has {percent} of the power, more than two thirds, and decides alone."
            yield warning("genesis-decides-alone", f"{one.path}.power", message, "Spread the power.")
        elif share >= Fraction(1, 3):
            message = f"{_who(one)} has {percent} of the power, a third or more: without this one nothing is decided."
            yield warning("genesis-blocks-alone", f"{one.path}.power", message, "Spread the power.")
