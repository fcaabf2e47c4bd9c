"""What the steps about the agreement look at: who this is, whom the coordinator admits, which record there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path

from ..agreement.current import Admitted, Current, admitted
from ..agreement.record import NetworkRecord, Owner
from ..finding import Finding, Severity
from ..genesis.model import Genesis
from ..genesis.reading import parse
from ..home.model import GENESIS_LIMIT as LIMIT
from ..keys.named import read_named
from ..place import typed_place
from ..profiles import DEFAULT
from ..profiles import profile as profile_of
from ..profiles.profile import Profile
from ..seen import Own, seen
from ..world import World
from .settings import Named

NEW = "new"
"""Answered for ``record``: none of those that are here; the coordinator makes the first one."""


@dataclass(frozen=True)
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
    adopted: Genesis | None = None
    """Of the network that runs already and that the first record is to describe; None: none was named."""
    unreadable: tuple[Finding, ...] = ()
    """Why the genesis that was named cannot be adopted."""

    @property
    def own_key(self) -> bytes | None:
        return self.own.node_key if self.own else None

    @property
    def only_signs(self) -> bool:
        """An owner without a node who has received a record, and gathers no cards: there is nothing to propose."""
        return self.own is None and not self.admitted and self.current.record is not None

    @cached_property
    def strange(self) -> NetworkRecord | None:
        """The record at hand, where it came to a coordinator who has no part in it: anybody can make a first record."""
        record, key = self.current.record, self.own_key
        if self.role != "coordinator" or record is None or key is None:
            return None
        return None if self.current.has_part(key, record) else record

    @cached_property
    def base(self) -> NetworkRecord | None:
        """What a next version follows: what this operator made last, else what is in force or waits."""
        return None if self.strange and self.current.chosen == NEW else self.current.head(self.own_key)

    @cached_property
    def members(self) -> tuple[Admitted, ...]:
        """Who will be in the record. Nobody leaves one by being forgotten: a member of the base stays until refused."""
        left = {*(one.node_id for one in self.admitted), *self.current.refused}
        before = self.base.members if self.base else ()
        stay = (one for one in before if one.node_id not in left)
        return (*self.admitted, *(Admitted(one.moniker, one.node_id, one, one.node_key or None, True) for one in stay))

    def named(self) -> Named:
        """Who can be named in an answer."""
        nodes = [Owner(one.moniker, one.node_key) for one in self.members if one.node_key]
        before = self.base.owners if self.base else ()
        known = {owner.key: owner for owner in (*nodes, *before)}
        me = Owner("me", self.own_key) if self.own_key else None
        return Named(
            members=[(one.moniker, one.node_id) for one in self.members],
            me=known.get(me.key, me) if me else None,
            nodes=nodes,
            owners=tuple(known.values()),
        )


async def gather(world: World, chosen: str | None = None, adopt: str = "") -> NetworkFacts:
    """``chosen``: what is answered for ``record`` now; ``adopt``: the path of a genesis.json.

    Raises Refusal, as the files, the state and the key process do.
    """

    assert world.state is not None
    local = world.state.local
    own, current = await seen(world, chosen=chosen)
    node = own.keys.home.profile if own else profile_of(local.profile or DEFAULT)
    adopted, unreadable = await _adopted(world, adopt, node) if adopt else (None, ())
    return NetworkFacts(
        role=local.role,
        network=world.state.network,
        folder=world.state.folder,
        own=own,
        current=current,
        admitted=tuple(admitted(current.exchange)),
        profile=node,
        now=world.clock.now(),
        zone=world.clock.zone(),
        adopted=adopted,
        unreadable=unreadable,
    )


async def _adopted(world: World, name: str, profile: Profile) -> tuple[Genesis | None, tuple[Finding, ...]]:
    data = await read_named(
        world, typed_place(name, world.environ), "Name the genesis.json of the network that runs.", LIMIT
    )
    parsed = parse(data, profile)
    wrong = tuple(replace(one, subject="adopt") for one in parsed.findings if one.severity is Severity.ERROR)
    return (None, wrong) if wrong else (parsed.genesis, ())
