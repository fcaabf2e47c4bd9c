"""Values of a config.toml for others, its environment, and how Go decodes and parses."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.addresses import dial_fault, listen_fault, split_host_port
from core.config.coercion import Kind, go_duration, go_int, read_as
from core.config.environment import environment
from core.config.log_level import log_level_fault
from core.config.model import read_config
from core.config.settings import rpc_on_loopback
from core.profiles import profile
from tests.core.config.configs import ALL, real

NOW = profile("tendermint-0.34")


def test_a_broken_or_missing_file_gives_the_defaults() -> None:
    for data in (None, b"", b"\xff", b"moniker = \n", b"p2p = 5\n", b"[p2p]\npex = 'perhaps'\n"):
        config = read_config(data, NOW)
        assert config.flag("p2p", "pex") is True
        assert config.node_key_file == "config/node_key.json"
    assert not read_config(b"moniker = \n", NOW).readable


@pytest.mark.parametrize("name", ALL)
def test_the_paths_of_a_real_file_are_read(name: str) -> None:
    config = read_config(real(name), profile(name))
    known = profile(name)
    assert (config.validator_key_file, config.validator_state_file, config.node_key_file, config.db_dir) == (
        known.validator_key_file,
        known.validator_state_file,
        known.node_key_file,
        "data",
    )
    assert config.genesis_file == "config/genesis.json"


def test_values_count_as_the_node_takes_them() -> None:
    data = b'Moniker = 5\npriv_validator_laddr = "tcp://x"\n[P2P]\nPEX = 0\ndial_timeout = "1m"\n'
    config = read_config(data, NOW)
    assert (config.moniker, config.flag("p2p", "pex"), config.get("p2p", "dial_timeout")) == ("5", False, 60 * 10**9)
    assert config.priv_validator_laddr == "tcp://x"
    assert config.get("p2p", "nonsense") is None
    assert read_config(b'db_dir = "/var/db"\n', NOW).path(Path("/home"), "db_dir") == Path("/var/db")
    assert read_config(b"", NOW).path(Path("/home"), "genesis_file") == Path("/home/config/genesis.json")


def test_the_environment_wins_where_the_node_reads_it() -> None:
    assert read_config(b"", NOW, {"TM_MONIKER": "a"}).moniker == "a"
    assert read_config(b"", NOW, {"TMMONIKER": "b"}).moniker == "b"
    assert read_config(b"", NOW, {"TM_MONIKER": ""}).moniker == ""
    # A key without a flag counts only where it stands in the file, and CometBFT reads nothing of Tendermint's.
    later, rate = profile("cometbft-0.38"), b"[p2p]\nsend_rate = 1\n"
    assert read_config(b"", later, {"CMT_P2P_SEND_RATE": "5"}).get("p2p", "send_rate") == 5120000
    assert read_config(rate, later, {"CMT_P2P_SEND_RATE": "5"}).get("p2p", "send_rate") == 5
    assert read_config(rate, later, {"TM_P2P_SEND_RATE": "5"}).get("p2p", "send_rate") == 1
    found = environment(NOW, {"TM_MEMPOOL_KEEP_INVALID_TXS_IN_CACHE": "1", "TM_NONSENSE": "x", "PATH": "/"})
    assert [(one.table, one.key) for one in found] == [("mempool", "keep-invalid-txs-in-cache")]


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1s", 10**9),
        ("-1.5s", -1_500_000_000),
        (".5s", 500_000_000),
        ("1.s", 10**9),
        ("1m30s", 90 * 10**9),
        ("0", 0),
        ("+0", 0),
        ("0.1ns", 0),
        ("1µs", 1000),
        ("2562047h47m16.854775807s", 2**63 - 1),
        ("2562047h47m16.854775808s", None),
        ("", None),
        ("1", None),
        ("1s5", None),
        ("5d", None),
        ("1 s", None),
        ("1S", None),
        ("s", None),
        (".s", None),
        ("--1s", None),
        ("１s", None),
    ],
)
def test_durations_are_those_of_go(text: str, nanoseconds: int | None) -> None:
    assert go_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0x1F", 31),
        ("1_000", 1000),
        ("017", 15),
        ("0o17", 15),
        ("0b11", 3),
        ("-5", -5),
        ("+5", 5),
        ("0_7", 7),
        ("0", 0),
    ],
)
def test_whole_numbers_are_those_of_go(text: str, number: int) -> None:
    assert go_int(text) == number


@pytest.mark.parametrize("text", ["", "08", "1__0", "_1", "1_", "1e3", " 5", "5 ", "0x", "1.0", "٣", "--5"])
def test_other_text_is_no_whole_number(text: str) -> None:
    assert go_int(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (True, "1"),
        (False, "0"),
        (1.5, "1.5"),
        (1e20, "100000000000000000000"),
        (float("inf"), "+Inf"),
        (-0.5, "-0.5"),
    ],
)
def test_text_of_other_types_is_that_of_go(value: object, text: str) -> None:
    assert read_as("text", value).value == text


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_no_value_makes_a_reading_raise(value: object) -> None:
    for kind in get_args(Kind):
        reading = read_as(kind, value)
        assert (reading.value is None) == bool(reading.refused)


@given(st.text(alphabet="[]:a1.@/ ", max_size=20))
def test_no_address_makes_it_raise(text: str) -> None:
    split = split_host_port(text)
    assert split.fault or f"{split.host}:{split.port}" in (text, text.replace("[", "", 1).replace("]", "", 1))
    assert isinstance(dial_fault(text), str) and isinstance(listen_fault(text), str)


@pytest.mark.parametrize("text", ["info", "main:info,state:info,*:error", "*:none", ":debug"])
def test_log_levels_of_the_node(text: str) -> None:
    assert log_level_fault(text) == ""


@pytest.mark.parametrize(
    ("laddr", "closed"),
    [
        ("tcp://0.0.0.0:26657", "tcp://127.0.0.1:26657"),
        ("tcp://:26657", "tcp://127.0.0.1:26657"),
        ("tcp://[::]:26657", "tcp://[::1]:26657"),
        ("unix:///x,tcp://0.0.0.0:1", "unix:///x,tcp://127.0.0.1:1"),
        ("tcp://127.0.0.1:26657", None),
        ("tcp://10.0.0.5:26657", None),
        ("", None),
    ],
)
def test_an_open_rpc_is_put_on_loopback_and_nothing_else_is_touched(laddr: str, closed: str | None) -> None:
    assert rpc_on_loopback(laddr) == closed
