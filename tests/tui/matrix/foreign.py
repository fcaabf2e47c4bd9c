"""The worst texts that can come from outside, a walk through all pages, and what no terminal may be sent (P4)."""

from __future__ import annotations

import re
import signal
import unicodedata

import pytest

from .console import Console

MARKUP = "[bold red]x[/] [/nope] [@click=app.quit]y[/] [$ink"
"""As far as the models let it through: printable ASCII."""
ESCAPES = "\x1b]52;c;UFdORUQ=\x07\x1b]0;PWNED\x1b\\\x1b[2J\x1b[31m\x9b31m\x9d0;x\x9c\x1bP1$r\x1b\\\x1bc\x08\x7f\r\x00"
HIDDEN = "\u202eevil\u2066\u2069\u200b\u200f\ufeff\u00ad\u2028\U000e0041\ud800"
EVIL = f"E{MARKUP}{ESCAPES}{HIDDEN}"
NAME = EVIL.replace("/", "|").replace("\0", "").replace("\ud800", "")
"""As a file may be called."""

_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;]*[mHJ]|\[[?][0-9;]+(?:[hl]|\$p)|\[<u)")


def foreign(raw: bytes) -> set[str]:
    """What no terminal should have been sent."""
    text = raw.decode("utf-8", "surrogateescape")
    rest = _SEQUENCE.sub("", text).replace("\r\n", "")
    found = {f"{char!r} in {rest[max(0, at - 20) : at + 20]!r}" for at, char in enumerate(rest) if is_bad(char)}
    titles = {one for one in ("PWNED\x07", "\x1b]52", "\x1b]0", "\x1b]8") if one in text}
    return found | titles


def is_bad(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def walk(console: Console) -> None:
    """Through every step, each of its fields, and what opens from them. ``^P`` closes a page, quicker than Esc."""
    for number in range(1, 8):
        console.to_step(number).calm(0.1)
        for _ in range(6):
            console.key("f1", "ctrl+p", "tab")
            if not console.focus:
                break
        for key in ("ctrl+t", "ctrl+n"):
            console.key(key).calm(0.1)
            console.key("pagedown", "f1", "pagedown", "escape", "escape")
        # Rows of lists, and what they open.
        for _ in range(2):
            console.key("tab", "enter").calm(0.1)
            console.key("pagedown", "escape")
        is_well(console)


def is_well(console: Console) -> None:
    if console.process.poll() is not None:
        logs = [log.read_text() for log in console.folder.rglob("crash-*.log")]
        pytest.fail(f"it has ended:\n{console.screen.text}\n" + "\n".join(logs))


def check(console: Console) -> None:
    is_well(console)
    console.calm()
    console.signal(signal.SIGTERM)
    assert console.end(20) == 143
    assert foreign(bytes(console.raw)) == set()
