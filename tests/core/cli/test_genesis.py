"""The commands about genesis files: what they exit with, and what they say first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.genesis.model import Genesis, Validator, default_params, render
from core.profiles import profile
from tests.builders import TestKey
from tests.core.cli.program import Operator, operator

KNOWN = profile("tendermint-0.34")


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    return operator(tmp_path / "alice")


def _good() -> Any:
    validators = tuple(Validator(TestKey(name).public, 10, name) for name in ("a", "b", "c", "d"))
    return json.loads(render(Genesis("example-1", "2026-11-21T12:00:00Z", default_params(KNOWN), validators), KNOWN))


def _power(tree: Any) -> None:
    tree["validators"][1]["power"] = "11"


@pytest.mark.parametrize(
    ("change", "code", "finding"),
    [
        (lambda tree: tree, 0, "genesis-other-bytes"),
        (lambda tree: tree["validators"].reverse(), 0, "genesis-other-bytes"),
        (lambda tree: tree["validators"][0].update(name="z"), 0, "genesis-same-network"),
        (lambda tree: tree.update(note="x"), 0, "genesis-unknown-key"),
        (lambda tree: tree["consensus_params"]["evidence"].update(max_bytes="5"), 0, "genesis-apart-later"),
        (lambda tree: tree.update(chain_id="example-2"), 1, "genesis-apart"),
        (lambda tree: tree.update(genesis_time="2026-11-21T12:00:01Z"), 1, "genesis-apart"),
        (lambda tree: tree.update(initial_height="5"), 1, "genesis-apart"),
        (lambda tree: tree.update(app_hash="AB"), 1, "genesis-apart"),
        (lambda tree: tree.update(app_state={"a": 1}), 1, "genesis-apart"),
        (lambda tree: tree["consensus_params"]["block"].update(max_gas="5"), 1, "genesis-apart"),
        (_power, 1, "genesis-apart"),
    ],
)
def test_diff_exits_1_where_two_nodes_form_no_network(
    alice: Operator, change: Callable[[Any], object], code: int, finding: str
) -> None:
    other = _good()
    change(other)
    (alice.folder / "a.json").write_text(json.dumps(_good(), indent=1))
    (alice.folder / "b.json").write_text(json.dumps(other))
    ran = alice.json("genesis", "diff", "a.json", "b.json")
    assert ran.code == code, ran.text
    assert finding in ran.codes
    assert ran.json["runs_together"] == (code == 0)
    assert sum(one["code"].startswith("genesis-apart") for one in ran.findings) <= 1


def test_a_side_that_the_node_does_not_read_has_no_verdict(alice: Operator) -> None:
    other = _good()
    other["validators"][0]["pub_key"] = {"@type": "/cosmos.crypto.ed25519.PubKey", "key": TestKey("a").base64}
    (alice.folder / "a.json").write_text(json.dumps(_good()))
    (alice.folder / "b.json").write_text(json.dumps(other))
    ran = alice.json("genesis", "diff", "a.json", "b.json")
    assert (ran.code, ran.codes, ran.json["runs_together"]) == (1, {"genesis-key-form"}, False)


def test_validators_that_the_application_brings_can_not_be_determined(alice: Operator) -> None:
    tree = _good() | {"validators": [], "app_state": {"staking": {"validators": [1]}}}
    (alice.folder / "genesis.json").write_text(json.dumps(tree))
    assert alice.run("genesis", "check", "genesis.json").code == 3


def test_a_file_beyond_the_limit_of_quorate_is_not_called_wrong(alice: Operator) -> None:
    with (alice.folder / "genesis.json").open("wb") as file:
        file.truncate((128 << 20) + 1)
    ran = alice.json("genesis", "check", "genesis.json")
    assert ran.code == 3
    assert [(one["code"], one["severity"]) for one in ran.findings] == [("file-too-large", "unknown")]


def test_a_genesis_of_forty_megabytes_is_judged(alice: Operator) -> None:
    text = json.dumps(_good())[:-1] + ',"app_state":["' + "A" * (40 << 20) + '"]}'
    (alice.folder / "genesis.json").write_text(text)
    ran = alice.json("genesis", "check", "genesis.json")
    assert ran.code == 0, ran.text


def test_values_of_another_member_are_not_entered(alice: Operator) -> None:
    alice.run("home", "--network", "h", "--role", "coordinator", "--no-home", "--profile", "tendermint-0.34")
    words = ("peers", "add", "--moniker", "bob", "--address", "bob.example:26656")
    bob = alice.json(*words, "--node-id", TestKey("bob").node_id, "--key", TestKey("bob validator").base64)
    assert bob.code == 0, bob.text
    dora = ("--moniker", "dora", "--address", "dora.example:26656", "--key", TestKey("v").base64)
    for node_id in (TestKey("bob validator").address.lower(), TestKey("bob validator").address, TestKey("bob").node_id):
        ran = alice.json("peers", "add", *dora, "--node-id", node_id)
        assert ran.code == 1
        assert [one["fix"] for one in ran.findings] == ["Ask dora for what show-node-id prints."]
    assert "dora" not in alice.run("peers").text
