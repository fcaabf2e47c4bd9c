"""Which software a home belongs to, from what it holds; and which homes are offered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.home.recognise import candidates, profile_for, recognise
from core.profiles import NAMES, every_profile
from tests.core.keys.key_homes import make_home, put, seed_of, this_world, validator_file

FILES = this_world().files
T22, T31, T34, C37, C38, C1 = NAMES


def with_config(path: Path, config: str) -> Path:
    put(path / "config" / "config.toml", config.encode())
    return path


@pytest.mark.parametrize(
    ("config", "names", "sure"),
    [
        ('priv_validator_file = "config/priv_validator.json"\ndb_path = "data"', (T22,), True),
        ('priv_validator_file = "config/priv_validator.json"\ndb_dir = "data"', (T22,), False),
        ('priv_validator_key_file = "config/priv_validator_key.json"\n[p2p]', (T31,), True),
        ('priv_validator_key_file = "x"\n[fastsync]', (T34, T31), False),
        ('priv_validator_key_file = "x"\n[statesync]\n[fastsync]', (T34,), True),
        ("block_sync = true\n[statesync]\n[blocksync]", (C37,), True),
        ('version = "0.38.17"\n[blocksync]', (C38,), True),
        ('version = "0.39.1"\n[blocksync]', (C38, C1), False),
        ('version = "1.0.1"\n[grpc]\n[blocksync]', (C1,), True),
        ('version = "1.1.0"\n[grpc]', (C1,), False),
        ("[grpc]", (C1,), True),
        ('proxy-app = "x"\n[tx-index]', (), False),
        ("[priv-validator]", (), False),
        ("[mempool]\nkeep-invalid-txs-in-cache = true\n[fastsync]\n[statesync]", (T34,), True),
    ],
)
def test_config_toml_tells_the_profile(tmp_path: Path, config: str, names: tuple[str, ...], sure: bool) -> None:
    seen = recognise(FILES, with_config(tmp_path, config))
    assert (seen.names, seen.sure) == (names, sure) and seen.why
    assert bool(seen.findings) != sure


def test_0_35_is_recognised_and_refused(tmp_path: Path) -> None:
    (finding,) = recognise(FILES, with_config(tmp_path, 'proxy-app = "x"')).findings
    assert finding.code == "home-0-35"


@pytest.mark.parametrize("profile", [one for one in every_profile() if one.whole], ids=lambda profile: profile.name)
def test_the_defaults_of_every_whole_profile_are_recognised_as_it(tmp_path: Path, profile) -> None:  # type: ignore[no-untyped-def]
    top = [
        f"{key} = {value!r}".replace("True", "true").replace("False", "false").replace("'", '"')
        for key, value in profile.config[""].items()
        if isinstance(value, str | bool)
    ]
    tables = [f"[{name}]" for name in profile.config if name]
    assert recognise(FILES, with_config(tmp_path, "\n".join(top + tables))).names[0] == profile.name


def test_without_config_toml_the_key_files_tell_what_they_can(tmp_path: Path) -> None:
    new = recognise(FILES, make_home(tmp_path / "new"))
    assert new.names == (T34, C37, C38, C1) and not new.sure
    quoted = make_home(tmp_path / "quoted", state=b'{"height":"0","round":"0","step":0}')
    assert recognise(FILES, quoted).names == (T31,)
    old = put(tmp_path / "old" / "config" / "priv_validator.json", validator_file(seed_of("x"))).parents[1]
    assert recognise(FILES, old).names == (T22,)
    put(tmp_path / "new" / "config" / "priv_validator.json", b"{}")
    assert not recognise(FILES, tmp_path / "new").sure
    empty = recognise(FILES, tmp_path / "nothing")
    assert (empty.name, empty.sure) == (T34, False)


@pytest.mark.parametrize(
    "config", [b"\xff", b"[", b"\xef\xbb\xbf", b"a = 1\na = 2", b"version = 5", b"x=" + b"[" * 9999]
)
def test_a_config_that_is_none_does_not_stop_it(tmp_path: Path, config: bytes) -> None:
    put(tmp_path / "config" / "config.toml", config)
    assert recognise(FILES, tmp_path).name in NAMES
    assert profile_for(FILES, tmp_path).name in NAMES


def test_a_named_profile_counts_before_what_is_recognised(tmp_path: Path) -> None:
    assert profile_for(FILES, with_config(tmp_path, "[grpc]"), T22).name == T22


def test_homes_are_offered_from_the_environment_and_the_usual_places(tmp_path: Path) -> None:
    (tmp_path / ".tendermint").mkdir()
    environ = {"HOME": str(tmp_path), "TMHOME": "/srv/node", "CMTHOME": str(tmp_path / ".tendermint")}
    found = [(str(one.path), one.source) for one in candidates(replace(this_world(), environ=environ))]
    assert found == [(str(tmp_path / ".tendermint"), "$CMTHOME"), ("/srv/node", "$TMHOME")]
    only_usual = candidates(replace(this_world(), environ={"HOME": str(tmp_path)}))
    assert [one.source for one in only_usual] == ["~/.tendermint"]
    assert candidates(replace(this_world(), environ={})) == ()
