"""CometBFT 0.37: ABCI 1.0, so no released Planetmint runs on it."""

from __future__ import annotations

from dataclasses import replace

from .params import PARAMS_0_37
from .profile import changed, with_keys
from .tendermint_0_34 import PROFILE as BASE

PROFILE = replace(
    BASE,
    name="cometbft-0.37",
    title="CometBFT 0.37",
    commands=replace(BASE.commands, programs=("cometbft",)),
    home_folder=".cometbft",
    home_variables=("CMTHOME", "TMHOME"),
    config_prefixes=("CMT",),
    params=PARAMS_0_37,
    config=with_keys(
        BASE.config,
        {
            "": {
                "fast_sync": None,
                "block_sync": True,
            },
            "mempool": {
                "type": "flood",
            },
            "fastsync": None,
            "instrumentation": {
                "namespace": "cometbft",
            },
            "blocksync": {
                "version": "v0",
            },
        },
    ),
    retired=changed(
        BASE.retired,
        {
            "block_sync": None,
            "blocksync.version": None,
            "fast_sync": "became block_sync in CometBFT 0.37",
            "fastsync.version": "became [blocksync] in CometBFT 0.37",
        },
    ),
    override_without_key=False,
    program_versions=("0.37.",),
    mempool_v1_warns=True,
)
