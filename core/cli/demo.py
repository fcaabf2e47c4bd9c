"""``demo``: a practice network in a folder, told as it is formed; run on loopback where a node program is there."""

from __future__ import annotations

import asyncio
import shlex
import signal
from argparse import Namespace
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ..agreement.record import NetworkRecord
from ..demo import MOST, Player, Practice, is_of_a_node, players
from ..finding import Finding, Refusal, Severity, error, info
from ..profiles import DEFAULT, every_profile
from ..rpc import result
from ..seen import own_record
from ..steps import IDS
from ..world import Net, Running, World
from .answer import Answer, UsageError
from .session import Session, absolute

_BLOCK = 2
"""The first block proves the genesis, the second that the nodes agree on its result."""
_SECONDS = 60
_USUAL = 4
"""Members, where nothing else is said."""
_FIRST_PORT = 27656
"""Apart from a node's usual 26656 to 26660, which a real one on this machine may want."""


@dataclass(frozen=True, slots=True)
class Program:
    path: Path
    version: str
    profile: str


async def demo(arguments: Namespace, session: Session) -> Answer:
    count = arguments.members
    if not 1 <= count <= MOST:
        raise UsageError(f"{count} members were asked for", subject="--members", fix=f"Ask for 1 to {MOST}.")
    folder = absolute(arguments.dir) if arguments.dir else _new_folder(session.world)
    program, told = await _program(session.world, arguments.node)
    cast = players(folder, session.world, count, _net(session.world).free_ports(2 * count, first=_FIRST_PORT))
    practice = Practice(folder, cast, session.output.talk, program.profile if program else DEFAULT)
    session.output.talk(f"A practice network of {count} in {folder}")
    await practice.form("config" if arguments.until == "run" else arguments.until)
    blocks: dict[str, object] = {}
    findings = list(told)
    if arguments.until == "run" and program is not None:
        ran, failed = await _run(program, practice, session)
        blocks.update(ran)
        findings += failed
    return Answer(
        lines=_lines(practice, arguments.until, program),
        data={
            "dir": str(folder),
            "members": [{"moniker": p.moniker, "home": str(p.home), "state": str(p.folder / "state")} for p in cast],
            "until": arguments.until,
            "program": str(program.path) if program else None,
            "program_version": program.version if program else None,
            **blocks,
        },
        findings=tuple(dict.fromkeys(findings)),
    )


def _new_folder(world: World) -> Path:
    """``quorate-demo`` here, or the next number that is free. Raises Refusal (``demo-no-folder``)."""
    names = ("quorate-demo", *(f"quorate-demo-{number}" for number in range(2, 1000)))
    free = (absolute(name) for name in names if world.files.stat(absolute(name)) is None)
    found = next(free, None)
    if found is None:
        message = "quorate-demo to quorate-demo-999 are all there"
        raise Refusal(error("demo-no-folder", "--dir", message, "Name a folder with --dir, or remove some of them."))
    return found


async def _program(world: World, named: str | None) -> tuple[Program | None, tuple[Finding, ...]]:
    """The node program that was named, or tendermint or cometbft on PATH, with the profile of its version.

    Raises Refusal for a program that was named and can not be used.
    """
    if named:
        found = world.processes.find(named) if "/" not in named else None
        program = await _known(world, found or absolute(named))
        if isinstance(program, Finding):
            raise Refusal(program)
        return program, ()
    passed: list[Finding] = []
    for path in filter(None, (world.processes.find(name) for name in ("tendermint", "cometbft"))):
        try:
            program = await _known(world, path)
        except Refusal as refusal:
            passed += refusal.findings
            continue
        if isinstance(program, Program):
            return program, ()
        passed.append(program)
    # What was only come upon is no fault of the practice network.
    told = tuple(replace(finding, severity=Severity.WARNING) for finding in passed)
    message = "no tendermint or cometbft that is known here is on PATH: the nodes were not started, all else happened"
    fix = "With Go: go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.17, then --node ~/go/bin/cometbft"
    return None, (*told, info("demo-no-program", "node", message, fix))


async def _known(world: World, path: Path) -> Program | Finding:
    """Raises Refusal, as ``Processes.run``."""
    version = (await world.processes.run([str(path), "version"])).stdout.decode("ascii", "replace").split()
    known = _profile_of(version[-1]) if version else None
    if known is not None:
        return Program(path, version[-1], known)
    named = [one.name for one in every_profile() if one.program_versions]
    message = f"{path} says version {' '.join(version)[:40] or 'nothing'}; known are {', '.join(named)}"
    return error("demo-program-version", str(path), message, "Name another program with --node.")


def _profile_of(version: str) -> str | None:
    """Name of the generation that a program of this version is of."""
    number = version.removeprefix("v")
    return next((one.name for one in every_profile() if number.startswith(one.program_versions)), None)


