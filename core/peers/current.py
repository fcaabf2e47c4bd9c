"""What this operator's state says now: the exchange reduced, and the record that matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..documents.document import Signature
from ..finding import Finding, Refusal, error
from ..network.facts import Admitted, own_node
from ..network.owners import SignedRecord
from ..network.record import NetworkRecord
from ..network.tally import Tally
from ..state import State, no_state
from ..world import World
from .decide import known_members, moniker_of
from .exchange import Exchange
from .reduce import reduce


@dataclass(frozen=True, slots=True)
class Current:
    exchange: Exchange
    signed: SignedRecord | None
    """The record in force; where none is, the highest version that waits for owners."""
    outbox: Mapping[Path, bytes]
    """Records that wait for a signature by an OpenSSH key."""
    other_chain_ids: frozenset[str]
    """Of the other networks that this operator has a state for."""

    @property
    def pending(self) -> SignedRecord | None:
        """What waits for owners to sign it: the highest version that would follow, or the first record of all."""
        return max(self.exchange.succession.waiting, key=lambda one: (one.version, one.id), default=None)

    @property
    def record(self) -> NetworkRecord | None:
        return self.signed.record if self.signed else None

    @property
    def in_force(self) -> bool:
        return self.exchange.record is not None

    @property
    def signatures(self) -> frozenset[Signature]:
        return self.signed.signatures if self.signed else frozenset()

    @property
    def tally(self) -> Tally | None:
        return self.exchange.tally

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.exchange.findings

    @property
    def own_card(self) -> str | None:
        """Id of the newest own card."""
        own = self.exchange.cards.get(self.exchange.own or "")
        return own.document.id if own else None

    @property
    def undecided(self) -> tuple[str, ...]:
        """Monikers of the cards (and entries) that were neither approved nor refused."""
        known = known_members(self.exchange).values()
        waiting = (one for one in known if one.decision is None or one.decision.verdict in (None, "hold"))
        return tuple(moniker_of(one) for one in waiting)

    def missing(self, admitted: Iterable[Admitted]) -> tuple[str, ...]:
        """Monikers that are expected, and of whom nothing is approved."""
        there = {one.moniker.casefold() for one in admitted}
        return tuple(name for name in self.exchange.local.expected if name.casefold() not in there)

    def before(self, record: NetworkRecord) -> NetworkRecord | None:
        """The version before, where it is here."""
        lineage = (one.record for one in self.exchange.succession.lineage)
        return next((one for one in lineage if one.id == record.previous), None)

    def chain_ids_besides(self, record: NetworkRecord) -> frozenset[str]:
        """Chain ids that a new genesis must not take."""
        lineage = (one.record for one in self.exchange.succession.lineage)
        earlier = {one.chain_id for one in lineage if one.section.canonical != record.section.canonical}
        return self.other_chain_ids | earlier

    def awaits(self, key: bytes) -> NetworkRecord | None:
        """The record that waits, where ``key`` is an owner's who has still to sign it."""
        waiting = self.pending
        if waiting is None or any(signature.key == key for signature in waiting.signatures):
            return None
        before = self.before(waiting.record)
        owners = (*waiting.record.owners, *(before.owners if before else ()))
        return waiting.record if key in {owner.key for owner in owners} else None

    def accepted(self, record: NetworkRecord) -> bool:
        """Whether this operator's node has accepted exactly this record."""
        own = self.exchange.own
        return any(one.node_id == own and one.record == record.id for one in self.exchange.acceptances)


def current(world: World, own: str | None) -> Current:
    """``own``: node id of this operator's node. Raises Refusal as the state does."""
    state = world.state
    assert state is not None
    now = world.clock.now()
    exchange = reduce(state.documents(), network=state.network, now=now, own=own, local=state.local)
    return Current(exchange, _signed(exchange), _outbox(world, state), frozenset(_other_chain_ids(state)))


async def own_current(world: World) -> Current:
    """As this operator's node sees it. Raises Refusal, as the state and the key process do."""
    own = await own_node(world)
    return current(world, own.node_id if own else None)


def require_record(world: World) -> NetworkRecord:
    """The record in force. Raises Refusal (``network-no-record``)."""
    if world.state is None:
        raise Refusal(no_state("network"))
    seen = current(world, None)
    record = seen.exchange.record
    if record is None:
        raise Refusal(*no_record(seen))
    return record


def no_record(seen: Current) -> tuple[Finding, ...]:
    """Why there is none: none has come, or several have that exclude one another."""
    if seen.exchange.succession.rivals:
        return seen.exchange.succession.findings
    return (
        error(
            "network-no-record",
            "record",
            "no record has come yet",
            "Send your card to the coordinator (quorate card show); when the record comes: quorate import FILE",
        ),
    )


def _signed(exchange: Exchange) -> SignedRecord | None:
    succession = exchange.succession
    if succession.lineage:
        return succession.lineage[-1]
    return max(succession.waiting, key=lambda one: (one.version, one.id), default=None)


def _outbox(world: World, state: State) -> dict[Path, bytes]:
    folder = state.folder / "outbox"
    found = ((folder / name, world.files.read(folder / name)) for name in world.files.names(folder))
    return {path: data for path, data in found if data is not None and path.suffix == ".json"}


def _other_chain_ids(state: State) -> Iterable[str]:
    from ..network.record import parse_record

    for name in State.networks(state.root):
        if name == state.network:
            continue
        for document in State.open(state.root, name).documents():
            record = parse_record(document.payload)[0] if document.kind == "record" else None
            if record is not None:
                yield record.chain_id
