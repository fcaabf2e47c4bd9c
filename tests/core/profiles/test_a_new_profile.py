"""A generation of node software that quorate does not know yet is one file and its name: here one that is invented."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.profiles import NAMES
from tests.source import ROOT

NAME = "cometbft-9.9"
FILE = """
from dataclasses import replace

from .cometbft_1_0 import PROFILE as BASE
from .profile import with_keys

PROFILE = replace(
    BASE,
    name="cometbft-9.9",
    title="CometBFT 9.9, which is invented",
    program_versions=("9.9.",),
    config_version="9.9.",
    config=with_keys(BASE.config, {"p2p": {"warp_factor": 9}, "grpc.privileged": None}),
)
"""
NODE = """#!/bin/sh
[ "$1" = version ] && echo 9.9.1
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with that one file and its name more."""
    folder = tmp_path_factory.mktemp("extended")
    for part in ("core", "tui"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    profiles = folder / "core" / "profiles"
    (profiles / "cometbft_9_9.py").write_text(FILE)
    names = (profiles / "names.py").read_text()
    (profiles / "names.py").write_text(names.replace(f'"{NAMES[-1]}")', f'"{NAMES[-1]}", "{NAME}")'))
    return folder


def quorate(extended: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "core", *words]
    return subprocess.run(argv, cwd=extended, capture_output=True, text=True, check=False, timeout=120)


def test_a_network_of_it_is_formed(extended: Path, tmp_path: Path) -> None:
    node = tmp_path / "cometbft"
    node.write_text(NODE)
    node.chmod(0o755)
    formed = quorate(extended, "demo", "--dir", tmp_path / "net", "--members", "2", "--node", node, "--until", "config")
    assert formed.returncode == 0, formed.stderr
    shown = quorate(extended, "--state", tmp_path / "net" / "alice" / "state", "genesis", "--json")
    assert f'"profile": "{NAME}"' in shown.stdout, shown.stderr
    network = quorate(extended, "--state", tmp_path / "net" / "alice" / "state", "network", "show", "--json")
    assert f'"profile": "{NAME}"' in network.stdout


def test_its_settings_are_known_and_those_that_it_dropped_are_not(extended: Path, tmp_path: Path) -> None:
    path = tmp_path / "node" / "config" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('moniker = "alice"\n\n[p2p]\nwarp_factor = 9\n\n[grpc.privileged]\nladdr = ""\n')
    of_it = quorate(extended, "config", "check", "--home", tmp_path / "node", "--profile", NAME).stdout
    of_another = quorate(extended, "config", "check", "--home", tmp_path / "node", "--profile", "cometbft-1.0").stdout
    assert "warp_factor" not in of_it and "grpc.privileged" in of_it
    assert "warp_factor" in of_another and "grpc.privileged" not in of_another


def test_it_is_offered_wherever_a_generation_is_named(extended: Path) -> None:
    assert NAME in quorate(extended, "config", "check", "--help").stdout
    assert NAME in quorate(extended, "home", "--help").stdout