async def _run(program: Program, practice: Practice, session: Session) -> tuple[dict[str, object], list[Finding]]:
    """Start all nodes with the hash pinned, wait for the second block on all, and end them whatever happens."""
    say = session.output.talk
    say(f"Run: {program.path.name} {program.version}, built-in kvstore application, loopback only")
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    async with AsyncExitStack() as stack:
        nodes: list[_Node] = []
        for player in practice.players:
            record = await own_record(player.world)
            running = await stack.enter_async_context(_start(program, player, record, session))
            nodes.append(_Node(player.moniker, f"http://127.0.0.1:{player.rpc_port}", running, session.world))
        stack.callback(_end_all, nodes)
        say(f"  {len(nodes)} nodes started; waiting for block {_BLOCK} on all")
        try:
            heights = await asyncio.wait_for(_blocks(nodes), _SECONDS)
        except (TimeoutError, _Ended, Refusal):
            return {"blocks": None}, [_no_block(node) for node in nodes if node.running.ended is not None] or [_slow()]
        for node, height in zip(nodes, heights, strict=True):
            say(f"  {node.name}: block {height}")
        return {"blocks": {node.name: height for node, height in zip(nodes, heights, strict=True)}}, []


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    rpc: str
    """Base of its RPC: ``http://127.0.0.1:26657``."""
    running: Running
    world: World


def _net(world: World) -> Net:
    assert world.net is not None
    return world.net


def _end_all(nodes: list[_Node]) -> None:
    """Ask all to end at once, so that the last need not wait for the first."""
    for node in nodes:
        node.running.ask_to_end()


def _start(
    program: Program, player: Player, record: NetworkRecord, session: Session
) -> AbstractAsyncContextManager[Running]:
    argv = (
        str(program.path),
        "start",
        "--home",
        str(player.home),
        "--proxy_app",
        "kvstore",
        f"--genesis_hash={record.genesis_sha256}",
    )
    environ = {name: value for name, value in session.environ.items() if not is_of_a_node(name)}
    return session.world.processes.start(argv, environ=environ)


class _Ended(Exception):  # noqa: N818
    """A node has ended by itself."""


async def _blocks(nodes: list[_Node]) -> list[int]:
    """Heights, once every node has the second block.

    As agreed the nodes make no empty blocks, so after the first one they rest until there is a transaction: here it is.
    """
    await asyncio.gather(*(_reach(node, 1) for node in nodes))
    await result(_net(nodes[0].world), nodes[0].rpc, 'broadcast_tx_async?tx="quorate=practice"')
    return await asyncio.gather(*(_reach(node, _BLOCK) for node in nodes))


async def _reach(node: _Node, height: int) -> int:
    while True:
        if node.running.ended is not None:
            raise _Ended
        try:
            status = await result(_net(node.world), node.rpc, "status", 2)
            seen = int(status["sync_info"]["latest_block_height"])  # type: ignore[index]
            if seen >= height:
                return seen
        except (Refusal, KeyError, TypeError, ValueError):
            pass
        await asyncio.sleep(0.1)


def _no_block(node: _Node) -> Finding:
    last = " | ".join(list(node.running.lines)[-3:]) or "it printed nothing"
    fix = "Try another program with --node, or start this one by hand in that home to see more."
    return error("demo-node-ended", node.name, f"the node ended with {node.running.ended}: {last}", fix)


def _slow() -> Finding:
    message = f"the nodes run, and block {_BLOCK} was not made within {_SECONDS} s"
    return error("demo-no-block", "nodes", message, "Run it again on a less busy machine.")


def _lines(practice: Practice, until: str, program: Program | None) -> tuple[str, ...]:
    """What to try next: only what is there at this stage, as it can be typed."""
    first = practice.coordinator
    state, folder = _quoted(first.folder / "state"), _quoted(practice.folder)
    reached = (*IDS, "run").index(until)
    tries = {
        "home": f"quorate --state {state} status",
        "keys": f"quorate keys show --home {_quoted(first.home)}",
        "peers": f"quorate --state {state} peers show",
        "network": f"quorate --state {state} network show",
        "genesis": f"quorate genesis review {_quoted(first.home / 'config' / 'genesis.json')}",
    }
    lines = [f"  {command}" for step_id, command in tries.items() if IDS.index(step_id) <= reached]
    said = f"The homes and states stay in {practice.folder}. Look around as {first.moniker}, the coordinator:"
    if until != "run" or program is None:
        members = f" --members {len(practice.players)}" if len(practice.players) != _USUAL else ""
        lines += ["To go on from here:", f"  quorate demo --dir {folder}{members}"]
    return ("", said, *lines)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
