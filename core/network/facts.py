"""What the steps about the agreement look at: who this is, whom the coordinator admits, which record there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from ..card.model import NodeCard, UnsignedEntry
from ..documents.document import Document
from ..keys.step import KeysFacts, look, validator_key
from ..profiles import profile as profile_of
from ..profiles.profile import Profile
from ..world import World
from .record import Owner

if TYPE_CHECKING:
    from ..peers.current import Current


@dataclass(frozen=True, slots=True)
class Own:
    """This operator's node, by its public facts."""

    home: Path
    node_id: str
    node_key: bytes
    validator_key: bytes | None
    keys: KeysFacts


@dataclass(frozen=True, slots=True)
class Admitted:
    """A member whose present card (or entry) the coordinator has approved."""

    moniker: str
    node_id: str
    source: Document | UnsignedEntry
    node_key: bytes | None
    """None for a member without quorate."""


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    role: str
    network: str
    folder: Path
    """The state's folder, where a record waits for a signature by an OpenSSH key."""
    own: Own | None
    current: Current
    admitted: tuple[Admitted, ...]
    profile: Profile
    now: datetime
    zone: tzinfo

    @property
    def own_key(self) -> bytes | None:
        return self.own.node_key if self.own else None

    @property
    def only_signs(self) -> bool:
        """An owner without a node who has received a record, and gathers no cards: there is nothing to propose."""
        return self.own is None and not self.admitted and self.current.record is not None

    def owners_by_name(self) -> dict[str, Owner]:
        """Who can be named as an owner: ``me``, and the approved members with quorate."""
        known = {one.moniker: Owner(one.moniker, one.node_key) for one in self.admitted if one.node_key}
        if self.own is None:
            return known
        name = next((one.moniker for one in self.admitted if one.node_id == self.own.node_id), "me")
        return {"me": Owner(name, self.own.node_key), **known}


async def gather(world: World) -> NetworkFacts:
    """Raises Refusal, as the state and the key process do."""
    from ..peers.current import current

    assert world.state is not None
    local = world.state.local
    own = await own_node(world)
    return NetworkFacts(
        role=local.role,
        network=world.state.network,
        folder=world.state.folder,
        own=own,
        current=current(world, own.node_id if own else None),
        admitted=tuple(admitted(world)),
        profile=own.keys.home.profile if own else profile_of(local.profile or "tendermint-0.34"),
        now=world.clock.now(),
        zone=world.clock.zone(),
    )


async def own_node(world: World) -> Own | None:
    """The node of the home that was named, or None for an operator without one, or whose keys can not be read yet."""
    assert world.state is not None
    local = world.state.local
    if not local.home:
        return None
    facts = await look(world, Path(local.home), local.profile)
    if facts.keys.node_key is None:
        return None
    key = validator_key(facts, local.answers.get("keys", {}))
    return Own(Path(local.home), facts.keys.node_id, facts.keys.node_key, key, facts)


def admitted(world: World) -> Iterator[Admitted]:
    """Approved, and still the same card that was looked at: a decision dies with the card."""
    from ..peers.current import current

    assert world.state is not None
    local = world.state.local
    cards = current(world, None).exchange.cards
    for node_id, decision in sorted(local.decisions.items()):
        if decision.verdict != "approve":
            continue
        entry = local.unsigned.get(node_id)
        if entry is not None and node_id not in cards:
            unsigned, _ = UnsignedEntry.parse(entry.encode())
            if unsigned is not None and unsigned.id == decision.card:
                yield Admitted(unsigned.moniker, node_id, unsigned, None)
        elif node_id in cards and cards[node_id].document.id == decision.card:
            card: NodeCard = cards[node_id].card
            yield Admitted(card.moniker, node_id, cards[node_id].document, card.node_public)
