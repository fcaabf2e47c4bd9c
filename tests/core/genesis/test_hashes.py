"""ValidatorsHash and ConsensusHash are those that real nodes of every generation printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.genesis.hashes import consensus_hash, validators_hash
from core.genesis.model import Genesis, Validator, default_params
from core.profiles import NAMES, profile

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "genesis" / "hashes.json").read_bytes())


def _genesis(name: str, powers: dict[str, int], **changed: str) -> Genesis:
    validators = tuple(Validator(bytes.fromhex(VECTORS["keys"][key]), power, key) for key, power in powers.items())
    params = tuple((path, changed.get(path.partition(".")[2], value)) for path, value in default_params(profile(name)))
    return Genesis("x", "2026-12-01T12:00:00Z", params, validators)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("vector", VECTORS["validators"], ids=lambda vector: str(vector["powers"]))
def test_the_validators_hash_is_the_one_in_block_1(name: str, vector: dict[str, Any]) -> None:
    known = profile(name)
    one = _genesis(name, vector["powers"])
    assert validators_hash(one, known) == vector[known.hashes]
    turned = Genesis(one.chain_id, one.genesis_time, one.params, one.validators[::-1])
    assert validators_hash(turned, known) == vector[known.hashes]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "tendermint-0.22"])
@pytest.mark.parametrize("vector", VECTORS["consensus"], ids=lambda vector: str(vector["max_bytes"]))
def test_the_consensus_hash_is_the_one_in_block_1(name: str, vector: dict[str, str]) -> None:
    params = (("block.max_bytes", vector["max_bytes"]), ("block.max_gas", vector["max_gas"]))
    assert consensus_hash(Genesis("x", "", params, ()), profile(name)) == vector["hash"]


@pytest.mark.parametrize("vector", VECTORS["consensus_0_22"], ids=lambda vector: str(vector["max_bytes"]))
def test_the_consensus_hash_of_0_22_is_the_one_in_block_1(vector: dict[str, str]) -> None:
    known = profile("tendermint-0.22")
    params = tuple(
        (path, vector["max_bytes"] if path == "block_size_params.max_bytes" else value)
        for path, value in default_params(known)
    )
    assert consensus_hash(Genesis("x", "", params, ()), known) == vector["hash"]


@pytest.mark.parametrize("name", NAMES)
def test_a_genesis_without_parameters_counts_with_the_defaults(name: str) -> None:
    full = _genesis(name, {"m1": 10})
    bare = Genesis(full.chain_id, full.genesis_time, (), full.validators)
    assert consensus_hash(bare, profile(name)) == consensus_hash(full, profile(name))
