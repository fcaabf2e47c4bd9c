"""An export goes where it was asked for, but never into a node's home: what gets there is shown first (P7)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.cli.export import write_file, write_files
from core.finding import Refusal
from tests.core.cli.program import Operator, snapshot

FILES = {"genesis.json": b"{}"}


def refused(folder: Path, home: str = "") -> str:
    with pytest.raises(Refusal) as caught:
        write_files(folder, FILES, home=home)
    (finding,) = caught.value.findings
    assert "quorate apply" in finding.fix
    return finding.code


@pytest.mark.parametrize("below", [".", "config", "data"])
@pytest.mark.parametrize("name", ["priv_validator_key.json", "node_key.json", "config.toml"])
def test_p7_nothing_is_exported_into_what_looks_like_a_home(tmp_path: Path, name: str, below: str) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / name).write_bytes(b"")
    before = snapshot(home)
    assert refused(home / below) == "export-into-home"
    os.symlink(home, tmp_path / "link")
    assert refused(tmp_path / "link" / below) == "export-into-home" and snapshot(home) == before


def test_p7_nothing_is_exported_into_the_known_home_even_where_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    for folder in ("home", "home/config", "home/exports/today"):
        assert refused(tmp_path / folder, str(tmp_path / "home")) == "export-into-home"
    with pytest.raises(Refusal):
        write_file(tmp_path / "home" / "card.txt", b"x", home=str(tmp_path / "home"))
    assert write_files(tmp_path / "beside", FILES, home=str(tmp_path / "home")) == (tmp_path / "beside/genesis.json",)
    assert list((tmp_path / "home").iterdir()) == []


def test_an_earlier_export_of_a_config_is_no_home(tmp_path: Path) -> None:
    whole = {"config.toml": b"", "flags.txt": b""}
    for _ in range(2):
        assert len(write_files(tmp_path / "config", whole, home="")) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("card", "show", "--out", "{}/card.txt"),
        ("card", "export", "--out", "{}"),
        ("network", "share", "--out", "{}/record.txt"),
        ("network", "export", "--out", "{}"),
        ("plan", "config", "--out", "{}"),
    ],
    ids=" ".join,
)
def test_p7_no_command_exports_into_the_home(practice: Operator, words: tuple[str, ...]) -> None:
    home = Path(practice.json("status").json["home"])
    before = snapshot(home)
    ran = practice.json(*(word.format(home / "config") for word in words))
    assert ran.code == 1 and "export-into-home" in ran.codes and snapshot(home) == before


def test_what_is_handed_out_is_for_one_member_who_is_named(practice: Operator, tmp_path: Path) -> None:
    ran = practice.json("network", "export", "--out", tmp_path / "all")
    assert ran.code == 0 and {Path(one).name for one in ran.json["written"]} >= {"message.txt", "genesis.json"}
    mine = practice.json("network", "export", "--out", tmp_path / "bob", "--member", "BOB")
    assert mine.json["persistent_peers"] != ran.json["persistent_peers"]
    wrong = practice.json("network", "export", "--out", tmp_path / "none", "--member", "nobody")
    assert (wrong.code, wrong.codes) == (1, {"member-unknown"}) and not (tmp_path / "none").exists()
