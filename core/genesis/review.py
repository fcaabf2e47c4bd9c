"""A genesis read out for the people who are to agree on it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction

from ..profiles.profile import Param, Profile
from ..safe import safe
from .balance import Balance, balance
from .checks import moment_of
from .hashes import consensus_hash, validators_hash
from .model import Genesis, ParamValue, default_params, in_order, params_of, render


@dataclass(frozen=True, slots=True)
class ReviewedValidator:
    name: str
    address: str
    key: str
    """Base64."""
    key_type: str
    power: int
    percent: str
    """Of all power: ``33.3 %``, cut, never rounded up over a threshold."""
    blocks_alone: bool
    """A third or more: nothing is decided without this one."""
    decides_alone: bool
    """More than two thirds."""


@dataclass(frozen=True, slots=True)
class ReviewedParam:
    path: str
    value: str
    """As on the wire; a list joined by commas."""
    words: str
    """The value with its unit, for people: ``21 MiB``."""
    means: str
    is_default: bool
    given: bool
    """False: the file does not name it."""


@dataclass(frozen=True, slots=True)
class Review:
    chain_id: str
    profile: str
    utc: str
    local: str
    """The start in the operator's own zone; empty where genesis_time is not a time."""
    wait: str
    """``in 2 days 3 hours``, ``5 hours ago``."""
    initial_height: int
    validators: tuple[ReviewedValidator, ...]
    total_power: int
    may_fail: int
    """How many validators may be down at once, whichever they are, while blocks are still made."""
    params: tuple[ReviewedParam, ...]
    sha256: str
    """As ``sha256sum`` prints it."""
    validators_hash: str
    consensus_hash: str
    app_hash: str
    app_state_bytes: int

    @property
    def balance(self) -> Balance:
        return balance((one.name, one.power) for one in self.validators)

    def as_json(self) -> dict[str, object]:
        """Plain JSON values; power as decimal strings, as everywhere where int64 travels."""
        simple = {name: getattr(self, name) for name in self.__slots__ if name not in ("validators", "params")}
        return simple | {
            "total_power": str(self.total_power),
            "initial_height": str(self.initial_height),
            "validators": [_plain(one) | {"power": str(one.power)} for one in self.validators],
            "params": [_plain(one) for one in self.params],
        }

    def lines(self) -> Iterator[str]:
        """For people; foreign text made safe."""
        yield f"chain id        {safe(self.chain_id, 80)}"
        yield f"start           {safe(self.utc, 40)}" + (f"  =  {self.local}  ({self.wait})" if self.local else "")
        yield f"SHA-256         {self.sha256}"
        yield f"ValidatorsHash  {self.validators_hash or 'none'}"
        yield f"ConsensusHash   {self.consensus_hash}"
        yield ""
        yield from self._validator_lines()
        yield ""
        yield f"parameters ({self.profile})"
        width = max((len(param.path) for param in self.params), default=0)
        yield from (_param_line(param, width) for param in self.params)
        if self.app_state_bytes:
            yield f"app_state has {self.app_state_bytes} bytes, for the application alone"

    def _validator_lines(self) -> Iterator[str]:
        yield f"{_count(len(self.validators), 'validator')}, power {self.total_power} in all"
        width = max((len(safe(one.name, 40)) for one in self.validators), default=0)
        for one in self.validators:
            mark = (
                "  decides alone"
                if one.decides_alone
                else "  nothing goes without this one"
                if one.blocks_alone
                else ""
            )
            yield f"  {safe(one.name, 40):<{width}}  {one.power:>6}  {one.percent:>7}  {one.address}{mark}"
        if self.validators:
            fail = self.may_fail or "none"
            yield f"{fail} of {len(self.validators)} may be down at once: more than 2/3 of the power must be up"
            yield from self.balance.together


