"""After a rival first record has come, every page goes on from the record that this node accepted."""

from __future__ import annotations

import pytest

from core.steps import IDS
from tests.builders import a_record, an_acceptance
from tui.around import look_around

from .cards import came
from .driver import NETWORK, WizardDriver
from .networks import agreed, the_record

RIVAL = a_record([came("mallory")], owners=("mallory",), network=NETWORK, chain_id="rival-1")
MEMBERS = ("alice", "bob", "carol", "dave")


def accepted(wizard: WizardDriver) -> WizardDriver:
    agreed(wizard)
    wizard.state.add(tuple(map(came, MEMBERS)))
    wizard.state.add(tuple(an_acceptance(the_record(MEMBERS), name) for name in MEMBERS))
    return wizard


async def test_marks_and_pulse_stay(wizard: WizardDriver) -> None:
    accepted(wizard)
    async with wizard.open("home") as user:
        session = user.app.session
        await look_around(session)
        before = dict(session.marks), session.pulse
        wizard.state.add((RIVAL,))
        await look_around(session)
        assert (dict(session.marks), session.pulse) == before
        assert "accepted 4/4" in session.pulse


@pytest.mark.parametrize("name", IDS)
async def test_a_page_goes_on_from_what_this_node_accepted(name: str, wizard: WizardDriver) -> None:
    accepted(wizard)
    async with wizard.open(name) as user:
        before = user.action
    wizard.state.add((RIVAL,))
    async with wizard.open(name) as user:
        assert user.action == before
        # The rival is reported in a finding, and only there.
        assert user.text.count("rival-1") == user.text.count("chain id rival-1, genesis")
