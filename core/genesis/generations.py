"""Which versions have consensus parameters of which names, also those for which there is no profile.

Sources: types/params.go at v0.15.0, v0.21.0, v0.24.0, v0.25.0, v0.26.4, v0.30.0, v0.31.5, v0.32.14, v0.33.9, v0.35.9 of
Tendermint, its branch v0.36.x, which was never released, and CometBFT v0.39.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from ..profiles import every_profile
from .model import params_of


@dataclass(frozen=True, slots=True)
class Generation:
    versions: str
    """``0.26 to 0.30``."""
    paths: frozenset[str]
    """Sections, and ``section.name``."""
    profile: str = ""
    """Empty where quorate has none."""

    @property
    def style(self) -> str:
        if " " in self.versions:
            return f"the parameters of Tendermint {self.versions}"
        return f"{self.versions}-style parameters"


_AGES = "max_age_num_blocks max_age_duration"
_WITHOUT_PROFILE: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "0.24",
        {
            "block_size_params": "max_txs_bytes max_gas",
            "tx_size_params": "max_bytes max_gas",
            "block_gossip_params": "block_part_size_bytes",
            "evidence_params": "max_age",
        },
    ),
    ("0.25", {"block_size_params": "max_bytes max_gas", "evidence_params": "max_age"}),
    (
        "0.26 to 0.30",
        {"block_size": "max_bytes max_gas", "evidence": "max_age", "validator": "pub_key_types"},
    ),
    (
        "0.33",
        {"block": "max_bytes max_gas time_iota_ms", "evidence": _AGES, "validator": "pub_key_types"},
    ),
    (
        "0.35",
        {
            "block": "max_bytes max_gas",
            "evidence": f"{_AGES} max_bytes",
            "validator": "pub_key_types",
            "version": "app_version",
        },
    ),
    (
        "0.36",
        {
            "block": "max_bytes max_gas",
            "evidence": f"{_AGES} max_bytes",
            "validator": "pub_key_types",
            "version": "app_version",
            "synchrony": "precision message_delay",
            "timeout": "propose propose_delta vote vote_delta commit bypass_commit_timeout",
            "abci": "vote_extensions_enable_height recheck_tx",
        },
    ),
    (
        "0.39",
        {
            "block": "max_bytes max_gas",
            "evidence": f"{_AGES} max_bytes",
            "validator": "pub_key_types",
            "version": "app",
            "abci": "vote_extensions_enable_height",
            "authority": "authority",
        },
    ),
)

RENAMED = MappingProxyType(
    {
        "block.max_bytes": ("block_size.max_bytes", "block_size_params.max_bytes", "block_size_params.max_txs_bytes"),
        "block.max_gas": ("block_size.max_gas", "block_size_params.max_gas"),
        "block_size_params.max_bytes": ("block.max_bytes", "block_size.max_bytes"),
        "block_size_params.max_gas": ("block.max_gas", "block_size.max_gas"),
        "evidence.max_age": ("evidence.max_age_num_blocks", "evidence_params.max_age"),
        "evidence.max_age_num_blocks": ("evidence.max_age", "evidence_params.max_age"),
        "evidence_params.max_age": ("evidence.max_age", "evidence.max_age_num_blocks"),
        "version.app": ("version.app_version",),
        "abci.vote_extensions_enable_height": ("feature.vote_extensions_enable_height",),
        "feature.vote_extensions_enable_height": ("abci.vote_extensions_enable_height",),
    }
)
"""The other names of a parameter that means the same, in blocks, bytes and gas alike."""


@lru_cache(maxsize=1)
def generations() -> tuple[Generation, ...]:
    """All, those with a profile first."""
    known = (
        Generation(
            one.name.rpartition("-")[2],
            frozenset((*one.param_sections, *(param.path for param in params_of(one)))),
            one.name,
        )
        for one in every_profile()
    )
    others = (
        Generation(versions, frozenset(sections) | {f"{s}.{n}" for s, names in sections.items() for n in names.split()})
        for versions, sections in _WITHOUT_PROFILE
    )
    return (*known, *others)


def generation_of(paths: frozenset[str], strange: frozenset[str]) -> Generation | None:
    """The one that knows some of ``strange``, most of ``paths``, and least besides; None where none knows any."""
    candidates = [one for one in generations() if one.paths & strange]
    return max(candidates, key=lambda one: (len(one.paths & paths), -len(one.paths - paths)), default=None)
