"""What the step ``genesis`` looks at: what was agreed (or given), what stands in the home, whether it has run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from ..agreement.record import NetworkRecord
from ..changes import WriteFile
from ..home.claim import plan_mark
from ..home.history import History, read_history
from ..home.model import GENESIS_LIMIT, Home
from ..keys.named import read_named
from ..keys.step import look
from ..network.heard import Heard, compared, heard
from ..place import typed_place
from ..seen import Own
from ..step import Answers
from ..world import World
from .diff import same_chain

if TYPE_CHECKING:
    from ..agreement.current import Current


_NAME_IT = "Name the genesis.json you were given."


@dataclass(frozen=True, slots=True)
class GenesisFacts:
    current: Current
    own: Own | None
    """None where the home has no keys yet, or there is no home."""
    home: Home | None
    history: History | None
    installed: bytes | None
    """genesis.json as it stands in the home."""
    mark: WriteFile | None
    """What is to say in the home that this network uses it; None where a mark is already, or there is no home."""
    given: bytes | None
    """A foreign genesis.json that was named; it counts instead of the record's."""
    given_name: str
    now: datetime
    zone: tzinfo
    program: str = ""
    """The node's program on this machine."""

    @property
    def record(self) -> NetworkRecord | None:
        """The record that members accept, unless a foreign file was given."""
        return self.current.exchange.record if self.given is None else None

    @property
    def accepted(self) -> bool:
        """Whether this node's acceptance covers the record."""
        return self.record is not None and self.current.accepted(self.record)

    @property
    def heard(self) -> dict[str, Heard]:
        """What was noted of each member of the record in force: by node id."""
        return heard(self.current.exchange.local, self.record) if self.record is not None else {}

    @property
    def compared(self) -> bool:
        """Whether another member read the same 8 words of the record in force."""
        own = self.own.node_id if self.own else None
        return self.record is not None and compared(self.record, self.heard, own)

    @property
    def is_installed(self) -> bool:
        """Whether the home has the genesis.json that it is to have.

        A chain that ran before there was a record is not changed: there, a file that means the same stays as it is.
        """
        wanted = self.wanted()
        if self.installed == wanted:
            return True
        ran_before = self.record is None or self.record.adopted
        has_run = self.history is not None and (self.history.has_run or self.history.frozen_genesis != "no")
        if wanted is None or self.installed is None or self.home is None or not (ran_before and has_run):
            return False
        return same_chain(self.installed, wanted, self.home.profile)

    def wanted(self) -> bytes | None:
        """The genesis.json that this home is to have. Raises Refusal (``record-profile-newer``)."""
        return self.given if self.record is None else self.record.genesis_bytes()


async def gather(world: World, answers: Answers) -> GenesisFacts:
    """Raises Refusal, as the files, the state and the key process do."""
    from ..seen import seen

    assert world.state is not None
    local = world.state.local
    own, current = await seen(world)
    home = history = installed = None
    if local.home:
        keys = own.keys if own else await look(world, Path(local.home), local.profile)
        home = keys.home
        history = read_history(world.files, home, keys.keys.sign_state)
        installed = world.files.read(home.files.genesis, GENESIS_LIMIT)
    name = answers.get("file", "").strip()
    return GenesisFacts(
        current=current,
        own=own,
        home=home,
        history=history,
        installed=installed,
        mark=plan_mark(world, Path(local.home)) if local.home else None,
        given=await read_named(world, typed_place(name, world.environ), _NAME_IT, GENESIS_LIMIT) if name else None,
        given_name=name,
        now=world.clock.now(),
        zone=world.clock.zone(),
        program=home.profile.commands.program(world.processes.find) if home else "",
    )
