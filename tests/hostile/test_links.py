"""Links put in place around the program: in the home, the state and the folders of exports."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.core.cli.program import Operator, operator, snapshot
from tests.core.keys.key_homes import make_home
from tests.hostile.tame import run, run_json

NOBODY = 65534
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give links to another user")


@pytest.fixture(scope="module")
def formed(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    folder = tmp_path_factory.mktemp("formed")
    one = operator(folder)
    assert run_json(one, "demo", "--dir", folder / "net", "--members", "1", "--until", "genesis").code == 0
    return Operator(folder / "net" / "alice")


@pytest.fixture
def member(formed: Operator, tmp_path: Path) -> Operator:
    shutil.copytree(formed.folder, tmp_path / "member", symlinks=True)
    one = Operator(tmp_path / "member")
    local = one.state / "practice" / "local.json"
    local.write_text(local.read_text().replace(str(formed.folder), str(one.folder)))
    return one


def lead(path: Path, target: Path) -> None:
    """``path`` becomes a link to ``target``, which gets what was at ``path``."""
    if path.exists() and not target.exists():
        shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
    if path.exists():
        path.rename(path.with_name(f"{path.name}.was"))
    path.symlink_to(target)


def test_p7_a_plan_shows_where_a_link_leads_and_a_digest_approves_that_place_alone(
    member: Operator, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    words = ("config", "--set", "moniker=other")
    plain = run_json(member, "plan", *words)
    lead(member.home / "config", outside)
    before = snapshot(outside)
    stale = run_json(member, "apply", *words, "--digest", str(plain.json["digest"]))
    assert (stale.code, stale.codes >= {"plan-digest"}) == (1, True) and snapshot(outside) == before
    shown = run(member, "plan", *words)
    assert f"(leads to {outside / 'config.toml'})" in shown.text and f" leads {outside / 'config.toml'}" in shown.text
    digest = str(run_json(member, "plan", *words).json["digest"])
    assert digest != plain.json["digest"]
    assert run_json(member, "apply", *words, "--digest", digest).code == 0
    assert 'moniker = "other"' in (outside / "config.toml").read_text()


def test_p7_the_key_that_signs_is_the_one_that_was_shown(member: Operator, tmp_path: Path) -> None:
    words = ("card", "--set", "moniker=other", "--set", "host=10.0.0.9")
    plain = run_json(member, "plan", *words).json
    outside = tmp_path / "node_key.json"
    lead(member.home / "config/node_key.json", outside)
    shown = run_json(member, "plan", *words).json
    assert shown["digest"] != plain["digest"] and str(outside) in shown["changes"][0]["what"]
    assert run_json(member, "apply", *words, "--digest", plain["digest"]).code == 1
    assert run_json(member, "apply", *words, "--digest", shown["digest"]).code == 0


def test_p7_undo_follows_no_link_that_was_put_in_place_since(member: Operator, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    words = ("config", "--set", "moniker=other")
    assert run_json(member, "apply", *words, "--digest", str(run_json(member, "plan", *words).json["digest"])).code == 0
    lead(member.home / "config", outside)
    before = snapshot(outside), snapshot(member.home)
    ran = run_json(member, "undo")
    assert ran.code == 1 and before == (snapshot(outside), snapshot(member.home))


def test_p7_keys_new_shows_where_a_link_leads_before_it_writes_there(tmp_path: Path) -> None:
    one = operator(tmp_path)
    (tmp_path / "outside").mkdir()
    for name, target in (("linked", "outside"), ("dangling", "nowhere")):
        home = tmp_path / name
        home.mkdir()
        (home / "config").symlink_to(tmp_path / target)
        ran = run_json(one, "keys", "new", "--home", home)
        assert (ran.code, ran.codes) == (1, {"apply-needs-digest"}), ran.text
        assert sum(str(tmp_path / target) in one["what"] for one in ran.json["changes"]) == 2
    assert list((tmp_path / "outside").iterdir()) == [] and not (tmp_path / "nowhere").exists()
    (tmp_path / "home").symlink_to(tmp_path / "real")
    digest = str(run_json(one, "keys", "new", "--home", tmp_path / "home").json["digest"])
    assert run_json(one, "keys", "new", "--home", tmp_path / "home", "--digest", digest).code == 0
    assert (tmp_path / "real/config/node_key.json").is_file()


def test_the_state_of_a_network_may_be_an_own_link_and_nobody_elses(tmp_path: Path) -> None:
    one = operator(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    one.state.mkdir(mode=0o700)
    (one.state / "n").symlink_to(outside)
    home = make_home(tmp_path / "home")
    words = ("home", "--network", "n", "--role", "member", "--home", home, "--profile", "tendermint-0.34")
    assert run_json(one, *words).code == 0 and (outside / "local.json").is_file()
    assert run_json(one, "status").json["network"] == "n"
    if os.geteuid() != 0:
        return
    before = (outside / "local.json").read_bytes()
    os.chown(one.state / "n", 65534, 65534, follow_symlinks=False)
    ran = run_json(one, *words[:3], "--role", "coordinator")
    assert (ran.code, ran.codes) == (1, {"link-owner"}), ran.text
    assert (outside / "local.json").read_bytes() == before


EXPORTS = (
    ("card", "show", "--out", "{}/card.txt"),
    ("card", "export", "--out", "{}"),
    ("network", "share", "--out", "{}/record.txt"),
    ("network", "export", "--out", "{}"),
    ("plan", "config", "--out", "{}"),
    ("plan", "genesis", "--out", "{}"),
)


@pytest.mark.parametrize("words", EXPORTS, ids=" ".join)
def test_p7_an_export_is_written_over_no_link_and_says_where_its_folder_leads(
    formed: Operator, words: tuple[str, ...], tmp_path: Path
) -> None:
    def export(name: str) -> list[str]:
        ran = run_json(formed, *(word.format(tmp_path / name) for word in words))
        assert ran.code in (0, 1), ran.text
        return [str(ran.json.get("file"))] if "file" in ran.json else list(ran.json.get("written", []))

    made = {Path(path).name for path in export("plain")}
    assert made
    (tmp_path / "by link").symlink_to(tmp_path / "real")
    assert {Path(path).parent for path in export("by link")} == {tmp_path / "real"}
    (tmp_path / "trap").mkdir()
    for name in made:
        (tmp_path / "trap" / name).symlink_to(tmp_path / "victim")
    assert export("trap") == [] and not (tmp_path / "victim").exists()


@root_only
@pytest.mark.parametrize("words", EXPORTS, ids=" ".join)
def test_p7_root_exports_through_no_link_of_another_user(
    formed: Operator, words: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    os.lchown(tmp_path / "out", NOBODY, NOBODY)
    ran = run_json(formed, *(word.format(tmp_path / "out") for word in words))
    assert (ran.code, "link-owner" in ran.codes) == (1, True), ran.text
    assert list((tmp_path / "real").iterdir()) == []


@root_only
def test_p7_root_uses_no_state_to_which_a_link_of_another_user_leads(tmp_path: Path) -> None:
    one = operator(tmp_path)
    (tmp_path / "real").mkdir()
    one.state.symlink_to(tmp_path / "real")
    os.lchown(one.state, NOBODY, NOBODY)
    home = make_home(tmp_path / "home")
    ran = run_json(one, "home", "--network", "n", "--role", "member", "--home", home)
    assert (ran.code, ran.codes) == (1, {"link-owner"}) and list((tmp_path / "real").iterdir()) == []
