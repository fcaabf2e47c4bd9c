"""What powers lead to: who has which part, how many may be down, who can stop the network or decide alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..safe import safe


@dataclass(frozen=True, slots=True)
class Share:
    """One who votes, or (power 0) does not."""

    name: str
    power: int
    percent: str
    """Of all power: ``33.3 %``, cut, never rounded up over a threshold."""
    blocks_alone: bool
    """A third or more: nothing is decided without this one."""
    decides_alone: bool
    """More than two thirds."""


@dataclass(frozen=True, slots=True)
class Balance:
    shares: tuple[Share, ...]
    total: int

    @property
    def voters(self) -> tuple[Share, ...]:
        return tuple(share for share in self.shares if share.power)

    @property
    def may_fail(self) -> int:
        """How many may be down at once, whichever they are, while blocks are still made."""
        return may_fail(tuple(share.power for share in self.shares))

    @property
    def sentences(self) -> tuple[str, ...]:
        """For people, names made safe: how many may be down; who can stop it or decide alone."""
        if not self.voters:
            return ("Nobody has power: no block could ever be made.",)
        return (self._down(), self._alone())

    @property
    def together(self) -> tuple[str, ...]:
        """For people: how many decide or stop it together, and who can be removed against their will."""
        if len(self.voters) < 2:
            return ()
        return (self._count(), self._removal())

    def _count(self) -> str:
        powers = sorted((share.power for share in self.voters), reverse=True)
        decide = next(n for n in range(1, len(powers) + 1) if 3 * sum(powers[:n]) > 2 * self.total)
        stop = next(n for n in range(1, len(powers) + 1) if 3 * sum(powers[:n]) >= self.total)
        at_least = "" if len(set(powers)) == 1 else "at least "
        told = f"{at_least}{decide} of {len(powers)} together decide; {at_least}{stop} can stop it."
        return told[0].upper() + told[1:]

    def _removal(self) -> str:
        """Removing a validator takes more than two thirds of all power, without theirs."""
        count, stay = len(self.voters), [share for share in self.voters if share.blocks_alone]
        if not stay:
            return f"Each of {count} can be removed by the others, against their will."
        if len(stay) < count:
            return f"{_and(share.name for share in stay)} cannot be removed against their will; each other member can."
        if len({share.power for share in stay}) == 1:
            return f"{count} equal members can remove nobody against their will; 4 can."
        return "Nobody can be removed against their will."

    def _down(self) -> str:
        count, spare = len(self.voters), self.may_fail
        equal = len({share.power for share in self.voters}) == 1
        if count == 1:
            return "1 validator: while it is down, no block is made."
        if not spare:
            return f"None of {count} may be down." if equal else f"It can stop with 1 of {count} down."
        whichever = "" if equal else ", whichever it is" if spare == 1 else ", whichever they are"
        stops = "stops until one is back" if equal else "can stop"
        return f"{spare} of {count} may be down{whichever}. With {spare + 1} down it {stops}."

    def _alone(self) -> str:
        decides = _names(share.name for share in self.voters if share.decides_alone)
        blocks = _names(share.name for share in self.voters if share.blocks_alone and not share.decides_alone)
        if decides:
            return f"{decides} alone can decide, and alone can stop it."
        if blocks:
            return f"{blocks} alone can stop it; nobody alone can decide."
        return "Nobody alone can stop it; nobody alone can decide."


def balance(powers: Iterable[tuple[str, int]]) -> Balance:
    """Of names and powers, in their order; powers are 0 or more."""
    rows = tuple(powers)
    total = sum(power for _, power in rows)
    shares = (
        Share(name, power, percent(power, total), 0 < total <= 3 * power, 0 < 2 * total < 3 * power)
        for name, power in rows
    )
    return Balance(tuple(shares), total)


def percent(power: int, total: int) -> str:
    if total <= 0:
        return "? %"
    tenths = power * 1000 // total
    return f"{tenths // 10}.{tenths % 10} %"


def may_fail(powers: tuple[int, ...]) -> int:
    """How many of the strongest may be missing while more than two thirds of the power remain."""
    total = left = sum(powers)
    for count, power in enumerate(sorted(powers, reverse=True)):
        left -= power
        if not 3 * left > 2 * total:
            return count
    return 0


_MOST_NAMES = 3


def _names(names: Iterable[str]) -> str:
    known = tuple(names)
    if len(known) > _MOST_NAMES:
        return f"Each of {len(known)} members"
    return _and(known) if len(known) < 2 else f"{_and(known)}, each"


def _and(names: Iterable[str]) -> str:
    known = [safe(name, 40) or "one without a name" for name in names]
    return " and ".join(filter(None, (", ".join(known[:-1]), known[-1]))) if known else ""
