"""Tendermint 0.31 and 0.32: the version that the documents still name. Keys, check and review only."""

from __future__ import annotations

from dataclasses import replace

from .params import PARAMS_0_31
from .profile import changed, with_keys
from .tendermint_0_34 import PROFILE as BASE

PROFILE = replace(
    BASE,
    name="tendermint-0.31",
    title="Tendermint 0.31 (named by the documents)",
    commands=replace(
        BASE.commands,
        programs=("tendermint",),
        show_node_id="show_node_id",
        show_validator="show_validator",
        start="node",
        genesis_hash_flag="",
        reset="unsafe_reset_all",
    ),
    home_variables=("TMHOME",),
    config_prefixes=("TM",),
    whole=False,
    state_round_quoted=True,
    params=PARAMS_0_31,
    param_sections=("block", "evidence", "validator"),
    initial_height=False,
    hashes="0.31",
    config=with_keys(
        BASE.config,
        {
            "": {
                "db_backend": "leveldb",
                "log_level": "main:info,state:info,*:error",
                "prof_laddr": "",
            },
            "rpc": {
                "experimental_subscription_buffer_size": None,
                "experimental_websocket_write_buffer_size": None,
                "experimental_close_on_slow_client": None,
                "max_body_bytes": None,
                "max_header_bytes": None,
                "pprof_laddr": None,
                "laddr": "tcp://0.0.0.0:26657",
            },
            "p2p": {
                "unconditional_peer_ids": None,
                "persistent_peers_max_dial_period": None,
            },
            "mempool": {
                "version": None,
                "keep-invalid-txs-in-cache": None,
                "max_tx_bytes": None,
                "max_batch_bytes": None,
                "ttl-duration": None,
                "ttl-num-blocks": None,
                "experimental_max_gossip_connections_to_persistent_peers": None,
                "experimental_max_gossip_connections_to_non_persistent_peers": None,
            },
            "statesync": None,
            "fastsync": None,
            "consensus": {
                "double_sign_check_height": None,
            },
            "storage": None,
            "tx_index": {
                "psql-conn": None,
                "index_tags": "",
                "index_all_tags": False,
            },
        },
    ),
    retired=changed(
        BASE.retired,
        {
            "prof_laddr": None,
            "tx_index.index_tags": None,
            "tx_index.index_all_tags": None,
            "tx_index.index_keys": None,
            "tx_index.index_all_keys": None,
            "block_sync": None,
            "blocksync.version": None,
        },
    ),
    program_versions=(),
    databases=("leveldb", "goleveldb", "memdb"),
    malformed_peer_ends_node=False,
    opens_mempool_wal=True,
    override_without_key=False,
)
