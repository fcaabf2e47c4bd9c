"""The consensus parameters of genesis.json, generation by generation, as ``init`` writes them.

Sources: types/params.go at v0.22.8, v0.31.5, v0.34.24, v0.37.15, v0.38.17, v1.0.1; each limit was also run.
"""

from __future__ import annotations

from dataclasses import replace

from .profile import Param

MAX_BLOCK_BYTES = 104857600
"""types/params.go, MaxBlockSizeBytes: 100 MiB."""

_MAX_BYTES = Param(
    "block", "max_bytes", "22020096", "largest block", "bytes", 1, MAX_BLOCK_BYTES, zero_word="block.MaxBytes"
)
_MAX_GAS = Param(
    "block", "max_gas", "-1", "gas that one block may use; -1 is without limit", "gas", -1, zero_word="block.MaxGas"
)
_TIME_IOTA = Param(
    "block", "time_iota_ms", "1000", "least time between two blocks", "ms", 1, zero_word="block.TimeIotaMs"
)
_AGE_BLOCKS = Param(
    "evidence",
    "max_age_num_blocks",
    "100000",
    "how old evidence of a double-sign may be, in blocks",
    "blocks",
    1,
    zero_word="evidence.MaxAgeNumBlocks",
)
_AGE_TIME = Param(
    "evidence",
    "max_age_duration",
    "172800000000000",
    "how old evidence of a double-sign may be, in time",
    "ns",
    1,
    zero_word="evidence.MaxAgeDuration",
)
_EVIDENCE_BYTES = Param(
    "evidence", "max_bytes", "1048576", "room for evidence in one block", "bytes", 0, zero_word="evidence.MaxBytes"
)
_KEY_TYPES = Param("validator", "pub_key_types", ("ed25519",), "key types that validators may have", "types")
_APP_VERSION = Param("version", "app", "0", "version of the application's rules", "version", 0)
_VOTE_EXTENSIONS = Param(
    "abci",
    "vote_extensions_enable_height",
    "0",
    "height from which votes carry extensions; 0 is never",
    "height",
    0,
    zero_word="ABCI.VoteExtensionsEnableHeight",
)

PARAMS_0_22 = (
    Param("block_size_params", "max_bytes", "22020096", "largest block", "bytes", 1, MAX_BLOCK_BYTES),
    Param("block_size_params", "max_txs", "10000", "most transactions in one block"),
    Param("block_size_params", "max_gas", "-1", "gas that one block may use; -1 is without limit", "gas"),
    Param("tx_size_params", "max_bytes", "10240", "largest transaction", "bytes"),
    Param("tx_size_params", "max_gas", "-1", "gas that one transaction may use; -1 is without limit", "gas"),
    Param("block_gossip_params", "block_part_size_bytes", "65536", "size of the parts a block is sent in", "bytes"),
    Param("evidence_params", "max_age", "100000", "how old evidence of a double-sign may be, in blocks", "blocks"),
)

PARAMS_0_31 = (
    _MAX_BYTES,
    _MAX_GAS,
    _TIME_IOTA,
    Param(
        "evidence",
        "max_age",
        "100000",
        "how old evidence of a double-sign may be, in blocks",
        "blocks",
        1,
        zero_word="EvidenceParams.MaxAge",
    ),
    _KEY_TYPES,
)

PARAMS_0_34 = (_MAX_BYTES, _MAX_GAS, _TIME_IOTA, _AGE_BLOCKS, _AGE_TIME, _EVIDENCE_BYTES, _KEY_TYPES)

PARAMS_0_37 = (_MAX_BYTES, _MAX_GAS, _AGE_BLOCKS, _AGE_TIME, _EVIDENCE_BYTES, _KEY_TYPES, _APP_VERSION)

_MAX_BYTES_0_38 = replace(_MAX_BYTES, also=(-1,), means="largest block; -1 leaves it to the application")

PARAMS_0_38 = (_MAX_BYTES_0_38, *PARAMS_0_37[1:], _VOTE_EXTENSIONS)

PARAMS_1_0 = (
    replace(_MAX_BYTES_0_38, default="4194304"),
    replace(_MAX_GAS, default="10000000"),
    *PARAMS_0_37[2:],
    Param("synchrony", "precision", "505000000", "how far clocks may differ, with proposer-based time", "ns"),
    Param(
        "synchrony", "message_delay", "15000000000", "how long a proposal may travel, with proposer-based time", "ns"
    ),
    replace(_VOTE_EXTENSIONS, section="feature"),
    Param(
        "feature",
        "pbts_enable_height",
        "0",
        "height from which block time is the proposer's clock; 0 is never",
        "height",
        0,
    ),
)
