"""``demo``: a practice network in a folder, told as it is formed; run on loopback where a node program is there."""

from __future__ import annotations

import asyncio
import re
import signal
from argparse import Namespace
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from ..adapters.node import RunningNode, free_ports, running
from ..adapters.rpc import result
from ..demo import MOST, Player, Practice, players
from ..finding import Finding, Refusal, error, info
from ..world import World
from .answer import Answer
from .session import Session, absolute

_BLOCK = 2
"""The first block proves the genesis, the second that the nodes agree on its result."""
_SECONDS = 60
_FIRST_PORT = 27656
"""Apart from a node's usual 26656 to 26660, which a real one on this machine may want."""
_PROFILES = (
    (re.compile(r"(v)?0\.34\."), "tendermint-0.34"),
    (re.compile(r"(v)?0\.37\."), "cometbft-0.37"),
    (re.compile(r"(v)?0\.(38|39|40)\."), "cometbft-0.38"),
    (re.compile(r"(v)?1\."), "cometbft-1.0"),
)


@dataclass(frozen=True, slots=True)
class Program:
    path: Path
    version: str
    profile: str


async def demo(arguments: Namespace, session: Session) -> Answer:
    folder = absolute(arguments.dir) if arguments.dir else _new_folder(session.world)
    program, told = await _program(session.world, arguments.node)
    ports = free_ports(2 * max(1, min(arguments.members, MOST)), first=_FIRST_PORT)
    cast = players(folder, session.world, arguments.members, ports)
    practice = Practice(folder, cast, session.output.talk, program.profile if program else "tendermint-0.34")
    session.output.talk(f"A practice network of {len(cast)} in {folder}")
    await practice.form("config" if arguments.until == "run" else arguments.until)
    blocks: dict[str, object] = {}
    findings = list(told)
    if arguments.until == "run" and program is not None:
        ran, failed = await _run(program, practice, session)
        blocks.update(ran)
        findings += failed
    return Answer(
        lines=_lines(practice, program, arguments.until, blocks),
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
    """``quorate-demo`` here, or the next number that is free."""
    names = ("quorate-demo", *(f"quorate-demo-{number}" for number in range(2, 1000)))
    return next(absolute(name) for name in names if world.files.stat(absolute(name)) is None)


async def _program(world: World, named: str | None) -> tuple[Program | None, tuple[Finding, ...]]:
    """The node program that was named, or tendermint or cometbft on PATH, with the profile of its version."""
    found = [absolute(named)] if named else [world.processes.find(name) for name in ("tendermint", "cometbft")]
    for path in filter(None, found):
        version = (await world.processes.run([str(path), "version"])).stdout.decode("ascii", "replace").split()
        known = next((name for form, name in _PROFILES if version and form.match(version[-1])), None)
        if known is not None:
            return Program(path, version[-1], known), ()
        message = f"{path} says version {' '.join(version)[:40] or 'nothing'}; known are 0.34, 0.37, 0.38 and 1.0"
        return None, (error("demo-program-version", str(path), message, "Name another program with --node."),)
    message = "no tendermint or cometbft is on PATH, so the nodes were not started; everything else happened"
    fix = "With Go: go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.17, then --node ~/go/bin/cometbft"
    return None, (info("demo-no-program", "node", message, fix),)


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
        nodes: list[RunningNode] = []
        for player in practice.players:
            nodes.append(await stack.enter_async_context(_node(program, player, session)))
        try:
            heights = await asyncio.wait_for(_blocks(nodes), _SECONDS)
        except (TimeoutError, _Ended):
            return {"blocks": None}, [_no_block(node) for node in nodes if node.ended is not None] or [_slow()]
        for node, height in zip(nodes, heights, strict=True):
            say(f"  {node.name}: block {height}")
        return {"blocks": {node.name: height for node, height in zip(nodes, heights, strict=True)}}, []


def _node(program: Program, player: Player, session: Session) -> AbstractAsyncContextManager[RunningNode]:
    from ..peers.current import require_record

    record = require_record(player.world)
    argv = (
        str(program.path),
        "start",
        "--home",
        str(player.home),
        "--proxy_app",
        "kvstore",
        f"--genesis_hash={record.genesis_sha256}",
    )
    moved = ("TMHOME", "CMTHOME")
    environ = {
        name: value
        for name, value in session.environ.items()
        if name not in moved and not name.startswith(("TM_", "CMT_"))
    }
    return running(player.moniker, argv, f"http://127.0.0.1:{player.rpc_port}", environ)


class _Ended(Exception):  # noqa: N818
    """A node has ended by itself."""


async def _blocks(nodes: list[RunningNode]) -> list[int]:
    """Heights, once every node has the second block.

    As agreed the nodes make no empty blocks, so after the first one they rest until there is a transaction: here it is.
    """
    await asyncio.gather(*(_reach(node, 1) for node in nodes))
    await result(nodes[0].rpc, 'broadcast_tx_async?tx="quorate=practice"')
    return await asyncio.gather(*(_reach(node, _BLOCK) for node in nodes))


async def _reach(node: RunningNode, height: int) -> int:
    while True:
        if node.ended is not None:
            raise _Ended
        try:
            status = await result(node.rpc, "status", 2)
            seen = int(status["sync_info"]["latest_block_height"])  # type: ignore[index]
            if seen >= height:
                return seen
        except (Refusal, KeyError, TypeError, ValueError):
            pass
        await asyncio.sleep(0.1)


def _no_block(node: RunningNode) -> Finding:
    last = " | ".join(list(node.lines)[-3:])
    return error("demo-node-ended", node.name, f"the node ended with {node.ended}: {last}", "Look at its home.")


def _slow() -> Finding:
    message = f"the nodes run, and block {_BLOCK} was not made within {_SECONDS} s"
    return error("demo-no-block", "nodes", message, "Run it again on a less busy machine.")


def _lines(practice: Practice, program: Program | None, until: str, blocks: dict[str, object]) -> tuple[str, ...]:
    first = practice.coordinator
    lines = ["", f"The homes and states stay in {practice.folder}. Look around as {first.moniker}, the coordinator:"]
    state = first.folder / "state"
    lines += [
        f"  quorate --state {state} status",
        f"  quorate --state {state} network show",
        f"  quorate genesis review {first.home}/config/genesis.json",
        f"  quorate keys show --home {first.home}",
    ]
    return tuple(lines)
