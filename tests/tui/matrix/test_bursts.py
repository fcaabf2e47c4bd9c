"""Every page, and keys that come faster than it: at once, byte by byte, and over a line of 300 ms each way.

Nothing may be carried out by a key that came before its page was seen, and what is typed ahead must lead where it leads
a person who waits for each screen.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from core.documents.armour import armour
from core.network.heard import heard
from core.run import carry_out, preview
from core.steps import step
from tests.installation import Installation
from tui.inputs import READING

from ..agreements import a_record_for, coordinating, member, note_others, record_here, take, words_of
from ..cards import came, gathered, signed
from ..driver import WizardDriver, every_file
from ..networks import agreed
from ..terminal import KEYS
from .console import FIRST, Console, Machine

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
PASTE = f"\x1b[200~{armour(came('bob'))}\n\x1b[201~"
OSC_52 = b"\x1b]52;c;"


def at_once(console: Console, keys: Sequence[str]) -> None:
    console.send(data_of(*keys))


def byte_by_byte(console: Console, keys: Sequence[str]) -> None:
    for byte in data_of(*keys):
        console.send(bytes((byte,)))
        console.read(0.005)


def over_a_slow_line(console: Console, keys: Sequence[str]) -> None:
    """300 ms each way, and typed at five keys a second, before anything of it is seen."""
    console.delay = 0.3
    for key in keys:
        console.send(data_of(key))
        console.settle(0.2, 0.2)


LINES = (at_once, byte_by_byte, over_a_slow_line)


def data_of(*keys: str) -> bytes:
    return "".join(KEYS.get(key, key) for key in keys).encode()


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done for a person once they have seen what it is."""

    prepare: Callable[[WizardDriver], Awaitable[object] | object]
    keys: tuple[str, ...]
    """From the step's page to the end of it."""
    done: Callable[[WizardDriver, Console], object]
    """What is another value once it is done."""
    at: str
    """The step where it begins; empty: what a start begins with."""


def documents(user: WizardDriver, console: Console) -> int:
    return len(user.state.documents())


def decisions(user: WizardDriver, console: Console) -> object:
    local = user.state.local
    return local.decisions, local.unsigned, local.expected


def heard_words(user: WizardDriver, console: Console) -> object:
    return heard(user.state.local, record_here(user))


def founder(user: WizardDriver, console: Console) -> object:
    return user.state.local.answers.get("network", {}).get("record", "")


def home_files(user: WizardDriver, console: Console) -> object:
    return every_file(user.home)


def own_files(user: WizardDriver, console: Console) -> object:
    return sorted(user.folder.glob("quorate*/*"))


def journal(user: WizardDriver, console: Console) -> object:
    return [file.stat().st_size for file in sorted(user.state.folder.rglob("*.jsonl"))]


def copied(user: WizardDriver, console: Console) -> bool:
    return OSC_52 in console.raw


def filled(user: WizardDriver) -> WizardDriver:
    return user.with_home().known(card={"moniker": "alice", "host": "node.alice.example"})


async def bobs_card(user: WizardDriver) -> None:
    await gathered(user, came("bob"))


async def reviewed(user: WizardDriver) -> None:
    await member(user, record=False)
    await take(user, a_record_for(user, genesis_time=SOON))
    note_others(user)


async def two_founders(user: WizardDriver) -> None:
    await member(user, record=False)
    await take(user, *(a_record_for(user, owners=(name,), genesis_time=SOON) for name in ("bob", "carol")))


async def applied(user: WizardDriver, *, cut_off: bool = False) -> None:
    agreed(user)
    world = user.world.at(user.state)
    await carry_out(await preview(step("config"), world, {}), world)
    if cut_off:
        (file,) = user.state.folder.rglob("*.jsonl")
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[:-1]) + lines[-1][:7])


