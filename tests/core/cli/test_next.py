"""Who types only what quorate says arrives: from nothing to an agreed, installed genesis."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.core.cli.program import Operator, Ran, operator

_MOST = 40
"""Commands that a member may need; more means going round in circles."""


class Person:
    """Types what stands behind ``Next:``, fills in the words in capitals, and sends on what is printed for sending."""

    def __init__(self, folder: Path, name: str, role: str, port: int, chat: list[str]) -> None:
        self.at: Operator = operator(folder / name)
        self.name = name
        self.chat = chat
        self.heard = 0
        self.typed: list[str] = []
        self.words = {
            "NAME": "harbour",
            "ROLE": role,
            "DIR": str(self.at.home),
            "HOST": f"{name}.example.org",
            "PORT": str(port),
        }

    def go_on(self) -> str:
        """Type until there is nothing to do but to wait for the others, and say what it ended with."""
        line = self.type("quorate status").next
        while len(self.typed) < _MOST:
            assert line, self.typed
            if line.split()[-2:] == ["import", "FILE"]:
                if self.heard == len(self.chat):
                    return line
                (self.at.folder / "chat.txt").write_text("\n\n".join(self.chat))
                self.heard = len(self.chat)
            elif line == "quorate genesis":
                return line
            ran = self.type(line)
            if self.is_shared(line):
                self.chat.append(ran.text)
                self.heard += self.heard == len(self.chat) - 1
            line = ran.next
        raise AssertionError(self.typed)

    def type(self, line: str) -> Ran:
        filled = self.fill(line)
        self.typed.append(filled)
        ran = self.at.type(filled)
        # 3: whether the name of a host resolves is another machine's affair.
        assert ran.code in (0, 3), (self.name, filled, ran.text, ran.talk)
        return ran

    def fill(self, line: str) -> str:
        words = {**self.words, "FILE": "chat.txt", "MONIKER MONIKER": "alice bob", "MONIKER": self.name}
        for word, value in words.items():
            line = re.sub(rf"(?<![A-Z0-9]){word}(?![A-Z0-9])", value, line)
        assert not re.search(r"(?<![A-Za-z0-9])[A-Z]{3,}(?![A-Za-z0-9])", line), line
        return line

    @staticmethod
    def is_shared(line: str) -> bool:
        return shlex.split(line)[1:3] in (["card", "show"], ["network", "share"])


def test_two_members_who_type_only_what_it_says_arrive_at_quorate(tmp_path: Path) -> None:
    chat: list[str] = []
    alice = Person(tmp_path, "alice", "coordinator", 26656, chat)
    bob = Person(tmp_path, "bob", "member", 26656, chat)
    ends: list[str] = []
    for _ in range(4):
        ends = [person.go_on() for person in (bob, alice)]
        if ends == ["quorate genesis", "quorate genesis"]:
            break
    assert ends == ["quorate genesis", "quorate genesis"], (alice.typed, bob.typed)
    told = [person.at.json("status").json for person in (alice, bob)]
    assert [one["quorate"] for one in told] == [True, True]
    assert [one["tally"] for one in told] == ["2 signed of 2"] * 2
    installed = [(person.at.home / "config" / "genesis.json").read_bytes() for person in (alice, bob)]
    assert installed[0] == installed[1]
    for person, other in ((alice, bob), (bob, alice)):
        config = (person.at.home / "config" / "config.toml").read_text()
        assert f"@{other.name}.example.org:26656" in config
        start = person.type("quorate genesis").text
        assert "start with: " in start
