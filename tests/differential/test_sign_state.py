"""Sign states before the real nodes: what a node refuses is an error here, and errors beyond that are declared.

``show-validator`` loads the sign state as ``start`` does, in a fraction of the time; a few cases are started too.
"""

from __future__ import annotations

import base64
import json
import shutil
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from core.keys.sign_state import StateFile, fresh_sign_state, parse_sign_state
from core.profiles import profile
from tests.core.keys.test_model import vote
from tests.differential.config import GENERATION, Bench
from tests.nodes import node_program

SIGNATURE = base64.b64encode(bytes(64)).decode()
SIGNED: dict[str, object] = {
    "height": "7",
    "round": 1,
    "step": 3,
    "signature": SIGNATURE,
    "signbytes": vote("old-1", 7).hex().upper(),
}
VALUES: dict[str, tuple[str, ...]] = {
    "height": (
        *("7", '""', '"-1"', '" 7 "', '"07"', '"7.0"', '"1e3"', '"+7"', '"x"', "null", "true", "{}", '"\\u0037"'),
        *(f'"{2**63 - 1}"', f'"{2**63}"', '"6"', '"8"', '"-0"'),
    ),
    "round": ('"1"', "-1", "1.0", "1e2", "01", "null", "true", "[]", str(2**31 - 1), str(2**31), "-0"),
    "step": ('"3"', "-1", "0", "4", "127", "128", "3.0", "null", "false"),
    "signature": ('""', "null", '"AA=="', '"AA"', '"_-A="', '"A\\nA=="', "[1,2]", "5", '"zz"', '{"value":"AA=="}'),
    "signbytes": ('""', "null", '"zz"', '"0"', '"00"', '"0aFf"', "5", '"\\u0030a"', "[]", '"0A 0B"'),
}
WHOLE = (
    b"",
    b"\n",
    b"{}",
    b"null",
    b"[]",
    b'""',
    b"{",
    b"\xff",
    b'\xef\xbb\xbf{"height":"7","round":0,"step":0}',
    b'{"height":"7","round":0,"step":0,}',
    b'{"height":"7","round":0,"step":0}x',
    b'{"height":"7","round":0,"step":0}\n\n',
    b'{"height":"7","height":"9","round":0,"step":0}',
    b'{"height":"7","height":9,"round":0,"step":0}',
    b'{"Height":"7","round":0,"step":0}',
    b'{"height":"7","HEIGHT":"9","round":0,"step":0}',
    b'{"height":"7","round":NaN,"step":0}',
    b'{"height":"7","round":0,"step":0,"note":"x"}',
    b'{"he\\u0069ght":"7","round":0,"step":0}',
    fresh_sign_state(round_quoted=False),
    fresh_sign_state(round_quoted=True),
)
STRICTER: dict[str, str] = {
    "it has no ": "the node takes 0, and the key may sign heights again",
    "it has the field ": "the node ignores the spelling, or takes the last of two",
    "expected 0 to": "the node never looks at ranges",
    "no whole number": "blanks around a number, and other spellings that no version writes",
    "it is not a JSON object": "the node takes null for an empty state",
    "signature is not written in base64": "the node takes an array of numbers for bytes",
    "bytes, expected 64": "the node would send that signature again",
    "signature and no signbytes": "the node fails where it signs that height again",
    "signbytes and no signature": "the same, with a panic",
    "it was set back": "the key may sign a height twice",
}
"""What is an error although the node loads the file, by a part of what is said, and why."""


def cases() -> list[bytes]:
    """Each field with each value, or without the field; and files that differ as a whole."""
    made = [json.dumps(SIGNED).encode()]
    for name, values in VALUES.items():
        left = {key: json.dumps(value) for key, value in SIGNED.items() if key != name}
        changed = (left, *({**left, name: value} for value in values))
        made += [("{" + ",".join(f'"{key}":{value}' for key, value in one.items()) + "}").encode() for one in changed]
    return [*made, *WHOLE]


def alarms(found: StateFile) -> list[str]:
    """What is said beyond what is declared as stricter than the node."""
    return [one.said for one in found.troubles if not any(part in one.said for part in STRICTER)]


def a_bench(name: str, folder: Path) -> Bench:
    return Bench(profile(name), node_program(GENERATION[name]), folder)


@pytest.mark.parametrize("name", GENERATION)
def test_check_is_never_laxer_than_the_real_node_and_stricter_only_where_declared(name: str, tmp_path: Path) -> None:
    bench = a_bench(name, tmp_path)
    state = bench.template / "data" / "priv_validator_state.json"
    wrong: list[str] = []
    loads = set[bool]()
    for content in cases():
        state.write_bytes(content)
        argv = [str(bench.program), "show-validator", "--home", str(bench.template)]
        loaded = subprocess.run(argv, capture_output=True, env={"HOME": str(tmp_path)}, timeout=30).returncode == 0
        loads.add(loaded)
        found = parse_sign_state(content, round_quoted=bench.profile.state_round_quoted)
        if (not loaded and not found.troubles) or (loaded and alarms(found)):
            wrong.append(f"{content!r}: the node {'loads' if loaded else 'refuses'} it, {found.troubles}")
    assert not wrong, "\n".join(wrong)
    assert loads == {True, False} and len(cases()) <= 100


def proposed(chain: str) -> str:
    """Sign bytes of a proposal for height 1, which is what a lone validator signs first."""
    message = b"\x08\x20\x11" + struct.pack("<q", 1) + b"\x3a" + bytes([len(chain)]) + chain.encode()
    return (bytes([len(message)]) + message).hex().upper()


def with_state(bench: Bench, folder: Path, content: bytes) -> Path:
    """A home of its own with that sign state."""
    home = folder / "home"
    shutil.copytree(bench.template, home)
    (home / "config" / "config.toml").write_text(bench.base())
    (home / "data" / "priv_validator_state.json").write_bytes(content)
    return home


@pytest.mark.parametrize("name", GENERATION)
@pytest.mark.parametrize("old", [True, False])
def test_start_takes_the_round_of_its_own_generation_alone(name: str, old: bool, tmp_path: Path) -> None:
    bench, content = a_bench(name, tmp_path), fresh_sign_state(round_quoted=old)
    verdict, last = bench._start(with_state(bench, tmp_path, content), 20, {})
    found = parse_sign_state(content, round_quoted=bench.profile.state_round_quoted)
    assert verdict == ("refused" if found.troubles else "started"), last
    assert bool(found.troubles) == old


@pytest.mark.parametrize("name", GENERATION)
def test_consensus_fails_with_sign_bytes_and_no_signature(name: str, tmp_path: Path) -> None:
    bench = a_bench(name, tmp_path)
    chain = json.loads((bench.template / "config" / "genesis.json").read_bytes())["chain_id"]
    content = json.dumps({"height": "1", "round": 0, "step": 1, "signbytes": proposed(chain)}).encode()
    home = with_state(bench, tmp_path, content)
    argv = [str(bench.program), "start", "--home", str(home), "--proxy_app=kvstore"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"HOME": str(home)}) as node:
        stop = threading.Timer(20, node.kill)
        stop.start()
        try:
            assert node.stdout is not None
            assert any(b"Signature is nil but SignBytes is not" in line for line in node.stdout)
        finally:
            stop.cancel()
            node.kill()
    assert parse_sign_state(content, round_quoted=False).troubles
