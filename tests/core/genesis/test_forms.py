"""Other spellings of a genesis are recognised as what they are, in one finding, and translated."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from core.finding import Finding, Severity
from core.genesis.checks import check
from core.genesis.forms import key_in_other_form
from core.genesis.model import Genesis, Validator, default_params, render
from core.genesis.reading import parse
from core.profiles import profile
from tests.builders import TestKey

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KNOWN = profile("tendermint-0.34")
KEYS = tuple(TestKey(f"form {i}") for i in range(4))


def _good() -> Any:
    validators = tuple(Validator(key.public, 10, f"m{i}") for i, key in enumerate(KEYS))
    return json.loads(render(Genesis("example-1", "2026-11-21T12:00:00Z", default_params(KNOWN), validators), KNOWN))


def _judged(tree: Any, name: str = "tendermint-0.34") -> tuple[Finding, ...]:
    return check(json.dumps(tree).encode(), profile(name), now=NOW)


def _hex(key: TestKey) -> str:
    return key.public.hex().upper()


SPELLINGS: dict[str, Callable[[TestKey], Any]] = {
    "cosmos": lambda key: {"@type": "/cosmos.crypto.ed25519.PubKey", "key": key.base64},
    "hex": lambda key: {"type": "tendermint/PubKeyEd25519", "value": _hex(key)},
    "hex small": lambda key: {"type": "tendermint/PubKeyEd25519", "value": "0x" + _hex(key).lower()},
    "amino hex": lambda key: {"type": "tendermint/PubKeyEd25519", "value": "1624DE6420" + _hex(key)},
    "amino base64": lambda key: {
        "type": "tendermint/PubKeyEd25519",
        "value": base64.b64encode(bytes.fromhex("1624DE6420") + key.public).decode(),
    },
    "bare": lambda key: key.base64,
    "bare hex": lambda key: "1624DE6420" + _hex(key),
    "protobuf": lambda key: {"Sum": {"type": "tendermint.crypto.PublicKey_Ed25519", "value": {"ed25519": key.base64}}},
    "abci": lambda key: {"ed25519": key.base64},
    "renamed": lambda key: {"type": "cometbft/PubKeyEd25519", "value": key.base64},
    "short type": lambda key: {"type": "ed25519", "value": key.base64},
    "old name": lambda key: {"type": "AC26791624DE60", "value": key.base64},
    "old data": lambda key: {"type": "ed25519", "data": _hex(key)},
    "list": lambda key: [1, _hex(key)],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_in_another_spelling_is_one_finding_with_the_same_key_as_it_must_be(spelling: str) -> None:
    tree = _good()
    tree["validators"][2]["pub_key"] = SPELLINGS[spelling](KEYS[2])
    data = json.dumps(tree).encode()
    (found,) = (one for one in check(data, KNOWN, now=NOW) if one.severity >= Severity.WARNING)
    assert (found.code, found.severity, found.subject) == ("genesis-key-form", Severity.ERROR, "validators[2].pub_key")
    assert KEYS[2].base64 in found.fix and "tendermint/PubKeyEd25519" in found.fix
    genesis = parse(data, KNOWN).genesis
    assert genesis is not None and genesis.validators[2].key == KEYS[2].public


def test_the_same_spelling_of_several_keys_is_one_finding() -> None:
    tree = _good()
    for index in (0, 3):
        tree["validators"][index]["pub_key"] = SPELLINGS["cosmos"](KEYS[index])
    (found,) = (one for one in _judged(tree) if one.code == "genesis-key-form")
    assert KEYS[0].base64 in found.fix and KEYS[3].base64 in found.fix


def test_a_translated_key_is_judged_as_any_other() -> None:
    tree = _good()
    tree["validators"][2]["pub_key"] = SPELLINGS["hex"](KEYS[1])
    codes = {one.code for one in _judged(tree) if one.severity is Severity.ERROR}
    assert codes == {"genesis-key-form", "genesis-duplicate-validator", "genesis-address-wrong"}


OLD = {"list": ("0.16", "amount"), "old data": ("0.10 to 0.18", "power"), "old name": ("0.19 to 0.21", "power")}


@pytest.mark.parametrize("spelling", OLD)
def test_a_whole_genesis_of_an_old_generation_is_one_finding_that_translates_it(spelling: str) -> None:
    versions, power = OLD[spelling]
    entries = [{"pub_key": SPELLINGS[spelling](key), power: 7, "name": key.name} for key in KEYS]
    tree = {
        "genesis_time": "0001-01-01T00:00:00Z",
        "chain_id": "x",
        "app_hash": "",
        "validators": entries,
        "app_options": {},
    }
    (found,) = _judged(tree)
    assert (found.code, found.severity) == ("genesis-old-form", Severity.ERROR)
    assert versions in found.message
    assert all(f'{key.base64} power "7"' in found.fix for key in KEYS)
    genesis = parse(json.dumps(tree).encode(), KNOWN).genesis
    assert genesis is not None and [(one.key, one.power) for one in genesis.validators] == [(k.public, 7) for k in KEYS]


def test_the_document_of_the_cosmos_sdk_is_one_finding() -> None:
    tree = _good()
    consensus = {"params": tree.pop("consensus_params"), "validators": tree.pop("validators")}
    tree |= {"app_name": "simd", "app_version": "1", "initial_height": 1, "consensus": consensus}
    assert [one.code for one in _judged(tree)] == ["genesis-cosmos-form"]
    genesis = parse(json.dumps(tree).encode(), KNOWN).genesis
    assert genesis is not None and len(genesis.validators) == 4


AGES = {"max_age_num_blocks": "9", "max_age_duration": "9"}
TYPES = {"pub_key_types": ["ed25519"]}
GENERATIONS: dict[str, Any] = {
    "0.24": {
        "block_size_params": {"max_txs_bytes": "999999", "max_gas": "-1"},
        "tx_size_params": {"max_bytes": "1", "max_gas": "-1"},
        "block_gossip_params": {"block_part_size_bytes": "1"},
        "evidence_params": {"max_age": "77"},
    },
    "0.25": {"block_size_params": {"max_bytes": "999999", "max_gas": "-1"}, "evidence_params": {"max_age": "77"}},
    "0.26 to 0.30": {
        "block_size": {"max_bytes": "999999", "max_gas": "-1"},
        "evidence": {"max_age": "77"},
        "validator": TYPES,
    },
    "0.31": {
        "block": {"max_bytes": "999999", "max_gas": "-1", "time_iota_ms": "1"},
        "evidence": {"max_age": "77"},
        "validator": TYPES,
    },
    "0.35": {
        "block": {"max_bytes": "999999", "max_gas": "-1"},
        "evidence": AGES | {"max_bytes": "9"},
        "validator": TYPES,
        "version": {"app_version": "0"},
    },
    "0.36": {
        "block": {"max_bytes": "999999", "max_gas": "-1"},
        "evidence": AGES,
        "validator": TYPES,
        "version": {"app_version": "0"},
        "synchrony": {"precision": "1", "message_delay": "1"},
        "timeout": {"propose": "1", "bypass_commit_timeout": False},
        "abci": {"vote_extensions_enable_height": "0", "recheck_tx": True},
    },
}  # fmt: skip


@pytest.mark.parametrize("versions", GENERATIONS)
def test_parameters_without_a_profile_are_named_and_translated(versions: str) -> None:
    tree = _good() | {"consensus_params": GENERATIONS[versions]}
    found = [one for one in _judged(tree) if one.severity >= Severity.WARNING]
    assert [(one.code, one.severity) for one in found] == [("genesis-params-generation", Severity.ERROR)]
    assert f"{versions}-style" in found[0].message or f"Tendermint {versions}" in found[0].message
    assert 'block.max_bytes "999999"' in found[0].fix
    if versions not in ("0.35", "0.36"):
        assert 'evidence.max_age_num_blocks "77"' in found[0].fix


def test_parameters_that_no_profile_reads_are_not_sent_to_a_profile() -> None:
    for name in ("tendermint-0.22", "tendermint-0.31", "tendermint-0.34", "cometbft-1.0"):
        tree = _good() | {"consensus_params": GENERATIONS["0.26 to 0.30"]}
        (found,) = (one for one in _judged(tree, name) if one.code.startswith("genesis-param"))
        assert "0.26 to 0.30" in found.message
        assert "--profile" not in found.fix


def test_what_is_no_key_in_any_form_is_not_translated() -> None:
    for text in ("", "abc", "00" * 31, "{", "[1]", '{"type": "x", "value": "y"}', "1624DE6420" + "00" * 31, "z" * 64):
        assert key_in_other_form(text) is None
