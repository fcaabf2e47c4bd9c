"""The real program, run as a subprocess: one operator's words, streams, state and home."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.source import ROOT

SECONDS = 120
"""The most that one call may take on a busy machine, before it counts as hanging."""

Word = str | bytes | Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What one call of the program has done."""

    words: tuple[Word, ...]
    code: int
    out: bytes
    err: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def talk(self) -> str:
        return self.err.decode()

    @property
    def json(self) -> dict[str, Any]:
        """The object on stdout; an error where anything else stands there too."""
        value = json.loads(self.out)
        assert isinstance(value, dict), value
        return value

    @property
    def findings(self) -> list[dict[str, str]]:
        return list(self.json["findings"])

    @property
    def codes(self) -> set[str]:
        return {finding["code"] for finding in self.findings}

    @property
    def next(self) -> str:
        """The one next action that a person sees."""
        lines = [line for line in self.talk.splitlines() if line.startswith("Next: ")]
        assert len(lines) <= 1, self.talk
        return lines[0].removeprefix("Next: ") if lines else ""


@dataclass(frozen=True)
class Operator:
    """Somebody with a folder of their own: ``state`` and ``node`` lie in it."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def home(self) -> Path:
        return self.folder / "node"

    def run(self, *words: Word, stdin: bytes | None = b"", **more: str) -> Ran:
        """Run ``quorate WORDS``; ``more`` are environment variables. ``stdin`` None: closed."""
        argv = [sys.executable, "-m", "core", *words]
        begun = time.monotonic()
        ended = subprocess.run(
            argv,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            cwd=self.folder,
            env=self.environment(**more),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Ran(tuple(words), ended.returncode, ended.stdout, ended.stderr, time.monotonic() - begun)

    def json(self, *words: Word, stdin: bytes | None = b"", **more: str) -> Ran:
        return self.run(*words, "--json", stdin=stdin, **more)

    def type(self, line: str, stdin: bytes = b"") -> Ran:
        """Run a line as it is typed in a shell: ``quorate plan card --set moniker=alice``."""
        first, *words = shlex.split(line)
        assert first == "quorate", line
        return self.run(*words, stdin=stdin)

    def digest(self, *words: Word) -> str:
        ran = self.json(*words)
        assert ran.code == 0, (ran.text, ran.talk)
        return str(ran.json["digest"])

    def apply(self, step: str, *words: Word) -> Ran:
        """Plan a step and apply it by its digest."""
        return self.json("apply", step, *words, "--digest", self.digest("plan", step, *words))

    def keys_new(self, home: Word, *words: Word) -> Ran:
        """Look at the keys that would be made, and approve them by their digest."""
        shown = self.json("keys", "new", "--home", home, *words)
        return self.json("keys", "new", "--home", home, *words, "--digest", str(shown.json["digest"]))

    def uses(self, home: Word) -> Ran:
        """Another home than the one in use, approved by the digest of its plan."""
        return self.json("home", "--home", home, "--digest", str(self.json("home", "--home", home).json["digest"]))

    def undo(self, *words: Word) -> Ran:
        """Look at the end of an earlier run, and approve it by its digest."""
        return self.json("undo", *words, "--digest", self.digest("undo", *words, "--plan"))

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "QUORATE_STATE": str(self.state),
            **self.environ,
            **more,
        }


def operator(folder: Path) -> Operator:
    folder.mkdir(parents=True, exist_ok=True)
    return Operator(folder)


def snapshot(*folders: Path) -> dict[str, tuple[int, bytes]]:
    """Every name below the folders, with mode and content: what a check may not change."""
    found: dict[str, tuple[int, bytes]] = {}
    for folder in folders:
        for path in sorted([folder, *folder.rglob("*")]) if folder.exists() else []:
            mode = path.lstat().st_mode
            found[os.fsdecode(path)] = (mode, path.read_bytes() if path.is_file() and not path.is_symlink() else b"")
    return found


def codes(findings: Sequence[Mapping[str, str]]) -> set[str]:
    return {finding["code"] for finding in findings}
