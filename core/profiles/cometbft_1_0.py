"""CometBFT 1.0: refuses a changed genesis.json instead of ignoring it."""

from __future__ import annotations

from dataclasses import replace

from .cometbft_0_38 import PROFILE as BASE
from .params import PARAMS_1_0
from .profile import changed, with_keys

PROFILE = replace(
    BASE,
    name="cometbft-1.0",
    title="CometBFT 1.0",
    params=PARAMS_1_0,
    param_sections=("block", "evidence", "validator", "version", "synchrony", "feature"),
    genesis_kept="hashed",
    zero_time="runs",
    equal_time=False,
    config=with_keys(
        BASE.config,
        {
            "": {
                "version": "1.0.1",
            },
            "rpc": {
                "grpc_laddr": None,
                "grpc_max_open_connections": None,
            },
            "p2p": {
                "flush_throttle_timeout": "10ms",
            },
            "mempool": {
                "max_batch_bytes": None,
                "max_txs_bytes": 67108864,
            },
            "consensus": {
                "peer_gossip_intraloop_sleep_duration": "0s",
            },
            "storage": {
                "experimental_db_key_layout": "v1",
                "compact": False,
                "compaction_interval": "1000",
            },
            "grpc": {
                "laddr": "",
            },
            "grpc.version_service": {
                "enabled": True,
            },
            "grpc.block_service": {
                "enabled": True,
            },
            "grpc.block_results_service": {
                "enabled": True,
            },
            "grpc.privileged": {
                "laddr": "",
            },
            "grpc.privileged.pruning_service": {
                "enabled": False,
            },
            "storage.pruning": {
                "interval": "10s",
            },
            "storage.pruning.data_companion": {
                "enabled": False,
                "initial_block_retain_height": 0,
                "initial_block_results_retain_height": 0,
            },
        },
    ),
    retired=changed(
        BASE.retired,
        {
            "rpc.grpc_laddr": "became laddr in [grpc] in 1.0",
            "mempool.max_batch_bytes": "went in 1.0",
            "mempool.ttl-duration": "went in 0.38",
            "mempool.ttl-num-blocks": "went in 0.38",
        },
    ),
    vote_bytes=144,
    config_version="1.0.",
    program_versions=("1.",),
    databases=("goleveldb", "pebbledb", "memdb"),
    special_databases=("cleveldb", "boltdb", "rocksdb", "badgerdb"),
    # Before 1.0 the flag is spelt --p2p.external-address and changes nothing: no key has that name.
    flags=frozenset({"p2p.external_address"}),
    mempool_above_zero=("size", "max_txs_bytes", "max_tx_bytes"),
)
