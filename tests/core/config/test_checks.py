"""What a node makes of a config.toml; the real nodes are asked in tests/differential."""

from __future__ import annotations

import pytest

from core.config.checks import check
from core.finding import Severity
from core.profiles import profile
from tests.core.config.configs import ALL, DOCUMENTS, ONE, WHOLE, errors, found, real, with_raw, with_value


@pytest.mark.parametrize("name", ALL)
def test_what_init_writes_has_no_error(name: str) -> None:
    assert [one for one in check(real(name), profile(name)) if one.severity >= Severity.UNKNOWN] == [
        one for one in check(real(name), profile(name)) if one.code == "config-rpc-open"
    ]


@pytest.mark.parametrize("name", ["tendermint-0.22", "tendermint-0.31"])
def test_old_nodes_open_their_rpc_to_the_world(name: str) -> None:
    assert found(real(name), name)["config-rpc-open"].severity is Severity.WARNING


# --- the documents' recipe ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_the_documents_block_at_the_end_is_explained_point_by_point(name: str) -> None:
    findings = check(real(name) + DOCUMENTS, profile(name))
    said = [(one.code, one.subject) for one in findings if one.severity is Severity.ERROR]
    assert ("config-flat-block", "[instrumentation]") in said
    misplaced = {subject for code, subject in said if code == "config-wrong-table"}
    keys = ("moniker", "create_empty_blocks", "log_level", "persistent_peers", "send_rate", "recv_rate", "recheck")
    assert misplaced == {f"instrumentation.{key}" for key in keys}
    (lines,) = [one for one in findings if one.code == "config-peers-several-lines"]
    assert "3 lines" in lines.message and "0.34.19" in lines.message
    fixes = {one.subject: one.fix for one in findings if one.code == "config-wrong-table"}
    assert fixes["instrumentation.moniker"] == "Move the line to the top, above the first [table]."
    assert fixes["instrumentation.recheck"] == "Move the line into [mempool]."


@pytest.mark.parametrize("name", WHOLE)
def test_the_documents_block_at_the_top_is_explained_point_by_point(name: str) -> None:
    findings = check(DOCUMENTS + real(name), profile(name))
    said = [one for one in findings if one.severity is Severity.ERROR]
    twice = [one.message.split(" ")[0] for one in said if one.code == "toml-duplicate-key"]
    assert twice == ["moniker", "log_level"]
    misplaced = {one.subject for one in said if one.code == "config-wrong-table"}
    assert misplaced == {"create_empty_blocks", "persistent_peers", "send_rate", "recv_rate", "recheck"}
    assert {"config-flat-block", "config-peers-several-lines"} <= {one.code for one in said}


