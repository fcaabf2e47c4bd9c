"""Each mistake in a genesis has its finding, at its place, with both values and an order that mends it."""

from __future__ import annotations

import base64
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.finding import Finding, Severity
from core.genesis.checks import check
from core.genesis.model import Genesis, Validator, default_params, render
from core.genesis.scan import MAX_VALUES
from core.profiles import NAMES, profile
from tests.builders import TestKey

VECTORS = Path(__file__).parents[2] / "vectors" / "genesis"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOW_ORDER = base64.b64encode(bytes([1]) + bytes(31)).decode()
MIXED = base64.b64encode(bytes.fromhex("06903bfea2a1ddc586e78a189513f47ac6ae27e4e7803a1c2fb94c94b18f3958")).decode()
SAMPLE = "P+aweH73Hii8RyCmNWbwPsa9o4inq3I+0fSfprVkZa0="


def _good(name: str = "tendermint-0.34") -> Any:
    validators = tuple(Validator(TestKey(f"check {i}").public, 10, f"Member {i}") for i in range(4))
    one = Genesis("example-1", "2026-12-01T12:00:00Z", default_params(profile(name)), validators)
    return json.loads(render(one, profile(name)))


def _judged(tree: Any, name: str = "tendermint-0.34") -> tuple[Finding, ...]:
    return check(json.dumps(tree).encode(), profile(name), now=NOW)


def _codes(findings: tuple[Finding, ...], severity: Severity = Severity.ERROR) -> set[str]:
    return {finding.code for finding in findings if finding.severity is severity}


