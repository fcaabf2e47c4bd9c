"""Runs the real program on hostile input, and holds it to what it promised: tame output, an exit code, a bound."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.core.cli.program import SECONDS, Operator, Ran, Word, snapshot
from tests.hostile.texts import offending

_PROCESSOR_SECONDS = 20
"""Of one call. Processor time: on a busy machine the clock on the wall says nothing about the program.

Where two processors are one core, each counts twice as much while both are busy.
"""

_MEMORY = 2 << 30
"""Bytes of address space of one call."""


def run(one: Operator, *words: Word, stdin: bytes = b"", **more: str) -> Ran:
    """Run the program, bounded, and judge its output."""
    ran = _run(one, *words, stdin=stdin, **more)
    judge(ran)
    return ran


def run_json(one: Operator, *words: Word, stdin: bytes = b"", **more: str) -> Ran:
    return run(one, *words, "--json", stdin=stdin, **more)


def both(one: Operator, *words: Word, stdin: bytes = b"", **more: str) -> tuple[Ran, Ran]:
    """For people and as JSON, at the same time; the exit codes are equal."""
    with ThreadPoolExecutor(2) as two:
        human, machine = two.map(lambda tail: _run(one, *words, *tail, stdin=stdin, **more), ((), ("--json",)))
    judge(human)
    judge(machine)
    assert human.code == machine.code, (human.talk, machine.text[-2000:])
    return human, machine


def all_of(calls: Iterable[Sequence[Word]], one: Operator) -> list[Ran]:
    """Several calls, two at a time; every second one as JSON."""
    with ThreadPoolExecutor(2) as two:
        numbered = enumerate(calls)
        done = list(two.map(lambda at: _run(one, *at[1], *(("--json",) if at[0] % 2 else ())), numbered))
    for ran in done:
        judge(ran)
    return done


def untouched(one: Operator, *words: Word, stdin: bytes = b"") -> tuple[Ran, Ran]:
    """As ``both``, and nothing below the operator's folder is another than before."""
    before = snapshot(one.folder)
    ran = both(one, *words, stdin=stdin)
    assert snapshot(one.folder) == before
    return ran


def judge(ran: Ran) -> None:
    told = (ran.words, ran.code, ran.out[-3000:], ran.err[-3000:])
    assert ran.code in (0, 1, 2, 3), told
    for output in (ran.out, ran.err):
        assert not offending(output), (ran.words, offending(output))
        assert b"Traceback" not in output, told
        assert b"quorate failed" not in output and b'"internal"' not in output, told
        assert len(output) < 8_000_000, (ran.words, len(output))
    if "--json" in ran.words and ran.code != 2:
        assert ran.out.isascii()
        _one_object(ran.out)


def _one_object(out: bytes) -> None:
    value = json.loads(out)
    assert isinstance(value, dict) and isinstance(value["findings"], list)


def _run(one: Operator, *words: Word, stdin: bytes = b"", **more: str) -> Ran:
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "core", *words],
        input=stdin,
        cwd=one.folder,
        env=one.environment(**more),
        capture_output=True,
        timeout=SECONDS,
        preexec_fn=_bound,
        check=False,
    )
    return Ran(tuple(words), ended.returncode, ended.stdout, ended.stderr, time.monotonic() - begun)


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def put(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    path.chmod(0o600)
    return path
