"""CometBFT 0.38 (also 0.39 and 0.40, which add only ``authority``)."""

from __future__ import annotations

from dataclasses import replace

from .cometbft_0_37 import PROFILE as BASE
from .params import PARAMS_0_38
from .profile import changed, with_keys

PROFILE = replace(
    BASE,
    name="cometbft-0.38",
    title="CometBFT 0.38",
    params=PARAMS_0_38,
    param_sections=("block", "evidence", "validator", "version", "abci"),
    config=with_keys(
        BASE.config,
        {
            "": {
                "block_sync": None,
                "version": "0.38.0",
            },
            "rpc": {
                "max_request_batch_size": 10,
            },
            "p2p": {
                "upnp": None,
            },
            "mempool": {
                "version": None,
                "ttl-duration": None,
                "ttl-num-blocks": None,
                "recheck_timeout": "1s",
            },
        },
    ),
    retired=changed(
        BASE.retired,
        {
            "fast_sync": "became block_sync in CometBFT 0.37, which is always on from 0.38",
            "block_sync": "went in 0.38, where block sync is always on",
            "p2p.upnp": "went in 0.38",
            "mempool.version": "became type in 0.38",
        },
    ),
    config_version="0.38.",
    program_versions=("0.38.", "0.39.", "0.40."),
    mempool_v1_warns=False,
    special_databases=(*BASE.special_databases, "pebbledb"),
    app_hash_replaced=True,
)
