"""Operators around one network: each with a state, and where they have a node, a home with the keys of the builders.

The same code as in real use, with the time standing still. What a key process says of a home is asked for once.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from core.adapters import real_world
from core.agreement.current import Current
from core.agreement.exchange import card_id_of, known_members
from core.agreement.record import NetworkRecord
from core.apply.receipt import Receipt
from core.documents.document import Document
from core.finding import Finding
from core.local import Decision, Role
from core.plan import Plan
from core.run import Preview, Remembering, carry_out, keep_answers, preview
from core.seen import _current
from core.state import State
from core.steps import step
from core.world import World
from tests.builders import NETWORK, NOW, TestKey, a_key
from tests.core.keys.key_homes import make_home, node_file, put, validator_file

CONFIG = b'moniker = "node"\n[p2p]\nladdr = "tcp://0.0.0.0:26656"\n[rpc]\nladdr = "tcp://127.0.0.1:26657"\n'


@dataclass
class StoppedClock:
    moment: datetime = NOW
    there: tzinfo = UTC

    def now(self) -> datetime:
        return self.moment

    def zone(self) -> tzinfo:
        return self.there


@dataclass
class Operator:
    """Somebody with a state of their own, and with a node where ``home`` stands."""

    name: str
    folder: Path
    state: State
    clock: StoppedClock = field(default_factory=StoppedClock)
    fresh: bool = False
    """Ask the key process anew each time: where keys come and go."""

    @property
    def home(self) -> Path:
        return self.folder / "node"

    @property
    def key(self) -> TestKey:
        return a_key(self.name)

    @property
    def world(self) -> World:
        world = replace(real_world(dict(os.environ)), clock=self.clock)
        return (world if self.fresh else replace(world, processes=_ONCE)).at(self.state)

    @property
    def seen(self) -> Current:
        # Without the key process, which a test that is no coroutine cannot ask.
        return _current(self.world, self.key.node_id if self.state.local.home else None, None)

    @property
    def record(self) -> NetworkRecord:
        assert self.seen.record is not None
        return self.seen.record

    def has(self, *documents: Document) -> Operator:
        self.state.add(documents)
        return self

    def approves(self, *names: str, verdict: str = "approve") -> Operator:
        """Decides about the cards that are here, all or those of these names."""
        known = known_members(self.seen.exchange)
        chosen = {
            node: Decision(card_id_of(one), verdict, "because")  # type: ignore[arg-type]
            for node, one in known.items()
            if not names or node in {a_key(name).node_id for name in names}
        }
        self.state.change(lambda local: replace(local, decisions={**local.decisions, **chosen}))
        return self

    def says(self, **changes: object) -> Operator:
        self.state.change(lambda local: replace(local, **changes))  # type: ignore[arg-type]
        return self

    def wait(self, span: timedelta) -> Operator:
        self.clock.moment += span
        return self

    async def shown(self, step_id: str, **answers: str) -> Preview:
        return await preview(step(step_id), self.world, answers)

    async def plan(self, step_id: str, **answers: str) -> Plan:
        return (await self.shown(step_id, **answers)).plan

    async def does(self, step_id: str, **answers: str) -> Receipt:
        """As the command line does it: shown, kept, carried out with the digest that was shown."""
        shown = await self.shown(step_id, **answers)
        assert shown.plan.is_safe, shown.plan.findings
        keep_answers(self.state, step_id, answers)
        return (await carry_out(shown, self.world, shown.plan.digest)).receipt

    async def signs(self, step_id: str, **answers: str) -> Document:
        (document,) = (await self.does(step_id, **answers)).documents
        return document


_ONCE = Remembering(real_world(dict(os.environ)).processes)


def operator(
    folder: Path, name: str = "alice", role: Role = "coordinator", *, node: bool = True, network: str = NETWORK
) -> Operator:
    """``node``: with a home in which the keys ``name`` and ``name validator`` lie, as their card says."""
    own = folder / name
    state = State.open(own / "state", network)
    state.change(lambda local: replace(local, role=role, profile="tendermint-0.34"))
    made = Operator(name, own, state)
    if node:
        seeds = {part: hashlib.sha256(f"key of {part}".encode()).digest() for part in (name, f"{name} validator")}
        make_home(made.home, node=node_file(seeds[name]), validator=validator_file(seeds[f"{name} validator"]))
        put(made.home / "config" / "config.toml", CONFIG, 0o644)
        made.says(home=str(made.home))
    return made


def codes(findings: Plan | Preview | tuple[Finding, ...]) -> dict[str, str]:
    """Subject by code."""
    if isinstance(findings, Preview):
        findings = (*findings.inspection.findings, *findings.plan.findings)
    found = findings.findings if isinstance(findings, Plan) else findings
    return {finding.code: finding.subject for finding in found}