DEEDS = {
    "sign the card": Deed(filled, ("ctrl+n",) * 3, documents, "card"),
    "make the keys": Deed(lambda user: user.with_home(keys=False).known(), ("ctrl+n",) * 3, home_files, "keys"),
    "edit config.toml": Deed(agreed, ("ctrl+n", "shift+tab", "enter", "ctrl+n"), home_files, "config"),
    "sign the record": Deed(coordinating, ("ctrl+n",) * 3, documents, "network"),
    "accept": Deed(reviewed, ("ctrl+n", "WORD", "enter", "ctrl+n"), documents, "genesis"),
    "take what was pasted": Deed(signed, (PASTE, "ctrl+n", "ctrl+n"), documents, "peers"),
    "approve": Deed(bobs_card, ("ctrl+n", "right", "enter", "enter"), decisions, "peers"),
    "refuse": Deed(bobs_card, ("ctrl+n", *["right"] * 3, "enter", "no", "enter"), decisions, "peers"),
    "note what was heard": Deed(reviewed, ("ctrl+n", "enter", "tab", "right", "enter"), heard_words, "network"),
    "choose a founder": Deed(two_founders, ("ctrl+n", "right", "right", "enter"), founder, "network"),
    "save the card": Deed(signed, ("down", "enter", "enter"), own_files, "card"),
    "copy the card": Deed(signed, ("down", "down", "enter"), copied, "card"),
    "finish a run": Deed(lambda user: applied(user, cut_off=True), ("enter", "ctrl+n"), journal, ""),
    "practise": Deed(lambda user: user, ("down", "down", "enter", "ctrl+n"), own_files, ""),
}


@pytest.fixture
def machine(installed: Installation, wizard: WizardDriver) -> Machine:
    return Machine(installed, wizard)


@pytest.mark.parametrize("name", DEEDS)
def test_nothing_is_done_before_its_page_was_seen(machine: Machine, name: str) -> None:
    deed, user = DEEDS[name], machine.user
    prepared = deed.prepare(user)
    if asyncio.iscoroutine(prepared):
        asyncio.run(prepared)
    keys = [words_of(record_here(user))[7] if key == "WORD" else key for key in deed.keys]
    if deed.at:
        # From what a start begins with to the step.
        user.at(deed.at)
        keys.insert(0, "enter")
    before = None
    for line in LINES:
        with machine.start() as console:
            console.sees(FIRST).calm()
            before = deed.done(user, console) if before is None else before
            line(console, keys)
            console.settle(READING)
            assert deed.done(user, console) == before, f"{name}, {line.__name__}:\n{console.screen.text}"
            assert console.process.poll() is None, console.screen.text
    with machine.start() as console:
        console.sees(FIRST).calm()
        for key in keys:
            console.press(key)
        console.until(lambda: deed.done(user, console) != before)


RAIL_MARK = re.compile(r"^(.)\S(  \d )", re.MULTILINE)
WAYS = {
    "to the keys and back": ("ctrl+p", "ctrl+n"),
    "to every step": tuple(key for number in range(7) for key in ("ctrl+o", "home", *["down"] * number, "enter")),
    "what can be opened": ("f1", "escape", "ctrl+t", "escape", "ctrl+o", "escape", "ctrl+q", "escape"),
    "around the form": ("tab", "tab", "tab", "shift+tab", "shift+tab", "end", "x", "backspace", "y", "enter", "z"),
    "a form, a step and a text": ("ctrl+u", "erin.example", "tab", "2", "ctrl+n", "escape", "tab", "ctrl+o", "escape"),
    "a paste between keys": ("ctrl+u", "\x1b[200~10.0.\x1b0.5\x1b[201~", "tab", "f1", "escape", "7"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_typed_ahead_leads_where_it_leads_a_person_who_waits(member: Machine, way: str) -> None:
    ends = []
    for line in (each_waited_for, *LINES):
        shutil.copytree(member.user.root, kept := member.user.folder / "kept")
        with member.start() as console:
            console.go_on().sees("26656").calm()
            line(console, WAYS[way])
            console.settle(READING)
            console.delay = 0.0
            end = console.calm(1.0)
            # A step that is passed before it was looked at counts as not visited, and its mark in the rail says so.
            ends.append((line.__name__, RAIL_MARK.sub(r"\1 \2", end) if way == "to every step" else end))
        shutil.rmtree(member.user.root)
        kept.rename(member.user.root)
    for name, end in ends[1:]:
        assert end == ends[0][1], name


def each_waited_for(console: Console, keys: Sequence[str]) -> None:
    for key in keys:
        console.press(key)
