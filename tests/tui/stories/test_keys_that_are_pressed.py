"""How many control keys the main path takes: a member from the first run to a node that is set up."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.documents.armour import armour
from tests.builders import a_record, an_acceptance
from tests.tui.agreements import hidden_word, own_card
from tests.tui.cards import came
from tests.tui.driver import NETWORK, NOW, User, WizardDriver

MOST_OF_A_MEMBER = 30


class Counted:
    """A person whose keys are counted: all but letters and digits that are typed."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.pressed: list[str] = []

    async def press(self, *keys: str) -> None:
        self.pressed += keys
        await self.user.press(*keys)

    async def type(self, text: str) -> None:
        await self.user.type(text)

    async def paste(self, text: str) -> None:
        await self.user.paste(text)


@pytest.fixture
def newcomer() -> Iterator[WizardDriver]:
    folder = Path(tempfile.mkdtemp(prefix="q-", dir="/tmp"))
    try:
        yield WizardDriver(folder)
    finally:
        shutil.rmtree(folder)


async def test_a_member_presses_at_most_thirty_control_keys(newcomer: WizardDriver) -> None:
    (newcomer.home / "config").mkdir(0o700, parents=True)
    (newcomer.home / "config" / "config.toml").write_text('[p2p]\nladdr = "tcp://0.0.0.0:26656"\n')
    async with newcomer.open() as user:
        one = Counted(user)
        await one.press("ctrl+n")
        user.sees("1/7 Home")
        await one.type(NETWORK)
        await one.press("ctrl+n")
        user.sees("2/7 Keys")
        await one.press("ctrl+n", "ctrl+n", "ctrl+n")
        user.sees("3/7 Card", "Fill in Moniker and Host").sees_not("Findings")
        await one.type("alice")
        await one.press("tab")
        await one.type("node.alice.example.org")
        await one.press("ctrl+n", "ctrl+n")
        user.sees("Done, and read back.")
        await one.press("enter")
        user.sees("BEGIN QUORATE CARD.")
        await one.press("escape", "ctrl+n")
        user.sees("4/7 Peers")
        record = a_record(
            [own_card(newcomer), *map(came, ("bob", "carol", "dave"))],
            network=NETWORK,
            owners=("bob",),
            genesis_time=NOW + timedelta(days=5),
            chain_id="harbour-1",
        )
        await one.paste(armour(record))
        await one.press("ctrl+n", "ctrl+n", "ctrl+n", "enter", "enter")
        await one.type(hidden_word(user))
        await one.press("enter")
        user.sees("1 of 3")
        await one.press("ctrl+n")
        user.sees("6/7 Genesis")
        await one.press("ctrl+n")
        word = re.search(r"7 +[a-z]+ +8 +([a-z]+)", user.text)
        assert word is not None, user.text
        await one.type(word[1])
        await one.press("enter", "ctrl+n")
        user.sees("Done, and read back.", "genesis.json")
        await one.press("ctrl+n", "enter")
        user.sees("BEGIN QUORATE ACCEPTANCE.")
        await one.press("escape", "ctrl+n")
        user.sees("1 of 4")
        await one.paste("\n".join(armour(an_acceptance(record, name)) for name in ("bob", "carol", "dave")))
        await one.press("ctrl+n", "ctrl+n")
        user.sees("QUORATE")
        await one.press("ctrl+n")
        user.sees("7/7 Config")
        await one.press("ctrl+n", "ctrl+n")
        user.sees("Done, and read back.", "config.toml")
        assert len(one.pressed) <= MOST_OF_A_MEMBER, one.pressed
