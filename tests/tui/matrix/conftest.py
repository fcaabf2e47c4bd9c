"""The program, installed once for all tests of the matrix, and users of it."""

from __future__ import annotations

import pytest

from tests.installation import Installation, build_wheel, install

from ..driver import WizardDriver
from .console import Machine


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """From the wheel, with its bytecode, as operators have it."""
    return install(tmp_path_factory.mktemp("installed"), str(build_wheel(tmp_path_factory.mktemp("built"))))


@pytest.fixture
def newcomer(installed: Installation, wizard: WizardDriver) -> Machine:
    """Somebody who has never started it, with a node home."""
    return Machine(installed, wizard.with_home())


@pytest.fixture
def member(installed: Installation, wizard: WizardDriver) -> Machine:
    """Somebody who has come to the card, and was at its host."""
    card = {"moniker": "alice", "host": "node.alice.example"}
    return Machine(installed, wizard.with_home().known(keys={}, card=card).at("card", "host"))
