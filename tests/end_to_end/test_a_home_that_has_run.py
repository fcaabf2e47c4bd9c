"""A member followed the documents and has had "a single node running": its old chain is set aside, by plan."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.ceremony import (
    PROFILES,
    accept,
    as_chat,
    begin_all,
    gather,
    make_cards,
    members_of,
    pin,
    publish,
)
from tests.end_to_end.driver import Member, Node, files_of, make_blocks, started

CONFIG = "config/config.toml"
KEYS = ("config/node_key.json", "config/priv_validator_key.json")


def run_alone(member: Member) -> None:
    """The node that the documents ask for: of itself alone, with the genesis that ``init`` wrote."""
    with started([member]) as nodes:
        nodes[0].wait_for_block(2)


@dataclass
class Story:
    alice: Member
    bob: Member
    record: str
    """Published by alice; bob has it."""


def agreed(folder: Path, generation: str = "0.34") -> Story:
    """Bob's home has run when he gets the record."""
    alice, bob = members = members_of(folder / generation, 2, generation)
    run_alone(bob)
    begin_all(members, PROFILES[generation])
    gather(alice, as_chat(members, make_cards(members)), ["alice", "bob"])
    story = Story(alice, bob, publish(alice))
    bob.take(story.record)
    return story


def sign_state(member: Member) -> object:
    return json.loads((member.home / "data" / "priv_validator_state.json").read_text())


@pytest.mark.parametrize("generation", ["0.34", "1.0"])
def test_it_is_refused_then_set_aside_by_plan_and_makes_blocks_with_the_others(generation: str, tmp_path: Path) -> None:
    story = agreed(tmp_path, generation)
    alice, bob, record = story.alice, story.bob, story.record
    before = files_of(bob.home)

    refused = bob.run("plan", "genesis", expect=1)
    assert "genesis-home-has-run" in refused.errors
    assert "aside=yes" in refused.told("genesis-home-has-run")
    assert "genesis-home-has-run" in bob.run("apply", "genesis", "--digest", refused.json["digest"], expect=1).errors
    assert files_of(bob.home) == before

    aside = bob.plan("genesis", aside="yes")
    assert "MoveAside" in {change["kind"] for change in aside.json["changes"]}
    assert files_of(bob.home) == before
    with Node(bob) as node:
        node.wait_for_block(3)
        assert "home-running" in bob.plan("genesis", expect=1, aside="yes").errors
        late = bob.run("apply", "genesis", "--set", "aside=yes", "--digest", aside.json["digest"], expect=1)
        assert late.errors & {"home-running", "node-running", "plan-stale"}
        assert not list(bob.home.glob("data.aside-*"))

    before = files_of(bob.home)
    accepted = [accept(alice, record), accept(bob, record, aside="yes")]
    after = files_of(bob.home)
    assert [after[name] for name in KEYS] == [before[name] for name in KEYS]
    old_data = {name: content for name, content in before.items() if name.startswith("data/")}
    assert {name.replace(".aside-1", "", 1): after[name] for name in after if ".aside-1/" in name} == old_data
    assert sign_state(bob) == {"height": "0", "round": 0, "step": 0}
    for member in (alice, bob):
        member.take("\n".join(accepted))
    with started([alice, bob], pin(bob)) as nodes:
        make_blocks(nodes, 3)

    lived = files_of(bob.home)
    bob.undo()  # of the step config
    assert "undo-in-use" in bob.run("undo", "--plan", expect=1).errors
    assert {**lived, CONFIG: b""} == {**files_of(bob.home), CONFIG: b""}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return agreed(tmp_path_factory.mktemp("other"))


def test_undo_brings_everything_back_byte_for_byte_and_the_old_chain_goes_on(other: Story) -> None:
    bob = other.bob
    before, modes = files_of(bob.home), modes_of(bob.home)
    bob.apply("genesis", aside="yes")
    assert files_of(bob.home) != before
    undone = bob.undo()
    assert "undo-signature-stays" in undone.codes
    assert files_of(bob.home) == before
    assert modes_of(bob.home) == modes
    with Node(bob) as node:
        assert node.wait_for_block(3) >= 3
        assert node.ask("status")["node_info"]["network"].startswith("test-chain-")


def test_nothing_is_set_aside_for_a_chain_on_which_the_key_has_signed(other: Story) -> None:
    """The sign state protects from signing a height twice, which a fresh one would forget."""
    chain_id = json.loads(other.bob.genesis.read_text())["chain_id"]
    other.bob.take(publish(other.alice, chain_id=chain_id))
    before = files_of(other.bob.home)
    assert "home-same-chain" in other.bob.plan("genesis", expect=1, aside="yes").errors
    assert files_of(other.bob.home) == before


def modes_of(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.lstat().st_mode for path in folder.rglob("*")}
