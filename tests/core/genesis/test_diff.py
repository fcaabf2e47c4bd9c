"""Two geneses differ in what they mean: layout and order do not count, and each difference says what it does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.finding import Severity
from core.genesis.diff import diff, parse_rpc, runs_together, verdict
from core.genesis.model import Genesis, Validator, default_params, render
from core.genesis.reading import parse
from core.profiles import NAMES, profile
from tests.builders import TestKey

KNOWN = profile("tendermint-0.34")


def _genesis(name: str = "tendermint-0.34") -> Genesis:
    validators = tuple(Validator(TestKey(one).public, 10, one) for one in ("Alice", "Bob", "Carol"))
    return Genesis("example-1", "2026-12-01T12:00:00Z", default_params(profile(name)), validators)


def _with(one: Genesis, index: int, **changed: object) -> Genesis:
    validators = list(one.validators)
    validators[index] = replace(validators[index], **changed)  # type: ignore[arg-type]
    return replace(one, validators=tuple(validators))


def test_power_is_compared_by_member() -> None:
    (found,) = diff(_genesis(), _with(_genesis(), 2, power=20), KNOWN)
    assert found.message == "Carol's power was 10, is 20."
    assert found.path == "validators[Carol].power"
    assert "ValidatorsHash" in found.effect.text
    assert not runs_together((found,))


def test_another_chain_id_is_another_network() -> None:
    (found,) = diff(_genesis(), replace(_genesis(), chain_id="example-2"), KNOWN)
    assert found.message.endswith("this is another network.")


def test_a_new_key_under_the_same_name_is_a_changed_key() -> None:
    (found,) = diff(_genesis(), _with(_genesis(), 1, key=TestKey("new").public), KNOWN)
    assert found.path == "validators[Bob].pub_key"
    assert found.message.startswith("Bob's key was ")


def test_members_come_and_go() -> None:
    less = replace(_genesis(), validators=_genesis().validators[:2])
    assert [one.message for one in diff(_genesis(), less, KNOWN)] == ["Carol with power 10 is gone."]
    assert [one.message for one in diff(less, _genesis(), KNOWN)] == ["Carol with power 10 is new."]


def test_a_name_alone_is_harmless() -> None:
    found = diff(_genesis(), _with(_genesis(), 0, name="Alicia"), KNOWN)
    assert [one.path for one in found] == ["validators[Alicia].name"]
    assert runs_together(found)


@pytest.mark.parametrize("name", NAMES)
def test_layout_order_and_written_defaults_do_not_count(name: str) -> None:
    known, one = profile(name), _genesis(name)
    data = json.dumps(json.loads(render(one, known)), sort_keys=True).encode()
    other = parse(data, known).genesis
    assert other is not None
    turned = replace(other, validators=other.validators[::-1], params=(), initial_height=1)
    assert diff(one, turned, known) == ()


def test_times_are_compared_as_moments() -> None:
    assert diff(_genesis(), replace(_genesis(), genesis_time="2026-12-01T12:00:00.000Z"), KNOWN) == ()
    (found,) = diff(_genesis(), replace(_genesis(), genesis_time="2026-12-01T12:00:00.000000001Z"), KNOWN)
    assert "height 0" in found.effect.text
    newer = profile("cometbft-1.0")
    assert runs_together(diff(_genesis(), replace(_genesis(), genesis_time="2026-12-02T12:00:00Z"), newer))


def test_a_parameter_says_its_meaning_and_whether_it_stands_in_the_block() -> None:
    params = dict(_genesis().params) | {"block.max_bytes": "1048576", "evidence.max_age_num_blocks": "5"}
    found = {one.path: one for one in diff(_genesis(), replace(_genesis(), params=tuple(params.items())), KNOWN)}
    assert "was 22020096 (21 MiB), is 1048576 (1 MiB)" in found["block.max_bytes"].message
    assert not found["block.max_bytes"].harmless
    assert found["evidence.max_age_num_blocks"].effect.severity is Severity.WARNING


ZERO = "0001-01-01T00:00:00Z"


def _param(one: Genesis, path: str, value: str) -> Genesis:
    return replace(one, params=tuple((dict(one.params) | {path: value}).items()))


@pytest.mark.parametrize(
    ("name", "before", "after", "severity", "word"),
    [
        ("tendermint-0.34", {}, {"chain_id": "example-2"}, Severity.ERROR, "refuse each other as peers"),
        ("tendermint-0.34", {}, {"genesis_time": "2026-12-01T12:00:01Z"}, Severity.ERROR, "block 1 must carry"),
        ("tendermint-0.34", {"genesis_time": ZERO}, {"genesis_time": ZERO}, Severity.ERROR, "its own clock"),
        ("cometbft-1.0", {}, {"genesis_time": "2026-12-01T12:00:01Z"}, Severity.WARNING, "the later time"),
        ("tendermint-0.22", {}, {"genesis_time": "2026-12-01T12:00:01Z"}, Severity.INFO, "No effect"),
        ("tendermint-0.34", {}, {"initial_height": 7}, Severity.ERROR, "drop each other"),
        ("tendermint-0.34", {}, {"app_hash": "AB"}, Severity.ERROR, "ends at once"),
        ("tendermint-0.34", {}, {"app_state": '{"a":1}'}, Severity.ERROR, "AppHash"),
        ("tendermint-0.34", {}, {"validators": ()}, Severity.ERROR, "ValidatorsHash"),
    ],
)
def test_what_two_nodes_do_is_one_finding(
    name: str, before: dict[str, object], after: dict[str, object], severity: Severity, word: str
) -> None:
    one = _genesis(name)
    (found,) = verdict(diff(replace(one, **before), replace(one, **after), profile(name)))  # type: ignore[arg-type]
    assert found.severity is severity
    assert word in found.message
    assert severity is Severity.INFO or found.fix


@pytest.mark.parametrize(
    ("name", "path", "value", "severity"),
    [
        ("tendermint-0.34", "block.max_gas", "5", Severity.ERROR),
        ("tendermint-0.34", "block.time_iota_ms", "5", Severity.INFO),
        ("tendermint-0.34", "evidence.max_bytes", "5", Severity.WARNING),
        ("cometbft-0.37", "version.app", "5", Severity.INFO),
        ("cometbft-0.38", "abci.vote_extensions_enable_height", "1", Severity.ERROR),
        ("cometbft-0.38", "abci.vote_extensions_enable_height", "500", Severity.ERROR),
        ("cometbft-1.0", "feature.pbts_enable_height", "1", Severity.ERROR),
        ("cometbft-1.0", "synchrony.precision", "1", Severity.INFO),
    ],
)
def test_a_parameter_parts_two_nodes_only_where_the_nodes_compare_it(
    name: str, path: str, value: str, severity: Severity
) -> None:
    one = _genesis(name)
    (found,) = verdict(diff(one, _param(one, path, value), profile(name)))
    assert (found.severity, found.subject) == (severity, path)


def test_of_several_effects_only_the_first_is_told() -> None:
    other = replace(_with(_genesis(), 2, power=20), chain_id="example-2", genesis_time="2027-01-01T00:00:00Z")
    differences = diff(_genesis(), other, KNOWN)
    (found,) = verdict(differences)
    assert len(differences) == 3
    assert (found.subject, found.severity) == ("chain_id", Severity.ERROR)
    assert "height 0" not in found.message


def test_geneses_that_mean_the_same_have_no_verdict() -> None:
    assert verdict(diff(_genesis(), _genesis(), KNOWN)) == ()


def test_a_number_and_a_text_of_the_same_digits_are_not_the_same_application_state() -> None:
    one, other = replace(_genesis(), app_state='{"a": 1}'), replace(_genesis(), app_state='{"a": "1"}')
    assert [each.path for each in diff(one, other, KNOWN)] == ["app_state"]


def test_the_application_state_is_compared_by_value() -> None:
    one, other = replace(_genesis(), app_state='{"a": 1, "b": 2}'), replace(_genesis(), app_state='{"b":2,"a":1}')
    assert diff(one, other, KNOWN) == ()
    assert [each.path for each in diff(one, _genesis(), KNOWN)] == ["app_state"]


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_of_a_running_node_is_the_same_genesis(name: str) -> None:
    known = profile(name)
    one = replace(_genesis(name), app_state='{"a":[1,{"b":"x\\u0000"}]}')
    answer = {"jsonrpc": "2.0", "id": -1, "result": {"genesis": json.loads(render(one, known))}}
    parsed = parse_rpc(json.dumps(answer).encode(), known)
    assert parsed.findings == ()
    assert parsed.genesis is not None
    assert diff(one, parsed.genesis, known) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"result": null}',
        b'{"result": []}',
        b'{"error": {"message": "x", "data": "genesis response is large"}}',
    ],
)
def test_an_answer_without_a_genesis_is_a_finding(data: bytes) -> None:
    parsed = parse_rpc(data, KNOWN)
    assert parsed.genesis is None
    assert parsed.findings


def test_hostile_names_are_made_safe_in_the_message() -> None:
    for one in diff(_genesis(), _with(_genesis(), 0, name="\x1b[2J\u202e", power=3), KNOWN):
        assert (one.message + one.path + one.effect.text).isprintable()
