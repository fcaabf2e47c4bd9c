"""A key file that is named where another file belongs: recognised, not read, and nothing of it kept or shown (P1)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.cli.program import Operator, snapshot
from tests.core.keys.key_homes import b64, make_home, node_file, public_of, put, seed_of, validator_file

SEED = seed_of("named")
SECRETS = (b64(SEED)[:40], SEED.hex(), b64(SEED + public_of(SEED))[:60])
FILES: dict[str, object] = {
    "priv_validator_key.json": validator_file(SEED),
    "node_key.json": node_file(SEED),
    "priv_validator.json": {
        "priv_key": {"type": "ed25519", "data": (SEED + public_of(SEED)).hex().upper()},
        "last_height": 0,
    },
    "cosmos.json": {"priv_key": {"@type": "/cosmos.crypto.ed25519.PrivKey", "key": b64(SEED + public_of(SEED))}},
    "bare.txt": (b64(SEED + public_of(SEED)) + "\n").encode(),
    "hex.txt": (SEED + public_of(SEED)).hex().encode(),
    "key.pem": b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + b64(SEED).encode() + b"\n",
    "windows.json": json.dumps(node_file(SEED)).encode("utf-16"),
}
COMMANDS = (
    ("import", "{}"),
    ("import", "--check", "{}"),
    ("genesis", "check", "{}"),
    ("genesis", "review", "{}"),
    ("genesis", "diff", "{}", "{}"),
    ("plan", "genesis", "--set", "file={}"),
    ("plan", "config", "--base", "{}"),
)


def a_state(alone: Operator) -> Operator:
    make_home(alone.home)
    words = ("home", "--network", "example-net", "--role", "member", "--home", str(alone.home))
    assert alone.json(*words, "--profile", "tendermint-0.34").code in (0, 1)
    return alone


def is_untold(text: str) -> bool:
    return not [secret for secret in SECRETS if secret.lower() in text.lower()]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["priv_validator_key.json", "node_key.json"])
def test_every_command_that_takes_a_file_recognises_a_key_file(
    words: tuple[str, ...], name: str, alone: Operator
) -> None:
    path = put(a_state(alone).folder / name, FILES[name])
    before = snapshot(alone.state)
    ran = alone.json(*(word.replace("{}", str(path)) for word in words))
    assert ran.code == 1 and "key-file-named" in ran.codes, ran.text
    kind = "a validator key file" if "validator" in name else "a node key file"
    assert kind in ran.text and "quorate card show" in ran.text
    assert is_untold(ran.text + ran.talk) and snapshot(alone.state) == before


@pytest.mark.parametrize("name", FILES)
def test_a_key_of_any_form_is_recognised(name: str, alone: Operator) -> None:
    path = put(alone.folder / name, FILES[name])
    for words in (("import", "--check", str(path)), ("genesis", "check", str(path))):
        ran = alone.json(*words)
        assert (ran.code, ran.codes) == (1, {"key-file-named"}), ran.text
        assert is_untold(ran.text + ran.talk)


def test_config_check_recognises_a_key_file_in_the_place_of_config_toml(alone: Operator) -> None:
    put(alone.home / "config" / "config.toml", validator_file(SEED))
    ran = alone.json("config", "check", "--home", alone.home, "--profile", "tendermint-0.34")
    assert "key-file-named" in ran.codes and is_untold(ran.text + ran.talk)


def test_in_a_folder_the_key_file_is_passed_over_and_the_others_are_read(alone: Operator) -> None:
    a_state(alone)
    inside = alone.folder / "inbox"
    for name, content in FILES.items():
        put(inside / name, content)
    put(inside / "note.txt", b"no document in it")
    ran = alone.json("import", inside)
    assert sum(one["code"] == "key-file-named" for one in ran.json["findings"]) == len(FILES)
    assert is_untold(ran.text + ran.talk)


@pytest.mark.parametrize("content", [b"{}", b"", b'{"pub_key": 1, "address": "x"}', b"priv_validator_key_file = 1"])
def test_other_files_are_read_as_ever(content: bytes, alone: Operator) -> None:
    ran = alone.json("genesis", "check", put(alone.folder / "genesis.json", content))
    assert "key-file-named" not in ran.codes and ran.codes


def test_a_key_on_stdin_is_neither_kept_nor_shown(alone: Operator) -> None:
    a_state(alone)
    before = snapshot(alone.state)
    ran = alone.json("import", "-", stdin=json.dumps(validator_file(SEED)).encode())
    assert "intake-private-key" in ran.codes and "quorate card show" in ran.text
    assert is_untold(ran.text + ran.talk) and snapshot(alone.state) == before


def test_p1_a_key_file_that_is_named_is_opened_by_the_key_process_alone(alone: Operator) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is missing: it is in the package strace")
    path, log = put(alone.folder / "node_key.json", node_file(SEED)), alone.folder / "trace"
    traced = [strace, "-f", "-o", str(log), "-s", "500", "-e", "trace=open,openat,openat2,execve"]
    argv = [*traced, sys.executable, "-m", "core", "genesis", "check", str(path)]
    done = subprocess.run(
        argv, cwd=alone.folder, env=alone.environment(), capture_output=True, text=True, timeout=60, check=False
    )
    if "ptrace" in done.stderr.lower():
        pytest.skip(f"strace may not trace here: {done.stderr.splitlines()[0]}")
    text = log.read_text("utf-8", "replace")
    started = set(re.findall(r"^(\d+) +execve\(.*keys/process\.py", text, re.MULTILINE))
    opened_by = re.findall(r'^(\d+) +open(?:at2?)?\(.*"[^"]*node_key\.json"', text, re.MULTILINE)
    assert opened_by and set(opened_by) <= started


def test_no_other_code_opens_a_file_that_a_person_named() -> None:
    core = Path(__file__).parents[3]
    texts = {path: path.read_text("utf-8") for folder in ("core", "tui") for path in (core / folder).rglob("*.py")}
    uses = {path.name for path, text in texts.items() if re.search(r"(?<!def )\brequired\(\w+\.", text)}
    assert uses <= {"named.py"}
