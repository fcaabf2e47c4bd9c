"""What goes wrong between people: letters lost, cards cut off and changed, two records of one owner."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.ceremony import (
    as_chat,
    begin,
    begin_all,
    gather,
    just_now,
    make_card,
    make_cards,
    members_of,
    publish,
    sign,
)
from tests.end_to_end.driver import Member


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Member, Member, str]:
    """Alice, who coordinates, and Bob with his card; alice has taken nothing in yet."""
    alice, bob = members_of(tmp_path_factory.mktemp("letters"), 2)
    begin_all([alice, bob])
    return alice, bob, make_card(bob)


def one_letter_changed(card: str) -> str:
    """In the middle of the armour, as a spelling correction would."""
    lines = card.splitlines()
    middle = len(lines) // 2
    place = next(found.start() for found in re.finditer("[a-y]", lines[middle]))
    letter = "z" if lines[middle][place] != "z" else "y"
    lines[middle] = lines[middle][:place] + letter + lines[middle][place + 1 :]
    return "\n".join(lines)


def test_a_letter_changed_is_damaged_and_nothing_is_kept(alone: tuple[Member, Member, str]) -> None:
    alice, _, card = alone
    taken = alice.take(one_letter_changed(card), expect=1)
    assert [row["status"] for row in taken.rows("card")] == ["damaged"]
    assert "armour-damaged" in taken.errors
    assert alice.run("peers", "show").json["members"] == []


def test_a_card_cut_off_is_told_as_cut_off(alone: tuple[Member, Member, str]) -> None:
    alice, _, card = alone
    half = "\n".join(card.splitlines()[: len(card.splitlines()) // 2])
    taken = alice.take(half, expect=1)
    assert [row["status"] for row in taken.rows("card")] == ["damaged"]
    assert "armour-cut-off" in taken.errors
    assert alice.run("peers", "show").json["members"] == []


def test_one_bad_card_does_not_keep_the_good_ones_out(alone: tuple[Member, Member, str]) -> None:
    alice, _, card = alone
    taken = alice.run("import", "--check", "-", stdin=f"{one_letter_changed(card)}\n\nagain:\n{card}", expect=1)
    assert sorted(row["status"] for row in taken.rows("card")) == ["damaged", "new"]


def test_a_card_with_another_validator_key_is_told_field_by_field_and_loses_its_approval(
    alone: tuple[Member, Member, str],
) -> None:
    """The node key stays, so it is the same member; that is exactly what somebody who took it over would send."""
    alice, bob, card = alone
    alice.take(card)
    alice.run("peers", "approve", "bob")
    old = bob.validator_key
    other = members_of(bob.folder / "other", 1)[0]
    for name in ("config/priv_validator_key.json", "data/priv_validator_state.json"):
        (bob.home / name).write_bytes((other.home / name).read_bytes())
    taken = alice.take(make_card(bob), expect=None)

    (row,) = taken.rows("card")
    assert row["status"] == "changed"
    changes = {one["field"]: (one["old"], one["new"]) for one in row["changes"]}
    assert changes["validator_key"] == (old, other.validator_key)
    assert changes.keys() <= {"validator_key", "validator_address", "serial"}
    assert "bob" in alice.run("peers", "show").told("peer-validator-key-changed")
    (member,) = alice.run("peers", "show").json["members"]
    assert member["state"].startswith("undecided")
    assert alice.take(card).rows("card")[0]["status"] in {"older", "known"}


def test_two_records_of_one_owner_are_shown_side_by_side_and_nobody_is_quorate(tmp_path: Path) -> None:
    """P5: Alice gives Bob one genesis and Carol another, and accepts both. She signed both; the others did not."""
    alice, bob, carol = members = members_of(tmp_path, 3)
    twin = replace(alice, folder=tmp_path / "twin")
    twin.folder.mkdir()
    shutil.copytree(alice.home, twin.home)
    begin_all(members)
    begin(twin, "coordinator")
    chat = as_chat(members, make_cards(members))
    for one in (alice, twin):
        gather(one, chat, ["alice", "bob", "carol"])
    first = publish(alice, chain_id="harbour-1", genesis_time=just_now())
    second = publish(twin, chain_id="harbour-2", genesis_time=just_now(), power="alice=30")

    accepted = [sign(alice, first), sign(bob, first), sign(twin, second), sign(carol, second)]
    for one in (bob, carol):
        assert one.status()["tally"].startswith("1 signed of 3")

    for one in (bob, carol):
        one.take("\n".join(accepted), expect=None)
        shown = one.run("network", "show", expect=1)
        both = shown.told("record-signed-twice")
        assert "harbour-1" in both and "harbour-2" in both and "alice signed two first records" in both
        assert shown.told("acceptance-conflict").startswith("alice: alice signed two things")
        assert "network-no-record" not in shown.codes
        assert not one.status()["quorate"] and "alice" in one.status()["tally"].partition("in conflict")[2]
