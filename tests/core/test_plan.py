"""What is shown of a plan before it is carried out."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.changes import Sign


@pytest.mark.parametrize(
    "kind, added", [("card", True), ("acceptance", True), ("attestation", True), ("record", False)]
)
def test_what_is_signed_is_shown_with_the_serial_that_it_gets(kind: str, added: bool) -> None:
    shown = list(Sign(kind, b'{"v":1}', Path("/h"), "to try").diff())
    assert any('"serial"' in line for line in shown) is added
