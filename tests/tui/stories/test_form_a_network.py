"""Four members, one of them the coordinator, form a network from first run to QUORATE, each in a wizard of their own.

What they hand over is what their wizard shows them to mark and copy, put into one chat with noise around it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.adapters import LocalNet
from core.adapters.running import LocalRunning, running
from core.finding import Refusal
from core.genesis.reading import parse
from core.profiles import profile
from core.rpc import result
from tests.nodes import node_program
from tests.tui.cards import chat
from tests.tui.driver import NETWORK, User, WizardDriver

NAMES = ("alice", "bob", "carol", "dave")
START = "2026-11-20 11:00"
"""Past for the wizard's still clock, and for the real one: the nodes make blocks at once."""


@dataclass
class Operator:
    moniker: str
    wizard: WizardDriver
    p2p: int
    rpc: int

    @property
    def coordinates(self) -> bool:
        return self.moniker == NAMES[0]


@pytest.fixture
def operators() -> Iterator[tuple[Operator, ...]]:
    folder = Path(tempfile.mkdtemp(prefix="q-", dir="/tmp"))
    ports = LocalNet().free_ports(2 * len(NAMES), first=28656)
    try:
        yield tuple(
            Operator(name, WizardDriver(folder / name), ports[2 * number], ports[2 * number + 1])
            for number, name in enumerate(NAMES)
        )
    finally:
        shutil.rmtree(folder)


async def test_four_members_form_a_network_in_wizards_and_it_makes_blocks(operators: tuple[Operator, ...]) -> None:
    cards = [await first_run(one) for one in operators]
    record = await gather_and_publish(operators[0], cards)
    acceptances = [await agree(one, record) for one in operators]
    for one in operators:
        async with one.wizard.open("genesis") as user:
            await take(user, chat(*acceptances))
            assert "4 of 4 have accepted" in user.action
            await user.press("ctrl+n")
            user.sees("QUORATE")
    genesis = {(one.wizard.home / "config" / "genesis.json").read_bytes() for one in operators}
    assert len(genesis) == 1
    await run_to_block_2(operators)


async def first_run(one: Operator) -> str:
    """From nothing to a signed card; its text, as the wizard shows it to be copied."""
    config = one.wizard.home / "config" / "config.toml"
    config.parent.mkdir(0o700, parents=True)
    # All on one machine: each node needs ports of its own.
    config.write_text(
        f'[rpc]\nladdr = "tcp://127.0.0.1:{one.rpc}"\n\n[p2p]\nladdr = "tcp://127.0.0.1:{one.p2p}"\n', encoding="utf-8"
    )
    async with one.wizard.open() as user:
        user.sees("Nothing is written to this machine before you have seen it.")
        if one.coordinates:
            await user.press("down")
        await user.press("ctrl+n")
        await user.fill("network", NETWORK)
        await user.fill("home", str(one.wizard.home))
        await user.fill("profile", "tendermint-0.34")
        await user.press("ctrl+n")
        user.sees("2/7 Keys", "make 2 key files")
        await apply(user)
        await user.press("ctrl+n")
        user.sees("3/7 Card")
        await user.fill("moniker", one.moniker)
        await user.fill("host", "127.0.0.1")
        await user.fill("port", str(one.p2p))
        await apply(user)
        return await shown(user, "CARD")


async def gather_and_publish(one: Operator, cards: list[str]) -> str:
    async with one.wizard.open("peers") as user:
        await take(user, chat(*cards))
        for _ in NAMES[1:]:
            assert "Open " in user.action
            await user.press("ctrl+n", "right", "enter")
            await _how(user)
        assert "Go to Network" in user.action, user.text
        await user.press("ctrl+n")
        await user.fill("genesis_time", START)
        await apply(user)
        assert "Send the record to all members" in user.action
        await user.press("ctrl+n")
        return await shown(user, "RECORD")


async def _how(user: User) -> None:
    """Where the wizard asks how the words were compared, say it."""
    if "How" in user.text:
        await user.type("on a call")
        await user.press("enter", "ctrl+n") if "compared" in user.action else await user.press("enter")


async def agree(one: Operator, record: str) -> str:
    """Take the record, compare words, accept and install, set config.toml; the acceptance, to be handed on."""
    if not one.coordinates:
        async with one.wizard.open("network") as user:
            await take(user, record)
            user.sees("you", one.moniker)
    async with one.wizard.open("genesis") as user:
        await user.press("ctrl+n")
        eighth = re.search(r"7 +[a-z]+ +8 +([a-z]+)", user.text)
        assert eighth is not None, user.text
        await user.type(eighth[1])
        # Enter on the last field goes on, as ^N does.
        await user.press("enter")
        user.sees("Nothing is written yet.")
        await user.press("ctrl+n")
        user.sees("Done, and read back.", "genesis.json")
        await user.press("ctrl+n")
        acceptance = await shown(user, "ACCEPTANCE")
    async with one.wizard.open("config") as user:
        await apply(user)
        user.sees("Done, and read back.")
    return acceptance


async def apply(user: User) -> None:
    """See what will be done, and have it done."""
    await user.press("ctrl+n")
    user.sees("Nothing is written yet.")
    await user.press("ctrl+n")
    user.sees("Done, and read back.")


async def take(user: User, text: str) -> None:
    """Paste on any page, look at what was found, take it."""
    await user.paste(text)
    await user.press("ctrl+n", "ctrl+n")


async def shown(user: User, kind: str) -> str:
    """What stands on the page to mark and copy, whole."""
    await choose(user, "Show")
    text = "\n".join(user.page.plain())
    assert f"BEGIN QUORATE {kind}" in text, user.text
    return text


async def choose(user: User, label: str) -> None:
    """Up to the button of that name, and Enter."""
    for key in (*["up"] * 10, *["down"] * 10):
        if any("▸" in line and f"<{label}>" in line for line in user.text.splitlines()):
            await user.press("enter")
            return
        await user.press(key)
    raise AssertionError(f"no <{label}> to be reached in {user.text}")


@asynccontextmanager
async def started(operators: tuple[Operator, ...]) -> AsyncIterator[list[tuple[Operator, LocalRunning]]]:
    program = str(node_program("0.34"))
    async with AsyncExitStack() as stack:
        nodes = []
        for one in operators:
            data = (one.wizard.home / "config" / "genesis.json").read_bytes()
            assert parse(data, profile("tendermint-0.34")).genesis is not None
            pinned = f"--genesis_hash={hashlib.sha256(data).hexdigest()}"
            argv = (program, "start", "--home", str(one.wizard.home), "--proxy_app", "kvstore", pinned)
            context = running(argv, {"PATH": "/usr/bin:/bin"})
            nodes.append((one, await stack.enter_async_context(context)))
        yield nodes


async def run_to_block_2(operators: tuple[Operator, ...]) -> None:
    async with started(operators) as nodes:
        try:
            await asyncio.wait_for(asyncio.gather(*(height(*node, 1) for node in nodes)), 60)
        except TimeoutError:
            pytest.fail("\n".join(line for one, node in nodes for line in (one.moniker, *list(node.lines)[-12:])))
        await asyncio.wait_for(asyncio.gather(*(height(*node, 2) for node in nodes)), 60)


async def height(one: Operator, node: LocalRunning, wanted: int) -> None:
    while True:
        assert node.ended is None, list(node.lines)[-5:]
        try:
            status = await result(LocalNet(), f"http://127.0.0.1:{one.rpc}", "status", 2)
            if int(status["sync_info"]["latest_block_height"]) >= wanted:  # type: ignore[index]
                return
        except Refusal:
            pass
        await asyncio.sleep(0.2)
