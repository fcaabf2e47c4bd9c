"""Values that the node refuses although their type is right: signs, ranges, words, and settings that clash.

Source: ValidateBasic in config/config.go and node/node.go, node/setup.go at v0.34.33, v0.37.15, v0.38.17, v1.0.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..finding import Finding, error, unknown, warning
from .model import NodeConfig

NOT_NEGATIVE = (
    "rpc.grpc_max_open_connections",
    "rpc.max_open_connections",
    "rpc.max_subscription_clients",
    "rpc.max_subscriptions_per_client",
    "rpc.timeout_broadcast_tx_commit",
    "rpc.max_request_batch_size",
    "rpc.max_body_bytes",
    "rpc.max_header_bytes",
    "p2p.max_num_inbound_peers",
    "p2p.max_num_outbound_peers",
    "p2p.flush_throttle_timeout",
    "p2p.persistent_peers_max_dial_period",
    "p2p.max_packet_msg_payload_size",
    "p2p.send_rate",
    "p2p.recv_rate",
    "mempool.size",
    "mempool.max_txs_bytes",
    "mempool.cache_size",
    "mempool.max_tx_bytes",
    "mempool.experimental_max_gossip_connections_to_persistent_peers",
    "mempool.experimental_max_gossip_connections_to_non_persistent_peers",
    "consensus.timeout_propose",
    "consensus.timeout_propose_delta",
    "consensus.timeout_prevote",
    "consensus.timeout_prevote_delta",
    "consensus.timeout_precommit",
    "consensus.timeout_precommit_delta",
    "consensus.timeout_commit",
    "consensus.create_empty_blocks_interval",
    "consensus.peer_gossip_sleep_duration",
    "consensus.peer_query_maj23_sleep_duration",
    "consensus.double_sign_check_height",
    "instrumentation.max_open_connections",
)
_SECONDS = 10**9
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?\Z",
    re.ASCII,
)


def limit_findings(config: NodeConfig) -> Iterator[Finding]:
    """Findings about the values that count."""
    yield from _negative(config)
    yield from _words(config)
    yield from _databases(config)
    yield from _buffers(config)
    yield from _mempool(config)
    yield from _statesync(config)
    yield from _pruning(config)


def out_of_range(path: str, now: object, wanted: str) -> Finding:
    return error(
        "config-out-of-range",
        path,
        f"{path} is {now}, expected {wanted}; the node refuses to start.",
        f"Write {wanted}.",
    )


def _number(config: NodeConfig, table: str, key: str) -> int | None:
    value = config.get(table, key)
    return value if isinstance(value, int) else None


def _negative(config: NodeConfig) -> Iterator[Finding]:
    if not config.profile.checks_numbers:
        return
    for path in NOT_NEGATIVE:
        table, _, key = path.partition(".")
        number = _number(config, table, key)
        if number is not None and number < 0:
            yield out_of_range(path, number, "0 or more")


_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "log_format", ("plain", "json")),
    ("", "abci", ("socket", "grpc")),
    ("mempool", "type", ("flood", "nop", "")),
    ("storage", "experimental_db_key_layout", ("v1", "v2")),
)


def _words(config: NodeConfig) -> Iterator[Finding]:
    for table, key, words in _WORDS:
        yield from _word(config, table, key, words)
    yield from _word(config, "fastsync", "version", ("v0", "v1", "v2"))
    yield from _word(config, "blocksync", "version", ("v0",))
    if config.get("mempool", "type") != "nop":
        yield from _word(config, "mempool", "version", ("v0", "v1"))
    version = config.text("", "version")
    if version and not _SEMVER.match(version):
        yield error(
            "config-word", "version", f'version is "{version}", expected a semantic version such as 0.38.17; the node '
            "refuses to start.", "Write the version that the node's own init wrote.",
        )  # fmt: skip


def _word(config: NodeConfig, table: str, key: str, words: tuple[str, ...]) -> Iterator[Finding]:
    value = config.get(table, key)
    if value is not None and value not in words:
        path = f"{table}.{key}" if table else key
        wanted = " or ".join(filter(None, words))
        yield error(
            "config-word", path, f'{path} is "{value}", expected {wanted}; the node refuses it.', f"Write {wanted}."
        )


def _databases(config: NodeConfig) -> Iterator[Finding]:
    backend = config.text("", "db_backend")
    built_in = config.profile.databases
    if backend in config.profile.special_databases:
        message = f"db_backend is {backend}: only a node that was built with it starts."
        yield unknown("config-database", "db_backend", message, f"Ask who built the node, or write {built_in[0]}.")
    elif backend not in built_in:
        message = f'db_backend is "{backend}", expected {" or ".join(built_in)}; the node refuses to start.'
        yield error("config-database", "db_backend", message, f"Write {built_in[0]}.")
    elif backend == "memdb":
        message = "db_backend is memdb: the chain is forgotten whenever the node stops."
        yield warning("config-database-memory", "db_backend", message, f"Write {built_in[0]}.")
    yield from _indexer(config)


def _indexer(config: NodeConfig) -> Iterator[Finding]:
    indexer = config.get("tx_index", "indexer")
    if indexer == "psql" and not config.text("tx_index", "psql-conn"):
        message = "tx_index.indexer is psql and psql-conn is empty; the node refuses to start."
        yield error("config-indexer", "tx_index.psql-conn", message, 'Write the connection, or indexer = "kv".')
    elif indexer == "psql":
        message = (
            "Whether the PostgreSQL database of tx_index.psql-conn answers was not tried; the node needs it to start."
        )
        yield unknown("config-indexer", "tx_index.psql-conn", message, "Try the connection with psql.")
    elif indexer is not None and indexer not in ("kv", "null"):
        message = f'tx_index.indexer is "{indexer}", expected kv, null or psql; the node takes it as null.'
        yield warning("config-indexer", "tx_index.indexer", message, 'Write "kv".')


def _buffers(config: NodeConfig) -> Iterator[Finding]:
    buffer = _number(config, "rpc", "experimental_subscription_buffer_size")
    websocket = _number(config, "rpc", "experimental_websocket_write_buffer_size")
    if buffer is not None and buffer < 100:
        yield out_of_range("rpc.experimental_subscription_buffer_size", buffer, "100 or more")
    if buffer is not None and websocket is not None and websocket < buffer:
        yield out_of_range("rpc.experimental_websocket_write_buffer_size", websocket, f"{buffer} or more")


def _mempool(config: NodeConfig) -> Iterator[Finding]:
    kind = config.get("mempool", "type")
    if config.profile.mempool_v1_warns and config.text("mempool", "version") == "v1":
        message = "mempool.version is v1, the prioritized mempool: 0.37 runs with it and warns, 0.38 has it no more."
        yield warning("config-deprecated", "mempool.version", message, 'Write version = "v0".')
    if kind == "nop" and not config.flag("consensus", "create_empty_blocks"):
        yield error(
            "config-nop-mempool",
            "mempool.type",
            "mempool.type is nop and consensus.create_empty_blocks is false; the node refuses the two together.",
            'Write type = "flood".',
        )
    if kind != "nop":
        for key in config.profile.mempool_above_zero:
            if _number(config, "mempool", key) == 0:
                yield out_of_range(f"mempool.{key}", 0, "1 or more")


def _statesync(config: NodeConfig) -> Iterator[Finding]:
    if not config.flag("statesync", "enable"):
        return
    servers = config.get("statesync", "rpc_servers")
    if not isinstance(servers, tuple) or len(servers) < 2 or not all(servers):
        yield out_of_range("statesync.rpc_servers", servers, "at least two addresses, none empty")
    discovery = _number(config, "statesync", "discovery_time") or 0
    if discovery != 0 and discovery < 5 * _SECONDS:
        yield out_of_range("statesync.discovery_time", f"{discovery} ns", "0s, or 5s or more")
    for key in ("trust_period", "trust_height", "chunk_fetchers"):
        if (_number(config, "statesync", key) or 0) <= 0:
            yield out_of_range(f"statesync.{key}", config.get("statesync", key), "more than 0")
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})+", config.text("statesync", "trust_hash")):
        yield out_of_range("statesync.trust_hash", config.get("statesync", "trust_hash"), "a block hash in hex")
    if (_number(config, "statesync", "chunk_request_timeout") or 0) < 5 * _SECONDS:
        yield out_of_range(
            "statesync.chunk_request_timeout", config.get("statesync", "chunk_request_timeout"), "5s or more"
        )
    yield warning(
        "config-statesync",
        "statesync.enable",
        "State sync is on: the node starts only if the RPC servers answer and have a chain.",
        "Write enable = false while the network forms.",
    )


def _pruning(config: NodeConfig) -> Iterator[Finding]:
    interval = _number(config, "storage.pruning", "interval")
    if interval is not None and interval <= 0:
        yield out_of_range("storage.pruning.interval", f"{interval} ns", "more than 0s")
    if not config.flag("storage.pruning.data_companion", "enabled"):
        return
    for key in ("initial_block_retain_height", "initial_block_results_retain_height"):
        height = _number(config, "storage.pruning.data_companion", key)
        if height is not None and height < 0:
            yield out_of_range(f"storage.pruning.data_companion.{key}", height, "0 or more")
