"""config.toml, judged by ``core.config.checks`` and by the real node: ``check`` is never laxer.

A seeded generator changes the config.toml that the program's own ``init`` wrote; then the program starts with it (one
validator, built-in kvstore, loopback only). ``python -m tests.differential.config --profile cometbft-0.38 --cases 500``.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.config.checks import check
from core.finding import Severity
from core.profiles import profile
from core.profiles.profile import Profile
from tests.nodes import nodes_folder

GENERATION = {"tendermint-0.34": "0.34", "cometbft-0.37": "0.37", "cometbft-0.38": "0.38", "cometbft-1.0": "1.0"}
"""The real node for a profile: CometBFT 0.34.33 speaks for tendermint-0.34."""

STRICTER: tuple[tuple[str, str], ...] = (
    ("config-wrong-table", "the node ignores the key; the setting that was meant is not made"),
    ("config-misspelt-key", "the same"),
    ("config-flat-block", "the same, for the documents' whole block"),
    ("config-hyphenated", "the node ignores the whole file"),
    ("config-dotted-key", "a quoted name with a dot: what the node makes of it depends on what else is set"),
    ("config-key-twice", "two spellings of one key: chance decides which value counts"),
    ("config-not-a-table", "chance decides whether the node sees the value or its own flags' defaults"),
    ("config-type", "a table where a value is wanted: chance decides likewise"),
    ("config-duration-number", "the node takes it as so many nanoseconds, with which no round ends"),
    ("config-test-setting", "the node drops connections on purpose"),
    ("config-peers-upper-case", "the node starts and never connects to that peer"),
    ("config-peers-host", "the node starts and never dials that peer"),
    ("config-peers-placeholder", "nobody has that address"),
    ("config-word", "abci is not looked at where the application is built in, as it is here"),
    ("toml-parsers-disagree", "what only one of two parsers reads is not edited"),
    ("toml-too-deep", "nested deeper than Python's parser goes"),
)
"""Codes that are errors although the node starts, and why."""

Verdict = Literal["started", "refused", "unclear"]


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    case: Case
    verdict: Verdict
    last: str
    """What the node said last."""
    errors: tuple[str, ...]
    unknowns: tuple[str, ...]

    @property
    def fault(self) -> str:
        """Why check and node do not agree; empty where they do."""
        if self.verdict == "unclear":
            return f"the node neither started nor ended: {self.last}"
        if self.verdict == "refused":
            return "" if self.errors or self.unknowns else f"check is laxer: {self.last}"
        stricter = {code for code, _ in STRICTER}
        alarms = [code for code in self.errors if code not in stricter]
        return f"the node starts, check says {', '.join(alarms)}" if alarms else ""


# --- the node ----------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """A home made by ``init`` of one program, copied for every case."""

    profile: Profile
    program: Path
    folder: Path
    template: Path = field(init=False)

    def __post_init__(self) -> None:
        self.template = self.folder / "template"
        subprocess.run(
            [self.program, "init", "--home", self.template], check=True, capture_output=True, env=_environ(self.folder)
        )

    def base(self) -> str:
        """init's config.toml on ports that the system chooses."""
        text = (self.template / "config" / "config.toml").read_text("utf-8")
        text = re.sub(r'(?m)^laddr = "tcp://.*"$', 'laddr = "tcp://127.0.0.1:0"', text)
        text = re.sub(r"(?m)^moniker = .*$", 'moniker = "node"', text)
        return re.sub(r"(?m)^timeout_commit = .*$", 'timeout_commit = "20ms"', text)

    def run(self, case: Case, seconds: float = 20) -> Outcome:
        home = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            shutil.copytree(self.template, home, dirs_exist_ok=True)
            (home / "config" / "config.toml").write_bytes(case.data)
            verdict, last = self._start(home, seconds)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        findings = check(case.data, self.profile)
        errors = tuple(finding.code for finding in findings if finding.severity is Severity.ERROR)
        unknowns = tuple(finding.code for finding in findings if finding.severity is Severity.UNKNOWN)
        return Outcome(case, verdict, last, errors, unknowns)

    def _start(self, home: Path, seconds: float) -> tuple[Verdict, str]:
        log = home / "log"
        argv = [self.program, "start", "--home", home, "--proxy_app=kvstore"]
        with log.open("wb") as out:
            node = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=home,
                env=_environ(home),
                start_new_session=True,
            )
        try:
            return _watch(node, home, log, seconds)
        finally:
            _end(node)


