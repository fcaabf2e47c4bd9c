"""Without a terminal only the plan that was looked at is applied; and what plan says can be typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.cli.program import Operator, operator, snapshot


@pytest.fixture
def ready(tmp_path: Path) -> Operator:
    """A member with keys."""
    one = operator(tmp_path)
    assert one.json("home", "--network", "n", "--role", "member", "--home", one.home).code == 0
    assert one.apply("keys").code == 0
    return one


def _everything(one: Operator) -> dict[str, tuple[int, bytes]]:
    return {name: kept for name, kept in snapshot(one.folder).items() if not name.endswith("lock")}


CARD = ("--set", "moniker=Al's node", "--set", "host=a.example.org")


@pytest.mark.parametrize("digest", [(), ("--digest", "0" * 32), ("--digest", ""), ("--digest", "\x1b[31m")])
def test_a_plan_that_was_not_looked_at_is_not_applied(ready: Operator, digest: tuple[str, ...]) -> None:
    before = _everything(ready)
    ran = ready.json("apply", "card", *CARD, *digest)
    assert (ran.code, ran.codes & {"apply-needs-digest", "plan-digest"}) == (
        1,
        {"plan-digest" if digest else "apply-needs-digest"},
    )
    assert _everything(ready) == before, "and the answers are not kept either"


def test_a_plan_has_the_same_digest_until_something_changes(ready: Operator) -> None:
    digest = ready.digest("plan", "card", *CARD)
    assert ready.digest("plan", "card", *CARD) == digest
    other = ready.json("apply", "card", "--set", "moniker=other", "--set", "host=a.example.org", "--digest", digest)
    assert (other.code, other.codes & {"plan-digest"}) == (1, {"plan-digest"})
    assert ready.json("apply", "card", *CARD, "--digest", digest).code == 0
    again = ready.json("apply", "card", *CARD, "--digest", digest)
    assert (again.code, "plan-nothing" in again.codes) == (0, True)


def test_what_changed_on_the_disk_since_makes_the_digest_stale(ready: Operator) -> None:
    """The file that is edited is another one now: the plan that was approved is not this one."""
    config = ready.home / "config" / "config.toml"
    config.write_text('moniker = "one"\n')
    digest = ready.digest("plan", "config")
    config.write_text('moniker = "two"\n')
    ran = ready.json("apply", "config", "--digest", digest)
    assert (ran.code, ran.codes & {"plan-digest"}) == (1, {"plan-digest"})
    assert config.read_text() == 'moniker = "two"\n'


def test_what_plan_says_to_type_applies_exactly_that(ready: Operator) -> None:
    shown = ready.run("plan", "card", *CARD)
    assert shown.next.startswith("quorate apply card --set ")
    assert ready.type(shown.next).code == 0
    assert "moniker" in ready.run("card", "words").talk or ready.run("peers").text.startswith("Al's node")


def test_what_apply_says_without_a_digest_applies_exactly_that(ready: Operator) -> None:
    refused = ready.run("apply", "card", *CARD)
    assert refused.code == 1
    assert ready.type(refused.next).code == 0


def test_the_next_action_repeats_the_state_that_was_named(tmp_path: Path) -> None:
    one = operator(tmp_path)
    words = ("home", "--network", "n", "--role", "member", "--home", one.home)
    ran = one.run(*words, "--state", "a folder", QUORATE_STATE="")
    assert ran.next == "quorate --state 'a folder' plan keys"
    assert one.type(ran.next).code == 0


# plan STEP --out


def test_out_writes_files_and_touches_no_home(practice: Operator, tmp_path: Path) -> None:
    before = snapshot(practice.home)
    ran = practice.json("plan", "config", "--out", tmp_path / "c", "--set", "moniker=other")
    assert ran.code == 0, ran.text
    (lacking,) = [one for one in ran.findings if one["code"] == "plan-without-flag"]
    assert "mempool.recheck" in lacking["message"] and "only where config.toml has the line" in lacking["message"]
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["config.toml", "environment.txt", "flags.txt"]
    assert 'moniker = "other"' in (tmp_path / "c" / "config.toml").read_text()
    assert "TM_MONIKER=other" in (tmp_path / "c" / "environment.txt").read_text().splitlines()
    assert "--p2p.pex=false" in (tmp_path / "c" / "flags.txt").read_text().splitlines()
    assert practice.json("plan", "genesis", "--out", tmp_path / "g").code == 0
    genesis = (tmp_path / "g" / "genesis.json").read_bytes()
    assert genesis == (practice.home / "config" / "genesis.json").read_bytes()
    assert snapshot(practice.home) == before


def test_out_is_repeatable_and_never_over_another_file(practice: Operator, tmp_path: Path) -> None:
    words = ("plan", "config", "--out", tmp_path)
    assert practice.json(*words).code == 0
    assert practice.json(*words).code == 0
    (tmp_path / "flags.txt").write_text("mine")
    ran = practice.json(*words)
    assert (ran.code, "export-exists" in ran.codes) == (1, True)
    assert (tmp_path / "flags.txt").read_text() == "mine"


def test_a_base_file_stands_for_the_home_and_is_not_touched(practice: Operator, tmp_path: Path) -> None:
    base = tmp_path / "of the image.toml"
    base.write_text('# ours\nmoniker = "x"\n')
    ran = practice.json("plan", "config", "--base", base, "--out", tmp_path / "out")
    assert ran.code == 0, ran.text
    made = (tmp_path / "out" / "config.toml").read_text()
    assert made.startswith("# ours\n") and "persistent_peers" in made
    assert base.read_text() == '# ours\nmoniker = "x"\n'


def test_without_a_home_there_are_flags_and_variables(practice: Operator, tmp_path: Path) -> None:
    one = operator(tmp_path / "one")
    assert one.json("home", "--network", "practice", "--role", "coordinator", "--no-home").code == 0
    assert one.json("import", "-", stdin=practice.run("network", "share").out).code == 0
    ran = one.json("plan", "config", "--out", "out")
    assert (ran.code, "config-no-file" in ran.codes) == (0, False), ran.text
    assert sorted(path.name for path in (one.folder / "out").iterdir()) == ["environment.txt", "flags.txt"]
    peers = [line for line in (one.folder / "out" / "flags.txt").read_text().splitlines() if "persistent_peers" in line]
    assert len(peers) == 1 and peers[0].count("@") == 2
    assert one.json("plan", "genesis", "--out", "out").code == 0
    assert (one.folder / "out" / "genesis.json").read_bytes() == (
        practice.home / "config" / "genesis.json"
    ).read_bytes()


def test_a_plan_with_errors_writes_nothing_out(practice: Operator, tmp_path: Path) -> None:
    ran = practice.json("plan", "config", "--out", tmp_path / "out", "--set", "pex=perhaps")
    assert ran.code == 1
    assert not (tmp_path / "out").exists()
