"""Against the real programs: what they print and write is what we read and make."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from core.changes import CreateSecret, MoveAside, WriteFile
from core.finding import Refusal
from core.home.history import read_history
from core.home.recognise import recognise
from core.home.set_aside import may_set_aside, plan_set_aside
from core.home.step import look as look_home
from core.keys.client import create
from core.keys.model import parse_public
from core.keys.sign_state import fresh_sign_state
from core.keys.step import KeysFacts, KeysStep, look
from core.profiles import profile
from tests.core.keys.key_homes import b64, put, this_world
from tests.nodes import node_program

GENERATIONS = {
    "0.34": "tendermint-0.34",
    "0.37": "cometbft-0.37",
    "0.38": "cometbft-0.38",
    "1.0": "cometbft-1.0",
}
EVERY = pytest.mark.parametrize("generation", GENERATIONS)


def run(program: Path, home: Path, *words: str) -> str:
    environ = {"HOME": str(home.parent), "PATH": os.environ["PATH"], "CMTHOME": str(home)}
    done = subprocess.run([program, *words, "--home", home], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def agrees(program: Path, home: Path, generation: str) -> KeysFacts:
    """Ours and the program's node id, key and address."""
    facts = await look(this_world(), home, GENERATIONS[generation])
    keys = facts.keys
    assert keys.node_id == run(program, home, "show-node-id").strip()
    shown = run(program, home, "show-validator")
    assert keys.validator_key == parse_public(shown) and keys.validator_key
    assert json.loads(shown)["value"] == b64(keys.validator_key)
    file = json.loads((home / "config" / "priv_validator_key.json").read_bytes())
    assert keys.validator_address == file["address"]
    return facts


@EVERY
async def test_a_home_made_by_init_is_read_as_the_program_reads_it(tmp_path: Path, generation: str) -> None:
    program, home = node_program(generation), tmp_path / "home"
    run(program, home, "init")
    facts = await agrees(program, home, generation)
    name = GENERATIONS[generation]
    inspection = await KeysStep().inspect(this_world(), {"home": str(home), "profile": name}, lambda _: None)
    assert inspection.findings == ()
    state = (home / "data" / "priv_validator_state.json").read_bytes()
    assert state == fresh_sign_state(round_quoted=profile(name).state_round_quoted)
    assert facts.home.config is not None
    seen = recognise(this_world().files, home)
    assert (seen.names, seen.sure) == ((name,), True)
    assert look_home(this_world(), home).findings == ()


@EVERY
async def test_keys_that_we_make_are_accepted_and_kept_by_the_program(tmp_path: Path, generation: str) -> None:
    program, home = node_program(generation), tmp_path / "home"
    answers = {"home": str(home), "profile": GENERATIONS[generation]}
    step = KeysStep()
    facts = (await step.inspect(this_world(), answers, lambda _: None)).facts
    for change in step.plan(facts, {}).changes:
        if isinstance(change, CreateSecret):
            await create(this_world(), change.path, change.kind)
        elif isinstance(change, WriteFile):
            put(change.path, change.after)
    paths = (facts.home.files.validator_key, facts.home.files.node_key)
    made = [path.read_bytes() for path in paths]
    told = run(program, home, "init")
    assert "Found private validator" in told and "Found node key" in told
    assert [path.read_bytes() for path in paths] == made
    await agrees(program, home, generation)


@EVERY
async def test_our_key_files_have_the_bytes_that_init_would_write(tmp_path: Path, generation: str) -> None:
    program, home = node_program(generation), tmp_path / "home"
    run(program, home, "init")
    for name, kind in (("priv_validator_key.json", "validator"), ("node_key.json", "node")):
        theirs = (home / "config" / name).read_bytes()
        await create(this_world(), tmp_path / name, kind)  # type: ignore[arg-type]
        ours = (tmp_path / name).read_bytes()
        assert _without_values(ours) == _without_values(theirs)


def _without_values(content: bytes) -> bytes:
    """The file with the values that differ from key to key cut out."""
    return re.sub(rb'"[A-Za-z0-9+/=]{40,88}"', b'""', content)


@contextmanager
def running(program: Path, home: Path) -> Iterator[None]:
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(2)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        rpc, p2p = (one.getsockname()[1] for one in taken)
    words = [str(program), "start", "--home", str(home), "--proxy_app=kvstore", f"--rpc.laddr=tcp://127.0.0.1:{rpc}"]
    environ = {"HOME": str(home.parent), "PATH": os.environ["PATH"]}
    with open(home.parent / "log", "wb") as log:
        argv = [*words, f"--p2p.laddr=tcp://127.0.0.1:{p2p}"]
        process = subprocess.Popen(argv, env=environ, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait(20)


def wait_for_height(state: Path, height: int) -> None:
    for _ in range(300):
        try:
            if int(json.loads(state.read_bytes())["height"]) >= height:
                return
        except (ValueError, OSError):
            pass
        time.sleep(0.1)
    raise AssertionError((state.parents[2] / "log").read_text("utf-8", "replace")[-3000:])


@pytest.mark.parametrize("generation", ["0.34", "1.0"])
async def test_a_node_that_ran_is_seen_running_then_set_aside_then_runs_on_another_chain(
    tmp_path: Path, generation: str
) -> None:
    program, home = node_program(generation), tmp_path / "home"
    run(program, home, "init")
    chain = json.loads((home / "config" / "genesis.json").read_bytes())["chain_id"]
    files, name = this_world().files, GENERATIONS[generation]
    state_path = home / "data" / "priv_validator_state.json"
    with running(program, home):
        wait_for_height(state_path, 2)
        keys = (await look(this_world(), home, name)).keys
        history = read_history(files, (await look(this_world(), home, name)).home, keys.sign_state)
        assert history.running == "yes" and history.frozen_genesis == "yes"
        assert "home-running" in {finding.code for finding in may_set_aside(history, keys.sign_state, "new-1")}
    facts = await look(this_world(), home, name)
    state = facts.keys.sign_state
    assert state is not None and state.height >= 2 and state.chain_id == chain and state.sign_bytes == "read"
    history = read_history(files, facts.home, state)
    assert history.running == "no" and history.chain_id == chain
    with pytest.raises(Refusal):
        plan_set_aside(facts.home, history, chain)
    for change in plan_set_aside(facts.home, history, "new-1"):
        if isinstance(change, MoveAside):
            change.path.rename(change.to)
        elif isinstance(change, WriteFile):
            put(change.path, change.after)
    genesis = home / "config" / "genesis.json"
    genesis.write_bytes(genesis.read_bytes().replace(chain.encode(), b"new-1"))
    assert not read_history(files, facts.home, (await look(this_world(), home, name)).keys.sign_state).has_run
    with running(program, home):
        wait_for_height(state_path, 1)
    again = (await look(this_world(), home, name)).keys
    assert again.sign_state is not None and again.sign_state.chain_id == "new-1"
    assert again.validator_key == facts.keys.validator_key