def test_the_documents_placeholders_in_the_right_place_are_seen() -> None:
    peers = "<Member 1 node id>@<Member 1 hostname>:26656,"
    said = errors(with_value("p2p", "persistent_peers", peers))
    assert said == {"config-peers-placeholder", "config-peers-entry"}


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "line", "code", "severity", "word"),
    [
        ("p2p", 'peristent_peers = ""', "config-misspelt-key", Severity.ERROR, "p2p.persistent_peers"),
        ("p2p", "max_peers = 5", "config-unknown-key", Severity.WARNING, "max_peers"),
        ("rpc", "pex = false", "config-wrong-table", Severity.ERROR, "[p2p]"),
        ("rpc", "seed_mode = true", "config-wrong-table", Severity.WARNING, "[p2p]"),
        ("p2p", "Pex2 = 1", "config-misspelt-key", Severity.ERROR, "p2p.pex"),
        ("p2p", "max_num_peers = 50", "config-retired-key", Severity.WARNING, "0.24"),
        ("", "block_sync = true", "config-retired-key", Severity.WARNING, "fast_sync"),
        ("rpc", "max_request_batch_size = 10", "config-other-generation", Severity.WARNING, "cometbft-1.0"),
        ("", "frobnicate = 1", "config-unknown-key", Severity.WARNING, "frobnicate"),
        ("", '"p2p.pex" = false', "config-dotted-key", Severity.ERROR, "p2p.pex"),
        ("p2p", "PEX = false", "config-key-twice", Severity.ERROR, "p2p.pex"),
        ("p2p", "persistent-peers = 1", "config-misspelt-key", Severity.ERROR, "persistent_peers"),
        ("", 'rpc_laddr = "tcp://0.0.0.0:1"', "config-misspelt-key", Severity.ERROR, "rpc.laddr is the nearest"),
        ("", 'p2p_laddr = "tcp://0.0.0.0:1"', "config-misspelt-key", Severity.ERROR, "p2p.laddr is the nearest"),
        ("rpc", 'p2p-laddr = ""', "config-misspelt-key", Severity.ERROR, "p2p.laddr is the nearest"),
        ("", 'grpc_addr = "x"', "config-misspelt-key", Severity.WARNING, "rpc.grpc_laddr is the nearest"),
        ("p2p", "sendrate = 1", "config-misspelt-key", Severity.ERROR, "p2p.send_rate is the nearest"),
        ("p2p", "sned_rate = 1", "config-misspelt-key", Severity.ERROR, "p2p.send_rate is the nearest"),
        ("rpc", "max_bodybytes = 1", "config-misspelt-key", Severity.WARNING, "rpc.max_body_bytes is the nearest"),
        ("mempool", "max_txes_bytes = 1", "config-misspelt-key", Severity.WARNING, "mempool.max_txs_bytes"),
    ],
)
def test_a_key_that_nobody_reads_is_told_with_the_nearest_name(
    table: str, line: str, code: str, severity: Severity, word: str
) -> None:
    finding = found(with_raw(table, line))[code]
    assert finding.severity is severity
    assert word in finding.message and finding.fix


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("", 'laddr_ = "tcp://127.0.0.1:1"'),  # of which table?
        ("p2p", "nopex = true"),
        ("p2p", "no_pex = true"),
        ("rpc", "safe = true"),
        ("p2p", "rate = 5"),
        ("p2p", "peers = 5"),
        ("", 'listen = "tcp://127.0.0.1:1"'),
        ("mempool", "max_txy_bytes = 5"),  # max_tx_bytes and max_txs_bytes are as near
        ("consensus", 'timeout = "5s"'),
        ("consensus", 'timeout_vote = "5s"'),
        ("consensus", "recreate_empty_blocks_height = 5"),
        ("", 'proxy_laddr = "x"'),
    ],
)
def test_no_setting_of_another_meaning_is_suggested(table: str, line: str) -> None:
    said = found(with_raw(table, line))
    assert "config-misspelt-key" not in said
    assert said["config-unknown-key"].severity is Severity.WARNING


@pytest.mark.parametrize("name", WHOLE)
def test_every_setting_as_a_flag_has_it_is_that_setting(name: str) -> None:
    known = profile(name)
    for table, keys in known.config.items():
        for key in keys if table and "." not in table else ():
            typed = f"{table}_{key}"
            said = [one for one in check(f"{typed} = 1\n".encode(), known) if one.subject == typed]
            assert len(said) == 1 and said[0].code in ("config-misspelt-key", "config-unknown-key"), (typed, said)
            if said[0].code == "config-misspelt-key":
                assert f"; {table}.{key} is the nearest" in said[0].message


def test_a_file_of_the_withdrawn_generation_is_recognised() -> None:
    assert errors(b'mode = "full"\nproxy-app = "tcp://127.0.0.1:26658"\n[p2p]\npersistent-peers = ""\n') == {
        "config-hyphenated"
    }


def test_capitals_are_no_other_key() -> None:
    data = real("tendermint-0.34").replace(b"\npex = true", b"\nPex = false")
    assert found(data)["config-capitals"].severity is Severity.INFO
    assert not errors(data)


