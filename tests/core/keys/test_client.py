"""What is known of a home's keys, asked of the real key process."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.documents.sshsig import verify
from core.finding import Refusal, Severity
from core.keys.checks import check
from core.keys.client import create, inspect, sign
from core.keys.model import KeyFacts, address, node_id
from core.profiles import profile
from tests.core.keys.key_homes import (
    b64,
    make_home,
    node_file,
    opened,
    public_of,
    put,
    seed_of,
    this_world,
    validator_file,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "keys" / "vectors.json").read_bytes())["keys"]
CARD = b'{"kind":"card","network":"example","v":1}'
NAME = "tendermint-0.34"


async def facts_of(home: Path, name: str = NAME) -> KeyFacts:
    return await inspect(this_world(), opened(home, name))


def codes(facts: KeyFacts, name: str = NAME) -> set[str]:
    return {finding.code for finding in check(facts, profile(name))}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
async def test_keys_addresses_and_ids_are_those_the_real_nodes_print(tmp_path: Path, vector: dict[str, str]) -> None:
    private = {"priv_key": {"type": "tendermint/PrivKeyEd25519", "value": vector["priv_b64"]}}
    facts = await facts_of(make_home(tmp_path, node=private, validator=private))
    assert facts.validator_key is not None and b64(facts.validator_key) == vector["pub_b64"]
    assert (facts.validator_address, facts.node_id) == (vector["address"], vector["node_id"])


async def test_a_home_fresh_from_init_has_nothing_wrong(tmp_path: Path) -> None:
    facts = await facts_of(make_home(tmp_path))
    assert codes(facts) == set()
    assert facts.node_key == public_of(seed_of("node"))
    assert facts.node_id == node_id(public_of(seed_of("node")))
    assert facts.sign_state is not None and not facts.sign_state.has_signed


async def test_an_empty_folder_lacks_both_keys(tmp_path: Path) -> None:
    facts = await facts_of(tmp_path)
    found = [finding for finding in check(facts, profile(NAME)) if finding.code == "key-missing"]
    assert len(found) == 2 and all("quorate keys new --home" in finding.fix for finding in found)
    assert (facts.node_key, facts.validator_key, facts.node_id) == (None, None, "")


async def test_key_paths_come_from_config_toml(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", validator=b"", node=b"", state=b"")
    put(tmp_path / "elsewhere" / "v.json", validator_file(seed_of("validator")))
    put(home / "secret" / "n.json", node_file(seed_of("node")))
    put(home / "s.json", b'{"height":"0","round":0,"step":0}')
    lines = (
        f'priv_validator_key_file = "{tmp_path}/elsewhere/v.json"',
        'priv_validator_state_file = "s.json"',
        'node_key_file = "secret/n.json"',
    )
    put(home / "config" / "config.toml", "\n".join(lines).encode(), 0o644)
    facts = await facts_of(home)
    assert codes(facts) == set()
    assert (await sign(this_world(), home, "card", CARD)).key == facts.node_key


async def test_keys_are_found_although_the_documents_multi_line_string_is_no_toml(tmp_path: Path) -> None:
    home = make_home(tmp_path, node=b"")
    put(home / "config" / "other.json", node_file(seed_of("node")))
    recipe = b'node_key_file = "config/other.json"\n[p2p]\npersistent_peers = "a@b:1,\\\nc@d:2"\n'
    put(home / "config" / "config.toml", recipe)
    assert (await facts_of(home)).node_key == public_of(seed_of("node"))


async def test_a_remote_signer_is_asked_for_and_its_left_over_key_is_not_opened(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put(home / "config" / "config.toml", b'priv_validator_laddr = "tcp://127.0.0.1:26659"\n')
    facts = await facts_of(home)
    assert (facts.validator, facts.validator_key, facts.remote_signer) == (None, None, "tcp://127.0.0.1:26659")
    assert codes(facts) == {"key-remote-signer"}
    assert (await sign(this_world(), home, "card", CARD)).key == facts.node_key


async def test_a_home_of_0_22_keeps_its_state_in_the_key_file(tmp_path: Path) -> None:
    signed = b'{"@chain_id":"bigchain-1","@type":"vote"}'.hex().upper()
    state = {"last_height": "3", "last_round": "0", "last_step": 3, "last_signbytes": signed}
    home = make_home(tmp_path, validator=b"", state=b"")
    put(home / "config" / "priv_validator.json", validator_file(seed_of("validator")) | state)
    facts = await facts_of(home, "tendermint-0.22")
    assert facts.sign_state is not None
    assert (facts.sign_state.height, facts.sign_state.chain_id) == (3, "bigchain-1")
    assert codes(facts, "tendermint-0.22") == {"key-home-has-run"}
    assert codes(await facts_of(home)) >= {"key-generation-other"}


async def test_both_generations_together_are_an_error(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put(home / "config" / "priv_validator.json", validator_file(seed_of("older")))
    for name in (NAME, "tendermint-0.22", "tendermint-0.31"):
        assert "key-generations-both" in codes(await facts_of(home, name), name)


async def test_loose_modes_links_strays_and_git_are_seen(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    home = make_home(tmp_path / "node")
    (home / "config" / "node_key.json").chmod(0o644)
    (home / "config" / "priv_validator_key.json").rename(tmp_path / "v.json")
    (home / "config" / "priv_validator_key.json").symlink_to(tmp_path / "v.json")
    put(home / "config" / "write-file-atomic-123", b"x")
    facts = await facts_of(home)
    assert codes(facts) == {"key-mode-loose", "key-is-link", "key-stray-temporary", "key-in-git"}
    assert facts.git == tmp_path


async def test_another_owner_is_seen(tmp_path: Path) -> None:
    facts = await facts_of(make_home(tmp_path))
    other = {finding.code for finding in check(facts, profile(NAME), uid=os.geteuid() + 4711)}
    assert other == {"key-owner-other"}


async def test_a_signature_is_good_and_of_the_node_key(tmp_path: Path) -> None:
    signature = await sign(this_world(), make_home(tmp_path), "card", CARD)
    assert signature.key == public_of(seed_of("node"))
    assert verify("card", CARD, signature)


@pytest.mark.parametrize(
    ("node", "code"),
    [(b"", "key-sign-refused"), (b"{", "key-sign-refused"), (validator_file(seed_of("v")), "key-sign-refused")],
)
async def test_a_refusal_to_sign_names_the_file_and_the_reason(tmp_path: Path, node: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        await sign(this_world(), make_home(tmp_path, node=node), "card", CARD)
    (finding,) = caught.value.findings
    assert finding.code == code and finding.subject.endswith("node_key.json")


async def test_the_wrong_kind_is_not_signed(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="another kind"):
        await sign(this_world(), make_home(tmp_path), "record", CARD)


async def test_a_made_key_has_the_public_key_that_was_told(tmp_path: Path) -> None:
    world, home = this_world(), tmp_path / "home"
    validator = await create(world, home / "config" / "priv_validator_key.json", "validator")
    node = await create(world, home / "config" / "node_key.json", "node")
    facts = await facts_of(home)
    assert (facts.validator_key, facts.node_key) == (validator, node)
    assert codes(facts) == {"key-state-missing"}
    with pytest.raises(Refusal, match="exists already"):
        await create(world, home / "config" / "node_key.json", "node")
    old = await create(world, tmp_path / "old" / "config" / "priv_validator.json", "validator")
    assert (await facts_of(tmp_path / "old", "tendermint-0.22")).validator_address == address(old)


async def test_a_key_file_that_can_not_be_made_says_so(tmp_path: Path) -> None:
    put(tmp_path / "file", b"")
    with pytest.raises(Refusal) as caught:
        await create(this_world(), tmp_path / "file" / "node_key.json", "node")
    assert [finding.code for finding in caught.value.findings] == ["key-unwritable"]


async def test_hostile_text_in_a_config_path_does_no_harm(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put(home / "config" / "config.toml", b'node_key_file = "\\u001b[2J\\u202e\\u0000x"\npriv_validator_laddr = 5\n')
    assert (await facts_of(home)).node_key is not None
    put(home / "config" / "config.toml", b'node_key_file = "\\u001b[2J\\u202e"\n')
    facts = await facts_of(home)
    assert facts.node_key is None
    text = "".join(str(finding.as_json()) for finding in check(facts, profile(NAME)))
    assert "\x1b" not in text and "\u202e" not in text


RUN = """
import asyncio, pathlib, sys
from core.keys.client import inspect, sign
from tests.core.keys.key_homes import opened, this_world
async def main(home):
    facts = await inspect(this_world(), opened(home))
    signature = await sign(this_world(), home, "card", b'{"kind":"card"}')
    assert signature.key == facts.node_key and facts.validator_key
asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


def test_p1_key_files_are_opened_by_the_key_process_alone(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is missing: it is in the package strace")
    home, log = make_home(tmp_path / "home"), tmp_path / "trace"
    traced = [strace, "-f", "-o", str(log), "-s", "500", "-e", "trace=open,openat,openat2,execve"]
    argv = [*traced, sys.executable, "-c", RUN, str(home)]
    done = subprocess.run(argv, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=120)
    if "PTRACE" in done.stderr or "ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    text = log.read_text("utf-8", "replace")
    started = set(re.findall(r"^(\d+) +execve\(.*keys/process\.py", text, re.MULTILINE))
    opened_by = re.findall(r'^(\d+) +open(?:at2?)?\(.*"[^"]*key[^"/]*\.json"', text, re.MULTILINE)
    assert len(started) == 2 and opened_by and set(opened_by) <= started


async def test_it_never_signs_with_a_validator_key_to_which_a_link_leads(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    (home / "config" / "node_key.json").unlink()
    (home / "config" / "node_key.json").symlink_to("priv_validator_key.json")
    with pytest.raises(Refusal) as caught:
        await sign(this_world(), home, "card", CARD)
    assert "the node key is the validator key" in caught.value.findings[0].message


async def test_a_sign_state_above_a_home_without_blocks_is_a_warning(tmp_path: Path) -> None:
    home = make_home(tmp_path / "h", state=b'{"height":"5","round":0,"step":3}')
    facts = await inspect(this_world(), opened(home))
    (finding,) = check(facts, profile("tendermint-0.34"))
    assert (finding.code, finding.severity) == ("key-home-has-run", Severity.WARNING)
    assert "stays at height 0" in finding.message and "another key" in finding.fix
    (home / "data/blockstore.db").mkdir()
    (finding,) = check(await inspect(this_world(), opened(home)), profile("tendermint-0.34"))
    assert finding.severity is Severity.INFO
