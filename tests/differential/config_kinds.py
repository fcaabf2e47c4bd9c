"""Mistakes of known kinds in a config.toml and the files that it names: what a node does, and what is found.

Each was seen in a published file or a bug report. Nothing is dialled but loopback, and no name is looked up.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.finding import Severity
from tests.differential.config_values import ID

INFO, UNKNOWN, WARNING, ERROR = Severity.INFO, Severity.UNKNOWN, Severity.WARNING, Severity.ERROR
STARTS, ENDS, WAITS = "started", "refused", "unclear"
EITHER = f"{STARTS} {ENDS}"
"""Chance decides which of two listens first."""
FOREIGN = "192.0.2.1"
"""An address that no machine has (RFC 5737): nothing is sent to it, only a socket fails to be bound to it."""


def _nothing(home: Path) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    code: str
    severity: Severity
    does: str
    """What the node does: one verdict, or several with blanks between."""
    settings: tuple[tuple[str, str, str], ...] = ()
    """Table, key and text. {a}, {b}: free ports; {node}, {val}: own node id and validator address; {key}: its key."""
    prepare: Callable[[Path], None] = _nothing
    made: str = ""
    """What the node makes in the home and was not there."""
    logs: str = ""
    """What its log says of it."""
    application: str = "kvstore"
    """``--proxy_app``; empty: as the file says."""
    profiles: tuple[str, ...] = ("tendermint-0.34", "cometbft-0.37", "cometbft-0.38", "cometbft-1.0")


def _without(*names: str) -> Callable[[Path], None]:
    def prepare(home: Path) -> None:
        for name in names:
            (home / name).unlink()

    return prepare


def _copied(name: str, to: str) -> Callable[[Path], None]:
    def prepare(home: Path) -> None:
        (home / to).parent.mkdir(exist_ok=True)
        shutil.copy(home / name, home / to)

    return prepare


def _linked(home: Path) -> None:
    key = home / "config" / "priv_validator_key.json"
    key.rename(home / "real.json")
    key.symlink_to(home / "real.json")


KEY, STATE = "config/priv_validator_key.json", "data/priv_validator_state.json"
NODE_KEY, GENESIS = "config/node_key.json", "config/genesis.json"
_OLD_GRPC = ("tendermint-0.34", "cometbft-0.37", "cometbft-0.38")


def _path(key: str, text: str, code: str, severity: Severity, does: str, made: str = "", table: str = "") -> Kind:
    return Kind(f"{key} {text!r}", code, severity, does, ((table, key, text),), made=made)


FILES = (
    *(
        _path("genesis_file", text, code, ERROR, ENDS)
        for text, code in (
            ("", "config-path-empty"),
            ("config\\genesis.json", "config-path-form"),
            ("C:\\node\\genesis.json", "config-path-form"),
            ("~/.tendermint/config/genesis.json", "config-path-form"),
            ("$HOME/genesis.json", "config-path-form"),
            (" config/genesis.json", "config-path-form"),
            ("config/none.json", "config-path-missing"),
            ("/nonexistent/genesis.json", "config-path-missing"),
            ("config", "config-path-kind"),
        )
    ),
    Kind("no genesis.json", "config-path-missing", WARNING, ENDS, prepare=_without(GENESIS)),
    _path("priv_validator_key_file", "config/pv.json", "config-path-missing", ERROR, STARTS, "config/pv.json"),
    _path("priv_validator_key_file", "config\\pv.json", "config-path-form", ERROR, STARTS, "config\\pv.json"),
    _path("priv_validator_key_file", "none/pv.json", "config-path-missing", ERROR, ENDS),
    _path("priv_validator_key_file", "~/pv.json", "config-path-form", ERROR, ENDS),
    _path("priv_validator_key_file", "", "config-path-empty", ERROR, ENDS),
    _path("priv_validator_key_file", "config", "config-path-kind", ERROR, ENDS),
    Kind("no validator key", "config-path-missing", WARNING, STARTS, prepare=_without(KEY), made=KEY),
    Kind(
        "neither key nor sign state", "config-path-missing", WARNING, STARTS, prepare=_without(KEY, STATE), made=STATE
    ),
    _path("priv_validator_state_file", "data/none.json", "config-path-missing", ERROR, ENDS),
    _path("priv_validator_state_file", "", "config-path-empty", ERROR, ENDS),
    _path("priv_validator_state_file", "data", "config-path-kind", ERROR, ENDS),
    Kind("no sign state beside a key", "config-path-missing", ERROR, ENDS, prepare=_without(STATE)),
    _path("node_key_file", "config/nk.json", "config-path-missing", WARNING, STARTS, "config/nk.json"),
    _path("node_key_file", "none/nk.json", "config-path-missing", ERROR, ENDS),
    _path("node_key_file", "", "config-path-empty", ERROR, ENDS),
    _path("node_key_file", "config", "config-path-kind", ERROR, ENDS),
    Kind("no node key", "config-path-missing", WARNING, STARTS, prepare=_without(NODE_KEY), made=NODE_KEY),
    _path("db_dir", "", "config-path-empty", WARNING, STARTS, "state.db"),
    _path("db_dir", "~/data", "config-path-form", WARNING, STARTS, "~/data"),
    _path("db_dir", "data\\db", "config-path-form", WARNING, STARTS, "data\\db"),
    _path("db_dir", GENESIS, "config-path-kind", ERROR, ENDS),
    _path("wal_file", "", "config-path-empty", ERROR, ENDS, table="consensus"),
    _path("wal_file", "data", "config-path-kind", ERROR, ENDS, table="consensus"),
    _path("wal_file", "data\\wal", "config-path-form", WARNING, STARTS, "data\\wal", table="consensus"),
    _path("addr_book_file", "", "config-path-empty", ERROR, ENDS, table="p2p"),
    _path("addr_book_file", "config", "config-path-kind", ERROR, ENDS, table="p2p"),
    _path("addr_book_file", "none/book.json", "config-path-missing", WARNING, STARTS, table="p2p"),
    Kind(
        "a validator key of another home",
        "config-path-outside",
        WARNING,
        STARTS,
        (("", "priv_validator_key_file", "{home}/../elsewhere.json"),),
        prepare=_copied(KEY, "../elsewhere.json"),
    ),
    Kind(
        "TLS without its files",
        "config-path-missing",
        ERROR,
        STARTS,
        (("rpc", "tls_cert_file", "none.pem"), ("rpc", "tls_key_file", "none.key")),
        logs="none.pem",
    ),
    Kind("half of TLS", "config-tls-half", WARNING, STARTS, (("rpc", "tls_cert_file", "none.pem"),)),
)

_RPC, _P2P = "tcp://127.0.0.1:{a}", "tcp://127.0.0.1:{b}"
_NOT_HERE = "config-not-this-machine"

LISTENERS = (
    Kind("rpc.laddr 0.0.0.1", _NOT_HERE, ERROR, ENDS, (("rpc", "laddr", "tcp://0.0.0.1:{a}"),)),
    Kind("rpc.laddr of another host", _NOT_HERE, ERROR, ENDS, (("rpc", "laddr", f"tcp://{FOREIGN}:{{a}}"),)),
    Kind("one of two rpc.laddr", _NOT_HERE, ERROR, ENDS, (("rpc", "laddr", f"{_RPC},tcp://{FOREIGN}:{{b}}"),)),
    Kind("p2p.laddr of another host", _NOT_HERE, ERROR, ENDS, (("p2p", "laddr", f"tcp://{FOREIGN}:{{a}}"),)),
    Kind("p2p.laddr 0.0.0.1", _NOT_HERE, ERROR, ENDS, (("p2p", "laddr", "tcp://0.0.0.1:{a}"),)),
    Kind("a link-local address without a zone", _NOT_HERE, ERROR, ENDS, (("rpc", "laddr", "tcp://[fe80::1]:{a}"),)),
    Kind(
        "grpc_laddr of another host", _NOT_HERE, ERROR, ENDS, (("rpc", "grpc_laddr", f"tcp://{FOREIGN}:{{a}}"),),
        profiles=_OLD_GRPC,
    ),
    Kind(
        "grpc.laddr of another host", _NOT_HERE, ERROR, ENDS, (("grpc", "laddr", f"tcp://{FOREIGN}:{{a}}"),),
        profiles=("cometbft-1.0",),
    ),
    Kind(
        "grpc.privileged.laddr of another host", _NOT_HERE, ERROR, ENDS,
        (("grpc.privileged", "laddr", f"tcp://{FOREIGN}:{{a}}"),), profiles=("cometbft-1.0",),
    ),
    Kind(
        "a signer's address of another host", _NOT_HERE, ERROR, ENDS,
        (("", "priv_validator_laddr", f"tcp://{FOREIGN}:{{a}}"),),
    ),
    Kind(
        "pprof_laddr of another host", _NOT_HERE, WARNING, STARTS, (("rpc", "pprof_laddr", f"{FOREIGN}:{{a}}"),),
        logs="cannot assign requested address",
    ),
    Kind(
        "prometheus_listen_addr of another host", _NOT_HERE, WARNING, STARTS,
        (("instrumentation", "prometheus", "true"), ("instrumentation", "prometheus_listen_addr", f"{FOREIGN}:{{a}}")),
        logs="cannot assign requested address",
    ),
    Kind(
        "pprof_laddr with a protocol", "config-http-address", WARNING, STARTS,
        (("rpc", "pprof_laddr", "tcp://127.0.0.1:{a}"),), logs="too many colons",
    ),
    Kind(
        "one port for p2p and rpc", "config-same-port", ERROR, ENDS,
        (("rpc", "laddr", _RPC), ("p2p", "laddr", "tcp://127.0.0.1:{a}")), logs="address already in use",
    ),
    Kind(
        "one port for p2p and rpc, every interface", "config-same-port", ERROR, ENDS,
        (("rpc", "laddr", _RPC), ("p2p", "laddr", "tcp://0.0.0.0:{a}")), logs="address already in use",
    ),
    Kind(
        "one port for rpc twice", "config-same-port", ERROR, ENDS, (("rpc", "laddr", f"{_RPC},{_RPC}"),),
        logs="address already in use",
    ),
    Kind(
        "one socket for rpc twice", "config-same-port", ERROR, ENDS,
        (("rpc", "laddr", "unix://r.sock,unix://r.sock"),), logs="address already in use",
    ),
    Kind(
        "one port for rpc and grpc", "config-same-port", ERROR, ENDS,
        (("rpc", "laddr", _RPC), ("rpc", "grpc_laddr", _RPC)), logs="address already in use", profiles=_OLD_GRPC,
    ),
    Kind(
        "one port for grpc and p2p", "config-same-port", ERROR, ENDS,
        (("grpc", "laddr", _RPC), ("p2p", "laddr", _RPC)), logs="address already in use", profiles=("cometbft-1.0",),
    ),
    Kind(
        "one port for both grpc", "config-same-port", ERROR, ENDS,
        (("grpc", "laddr", _RPC), ("grpc.privileged", "laddr", _RPC)),
        logs="address already in use", profiles=("cometbft-1.0",),
    ),
    Kind(
        "one port for rpc and pprof", "config-same-port", ERROR, EITHER,
        (("rpc", "laddr", _RPC), ("rpc", "pprof_laddr", "127.0.0.1:{a}")), logs="address already in use",
    ),
    Kind(
        "one port for p2p and prometheus", "config-same-port", ERROR, EITHER,
        (
            ("p2p", "laddr", _P2P), ("instrumentation", "prometheus", "true"),
            ("instrumentation", "prometheus_listen_addr", ":{b}"),
        ),
        logs="address already in use",
    ),
    Kind(
        "one port for pprof and prometheus", "config-same-port", WARNING, STARTS,
        (
            ("rpc", "pprof_laddr", ":{b}"), ("instrumentation", "prometheus", "true"),
            ("instrumentation", "prometheus_listen_addr", ":{b}"),
        ),
        logs="address already in use",
    ),
    Kind(
        "one port for a signer and rpc", "config-same-port", ERROR, ENDS,
        (("rpc", "laddr", _RPC), ("", "priv_validator_laddr", _RPC)),
    ),
    Kind(
        "no remote signer comes", "config-remote-signer", UNKNOWN, ENDS, (("", "priv_validator_laddr", _RPC),),
    ),
    Kind(
        "a signer's address without protocol", "config-remote-signer", UNKNOWN, ENDS,
        (("", "priv_validator_laddr", "127.0.0.1:{a}"),),
    ),
    Kind(
        "a signer's address of http", "config-remote-signer", ERROR, ENDS,
        (("", "priv_validator_laddr", "http://127.0.0.1:{a}"),),
    ),
    Kind(
        "a signer's address without port", "config-remote-signer", ERROR, ENDS,
        (("", "priv_validator_laddr", "tcp://127.0.0.1"),),
    ),
    Kind(
        "the application on the port of rpc", "config-same-port", ERROR, WAITS,
        (("rpc", "laddr", _RPC), ("", "proxy_app", _RPC)), application="",
    ),
    Kind("no application", "config-application", ERROR, WAITS, (("", "proxy_app", ""),), application=""),
    Kind(
        "an application of a wrong name", "config-application", ERROR, WAITS, (("", "proxy_app", "kvstor"),),
        application="",
    ),
    Kind(
        "the application without port", "config-application", ERROR, WAITS, (("", "proxy_app", "tcp://127.0.0.1"),),
        application="",
    ),
    Kind(
        "the built-in application", "config-application-built-in", WARNING, STARTS, (("", "proxy_app", "kvstore"),),
        application="",
    ),
)  # fmt: skip


def _peers(name: str, text: str, code: str, severity: Severity, does: str, key: str = "persistent_peers") -> Kind:
    return Kind(name, code, severity, does, (("p2p", key, text),))


IDENTIFIERS = (
    _peers("own validator address as id", "{val}@127.0.0.1:{a}", "config-id-kind", ERROR, STARTS),
    _peers("the same in upper case", "{VAL}@127.0.0.1:{a}", "config-id-kind", ERROR, STARTS),
    _peers("own node id in upper case", "{NODE}@127.0.0.1:{a}", "config-peers-upper-case", ERROR, STARTS),
    _peers("an unknown id in upper case", f"{ID.upper()}@127.0.0.1:{{a}}", "config-peers-upper-case", ERROR, STARTS),
    _peers("a public key in hex as id", "{key}@127.0.0.1:{a}", "config-peers-entry", ERROR, ENDS),
    _peers("a public key in base64 as id", "{base64}@127.0.0.1:{a}", "config-peers-entry", ERROR, ENDS),
    _peers("an address without id", "127.0.0.1:{a}", "config-peers-entry", ERROR, ENDS),
    _peers("an id without address", "{node}", "config-peers-entry", ERROR, ENDS),
    _peers("address and id the other way round", f"127.0.0.1:{{a}}@{ID}", "config-peers-entry", ERROR, ENDS),
    _peers("itself", "{node}@127.0.0.1:{a}", "config-peers-self", INFO, STARTS),
    Kind(
        "its own address", "config-peers-own-address", WARNING, STARTS,
        (("p2p", "laddr", _P2P), ("p2p", "persistent_peers", f"{ID}@127.0.0.1:{{b}}")),
    ),
    _peers("a whole entry among ids", f"{ID}@127.0.0.1:1", "config-peer-id", ERROR, ENDS, "unconditional_peer_ids"),
    _peers("a validator's address among ids", "{VAL}", "config-id-kind", ERROR, STARTS, "unconditional_peer_ids"),
    _peers("a public key among ids", "{base64}", "config-peer-id", ERROR, ENDS, "unconditional_peer_ids"),
    _peers("an entry among private ids", f"{ID}@127.0.0.1:1", "config-peer-id", WARNING, STARTS, "private_peer_ids"),
    _peers("a validator's address among private ids", "{val}", "config-id-kind", ERROR, STARTS, "private_peer_ids"),
    _peers("an address without id as seed", "127.0.0.1:{a}", "config-peers-entry", ERROR, ENDS, "seeds"),
    _peers("a validator's address as seed", "{VAL}@127.0.0.1:{a}", "config-id-kind", ERROR, STARTS, "seeds"),
    _peers("an id in external_address", f"{ID}@127.0.0.1:1", "config-address", ERROR, ENDS, "external_address"),
)  # fmt: skip

ADDRESSES = (
    _peers("a peer at the RPC port", f"{ID}@127.0.0.1:26657", "address-other-port", WARNING, STARTS),
    _peers("a peer at every address", f"{ID}@0.0.0.0:{{a}}", "address-unspecified", ERROR, STARTS),
    _peers("a peer on loopback", f"{ID}@127.0.0.1:{{a}}", "address-loopback", WARNING, STARTS),
    Kind(
        "an address that a strict book refuses", "config-strict-book", WARNING, STARTS,
        (("p2p", "persistent_peers", f"{ID}@127.0.0.1:{{a}}"), ("p2p", "addr_book_strict", "true")),
        logs="non-routable",
    ),
    Kind(
        "two peers at one address", "config-shared-address", WARNING, STARTS,
        (("p2p", "persistent_peers", f"{ID}@127.0.0.1:{{a}},{ID[::-1]}@127.0.0.1:{{b}}"),),
    ),
    _peers("every address told", "0.0.0.0:{a}", "address-unspecified", WARNING, STARTS, "external_address"),
    _peers("every address of IPv6 told", "[::]:{a}", "address-unspecified", WARNING, STARTS, "external_address"),
    _peers("loopback told", "127.0.0.1:{a}", "address-loopback", WARNING, STARTS, "external_address"),
    _peers("the RPC port told", "127.0.0.1:26657", "address-other-port", WARNING, STARTS, "external_address"),
)  # fmt: skip

WORDS = (
    Kind(
        "mempool v1", "config-deprecated", WARNING, STARTS, (("mempool", "version", "v1"),),
        profiles=("cometbft-0.37",),
    ),
    Kind(
        "mempool v2", "config-word", ERROR, ENDS, (("mempool", "version", "v2"),),
        profiles=("tendermint-0.34", "cometbft-0.37"),
    ),
    Kind("rpc_laddr at the top", "config-misspelt-key", ERROR, STARTS, (("", "rpc_laddr", "tcp://127.0.0.1:{a}"),)),
)  # fmt: skip

SOUND = (
    Kind("a key behind a link", "", INFO, STARTS, prepare=_linked),
    Kind("four ports of its own", "", INFO, STARTS, (
        ("rpc", "laddr", "tcp://127.0.0.1:{a},unix://r.sock"), ("p2p", "laddr", "tcp://127.0.0.1:{b}"),
        ("rpc", "pprof_laddr", "127.0.0.1:{c}"), ("instrumentation", "prometheus", "true"),
        ("instrumentation", "prometheus_listen_addr", "127.0.0.1:{d}"),
    )),
    Kind("mempool v1 of 0.34", "", INFO, STARTS, (("mempool", "version", "v1"),), profiles=("tendermint-0.34",)),
)  # fmt: skip
"""No error: the node runs, as far as it is meant to."""

KINDS = (*FILES, *LISTENERS, *IDENTIFIERS, *ADDRESSES, *WORDS, *SOUND)


def identity(home: Path, node_id: str) -> dict[str, str]:
    """What the texts of settings name, of a home that ``init`` made: public parts alone."""
    found = json.loads((home / KEY).read_text("utf-8"))
    key, val = found["pub_key"]["value"], found["address"]
    return {
        "node": node_id, "NODE": node_id.upper(), "val": val.lower(), "VAL": val.upper(),
        "base64": key, "key": base64.b64decode(key).hex(),
    }  # fmt: skip
