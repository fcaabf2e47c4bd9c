"""An earlier run is ended as a plan is applied: it is shown, and approved by a person or by its digest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.core.cli.program import Operator, Ran, operator, snapshot

OLD = 'moniker = "one"\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """A member with keys, and a config.toml that was edited."""
    one = operator(tmp_path_factory.mktemp("undo") / "one")
    assert one.json("home", "--network", "n", "--role", "member", "--home", one.home).code == 0
    assert one.apply("keys").code == 0
    config_of(one).write_text(OLD)
    assert one.apply("config", "--set", "moniker=two").code == 0
    shutil.copytree(one.folder, one.folder.with_name("kept"))
    return one


@pytest.fixture
def ready(made: Operator) -> Operator:
    """As it was made, at the same place."""
    shutil.rmtree(made.folder)
    shutil.copytree(made.folder.with_name("kept"), made.folder)
    return made


def config_of(one: Operator) -> Path:
    return one.home / "config" / "config.toml"


def everything(one: Operator) -> dict[str, tuple[int, bytes]]:
    """But for locks, and what a look remembers."""
    return {name: kept for name, kept in snapshot(one.folder).items() if not name.endswith(("lock", "standing.json"))}


def cut_off(one: Operator, network: str = "n") -> None:
    """As if the process had died before the last event of the last run."""
    events = max((one.state / network / "journal").glob("*/events.jsonl"))
    events.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[:-1]))


def said(ran: Ran, code: str) -> str:
    return next(f"{one['message']} {one['fix']}" for one in ran.findings if one["code"] == code)


# Shown, and approved


@pytest.mark.parametrize("way", [(), ("--finish",), ("--give-up",)])
@pytest.mark.parametrize(
    "digest", [(), ("--digest", "0" * 32), ("--digest", ""), ("--plan",)], ids=["none", "stale", "empty", "plan"]
)
def test_p7_nothing_is_ended_that_was_not_looked_at(
    ready: Operator, way: tuple[str, ...], digest: tuple[str, ...]
) -> None:
    if way:
        cut_off(ready)
    before = everything(ready)
    ran = ready.json("undo", *way, *digest)
    expected = {(): {"apply-needs-digest"}, ("--plan",): set()}.get(digest, {"plan-digest"})
    assert (ran.code, ran.codes) == (1 if expected else 0, expected), ran.text
    assert everything(ready) == before


def test_what_an_undo_would_change_is_shown_as_a_diff_with_its_digest(ready: Operator) -> None:
    edited = config_of(ready).read_text()
    ran = ready.run("undo", "--plan")
    assert ran.code == 0 and "Undo the run " in ran.text and ", config, network n:" in ran.text
    assert f"edit {config_of(ready)}: as it was before" in ran.text
    assert '+moniker = "one"' in ran.text and '-moniker = "two"' in ran.text
    assert "Then: If a node runs on it, restart" in ran.text
    shown = ready.json("undo", "--plan").json
    assert shown["how"] == "undo" and shown["digest"] in ran.text and shown["changes"][0]["kind"] == "WriteFile"
    assert config_of(ready).read_text() == edited
    assert ready.type(ran.next).code == 0
    assert config_of(ready).read_text() == OLD


def test_what_an_undo_says_without_a_digest_undoes_exactly_that(ready: Operator) -> None:
    refused = ready.run("undo")
    assert refused.code == 1 and '+moniker = "one"' in refused.text
    assert ready.type(refused.next).code == 0
    assert config_of(ready).read_text() == OLD


@pytest.mark.parametrize("by_hand", ["changed", "as it was"])
def test_p7_what_changed_on_the_disk_since_makes_the_digest_stale(ready: Operator, by_hand: str) -> None:
    shown = ready.json("undo", "--plan").json
    config_of(ready).write_text(OLD if by_hand == "as it was" else "# changed\n")
    before = everything(ready)
    ran = ready.json("undo", shown["run"], "--digest", shown["digest"])
    assert (ran.code, ran.codes) == (1, {"plan-digest" if by_hand == "as it was" else "file-changed"})
    assert everything(ready) == before


def test_an_undo_says_what_was_undone_and_what_stays(ready: Operator) -> None:
    ran = ready.undo()
    assert ran.code == 0 and ran.json["receipt"]["undone"]
    assert ran.json["receipt"]["done"] == [f"restored {config_of(ready)} as it was before"]
    assert config_of(ready).read_text() == OLD
    nothing = ready.json("undo")
    assert (nothing.code, nothing.codes) == (1, {"undo-nothing"}), "the keys stay"
    keys = ready.json("undo", "--list").json["receipts"][-1]["id"]
    shown = ready.run("undo", keys, "--plan").text
    assert "keep the key file" in shown and "keep the sign state" in shown
    assert "undo-key-stays" in ready.undo(keys).codes
    assert (ready.home / "data" / "priv_validator_state.json").exists()


@pytest.mark.parametrize("way", ["--give-up", "--finish"])
def test_where_nothing_was_cut_off_no_finished_run_is_touched(ready: Operator, way: str) -> None:
    before = everything(ready)
    for words in (("undo", way), ("undo", way, "--plan")):
        ran = ready.json(*words)
        assert (ran.code, ran.codes) == (1, {"undo-nothing"})
    run = ready.json("undo", "--list").json["receipts"][0]["id"]
    ran = ready.json("undo", run, way)
    assert (ran.code, ran.codes) == (1, {"resume-not-pending"})
    assert everything(ready) == before


def test_a_run_that_was_cut_off_is_given_up_and_the_finished_one_stays(ready: Operator) -> None:
    cut_off(ready)
    written = config_of(ready).read_bytes()
    shown = ready.run("undo", "--give-up", "--plan")
    assert f"keep {config_of(ready)}: as the run wrote it" in shown.text
    assert ready.undo("--give-up").code == 0
    assert config_of(ready).read_bytes() == written
    again = ready.json("undo", "--give-up")
    assert (again.code, again.codes) == (1, {"undo-nothing"})
    assert len(ready.json("undo", "--list").json["receipts"]) == 1, "the keys"


def test_a_run_that_was_cut_off_is_finished(ready: Operator) -> None:
    edited = config_of(ready).read_text()
    cut_off(ready)
    config_of(ready).write_text(OLD)
    assert ready.run("status").next == "quorate undo --finish"
    planned = ready.json("plan", "config")
    assert "apply-interrupted" in planned.codes and planned.json["next"] == "quorate undo --finish"
    applied = ready.json("apply", "config", "--digest", planned.json["digest"])
    assert (applied.code, applied.codes) == (1, {"apply-unfinished"})
    assert "-moniker" not in ready.run("undo", "--plan").text, "all is as before already"
    assert '-moniker = "one"' in ready.run("undo", "--finish", "--plan").text
    assert ready.undo("--finish").code == 0
    assert config_of(ready).read_text() == edited


# Which run


def test_an_older_run_is_undone_where_a_newer_one_is_blocked_and_why_is_said(
    practice: Operator, tmp_path: Path
) -> None:
    copy = operator(tmp_path / "a copy")
    shutil.copytree(practice.folder, copy.folder, dirs_exist_ok=True)
    assert copy.uses(copy.home).code == 0
    assert copy.apply("config", "--set", "moniker=other").code == 0
    edited, genesis = config_of(copy).read_bytes(), copy.home / "config" / "genesis.json"
    written = genesis.read_bytes()
    genesis.unlink()
    assert copy.apply("genesis").code == 0 and genesis.read_bytes() == written
    (copy.home / "data" / "blockstore.db").mkdir()
    run = copy.json("undo", "--list").json["receipts"][0]["id"]
    blocked = copy.json("undo", run, "--plan")
    assert (blocked.code, blocked.codes) == (1, {"undo-in-use"})
    assert str(copy.home) in blocked.findings[0]["message"]
    shown = copy.json("undo", "--plan")
    assert (shown.code, shown.codes, shown.json["step"]) == (0, {"undo-skipped"}, "config")
    assert run in said(shown, "undo-skipped") and "a node has run in" in said(shown, "undo-skipped")
    assert copy.undo().code == 0
    assert config_of(copy).read_bytes() != edited and genesis.read_bytes() == written


def test_no_run_is_undone_below_a_newer_change_of_the_same_file(ready: Operator) -> None:
    older = ready.json("undo", "--list").json["receipts"][0]["id"]
    assert ready.apply("config", "--set", "moniker=three").code == 0
    newer = ready.json("undo", "--list").json["receipts"][0]["id"]
    before = everything(ready)
    ran = ready.json("undo", older, "--plan")
    assert (ran.code, ran.codes) == (1, {"undo-superseded"}) and newer in said(ran, "undo-superseded")
    config_of(ready).write_text("# by hand\n")
    blocked = ready.json("undo", "--plan")
    assert (blocked.code, blocked.codes) == (1, {"file-changed", "undo-superseded"})
    config_of(ready).write_bytes(before[str(config_of(ready))][1])
    assert ready.undo().code == 0 and ready.undo(older[:6]).code == 0
    assert config_of(ready).read_text() == OLD


def test_a_run_that_is_not_there_is_wrong_usage(ready: Operator) -> None:
    for name in ("nothing", "", "\x1b[31m"):
        ran = ready.json("undo", name, "--plan")
        assert (ran.code, ran.codes) == (2, {"usage"})


# Several networks, and none


@pytest.fixture
def two(ready: Operator) -> Operator:
    """With a second network, in which a run was cut off."""
    there = operator(ready.folder / "there")
    words = ("home", "--network", "m", "--role", "member", "--home", there.home)
    assert ready.json(*words).code == 0
    assert (
        ready.json("apply", "keys", "--network", "m", "--digest", ready.digest("plan", "keys", "--network", "m")).code
        == 0
    )
    cut_off(ready, "m")
    return ready


def test_with_several_networks_a_run_is_found_without_and_with_the_name_of_one(two: Operator) -> None:
    named: tuple[tuple[str, ...], ...] = ((), ("--network", "m"))
    for words in named:
        shown = two.json("undo", "--finish", "--plan", *words)
        assert (shown.code, shown.json["network"]) == (0, "m"), shown.text
    other = two.json("undo", "--finish", "--plan", "--network", "n")
    assert (other.code, other.codes) == (1, {"undo-nothing"})
    for command in ("undo --plan", "apply config --set moniker=x --digest 0"):
        ran = two.json(*command.split(), "--network", "n")
        assert ran.code == 1 and "quorate --network m undo --finish" in said(ran, "apply-unfinished")
    status = two.json("status", "--network", "n")
    assert status.json["next"] == "quorate --network m undo --finish"
    assert "quorate --network m undo --finish" in said(status, "apply-interrupted")
    assert two.type(f"{status.json['next']} --plan").next.startswith("quorate --network m undo ")
    assert two.undo("--finish").code == 0
    assert "apply-interrupted" not in two.json("status", "--network", "n").codes


def test_the_command_that_is_named_works_where_the_state_is_named_too(ready: Operator, tmp_path: Path) -> None:
    cut_off(ready)
    aside = tmp_path / "a state"
    ready.state.rename(aside)
    ran = ready.json("status", "--state", aside)
    assert ran.json["next"] == f"quorate --state '{aside}' undo --finish"
    assert f"`quorate --state '{aside}' undo --finish`" in said(ran, "apply-interrupted")
    assert ready.type(f"{ran.json['next']} --plan").code == 0


# What cannot be read


def test_a_damaged_journal_is_named_by_status_undo_and_apply_and_is_never_deleted(ready: Operator) -> None:
    other = ready.json("undo", "--list").json["receipts"][-1]["id"]
    events = max((ready.state / "n" / "journal").glob("*/events.jsonl"))
    events.write_bytes(b"")
    before = everything(ready)
    for words in (("status",), ("undo", "--list"), ("undo", "--plan"), ("plan", "config")):
        ran = ready.json(*words)
        assert ran.code == 1 and "journal-damaged" in ran.codes, ran.text
        assert str(events.parent) in said(ran, "journal-damaged") and "0.before" in said(ran, "journal-damaged")
    assert [one["id"] for one in ready.json("undo", "--list").json["receipts"]] == [other]
    digest = ready.json("plan", "config", "--set", "moniker=x").json["digest"]
    ran = ready.json("apply", "config", "--set", "moniker=x", "--digest", digest)
    assert (ran.code, ran.codes) == (1, {"journal-damaged"})
    assert everything(ready) == before
    assert ready.undo(other).code == 0
    assert all(everything(ready)[name] == kept for name, kept in before.items() if str(events.parent) in name)
