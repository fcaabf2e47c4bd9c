"""A practice network in a folder, formed through the same steps as a real one; each member has a state of its own.

``DIR/<moniker>/node`` is the member's home, ``DIR/<moniker>/state`` their state. What members would paste into a chat
is handed over as text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from .apply import apply
from .documents.armour import armour
from .documents.document import Document
from .documents.toml import edit_toml
from .documents.words import eight_words
from .finding import Refusal, error
from .local import Local
from .network.facts import admitted, own_node
from .peers.current import Current, current
from .peers.decide import confirm, decide, expect, known_members
from .peers.receive import receive
from .plan import Plan, WriteFile
from .run import carry_out, keep_answers, preview
from .state import State
from .steps import IDS, step
from .world import World

NETWORK = "practice"
NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy")
MOST = 64
"""Members. More would only make the story longer."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Player:
    """One member of the practice network."""

    moniker: str
    folder: Path
    p2p_port: int
    rpc_port: int
    world: World

    @property
    def home(self) -> Path:
        return self.folder / "node"

    @property
    def state(self) -> State:
        assert self.world.state is not None
        return self.world.state


@dataclass
class Practice:
    """The practice network, while it is formed. ``tell`` gets the story, one sentence at a time."""

    folder: Path
    players: tuple[Player, ...]
    tell: Tell
    profile_name: str = "tendermint-0.34"
    node_ids: dict[str, str] = field(default_factory=dict)
    """By moniker, once there are keys."""

    @property
    def coordinator(self) -> Player:
        return self.players[0]

    async def form(self, until: str) -> None:
        """Go through the steps, ``until`` the one of that id (included). Raises Refusal."""
        acts = {
            "home": self._homes,
            "keys": self._keys,
            "card": self._cards,
            "peers": self._peers,
            "network": self._network,
            "genesis": self._genesis,
            "config": self._config,
        }
        for number, step_id in enumerate(IDS, 1):
            self.tell(f"{number}/{len(IDS)} {step(step_id).title}")
            await acts[step_id]()
            if step_id == until:
                return

    async def _homes(self) -> None:
        for player in self.players:
            role = "coordinator" if player is self.coordinator else "member"
            said = {"role": role, "home": str(player.home), "profile": self.profile_name, "network": NETWORK}
            keep_answers(player.state, "home", said)
            # All on one machine: each needs ports of its own. What is not written here, the node has a default for.
            ports = {
                ("p2p", "laddr"): f"tcp://127.0.0.1:{player.p2p_port}",
                ("rpc", "laddr"): f"tcp://127.0.0.1:{player.rpc_port}",
            }
            path = player.home / "config" / "config.toml"
            write = WriteFile(path, None, edit_toml(b"", ports), "ports of its own on this machine")
            await apply(Plan("home", (write,)), player.world)
        self.tell(f"  {len(self.players)} homes: {', '.join(f'{p.moniker}/node' for p in self.players)}")

    async def _keys(self) -> None:
        await asyncio.gather(*(self._key(player) for player in self.players))
        for player in self.players:
            self.tell(f"  {player.moniker}: node id {self.node_ids[player.moniker]}")

    async def _key(self, player: Player) -> None:
        await self._do(player, "keys")
        own = await own_node(player.world)
        assert own is not None
        self.node_ids[player.moniker] = own.node_id

    async def _cards(self) -> None:
        said = {p.moniker: {"moniker": p.moniker, "host": "127.0.0.1", "port": str(p.p2p_port)} for p in self.players}
        await asyncio.gather(*(self._do(player, "card", said[player.moniker]) for player in self.players))
        self.tell(f"  {len(self.players)} cards signed, each by its own node key; they go into a chat")

    async def _peers(self) -> None:
        chat = [f"{p.moniker}: here is mine\n{armour(self._card(p))}" for p in self.players]
        player = self.coordinator
        await receive(player.world, "\n\n".join(chat).encode())
        player.state.save(expect(player.state.local, (p.moniker for p in self.players)))
        player.state.save(_approve_all(player.state.local, self._current(player)))
        count = len(tuple(admitted(self._current(player).exchange)))
        self.tell(
            f"  {player.moniker} pastes the whole chat: {count} of {len(self.players)} cards, compared and approved"
        )

    async def _network(self) -> None:
        now = self.coordinator.world.clock.now() - timedelta(seconds=1)
        answers = {"genesis_time": now.strftime("%Y-%m-%d %H:%M:%S"), "owners": "me"}
        await self._do(self.coordinator, "network", answers)
        record = self._current(self.coordinator).record
        assert record is not None
        self.tell(f"  {self.coordinator.moniker} signs record version {record.version}, chain id {record.chain_id}")
        self.tell(f"  the 8 words of it: {' '.join(eight_words(bytes.fromhex(record.id), 'record'))}")

    async def _genesis(self) -> None:
        record = self._shared(self.coordinator, "record")
        acceptances = await asyncio.gather(*(self._accept(player, record) for player in self.players))
        for player in self.players:
            agreed = self._current(player).record
            assert agreed is not None
            self.tell(f"  {player.moniker} computes genesis.json: SHA-256 {agreed.genesis_sha256}")
            await receive(player.world, "\n".join(acceptances).encode())
        tally = self._current(self.coordinator).tally
        assert tally is not None
        self.tell(f"  {'QUORATE: ' if tally.quorate else ''}{tally.sentence}")

    async def _accept(self, player: Player, record: str) -> str:
        """Import the record, accept and install it; the acceptance, as it goes back into the chat."""
        await receive(player.world, record.encode())
        agreed = self._current(player).record
        assert agreed is not None
        await self._do(player, "genesis", {"word": eight_words(bytes.fromhex(agreed.id), "record")[7]})
        return self._shared(player, "acceptance")

    async def _config(self) -> None:
        await asyncio.gather(*(self._do(player, "config") for player in self.players))
        self.tell(f"  {len(self.players)} files config.toml edited; each knows the {len(self.players) - 1} others")

    async def _do(self, player: Player, step_id: str, answers: Mapping[str, str] | None = None) -> None:
        shown = await preview(step(step_id), player.world, answers or {})
        if not shown.plan.is_safe:
            raise Refusal(*shown.plan.findings)
        keep_answers(player.state, step_id, answers or {})
        await carry_out(shown, player.world)

    def _card(self, player: Player) -> Document:
        seen = self._current(player)
        return seen.exchange.cards[seen.exchange.own or ""].document

    def _shared(self, player: Player, kind: str) -> str:
        documents = self._current(player).exchange.documents
        return "\n".join(armour(document) for document in documents if document.kind == kind)

    def _current(self, player: Player) -> Current:
        return current(player.world, self.node_ids[player.moniker])


