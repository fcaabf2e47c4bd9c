"""The contract of the command line: spellings, JSON, exit codes, and what touches no state."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.cli.answer import UsageError
from core.cli.parser import Told, parse
from core.steps import IDS
from tests.core.cli.program import Operator, Ran, operator, snapshot
from tests.core.network.operators import CONFIG

SPELLINGS = (
    "demo",
    "demo --dir d --members 3 --until genesis --json",
    "keys show --home h",
    "keys new --home h",
    "card",
    "import f",
    "import --check d",
    "import -",
    "peers",
    "network",
    "network create",
    "network publish",
    "network show",
    "network handover --digest 00",
    "genesis check f --profile tendermint-0.22",
    "genesis review f",
    "genesis diff a b",
    "config check --home h --profile cometbft-1.0",
    *(f"plan {step} --set k=v --set l=" for step in IDS),
    "plan config --out d --base f",
    *(f"apply {step} --digest 00" for step in IDS),
    "undo",
    "status",
)


@pytest.mark.parametrize("line", SPELLINGS)
def test_the_spellings_that_were_promised_are_understood(line: str) -> None:
    assert parse(line.split()).handler


@pytest.mark.parametrize("line", ["--json --state s --network n status", "status --network n --json --state s"])
def test_the_common_options_count_before_and_after_the_command(line: str) -> None:
    arguments = parse(line.split())
    assert (arguments.state, arguments.network, arguments.json) == ("s", "n", True)


@pytest.mark.parametrize("line", ["--help", "--version", "genesis check --help"])
def test_help_is_an_answer_and_no_exit(line: str) -> None:
    with pytest.raises(Told):
        parse(line.split())


@pytest.mark.parametrize("line", ["status --js", "card show --ou f", "genesis check f --prof tendermint-0.34"])
def test_an_abbreviated_option_is_wrong_usage(line: str) -> None:
    with pytest.raises(UsageError):
        parse(line.split())


# What every command says: {home}, {genesis} and {net} are of the practice network.
COMMANDS = (
    ("status", 0),
    ("home", 0),
    ("keys", 0),
    ("keys show", 0),
    ("keys show --home {home}", 0),
    ("keys show --home {home}/nowhere", 1),
    ("keys new --home {home}", 1),
    ("card", 0),
    ("card words", 0),
    ("import --check {net}/chat", 0),
    ("import --check {net}/nothing", 1),
    ("peers", 0),
    ("peers words bob", 0),
    ("peers words nobody", 1),
    ("network", 0),
    ("network create", 0),
    ("network share", 0),
    ("network words", 0),
    ("network handover", 1),
    ("genesis", 0),
    ("genesis check {genesis}", 0),
    ("genesis check {home}/config/config.toml", 1),
    ("genesis check {home}/config", 1),
    ("genesis review {genesis}", 0),
    ("genesis diff record {genesis}", 0),
    ("genesis diff {genesis} {net}/nothing", 1),
    ("genesis diff record http://127.0.0.1:1", 3),
    ("config", 0),
    ("config check --home {home} --profile tendermint-0.34", 0),
    ("config check --home {home}", 0),
    ("config check --home {net}", 1),
    ("plan home", 0),
    ("plan keys", 0),
    ("plan peers", 0),
    ("plan genesis", 0),
    ("plan config --set moniker=other", 0),
    ("plan config --set pex=perhaps", 1),
    ("apply config --set moniker=other", 1),
    ("apply config --set moniker=other --digest 00", 1),
    ("undo --list", 0),
    ("undo --plan", 0),
    ("undo", 1),
    ("undo --digest 00", 1),
    ("undo --finish", 1),
    ("undo --give-up --digest 00", 1),
)


@pytest.fixture(scope="module")
def told(practice: Operator) -> dict[str, tuple[Ran, Ran]]:
    """Every command once for people and once as JSON, and none of them with a trace in home or state."""
    (practice.folder.parent / "chat").mkdir()
    (practice.folder.parent / "chat" / "card.txt").write_bytes(practice.run("card").out)
    before = snapshot(practice.home, practice.state)
    with ThreadPoolExecutor(2) as both:
        ran = {
            line: (both.submit(_say, practice, line), both.submit(_say_json, practice, line)) for line, _ in COMMANDS
        }
    after = snapshot(practice.home, practice.state)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= {
        # network create keeps what was answered; the lock is a file that comes and goes.
        str(practice.state / "practice" / "local.json"),
        str(practice.state / "practice" / "lock"),
        str(practice.state / "practice"),
    }
    return {line: (human.result(), machine.result()) for line, (human, machine) in ran.items()}


def _words(practice: Operator, line: str) -> list[str]:
    genesis = practice.home / "config" / "genesis.json"
    return line.format(home=practice.home, genesis=genesis, net=practice.folder.parent).split()


def _say(practice: Operator, line: str) -> Ran:
    return practice.run(*_words(practice, line))


def _say_json(practice: Operator, line: str) -> Ran:
    """``--json`` before, between and after the words in turn: it counts anywhere."""
    words = _words(practice, line)
    place = len(line) % (2 if len(words) == 1 else 3)
    return practice.run(*words[:place], "--json", *words[place:])


@pytest.mark.parametrize(("line", "code"), COMMANDS, ids=[line for line, _ in COMMANDS])
def test_the_exit_code_follows_from_the_findings(told: dict[str, tuple[Ran, Ran]], line: str, code: int) -> None:
    human, machine = told[line]
    assert (human.code, machine.code) == (code, code), (human.text, human.talk, machine.text)
    severities = {finding["severity"] for finding in machine.findings}
    assert severities <= {"error", "warning", "info", "unknown"}
    assert code == (1 if "error" in severities else 3 if "unknown" in severities else 0)


@pytest.mark.parametrize("line", [line for line, _ in COMMANDS])
def test_json_is_one_object_with_findings_and_stderr_is_talk(told: dict[str, tuple[Ran, Ran]], line: str) -> None:
    human, machine = told[line]
    assert all(set(one) == {"code", "severity", "subject", "message", "fix"} for one in machine.findings)
    assert all(isinstance(text, str) for one in machine.findings for text in one.values())
    assert b"\n{" not in machine.out and machine.out.startswith(b"{") and machine.out.endswith(b"}\n")
    said = human.text + human.talk
    assert all(one["code"] in said for one in machine.findings), "the same findings for people"
    assert "Next:" not in human.text


@pytest.mark.parametrize("line", [line for line, _ in COMMANDS if line.startswith("import")])
def test_import_lists_its_documents(told: dict[str, tuple[Ran, Ran]], line: str) -> None:
    documents = told[line][1].json["documents"]
    assert isinstance(documents, list)
    assert all({"kind", "status", "subject"} <= set(one) for one in documents)


def test_data_goes_to_stdout_and_can_be_used_as_it_is(told: dict[str, tuple[Ran, Ran]]) -> None:
    assert told["card"][0].text.startswith("BEGIN QUORATE CARD")
    assert told["card"][0].text.endswith("END QUORATE CARD.\n")
    assert len(told["card words"][0].text.split()) == 8
    assert len(told["genesis check {genesis}"][0].text.split()[0]) == 64


# Wrong usage


@pytest.mark.parametrize(
    "line",
    [
        "",
        "bogus",
        "status --bogus",
        "status more",
        "status --json=yes",
        "home --profile tendermint-0.35",
        "home --role owner",
        "home --network BIG",
        "home --network aaaaaaaaaaaaaaaaaaaaa",
        "home --role member",
        "keys show --home=",
        "genesis check",
        "genesis check f --profile tendermint-0.35",
        "genesis diff a",
        "config check",
        "plan bogus",
        "plan",
        "apply bogus --digest 00",
        "card export",
        "peers approve",
        "peers hold bob",
        "demo --members many",
        "demo --until bogus",
        "status --state=",
        "import",
    ],
)
def test_wrong_usage_is_exit_code_2_in_both_forms(alone: Operator, line: str) -> None:
    with ThreadPoolExecutor(2) as both:
        human, machine = both.map(lambda more: alone.run(*line.split(), *more), ([], ["--json"]))
    assert (human.code, machine.code) == (2, 2), (human.talk, machine.text)
    assert human.out == b""
    assert "--help" in human.talk or "->" in human.talk
    assert machine.codes <= {"usage", "network-name"} and machine.codes
    assert not alone.state.exists()


def test_an_unknown_field_is_wrong_usage(practice: Operator) -> None:
    ran = practice.json("plan", "card", "--set", "colour=red")
    assert (ran.code, ran.codes) == (2, {"usage"})
    assert "moniker" in ran.findings[0]["fix"]
    assert practice.json("plan", "card", "--set", "moniker").code == 2


def test_an_unknown_network_is_wrong_usage(practice: Operator) -> None:
    ran = practice.json("status", "--network", "other")
    assert (ran.code, ran.codes) == (2, {"usage"})
    assert ran.findings[0]["message"] == "no network is called 'other'; here is 1 network: practice"
    assert "--network practice" in ran.findings[0]["fix"]


def test_an_answer_renames_no_network(practice: Operator) -> None:
    before = snapshot(practice.state)
    for words in (("apply", "home", "--set", "network=other"), ("plan", "home", "--set", "network=other")):
        ran = practice.json(*words)
        assert (ran.code, ran.codes) == (1, {"home-network-other"}) and snapshot(practice.state) == before
    assert practice.json("plan", "home", "--set", "network=practice").code == 0


def test_the_advice_for_keys_that_exist_can_be_typed(alone: Operator) -> None:
    made = alone.keys_new(alone.home)
    assert made.code == 0, made.text
    (there,) = [one for one in alone.json("keys", "new", "--home", str(alone.home)).findings if "exist" in one["code"]]
    assert alone.type(there["fix"]).code == 0


def test_the_profile_that_was_said_for_a_home_holds_for_a_check_of_it_too(alone: Operator) -> None:
    (alone.home / "config").mkdir(parents=True)
    (alone.home / "config" / "config.toml").write_bytes(CONFIG)
    check = ("config", "check", "--home", str(alone.home))
    (doubt,) = [one for one in alone.json(*check).findings if one["code"] == "home-profile-in-doubt"]
    assert "--profile NAME" in doubt["fix"]
    said = ("--network", "one", "--role", "member", "--home", str(alone.home), "--profile", "tendermint-0.34")
    alone.json("home", *said)
    assert "home-profile-in-doubt" not in alone.json(*check).codes


def test_of_several_networks_one_must_be_named(alone: Operator) -> None:
    for name in ("one", "two"):
        ran = alone.json("home", "--network", name, "--role", "coordinator", "--no-home")
        assert ran.code == 0, ran.text
    ran = alone.json("status")
    assert (ran.code, ran.codes) == (2, {"usage"})
    assert "one, two" in ran.findings[0]["message"]
    assert alone.run("status", "--network", "two").next.startswith("quorate --network two peers expect")


def test_an_ambiguous_member_is_wrong_usage(alone: Operator) -> None:
    from core.documents.armour import armour
    from tests.builders import a_card

    alone.json("home", "--network", "example-net", "--role", "coordinator", "--no-home")
    twins = "\n\n".join(armour(a_card("carol", node=node, validator=f"{node} v")) for node in ("one", "two"))
    assert alone.json("import", "-", stdin=twins.encode()).code in (0, 1)
    ran = alone.json("peers", "approve", "carol")
    assert (ran.code, ran.codes) == (2, {"member-ambiguous"})
    assert json.loads((alone.state / "example-net" / "local.json").read_text())["decisions"] == {}


# Touching nothing


@pytest.mark.parametrize(
    "line",
    [
        "--version",
        "--help",
        "status",
        "keys show --home {home}",
        "config check --home {home}",
        "genesis check {genesis}",
        "genesis review {genesis}",
        "genesis diff {genesis} {genesis}",
        "import --check {home}",
        "plan card",
        "apply card",
        "undo",
        "network",
        "peers",
    ],
)
def test_looking_makes_no_state(alone: Operator, practice: Operator, line: str) -> None:
    before = snapshot(practice.home, alone.folder)
    ran = alone.run(*_words(practice, line))
    assert ran.code in (0, 1, 3) and b"internal" not in ran.err
    assert snapshot(practice.home, alone.folder) == before


def test_a_state_that_can_not_be_read_matters_to_no_check(alone: Operator, practice: Operator) -> None:
    alone.state.write_text("this is no folder")
    for line in ("genesis check {genesis}", "config check --home {home} --profile tendermint-0.34", "keys show"):
        more = ["--home", str(practice.home)] if line == "keys show" else []
        assert alone.json(*_words(practice, line), *more).code == 0


def test_a_folder_of_its_own_is_found_by_option_variable_and_platform(tmp_path: Path) -> None:
    one = operator(tmp_path)
    words = ("home", "--network", "n", "--role", "coordinator", "--no-home")
    assert one.json(*words, "--state", "by-option").code == 0
    assert one.json(*words).code == 0
    assert one.json(*words, QUORATE_STATE="").code == 0
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("local.json")}
    assert found == {"by-option/n/local.json", "state/n/local.json", ".local/state/quorate/n/local.json"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("local.json")} == {0o600}
