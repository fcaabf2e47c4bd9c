"""What the steps about the agreement look at: whose node it is, who is admitted, who can be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.agreement.current import admitted
from core.finding import Refusal
from core.network.facts import NetworkFacts, gather
from core.seen import own_node
from tests.builders import SERIAL, a_card, a_key, a_record, an_unsigned
from tests.core.keys.key_homes import put
from tests.core.network.operators import Operator, operator


def names(who: Operator) -> list[str]:
    return sorted(one.moniker for one in admitted(who.seen.exchange))


async def facts_of(who: Operator) -> NetworkFacts:
    return await gather(who.world)


async def test_the_own_node_is_that_of_the_home(tmp_path: Path) -> None:
    own = await own_node(operator(tmp_path).world)
    assert own is not None
    assert (own.node_id, own.node_key) == (a_key("alice").node_id, a_key("alice").public)
    assert own.validator_key == a_key("alice validator").public


async def test_without_a_home_there_is_no_own_node(tmp_path: Path) -> None:
    assert await own_node(operator(tmp_path, node=False).world) is None


async def test_a_home_without_a_node_key_has_no_own_node_yet(tmp_path: Path) -> None:
    alice = operator(tmp_path)
    (alice.home / "config" / "node_key.json").unlink()
    assert await own_node(alice.world) is None
    facts = await facts_of(alice)
    assert facts.own_key is None and facts.named().me is None


async def test_a_damaged_node_key_is_no_own_node_and_no_traceback(tmp_path: Path) -> None:
    alice = operator(tmp_path)
    put(alice.home / "config" / "node_key.json", b'{"priv_key":')
    assert await own_node(alice.world) is None


async def test_a_home_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    alice = operator(tmp_path)
    config = alice.home / "config" / "config.toml"
    config.unlink()
    config.mkdir()
    with pytest.raises(Refusal) as refused:
        await own_node(alice.world)
    assert refused.value.findings[0].code == "file-not-regular"


def test_a_decision_dies_with_the_card(tmp_path: Path) -> None:
    alice = operator(tmp_path).has(a_card("alice"), a_card("bob")).approves()
    assert names(alice) == ["alice", "bob"]
    alice.has(a_card("bob", serial=SERIAL + 1))
    assert names(alice) == ["alice"]


@pytest.mark.parametrize("verdict", ["hold", "refuse"])
def test_who_is_held_or_refused_is_not_admitted(tmp_path: Path, verdict: str) -> None:
    alice = operator(tmp_path).has(a_card("alice"), a_card("bob")).approves().approves("bob", verdict=verdict)
    assert names(alice) == ["alice"]


def test_a_member_without_quorate_is_admitted_until_a_card_comes(tmp_path: Path) -> None:
    entry = an_unsigned("dave")
    alice = operator(tmp_path).says(unsigned={entry.node_id: entry.body.decode()}).approves()
    (one,) = admitted(alice.seen.exchange)
    assert (one.moniker, one.source, one.node_key) == ("dave", entry, None)
    assert names(alice.has(a_card("dave"))) == []


def test_an_entry_that_was_edited_by_hand_into_nonsense_admits_nobody(tmp_path: Path) -> None:
    entry = an_unsigned("dave")
    alice = operator(tmp_path).says(unsigned={entry.node_id: entry.body.decode()}).approves()
    assert names(alice.says(unsigned={entry.node_id: "{}"})) == []


async def test_who_takes_over_with_the_record_alone_keeps_its_members(tmp_path: Path) -> None:
    alice = operator(tmp_path).has(a_record(3))
    facts = await facts_of(alice)
    assert facts.admitted == () and [one.kept for one in facts.members] == [True] * 3
    assert sorted(owner.name for owner in facts.named().nodes) == ["alice", "bob", "carol"]


async def test_an_owner_keeps_the_name_that_the_record_has(tmp_path: Path) -> None:
    alice = operator(tmp_path).has(a_record(3, owners=("zed", "alice")))
    named = (await facts_of(alice)).named()
    assert named.me == a_key("alice").owner
    assert a_key("zed").owner in named.owners and a_key("zed").owner not in named.nodes


async def test_a_coordinator_without_a_node_and_cards_only_has_others_sign(tmp_path: Path) -> None:
    zoe = operator(tmp_path, "zoe", node=False)
    assert not (await facts_of(zoe)).only_signs
    assert (await facts_of(zoe.has(a_record(3)))).only_signs
    assert not (await facts_of(zoe.has(a_card("alice")).approves())).only_signs
