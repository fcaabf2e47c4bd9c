"""How this operator sees the agreement: whose node this is, and what the documents say to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from .agreement.current import Current, no_record, signed_at_hand
from .agreement.record import NetworkRecord, parse_record
from .agreement.reduce import reduce
from .documents.document import Document
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


class Seen(NamedTuple):
    """One look: whose node looks, and what the documents say to it."""

    own: Own | None
    """None for an operator without a node, or whose keys cannot be read yet."""
    current: Current


async def seen(world: World, *, chosen: str | None = None) -> Seen:
    """What the documents of ``world.state`` say to this operator's node, reduced once for a change of the state.

    ``chosen``: what is answered for ``record`` now, instead of what was. Raises Refusal, as the state and the key
    process do.
    """
    own = await own_node(world)
    return Seen(own, _current(world, own.node_id if own else None, chosen))


async def seen_without_keys(world: World) -> Seen:
    """As :func:`seen`, for what is of use while the keys cannot be read, which the step keys reports."""
    try:
        return await seen(world)
    except Refusal:
        return Seen(None, _current(world, None, None))


async def own_record(world: World) -> NetworkRecord:
    """The record that this operator accepts. Raises Refusal (``network-no-record``), as the state and the keys do."""
    if world.state is None:
        raise Refusal(no_state("network"))
    current = (await seen(world)).current
    if current.exchange.record is None:
        raise Refusal(*no_record(current))
    return current.exchange.record


class _Look(NamedTuple):
    """All that a reduced exchange depends on."""

    documents: tuple[Document, ...]
    local: Local
    own: str | None
    now: datetime
    """To the minute: what the documents say of the time is said by hours and days."""
    outbox: Mapping[Path, bytes]
    other_chain_ids: frozenset[str]


_LAST: WeakKeyDictionary[State, tuple[_Look, Current]] = WeakKeyDictionary()
"""Of each state the last look. Reducing is pure, and steps and pages ask for the same state one after the other."""


def _current(world: World, own: str | None, chosen: str | None) -> Current:
    state = world.state
    assert state is not None
    local = state.local if chosen is None else _with_choice(state.local, chosen.strip())
    now = world.clock.now().replace(second=0, microsecond=0)
    look = _Look(state.documents(), local, own, now, _outbox(world, state), frozenset(_other_chain_ids(state)))
    last = _LAST.get(state)
    if last is None or last[0] != look:
        exchange = reduce(look.documents, network=state.network, now=look.now, own=own, local=local)
        last = (look, Current(exchange, signed_at_hand(exchange), look.outbox, look.other_chain_ids))
        _LAST[state] = last
    return last[1]


def _with_choice(local: Local, chosen: str) -> Local:
    said = {**local.answers.get("network", {}), "record": chosen}
    return replace(local, answers={**local.answers, "network": said})


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


def _other_chain_ids(state: State) -> Iterator[str]:
    for name in State.networks(state.root):
        if name != state.network:
            yield from _chain_ids(_opened(state.root, name))


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
