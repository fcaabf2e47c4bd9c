"""A node home and a state in a folder, and what can be seen of them: the ground on which plans are tried."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import core.adapters
from core.changes import MoveAside, WriteFile
from core.finding import Finding, Refusal
from core.plan import Plan
from core.real_place import with_real_places
from core.state import State
from core.world import World

NETWORK = "example-net"


@dataclass(frozen=True)
class Ground:
    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def journal(self) -> Path:
        return self.root / "state" / NETWORK / "journal"

    def world(self) -> World:
        """A fresh one, as a new process has it."""
        return core.adapters.real_world(dict(os.environ)).at(State.open(self.root / "state", NETWORK))

    def put(self, name: str, content: bytes, mode: int = 0o644) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def seen(self) -> dict[str, tuple[str, int, bytes]]:
        """Everything below the home: kind, mode, content."""
        return seen(self.home)

    def shown(self, plan: Plan) -> Plan:
        """The plan as it is shown: with the real place of each change."""
        return with_real_places(plan, self.world().files)

    def temps(self) -> list[Path]:
        return sorted(self.root.rglob("*.tmp"))


def seen(folder: Path) -> dict[str, tuple[str, int, bytes]]:
    return {str(path.relative_to(folder)): _what(path) for path in sorted(folder.rglob("*"))}


def make_ground(root: Path) -> Ground:
    ground = Ground(root)
    (root / "home").mkdir(parents=True, mode=0o755)
    return ground


def _what(path: Path) -> tuple[str, int, bytes]:
    found = path.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        return "link", 0, os.readlink(path).encode()
    return ("folder", mode, b"") if path.is_dir() else ("file", mode, path.read_bytes())


def codes(findings: tuple[Finding, ...] | Refusal) -> list[str]:
    return [finding.code for finding in (findings.findings if isinstance(findings, Refusal) else findings)]


def a_home(ground: Ground) -> None:
    """What :func:`five_changes` is made for."""
    ground.put("config/config.toml", b"old config\n" * 500, 0o640)
    ground.put("config/genesis.json", b"old genesis\n" * 500, 0o600)
    ground.put("data/state.json", b"old state\n", 0o600)
    ground.put("data/blocks.db/LOCK", b"")


def five_changes(ground: Ground) -> Plan:
    """Two files replaced, a folder set aside and made anew with a file in it, one file in a new folder."""
    home = ground.home
    return Plan(
        "genesis",
        (
            MoveAside(home / "data", home / "data.aside", "it has run", only_stopped=True),
            WriteFile(home / "config/config.toml", b"old config\n" * 500, b"new config\n" * 700, "to edit"),
            WriteFile(home / "config/genesis.json", b"old genesis\n" * 500, b"new genesis\n" * 300, "to install"),
            WriteFile(home / "data/state.json", None, b"new state\n", "a fresh sign state", 0o600),
            WriteFile(home / "extra/deep/nginx.conf", None, b"new nginx\n", "to make"),
        ),
    )
