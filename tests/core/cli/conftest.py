"""A practice network that was formed once by the real program; tests of this folder only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.cli.program import Operator, operator


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """The coordinator of a formed network of two; ``bob`` lies beside them."""
    folder = tmp_path_factory.mktemp("practice")
    ran = operator(folder).json("demo", "--dir", folder / "net", "--members", "2", "--until", "config")
    assert ran.code == 0, (ran.text, ran.talk)
    return Operator(folder / "net" / "alice")


@pytest.fixture
def alone(tmp_path: Path) -> Operator:
    """Somebody who has nothing yet."""
    return operator(tmp_path / "alone")
