"""The wizard as it is installed, through a real pseudo-terminal: what terminals, lines and signals do to it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .driver import NETWORK, WizardDriver
from .terminal import Terminal, clean_environ

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "tui")
FIRST = "^Q leave"


@pytest.fixture
def known(wizard: WizardDriver) -> WizardDriver:
    """A member who has come to the card, and was at its host."""
    return wizard.with_home().known(card={"moniker": "alice", "host": "node.alice.example"}).at("card", "host")


def start(wizard: WizardDriver, *words: str, size: tuple[int, int] = (80, 24), **environ: str) -> Terminal:
    settings = clean_environ(wizard.folder, QUORATE_STATE=str(wizard.root), **environ)
    return Terminal((*COMMAND, *words), settings, size, ROOT)


def go_on(terminal: Terminal, focus: str = "▸ Host") -> None:
    """To the card, as ``known`` left it, and until it has been looked at."""
    terminal.wait_for("<Go on>")
    terminal.press("enter")
    terminal.wait_for(focus)
    terminal.wait_for("✓  2 Keys" if terminal.screen.columns >= 72 else "✓✓")
    terminal.settle(0.5)


def until(told: Callable[[], bool], seconds: float = 20) -> None:
    """Raises AssertionError where it does not become so."""
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end
        time.sleep(0.05)


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    terminal.wait_for("Leave now?")
    terminal.press("enter")
    assert terminal.end() == 0
    assert terminal.is_sane()


# Terminals


@pytest.mark.parametrize(
    "term", ["xterm-256color", "xterm", "screen", "screen-256color", "tmux-256color", "linux", "vt100"]
)
def test_it_is_drawn_and_left_on_every_terminal(wizard: WizardDriver, term: str) -> None:
    with start(wizard, TERM=term) as terminal:
        terminal.wait_for(FIRST)
        assert "(●) Join" in terminal.screen.text or "(*) Join" in terminal.screen.text
        leave(terminal)


@pytest.mark.parametrize("term", ["linux", "vt100"])
def test_consoles_get_ascii(wizard: WizardDriver, term: str) -> None:
    with start(wizard, TERM=term) as terminal:
        terminal.wait_for(FIRST)
        terminal.settle()
        assert terminal.screen.text.isascii()


def test_sixteen_colours_are_only_those(known: WizardDriver) -> None:
    with start(known, TERM="xterm") as terminal:
        terminal.wait_for(FIRST)
        terminal.press("enter")
        assert not [codes for codes in terminal.screen.styles if "38;" in codes or "48;" in codes]


def test_without_colours_focus_and_state_are_seen(known: WizardDriver) -> None:
    with start(known, NO_COLOR="1") as terminal:
        go_on(terminal)
        numbers = {int(one) for codes in terminal.screen.styles for one in codes.split(";") if one}
        assert numbers <= {0, 1, 7}, numbers
        assert any("7" in codes.split(";") for codes in terminal.screen.styles)
        terminal.press("tab")
        assert "▸ P2P port" in terminal.screen.text and "▸ Host" not in terminal.screen.text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
def test_every_size_has_title_worst_finding_and_action(known: WizardDriver, size: tuple[int, int]) -> None:
    known.known(card={"port": "99999"})
    with start(known, size=size) as terminal:
        go_on(terminal, "3/7 Card")
        terminal.wait_for("FIX")
        terminal.settle()
        lines = terminal.screen.lines
        assert "3/7 Card" in lines[0]
        assert any("✗ The port is" in line for line in lines)
        assert "FIX" in lines[-2]
        leave(terminal)


def test_it_may_be_resized_at_any_moment(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        for size in ((120, 40), (60, 20), (30, 5), (200, 60), (80, 24)):
            terminal.resize(*size)
        before = terminal.screen.text
        assert "3/7 Card" in terminal.screen.lines[0] and "node.alice.example" in before
        terminal.press("ctrl+l")
        assert terminal.screen.text == before
        leave(terminal)


# Where it can not be drawn


def piped(wizard: WizardDriver, **environ: str) -> subprocess.CompletedProcess[str]:
    settings = clean_environ(wizard.folder, QUORATE_STATE=str(wizard.root), **environ)
    return subprocess.run(
        COMMAND,
        env=settings,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_without_a_terminal_it_says_what_to_do_instead(wizard: WizardDriver) -> None:
    ended = piped(wizard)
    assert ended.returncode == 2
    assert ended.stdout == "" and "quorate --help" in ended.stderr and "\x1b" not in ended.stderr


def test_redirected_output_is_no_terminal(wizard: WizardDriver) -> None:
    with start(wizard) as _:
        pass
    words = f"{sys.executable} -m tui > {wizard.folder}/out"
    with Terminal(("/bin/sh", "-c", words), clean_environ(wizard.folder), cwd=ROOT) as terminal:
        assert terminal.end() == 2
        assert "needs a terminal" in terminal.screen.text


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TERM": "dumb"}, "TERM is dumb"),
        ({"TERM": ""}, "TERM is not set"),
        ({"LANG": "C", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "LC_ALL=C.UTF-8 quorate"),
        ({"PYTHONIOENCODING": "latin-1"}, "LC_ALL=C.UTF-8 quorate"),
    ],
)
def test_what_a_terminal_lacks_is_told(wizard: WizardDriver, environ: dict[str, str], told: str) -> None:
    with start(wizard, size=(80, 24), **environ) as terminal:
        assert terminal.end() == 2
        assert told in terminal.screen.text
        assert b"\x1b" not in terminal.raw


def test_a_window_that_is_too_small_is_told(wizard: WizardDriver) -> None:
    with start(wizard, size=(59, 19)) as terminal:
        assert terminal.end() == 2
        assert "59x19" in terminal.screen.text and "60x20" in terminal.screen.text


# Lines and signals


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGQUIT, 131)])
def test_a_signal_ends_it_with_its_status_and_a_sane_terminal(
    known: WizardDriver, number: signal.Signals, status: int
) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.press("s", "h")
        terminal.wait_for("examplesh")
        terminal.signal(number)
        assert terminal.end() == status
        assert terminal.is_sane()
    assert known.state.local.answers["card"]["host"] == "node.alice.examplesh"


def test_a_dropped_line_keeps_what_is_typed_and_comes_back_to_the_field(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.press("tab", "1")
        terminal.wait_for("266561")
        terminal.hang_up()
        assert terminal.process.wait(5) == 129
    local = known.state.local
    assert (local.step, local.field, local.answers["card"]["port"]) == ("card", "port", "266561")
    with start(known) as terminal:
        terminal.wait_for("3/7 Card, field port")
        go_on(terminal, "▸ P2P port")
        assert "266561" in terminal.screen.text


def test_the_end_of_input_ends_it_also_where_no_signal_comes(known: WizardDriver) -> None:
    words = f"trap '' HUP; exec {sys.executable} -m tui"
    settings = clean_environ(known.folder, QUORATE_STATE=str(known.root))
    with Terminal(("/bin/sh", "-c", words), settings, cwd=ROOT) as terminal:
        terminal.wait_for("Go on")
        terminal.hang_up()
        assert terminal.process.wait(5) == 129


def test_after_kill_9_it_goes_on_at_the_same_field(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.press("tab")
        until(lambda: known.state.local.field == "port")
        terminal.signal(signal.SIGKILL)
        terminal.process.wait(5)
    with start(known) as terminal:
        terminal.wait_for("field port")
        go_on(terminal, "▸ P2P port")


def test_it_is_stopped_and_goes_on(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.signal(signal.SIGTSTP)
        stat = Path(f"/proc/{terminal.process.pid}/stat")
        until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T")
        terminal.settle()
        assert terminal.is_sane() and "3/7 Card" not in terminal.screen.text
        terminal.signal(signal.SIGCONT)
        terminal.wait_for("node.alice.example")
        terminal.wait_for("3/7 Card")
        assert "1049" in terminal.screen.modes
        terminal.press("x")
        terminal.wait_for("node.alice.examplex")
        leave(terminal)


def test_a_stray_sigcont_does_no_harm(known: WizardDriver) -> None:
    with start(known) as terminal:
        terminal.wait_for("Go on")
        terminal.signal(signal.SIGCONT)
        terminal.settle(0.5)
        go_on(terminal)
        leave(terminal)


def test_bytes_that_are_no_utf_8_are_shown_as_such(known: WizardDriver) -> None:
    with start(known) as terminal:
        go_on(terminal)
        terminal.send(b"\xff\xe9 x")
        terminal.wait_for("node.alice.example\N{REPLACEMENT CHARACTER}")
        leave(terminal)


def test_nothing_is_written_while_nobody_does_anything(known: WizardDriver) -> None:
    with start(known) as terminal:
        terminal.wait_for("Go on")
        terminal.settle(3.0)
        assert terminal.settle(1.5) == 0


# Two of them, and faults


def test_a_second_wizard_is_told_who_holds_the_state(known: WizardDriver) -> None:
    with start(known) as first:
        first.wait_for("Go on")
        with start(known) as second:
            second.wait_for("Another wizard works on this network.")
            second.wait_for(f"process {first.process.pid} on")
            leave(first)
            second.press("enter")
            second.wait_for("Go on")


def test_commands_go_on_working_beside_a_wizard(known: WizardDriver) -> None:
    with start(known) as terminal:
        terminal.wait_for("Go on")
        settings = clean_environ(known.folder, QUORATE_STATE=str(known.root))
        words = (*COMMAND, "home", "--network", NETWORK, "--role", "coordinator", "--home", str(known.home))
        ended = subprocess.run(words, env=settings, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
        assert "state-locked" not in ended.stderr, ended.stderr
    assert known.state.local.role == "coordinator"


CANARY = "canary-Zm9vYmFyYmF6cXV4"
FAULT = f"""
import sys
from tui.screens.keys.page import KeysPage
def show(self, facts, answers):
    secret = "{CANARY}"
    raise ValueError("it quotes " + secret)
