"""How this operator sees the agreement: whose node this is, and what the documents say to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from .agreement.current import Current, no_record, signed_at_hand
from .agreement.record import NetworkRecord, parse_record
from .agreement.reduce import reduce
from .finding import Refusal
from .keys.step import KeysFacts, look, validator_key
from .state import Local, State, no_state
from .world import World


@dataclass(frozen=True, slots=True)
class Own:
    """This operator's node, by its public facts."""

    home: Path
    node_id: str
    node_key: bytes
    validator_key: bytes | None
    keys: KeysFacts


def current(world: World, own: str | None, *, chosen: str | None = None) -> Current:
    """``own``: node id of this operator's node. ``chosen``: what is answered for ``record`` now, instead of what was.

    Raises Refusal as the state does.
    """
    state = world.state
    assert state is not None
    local = state.local if chosen is None else _with_choice(state.local, chosen.strip())
    exchange = reduce(state.documents(), network=state.network, now=world.clock.now(), own=own, local=local)
    return Current(exchange, signed_at_hand(exchange), _outbox(world, state), _other_chain_ids(state))


def _with_choice(local: Local, chosen: str) -> Local:
    said = {**local.answers.get("network", {}), "record": chosen}
    return replace(local, answers={**local.answers, "network": said})


async def own_current(world: World) -> Current:
    """As this operator's node sees it. Raises Refusal, as the state and the key process do."""
    own = await own_node(world)
    return current(world, own.node_id if own else None)


async def readable_current(world: World) -> Current:
    """As :func:`own_current`; where the keys cannot be read, which the step keys reports, what the documents say."""
    try:
        return await own_current(world)
    except Refusal:
        return current(world, None)


async def own_record(world: World) -> NetworkRecord:
    """The record that this operator accepts. Raises Refusal (``network-no-record``), as the state and the keys do."""
    if world.state is None:
        raise Refusal(no_state("network"))
    seen = await own_current(world)
    if seen.exchange.record is None:
        raise Refusal(*no_record(seen))
    return seen.exchange.record


def require_record(world: World) -> NetworkRecord:
    """The record in force. Raises Refusal (``network-no-record``)."""
    if world.state is None:
        raise Refusal(no_state("network"))
    seen = current(world, None)
    record = seen.exchange.record
    if record is None:
        raise Refusal(*no_record(seen))
    return record


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


def _outbox(world: World, state: State) -> dict[Path, bytes]:
    folder = state.folder / "outbox"
    found = ((folder / name, world.files.read(folder / name)) for name in world.files.names(folder))
    return {path: data for path, data in found if data is not None and path.suffix == ".json"}


def _other_chain_ids(state: State) -> frozenset[str]:
    others = (name for name in State.networks(state.root) if name != state.network)
    return frozenset(chain_id for name in others for chain_id in _chain_ids(_opened(state.root, name)))


@lru_cache(maxsize=32)
def _opened(root: Path, name: str) -> State:
    """Opened once, so that what was read and verified of it is not read and verified again."""
    return State(root, name)


def _chain_ids(state: State) -> Iterator[str]:
    try:
        documents = state.documents()
    except Refusal:
        # Another network's damage is told where that network is at hand; it keeps nobody from working on this one.
        return
    for document in documents:
        record = parse_record(document.payload)[0] if document.kind == "record" else None
        if record is not None:
            yield record.chain_id
