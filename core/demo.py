"""A practice network in a folder, formed through the same steps as a real one; each member has a state of its own.

``DIR/<moniker>/node`` is the member's home, ``DIR/<moniker>/state`` their state. What members would paste into a chat
is handed over as text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from .agreement.current import Current, admitted
from .agreement.exchange import known_members
from .agreement.record import NetworkRecord
from .apply.engine import apply, resume, unfinished
from .changes import WriteFile
from .documents.armour import armour
from .documents.document import Document
from .documents.toml import edit_toml
from .documents.words import eight_words
from .finding import Refusal, error
from .home.model import open_home, text_of
from .local import Local
from .network.heard import heard, note_heard
from .peers.decide import approve, expect
from .peers.receive import receive
from .plan import Plan
from .profiles import DEFAULT
from .profiles import profile as profile_of
from .real_place import refuse_outside, with_real_places
from .run import Remembering, carry_out, keep_answers, preview
from .seen import own_node, seen
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
    profile_name: str = DEFAULT
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
        for player in self.players:
            for pending in unfinished(player.world):
                await resume(pending, player.world)
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
            path = player.home / "config" / "config.toml"
            if player.world.files.stat(path) is not None:
                continue
            # All on one machine: each needs ports of its own. What is not written here, the node has a default for.
            ports = {
                ("p2p", "laddr"): f"tcp://127.0.0.1:{player.p2p_port}",
                ("rpc", "laddr"): f"tcp://127.0.0.1:{player.rpc_port}",
            }
            write = WriteFile(path, None, edit_toml(b"", ports), "ports of its own on this machine")
            plan = with_real_places(Plan("home", (write,)), player.world.files)
            refuse_outside(plan, player.home, player.world.files)
            await apply(plan, player.world)
        self.tell(f"  {len(self.players)} homes: {', '.join(f'{p.moniker}/node' for p in self.players)}")

    async def _keys(self) -> None:
        await asyncio.gather(*(self._do(player, "keys") for player in self.players))
        # From here on no key changes, and the key process need not be asked the same again.
        self.players = tuple(
            replace(player, world=replace(player.world, processes=Remembering(player.world.processes)))
            for player in self.players
        )
        await asyncio.gather(*(self._node_id(player) for player in self.players))
        for player in self.players:
            self.tell(f"  {player.moniker}: node id {self.node_ids[player.moniker]}")

    async def _node_id(self, player: Player) -> None:
        own = await own_node(player.world)
        assert own is not None
        self.node_ids[player.moniker] = own.node_id

    async def _cards(self) -> None:
        said = {p.moniker: {"moniker": p.moniker, "host": "127.0.0.1", "port": str(p.p2p_port)} for p in self.players}
        await asyncio.gather(*(self._do(player, "card", said[player.moniker]) for player in self.players))
        self.tell(f"  {len(self.players)} cards signed, each by its own node key; they go into a chat")

    async def _peers(self) -> None:
        chat = [f"{p.moniker}: here is mine\n{armour(await self._card(p))}" for p in self.players]
        player = self.coordinator
        await receive(player.world, "\n\n".join(chat).encode())
        expected = [p.moniker for p in self.players]
        current = await self._current(player)
        player.state.change(lambda local: _approve_all(expect(local, expected), current))
        count = len(tuple(admitted((await self._current(player)).exchange)))
        self.tell(
            f"  {player.moniker} pastes the whole chat: {count} of {len(self.players)} cards, compared and approved"
        )

    async def _network(self) -> None:
        if (await self._current(self.coordinator)).record is None:
            now = self.coordinator.world.clock.now() - timedelta(seconds=1)
            answers = {"genesis_time": now.strftime("%Y-%m-%d %H:%M:%S")}
            await self._do(self.coordinator, "network", answers)
        record = (await self._current(self.coordinator)).record
        assert record is not None
        self.tell(f"  {self.coordinator.moniker} signs record version {record.version}, chain id {record.chain_id}")
        self.tell(f"  the 8 words of it: {' '.join(eight_words(bytes.fromhex(record.id), 'record'))}")

    async def _genesis(self) -> None:
        record = await self._shared(self.coordinator, "record")
        for player in self.players:
            await receive(player.world, record.encode())
        await self._compare_words()
        acceptances = await asyncio.gather(*map(self._accept, self.players))
        for player in self.players:
            agreed = (await self._current(player)).record
            assert agreed is not None
            self.tell(f"  {player.moniker} computes genesis.json: SHA-256 {agreed.genesis_sha256}")
            await receive(player.world, "\n".join(acceptances).encode())
        tally = (await self._current(self.coordinator)).tally
        assert tally is not None
        self.tell(f"  {'QUORATE: ' if tally.quorate else ''}{tally.sentence}")

    async def _compare_words(self) -> None:
        """Nobody is on a phone here: each notes those whose own state gives the same words as theirs."""
        records = {player.moniker: (await self._current(player)).record for player in self.players}
        words = {name: eight_words(bytes.fromhex(one.id), "record") for name, one in records.items() if one is not None}
        for player in self.players:
            record = records[player.moniker]
            assert record is not None
            same = [one for one in self.players if words.get(one.moniker) == words[player.moniker]]
            others = {self.node_ids[one.moniker] for one in same if one is not player}
            player.state.change(partial(_note_all, record=record, node_ids=others, at=player.world.clock.now()))
        if len(set(words.values())) == 1 and len(self.players) > 1:
            self.tell("  the 8 words are the same in each state: each notes it of the others, as after a call")

    async def _accept(self, player: Player) -> str:
        """Accept the record and install it; the acceptance, as it goes back into the chat."""
        agreed = (await self._current(player)).record
        assert agreed is not None
        await self._do(player, "genesis", {"word": eight_words(bytes.fromhex(agreed.id), "record")[7]})
        return await self._shared(player, "acceptance")

    async def _config(self) -> None:
        await asyncio.gather(*(self._do(player, "config") for player in self.players))
        self.tell(f"  {len(self.players)} files config.toml edited; each knows the {len(self.players) - 1} others")

    async def _do(self, player: Player, step_id: str, answers: Mapping[str, str] | None = None) -> None:
        shown = await preview(step(step_id), player.world, answers or {})
        if not shown.plan.is_safe:
            raise Refusal(*shown.plan.findings)
        refuse_outside(shown.plan, player.home, player.world.files)
        keep_answers(player.state, step_id, answers or {})
        await carry_out(shown, player.world)

    async def _card(self, player: Player) -> Document:
        exchange = (await self._current(player)).exchange
        return exchange.cards[exchange.own or ""].document

    async def _shared(self, player: Player, kind: str) -> str:
        documents = (await self._current(player)).exchange.documents
        return "\n".join(armour(document) for document in documents if document.kind == kind)

    async def _current(self, player: Player) -> Current:
        return (await seen(player.world)).current


def players(folder: Path, world: World, count: int, ports: tuple[int, ...]) -> tuple[Player, ...]:
    """``count`` members with a state each; ``ports``: two for each that has none yet.

    Where the practice network of so many members is in ``folder`` already, whole or cut off, these are its members.
    Raises Refusal (``demo-members``, ``demo-exists``).
    """
    if not 1 <= count <= MOST:
        raise Refusal(error("demo-members", "--members", f"{count} members were asked for; 1 to {MOST} can be"))
    _refuse_others(folder, world, count)
    # What this shell sets for a real node is not for these.
    environ = {name: value for name, value in world.environ.items() if not is_of_a_node(name)}
    made: list[Player] = []
    for number, moniker in enumerate(_monikers(count)):
        own = folder / moniker
        state = State.open(own / "state", NETWORK)
        p2p, rpc = _ports_of(world, own / "node") or (ports[2 * number], ports[2 * number + 1])
        made.append(Player(moniker, own, p2p, rpc, replace(world, environ=environ).at(state)))
    return tuple(made)


def is_of_a_node(name: str) -> bool:
    """Whether a variable moves a node's home or overrides its configuration."""
    return name in ("TMHOME", "CMTHOME") or name.startswith(("TM_", "CMT_"))


