"""The step home: what a folder is, and what was answered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.finding import has_error
from core.home.step import HomeFacts, HomeLook, HomeStep, look
from core.step import silent
from core.world import World
from tests.core.keys.key_homes import make_home, put, this_world

STEP = HomeStep()
CONFIG = b'priv_validator_key_file = "config/priv_validator_key.json"\n[statesync]\n[fastsync]\n'
GOOD = {"role": "member", "network": "example"}


def world(**environ: str) -> World:
    return replace(this_world(), environ=environ)


def codes(looked: HomeLook) -> set[str]:
    return {finding.code for finding in looked.findings}


def sound(path: Path) -> Path:
    put(make_home(path) / "config" / "config.toml", CONFIG, 0o644)
    return path


def test_a_home_as_init_makes_it_is_fine(tmp_path: Path) -> None:
    looked = look(world(), sound(tmp_path / "home"))
    assert looked.findings == () and looked.home is not None and looked.recognised.sure


def test_what_is_no_home_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir(mode=0o700)
    put(tmp_path / "file", b"")
    assert codes(look(world(), tmp_path / "none")) == {"home-missing"}
    assert codes(look(world(), tmp_path / "file")) == {"home-not-folder"}
    assert codes(look(world(), tmp_path / "file" / "below")) == {"home-missing"}
    empty = look(world(), tmp_path / "empty")
    assert codes(empty) == {"home-empty"} and "quorate keys new" in empty.findings[0].fix
    put(tmp_path / "etc" / "passwd", b"")
    other = look(world(), tmp_path / "etc")
    assert "home-not-a-home" in codes(other) and has_error(other.findings)
    assert "quorate keys new" not in other.findings[0].fix and "config/node_key.json" in other.findings[0].message
    inner = look(world(), sound(tmp_path / "home") / "config")
    assert codes(inner) == {"home-not-a-home"} and str(tmp_path / "home") in inner.findings[0].fix


def test_a_link_to_a_home_is_a_home_and_a_link_to_nothing_is_none(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(sound(tmp_path / "home"))
    assert codes(look(world(), tmp_path / "link")) == set()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert codes(look(world(), tmp_path / "loop")) & {"home-unreadable", "file-unreadable"}


def test_modes_git_doubt_and_variables_are_seen(tmp_path: Path) -> None:
    home = sound(tmp_path / "home")
    home.chmod(0o770)
    assert codes(look(world(), home)) == {"home-mode-loose"}
    home.chmod(0o777)
    (tmp_path / ".git").mkdir()
    (home / "config" / "config.toml").unlink()
    expected = {
        "home-world-writable",
        "home-in-git",
        "home-profile-in-doubt",
        "home-config-missing",
        "home-variable-other",
    }
    assert codes(look(world(TMHOME="/srv/other"), home)) == expected
    assert "home-variable-other" not in codes(look(world(TMHOME=str(home)), home))


def test_a_config_that_is_no_toml_is_an_error(tmp_path: Path) -> None:
    put(sound(tmp_path) / "config" / "config.toml", b"[")
    assert "home-config-unreadable" in codes(look(world(), tmp_path))


def test_another_profile_than_recognised_is_said(tmp_path: Path) -> None:
    looked = look(world(), sound(tmp_path / "home"), profile="cometbft-1.0")
    assert codes(looked) == {"home-profile-other"}
    assert looked.home is not None and looked.home.profile.name == "cometbft-1.0"


async def inspected(answers: dict[str, str], **environ: str) -> HomeFacts:
    return (await STEP.inspect(world(**environ), answers, silent)).facts


async def test_good_answers_give_an_empty_plan_without_findings(tmp_path: Path) -> None:
    answers = {**GOOD, "home": str(sound(tmp_path / "home"))}
    plan = STEP.plan(await inspected(answers), answers)
    assert plan.changes == () and plan.findings == ()


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"role": "admin"}, "home-role"),
        ({"network": "Example"}, "home-network-name"),
        ({"network": "a" * 21}, "home-network-name"),
        ({"network": "../x"}, "home-network-name"),
        ({"profile": "tendermint-9"}, "home-profile-unknown"),
        ({"home": ""}, "home-member-without"),
        ({"home": "node"}, "home-not-absolute"),
        ({"home": "/a\0b"}, "home-not-absolute"),
    ],
)
async def test_an_answer_that_can_not_be_is_a_finding_at_its_field(
    tmp_path: Path, answers: dict[str, str], code: str
) -> None:
    said = {**GOOD, "home": str(sound(tmp_path / "home")), **answers}
    (finding,) = STEP.plan(await inspected(said), said).findings
    assert (finding.code, finding.subject) == (code, next(iter(answers)))


async def test_a_coordinator_needs_no_home() -> None:
    said = {**GOOD, "role": "coordinator"}
    assert STEP.plan(await inspected(said), said).findings == ()


async def test_a_home_that_was_not_looked_at_is_unknown(tmp_path: Path) -> None:
    plan = STEP.plan(await inspected({}), {**GOOD, "home": str(tmp_path)})
    assert [finding.code for finding in plan.findings] == ["home-not-looked-at"]


async def test_what_can_be_known_is_suggested(tmp_path: Path) -> None:
    home = sound(tmp_path / ".tendermint")
    facts = await inspected({}, HOME=str(tmp_path))
    assert STEP.suggest(facts) == {"home": str(home), "profile": "tendermint-0.34"}
