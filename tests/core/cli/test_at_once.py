"""Many commands at the same time, as real processes: nothing that one of them said is lost, and none of them fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.documents.armour import armour
from core.state import State
from tests.builders import NETWORK, a_card, a_key, an_unsigned
from tests.core.cli.program import SECONDS, Operator, Word, operator

CARDS = 15
HELD = [f"held-{number}" for number in range(CARDS)]
COME = [f"come-{number}" for number in range(CARDS)]
ADDED = [f"added-{number}" for number in range(CARDS)]


@pytest.fixture
def zoe(tmp_path: Path) -> Operator:
    """A coordinator without a node."""
    one = operator(tmp_path / "zoe")
    assert one.json("home", "--network", NETWORK, "--role", "coordinator", "--no-home").code == 0
    return one


def all_at_once(one: Operator, calls: Sequence[Sequence[Word]]) -> list[tuple[int, str, str]]:
    """Exit code, stdout and stderr of each; every process is started before the first is waited for."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "core", *words, "--json"],
            cwd=one.folder,
            env=one.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in calls
    ]
    try:
        ended = [(process.communicate(timeout=SECONDS), process.returncode) for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    return [(code, out, err) for (out, err), code in ended]


def codes(out: str) -> set[str]:
    return {finding["code"] for finding in json.loads(out)["findings"]}


def test_sixty_commands_at_once_lose_nothing(zoe: Operator) -> None:
    chat = "\n".join(armour(a_card(name)) for name in HELD).encode()
    assert zoe.json("import", "-", stdin=chat).code == 0
    calls: list[tuple[Word, ...]] = []
    for name in HELD:
        calls.append(("peers", "hold", name, "--reason", f"why {name}"))
        calls.append(("peers", "confirm", name, "--how", f"call {name}"))
    for name in COME:
        (zoe.folder / name).write_text(armour(a_card(name)))
        calls.append(("import", zoe.folder / name))
    for name in ADDED:
        entry = an_unsigned(name)
        said = ("--address", entry.p2p[0], "--node-id", entry.node_id, "--key", entry.validator_key)
        calls.append(("peers", "add", "--moniker", name, *said))
    assert len(calls) == 60
    for words, (code, out, err) in zip(calls, all_at_once(zoe, calls), strict=True):
        assert code == 0, (words, out, err)
        assert "Traceback" not in err and not {code for code in codes(out) if code.startswith("state-")}, (words, out)
    state = State.open(zoe.state, NETWORK)
    decisions = {node_id: (one.verdict, one.reason, one.confirmed) for node_id, one in state.local.decisions.items()}
    assert decisions == {a_key(name).node_id: ("hold", f"why {name}", f"call {name}") for name in HELD}
    assert set(state.local.unsigned) == {a_key(name).node_id for name in ADDED}
    assert {one.id for one in state.documents()} == {a_card(name).id for name in (*HELD, *COME)}


@pytest.mark.parametrize("way", ["first creation", "later"])
def test_two_who_answer_for_one_network_at_once_are_both_heard(alone: Operator, way: str) -> None:
    if way == "later":
        assert alone.json("home", "--network", NETWORK, "--role", "coordinator", "--no-home").code == 0
    calls = [
        ("home", "--network", NETWORK, "--role", "coordinator", "--no-home"),
        ("home", "--network", NETWORK, "--role", "coordinator", "--no-home", "--profile", "cometbft-0.38"),
    ] * 3
    assert {code for code, _, _ in all_at_once(alone, calls)} == {0}
    local = State.open(alone.state, NETWORK).local
    assert (local.role, local.profile, State.networks(alone.state)) == ("coordinator", "cometbft-0.38", (NETWORK,))