# --- types -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("p2p", "persistent_peers = []"),
        ("p2p", 'persistent_peers = ["a"]'),
        ("p2p", 'pex = "yes"'),
        ("p2p", 'send_rate = "fast"'),
        ("p2p", 'send_rate = "08"'),
        ("p2p", 'dial_timeout = "3"'),
        ("p2p", 'dial_timeout = ""'),
        ("p2p", 'dial_timeout = "1 s"'),
        ("", "moniker = 1979-05-27"),
        ("rpc", "cors_allowed_origins = [[]]"),
        ("statesync", 'chunk_fetchers = "4294967296"'),
        ("p2p", "test_fuzz = []"),
    ],
)
def test_what_the_node_can_not_decode_is_an_error(table: str, line: str) -> None:
    assert errors(with_raw(table, line)) == {"config-type"}


@pytest.mark.parametrize(
    ("table", "line", "taken"),
    [
        ("", "moniker = 5", "'5'"),
        ("consensus", 'create_empty_blocks = "false"', "False"),
        ("p2p", 'send_rate = "102400000"', "102400000"),
        ("p2p", 'send_rate = "0x10"', "16"),
        ("p2p", 'send_rate = "017"', "15"),
        ("p2p", "send_rate = 1.9", "1"),
        ("p2p", "pex = 0", "False"),
    ],
)
def test_what_the_node_converts_is_told(table: str, line: str, taken: str) -> None:
    finding = found(with_raw(table, line))["config-type-converted"]
    assert finding.severity is Severity.INFO
    assert f"takes it as {taken}." in finding.message


def test_a_bare_number_is_nanoseconds() -> None:
    short = found(with_raw("consensus", "timeout_commit = 1000"))["config-duration-number"]
    assert short.severity is Severity.ERROR and "1000 nanoseconds" in short.message and '"1000ms"' in short.fix
    long = found(with_raw("consensus", "timeout_commit = 1000000000"))["config-duration-number"]
    assert long.severity is Severity.WARNING
    # Up to 0.25 durations are bare milliseconds, and text is fatal.
    assert not errors(real("tendermint-0.22"), "tendermint-0.22")
    assert errors(with_raw("consensus", 'timeout_commit = "1s"', "tendermint-0.22"), "tendermint-0.22") == {
        "config-type"
    }


def test_a_value_where_a_table_is_wanted_is_an_error() -> None:
    assert errors(b"p2p = 5\n") == {"config-not-a-table"}
    assert errors(b"[[p2p]]\n") == {"config-not-a-table"}


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "key", "value", "code"),
    [
        ("p2p", "send_rate", -1, "config-out-of-range"),
        ("consensus", "timeout_commit", "-1s", "config-out-of-range"),
        ("rpc", "experimental_subscription_buffer_size", 99, "config-out-of-range"),
        ("", "log_level", "*:loud", "config-log-level"),
        ("", "log_level", "info,", "config-log-level"),
        ("", "log_level", "", "config-log-level"),
        ("", "log_format", "xml", "config-word"),
        ("", "db_backend", "leveldb", "config-database"),
        ("fastsync", "version", "v3", "config-word"),
        ("tx_index", "indexer", "psql", "config-indexer"),
        ("", "moniker", "", "config-moniker"),
        ("", "moniker", " \t", "config-moniker"),
        ("", "moniker", "Ünal", "config-moniker"),
        ("", "moniker", "\u202eevil", "config-moniker"),
        ("p2p", "laddr", "", "config-address"),
        ("p2p", "laddr", "tcp://:26656", "config-address"),
        ("rpc", "laddr", "127.0.0.1:26657", "config-address"),
        ("rpc", "laddr", "http://127.0.0.1:26657", "config-address"),
        ("p2p", "external_address", "1.2.3.4", "config-address"),
        ("p2p", "external_address", f"{ONE}@1.2.3.4:26656", "config-address"),
        ("p2p", "unconditional_peer_ids", "abc", "config-peer-id"),
        ("p2p", "seeds", "abc@1.2.3.4:1", "config-peers-entry"),
    ],
)
def test_values_that_the_node_refuses_are_errors(table: str, key: str, value: str | int, code: str) -> None:
    assert errors(with_value(table, key, value)) == {code}


