"""Streams that are closed, full or left, and being stopped: told in a sentence, and never by a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.core.cli.program import SECONDS, Operator, snapshot

LINES = ("--help", "--version", "bogus", "status", "status --json", "genesis check {genesis}", "card", "undo --list")


def _words(practice: Operator, line: str) -> list[str]:
    return line.format(genesis=practice.home / "config" / "genesis.json").split()


def _through_shell(one: Operator, line: str, streams: str) -> subprocess.CompletedProcess[bytes]:
    """The program with its streams as a shell redirects them."""
    program = f'"{sys.executable}" -m core {" ".join(_words(one, line))} {streams}'
    return subprocess.run(
        ["sh", "-c", program],
        cwd=one.folder,
        env=one.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )


def _quiet(text: bytes) -> bool:
    return b"Traceback" not in text and b"Exception ignored" not in text and b"quorate failed" not in text


@pytest.mark.parametrize("line", LINES)
def test_data_that_a_full_disk_refuses_is_an_error(practice: Operator, line: str) -> None:
    ran = _through_shell(practice, line, ">/dev/full")
    assert _quiet(ran.stderr), ran.stderr
    has_data = line not in ("bogus",)
    assert ran.returncode == (1 if has_data else 2)
    assert (b"No space left" in ran.stderr) == has_data


@pytest.mark.parametrize("line", LINES)
def test_data_for_a_closed_stdout_is_an_error(practice: Operator, line: str) -> None:
    ran = _through_shell(practice, line, ">&-")
    assert _quiet(ran.stderr), ran.stderr
    assert ran.returncode == (2 if line == "bogus" else 1)


@pytest.mark.parametrize("line", ["--help", "card", "status --json", "genesis check {genesis}"])
def test_a_reader_that_goes_away_is_no_error(practice: Operator, line: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        [sys.executable, "-m", "core", *_words(practice, line)],
        cwd=practice.folder,
        env=practice.environment(),
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
    ) as ran:
        os.close(writer)
        talk = ran.communicate(timeout=SECONDS)[1]
    assert _quiet(talk) and b"output-lost" not in talk
    assert ran.returncode == 0


@pytest.mark.parametrize("streams", ["2>/dev/full", "2>&-", "<&-", "<&- 2>&-"])
@pytest.mark.parametrize("line", ["status", "card --json"])
def test_talk_that_nobody_can_hear_changes_nothing(practice: Operator, line: str, streams: str) -> None:
    ran = _through_shell(practice, line, streams)
    assert ran.returncode == 0
    assert ran.stdout and _quiet(ran.stderr)


def test_with_all_streams_closed_no_file_takes_their_numbers(practice: Operator) -> None:
    before = snapshot(practice.home, practice.state)
    ran = _through_shell(practice, "status", "<&- >&- 2>&-")
    assert ran.returncode == 1
    after = snapshot(practice.home, practice.state)
    assert {name: kept for name, kept in after.items() if kept[1]} == {
        name: kept for name, kept in before.items() if kept[1]
    }


@pytest.mark.parametrize("words", [["import", "-"], ["import", "--check", "-"], ["import", "--check", "-", "--json"]])
def test_import_from_a_closed_stdin_finds_nothing(alone: Operator, words: list[str]) -> None:
    ran = _through_shell(alone, " ".join(words), "<&-")
    assert ran.returncode == 1
    assert _quiet(ran.stderr)


@pytest.mark.parametrize("line", ["status", "apply card", "apply config", "home", "demo --until home --members 1"])
def test_nothing_waits_for_an_answer_without_a_terminal(alone: Operator, line: str) -> None:
    """The pipe stays open and silent: whoever asks would wait for ever."""
    reader, writer = os.pipe()
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "core", *line.split()],
            cwd=alone.folder,
            env=alone.environment(),
            stdin=reader,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert ran.returncode in (0, 1)
    assert b"[y/N]" not in ran.stderr


# Being stopped


def _start(one: Operator, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "core", *words],
        cwd=one.folder,
        env=one.environment(),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [b"1/7", b"3/7", b"6/7"])
def test_a_demo_that_is_stopped_says_no_more_than_that(alone: Operator, number: signal.Signals, after: bytes) -> None:
    with _start(alone, "demo", "--dir", "net", "--members", "6", "--until", "config") as ran:
        assert ran.stderr is not None
        seen = b""
        while after not in seen and (line := ran.stderr.readline()):
            seen += line
        ran.send_signal(number)
        talk = ran.communicate(timeout=SECONDS)[1]
    assert _quiet(seen + talk), talk
    assert ran.returncode in ((130,) if number == signal.SIGINT else (130, -signal.SIGTERM))


def test_ctrl_c_ends_a_wait_for_input_at_once(alone: Operator) -> None:
    with _start(alone, "import", "--check", "-", "--json", stdin=subprocess.PIPE) as ran:
        time.sleep(2)
        ran.send_signal(signal.SIGINT)
        assert ran.stdout is not None and ran.stderr is not None
        out, talk = ran.stdout.read(), ran.stderr.read()
        assert ran.wait(SECONDS) == 130
    assert _quiet(talk)
    assert out.startswith(b"{") and b'"interrupted"' in out


def test_ctrl_c_while_it_begins_shows_no_traceback(alone: Operator) -> None:
    for wait in (0.02, 0.06, 0.1, 0.15, 0.2, 0.3):
        with _start(alone, "status") as ran:
            # Before the first line of ours is read, Python itself answers, and says what it likes.
            time.sleep(wait)
            ran.send_signal(signal.SIGINT)
            talk = ran.communicate(timeout=SECONDS)[1]
        ours = b"core/" in talk or b"quorate" in talk
        assert _quiet(talk) or not ours, talk


def test_a_folder_that_is_gone_is_told(alone: Operator) -> None:
    gone = alone.folder / "gone"
    gone.mkdir()
    for words in ("status --state here", "keys show --home here", "genesis check here"):
        ran = subprocess.run(
            ["sh", "-c", f'rmdir "{gone}"; "{sys.executable}" -m core {words}; code=$?; mkdir "{gone}"; exit $code'],
            cwd=gone,
            env=alone.environment(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        gone = Path(gone)
        assert ran.returncode == 1, words
        assert _quiet(ran.stderr), ran.stderr
