"""Fixtures of the wizard's tests: a driver, and pictures of screens as text and SVG that can be compared."""

from __future__ import annotations

import difflib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .driver import User, WizardDriver

SNAPSHOTS = Path(__file__).parent / "snapshots"
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
"""Pictures of every screen in its usual size and colours; those of other sizes and modes stay with the tests."""

COLOURS = frozenset(
    {
        "first",
        "home",
        "keys-fix",
        "keys-fix-ansi",
        "keys-fix-ascii",
        "keys-fix-no-colour",
        "card-fix",
        "peers",
        "peers-card",
        "network",
        "preview",
        "receipt",
        "board",
        "config-fix",
        "explain",
    }
)
"""Of these the colours and styles are compared too. Of all others the text: what draws them is the same."""

_VARIANT = re.compile(r"-(\d+x\d+|ansi|ascii|no-colou?r)$")

_REMOTE_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_TERMINAL = re.compile(r"\bterminal-\d+-([\w-]+)")
_LEADING = re.compile(r'x="([\d.]+)"( y="[\d.]+") textLength="([\d.]+)"([^>]*)>((?:&#160;)+)(?!&#160;)(?=[^<])')
_SAVED = re.compile(r"Saved( |&#160;)\w{3}(?: |&#160;)\d\d(?: |&#160;)\w{3}(?: |&#160;)\d\d:\d\d")
_PLAN = re.compile(r"plan( |&#160;)[0-9a-f]{4}-[0-9a-f]{4}")
_CELL = 12.2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--snap-update", action="store_true", help="take what is drawn now for right")


@pytest.fixture(autouse=True)
def _a_terminal_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in tuple(os.environ):
        if name in ("NO_COLOR", "COLORTERM") or name.startswith("TEXTUAL"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _the_first_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which word is hidden is left to chance, and would differ from picture to picture."""
    monkeypatch.setattr("core.documents.words.choice", lambda places: places[0])


@pytest.fixture
def wizard() -> Iterator[WizardDriver]:
    # Not pytest's own folder: its length differs, and so would the line breaks of every path on the screen.
    folder = Path(tempfile.mkdtemp(prefix="q-", dir="/tmp"))
    try:
        yield WizardDriver(folder)
    finally:
        shutil.rmtree(folder)


class Snapshots:
    """``snap(user, "name")`` compares with what was drawn before; ``--snap-update`` takes it for right."""

    def __init__(self, update: bool, folder: Path) -> None:
        self._update = update
        self._folder = folder

    def __call__(self, user: User, name: str) -> None:
        text = self._masked(user.text)
        stem = SNAPSHOTS / name
        known = stem.with_suffix(".txt")
        is_variant = _VARIANT.search(name) is not None
        drawn = (SNAPSHOTS if is_variant else SCREENSHOTS) / f"{name}.svg"
        if self._update:
            SNAPSHOTS.mkdir(exist_ok=True)
            known.write_text(text, encoding="utf-8")
            if name in COLOURS or not is_variant:
                drawn.write_text(self._masked(picture(user, name)), encoding="utf-8")
            return
        if not known.exists():
            pytest.fail(f"there is no snapshot {name}; look at it, then run with --snap-update\n{text}")
        _compare(name, known.read_text(encoding="utf-8"), text)
        if name not in COLOURS:
            return
        svg = self._masked(picture(user, name))
        if drawn.read_text(encoding="utf-8") != svg:
            actual = SNAPSHOTS / f"{name}.actual.svg"
            actual.write_text(svg, encoding="utf-8")
            pytest.fail(f"{name}: the text is the same, colours or styles differ: {actual}")

    def _masked(self, text: str) -> str:
        """What is another one in each run, by something as long."""
        name = self._folder.name
        text = text.replace(name, "q-" + "alice-home"[: len(name) - 2].ljust(len(name) - 2, "-"))
        text = re.sub(r"Receipt(.|&#160;)[0-9a-f]{16}", r"Receipt\g<1>0123456789abcdef", text)
        text = _PLAN.sub(r"plan\g<1>0123-4567", text)
        return _SAVED.sub(r"Saved\1Sat\g<1>21\1Nov\g<1>12:00", text)


def _compare(name: str, before: str, now: str) -> None:
    if before != now:
        lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "before", "now", lineterm="")
        pytest.fail(f"the screen {name} differs\n" + "\n".join(lines))


def picture(user: User, name: str) -> str:
    """The screen as an SVG that needs nothing from anywhere, and looks the same in all viewers."""
    svg = user.app.export_screenshot(title=f"quorate: {name}", simplify=True)
    svg = _COMMENT.sub("", _REMOTE_FONT.sub("", svg)).replace("Fira Code", "DejaVu Sans Mono")
    # 12.2 wide in that font, as the grid is.
    svg = svg.replace("font-size: 20px", "font-size: 20.26px")
    return _LEADING.sub(_shifted, _TERMINAL.sub(r"terminal-\1", svg))


def _shifted(found: re.Match[str]) -> str:
    """Some viewers drop the leading blanks of a text: say where it starts instead."""
    blank = _CELL * found[5].count(";")
    return f'x="{float(found[1]) + blank:.1f}"{found[2]} textLength="{float(found[3]) - blank:.1f}"{found[4]}>'


@pytest.fixture
def snap(request: pytest.FixtureRequest, wizard: WizardDriver) -> Snapshots:
    return Snapshots(bool(request.config.getoption("--snap-update")), wizard.folder)
