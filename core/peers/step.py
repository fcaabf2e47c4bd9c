"""The step ``peers``: who has sent a card, who is missing, and what the coordinator decided about each."""

from __future__ import annotations

from dataclasses import dataclass

from ..finding import Finding, info
from ..network.facts import Admitted, admitted, own_node
from ..plan import Plan
from ..step import Answers, Field, Inspection, Progress, Report, silent
from ..world import World
from .current import Current, current


@dataclass(frozen=True, slots=True)
class PeersFacts:
    role: str
    current: Current
    admitted: tuple[Admitted, ...]


class PeersStep:
    """It makes no changes in a home: what is decided here is kept in the state by :mod:`core.peers.decide`."""

    id = "peers"
    title = "Peers"
    purpose = "Gather the members' cards, and say of each whether it is theirs."
    fields: tuple[Field, ...] = ()

    async def inspect(self, world: World, report: Report) -> Inspection[PeersFacts]:
        """Raises Refusal, as the state and the key process do."""
        report(Progress("reading the cards"))
        assert world.state is not None
        own = await own_node(world)
        seen = current(world, own.node_id if own else None)
        facts = PeersFacts(world.state.local.role, seen, tuple(admitted(world)))
        return Inspection(facts, seen.findings)

    def suggest(self, facts: PeersFacts) -> Answers:
        return {}

    def plan(self, facts: PeersFacts, answers: Answers) -> Plan:
        if facts.role != "coordinator":
            return Plan(self.id)
        waiting = facts.current.undecided
        if not waiting:
            return Plan(self.id)
        message = f"{len(waiting)} cards wait for your word: {', '.join(waiting)}"
        return Plan(self.id, findings=(info("peers-undecided", "cards", message, "quorate peers approve MEMBER"),))

    async def verify(self, world: World) -> tuple[Finding, ...]:
        return (await self.inspect(world, silent)).findings