def _at(tree: Any, path: str, value: object) -> None:
    *parts, last = path.replace("]", "").replace("[", ".").split(".")
    for part in parts:
        tree = tree[int(part)] if part.isdigit() else tree[part]
    tree[int(last) if last.isdigit() else last] = value


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("validators[2].power", 10, "genesis-number-bare"),
        ("validators[2].power", "0", "genesis-zero-power"),
        ("validators[2].power", "-5", "genesis-negative-power"),
        ("validators[2].power", "1152921504606846976", "genesis-power-too-large"),
        ("validators[2].power", "1e3", "genesis-number-form"),
        ("validators[2].power", "99999999999999999999", "genesis-number-range"),
        ("validators[2].power", True, "genesis-type"),
        ("validators[2].power", None, "genesis-zero-power"),
        ("validators[2].address", "00" * 20, "genesis-address-wrong"),
        ("validators[2].address", "xyz", "genesis-hex"),
        ("validators[2].name", "a\u202eb", "genesis-name-hidden"),
        ("validators[2].name", "<Member 1 name>", "genesis-placeholder"),
        ("validators[2].name", 7, "genesis-type"),
        ("validators[2].pub_key", None, "genesis-key-missing"),
        ("validators[2].pub_key.type", "AC26791624DE60", "genesis-key-form"),
        ("validators[2].pub_key.type", "tendermint/PubKeySr25519", "genesis-key-type"),
        ("validators[2].pub_key.value", "00" * 20, "genesis-key-is-address"),
        ("validators[2].pub_key.value", "<Member 1 public key>", "genesis-placeholder"),
        ("validators[2].pub_key.value", SAMPLE, "genesis-sample-key"),
        ("validators[2].pub_key.value", LOW_ORDER, "genesis-key-point"),
        ("validators[2].pub_key.value", MIXED, "genesis-key-point"),
        ("validators[2].pub_key.value", "abc", "genesis-key-base64"),
        ("validators[2].pub_key.value", SAMPLE[:-2] + "1=", "genesis-key-spelling"),
        ("validators[2].pub_key.value", base64.b64encode(bytes(31)).decode(), "genesis-key-length"),
        ("chain_id", "", "genesis-chain-id-missing"),
        ("chain_id", "c" * 51, "genesis-chain-id-too-long"),
        ("chain_id", "ä" * 26, "genesis-chain-id-too-long"),
        ("chain_id", "ex ample", "genesis-chain-id-characters"),
        ("genesis_time", "0001-01-01T00:00:00Z", "genesis-zero-time"),
        ("genesis_time", None, "genesis-zero-time"),
        ("genesis_time", "2026-12-01T12:00:00", "genesis-time-zone"),
        ("genesis_time", "2026-12-01T12:00:00+02:00", "genesis-time-zone"),
        ("genesis_time", "2026-12-01T12:00Z", "genesis-time-form"),
        ("genesis_time", "2026-02-30T12:00:00Z", "genesis-time-form"),
        ("initial_height", "-1", "genesis-initial-height"),
        ("app_hash", "AB", "genesis-app-hash"),
        ("app_hash", "zz", "genesis-hex"),
        ("validators", [], "genesis-no-validators"),
        ("consensus_params.block.max_bytes", "0", "genesis-param-range"),
        ("consensus_params.block.max_bytes", "104857601", "genesis-param-range"),
        ("consensus_params.block.max_bytes", "1000", "genesis-block-too-small"),
        ("consensus_params.block.max_bytes", "-1", "genesis-param-range"),
        ("consensus_params.block.max_gas", "-2", "genesis-param-range"),
        ("consensus_params.evidence.max_bytes", "22020097", "genesis-evidence-too-large"),
        ("consensus_params.validator.pub_key_types", [], "genesis-key-types"),
        ("consensus_params.validator.pub_key_types", ["sr25519"], "genesis-key-types"),
        ("consensus_params.validator", {}, "genesis-param-missing"),
    ],
)
def test_a_mistake_is_an_error_at_its_place_with_a_way_out(path: str, value: object, code: str) -> None:
    tree = _good()
    _at(tree, path, value)
    wrong = [finding for finding in _judged(tree) if finding.code == code]
    assert [finding.severity for finding in wrong] == [Severity.ERROR], _judged(tree)
    assert wrong[0].subject.startswith(path.partition(".pub_key")[0])
    assert wrong[0].fix


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("chain_id", "c" * 21, "genesis-chain-id-long"),
        ("chain_id", "test-chain-la6HSr", "genesis-chain-id-from-init"),
        ("genesis_time", "2099-01-01T00:00:00Z", "genesis-time-far"),
        ("extra", 1, "genesis-unknown-key"),
        ("validators[2].name", "Zoë", "genesis-name-not-ascii"),
        ("validators[2].name", "member 1", "genesis-duplicate-name"),
        ("validators[2].power", "15", "genesis-blocks-alone"),
        ("validators[2].power", "70", "genesis-decides-alone"),
        ("initial_height", "7", "genesis-initial-height"),
        ("consensus_params", None, "genesis-params-absent"),
        ("consensus_params.validator.pub_key_types", ["secp256k1"], "genesis-key-type-not-listed"),
        ("consensus_params.block.max_byte", "1", "genesis-unknown-key"),
    ],
)
def test_what_the_node_lets_pass_but_people_should_see_is_a_warning(path: str, value: object, code: str) -> None:
    tree = _good()
    _at(tree, path, value)
    findings = _judged(tree)
    assert code in _codes(findings, Severity.WARNING)
    assert not _codes(findings)


@pytest.mark.parametrize("name", NAMES)
def test_a_good_genesis_has_neither_error_nor_warning(name: str) -> None:
    findings = _judged(_good(name), name)
    assert {finding.code for finding in findings} <= {"genesis-time-future"}


def test_the_recipe_of_the_documents_is_explained_point_by_point() -> None:
    findings = check((VECTORS / "documents.json").read_bytes(), profile("tendermint-0.34"), now=NOW)
    assert {
        "genesis-number-bare",
        "genesis-zero-time",
        "genesis-params-generation",
        "genesis-placeholder",
        "genesis-sample-key",
    } <= _codes(findings)
    assert "genesis-chain-id-from-init" in _codes(findings, Severity.WARNING)
    (generation,) = (finding for finding in findings if finding.code == "genesis-params-generation")
    assert "0.22-style parameters" in generation.message


