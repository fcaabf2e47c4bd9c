"""What one generation of node software is: file names, formats, rules and spellings, in one declaration.

Sources of the values: Tendermint and CometBFT at the tags named in each profile, and runs of those programs.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

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
    config: Mapping[str, Mapping[str, ConfigValue]]
    """Keys with their defaults by table; ``""`` is the top level."""
    retired: Mapping[str, str]
    """Keys of other generations (``table.key`` or ``key``) and what became of them, one clause each."""
    vote_bytes: int = 111
    """Room for one vote in a block: types/block.go, MaxCommitSigBytes and its overhead (up to 0.32 it was more)."""
    durations_in_ms: bool = False
    """Up to 0.25 durations in config.toml are bare milliseconds."""

    def param(self, path: str) -> Param | None:
        return next((param for param in self.params if param.path == path), None)