KeysPage.show = show
from tui.__main__ import main
sys.exit(main([]))
"""


def test_a_fault_leaves_one_line_and_a_log_and_no_values(known: WizardDriver) -> None:
    known.at("keys")
    settings = clean_environ(known.folder, QUORATE_STATE=str(known.root))
    with Terminal((sys.executable, "-c", FAULT), settings, cwd=ROOT) as terminal:
        terminal.wait_for("Go on")
        terminal.press("enter")
        assert terminal.end(30) == 1
        assert terminal.is_sane()
        assert CANARY.encode() not in terminal.raw
        assert "ValueError at" in terminal.screen.text and "Traceback" not in terminal.screen.text
    (log,) = known.root.glob("crash-*.log")
    assert log.stat().st_mode & 0o777 == 0o600
    assert "in show" in log.read_text() and CANARY not in log.read_text()


def test_foreign_text_reaches_the_terminal_only_made_visible(known: WizardDriver) -> None:
    evil = "\x1b]0;PWNED\x07\u202e[bold red]x[/][@click=app.bell]y[/]\x9b2J\x00"
    known.known(card={"moniker": evil})
    with start(known) as terminal:
        terminal.wait_for("Go on")
        terminal.press("enter")
        terminal.wait_for("3/7 Card")
        terminal.wait_for("FIX")
        terminal.press("ctrl+t")
        terminal.wait_for("3/7 Card as text")
        terminal.settle()
        raw = terminal.raw.decode("utf-8", "replace")
    assert "\x1b]" not in raw and "\u202e" not in raw and "\x9b" not in raw and "\x00" not in raw
    # Everything that begins with ESC is one of ours: a jump, a colour, a mode.
    assert re.sub(r"\x1b(\[[<>=?]?[0-9;]*\$?[A-Za-z]|\(B)", "", raw).count("\x1b") == 0


def test_leaving_is_quick_while_work_runs(known: WizardDriver) -> None:
    with start(known) as terminal:
        terminal.wait_for("Go on")
        terminal.press("ctrl+q", quiet=0.1)
        terminal.wait_for("Leave now?")
        begun = time.perf_counter()
        terminal.send(b"\r")
        assert terminal.end() == 0
        assert time.perf_counter() - begun < 2, "much more than half a second, on a machine that does other things too"


AT_FIRST_PAINT = """
import sys
from tui.app import Wizard
def stop(self):
    names = sorted(sys.modules)
    self.exit()
    self._exit_renderables.append("loaded: " + " ".join(name for name in names if name.split(".")[0] in HEAVY) + ".")
HEAVY = ("pydantic", "pydantic_core", "nacl", "tomlkit", "mnemonic", "dns", "cryptography", "argparse")
Wizard._after_first_paint = stop
from tui.__main__ import main
sys.exit(main([]))
"""


def test_the_first_screen_is_drawn_before_anything_heavy_is_loaded(known: WizardDriver) -> None:
    settings = clean_environ(known.folder, QUORATE_STATE=str(known.root))
    with Terminal((sys.executable, "-c", AT_FIRST_PAINT), settings, cwd=ROOT) as terminal:
        assert terminal.end() == 0
        assert "loaded: ." in terminal.screen.text, terminal.screen.text
