"""Command-line flags of ``start`` that mean the same as a key of config.toml.

Source: cmd/cometbft/commands/run_node.go and root.go at v0.34.33, v0.37.15, v0.38.17 and v1.0.1, and
cmd/tendermint/commands/run_node.go at v0.34.24.
"""

from __future__ import annotations

from ..profiles.profile import Profile

_FLAGS = frozenset(
    {
        "moniker",
        "priv_validator_laddr",
        "fast_sync",
        "block_sync",
        "consensus.double_sign_check_height",
        "proxy_app",
        "abci",
        "log_level",
        "rpc.laddr",
        "rpc.grpc_laddr",
        "rpc.unsafe",
        "rpc.pprof_laddr",
        "p2p.laddr",
        "p2p.seeds",
        "p2p.persistent_peers",
        "p2p.unconditional_peer_ids",
        "p2p.upnp",
        "p2p.pex",
        "p2p.seed_mode",
        "p2p.private_peer_ids",
        "consensus.create_empty_blocks",
        "consensus.create_empty_blocks_interval",
        "db_backend",
        "db_dir",
    }
)


def has_flag(profile: Profile, table: str, key: str) -> bool:
    """Whether ``start`` of that generation has a working flag for the key."""
    path = f"{table}.{key}" if table else key
    if key not in profile.config.get(table, {}):
        return False
    return path in _FLAGS or path in profile.flags