@pytest.mark.parametrize("theirs", NAMES)
@pytest.mark.parametrize("ours", NAMES)
def test_parameters_of_another_generation_are_named_and_refused_where_the_node_refuses(theirs: str, ours: str) -> None:
    taken = {
        "tendermint-0.22": {"tendermint-0.22"},
        "tendermint-0.31": {"tendermint-0.31"},
        "tendermint-0.34": {"tendermint-0.34"},
        "cometbft-0.37": set(NAMES) - {"tendermint-0.22", "tendermint-0.31"},
        "cometbft-0.38": set(NAMES) - {"tendermint-0.22", "tendermint-0.31"},
        "cometbft-1.0": set(NAMES) - {"tendermint-0.22", "tendermint-0.31"},
    }[ours]
    tree = _good("tendermint-0.34")
    tree["consensus_params"] = _good(theirs)["consensus_params"]
    findings = _judged(tree, ours)
    assert ("genesis-params-generation" in _codes(findings)) == (theirs not in taken)
    if theirs in taken:
        assert not _codes(findings)


def test_the_zero_time_is_a_warning_where_the_node_runs_with_it() -> None:
    tree = _good("cometbft-1.0")
    tree["genesis_time"] = "0001-01-01T00:00:00Z"
    assert "genesis-zero-time" in _codes(_judged(tree, "cometbft-1.0"), Severity.WARNING)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('"chain_id": "example-1"', '"chain_id": "example-1", "chain_id": "other"', "json-duplicate-key"),
        ('"type":', '"VALUE": "x", "type":', "genesis-key-case"),
        ('"type":', '"type": "x", "type":', "json-duplicate-key"),
        ('"power": "10"', '"Power": "10"', "genesis-key-case"),
        ('"power": "10"', '"power": "\\u0031\\u0030"', "genesis-escaped"),
        ('"chain_id"', '"x": NaN, "chain_id"', "json-syntax"),
        ('"name": "Member 1"', '"name": "\\ud800"', "json-surrogate"),
        ('"app_hash": ""', '"app_hash": "",', "json-syntax"),
    ],
)
def test_json_that_two_readers_read_differently_is_an_error(before: str, after: str, code: str) -> None:
    text = json.dumps(_good())
    assert before in text
    assert code in _codes(check(text.replace(before, after, 1).encode(), profile("tendermint-0.34")))


def test_a_case_variant_inside_pub_key_shows_the_key_that_the_node_would_use() -> None:
    tree = _good()
    tree["validators"][0]["pub_key"]["VALUE"] = LOW_ORDER
    findings = _judged(tree)
    assert {"genesis-key-case", "genesis-key-point", "genesis-address-wrong"} <= _codes(findings)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda good: b"\xef\xbb\xbf" + good, "json-bom"),
        (lambda good: good.replace(b"Member 1", b"Member \xff"), "json-not-utf8"),
        (lambda good: good[:-1], "json-syntax"),
        (lambda good: good + b"{}", "json-syntax"),
        (lambda good: b"", "json-empty"),
        (lambda good: b"[]", "genesis-not-object"),
        (
            lambda good: good.replace(
                b'"app_hash"', b'"app_state": ' + b"[" * 10_001 + b"]" * 10_001 + b', "app_hash"'
            ),
            "json-too-deep",
        ),
    ],
)
def test_a_damaged_file_is_told_by_its_damage(spoil: Callable[[bytes], bytes], code: str) -> None:
    good = json.dumps(_good()).encode()
    assert code in _codes(check(spoil(good), profile("tendermint-0.34")))


def test_the_same_key_twice_names_both_members() -> None:
    tree = _good()
    tree["validators"][3]["pub_key"] = tree["validators"][1]["pub_key"]
    tree["validators"][3]["address"] = ""
    (wrong,) = (finding for finding in _judged(tree) if finding.code == "genesis-duplicate-validator")
    assert "Member 3" in wrong.message
    assert "Member 1" in wrong.message


def test_all_power_together_may_not_pass_the_limit_though_each_does() -> None:
    tree = _good()
    for entry in tree["validators"]:
        entry["power"] = "576460752303423488"
    assert "genesis-total-power" in _codes(_judged(tree))


def test_three_members_are_told_that_none_may_fail() -> None:
    tree = _good()
    del tree["validators"][3]
    assert "genesis-none-may-fail" in _codes(_judged(tree), Severity.WARNING)


def test_proposer_based_time_brings_limits_of_its_own() -> None:
    tree = _good("cometbft-1.0")
    tree["consensus_params"]["synchrony"]["precision"] = "30000000001"
    assert not _codes(_judged(tree, "cometbft-1.0"))
    tree["consensus_params"]["feature"]["pbts_enable_height"] = "1"
    assert "genesis-param-range" in _codes(_judged(tree, "cometbft-1.0"))


