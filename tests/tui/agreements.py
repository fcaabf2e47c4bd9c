"""Records that come to the wizard of a test, whose own member is alice; bob is the coordinator then."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from core.agreement.record import NetworkRecord
from core.documents.armour import armour
from core.documents.document import Document
from core.documents.words import eight_words
from core.network.heard import note_heard
from core.peers.receive import receive
from core.run import carry_out, preview
from core.steps import step
from tests.builders import a_record, the_record
from tui.screens.opened.hearing import MemberPage

from .cards import approved, came, gathered, signed
from .driver import NETWORK, NOW, User, WizardDriver

OTHERS = ("bob", "carol", "dave")
START = NOW + timedelta(days=5)


async def coordinating(wizard: WizardDriver) -> WizardDriver:
    """All cards have come, and are approved."""
    await gathered(wizard, *map(came, OTHERS))
    return approved(wizard, "alice", *OTHERS)


def own_card(wizard: WizardDriver) -> Document:
    return next(one for one in wizard.state.documents() if one.kind == "card" and b'"alice"' in one.payload)


def a_record_for(wizard: WizardDriver, *others: str, **spoil: Any) -> Document:
    """A record of bob's in which alice stands too."""
    members = [own_card(wizard), *map(came, others or OTHERS)]
    given: dict[str, Any] = {"network": NETWORK, "owners": ("bob",), "genesis_time": START, "chain_id": "harbour-1"}
    return a_record(members, **(given | spoil))


async def member(wizard: WizardDriver, *, record: bool = True) -> WizardDriver:
    """Alice as a member, with her card; the record has come."""
    await signed(wizard, "member")
    if record:
        await take(wizard, a_record_for(wizard))
    return wizard


async def take(wizard: WizardDriver, *documents: Document) -> None:
    await receive(wizard.world.at(wizard.state), "\n".join(map(armour, documents)).encode())


def record_here(wizard: WizardDriver) -> NetworkRecord:
    return the_record(max((one for one in wizard.state.documents() if one.kind == "record"), key=_version))


def _version(one: Document) -> int:
    return the_record(one).version


def words_of(record: NetworkRecord) -> tuple[str, ...]:
    return eight_words(bytes.fromhex(record.id), "record")


def note_others(wizard: WizardDriver) -> None:
    """Alice has read the words with all the others."""
    record = record_here(wizard)
    for one in record.members:
        if one.moniker != "alice":
            wizard.state.change(partial(note_heard, record=record, node_id=one.node_id, word="same", at=NOW))


async def accepted(wizard: WizardDriver) -> WizardDriver:
    """Alice has accepted and installed."""
    world = wizard.world.at(wizard.state)
    note_others(wizard)
    shown = await preview(step("genesis"), world, {"word": words_of(record_here(wizard))[7]})
    await carry_out(shown, world)
    return wizard


async def hears_the_same(user: User) -> None:
    """On the page of a member: what they read at the hidden place is typed."""
    await user.press(*hidden_word(user), "enter")


def hidden_word(user: User) -> str:
    page = user.page
    assert isinstance(page, MemberPage), user.text
    return page.owner.words[page.owner.place]
