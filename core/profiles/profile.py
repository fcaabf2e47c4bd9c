"""What one generation of node software is: file names, formats, rules and spellings, in one declaration.

Sources of the values: Tendermint and CometBFT at the tags named in each profile, and runs of those programs.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")

ConfigValue = str | int | bool | float | tuple[str, ...]

INT64_MAX = 2**63 - 1
MAX_TOTAL_POWER = INT64_MAX // 8
"""types/validator_set.go, MaxTotalVotingPower."""


@dataclass(frozen=True, slots=True)
class Param:
    """One consensus parameter of genesis.json. Integers are quoted on the wire (int64)."""

    section: str
    name: str
    default: str | tuple[str, ...]
    """As the wire has it: a decimal string, or the list of key types."""
    means: str
    """In plain words, for a review: one short sentence without the value."""
    unit: Literal["bytes", "gas", "ms", "ns", "blocks", "count", "version", "height", "types"] = "count"
    minimum: int | None = None
    maximum: int | None = None
    also: tuple[int, ...] = ()
    """Values outside the range that the node takes all the same (block.max_bytes -1 since 0.38)."""
    zero_word: str = ""
    """How the node's own error starts when this is out of range, to be recognised in a log: ``block.MaxBytes``."""

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"


@dataclass(frozen=True, slots=True)
class Commands:
    """How the node's program is called."""

    programs: tuple[str, ...]
    """Names to look for on PATH, the usual one first."""
    show_node_id: str
    show_validator: str
    start: str
    init: str = "init"
    genesis_hash_flag: str = ""
    """``--genesis_hash`` since 0.33; empty where there is none."""
    reset: str = "unsafe-reset-all"

    def home_flag(self, home: str) -> str:
        """``--home PATH``, quoted for a shell. The program's own default need not be this home: CometBFT's is another
        than Tendermint's of the same generation."""
        return f"--home {shlex.quote(home)}"

    def program(self, find: Callable[[str], object]) -> str:
        """The one to call: the first that ``find`` finds on PATH, else the usual one."""
        return next(filter(find, self.programs), self.programs[0])

    def start_line(self, home: str = "", genesis_sha256: str = "", program: str = "") -> str:
        """The command that starts the node, for a shell; ``home`` empty where it is not known."""
        flag, pin = self.home_flag(home) if home else "", f"{self.genesis_hash_flag}={genesis_sha256}"
        pinned = pin if self.genesis_hash_flag and genesis_sha256 else ""
        return " ".join(filter(None, (program or self.programs[0], self.start, flag, pinned)))


Config = Mapping[str, Mapping[str, ConfigValue]]


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    """``tendermint-0.34``."""
    title: str
    """For people: "Tendermint 0.34 (Planetmint 2.x; CometBFT 0.34)"."""
    commands: Commands
    home_folder: str
    """Name of the default home in the operator's own home folder: ``.tendermint``."""
    home_variables: tuple[str, ...]
    """Environment variables that move the home, strongest first."""
    config_prefixes: tuple[str, ...]
    """Prefixes of environment variables that override config.toml, strongest first: ``TM`` gives ``TM_P2P_PEX``.

    CometBFT's own generations read ``TMHOME``, and no other ``TM_``.
    """
    whole: bool
    """False: keys, check and review only (``tendermint-0.22``, ``tendermint-0.31``)."""

    # key files, relative to the home
    validator_key_file: str
    validator_state_file: str | None
    """None where the sign state stands inside the validator key file (up to 0.27)."""
    state_round_quoted: bool
    node_key_file: str

    # genesis.json
    params: tuple[Param, ...]
    """In the order in which the node writes them."""
    param_sections: tuple[str, ...]
    """Sections in writing order, also those without a parameter (``version`` of 0.34)."""
    initial_height: bool
    genesis_address: bool
    """Whether a validator entry has an ``address``."""
    chain_id_limit: int | None
    """Bytes. types/genesis.go, MaxChainIDLen."""
    genesis_kept: Literal["stored", "hashed"]
    """stored: the parsed document is kept at the first start and the file never read again; hashed: SHA-256 is kept."""
    zero_time: Literal["ignored", "deadlock", "runs"]
    """What several nodes do with the zero genesis time."""
    equal_time: bool
    """Whether block 1 must carry exactly this node's genesis time."""
    hashes: Literal["0.22", "0.31", "0.34"]
    """Which rule gives ValidatorsHash and ConsensusHash."""

    # config.toml
    config: Config
    """Keys with their defaults by table; ``""`` is the top level."""
    retired: Mapping[str, str]
    """Keys of other generations (``table.key`` or ``key``) and what became of them, one clause each."""
    databases: tuple[str, ...] = ("goleveldb", "memdb")
    """Values of ``db_backend`` that every build knows, the usual one first."""
    special_databases: tuple[str, ...] = ("cleveldb", "boltdb", "rocksdb", "badgerdb")
    """Those that some builds know."""
    flags: frozenset[str] = frozenset()
    """Keys that ``start`` of this generation has a working flag for, besides those of ``core/config/flags.py``."""
    override_without_key: bool = False
    """Whether a variable also overrides a key that is not in the file and has no flag."""
    checks_numbers: bool = True
    """Whether negative numbers are refused."""
    refuses_moniker: bool = True
    """Whether the node refuses a moniker that is not printable ASCII; otherwise its peers do."""
    malformed_peer_ends_node: bool = True
    """Whether a malformed peer stops the node; before 0.31.6 the node drops the entry and logs an error."""
    logs_empty_peer: bool = False
    """Whether an empty entry among the peers is logged as an error."""
    opens_mempool_wal: bool = False
    """Whether ``mempool.wal_dir`` is opened."""
    mempool_v1_warns: bool = False
    """Whether the prioritized mempool still runs, with a warning."""
    mempool_above_zero: tuple[str, ...] = ()
    """Keys of ``[mempool]`` that may not be 0."""
    app_hash_replaced: bool = False
    """Whether the usual application answers InitChain with a hash, which replaces the ``app_hash`` of genesis.json;
    runs of the nodes with their own kvstore."""
    config_version: str = ""
    """How the ``version`` in config.toml begins; empty for those that wrote none (up to 0.37)."""
    program_versions: tuple[str, ...] = ()
    """How versions of the program begin, as it prints them; empty where quorate starts none."""
    vote_bytes: int = 111
    """Room for one vote in a block: types/block.go, MaxCommitSigBytes and its overhead (up to 0.32 it was more)."""
    durations_in_ms: bool = False
    """Up to 0.25 durations in config.toml are bare milliseconds."""

    def param(self, path: str) -> Param | None:
        return next((param for param in self.params if param.path == path), None)


def with_keys(config: Config, changes: Mapping[str, Mapping[str, ConfigValue | None] | None]) -> Config:
    """The keys of another generation with what this one changes; None takes a key, or a whole table, away."""
    tables = {table: keys for table, keys in config.items() if changes.get(table, {}) is not None}
    named = {table: keys for table, keys in changes.items() if keys is not None}
    return {table: changed(tables.get(table, {}), named.get(table, {})) for table in {**tables, **named}}


def changed(values: Mapping[str, T], changes: Mapping[str, T | None]) -> dict[str, T]:
    """The values with these changes; None takes one away."""
    return {name: value for name, value in {**values, **changes}.items() if value is not None}
