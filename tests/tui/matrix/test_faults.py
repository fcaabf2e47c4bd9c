"""A fault of ours: one line, a log for its owner alone, no values in either, and a true status."""

from __future__ import annotations

import re

import pytest

from .console import Machine

CANARY = "canary-Zm9vYmFyYmF6cXV4"
_WHERE = {
    "while a page draws": """
from tui.screens.keys.page import KeysPage
def show(self, facts, answers):
    secret = CANARY
    raise ValueError("it quotes " + secret)
KeysPage.show = show
""",
    "in a handler of a key": """
from tui.frame import Frame
async def action_next(self):
    secret = CANARY
    try:
        raise KeyError(secret)
    except KeyError as problem:
        raise RuntimeError(secret) from problem
Frame.action_next = action_next
""",
    "in work behind the screen": """
from tui.screens.step.page import StepPage
async def _look(self):
    secret = CANARY
    raise OSError(5, secret, secret)
StepPage._look = _look
""",
    "in the thread that reads keys": """
from tui.reader import Reader
def _is_pasted(self, text):
    secret = CANARY
    raise ValueError(secret)
Reader._is_pasted = _is_pasted
""",
    "while the screen is painted": """
from tui.paint import Painter
paint = Painter.paint
def broken(self, *words):
    secret = CANARY
    if len(self._shown) and self.__dict__.setdefault("count", 0) > 2:
        raise IndexError(secret)
    self.count += 1
    return paint(self, *words)
Painter.paint = broken
""",
    "before the first screen": """
from tui.frame import Frame
def compose(self):
    secret = CANARY
    raise ValueError(secret)
    yield
Frame.compose = compose
""",
}


@pytest.mark.parametrize("where", _WHERE)
def test_a_fault_leaves_one_line_and_a_log_without_values(member: Machine, where: str) -> None:
    member.user.at("keys")
    with member.script(f"CANARY = {CANARY!r}\n{_WHERE[where]}") as console:
        for key in ("enter", "ctrl+n", "f1"):
            if console.process.poll() is None:
                console.calm(0.4)
                if console.process.poll() is None:
                    console.key(key)
        console.ends(1)
        raw = console.raw.decode("utf-8", "replace")
    after = raw.rpartition("\x1b[?1004l")[2].strip()
    lines = after.splitlines()
    assert "a fault of quorate itself" in lines[0] and len(lines) <= 2, after
    assert CANARY not in raw and "Traceback" not in raw and "secret" not in raw
    (log,) = member.user.root.glob("crash-*.log")
    assert str(log) in re.sub(r"\s", "", after) or log.name in after
    assert log.stat().st_mode & 0o777 == 0o600
    told = log.read_text()
    assert CANARY not in told and " in " in told, told


def test_what_a_fault_leaves_can_be_gone_on_from(member: Machine) -> None:
    breaks = f"CANARY = {CANARY!r}\n{_WHERE['in a handler of a key']}"
    with member.script(breaks) as console:
        console.sees("Go on").key("enter").sees("26656").key("end", "s", "h").sees("node.alice.examplesh")
        console.key("ctrl+n")
        console.ends(1)
    with member.start() as console:
        console.go_on().sees("node.alice.examplesh").leaves()