def test_limits_go_with_the_generation() -> None:
    assert errors(with_value("mempool", "size", 0, "cometbft-1.0"), "cometbft-1.0") == {"config-out-of-range"}
    assert not errors(with_value("mempool", "size", 0, "cometbft-0.38"), "cometbft-0.38")
    assert errors(with_value("blocksync", "version", "v1", "cometbft-0.38"), "cometbft-0.38") == {"config-word"}
    v1 = found(with_value("mempool", "version", "v1", "cometbft-0.37"), "cometbft-0.37")
    assert v1["config-deprecated"].severity is Severity.WARNING and "config-word" not in v1
    assert "config-deprecated" not in found(with_value("mempool", "version", "v1"))
    for name in ("tendermint-0.34", "cometbft-0.37"):
        assert errors(with_value("mempool", "version", "v2", name), name) == {"config-word"}
    assert not errors(with_value("fastsync", "version", "v1"))
    assert errors(with_value("p2p", "send_rate", -1, "tendermint-0.31"), "tendermint-0.31")
    assert not errors(with_value("p2p", "send_rate", -1, "tendermint-0.22"), "tendermint-0.22")


def test_what_only_the_machine_can_tell_is_unknown() -> None:
    assert (
        found(with_value("p2p", "external_address", "a.example.org:26656"))["config-address-name"].severity
        is Severity.UNKNOWN
    )
    assert found(with_value("", "db_backend", "rocksdb"))["config-database"].severity is Severity.UNKNOWN


@pytest.mark.parametrize(
    "laddr", ["tcp://0.0.0.0:26657", "tcp://:26657", "tcp://[::]:26657", "tcp://127.0.0.1:1,tcp://0.0.0.0:2"]
)
def test_an_rpc_open_to_the_world_is_a_warning(laddr: str) -> None:
    assert found(with_value("rpc", "laddr", laddr))["config-rpc-open"].severity is Severity.WARNING


def test_environment_overrides_are_shown_with_both_values_and_judged() -> None:
    data = real("tendermint-0.34")
    shown = found(data, environ={"TM_P2P_PEX": "false"})["config-environment-override"]
    assert shown.subject == "TM_P2P_PEX" and '"false"' in shown.message and '"true" in config.toml' in shown.message
    assert errors(data, environ={"TM_P2P_SEND_RATE": "-5"}) == {"config-out-of-range"}
    assert errors(data, environ={"TM_P2P_SEND_RATE": "fast"}) == {"config-type"}
    assert errors(data, environ={"TM_P2P_PERSISTENT_PEERS": "abc"}) == {"config-peers-entry"}


def test_what_was_planned_and_is_not_so_is_told() -> None:
    data = real("tendermint-0.34")
    expected = {("p2p", "pex"): False, ("mempool", "recheck"): True}
    findings = [
        one for one in check(data, profile("tendermint-0.34"), expected=expected) if one.code == "config-not-as-planned"
    ]
    assert [one.subject for one in findings] == ["p2p.pex"]


def test_foreign_text_is_never_shown_raw() -> None:
    data = with_value("", "moniker", "\x1b[31m\u202e")
    assert all(one.message.isprintable() and one.fix.isprintable() for one in check(data, profile("tendermint-0.34")))


def test_many_unknown_keys_are_listed_to_twenty_and_then_counted() -> None:
    data = "".join(f"zq{number}x = 1\n" for number in range(300)).encode() + real("tendermint-0.34")
    unknown = [one for one in check(data, profile("tendermint-0.34")) if one.code == "config-unknown-key"]
    assert len(unknown) == 21
    assert "280 more findings of this kind" in unknown[-1].message and unknown[-1].severity is unknown[0].severity
