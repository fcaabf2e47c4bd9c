"""The files that config.toml names, against what is in the home; the real nodes are asked in tests/differential."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import pytest

from core.config.checks import check
from core.config.model import read_config
from core.config.survey import survey
from core.documents.toml import edit_toml
from core.finding import Finding, Severity
from core.profiles import profile
from tests.core.config.configs import ALL, WHOLE, real
from tests.core.keys.key_homes import make_home, put, this_world

E, W, U = Severity.ERROR, Severity.WARNING, Severity.UNKNOWN
_0_34 = "tendermint-0.34"


def a_home(path: Path) -> Path:
    home = make_home(path / "home")
    put(home / "config" / "genesis.json", b"{}")
    put(home / "config" / "config.toml", real(_0_34))
    return home


async def said(home: Path, *values: tuple[str, str, str], name: str = _0_34) -> list[tuple[str, str, Severity]]:
    return [(one.code, one.subject, one.severity) for one in await found(home, *values, name=name)]


async def found(home: Path, *values: tuple[str, str, str], name: str = _0_34) -> list[Finding]:
    data = edit_toml(real(name), {(table, key): value for table, key, value in values})
    around = await survey(this_world(), home, read_config(data, profile(name)))
    return [one for one in check(data, profile(name), around=around) if one.code.startswith("config-path")]


@pytest.mark.parametrize("name", WHOLE)
async def test_a_home_as_init_makes_it_has_no_finding(name: str, tmp_path: Path) -> None:
    assert await said(a_home(tmp_path), name=name) == []


@pytest.mark.parametrize("name", ALL)
async def test_a_config_toml_alone_is_not_yet_a_home(name: str, tmp_path: Path) -> None:
    put(tmp_path / "config" / "config.toml", real(name))
    assert await said(tmp_path, name=name) == []


@pytest.mark.parametrize(
    "text",
    [
        "config\\genesis.json", "C:\\node\\genesis.json", "C:/node/genesis.json", "~/genesis.json",
        "$HOME/genesis.json", "${TMHOME}/genesis.json", "%APPDATA%/genesis.json", "{{ home }}/genesis.json",
        " config/genesis.json", "'config/genesis.json'",
    ],
)  # fmt: skip
async def test_a_path_that_is_not_read_as_it_was_meant_is_explained(text: str, tmp_path: Path) -> None:
    for key, severity in (("genesis_file", E), ("priv_validator_key_file", E), ("db_dir", W)):
        codes = await said(a_home(tmp_path / key), ("", key, text))
        assert ("config-path-form", key, severity) in codes


async def test_an_odd_name_that_is_there_is_no_mistake(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    put(home / "config\\genesis.json", b"{}")
    assert await said(home, ("", "genesis_file", "config\\genesis.json")) == []


@pytest.mark.parametrize(
    ("table", "key", "text", "code", "severity"),
    [
        ("", "genesis_file", "", "config-path-empty", E),
        ("", "genesis_file", "config/none.json", "config-path-missing", E),
        ("", "genesis_file", "config", "config-path-kind", E),
        ("", "priv_validator_key_file", "config/pv.json", "config-path-missing", E),
        ("", "priv_validator_key_file", "none/pv.json", "config-path-missing", E),
        ("", "priv_validator_state_file", "data/none.json", "config-path-missing", E),
        ("", "priv_validator_state_file", "", "config-path-empty", E),
        ("", "node_key_file", "config/nk.json", "config-path-missing", W),
        ("", "node_key_file", "none/nk.json", "config-path-missing", E),
        ("", "db_dir", "", "config-path-empty", W),
        ("", "db_dir", "config/config.toml", "config-path-kind", E),
        ("", "db_dir", "/nonexistent/db", "config-path-outside", Severity.INFO),
        ("consensus", "wal_file", "", "config-path-empty", E),
        ("consensus", "wal_file", "config", "config-path-kind", E),
        ("p2p", "addr_book_file", "", "config-path-empty", E),
        ("p2p", "addr_book_file", "none/book.json", "config-path-missing", W),
    ],
)
async def test_what_is_not_there_is_told_by_what_the_node_does(
    table: str, key: str, text: str, code: str, severity: Severity, tmp_path: Path
) -> None:
    path = f"{table}.{key}" if table else key
    assert await said(a_home(tmp_path), (table, key, text)) == [(code, path, severity)]


@pytest.mark.parametrize(
    ("name", "key", "severity"),
    [
        ("config/genesis.json", "genesis_file", W),
        ("config/priv_validator_key.json", "priv_validator_key_file", W),
        ("config/node_key.json", "node_key_file", W),
        ("data/priv_validator_state.json", "priv_validator_state_file", E),
    ],
)
async def test_a_file_that_went_from_its_usual_place_is_missed(
    name: str, key: str, severity: Severity, tmp_path: Path
) -> None:
    home = a_home(tmp_path)
    (home / name).unlink()
    assert await said(home) == [("config-path-missing", key, severity)]


async def test_a_new_validator_key_is_told_as_what_it_is(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    (finding,) = await found(home, ("", "priv_validator_key_file", "config/pv.json"))
    assert "makes a new validator key without a word" in finding.message and str(home / "config/pv.json") in finding.fix


async def test_with_a_remote_signer_the_key_may_be_missing_and_the_sign_state_of_a_key_may_not(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    signer = ("", "priv_validator_laddr", "tcp://127.0.0.1:26659")
    (home / "config/priv_validator_key.json").rename(home / "key")
    assert await said(home, signer) == []
    (home / "key").rename(home / "config/priv_validator_key.json")
    (home / "data/priv_validator_state.json").unlink()
    assert await said(home, signer) == [("config-path-missing", "priv_validator_state_file", E)]


async def test_links_are_followed_and_a_key_of_another_home_is_told(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    key = home / "config/priv_validator_key.json"
    key.rename(tmp_path / "key.json")
    key.symlink_to(tmp_path / "key.json")
    assert await said(home) == []
    outside = [("config-path-outside", "priv_validator_key_file", W)]
    assert await said(home, ("", "priv_validator_key_file", str(tmp_path / "key.json"))) == outside
    assert await said(home, ("", "priv_validator_key_file", "../key.json")) == outside
    assert (
        await said(home, ("", "priv_validator_key_file", str(home / "config/../config/priv_validator_key.json"))) == []
    )


_FILES = (
    ("", "genesis_file"), ("", "priv_validator_key_file"), ("", "priv_validator_state_file"), ("", "node_key_file"),
    ("p2p", "addr_book_file"), ("consensus", "wal_file"), ("", "db_dir"),
)  # fmt: skip


@pytest.mark.parametrize("name", (_0_34, "cometbft-1.0"))
async def test_two_settings_with_one_file_are_an_error_that_names_both(name: str, tmp_path: Path) -> None:
    home = a_home(tmp_path)
    defaults = profile(name).config
    for one, other in combinations(_FILES, 2):
        for (table, key), (to_table, to_key) in ((one, other), (other, one)):
            text = str(defaults[to_table][to_key]).replace("/", "/./", 1)
            shared = [it for it in await found(home, (table, key, text), name=name) if it.code == "config-path-shared"]
            setting, taken = (f"{t}.{k}" if t else k for t, k in ((table, key), (to_table, to_key)))
            (finding,) = shared
            assert (finding.severity, finding.subject) == (E, setting)
            assert f"{setting} is " in finding.message and f"{taken} is " in finding.message
            assert f"{defaults[table][key]} for {setting}" in finding.fix


async def test_a_link_to_the_file_of_another_setting_is_one_file(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    (home / "data/priv_validator_state.json").unlink()
    (home / "data/priv_validator_state.json").symlink_to("../config/priv_validator_key.json")
    assert "config-path-shared" in [code for code, _, _ in await said(home)]


async def test_the_usual_file_of_another_setting_is_no_validator_key(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    for key, text in (("node_key_file", "config/node_key.json"), ("genesis_file", "config/genesis.json")):
        put(home / "config/other.json", (home / text).read_bytes())
        values = (("", key, "config/other.json"), ("", "priv_validator_key_file", text))
        assert await said(home, *values) == [("config-path-shared", "priv_validator_key_file", E)]


@pytest.mark.parametrize("name", ALL)
async def test_only_generations_that_log_transactions_open_their_folder(name: str, tmp_path: Path) -> None:
    codes = await found(a_home(tmp_path), ("mempool", "wal_dir", "config/config.toml"), name=name)
    codes = [one for one in codes if one.subject == "mempool.wal_dir"]
    if name in WHOLE:
        assert codes == []
    else:
        assert [(one.code, one.severity) for one in codes] == [("config-path-kind", E)]


async def test_a_fix_names_no_default_where_there_is_none(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    put(home / "config/a.key", b"")
    (home / "config/a.pem").mkdir()
    rpc = await found(home, ("rpc", "tls_cert_file", "a.pem"), ("rpc", "tls_key_file", "a.key"))
    old = [
        *await found(home, ("mempool", "wal_dir", "config/config.toml"), name="tendermint-0.31"),
        *await found(home, ("mempool", "wal_dir", "/nonexistent/wal"), name="tendermint-0.31"),
    ]
    fixes = [one.fix for one in (*rpc, *old) if one.subject.startswith(("rpc.", "mempool."))]
    assert fixes == [
        "Name a file, or empty the setting.",
        "Name a folder, or empty the setting.",
        "Empty the setting if that was not meant.",
    ]


async def test_databases_and_transactions_may_share_a_folder(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    assert await said(home, ("mempool", "wal_dir", "data"), name="tendermint-0.31") == []


@pytest.mark.parametrize(
    ("name", "key", "severity"),
    [
        ("config/genesis.json", "genesis_file", E),
        ("config/priv_validator_key.json", "priv_validator_key_file", E),
        ("config/node_key.json", "node_key_file", W),
        ("data/priv_validator_state.json", "priv_validator_state_file", E),
        ("data/db", "db_dir", E),
    ],
)
async def test_a_link_that_leads_nowhere_says_where_it_leads(
    name: str, key: str, severity: Severity, tmp_path: Path
) -> None:
    for number, home in enumerate((a_home(tmp_path / "used"), tmp_path / "new")):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).unlink(missing_ok=True)
        (home / name).symlink_to(tmp_path / "gone.json")
        (finding,) = [one for one in await found(home, *[("", key, name)]) if one.subject == key]
        expected = W if key == "priv_validator_state_file" and number else severity
        assert (finding.code, finding.severity) == ("config-path-missing", expected)
        assert f"a link to {tmp_path / 'gone.json'}" in finding.message and "gone.json" in finding.fix


async def test_what_can_not_be_seen_is_unknown(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    locked = tmp_path / "locked"
    locked.mkdir(0)
    # To root no folder is closed; a name that is too long is for everybody.
    seen = locked / "genesis.json" if os.geteuid() else tmp_path / ("x" * 300) / "genesis.json"
    assert await said(home, ("", "genesis_file", str(seen))) == [("config-path-unreadable", "genesis_file", U)]


async def test_tls_needs_both_files_below_config(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    both = (("rpc", "tls_cert_file", "a.pem"), ("rpc", "tls_key_file", "a.key"))
    put(home / "config" / "a.pem", b"")
    assert await said(home, *both) == [("config-path-missing", "rpc.tls_key_file", E)]
    put(home / "config" / "a.key", b"")
    assert await said(home, *both) == []
    half = check(edit_toml(real(_0_34), {("rpc", "tls_key_file"): "a.key"}), profile(_0_34))
    assert [one.subject for one in half if one.code == "config-tls-half"] == ["rpc.tls_cert_file"]


async def test_without_a_home_no_path_is_judged() -> None:
    data = edit_toml(real(_0_34), {("", "genesis_file"): ""})
    assert [one for one in check(data, profile(_0_34)) if one.code.startswith("config-path")] == []