def players(folder: Path, world: World, count: int, ports: tuple[int, ...]) -> tuple[Player, ...]:
    """``count`` members with a state each; ``ports``: two for each.

    Raises Refusal (``demo-members``, ``demo-exists``).
    """
    if not 1 <= count <= MOST:
        raise Refusal(error("demo-members", "--members", f"{count} members were asked for; 1 to {MOST} can be"))
    taken = [name for name in world.files.names(folder) if name in _monikers(count)]
    if taken:
        message = f"{folder} already holds {', '.join(taken)}"
        raise Refusal(error("demo-exists", "--dir", message, "Name another folder with --dir, or remove that one."))
    made: list[Player] = []
    for number, moniker in enumerate(_monikers(count)):
        own = folder / moniker
        state = State.open(own / "state", NETWORK)
        made.append(Player(moniker, own, ports[2 * number], ports[2 * number + 1], world.at(state)))
    return tuple(made)


def _monikers(count: int) -> list[str]:
    return [*NAMES, *(f"member{number}" for number in range(len(NAMES) + 1, MOST + 1))][:count]


def _approve_all(local: Local, seen: Current) -> Local:
    for node_id, member in known_members(seen.exchange).items():
        local = confirm(local, node_id, member, "practice: all on one machine")
        local = decide(local, node_id, member, "approve")
    return local