def review(genesis: Genesis, profile: Profile, now: datetime, zone: tzinfo, *, data: bytes | None = None) -> Review:
    """``data`` is the file as it stands, for its SHA-256; without it, of the file that would be rendered."""
    content = render(genesis, profile) if data is None else data
    moment = moment_of(genesis.genesis_time)
    powers = balance((one.name, one.power) for one in genesis.validators)
    return Review(
        chain_id=genesis.chain_id,
        profile=profile.name,
        utc=genesis.genesis_time,
        local=_local(moment, zone),
        wait=_wait(moment, now) if moment else "",
        initial_height=genesis.initial_height,
        validators=tuple(
            ReviewedValidator(
                name=one.name,
                address=one.address,
                key=base64.b64encode(one.key).decode(),
                key_type=one.key_type,
                power=one.power,
                percent=share.percent,
                blocks_alone=share.blocks_alone,
                decides_alone=share.decides_alone,
            )
            for one, share in zip(genesis.validators, powers.shares, strict=True)
        ),
        total_power=powers.total,
        may_fail=powers.may_fail,
        params=tuple(_params(genesis, profile)),
        sha256=hashlib.sha256(content).hexdigest(),
        validators_hash=validators_hash(genesis, profile),
        consensus_hash=consensus_hash(genesis, profile),
        app_hash=genesis.app_hash,
        app_state_bytes=len(genesis.app_state.encode("utf-8", "replace")),
    )


def in_words(param: Param, value: ParamValue) -> str:
    """A parameter's value with its unit: ``21 MiB``, ``48 hours``, ``without limit``."""
    if not isinstance(value, str):
        return ", ".join(value) or "none"
    number = int(value)
    if number == -1 and param.unit in ("gas", "bytes"):
        return "without limit" if param.unit == "gas" else "left to the application"
    if param.unit == "bytes":
        return _bytes(number)
    if param.unit in ("ms", "ns"):
        return _span(Fraction(number, 1000 if param.unit == "ms" else 10**9))
    if param.unit == "height" and number == 0:
        return "never"
    return f"{number:,} {param.unit}" if param.unit in ("gas", "blocks") else f"{number:,}"


def _params(genesis: Genesis, profile: Profile) -> Iterator[ReviewedParam]:
    given = dict(genesis.params)
    values = given or dict(default_params(profile))
    missing = tuple((param.path, "0") for param in profile.params if param.path not in values and param.unit != "types")
    known = {param.path: param for param in params_of(profile)}
    for path, value in in_order((*values.items(), *missing), profile):
        param = known.get(path)
        if param is not None:
            shown = value if isinstance(value, str) else ",".join(value)
            default = value == param.default
            yield ReviewedParam(path, shown, in_words(param, value), param.means, default, path in given)


def _param_line(param: ReviewedParam, width: int) -> str:
    note = "" if param.given else "  (not in the file)"
    changed = "" if param.is_default else "  (not the default)"
    return f"  {param.path:<{width}}  {safe(param.words, 80)}: {param.means}{changed}{note}"


def _plain(value: ReviewedValidator | ReviewedParam) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _bytes(number: int) -> str:
    for size, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= size:
            return f"{_decimal(Fraction(number, size))} {unit}"
    return _count(number, "byte")


def _span(seconds: Fraction) -> str:
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if abs(seconds) >= size:
            amount = _decimal(seconds / size)
            return f"{amount} {noun}" + ("" if amount == "1" else "s")
    return f"{_decimal(seconds * 1000)} ms"


def _decimal(value: Fraction) -> str:
    """At most three digits behind the point."""
    return f"{float(value):.3f}".rstrip("0").rstrip(".")


def _local(moment: datetime | None, zone: tzinfo) -> str:
    if moment is None:
        return ""
    try:
        there = moment.astimezone(zone)
    except OverflowError:
        return ""
    return f"{there:%a} {there.isoformat(' ', 'seconds')}" + (f" {there.tzname()}" if there.tzname() else "")


def _wait(moment: datetime, now: datetime) -> str:
    apart = moment - now
    words = _apart(abs(apart))
    return f"in {words}" if apart > timedelta(0) else f"{words} ago"


def _apart(span: timedelta) -> str:
    hours, minutes = divmod(span.seconds // 60, 60)
    parts = ((span.days, "day"), (hours, "hour"), (minutes, "minute"))
    words = [_count(number, noun) for number, noun in parts if number]
    return " ".join(words[:2]) or "less than a minute"
