"""The step ``peers``: who has sent a card, who is missing, and what the coordinator decided about each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..agreement.current import Admitted, Current, admitted
from ..agreement.doubles import check_taken
from ..agreement.exchange import KnownCard, KnownEntry, known_members, moniker_of
from ..counted import counted
from ..finding import Finding, Severity, info
from ..plan import Plan
from ..seen import seen
from ..step import Answers, Inspection, Progress, Report, UsualStep, silent
from ..way import Blank, Way, once, way
from ..world import World

Known = Mapping[str, KnownCard | KnownEntry]
"""By node id."""


@dataclass(frozen=True, slots=True)
class PeersFacts:
    role: str
    current: Current
    admitted: tuple[Admitted, ...]


class PeersStep(UsualStep):
    """It makes no changes in a home: what is decided here is kept in the state by :mod:`core.peers.decide`."""

    id = "peers"
    title = "Peers"
    of_a_record = True
    purpose = "Gather the members' cards, and say of each whether it is theirs."

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[PeersFacts]:
        """Raises Refusal, as the state and the key process do."""
        report(Progress("reading the cards"))
        assert world.state is not None
        current = (await seen(world)).current
        facts = PeersFacts(world.state.local.role, current, tuple(admitted(current.exchange)))
        return Inspection(facts, tuple(_about_cards(current)))

    def suggest(self, facts: PeersFacts) -> Answers:
        return {}

    def plan(self, facts: PeersFacts, answers: Answers) -> Plan:
        """No changes: what the coordinator waits for, or has to say, is its ``next``."""
        if facts.role != "coordinator":
            return Plan(self.id)
        exchange = facts.current.exchange
        if not exchange.local.expected and not exchange.local.decisions.keys() - {exchange.own}:
            message = "you have not said yet whom you wait for: all members by moniker, you too"
            return self._waits(
                "peers-nobody-expected", message, way("peers", "expect", Blank("MONIKER"), Blank("MONIKER"))
            )
        known = known_members(exchange)
        there = {moniker_of(one).casefold() for one in known.values()}
        missing = [name for name in exchange.local.expected if name.casefold() not in there]
        if missing:
            message = f"{counted(len(known), 'card')} came; missing: {', '.join(missing)}"
            return self._waits("peers-missing", message, once(", ".join(missing), "import", Blank("FILE")))
        waiting = {node_id: one for node_id, one in known.items() if one.decision is None or not one.decision.verdict}
        expected = {name.casefold() for name in exchange.local.expected}
        awaited = {node_id: one for node_id, one in waiting.items() if moniker_of(one).casefold() in expected}
        if awaited or (waiting and not expected):
            return self._undecided(known, awaited or waiting)
        return self._unexpected(known, waiting) if waiting else self._refused(facts.current)

    def _undecided(self, known: Known, waiting: Known) -> Plan:
        names = ", ".join(map(moniker_of, waiting.values()))
        cards = f"{counted(len(waiting), 'card')} to decide about: {names}"
        taken = tuple(_taken(known))
        message = f"{cards}; compare the 8 words of each first (peers words)"
        message = "; ".join((message, *(one.message for one in taken)))
        approve = way("peers", "approve", *(_word(node_id, known) for node_id in waiting))
        plan = self._waits("peers-undecided", message, approve)
        return replace(plan, findings=(*plan.findings, *taken))

    def _unexpected(self, known: Known, waiting: Known) -> Plan:
        names = ", ".join(map(moniker_of, waiting.values()))
        message = f"{counted(len(waiting), 'card')} came that you did not expect: {names}; refuse them, or approve them"
        refuse = way("peers", "refuse", _word(next(iter(waiting)), known), "--reason", Blank("TEXT"))
        return self._waits("peers-unexpected", message, refuse)

    def _refused(self, seen: Current) -> Plan:
        """Whoever is refused is expected no longer: else the next version waits for them."""
        known = known_members(seen.exchange).values()
        out = {moniker_of(one).casefold() for one in known if one.refused}
        out -= {moniker_of(one).casefold() for one in known if not one.refused}
        expected = seen.exchange.local.expected
        names = [name for name in expected if name.casefold() in out]
        stay = [name for name in expected if name.casefold() not in out]
        if not names or not stay:
            return Plan(self.id)
        message = f"you refused {', '.join(names)}, and still expect them: take them off the list"
        dashes = ["--"] if any(name.startswith("-") for name in stay) else []
        return self._waits("peers-refused-expected", message, way("peers", "expect", *dashes, *stay))

    def _waits(self, code: str, message: str, following: Way) -> Plan:
        return Plan(self.id, findings=(info(code, "cards", message, way=following),), way=following)

    async def verify(self, world: World, answers: Answers) -> tuple[Finding, ...]:
        return (await self.inspect(world, answers, silent)).findings


def _about_cards(seen: Current) -> Iterator[Finding]:
    """What is said of records and acceptances belongs to the steps after this one, and blocks those."""
    exchange = seen.exchange
    later = {*exchange.succession.findings, *(exchange.tally.findings if exchange.tally else ())}
    return (finding for finding in seen.findings if finding not in later)


def _taken(known: Known) -> Iterator[Finding]:
    """Warnings about a name or key that two have, of whom none is refused."""
    there = [one for one in known.values() if one.decision is None or one.decision.verdict != "refuse"]
    members = [one.card if isinstance(one, KnownCard) else one.entry for one in there]
    return (replace(one, severity=Severity.WARNING) for one in check_taken(members))


def _word(node_id: str, known: Known) -> str:
    """The member on a command line: a moniker can have blanks, look like an option, or be another's too."""
    moniker = moniker_of(known[node_id])
    alike = [one for one in known.values() if moniker_of(one).casefold() == moniker.casefold()]
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", moniker) and len(alike) == 1
    return moniker if plain else node_id[:12]
