"""Who votes with how much, as the coordinator typed it: ``alice=10 bob=0``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..finding import Finding, error
from ..member_name import SHORTEST
from ..member_name import meant as meant_by
from ..profiles.profile import MAX_TOTAL_POWER

DEFAULT_POWER = 10
_SPLIT = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Powers:
    """Power by node id; whoever is not named has the default."""

    said: Mapping[str, int] = field(default_factory=dict)
    default: int = DEFAULT_POWER

    def of(self, node_id: str) -> int:
        return self.said.get(node_id, self.default)


def read_powers(text: str, names: Sequence[tuple[str, str]]) -> tuple[Powers, tuple[Finding, ...]]:
    """Power by moniker or beginning of a node id; ``names`` are the (moniker, node id) there are.

    A moniker with a blank or a comma in it is named by its node id.
    """
    findings: list[Finding] = []
    said: dict[str, int] = {}
    for word in filter(None, _SPLIT.split(text.strip())):
        name, equals, number = word.rpartition("=")
        meant = meant_by(name, names)
        if not equals or not re.fullmatch(r"[0-9]{1,19}", number) or int(number) > MAX_TOTAL_POWER:
            findings.append(_bad_power(word))
        elif len(meant) != 1:
            findings.append(_several(name, meant) if meant else _nobody(name, names))
        elif said.setdefault(meant[0], int(number)) != int(number):
            findings.append(_twice(name, said[meant[0]], int(number)))
    return Powers(said), tuple(findings)


def power_text(powers: Iterable[tuple[str, str]]) -> str:
    """Node id and power as typed of each, as :func:`read_powers` reads it; the usual power is left out."""
    return " ".join(f"{node_id[:12]}={power}" for node_id, power in powers if power != str(DEFAULT_POWER))


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
        f'"{name}" is none of the members; they are: {there}',
        f"Use a moniker, or the first {SHORTEST} or more digits of a node id.",
    )


def _several(name: str, meant: Sequence[str]) -> Finding:
    return error(
        "network-power-ambiguous",
        "power",
        f'"{name}" can be {len(meant)} members: {", ".join(meant)}',
        "Name the member by the beginning of the node id.",
    )


def _twice(name: str, first: int, second: int) -> Finding:
    return error(
        "network-power-twice", "power", f'"{name}" has the power {first} and the power {second}', "Give one of them."
    )
