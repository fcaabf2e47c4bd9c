"""A page of ours fails: one line for the person, a log for its owner, and no value anywhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.tui.driver import WizardDriver
from tests.tui.networks import agreed
from tests.tui.terminal import Terminal, clean_environ

ROOT = Path(__file__).resolve().parents[3]
CANARY = "canary-Zm9vYmFyYmF6cXV4"
PLACES = {
    "while it is drawn": ("config", "show", "def broken(self, facts, answers):"),
    "while it looks": ("config", "looked", "def broken(self):"),
    "at a key": ("config", "next", "async def broken(self):"),
    "while the keys are shown": ("keys", "show", "def broken(self, facts, answers):"),
}
PROGRAM = """
import sys
from tui.screens.{step}.page import {page} as Broken
{head}
    secret = {canary!r}
    known = dict(inner=secret)
    raise ValueError("it quotes " + known["inner"])
Broken.{method} = broken
from tui.__main__ import main
sys.exit(main([]))
"""


def broken_at(wizard: WizardDriver, place: str) -> Terminal:
    step, method, head = PLACES[place]
    wizard.at(step)
    program = PROGRAM.format(step=step, page=f"{step.title()}Page", method=method, head=head, canary=CANARY)
    settings = clean_environ(wizard.folder, QUORATE_STATE=str(wizard.root))
    return Terminal((sys.executable, "-c", program), settings, cwd=ROOT)


@pytest.mark.parametrize("place", PLACES)
def test_a_fault_is_one_line_and_a_log_of_its_owner_without_values(wizard: WizardDriver, place: str) -> None:
    agreed(wizard)
    with broken_at(wizard, place) as terminal:
        terminal.wait_for("Go on")
        terminal.press("enter", quiet=1)
        if place == "at a key":
            terminal.wait_for("See what will be done")
            terminal.press("ctrl+n", quiet=1)
        assert terminal.end() == 1
        assert terminal.is_sane()
        told = [line for line in terminal.screen.text.splitlines() if "fault of quorate itself" in line]
        assert len(told) == 1 and "ValueError at" in told[0]
        assert "Traceback" not in terminal.screen.text
        raw = terminal.raw
    (log,) = wizard.root.glob("crash-*.log")
    assert log.stat().st_mode & 0o777 == 0o600
    assert "in broken" in log.read_text("utf-8")
    kept = b"".join(path.read_bytes() for path in wizard.folder.rglob("*") if path.is_file())
    assert CANARY.encode() not in raw + kept


def test_after_it_the_next_start_goes_on_where_the_person_was(wizard: WizardDriver) -> None:
    agreed(wizard).known(card={"moniker": "alice"})
    with broken_at(wizard, "at a key") as terminal:
        terminal.wait_for("Go on")
        terminal.press("enter", quiet=1)
        terminal.wait_for("See what will be done")
        terminal.press("ctrl+n", quiet=1)
        assert terminal.end() == 1
    settings = clean_environ(wizard.folder, QUORATE_STATE=str(wizard.root))
    with Terminal((sys.executable, "-m", "tui"), settings, cwd=ROOT) as terminal:
        terminal.wait_for("7/7 Config")
        terminal.press("ctrl+q")
        terminal.press("enter")
        assert terminal.end() == 0


async def test_a_secret_in_a_key_file_reaches_no_picture_and_no_text(wizard: WizardDriver) -> None:
    agreed(wizard)
    files = [wizard.home / "config" / name for name in ("priv_validator_key.json", "node_key.json")]
    secrets = [json.loads(file.read_text("utf-8"))["priv_key"]["value"] for file in files]
    for step_id in ("home", "keys", "card", "config"):
        async with wizard.open(step_id) as user:
            for key in ("f1", "escape", "ctrl+t", "escape", "ctrl+n"):
                await user.press(key)
                shown = user.text + user.app.export_screenshot() + "\n".join(user.page.plain())
                assert not any(secret[:20] in shown for secret in secrets)
                assert not user.app.clipboard
