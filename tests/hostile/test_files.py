"""Hostile content in every file that is read: the node's files, quorate's own, and those that come from others."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.documents.armour import armour
from tests.builders import a_card
from tests.core.cli.program import Operator, operator
from tests.core.keys.key_homes import FRESH_STATE, make_home, node_file, seed_of, validator_file
from tests.hostile.tame import all_of, both, put, run, run_json, untouched
from tests.hostile.texts import BROKEN, DEEP, DIGITS, EVERYTHING, LONG, NUL, SURROGATE


@pytest.fixture(scope="module")
def formed(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """The only member of a formed network, by whose files the others here are made."""
    folder = tmp_path_factory.mktemp("formed")
    one = operator(folder)
    assert run_json(one, "demo", "--dir", folder / "net", "--members", "1", "--until", "config").code == 0
    return Operator(folder / "net" / "alice")


@pytest.fixture
def member(formed: Operator, tmp_path: Path) -> Operator:
    """A copy of that member, to be spoiled."""
    shutil.copytree(formed.folder, tmp_path / "member", symlinks=True)
    one = Operator(tmp_path / "member")
    local = one.state / "practice" / "local.json"
    local.write_text(local.read_text().replace(str(formed.folder), str(one.folder)))
    return one


# genesis.json: every field in turn

GENESIS = {
    "genesis_time": "2026-11-21T00:00:00Z",
    "chain_id": "example-1",
    "initial_height": "1",
    "consensus_params": {
        "block": {"max_bytes": "22020096", "max_gas": "-1", "time_iota_ms": "1000"},
        "evidence": {"max_age_num_blocks": "100000", "max_age_duration": "172800000000000", "max_bytes": "1048576"},
        "validator": {"pub_key_types": ["ed25519"]},
        "version": {},
    },
    "validators": [
        {
            "address": validator_file(seed_of("validator"))["address"],
            "pub_key": validator_file(seed_of("validator"))["pub_key"],
            "power": "10",
            "name": "alice",
        }
    ],
    "app_hash": "",
    "app_state": {"note": "opaque"},
}


def _spoilt(whole: Any, value: Any) -> Iterator[Any]:
    """``whole`` with ``value`` in each place in turn, and as the name of one more."""
    for path in _paths(whole):
        made = json.loads(json.dumps(whole))
        inner = made
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = value
        yield made
    if isinstance(value, str):
        yield {**whole, value: {value: value}}


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*before, name)
        yield from _paths(one, (*before, name))


def test_no_field_of_a_genesis_reaches_the_terminal_raw(tmp_path: Path) -> None:
    one = operator(tmp_path)
    files = [put(tmp_path / f"{at}.json", json.dumps(made)) for at, made in enumerate(_spoilt(GENESIS, EVERYTHING))]
    calls: list[tuple[str | Path, ...]] = [
        ("genesis", "check" if at % 3 else "review", file) for at, file in enumerate(files)
    ]
    calls += [("genesis", "diff", a, b) for a, b in zip(files[::4], files[1::4], strict=False)]
    assert {ran.code for ran in all_of(calls, one)} <= {0, 1}
    assert not one.state.exists()


@pytest.mark.parametrize("value", [SURROGATE, LONG, int("9" * 4000)], ids=["half", "long", "digits"])
def test_values_that_no_genesis_can_have_are_told(tmp_path: Path, value: Any) -> None:
    one = operator(tmp_path)
    chosen = list(_spoilt(GENESIS, value))[::4]
    files = [put(tmp_path / f"{at}.json", json.dumps(made)) for at, made in enumerate(chosen)]
    assert {ran.code for ran in all_of([("genesis", "check", file) for file in files], one)} <= {0, 1}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_genesis_is_judged(tmp_path: Path, name: str) -> None:
    one = operator(tmp_path)
    file = put(tmp_path / "genesis.json", BROKEN[name])
    _, machine = untouched(one, "genesis", "check", file)
    # How deep we read is a limit of ours, and says nothing about the file.
    assert machine.code == (3 if name in ("deep", "deep objects") else 1)


# config.toml

CONFIGS = {
    "plain": "moniker = {0}\nlog_level = {0}\nproxy_app = {0}\n{0} = 1\n",
    "files": "priv_validator_key_file = {0}\nnode_key_file = {0}\ndb_dir = {0}\n[consensus]\nwal_file = {0}\n",
    "signer": "priv_validator_laddr = {0}\n",
    "peers": "[p2p]\npersistent_peers = {0}\nladdr = {0}\nexternal_address = {0}\n{0} = {0}\n[{0}]\nx = 1\n",
    "rpc": "[rpc]\nladdr = {0}\ncors_allowed_origins = [{0}]\n[p2p.{0}]\ny = 1\n",
    "types": "moniker = 1979-05-27\nlog_level = nan\n[p2p]\nsend_rate = {0}\npex = [[{0}]]\n[[rpc]]\nx = {0}\n",
}


def _quoted(text: str) -> str:
    """A basic string of TOML, every character of it an escape."""
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


@pytest.mark.parametrize("name", CONFIGS)
def test_no_value_of_a_config_reaches_the_terminal_raw(member: Operator, name: str) -> None:
    config = member.home / "config" / "config.toml"
    put(config, "# \u202e\u200b\n" + CONFIGS[name].format(_quoted(EVERYTHING)))
    check = ("config", "check", "--home", member.home, "--profile", "tendermint-0.34")
    calls = [check, check, ("keys", "show", "--home", member.home), ("plan", "config"), ("home",), ("status",)]
    assert {ran.code for ran in all_of(calls, member)} <= {0, 1, 3}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_config_is_judged(member: Operator, name: str) -> None:
    put(member.home / "config" / "config.toml", BROKEN[name])
    check = ("config", "check", "--home", member.home, "--profile", "tendermint-0.34")
    assert {ran.code for ran in all_of([check, ("plan", "config")], member)} <= {0, 1, 3}


def test_a_long_value_in_a_config_costs_no_more_than_its_size(member: Operator) -> None:
    config = member.home / "config" / "config.toml"
    for content in (
        f'moniker = "{LONG[:900_000]}"',
        f'[p2p]\npersistent_peers = "{",".join(["a" * 40 + "@h:1"] * 18_000)}"',
        "x = " + DEEP[:400] + "\ny = " + DIGITS,
        "".join(f"k{number} = {number}\n" for number in range(60_000)),
    ):
        put(config, content)
        all_of([("config", "check", "--home", member.home), ("plan", "config"), ("keys", "show")], member)


# Key files and sign state


def _key_files() -> Iterator[tuple[str, Any]]:
    values = (EVERYTHING, SURROGATE, DIGITS, int("9" * 4000), [EVERYTHING], {EVERYTHING: EVERYTHING})
    for at, value in enumerate(values):
        for made in list(_spoilt(validator_file(seed_of("validator")), value))[:: 1 if at == 0 else 4]:
            yield "config/priv_validator_key.json", made
    for made in _spoilt(node_file(seed_of("node")), EVERYTHING):
        yield "config/node_key.json", made
    for made in _spoilt({**json.loads(FRESH_STATE), "signature": "", "signbytes": ""}, EVERYTHING):
        yield "data/priv_validator_state.json", made
    yield "data/priv_validator_state.json", {"height": DIGITS, "round": int(DIGITS[:4000]), "step": -1}


def test_no_field_of_a_key_file_reaches_the_terminal_raw(tmp_path: Path) -> None:
    one = operator(tmp_path)
    homes: list[Path] = []
    for at, (name, made) in enumerate(_key_files()):
        home = make_home(tmp_path / f"home-{at}")
        put(home / name, json.dumps(made))
        homes.append(home)
    assert {ran.code for ran in all_of([("keys", "show", "--home", home) for home in homes], one)} <= {0, 1}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_key_file_is_judged(tmp_path: Path, name: str) -> None:
    one = operator(tmp_path)
    home = make_home(tmp_path / "home")
    for file in ("config/priv_validator_key.json", "config/node_key.json", "data/priv_validator_state.json"):
        put(home / file, BROKEN[name])
    _, machine = untouched(one, "keys", "show", "--home", home)
    assert machine.code == 1


# quorate's own files

LOCAL: dict[str, Any] = {
    "v": 1,
    "role": "coordinator",
    "home": "",
    "profile": "",
    "step": "",
    "field": "",
    "answers": {"network": {"chain_id": "x"}},
    "expected": ["alice"],
    "decisions": {"a" * 40: {"card": "b" * 64, "verdict": "approve", "reason": "", "confirmed": "", "over": ""}},
    "unsigned": {"a" * 40: "{}"},
}


@pytest.mark.parametrize("value", [EVERYTHING, NUL], ids=["all", "nul"])
def test_no_field_of_the_own_answers_reaches_the_terminal_raw(tmp_path: Path, value: str) -> None:
    one = operator(tmp_path)
    calls = []
    for at, made in enumerate(_spoilt(LOCAL, value)):
        put(tmp_path / f"state-{at}" / "n" / "local.json", json.dumps(made))
        calls += [
            ("--state", tmp_path / f"state-{at}", word)
            for word in (("status", "network", "card", "peers"))[at % 2 :: 2]
        ]
    assert {ran.code for ran in all_of(calls, one)} <= {0, 1, 3}


@pytest.mark.parametrize("name", ["raw controls in quotes", "noise", "deep objects", "long quoted"])
@pytest.mark.parametrize(
    "file",
    ["local.json", "documents.txt", "journal/0001-00", "journal/0001-00/events.jsonl", "outbox/record.json", "lock"],
)
def test_a_file_of_the_state_that_is_none_is_told(member: Operator, file: str, name: str) -> None:
    path = put(member.state / "practice" / file, BROKEN[name])
    assert {ran.code for ran in all_of([("status",), ("undo", "--list")], member)} <= {0, 1, 3}
    assert path.read_bytes() == BROKEN[name] or file == "lock"


def test_hostile_lines_of_a_journal_are_shown_tamely(member: Operator) -> None:
    journal = sorted((member.state / "practice" / "journal").glob("*/events.jsonl"))[-1]
    lines = journal.read_text().splitlines()
    first = json.loads(lines[0])
    first |= {"lines": [EVERYTHING], "id": EVERYTHING, "at": EVERYTHING, "step": EVERYTHING}
    journal.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    for words in (("--list",), ("--plan",), ()):
        both(member, "undo", *words)
    journal.write_text(json.dumps(first) + "\n")
    both(member, "status")
    for way in ("--finish", "--give-up"):
        both(member, "undo", way, "--plan")
        run(member, "undo", way)


@pytest.mark.parametrize("path", ["", "relative", "/a\0b", "/etc/passwd", EVERYTHING])
def test_a_journal_with_strange_paths_is_damaged_or_tame(member: Operator, path: str) -> None:
    journal = sorted((member.state / "practice" / "journal").glob("*/events.jsonl"))[-1]
    first = json.loads(journal.read_text().splitlines()[0])
    for entry in first["entries"]:
        entry |= {name: path for name in ("path", "to", "temp", "home") if name in entry}
    journal.write_text(json.dumps(first) + "\n")
    assert {ran.code for ran in both(member, "undo", "--give-up", "--plan")} == {1}
    assert "journal-damaged" in both(member, "status")[1].codes


# What others send


@pytest.mark.parametrize("name", BROKEN)
def test_any_text_can_be_pasted(tmp_path: Path, name: str) -> None:
    one = operator(tmp_path)
    card = armour(a_card("alice")).encode()
    content = BROKEN[name] + b"\n\n" + card + b"\n" + BROKEN[name]
    _, machine = untouched(one, "import", "--check", "-", stdin=content)
    if name not in ("utf-16", "noise"):
        assert [one["status"] for one in machine.json["documents"]] == ["new"], "noise around it spoils no card"


def test_noise_inside_the_armour_is_damage(tmp_path: Path) -> None:
    one = operator(tmp_path)
    card = armour(a_card("alice"))
    middle = len(card) // 2
    for noise in (EVERYTHING, LONG[:200_000], DEEP, "END QUORATE CARD\n" * 500, "BEGIN QUORATE CARD\n" * 500):
        text = (card[:middle] + noise + card[middle:]).encode("utf-8", "surrogatepass")
        both(one, "import", "--check", "-", stdin=text)


SIGNATURES = {
    "words": "-----BEGIN SSH SIGNATURE-----\n" + EVERYTHING + "\n-----END SSH SIGNATURE-----\n",
    "long": "-----BEGIN SSH SIGNATURE-----\n" + LONG + "\n-----END SSH SIGNATURE-----\n",
    "many": "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n" * 3_000,
    "open": "-----BEGIN SSH SIGNATURE-----\n" * 20_000,
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_hostile_signature_files_are_told(tmp_path: Path, name: str) -> None:
    one = operator(tmp_path / "one")
    folder = tmp_path / "one" / "documents"
    put(folder / "card.txt", armour(a_card("alice")))
    put(folder / "card.json.sig", SIGNATURES[name])
    _, machine = untouched(one, "import", "--check", folder)
    assert any(row["status"] == "new" for row in machine.json["documents"])


NAMES = (
    "a\x1b[31mb.txt",
    "a\nNext: rm -rf ~\n.txt",
    "\u202etxt.exe",
    "caf\udce9.txt",
    "[red]x[bold].txt",
    "x" * 250,
    "\x9b31m.txt",
    "-rf",
    "..\u200b",
)


def test_hostile_names_in_a_folder_are_shown_tamely(tmp_path: Path) -> None:
    one = operator(tmp_path / "one")
    folder = one.folder / "documents"
    folder.mkdir()
    for at, name in enumerate(NAMES):
        path = os.fsencode(folder) + b"/" + os.fsencode(name)
        with open(path, "wb") as file:
            file.write(armour(a_card(f"m{at}"))[:-200].encode())
    (folder / ("link\x1b]0;x\x07")).symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe\x07")
    (folder / "folder\r").mkdir()
    _, machine = untouched(one, "import", "--check", folder)
    assert machine.code == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_home_with_a_hostile_name_is_shown_tamely(tmp_path: Path, name: str) -> None:
    one = operator(tmp_path)
    home = os.fsdecode(os.fsencode(tmp_path) + b"/" + os.fsencode(name))
    assert run(one, "home", "--network", "n", "--role", "member", "--home", home).code in (0, 1)
    shown = run_json(one, "plan", "keys")
    if shown.code == 0:
        assert run(one, "apply", "keys", "--digest", str(shown.json["digest"])).code == 0
        assert os.path.exists(os.path.join(home, "config", "node_key.json"))
    all_of([("keys", "show", "--home", home), ("status",)], one)
