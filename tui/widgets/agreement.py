"""Rows that the pages about record and genesis share: times, hashes, power, parameters, differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

from core.genesis.review import Review, ReviewedParam
from core.safe import safe

from ..theme import cut, grouped, styled
from .facts import Fact, Heading, Item, Note, Table


def start_words(moment: datetime, zone: tzinfo) -> str:
    """``Thu 26 Nov 2026 12:00 UTC, 13:00 here``."""
    return f"{moment:%a %d %b %Y %H:%M} UTC, {here_words(moment, zone)}"


def here_words(moment: datetime, zone: tzinfo) -> str:
    """``13:00 here``; with the day where it is another one."""
    try:
        there = moment.astimezone(zone)
    except OverflowError:
        return "no time here"
    return f"{there:%H:%M} here" if there.date() == moment.date() else f"{there:%a %H:%M} here"


def hash_facts(label: str, text: str, sign: str = "") -> Iterator[Fact]:
    """Hex in groups of eight, four in a line."""
    groups = grouped(text).split(" ")
    for at in range(0, len(groups), 4):
        yield Fact(label if at == 0 else "", " ".join(groups[at : at + 4]), sign if at == 0 else "")


def validator_table(told: Review, hosts: Mapping[str, str], own: str) -> Table:
    """``hosts``: by validator key in base64, where they are known; ``own``: this operator's."""
    rows = []
    for one in told.validators:
        name = (one.name or "no name") + (", you" if one.key == own else "")
        cells = (name, str(one.power).rjust(6), one.percent.rjust(7), f"{one.key[:8]}..")
        where = hosts.get(one.key, "") if hosts else one.address
        rows.append(("✓" if one.key == own else "", (*cells, where)))
    return Table(("Validator", " Power", "      %", "Key", "Host" if hosts else "Address"), tuple(rows))


def plain_words(told: Review, moment: datetime | None, zone: tzinfo) -> Iterator[Item]:
    """When it starts, and what the parameters mean; another value than the usual one is marked."""
    yield Heading("In plain words", told.profile)
    yield Fact("Chain id", told.chain_id)
    yield Fact("Starts", f"{moment:%a %d %b %Y %H:%M} UTC, {told.wait}" if moment else told.utc)
    if moment is not None:
        yield Fact("", here_words(moment, zone))
    yield from (_param(one) for one in told.params)
    if told.app_state_bytes:
        yield Fact("app_state", f"{told.app_state_bytes} bytes, for the application alone")
    if any(not one.is_default for one in told.params):
        yield Note("! is another value than this software takes by itself.")


def _param(one: ReviewedParam) -> Fact:
    words = cut(safe(one.words, 80), 16)
    missing = "" if one.given else " (not in the file)"
    return Fact(words, f"{one.means}{missing}", "" if one.is_default else "!")


def hashes(told: Review, sign: str = "") -> Iterator[Item]:
    yield Heading("SHA-256 of genesis.json")
    yield from hash_facts("As sha256sum", told.sha256, sign)
    yield from hash_facts("ValidatorsHash", told.validators_hash.lower())
    yield from hash_facts("ConsensusHash", told.consensus_hash.lower())


def change_rows(changes: Iterable[tuple[str, str, str]]) -> Iterator[Item]:
    """``-`` and ``+`` rows of field, before and after; an empty side is left out."""
    for field, before, after in changes:
        if before:
            yield styled(
                "   ", ("- ", "bold $error"), (f"{safe(field, 40)}  ", "$muted"), (safe(before, 200), "$error")
            )
        if after:
            yield styled("   ", ("+ ", "bold $ok"), (f"{safe(field, 40)}  ", "$muted"), (safe(after, 200), "$ok"))