def _environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ.get("PATH", "")}


def _end(node: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(node.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    node.wait()


def _watch(node: subprocess.Popen[bytes], home: Path, log: Path, seconds: float) -> tuple[Verdict, str]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if node.poll() is not None:
            return "refused", _last(log)
        if _runs(home, log):
            # What the node does last in its start (dialling peers) can still end it.
            time.sleep(0.3)
            return ("started", "") if node.poll() is None else ("refused", _last(log))
        time.sleep(0.03)
    return "unclear", _last(log)


def _runs(home: Path, log: Path) -> bool:
    """Its log says so, or (a log level hides that) consensus has begun to write."""
    if b"Started node" in log.read_bytes():
        return True
    wal = home / "data" / "cs.wal" / "wal"
    return wal.exists() and wal.stat().st_size > 1000


def _last(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("ERROR", "panic"))]
    return (told or lines or ["nothing"])[-1][:300]


# --- the generator -----------------------------------------------------------------------------------------------

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
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1e300", "007", "-5.0",
)  # fmt: skip
TEXTS = (
    '""', '" "', '"text"', '"12"', '"-3"', '"0x10"', '"1_0"', '"017"', '"08"', '"1e3"', '" 5"', '"5 "', '"1.5"', '"t"', '"F"',
    '"TRUE"', '"True"', '"yes"', '"no"', '"on"', '"true "', '"ä"', '"\\u0041"', '"\\uD800"', '"\\x41"', '"\\e"', "'12'", "'a\\b'",
    '"""12"""', '"""\n12"""', "'''12'''", '"\\t"', '"1__0"', '"_1"', '"0_7"', '"+5"', '"--5"', '"9223372036854775808"', '"٣"',
    "unquoted", '"open', "'open", "",
)  # fmt: skip
DURATIONS = (
    "1s", "-1s", "0", "0s", "", "1", "1.5s", ".5s", "1s5", "1m30s", "5d", "1 s", "１s", "1µs", "1us", "1e3s", "+1s", "9999999h",
    "1H", "1.s", ".s", "..5s", "1h1h", "-0", "2562047h47m16.854775807s", "2562047h47m16.854775808s", "1ms1", "1.2.3s", "0.1ns",
    "168h0m0s", "3S", "s", "-", "1s-1s", "100000000000000000000ns", "9223372036854775808ns", "-9223372036854775808ns", "1μs",
)  # fmt: skip
LOG_LEVELS = (
    "info", "debug", "error", "none", "", "loud", "INFO", "main:info,state:info,*:error", "*:info", "main:info", "*:loud",
    "info,", "main:info,", ",", ":", ":info", "main:", "main:info:debug", "main:info, state:info", " info", "info,debug",
    "*:error,*:info", "main:info,state", "warn", "main:loud,*:error",
)  # fmt: skip
MONIKERS = (
    "Alice's Node", 'say \\"hi\\"', "x" * 300, " ", "  a  ", "", "tab\\there", "ü", "日本", "\\u0000", "\\u007f", "~", "a\\nb",
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
    ID, OTHER, ID.upper(), ID[:-1], ID[:-2], ID + "00", "", "g" * 40, " " + ID, ID + " ", ID + "\\t", "\\n" + ID, "0x" + ID[:38],
    "<Member 1 node id>",
)  # fmt: skip
ENTRIES = (
    f"{ID}@127.0.0.1:26656", f"{ID}@127.0.0.1:26656,", f",{ID}@127.0.0.1:26656", f"{ID}@127.0.0.1:26656,,{OTHER}@127.0.0.1:2",
    f" {ID}@127.0.0.1:26656 , {OTHER}@127.0.0.1:1 ", f"{ID}@127.0.0.1", "127.0.0.1:26656", f"{ID}@::1:26656", f"{ID}@tcp://127.0.0.1:1",
    f"tcp://{ID}@127.0.0.1:26656", f"http://{ID}@127.0.0.1:1", f"{ID}@http://127.0.0.1:1", f"{ID}@127.0.0.1:26656/",
    f"{ID}@127.0.0.1:1;{OTHER}@127.0.0.1:2", f"{ID}@127.0.0.1:1 {OTHER}@127.0.0.1:2", f"{ID}@@127.0.0.1:1", f"{ID}@:26656",
    f"{ID}@[127.0.0.1]:26656", f"{ID}@[::1]", f"{ID}@[::1", f"{ID}@::1]:1", f"{ID}@[::1]:1:2", f"{ID}@[::1%lo]:26656", ",", " ", ",,",
    "@", ":", f"{ID}@", f"@127.0.0.1:1", f"{ID}@127.0.0.1:1,\\n{OTHER}@127.0.0.1:2", f"{ID}@127.0.0.1:1,\\t{OTHER}@127.0.0.1:2",
    f"{ID}＠127.0.0.1:1", f"{ID}@127.0.0.1：26656", f"{ID}@127.0.0.1:26656\\u00a0", f"://{ID}@127.0.0.1:1", f"a://b://{ID}@127.0.0.1:1",
    "<Member 1 node id>@<Member 1 hostname>:26656", f"{ID}@<Member 1 hostname>:26656", f"{ID}@exa mple.invalid:26656",
    f"{ID}@[]:26656", f"{ID}@127.0.0.1:1,{ID}@127.0.0.1:1", f"{ID}@[[::1]]:5", f"{ID}@a[b:5", f"{ID}@127.0.0.1:0",
)  # fmt: skip
P2P_LADDRS = (
    "tcp://127.0.0.1:0", "127.0.0.1:0", "tcp://:0", ":0", "", "tcp://127.0.0.1", "0", "tcp://[::1]:0", "tcp://::1:0", "udp://127.0.0.1:0",
    "tcp://localhost:0", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:0/", "tcp://x@127.0.0.1:0", "tcp:127.0.0.1:0",
    "tcp://127.0.0.1:0 ", " tcp://127.0.0.1:0", "unix:///tmp/x", "tcp://no-such-host.invalid:0", "tcp://127.0.0.1:http", "a://127.0.0.1:0://b",
)  # fmt: skip
RPC_LADDRS = (
    "tcp://127.0.0.1:0", "127.0.0.1:0", "tcp://127.0.0.1:0,tcp://127.0.0.1:0", "tcp://127.0.0.1:0, tcp://127.0.0.1:0", "", " ", ",",
    "tcp://localhost:0", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://", "http://127.0.0.1:0", "TCP://127.0.0.1:0", "tcp4://127.0.0.1:0",
    "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://::1:0", "tcp://[::1]:0", "tcp://no-such-host.invalid:0", "tcp://127.0.0.1:+0",
    "tcp://127.0.0.1:00", "tcp:///127.0.0.1:0", "tcp://127.0.0.1:x", "tcp://127.0.0.1:0\\t", "tcp://ä:0", "tcp://127.0.0.1:0,x",
    "tcp6://[::1]:0", "tcp6://127.0.0.1:0", "tcp4://[::1]:0", "unixpacket:///a", "udp://127.0.0.1:0", "ip://127.0.0.1",
)  # fmt: skip
EXTERNALS = (
    "127.0.0.1:26656", "tcp://127.0.0.1:26656", "127.0.0.1", "[::1]:26656", "::1:26656", ":26656", "no-such-host.invalid:26656",
    f"{ID}@127.0.0.1:26656", "127.0.0.1:99999", "127.0.0.1:26656 ", "localhost:1", "<hostname>:26656", "127.0.0.1:26656,127.0.0.1:2",
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

Mutation = Callable[[random.Random, str, Profile], tuple[str, str | bytes]]


def set_raw(text: str, table: str, key: str, raw: str) -> str:
    """The text with ``key = raw`` in that table, in place of the key's line or as the table's first."""
    lines = text.split("\n")
    at, inside = 0, table == ""
    for number, line in enumerate(lines):
        header = re.match(r"\[([^\[\]]+)\]\s*$", line)
        if header:
            inside = header[1] == table
            at = number + 1 if inside else at
        elif inside and re.match(re.escape(key) + r"\s*=", line):
            lines[number] = f"{key} = {raw}"
            return "\n".join(lines)
    return "\n".join([*lines[:at], f"{key} = {raw}", *lines[at:]])


def _place(rng: random.Random, profile: Profile) -> tuple[str, str]:
    table = rng.choice(tuple(profile.config))
    return table, rng.choice(tuple(profile.config[table]))


def _any_type(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = _place(rng, profile)
    raw = rng.choice(NOT_TEXT if key in ON_DISK else (*NOT_TEXT, *NUMBERS, *TEXTS))
    return f"{table}.{key} = {raw}", set_raw(text, table, key, raw)


def _duration(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    places = [
        (table, key)
        for table, keys in profile.config.items()
        for key, default in keys.items()
        if isinstance(default, str) and re.fullmatch(r"(\d+(ms|s|m|h))+", default)
    ]
    table, key = rng.choice(places)
    raw = f'"{rng.choice(DURATIONS)}"' if rng.random() < 0.8 else rng.choice(NUMBERS)
    return f"{table}.{key} = {raw}", set_raw(text, table, key, raw)


def _number(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    places = [
        (table, key)
        for table, keys in profile.config.items()
        for key, default in keys.items()
        if isinstance(default, int) and not isinstance(default, bool)
    ]
    table, key = rng.choice(places)
    raw = rng.choice((*NUMBERS, "-1", "-100", "99", "100", "1"))
    return f"{table}.{key} = {raw}", set_raw(text, table, key, raw)


def _one_of(table: str, key: str, values: tuple[str, ...]) -> Mutation:
    def change(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
        value = rng.choice(values)
        return f'{table}.{key} = "{value}"', set_raw(text, table, key, f'"{value}"')

    return change


def _word(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    known = [path for path in WORDS if path.partition(".")[2] in profile.config.get(path.partition(".")[0], {})]
    table, _, key = rng.choice(known).partition(".")
    return _one_of(table, key, WORDS[f"{table}.{key}"])(rng, text, profile)


def _built_peer(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    entries = [f"{rng.choice(IDS)}@{rng.choice(HOSTS)}:{rng.choice(PORTS)}" for _ in range(rng.randint(1, 2))]
    value = rng.choice((",", ", ", ",,")).join(entries)
    key = rng.choice(("persistent_peers", "persistent_peers", "seeds"))
    return f"{key} {value}", set_raw(text, "p2p", key, f'"{value}"')


def _ids(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    key = rng.choice(("unconditional_peer_ids", "private_peer_ids"))
    value = rng.choice((",", ", ")).join(rng.sample(IDS, rng.randint(1, 2)))
    return f"{key} {value}", set_raw(text, "p2p", key, f'"{value}"')


def _seeds(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    pex = rng.choice(("true", "false"))
    value = rng.choice(ENTRIES)
    return f"pex {pex}, seeds {value}", set_raw(set_raw(text, "p2p", "pex", pex), "p2p", "seeds", f'"{value}"')


def _statesync(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    settings = {
        "rpc_servers": ('"a:1,b:2"', '"a:1"', '""', '["a:1", "b:2"]', '"a:1,"', '","', "[]", '["a"]', "[5, 6]"),
        "trust_height": ("1", "0", "-1", '"5"'),
        "trust_hash": ('"AB"', '""', '"ABC"', '"zz"', '"ab"'),
        "trust_period": ('"1h"', '"0s"', '"-1s"', "5"),
        "discovery_time": ('"15s"', '"5s"', '"4s"', '"0s"', '"-1s"'),
        "chunk_request_timeout": ('"10s"', '"4s"', '"5s"'),
        "chunk_fetchers": ('"4"', '"0"', "4", "-1", '"x"', '"4294967300"'),
    }
    chosen = {key: values[0] if rng.random() < 0.75 else rng.choice(values) for key, values in settings.items()}
    text = set_raw(text, "statesync", "enable", "true")
    for key, raw in chosen.items():
        text = set_raw(text, "statesync", key, raw)
    return f"statesync {chosen}", text


def _together(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    sets: list[tuple[tuple[str, str, str], ...]] = [
        (
            ("rpc", "experimental_subscription_buffer_size", raw),
            ("rpc", "experimental_websocket_write_buffer_size", more),
        )
        for raw, more in (("99", "200"), ("100", "99"), ("100", "100"), ("300", "200"), ("300", "300"))
    ]
    sets.append(
        (("instrumentation", "prometheus", "true"), ("instrumentation", "prometheus_listen_addr", '"127.0.0.1:0"'))
    )
    sets.append((("p2p", "seed_mode", "true"), ("p2p", "pex", "false")))
    sets.append((("p2p", "test_fuzz", rng.choice(("true", "[]", '"x"', "false"))),))
    sets.append((("p2p", "test_dial_fail", rng.choice(("true", "[]"))),))
    sets.append((("p2p.test_fuzz_config", "Mode", rng.choice(("1", '"x"'))),))
    if "type" in profile.config["mempool"]:
        sets += [
            (("mempool", "type", f'"{kind}"'), ("consensus", "create_empty_blocks", empty))
            for kind in ("nop", "flood")
            for empty in ("true", "false")
        ]
    if "storage.pruning" in profile.config:
        companion = "storage.pruning.data_companion"
        sets += [
            ((companion, "enabled", "true"), (companion, key, raw))
            for key in ("initial_block_retain_height", "initial_block_results_retain_height")
            for raw in ("-1", "0", "1")
        ]
        sets += [
            (("grpc", "laddr", f'"{value}"'),)
            for value in ("127.0.0.1:0", "tcp://127.0.0.1:0", "tcp://x", "x://127.0.0.1:0")
        ]
        sets += [
            (("grpc.privileged", "laddr", f'"{value}"'),)
            for value in ("127.0.0.1:0", "tcp://127.0.0.1:0", "tcp://127.0.0.1")
        ]
    else:
        sets += [
            (("rpc", "grpc_laddr", f'"{value}"'),)
            for value in ("127.0.0.1:0", "tcp://127.0.0.1:0", "tcp://127.0.0.1", "")
        ]
    chosen = rng.choice(sets)
    for table, key, raw in chosen:
        if table not in profile.config and f"[{table}]" not in text:
            text += f"\n[{table}]\n"
        text = set_raw(text, table, key, raw)
    return " + ".join(f"{table}.{key} = {raw}" for table, key, raw in chosen), text


def _misplace(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = _place(rng, profile)
    wrong = rng.choice([name for name in profile.config if key not in profile.config[name]])
    raw = rng.choice(('"x"', "5", "false", "[]"))
    return f"{table}.{key} in [{wrong}] = {raw}", set_raw(text, wrong, key, raw)


def _rename(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = _place(rng, profile)
    spelt = rng.choice(
        (
            key.upper(),
            key.capitalize(),
            key[:-1],
            key.replace("_", "-"),
            key + "s",
            f'"{key}"',
            f"'{key}'",
            f'"{table}.{key}"',
            f" {key} ",
        )
    )
    raw = rng.choice(('"x"', "5", "[]", '"1s"', "true"))
    return f"{table}: {spelt} = {raw}", set_raw(text, table, spelt, raw)


def _table_form(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table = rng.choice([name for name in profile.config if name and "." not in name])
    body = re.compile(rf"(?m)^\[{table}\]$")
    forms = (
        f"[ {table} ]", f"[{table.upper()}]", f"[[{table}]]", f'["{table}"]', f"[{table}x]", f"[{table}] # comment", f"[{table}]\n[{table}]",
        f"[{table}", f"{table} = 5\n[x{table}]", f'{table} = "x"\n[x{table}]', f"{table} = []\n[x{table}]", f"{table}.x = 1\n[{table}]",
        f"[{table}.sub]\nx = 1\n[{table}]", f"[{table}]\n[{table}.sub]\nx=1\n[x{table}]",
    )  # fmt: skip
    form = rng.choice(forms)
    if form.startswith(table):  # a key of the top level stands above the first table
        top, rest = form.split("\n")
        changed = set_raw(body.sub(rest, text, count=1), "", top.split(" ")[0], top.split("= ")[1])
    else:
        changed = body.sub(form, text, count=1)
    return f"table {form!r}", changed


def _dotted_top(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    table, key = rng.choice([(t, k) for t, keys in profile.config.items() if t for k in keys if k not in ON_DISK])
    raw = rng.choice(('"x"', "5", "[]", "true"))
    return f"top: {table}.{key} = {raw}", f"{table}.{key} = {raw}\n{text}"


def _bytes(rng: random.Random, text: str, profile: Profile) -> tuple[str, str | bytes]:
    forms: dict[str, str | bytes] = {
        "BOM": b"\xef\xbb\xbf" + text.encode(),
        "CRLF": text.replace("\n", "\r\n").encode(),
        "lone CR": text.replace("\n", "\r", 3),
        "no final newline": text.rstrip("\n"),
        "empty": "",
        "comments only": "# nothing\n",
        "Latin-1 comment": "# é\n".encode("latin-1") + text.encode(),
        "NUL": text + "\0",
        "control in comment": f"# \x01\n{text}",
        "DEL in comment": f"# \x7f\n{text}",
        "tab in comment": f"#\t\n{text}",
        "garbage": text + "garbage\n",
        "two on a line": text + "a = 1 b = 2\n",
        "no value": text + "a =\n",
        "no key": text + "= 1\n",
        "UTF-16": text.encode("utf-16"),
        "form feed": text + "\f\n",
        "no-break space": f"\u00a0\n{text}",
        "line separator": text.replace("\n", "\u2028", 1),
        "surrogate bytes": b'a = "\xed\xa0\x80"\n' + text.encode(),
        "overlong": b'a = "\xc0\xaf"\n' + text.encode(),
        "unknown values": 'x1 = 1979-05-27T00:32:00.999999-07:00\nx2 = [1, "a", {b = 2}]\nx3 = 0xdead_beef\n' + text,
        "bad date": f"x1 = 1979-02-30\n{text}",
        "year 0": f"x1 = 0000-01-01\n{text}",
        "leap second": f"x1 = 1979-05-27T23:59:60Z\n{text}",
        "hour 24": f"x1 = 1979-05-27T24:00:00Z\n{text}",
        "minute date": f"x1 = 1979-05-27T07:32Z\n{text}",
        "mixed array": f"x1 = [1, 'a', 1.5]\n{text}",
        "inline newline": "x1 = {a = 1,\n b = 2}\n" + text,
        "trailing comma": "x1 = {a = 1,}\n" + text,
        "deep": f"x1 = {'[' * 200}{']' * 200}\n" + text,
        "empty key": f'"" = 1\n{text}',
        "doubled inline": "x1 = {a = 1, a = 2}\n" + text,
        "doubled dotted": "x1.a = 1\nx1.a = 2\n" + text,
        "dotted over value": "x1 = 1\nx1.a = 2\n" + text,
        "extend inline": "x1 = {a = 1}\nx1.b = 2\n" + text,
        "table twice": text + "[x1]\n[x2]\n[x1]\n",
        "subtable first": text + "[x1.y]\n[x1]\na = 1\n",
        "array then table": text + "[[x1]]\n[x1]\n",
        "header over dotted": text + "[x1]\ny.z = 1\n[x1.y]\n",
        "redefine by header": text + "[x1]\ny = 1\n[x1.y]\n",
        "append to static": text + "[x1]\ny = []\n[[x1.y]]\n",
    }
    name = rng.choice(tuple(forms))
    return name, forms[name]


def _twice(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    lines = text.split("\n")
    keys = [number for number, line in enumerate(lines) if re.match(r"[a-z_-]+ = ", line)]
    chosen = rng.choice(keys)
    return f"twice: {lines[chosen]}", "\n".join([*lines[: chosen + 1], lines[chosen], *lines[chosen + 1 :]])


def _documents(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    forms = (
        f"{ID}@127.0.0.1:26656,\\\n{OTHER}@127.0.0.1:26657,",
        f"{ID}@127.0.0.1:26656,",
        "<Member 1 node id>@<Member 1 hostname>:26656,\\\n<Member 2 node id>@<Member 2 hostname>:26656,",
    )
    block = DOCUMENTS.replace("{peers}", rng.choice(forms))
    where = rng.choice(("end", "top", "p2p"))
    if where == "p2p":
        return "documents in [p2p]", text.replace("[p2p]\n", f"[p2p]\n{block}", 1)
    return f"documents at the {where}", text + block if where == "end" else block + text


def _multi_line(rng: random.Random, text: str, profile: Profile) -> tuple[str, str]:
    one, two = f"{ID}@127.0.0.1:26656", f"{OTHER}@127.0.0.1:26657"
    forms = (
        f'"""{one},\\\n{two}"""', f'"""{one},\n{two}"""', f'"""\n{one},{two}"""', f'"""\\\n   {one},\\\n   {two}\\\n"""', f"'''{one},\n{two}'''",
        f"'''{one}'''", f"'''\n{one},{two}'''", f'"{one},\\\n{two}"', f'"{one},\n{two}"', f'"""{one},{two}\n"""', f'["{one}", "{two}"]',
        f'"{one}" # "', f"'{one}'", f'"{one}"  ', f'"\\u0030{one[1:]}"', f'"""{one},\t{two}"""',
    )  # fmt: skip
    raw = rng.choice(forms)
    return f"peers {raw!r}", set_raw(text, "p2p", "persistent_peers", raw)


MUTATIONS: tuple[tuple[int, Mutation], ...] = (
    (8, _any_type),
    (4, _duration),
    (3, _number),
    (3, _one_of("", "log_level", LOG_LEVELS)),
    (3, _one_of("", "moniker", MONIKERS)),
    (6, _one_of("p2p", "persistent_peers", ENTRIES)),
    (4, _built_peer),
    (2, _ids),
    (2, _seeds),
    (3, _one_of("p2p", "laddr", P2P_LADDRS)),
    (4, _one_of("rpc", "laddr", RPC_LADDRS)),
    (2, _one_of("p2p", "external_address", EXTERNALS)),
    (4, _word),
    (2, _statesync),
    (3, _together),
    (2, _misplace),
    (2, _rename),
    (3, _table_form),
    (2, _dotted_top),
    (5, _bytes),
    (1, _twice),
    (2, _documents),
    (2, _multi_line),
)


def cases(profile: Profile, base: str, seed: int, count: int) -> Iterator[Case]:
    """``count`` cases; the same for the same seed, one by one."""
    changes = [change for _, change in MUTATIONS]
    weights = [weight for weight, _ in MUTATIONS]
    for number in range(count):
        rng = random.Random(f"{seed}/{profile.name}/{number}")
        text: str | bytes = base
        names = []
        for change in rng.choices(changes, weights, k=1 if rng.random() < 0.9 else 2):
            if isinstance(text, str):
                name, text = change(rng, text, profile)
                names.append(name)
        yield Case(
            f"{seed}/{number}: {'; '.join(names)}",
            text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text,
        )


def compare(bench: Bench, chosen: Iterator[Case], jobs: int = 2) -> Iterator[Outcome]:
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(bench.run, chosen)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare check with the real node on changed config.toml files.")
    parser.add_argument("--profile", choices=tuple(GENERATION), action="append")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, help="one case, by its number")
    said = parser.parse_args()
    faults = 0
    for name in said.profile or tuple(GENERATION):
        faults += _report(name, said)
    return 1 if faults else 0


def _report(name: str, said: argparse.Namespace) -> int:
    program = nodes_folder() / f"cometbft-{GENERATION[name]}"
    verdicts: Counter[str] = Counter()
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(profile(name), program, Path(folder))
        count = said.cases if said.only is None else said.only + 1
        chosen = list(cases(bench.profile, bench.base(), said.seed, count))
        for outcome in compare(bench, iter(chosen if said.only is None else chosen[-1:]), said.jobs):
            verdicts[outcome.verdict] += 1
            if outcome.fault:
                faults += 1
                print(
                    f"{name} {outcome.case.name}\n    {outcome.fault}\n    check: {outcome.errors} {outcome.unknowns}",
                    flush=True,
                )
    print(f"{name}: {dict(verdicts)}, {faults} disagreements")
    return faults


if __name__ == "__main__":
    sys.exit(main())
