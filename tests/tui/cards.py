"""Cards that come to the wizard of a test: signed for its network, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from core.agreement.exchange import known_members
from core.agreement.reduce import reduce
from core.documents.armour import armour
from core.documents.document import Document
from core.peers.decide import approve, expect
from core.peers.receive import receive
from core.run import carry_out, preview
from core.steps import step
from tests.builders import a_card, a_key, an_unsigned

from .driver import NETWORK, NOW, WizardDriver

CARD = {"moniker": "alice", "host": "node.alice.example", "port": "26656"}
EARLIER = int((NOW - timedelta(days=3)).timestamp())
LATER = int((NOW - timedelta(hours=1)).timestamp())


def came(moniker: str, **spoil: Any) -> Document:
    """A member's card for the network at hand."""
    given: dict[str, Any] = {"network": NETWORK, "serial": EARLIER}
    return a_card(moniker, **(given | spoil))


def changed(moniker: str) -> Document:
    """The member's second card, with another validator key."""
    return came(moniker, serial=LATER, validator=f"{moniker} on a new disk")


def chat(*texts: str) -> str:
    """As a chat hands it over: a name and a time before, quote signs, and idle talk."""
    posts = [f"[09:{12 + at}] somebody: here is mine :)\n" + text for at, text in enumerate(texts)]
    return "\n".join(f"> {line}" for post in posts for line in post.splitlines()) + "\n"


def chat_of(*documents: Document) -> str:
    return chat(*map(armour, documents))


async def signed(wizard: WizardDriver, role: str = "coordinator", **answers: str) -> WizardDriver:
    """A home with keys, and an own card that is signed."""
    wizard.with_home().known(role, card={**CARD, **answers})
    world = wizard.world.at(wizard.state)
    await carry_out(await preview(step("card"), world, {}), world)
    return wizard


async def gathered(wizard: WizardDriver, *documents: Document, role: str = "coordinator") -> WizardDriver:
    """The own card is signed, and these have come."""
    await signed(wizard, role)
    if documents:
        await receive(wizard.world.at(wizard.state), chat_of(*documents).encode())
    return wizard


def approved(wizard: WizardDriver, *monikers: str, how: str = "on a call") -> WizardDriver:
    state = wizard.state
    known = known_members(reduce(state.documents(), network=NETWORK, now=NOW, local=state.local))
    for node_id, one in known.items():
        if (one.card if hasattr(one, "card") else one.entry).moniker in monikers:
            state.change(partial(approve, node_id=node_id, one=one, how=how))
    return wizard


def expected(wizard: WizardDriver, *monikers: str) -> WizardDriver:
    wizard.state.change(lambda local: expect(local, monikers))
    return wizard


def bare_values(moniker: str) -> Mapping[str, str]:
    """The documents' three values of a member without quorate."""
    entry = an_unsigned(moniker)
    return {"p2p": entry.p2p[0], "node_id": entry.node_id, "validator_key": entry.validator_key}


def node(moniker: str) -> str:
    return a_key(moniker).node_id