def test_a_private_key_pasted_as_public_key_is_not_repeated() -> None:
    secret = base64.b64encode(b"s" * 64).decode()
    for spelled in (secret, secret + "\n", secret[:-1], secret[:-3] + "d=="):
        tree = _good()
        tree["validators"][0]["pub_key"]["value"] = spelled
        findings = _judged(tree)
        assert _codes(findings)
        assert not any(secret[:40] in finding.message + finding.fix for finding in findings)


@pytest.mark.parametrize(
    ("inside", "code"),
    [(b"[" * 200 + b"]" * 200, "json-too-deep"), (b"[" + b"0," * MAX_VALUES + b"0]", "json-too-large")],
)
def test_a_limit_of_quorate_is_no_fault_of_the_file(inside: bytes, code: str) -> None:
    data = json.dumps(_good()).encode().replace(b'"app_hash"', b'"x": ' + inside + b', "app_hash"')
    assert [(one.code, one.severity) for one in check(data, profile("tendermint-0.34"))] == [(code, Severity.UNKNOWN)]


def test_a_large_application_state_costs_a_small_multiple_of_its_size() -> None:
    account = '{"address":"cosmos1abcdefgh","coins":[{"denom":"uatom","amount":"1234567"}],"n":[1,2.5e3,null]}'
    data = json.dumps(_good())[:-1].encode() + b',"app_state":[' + b",".join([account.encode()] * 10_000) + b"]}"
    tracemalloc.start()
    try:
        findings = check(data, profile("tendermint-0.34"), now=NOW)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not _codes(findings)
    assert peak < 4 * len(data)


def test_validators_may_come_from_the_application() -> None:
    for name in ("tendermint-0.34", "cometbft-1.0"):
        for state, severity in (({"staking": {}}, Severity.UNKNOWN), ({}, Severity.ERROR), (None, Severity.ERROR)):
            tree = _good(name) | {"validators": [], "app_state": state}
            (found,) = (one for one in _judged(tree, name) if one.code == "genesis-no-validators")
            assert found.severity is severity


@pytest.mark.parametrize(
    "name", ["a\u200db", "a\ufe0f", "\u200d", "a\u00a0b", "1\ufe0f", "\U0001f3f4\U000e0061\U000e007f"]
)
def test_a_name_that_hides_something_is_an_error(name: str) -> None:
    tree = _good()
    _at(tree, "validators[2].name", name)
    assert "genesis-name-hidden" in _codes(_judged(tree))


