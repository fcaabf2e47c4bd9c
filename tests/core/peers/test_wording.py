"""What an import is and does, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.adapters import real_world
from core.documents.armour import armour
from core.peers.receive import Received, judge, keep
from core.peers.wording import readable, what_it_does, what_it_is
from core.state import State
from core.world import World
from tests.builders import NETWORK, SERIAL, a_card, a_record, an_amendment


def a_world(folder: Path) -> World:
    state = State.open(folder / "state", NETWORK)
    state.change(lambda local: replace(local, role="coordinator"))
    return real_world({"HOME": str(folder)}).at(state)


async def rows(world: World, *documents: str) -> list[Received]:
    return list((await judge(world, "\n".join(documents).encode())).rows)


async def test_a_first_card_is_new_and_a_second_says_what_it_replaces(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    (first,) = await rows(world, armour(a_card("bob")))
    assert (what_it_is(first), what_it_does(first)) == ("card, signed, whole", "new")
    assert world.state is not None
    world.state.add((a_card("bob"),))
    (again,) = await rows(world, armour(a_card("bob")))
    assert what_it_does(again) == "you have it"
    (later,) = await rows(world, armour(a_card("bob", serial=SERIAL + 60, validator="another")))
    assert what_it_does(later) == "replaces 21 Nov"
    told = readable(later.changes)
    assert [change.field for change in told] == ["signed", "validator key"]
    assert (told[0].old, told[0].new) == ("21 Nov, 11:00 UTC", "21 Nov, 11:01 UTC")


async def test_damaged_forged_and_foreign_are_not_taken(tmp_path: Path) -> None:
    texts = (
        armour(a_card("bob"))[:-60],
        armour(a_card("carol", signer="mallory")),
        armour(a_card("dave", network="other")),
    )
    found = await rows(a_world(tmp_path), *texts)
    assert {what_it_does(row) for row in found} == {"not taken"}
    assert {what_it_is(row) for row in found} == {
        "card, can not be read",
        "card, wrong signature",
        "card, of another network",
    }


async def test_what_is_left_out_is_not_kept(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    assert world.state is not None
    reception = await judge(world, "\n".join(armour(a_card(name)) for name in ("bob", "carol")).encode())
    kept = keep(world.state, reception, left_out={a_card("bob").id})
    assert kept == (a_card("carol"),) == world.state.documents()


async def test_a_second_record_of_one_version_excludes_the_first_and_the_next_one_replaces_it(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    first = a_record()
    assert world.state is not None
    world.state.add((first,))
    (twin,) = await rows(world, armour(a_record(chain_id="example-2")))
    assert what_it_does(twin) == "excludes yours"
    assert [change.field for change in readable(twin.changes)] == ["genesis: chain id", "genesis: sha256"]
    (following,) = await rows(world, armour(an_amendment(first, note="moved")))
    assert what_it_does(following) == "replaces version 1"
