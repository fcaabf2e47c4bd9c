"""After a rival first record has come, every command goes on from the record that this node accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from core.demo import NETWORK
from core.state import State
from core.steps import IDS
from tests.builders import a_record
from tests.core.cli.program import Operator, operator

RIVAL = a_record(3, owners=("mallory",), network=NETWORK, chain_id="rival-1")
COMMANDS = (
    "network show",
    "network words",
    "network share",
    "genesis",
    "config",
    "peers show",
    "card show",
    "status",
    *(f"plan {name}" for name in IDS),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What each command answered, but for its findings: the rival is reported there, and only there."""

    before: dict[str, Any]
    after: dict[str, Any]
    findings: str


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tmp_path_factory.mktemp("rival")
    formed = operator(folder).json("demo", "--dir", folder / "net", "--members", "2", "--until", "config")
    assert formed.code == 0, formed.talk
    bob = Operator(folder / "net" / "bob")
    ran = {words: bob.json(*words.split()) for words in COMMANDS}
    assert [words for words, one in ran.items() if one.code == 2] == []
    before = {words: _without_findings(one.json) for words, one in ran.items()}
    State.open(bob.state, NETWORK).add((RIVAL,))
    after = {words: bob.json(*words.split()).json for words in COMMANDS}
    findings = str(after["status"]["findings"]) + str(after["network show"]["findings"])
    return Answers(before, {words: _without_findings(answer) for words, answer in after.items()}, findings)


def _without_findings(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _without_findings(value) for name, value in answer.items() if name != "findings"}
    return [_without_findings(one) for one in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_goes_on_from_what_this_node_accepted(words: str, answers: Answers) -> None:
    before, after = answers.before[words], answers.after[words]
    assert "rival-1" not in str(after)
    if words == "network share":
        # Both first records are handed on: the others are to learn of them too.
        documents = after.pop("documents")
        assert {"kind": "record", "id": RIVAL.id} in documents
        assert [one for one in documents if one["id"] != RIVAL.id] == before.pop("documents")
        assert after.pop("armour") != before.pop("armour")
    assert after == before


def test_the_rival_is_reported(answers: Answers) -> None:
    assert RIVAL.id[:8] in answers.findings


def test_the_tally_and_the_plan_are_of_the_accepted_record(answers: Answers) -> None:
    assert answers.after["status"]["tally"] and answers.after["status"]["quorate"] is True
