"""What a look has found is kept: a step whose look is costly shows what was found last, with its age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

import core.around
from core.apply.engine import apply
from core.around import looked, standing
from core.changes import WriteFile
from core.finding import error, warning
from core.plan import Plan
from core.run import preview
from core.standing import Standing, Station, keep, kept
from core.step import Answers, Cost, Inspection, Report, UsualStep
from core.steps import IDS
from core.steps import step as real_step
from core.way import Blank, Way, once, plan_of, way
from core.world import World
from tests.core.apply.ground import Ground, make_ground

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def zone(self) -> tzinfo:
        return UTC


class Costly(UsualStep):
    """Asks others, and counts how often."""

    id = "costly"
    title = "Costly"
    purpose = "Ask the others."
    cost: Cost = "network"

    def __init__(self) -> None:
        self.asked = 0

    async def inspect(self, world: World, answers: Answers, report: Report) -> Inspection[int]:
        self.asked += 1
        return Inspection(self.asked, (warning("asked", "others", f"asked {self.asked} times"),))

    def suggest(self, facts: int) -> Answers:
        return {}

    def plan(self, facts: int, answers: Answers) -> Plan:
        return Plan(self.id)

    async def verify(self, world: World, answers: Answers) -> tuple[Any, ...]:
        return ()


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    ground = make_ground(tmp_path)
    state = ground.world().state
    assert state is not None
    state.change(lambda local: replace(local, role="coordinator"))
    return ground


@pytest.fixture
def costly(monkeypatch: pytest.MonkeyPatch) -> Costly:
    step = Costly()
    named: Callable[[str], Any] = lambda name: step if name == step.id else real_step(name)  # noqa: E731
    monkeypatch.setattr(core.around, "IDS", (*IDS, step.id))
    monkeypatch.setattr(core.around, "step", named)
    return step


def world_of(ground: Ground, now: datetime = NOW) -> World:
    return replace(ground.world(), clock=Clock(now))


def kept_of(ground: Ground) -> Standing | None:
    state = ground.world().state
    assert state is not None
    return kept(state)


async def test_a_costly_step_is_looked_at_only_by_itself_and_its_result_has_an_age(
    ground: Ground, costly: Costly
) -> None:
    first = (await standing(world_of(ground))).station("costly")
    assert first is not None and (first.mark, first.at, costly.asked) == ("todo", "", 0)
    assert first.next == "quorate plan costly" and "Not looked at yet" in first.why
    world = world_of(ground)
    looked(world, await preview(costly, world, {}))
    later = (await standing(world_of(ground, NOW + timedelta(hours=3)))).station("costly")
    assert later is not None and (later.mark, later.at, costly.asked) == ("done", "2026-11-27T09:00:00Z", 1)
    assert [one.message for one in later.findings] == ["asked 1 times"]
    assert first.age(NOW) == "" and later.age(NOW + timedelta(hours=3, minutes=59)) == "looked at 3 h ago"


async def test_what_was_found_is_what_the_next_process_reads(ground: Ground) -> None:
    now = await standing(world_of(ground))
    assert kept_of(ground) == now


async def test_a_run_that_begins_takes_it_away(ground: Ground) -> None:
    await standing(world_of(ground))
    await apply(Plan("config", (WriteFile(ground.home / "a", None, b"", "to try"),)), world_of(ground))
    assert kept_of(ground) is None


async def test_who_looks_waits_for_nobody(ground: Ground) -> None:
    state, other = ground.world().state, world_of(ground)
    assert state is not None
    with state.hold("something else"):
        await standing(other)
    assert kept_of(ground) is None


WAYS = (
    way("network", "share", then="Send it."),
    once("bob and carol", "import", Blank("FILE")),
    plan_of("network", Blank("record=ID")),
    Way(("-Y", "sign"), "others", "the owners' signature", program="ssh-keygen"),
)


@pytest.mark.parametrize("one", WAYS, ids=lambda one: one.command)
def test_a_way_is_kept_with_its_blanks(ground: Ground, one: Way) -> None:
    state = ground.world().state
    assert state is not None
    finding = warning("some-code", "subject", "a message", way=one)
    now = Standing((Station("home", "Home", "todo", (finding,), one),), "", False, one, "because", (finding,))
    keep(state, now)
    found = kept(state)
    assert found == now and found.way.blanks == one.blanks


SPOILED = (b"", b"[]", b"{", b'{"v":2}', b'{"v":1}', b"\xff", b'{"v":1,"stations":[{}]}', b"[" * 100_000)


@pytest.mark.parametrize("content", SPOILED, ids=range(len(SPOILED)))
async def test_what_cannot_be_read_is_no_memory_and_is_made_anew(ground: Ground, content: bytes) -> None:
    await standing(world_of(ground))
    state = ground.world().state
    assert state is not None
    (state.folder / "standing.json").write_bytes(content)
    assert kept(state) is None
    now = await standing(world_of(ground))
    assert kept_of(ground) == now


async def test_a_kept_text_reaches_the_screen_tame(ground: Ground) -> None:
    await standing(world_of(ground))
    state = ground.world().state
    assert state is not None
    path = state.folder / "standing.json"
    path.write_bytes(path.read_bytes().replace(b'"title":"Home"', b'"title":"\\u001b[2J"'))
    found = kept(state)
    assert found is None or all("\x1b" not in one.title for one in found.stations)


async def test_a_command_in_a_finding_is_the_one_that_is_next(ground: Ground) -> None:
    now = await standing(world_of(ground))
    todo = next(one for one in now.stations if one.mark != "done")
    assert now.way == todo.way and now.next == todo.next and now.next.startswith("quorate ")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=30), "looked at just now"),
        (timedelta(minutes=59), "looked at 59 min ago"),
        (timedelta(days=2, hours=5), "looked at 2 d ago"),
        (timedelta(hours=-1), "looked at just now"),
    ],
    ids=str,
)
def test_an_age_in_words(span: timedelta, said: str) -> None:
    station = Station("home", "Home", "done", at="2026-11-27T09:00:00Z")
    assert station.age(NOW + span) == said
    assert replace(station, at="some day").age(NOW) == replace(station, at="2026-11-27").age(NOW) == ""


def test_of_many_findings_the_worst_are_kept(ground: Ground) -> None:
    state = ground.world().state
    assert state is not None
    many = (*(warning("asked", str(number), "no answer") for number in range(10_000)), error("asked", "x", "refused"))
    one = way("status")
    keep(state, Standing((Station("peers", "Peers", "blocked", many, one),), "", False, one, "because"))
    found = kept(state)
    assert found is not None and found.stations[0].findings == (many[-1], *many[:19])