@pytest.mark.parametrize(
    "name",
    [
        "\u269b\ufe0f harbour \U0001f41e",
        "\U0001f469\u200d\U0001f4bb",
        "\U0001f3f3\ufe0f\u200d\U0001f308",
        "\u2764\ufe0e",
        "1\ufe0f\u20e3",
        "\U0001f44d\U0001f3fd",
        "\U0001fae8",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\u0915\u094d\u200d\u0937",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ],
)
def test_signs_and_joiners_that_are_seen_are_only_not_ascii(name: str) -> None:
    tree = _good()
    _at(tree, "validators[2].name", name)
    findings = _judged(tree)
    assert not _codes(findings)
    assert _codes(findings, Severity.WARNING) == {"genesis-name-not-ascii"}
    assert all((one.message + one.fix).isprintable() for one in findings)


def test_an_address_of_another_validator_is_named_with_both_members() -> None:
    tree = _good()
    entries = tree["validators"]
    entries[1]["address"], entries[2]["address"] = entries[2]["address"], entries[1]["address"]
    wrong = [one for one in _judged(tree) if one.code == "genesis-address-wrong"]
    assert len(wrong) == 2
    assert "Member 2" in wrong[0].message
    assert all(one.fix.startswith("Ask Member") and "show-validator" in one.fix for one in wrong)


def test_a_node_id_in_the_place_of_an_address_is_recognised_by_its_look() -> None:
    tree = _good()
    _at(tree, "validators[2].address", TestKey("somebody").node_id)
    (wrong,) = (one for one in _judged(tree) if one.code == "genesis-address-wrong")
    assert "node id" in wrong.message
    assert "Write" not in wrong.fix


@pytest.mark.parametrize(
    ("path", "key", "near"),
    [
        ("", "genesis-time", "genesis_time"),
        ("validators[1]", "adress", "address"),
        ("", "genesis_hash", ""),
        ("", "app_version", ""),
        ("", "chain_name", ""),
        ("validators[1]", "voting_power", ""),
        ("validators[1]", "names", ""),
    ],
)
def test_a_near_name_is_suggested_only_where_it_means_the_same_and_is_missing(path: str, key: str, near: str) -> None:
    tree = _good()
    where = tree["validators"][1] if path else tree
    if near:
        where.pop(near)
    where[key] = "1"
    (found,) = (one for one in _judged(tree) if one.code == "genesis-unknown-key")
    assert (f"Write {near!r}" in found.fix) == bool(near)


def test_a_start_long_ago_is_mentioned_and_one_to_come_too() -> None:
    tree = _good()
    tree["genesis_time"] = (NOW - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "genesis-time-past" in _codes(_judged(tree), Severity.INFO)
    tree["genesis_time"] = (NOW + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "genesis-time-future" in _codes(_judged(tree), Severity.INFO)


@pytest.mark.parametrize("text", ["\x1b[2J", "\u202e", "[red]", "x" * 1_000_000, "\x00", "\u009b"])
@pytest.mark.parametrize(
    "path",
    [
        "chain_id",
        "genesis_time",
        "app_hash",
        "validators[1].name",
        "validators[1].power",
        "validators[1].address",
        "validators[1].pub_key.type",
        "validators[1].pub_key.value",
        "consensus_params.block.max_bytes",
        "consensus_params.validator.pub_key_types",
    ],
)
def test_hostile_text_anywhere_never_comes_out_raw(path: str, text: str) -> None:
    tree = _good()
    _at(tree, path, [text] if path.endswith("types") else text)
    for finding in _judged(tree):
        told = finding.subject + finding.message + finding.fix
        assert told.isprintable()
        assert len(told) < 5000


@pytest.mark.parametrize("types", [[], ["foo"], ["secp256k1"], ["secp256k1", "foo"], ["ed25519", "foo"]])
def test_a_list_of_key_types_that_is_wrong_has_one_finding_about_the_list(types: list[str]) -> None:
    tree = _good()
    tree["consensus_params"]["validator"]["pub_key_types"] = types
    (finding,) = [one for one in _judged(tree) if one.code.startswith("genesis-key-type")]
    assert finding.subject == "consensus_params.validator.pub_key_types"
    assert 'Write ["ed25519"]' in finding.fix


@pytest.mark.parametrize("letter", "\u3164\uffa0\u115f\u1160\u17b4\u17b5\u2800\u034f\u180b\u180f")
def test_a_letter_that_is_drawn_as_nothing_is_hidden(letter: str) -> None:
    tree = _good()
    tree["validators"][2]["name"] = f"Member{letter}1"
    (finding,) = [one for one in _judged(tree) if one.code == "genesis-name-hidden"]
    assert f"Member\\u{{{ord(letter):x}}}1" in finding.message


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("tendermint-0.34", Severity.ERROR),
        ("cometbft-0.37", Severity.ERROR),
        ("cometbft-0.38", Severity.UNKNOWN),
        ("cometbft-1.0", Severity.UNKNOWN),
    ],
)
def test_an_app_hash_ends_the_node_where_the_application_can_not_replace_it(name: str, severity: Severity) -> None:
    tree = _good()
    tree["app_hash"] = "AB"
    found = check(json.dumps(tree).encode(), profile(name))
    assert [one.severity for one in found if one.code == "genesis-app-hash"] == [severity]


def test_many_findings_of_one_kind_are_listed_to_twenty_and_then_counted() -> None:
    tree = _good() | {f"strange{number}": 1 for number in range(300)}
    for number, one in enumerate(tree["validators"]):
        one["power"] = str(-number - 1)
    strange = [one for one in _judged(tree) if one.code == "genesis-unknown-key"]
    assert len(strange) == 21 and "280 more findings of this kind" in strange[-1].message
    assert sum(one.code == "genesis-negative-power" for one in _judged(tree)) == 4
