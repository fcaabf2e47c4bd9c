"""With a terminal, apply shows what it would do and asks; only yes is yes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.core.cli.program import SECONDS, Operator, operator, snapshot

_QUESTION = b"[y/N]"


def _at_terminal(one: Operator, *words: str, answer: bytes = b"", columns: int = 80) -> tuple[int, bytes]:
    """The exit code, and all that stood on the screen; ``answer`` is typed when the question stands there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "core", *words],
        cwd=one.folder,
        env=one.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as ran:
        os.close(theirs)
        seen, asked = b"", False
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if _QUESTION in seen and not asked:
                os.write(ours, answer)
                asked = True
            if not select.select([ours], [], [], 0.2)[0]:
                if ran.poll() is not None:
                    break
                continue
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        code = ran.wait(SECONDS)
    os.close(ours)
    return code, seen


@pytest.fixture
def ready(tmp_path: Path) -> Operator:
    """A member whose keys are to be made."""
    one = operator(tmp_path)
    ran = one.json("home", "--network", "n", "--role", "member", "--home", one.home)
    assert ran.code == 0, ran.text
    return one


@pytest.mark.parametrize("answer", [b"y\n", b"YES\n"])
def test_yes_applies_what_was_shown(ready: Operator, answer: bytes) -> None:
    code, seen = _at_terminal(ready, "apply", "keys", answer=answer)
    assert code == 0, seen
    shown = seen.index(b"priv_validator_key.json")
    assert shown < seen.index(_QUESTION) < seen.index(b"Receipt")
    assert (ready.home / "config" / "node_key.json").exists()


# 0x04 is ctrl-D at the beginning of a line: the end of the input.
@pytest.mark.parametrize("answer", [b"n\n", b"\n", b"yess\n", b"j\n", b"\x04", b"\xff\xfe\n"])
def test_anything_else_writes_nothing(ready: Operator, answer: bytes) -> None:
    before = snapshot(ready.folder)
    code, seen = _at_terminal(ready, "apply", "keys", answer=answer)
    assert code == 1 and b"apply-declined" in seen, seen
    assert b"Traceback" not in seen
    assert snapshot(ready.folder) == before


def test_nothing_is_said_twice_and_the_warnings_stand_before_the_question(ready: Operator) -> None:
    assert ready.apply("keys").code == 0
    code, seen = _at_terminal(ready, "apply", "card", "--set", "moniker=a", "--set", "host=10.0.0.1", answer=b"y\n")
    assert code == 0, seen
    lines = [line.strip() for line in seen.decode().splitlines() if len(line.strip()) > 3]
    assert sorted(lines) == sorted(set(lines))
    assert b"reading" not in seen, "what is over at once is not told"
    assert seen.index(b"address-private") < seen.index(_QUESTION) < seen.index(b"Done. Receipt")


@pytest.mark.parametrize(("columns", "widest"), [(60, 60), (20, 40), (200, 100), (0, 100)])
def test_findings_are_as_wide_as_the_terminal(ready: Operator, columns: int, widest: int) -> None:
    _, seen = _at_terminal(ready, "apply", "card", "--set", "moniker=a", "--set", "host=127.0.0.1", columns=columns)
    told = [line for line in seen.decode().splitlines() if line.startswith("      ")]
    longest = max(map(len, told))
    assert widest - 20 < longest <= widest, told


def test_ctrl_c_at_the_question_writes_nothing(ready: Operator) -> None:
    before = snapshot(ready.folder)
    ours_words = ("apply", "keys")
    code, seen = _interrupt_at_question(ready, *ours_words)
    assert code == 130, seen
    assert b"Traceback" not in seen and b"interrupted" in seen
    assert snapshot(ready.folder) == before


def _interrupt_at_question(one: Operator, *words: str) -> tuple[int, bytes]:
    import signal

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "core", *words],
        cwd=one.folder,
        env=one.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as ran:
        os.close(theirs)
        seen = b""
        while _QUESTION not in seen:
            assert select.select([ours], [], [], SECONDS)[0], seen
            seen += os.read(ours, 1 << 16)
        time.sleep(0.3)
        ran.send_signal(signal.SIGINT)
        code = ran.wait(SECONDS)
        while select.select([ours], [], [], 0.2)[0]:
            try:
                seen += os.read(ours, 1 << 16)
            except OSError:
                break
    os.close(ours)
    return code, seen


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"\n", 1), (b"n\n", 1)])
def test_undo_shows_its_diff_and_asks(ready: Operator, answer: bytes, code: int) -> None:
    config = ready.home / "config" / "config.toml"
    assert ready.apply("keys").code == 0
    assert ready.apply("config", "--set", "moniker=one").code == 0
    ended, seen = _at_terminal(ready, "undo", answer=answer, columns=300)
    assert (ended, config.exists()) == (code, bool(code)), seen
    for line in (f"remove {config}: the run of", 'moniker = "one"', "Digest: ", "Then: If a node runs on it, restart"):
        assert line.encode() in seen and seen.index(line.encode()) < seen.index(_QUESTION), line
    assert seen.count(b"remove ") == 1 and b"Undo it? [y/N]" in seen
    assert (b"apply-declined" in seen, b"Done. Receipt" in seen) == (bool(code), not code)


def test_json_is_never_asked_about(ready: Operator) -> None:
    code, seen = _at_terminal(ready, "apply", "keys", "--json", answer=b"y\n")
    assert code == 1
    assert b"apply-needs-digest" in seen and _QUESTION not in seen