def _refuse_others(folder: Path, world: World, count: int) -> None:
    """Nothing of anybody is taken for a practice network, and none of another size is gone on with."""
    taken = [name for name in world.files.names(folder) if name in _monikers(MOST)]
    strange = [name for name in taken if not _is_ours(folder / name, world)]
    if strange:
        message = f"{folder} already holds {', '.join(strange)}, which no practice network made"
        raise Refusal(error("demo-exists", "--dir", message, "Name another folder with --dir."))
    if taken and len(taken) > count:
        message = f"{folder} holds a practice network of {len(taken)} members; {count} were asked for"
        fix = f"Go on with it: --members {len(taken)}    or name another folder with --dir."
        raise Refusal(error("demo-exists", "--dir", message, fix))
    made = State.open(folder / NAMES[0] / "state", NETWORK).local.expected if taken else ()
    if made and len(made) != count:
        message = f"{folder} holds a practice network of {len(made)} members; {count} were asked for"
        fix = f"Go on with it: --members {len(made)}    or name another folder with --dir."
        raise Refusal(error("demo-exists", "--dir", message, fix))


def _is_ours(member: Path, world: World) -> bool:
    if not set(world.files.names(member)) <= {"state", "node"}:
        return False
    home = State.open(member / "state", NETWORK).local.home
    return home == str(member / "node") or (not home and not world.files.names(member / "node"))


def _ports_of(world: World, home: Path) -> tuple[int, int] | None:
    """The ports that were given to this home before."""
    if world.files.stat(home / "config" / "config.toml") is None:
        return None
    config = open_home(world.files, home, profile_of(DEFAULT)).config
    found = [text_of(config, table, "laddr").rpartition(":")[2] for table in ("p2p", "rpc")]
    return (int(found[0]), int(found[1])) if all(one.isdecimal() for one in found) else None


def _monikers(count: int) -> list[str]:
    return [*NAMES, *(f"member{number}" for number in range(len(NAMES) + 1, MOST + 1))][:count]


def _note_all(local: Local, record: NetworkRecord, node_ids: set[str], at: datetime) -> Local:
    for node_id in node_ids - {*heard(local, record)}:
        local = note_heard(local, record, node_id, "same", at)
    return local


def _approve_all(local: Local, current: Current) -> Local:
    for node_id, member in known_members(current.exchange).items():
        local = approve(local, node_id, member, "practice: all on one machine")
    return local
