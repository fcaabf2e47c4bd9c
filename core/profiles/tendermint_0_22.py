"""Tendermint 0.22 and 0.23: what BigchainDB 2.0 ran. Keys, check and review only."""

from __future__ import annotations

from .params import PARAMS_0_22
from .profile import Commands, ConfigValue, Profile

CONFIG: dict[str, dict[str, ConfigValue]] = {
    "": {
        "proxy_app": "tcp://127.0.0.1:26658",
        "moniker": "",
        "fast_sync": True,
        "db_backend": "leveldb",
        "db_path": "data",
        "log_level": "main:info,state:info,*:error",
        "genesis_file": "config/genesis.json",
        "priv_validator_file": "config/priv_validator.json",
        "node_key_file": "config/node_key.json",
        "abci": "socket",
        "prof_laddr": "",
        "filter_peers": False,
    },
    "rpc": {
        "laddr": "tcp://0.0.0.0:26657",
        "grpc_laddr": "",
        "grpc_max_open_connections": 900,
        "unsafe": False,
        "max_open_connections": 900,
    },
    "p2p": {
        "laddr": "tcp://0.0.0.0:26656",
        "external_address": "",
        "seeds": "",
        "persistent_peers": "",
        "upnp": False,
        "addr_book_file": "config/addrbook.json",
        "addr_book_strict": True,
        "flush_throttle_timeout": 100,
        "max_num_peers": 50,
        "max_packet_msg_payload_size": 1024,
        "send_rate": 5120000,
        "recv_rate": 5120000,
        "pex": True,
        "seed_mode": False,
        "private_peer_ids": "",
    },
    "mempool": {
        "recheck": True,
        "recheck_empty": True,
        "broadcast": True,
        "wal_dir": "data/mempool.wal",
        "size": 100000,
        "cache_size": 100000,
    },
    "consensus": {
        "wal_file": "data/cs.wal/wal",
        "timeout_propose": 3000,
        "timeout_propose_delta": 500,
        "timeout_prevote": 1000,
        "timeout_prevote_delta": 500,
        "timeout_precommit": 1000,
        "timeout_precommit_delta": 500,
        "timeout_commit": 1000,
        "skip_timeout_commit": False,
        "create_empty_blocks": True,
        "create_empty_blocks_interval": 0,
        "peer_gossip_sleep_duration": 100,
        "peer_query_maj23_sleep_duration": 2000,
    },
    "tx_index": {
        "indexer": "kv",
        "index_tags": "",
        "index_all_tags": False,
    },
    "instrumentation": {
        "prometheus": False,
        "prometheus_listen_addr": ":26660",
        "max_open_connections": 3,
    },
}
"""Every key that this generation reads, with the default that its own ``init`` writes."""

RETIRED = {
    "priv_validator_key_file": "comes with 0.28; here it is priv_validator_file",
    "priv_validator_state_file": "comes with 0.28; here the sign state is in priv_validator_file",
    "db_dir": "comes with 0.24; here it is db_path",
    "p2p.max_num_inbound_peers": "comes with 0.24; here it is max_num_peers",
    "p2p.max_num_outbound_peers": "comes with 0.24; here it is max_num_peers",
}

PROFILE = Profile(
    name="tendermint-0.22",
    title="Tendermint 0.22 (BigchainDB 2.0)",
    commands=Commands(
        programs=("tendermint",),
        show_node_id="show_node_id",
        show_validator="show_validator",
        start="node",
        reset="unsafe_reset_all",
    ),
    home_folder=".tendermint",
    home_variables=("TMHOME",),
    config_prefixes=("TM",),
    whole=False,
    validator_key_file="config/priv_validator.json",
    validator_state_file=None,
    state_round_quoted=True,
    node_key_file="config/node_key.json",
    params=PARAMS_0_22,
    param_sections=("block_size_params", "tx_size_params", "block_gossip_params", "evidence_params"),
    initial_height=False,
    genesis_address=False,
    chain_id_limit=None,
    genesis_kept="stored",
    zero_time="ignored",
    equal_time=False,
    hashes="0.22",
    config=CONFIG,
    retired=RETIRED,
    durations_in_ms=True,
)
