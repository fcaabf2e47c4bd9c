"""``genesis diff`` against the real programs: two nodes on loopback, each with a genesis of its own.

``python -m tests.differential.pairs --profile cometbft-0.38`` from the root of the repository; ``--only chain_id`` runs
one case. Where the verdict is that they form one network, both reach the same height; where it is not, they do not.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from core.genesis.diff import Difference, diff, runs_together, verdict
from core.genesis.model import Genesis, Validator, default_params, params_of, render
from core.profiles import profile
from core.profiles.profile import Profile
from tests.differential.genesis import PROGRAMS
from tests.nodes import nodes_folder

HEIGHT = 5
"""Both nodes with a common block of this height make blocks together."""
SECONDS = 25.0
"""Nodes that have made no such block by then do not."""
QUIET = 8.0
"""Nodes whose height has not changed for so long are stuck."""
TIME = "2026-01-01T00:00:00Z"
TOLERANT = frozenset(
    {
        # The built-in kvstore brings a hash of its own at InitChain, so that the one in the file does not count.
        ("cometbft-0.38", "app_hash"),
        ("cometbft-1.0", "app_hash"),
        # Of two nodes with equal power, both take what the one without proposes; a minority is left behind.
        ("cometbft-1.0", "feature.pbts_enable_height"),
    }
)
"""What two nodes with the built-in kvstore survive, and a network does not."""
BLIND = frozenset({"app_state"})
"""The built-in kvstore does not read it."""


@dataclass(frozen=True)
class Pair:
    name: str
    a: Genesis
    b: Genesis

    def differences(self, known: Profile) -> tuple[Difference, ...]:
        return diff(self.a, self.b, known)


@dataclass(frozen=True)
class Outcome:
    pair: Pair
    expected: bool
    ran: bool
    """Both nodes have the same block ``HEIGHT``."""
    heights: tuple[int, int]
    said: str

    @property
    def agrees(self) -> bool:
        return self.expected == self.ran


@dataclass(frozen=True)
class Twin:
    """A home that ``init`` made, and where its node listens."""

    folder: Path
    p2p: int
    rpc: int
    node_id: str
    key: bytes


def twins(program: Path, folder: Path) -> tuple[Twin, Twin]:
    ports = _free_ports(4)
    return _twin(program, folder / "a", *ports[:2]), _twin(program, folder / "b", *ports[2:])


def _twin(program: Path, folder: Path, p2p: int, rpc: int) -> Twin:
    subprocess.run([program, "init", "--home", folder], check=True, capture_output=True, timeout=60)
    shown = subprocess.run([program, "show-node-id", "--home", folder], check=True, capture_output=True, timeout=60)
    value = json.loads((folder / "config/priv_validator_key.json").read_bytes())["pub_key"]["value"]
    return Twin(folder, p2p, rpc, shown.stdout.decode().split()[-1], base64.b64decode(value))


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in sockets]


def pairs(known: Profile, keys: tuple[bytes, bytes]) -> Iterator[Pair]:
    """One pair for each thing in which two geneses can differ."""
    validators = tuple(Validator(key, 10, name) for key, name in zip(keys, ("a", "b"), strict=True))
    good = Genesis("pair-1", TIME, default_params(known), validators)

    def other(**changed: object) -> Genesis:
        return replace(good, **changed)  # type: ignore[arg-type]

    yield Pair("nothing", good, good)
    yield Pair("chain_id", good, other(chain_id="pair-2"))
    yield Pair("genesis_time", good, other(genesis_time="2026-01-01T01:00:00Z"))
    yield Pair("zero_time", other(genesis_time="0001-01-01T00:00:00Z"), other(genesis_time="0001-01-01T00:00:00Z"))
    yield Pair("power", good, other(validators=(replace(validators[0], power=11), validators[1])))
    yield Pair("validators", good, other(validators=(*validators, Validator(bytes(31) + b"\x07", 1, "c"))))
    yield Pair("name", good, other(validators=(replace(validators[0], name="alice"), validators[1])))
    yield Pair("order", good, other(validators=validators[::-1]))
    yield Pair("app_hash", good, other(app_hash="AB" * 8))
    yield Pair("app_state", good, other(app_state='{"a": 1}'))
    yield Pair("initial_height", good, other(initial_height=3))
    for param in params_of(known):
        if isinstance(param.default, str):
            value = "2" if param.unit in ("height", "version") else str(max(int(param.default), 1) // 2 or 1)
            params = tuple((path, old) for path, old in good.params if path != param.path)
            yield Pair(param.path, good, other(params=(*params, (param.path, value))))


def try_pair(program: Path, homes: tuple[Twin, Twin], known: Profile, pair: Pair) -> Outcome:
    """Both nodes have ended when this returns."""
    expected = runs_together(pair.differences(known)) or pair.name in BLIND or (known.name, pair.name) in TOLERANT
    nodes: list[subprocess.Popen[bytes]] = []
    logs = [home.folder / "log" for home in homes]
    try:
        for home, genesis, peer, log in zip(homes, (pair.a, pair.b), homes[::-1], logs, strict=True):
            subprocess.run(
                [program, "unsafe-reset-all", "--home", home.folder], check=True, capture_output=True, timeout=60
            )
            (home.folder / "config/genesis.json").write_bytes(render(genesis, known))
            nodes.append(start(program, home, peer, log))
        heights = _watch(homes, nodes)
    finally:
        for node in nodes:
            node.kill()
            node.wait()
    ran = min(heights) >= HEIGHT
    return Outcome(pair, expected, ran, heights, " | ".join(_last(log.read_bytes()) for log in logs))


def start(program: Path, home: Twin, peer: Twin, log: Path) -> subprocess.Popen[bytes]:
    words: list[str | Path] = [
        program, "start", "--home", home.folder, "--proxy_app=kvstore", "--log_level=info", "--p2p.pex=false",
        f"--p2p.laddr=tcp://127.0.0.1:{home.p2p}", f"--rpc.laddr=tcp://127.0.0.1:{home.rpc}",
        f"--p2p.persistent_peers={peer.node_id}@127.0.0.1:{peer.p2p}", "--moniker=pair",
    ]  # fmt: skip
    config = home.folder / "config/config.toml"
    text = re.sub(r"(?m)^timeout_(commit|propose) = .*$", r'timeout_\1 = "300ms"', config.read_text("utf-8"))
    text = re.sub(r"(?m)^(allow_duplicate_ip) = .*$", r"\1 = true", text)
    text = re.sub(r"(?m)^(addr_book_strict) = .*$", r"\1 = false", text)
    config.write_text(text, "utf-8")
    with log.open("wb") as into:
        return subprocess.Popen(words, stdout=into, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def _watch(homes: tuple[Twin, Twin], nodes: list[subprocess.Popen[bytes]]) -> tuple[int, int]:
    end, since, heights = time.monotonic() + SECONDS, time.monotonic(), (0, 0)
    while time.monotonic() < end:
        time.sleep(0.3)
        now = (_height(homes[0]), _height(homes[1]))
        if now != heights:
            heights, since = (max(now[0], heights[0]), max(now[1], heights[1])), time.monotonic()
        over = time.monotonic() - since > QUIET or any(node.poll() is not None for node in nodes)
        if min(heights) >= HEIGHT or over:
            break
    return heights


def _height(home: Twin) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{home.rpc}/status", timeout=1) as answer:
            return int(json.load(answer)["result"]["sync_info"]["latest_block_height"])
    except (OSError, ValueError, KeyError):
        return 0


_LOUD = re.compile(
    rb"panic:[^\n]*|wrong Block[^\n\"]{0,80}|different network[^\n\"]{0,60}|lower than initial[^\n\"]{0,30}"
    rb"|not equal to genesis time|before (?:the )?genesis time|vote extension[^\n\"]{0,60}"
    rb"|invalid (?:block|proposal)[^\n\"]{0,80}"
)


def _last(log: bytes) -> str:
    found = _LOUD.search(log)
    return found.group().decode("utf-8", "replace") if found else ""


def run(known: Profile, program: Path, only: str = "") -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory(prefix="quorate-pairs-") as place:
        homes = twins(program, Path(place))
        for pair in pairs(known, (homes[0].key, homes[1].key)):
            if not only or only == pair.name:
                yield try_pair(program, homes, known, pair)


def told(outcome: Outcome, known: Profile) -> str:
    found = verdict(outcome.pair.differences(known))
    effect = f"{found[0].severity.word}: {found[0].message}" if found else "the same"
    what = "agreed" if outcome.agrees else "DISAGREE"
    return f"{what} {outcome.pair.name}: heights {outcome.heights}; {effect}; the nodes: {outcome.said}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=tuple(PROGRAMS), default="tendermint-0.34")
    parser.add_argument("--only", default="", help="name of one case")
    chosen = parser.parse_args(arguments)
    known, program = profile(chosen.profile), nodes_folder() / f"cometbft-{PROGRAMS[chosen.profile]}"
    wrong = 0
    for outcome in run(known, program, chosen.only):
        wrong += not outcome.agrees
        print(told(outcome, known), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
