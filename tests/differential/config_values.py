"""Texts that stand in for a setting: what people write, and what a decoder trips over."""

from __future__ import annotations

ID = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"
ON_DISK = (
    "genesis_file", "priv_validator_key_file", "priv_validator_state_file", "node_key_file", "db_dir", "wal_file",
    "wal_dir", "addr_book_file", "temp_dir", "tls_cert_file", "tls_key_file", "priv_validator_laddr", "proxy_app",
    "psql-conn", "laddr", "grpc_laddr", "pprof_laddr", "prometheus_listen_addr", "external_address",
)  # fmt: skip
"""Only the machine can judge other texts here: files, sockets, and what is in them."""

NOT_TEXT = ("[]", '["a"]', "[1]", '[["a"]]', "{x = 1}", "1979-05-27T07:32:00Z", "1979-05-27", "07:32:00")
NUMBERS = (
    "5", "0", "-1", "1.5", "-0.5", "1e3", "true", "false", "inf", "nan", "-inf", "0xFF", "0o17", "0b11", "1_000", "+7",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1e300", "007",
    "-5.0",
)  # fmt: skip
TEXTS = (
    '""', '" "', '"text"', '"12"', '"-3"', '"0x10"', '"1_0"', '"017"', '"08"', '"1e3"', '" 5"', '"5 "', '"1.5"',
    '"t"', '"F"',
    '"TRUE"', '"True"', '"yes"', '"no"', '"on"', '"true "', '"ä"', '"\\u0041"', '"\\uD800"', '"\\x41"', '"\\e"',
    "'12'", "'a\\b'",
    '"""12"""', '"""\n12"""', "'''12'''", '"\\t"', '"1__0"', '"_1"', '"0_7"', '"+5"', '"--5"',
    '"9223372036854775808"', '"٣"',
    "unquoted", '"open', "'open", "",
)  # fmt: skip
DURATIONS = (
    "1s", "-1s", "0", "0s", "", "1", "1.5s", ".5s", "1s5", "1m30s", "5d", "1 s", "１s", "1µs", "1us", "1e3s", "+1s",
    "9999999h",
    "1H", "1.s", ".s", "..5s", "1h1h", "-0", "2562047h47m16.854775807s", "2562047h47m16.854775808s", "1ms1", "1.2.3s",
    "0.1ns",
    "168h0m0s", "3S", "s", "-", "1s-1s", "100000000000000000000ns", "9223372036854775808ns", "-9223372036854775808ns",
    "1μs",
)  # fmt: skip
LOG_LEVELS = (
    "info", "debug", "error", "none", "", "loud", "INFO", "main:info,state:info,*:error", "*:info", "main:info",
    "*:loud",
    "info,", "main:info,", ",", ":", ":info", "main:", "main:info:debug", "main:info, state:info", " info",
    "info,debug",
    "*:error,*:info", "main:info,state", "warn", "main:loud,*:error",
)  # fmt: skip
MONIKERS = (
    "Alice's Node", 'say \\"hi\\"', "x" * 300, " ", "  a  ", "", "tab\\there", "ü", "日本", "\\u0000", "\\u007f", "~",
    "a\\nb",
    "a\\\\b", "\\u001b[31m", "\\u202e", "😀", "[red]", "\\U0001F600", "é",
)  # fmt: skip
HOSTS = (
    "127.0.0.1",
    "[::1]",
    "localhost",
    "10.0.0.1",
    "[fe80::1]",
    "256.1.1.1",
    "1.2.3",
    "no-such-host.invalid",
    "-bad-.invalid",
)
PORTS = (
    "26656",
    "1",
    "65535",
    "65536",
    "0",
    "",
    "-1",
    "+5",
    "http",
    "026656",
    "99999999999999999999",
    "26656 ",
    " 26656",
    "2665６",
)
IDS = (
    ID, OTHER, ID.upper(), ID[:-1], ID[:-2], ID + "00", "", "g" * 40, " " + ID, ID + " ", ID + "\\t", "\\n" + ID,
    "0x" + ID[:38],
    "<Member 1 node id>",
)  # fmt: skip
ENTRIES = (
    f"{ID}@127.0.0.1:26656", f"{ID}@127.0.0.1:26656,", f",{ID}@127.0.0.1:26656",
    f"{ID}@127.0.0.1:26656,,{OTHER}@127.0.0.1:2",
    f" {ID}@127.0.0.1:26656 , {OTHER}@127.0.0.1:1 ", f"{ID}@127.0.0.1", "127.0.0.1:26656", f"{ID}@::1:26656",
    f"{ID}@tcp://127.0.0.1:1",
    f"tcp://{ID}@127.0.0.1:26656", f"http://{ID}@127.0.0.1:1", f"{ID}@http://127.0.0.1:1", f"{ID}@127.0.0.1:26656/",
    f"{ID}@127.0.0.1:1;{OTHER}@127.0.0.1:2", f"{ID}@127.0.0.1:1 {OTHER}@127.0.0.1:2", f"{ID}@@127.0.0.1:1",
    f"{ID}@:26656",
    f"{ID}@[127.0.0.1]:26656", f"{ID}@[::1]", f"{ID}@[::1", f"{ID}@::1]:1", f"{ID}@[::1]:1:2", f"{ID}@[::1%lo]:26656",
    ",", " ", ",,",
    "@", ":", f"{ID}@", "@127.0.0.1:1", f"{ID}@127.0.0.1:1,\\n{OTHER}@127.0.0.1:2",
    f"{ID}@127.0.0.1:1,\\t{OTHER}@127.0.0.1:2",
    f"{ID}＠127.0.0.1:1", f"{ID}@127.0.0.1：26656", f"{ID}@127.0.0.1:26656\\u00a0", f"://{ID}@127.0.0.1:1",
    f"a://b://{ID}@127.0.0.1:1",
    "<Member 1 node id>@<Member 1 hostname>:26656", f"{ID}@<Member 1 hostname>:26656", f"{ID}@exa mple.invalid:26656",
    f"{ID}@[]:26656", f"{ID}@127.0.0.1:1,{ID}@127.0.0.1:1", f"{ID}@[[::1]]:5", f"{ID}@a[b:5", f"{ID}@127.0.0.1:0",
)  # fmt: skip
P2P_LADDRS = (
    "tcp://127.0.0.1:0", "127.0.0.1:0", "tcp://:0", ":0", "", "tcp://127.0.0.1", "0", "tcp://[::1]:0", "tcp://::1:0",
    "udp://127.0.0.1:0",
    "tcp://localhost:0", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:0/", "tcp://x@127.0.0.1:0",
    "tcp:127.0.0.1:0",
    "tcp://127.0.0.1:0 ", " tcp://127.0.0.1:0", "unix:///tmp/x", "tcp://no-such-host.invalid:0",
    "tcp://127.0.0.1:http", "a://127.0.0.1:0://b",
)  # fmt: skip
RPC_LADDRS = (
    "tcp://127.0.0.1:0", "127.0.0.1:0", "tcp://127.0.0.1:0,tcp://127.0.0.1:0", "tcp://127.0.0.1:0, tcp://127.0.0.1:0",
    "", " ", ",",
    "tcp://localhost:0", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://", "http://127.0.0.1:0", "TCP://127.0.0.1:0",
    "tcp4://127.0.0.1:0",
    "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://::1:0", "tcp://[::1]:0", "tcp://no-such-host.invalid:0",
    "tcp://127.0.0.1:+0",
    "tcp://127.0.0.1:00", "tcp:///127.0.0.1:0", "tcp://127.0.0.1:x", "tcp://127.0.0.1:0\\t", "tcp://ä:0",
    "tcp://127.0.0.1:0,x",
    "tcp6://[::1]:0", "tcp6://127.0.0.1:0", "tcp4://[::1]:0", "unix://rpc.sock", "udp://127.0.0.1:0", "ip://127.0.0.1",
)  # fmt: skip
EXTERNALS = (
    "127.0.0.1:26656", "tcp://127.0.0.1:26656", "127.0.0.1", "[::1]:26656", "::1:26656", ":26656",
    "no-such-host.invalid:26656",
    f"{ID}@127.0.0.1:26656", "127.0.0.1:99999", "127.0.0.1:26656 ", "localhost:1", "<hostname>:26656",
    "127.0.0.1:26656,127.0.0.1:2",
)  # fmt: skip
WORDS: dict[str, tuple[str, ...]] = {
    ".log_format": ("plain", "json", "xml", "", "Plain"),
    ".abci": ("socket", "grpc", "x"),
    ".db_backend": ("goleveldb", "leveldb", "memdb", "pebbledb", "x", "", "cleveldb", "badgerdb", "GoLevelDB"),
    ".version": ("", "0.38.17", "1.0", "v1.0.0", "1.2.3-rc.1+b", "01.2.3", "x", "1.2.3-", "1.2.3\\n"),
    "mempool.version": ("v0", "v1", "v2", "", "V0"),
    "mempool.type": ("flood", "nop", "", "x", "Flood"),
    "fastsync.version": ("v0", "v1", "v2", "v3", ""),
    "blocksync.version": ("v0", "v1", "v2", "x", ""),
    "tx_index.indexer": ("kv", "null", "psql", "x", ""),
    "storage.experimental_db_key_layout": ("v1", "v2", "v3", ""),
    "instrumentation.namespace": ("a", "", "a b", "1a", "ä", "a-b"),
}
DOCUMENTS = """moniker = "Name of our node"
create_empty_blocks = false
log_level = "main:info,state:info,*:error"

persistent_peers = "{peers}"

send_rate = 102400000
recv_rate = 102400000

recheck = false
"""
