"""How the node's program is called: the command can be typed as it is shown, and starts this home."""

from __future__ import annotations

import shlex

import pytest

from core.profiles import NAMES, profile

PIN = "ab" * 32


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("home", ["/srv/node", "/srv/it's mine; $HOME"])
def test_the_start_command_names_the_home_whatever_is_in_its_path(name: str, home: str) -> None:
    commands = profile(name).commands
    words = shlex.split(commands.start_line(home, PIN))
    assert words[:4] == [commands.programs[0], commands.start, "--home", home]
    assert words[4:] == ([f"{commands.genesis_hash_flag}={PIN}"] if commands.genesis_hash_flag else [])


def test_without_a_home_none_is_named() -> None:
    assert profile("tendermint-0.34").commands.start_line("", PIN) == f"tendermint start --genesis_hash={PIN}"


@pytest.mark.parametrize(
    ("here", "called"),
    [(("cometbft",), "cometbft"), (("cometbft", "tendermint"), "tendermint"), ((), "tendermint")],
    ids=["only cometbft", "both", "none"],
)
def test_the_program_that_is_on_this_machine_is_called(here: tuple[str, ...], called: str) -> None:
    commands = profile("tendermint-0.34").commands
    program = commands.program({name: f"/usr/bin/{name}" for name in here}.get)
    assert commands.start_line("/srv/node", "", program) == f"{called} start --home /srv/node"
