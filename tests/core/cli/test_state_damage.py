"""A lost or damaged file of the state: the advice, word for word, leads back to work, and nothing is signed twice."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.core.cli.program import Operator, Ran, operator

NETWORK = "practice"


@pytest.fixture
def bob(practice: Operator, tmp_path: Path) -> Operator:
    """A copy of a member of the practice network."""
    one = operator(tmp_path / "bob")
    shutil.copytree(practice.folder.parent / "bob", one.folder, dirs_exist_ok=True)
    assert one.uses(one.home).code == 0
    assert one.json("status").json["tally"] == "2 signed of 2"
    return one


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes({"emptied": b"", "damaged": content[:middle] + b"#" + content[middle + 1 :]}[how])


def follow(one: Operator, ran: Ran) -> None:
    """Run every command that the first finding's fix names, as a person copies them."""
    fix = ran.findings[0]["fix"]
    commands = re.findall(r"`([^`]+)`", fix)
    assert commands, fix
    for command in commands:
        if command.startswith("quorate "):
            one.type(command)
        else:
            subprocess.run(command, shell=True, cwd=one.folder, check=True)


@pytest.mark.parametrize("how", ["emptied", "damaged"])
def test_the_advice_for_damaged_documents_leads_back_to_work(practice: Operator, bob: Operator, how: str) -> None:
    chat = practice.json("network", "share").json["armour"]
    spoil(bob.state / NETWORK / "documents.txt", how)
    ran = bob.json("status")
    assert (ran.code, ran.findings[0]["code"]) == (1, "state-damaged")
    follow(bob, ran)
    ran = bob.json("import", "-", stdin=chat.encode())
    assert ran.code == 0, ran.text
    status = bob.json("status").json
    assert (
        status["tally"] == "2 signed of 2" and {step["id"]: step["mark"] for step in status["steps"]}["card"] == "done"
    )


@pytest.mark.parametrize("how", ["emptied", "damaged"])
def test_the_advice_for_a_damaged_list_of_what_was_signed_leads_back_to_work(bob: Operator, how: str) -> None:
    path = bob.state / NETWORK / "signed.txt"
    before = path.read_text()
    spoil(path, how)
    ran = bob.json("status")
    assert (ran.code, ran.findings[0]["code"]) == (1, "state-damaged") and str(path) in ran.findings[0]["message"]
    follow(bob, ran)
    assert bob.json("status").json["tally"] == "2 signed of 2"
    assert bob.apply("card", "--set", "contact=at night").code == 0
    assert path.read_text().startswith(before), "what was signed before is there again, and the new card after it"
