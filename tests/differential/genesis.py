"""``genesis check`` against the real programs: never laxer than the node, and stricter only where it is said below.

``python -m tests.differential.genesis --profile cometbft-0.38 --cases 1000 --seed 7`` from the root of the repository.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.finding import Severity
from core.genesis.checks import check
from core.genesis.reading import parse
from core.profiles import profile
from core.profiles.profile import Profile
from tests.differential.mutations import Case, case
from tests.nodes import nodes_folder

PROGRAMS = {
    "tendermint-0.34": "0.34",
    "cometbft-0.37": "0.37",
    "cometbft-0.38": "0.38",
    "cometbft-1.0": "1.0",
}

STRICTER: tuple[tuple[str, str], ...] = (
    ("json-duplicate-key", "the node takes the last, a reader may see the first"),
    ("json-not-utf8", "the node reads U+FFFD where the members see something else, or nothing"),
    ("json-surrogate", "the node reads U+FFFD where the members see something else"),
    ("genesis-key-case", "inside pub_key any case counts, so that one key is seen and another one used"),
    ("genesis-type", "a list of numbers is read as bytes, an unused value of any type; nobody writes them so"),
    ("genesis-number-form", "blanks inside the quotes, and -0: one number, one spelling"),
    ("genesis-time-form", "comma, one digit, more than nine digits: programs read them differently"),
    ("genesis-zero-time", "one node alone runs with it, two never agree on block 1"),
    ("genesis-key-base64", "line breaks inside the base64 are skipped by the node, not by others"),
    ("genesis-key-spelling", "one key, one spelling, or the same key is taken for two"),
    ("genesis-key-point", "the node looks at the length only; votes of such a key can be forged"),
    ("genesis-sample-key", "its private key stands in the documents"),
    ("genesis-placeholder", "it is not what was agreed, although any text will do as a name"),
    ("genesis-name-hidden", "what can not be seen can not be agreed on"),
    ("genesis-chain-id-characters", "the node takes any bytes, also such as look like another chain id"),
    (
        "genesis-app-hash",
        "kvstore since 0.38 brings a hash of its own at InitChain; other applications do not, and it panics",
    ),
    ("genesis-initial-height", "the node starts at a height after which there is no room for a chain"),
)

START_SECONDS = 20.0
"""A node that has said nothing decisive by then is stuck."""
QUIET_SECONDS = 1.5
"""A started node that can not make a block alone is watched this long for a panic."""

Verdict = Literal["refused", "accepted", "stuck"]

_BLOCK = re.compile(rb"ommitted state|xecuted block|inalized block|inalizing commit of block")
_STARTED = re.compile(rb"Started node")
_SLEEPS = re.compile(rb"Genesis time is in the future")
_PANIC = re.compile(rb"^panic:|CONSENSUS FAILURE", re.MULTILINE)


@dataclass(frozen=True)
class Home:
    """A home as ``init`` made it, to be copied for every case."""

    program: Path
    folder: Path

    @property
    def key(self) -> bytes:
        """The public key of its validator."""
        text = json.loads((self.folder / "config/priv_validator_key.json").read_bytes())["pub_key"]["value"]
        return base64.b64decode(text)


@dataclass(frozen=True)
class Outcome:
    case: Case
    verdict: Verdict
    said: str
    """What the node said last, or with which words it refused."""
    errors: tuple[str, ...]
    """Codes of the errors that ``check`` has."""
    open: bool = False
    """``check`` says that it can not determine something; what it calls unknown it does not call good."""

    @property
    def laxer(self) -> bool:
        return self.verdict != "accepted" and not self.errors and not self.open

    @property
    def stricter(self) -> tuple[str, ...]:
        """Codes with which ``check`` is stricter than the node and that are not declared."""
        declared = {code for code, _ in STRICTER}
        return tuple(code for code in self.errors if code not in declared) if self.verdict == "accepted" else ()

    @property
    def agrees(self) -> bool:
        return not self.laxer and not self.stricter


def make_home(program: Path, folder: Path) -> Home:
    subprocess.run([program, "init", "--home", folder], check=True, capture_output=True, timeout=60)
    config = folder / "config/config.toml"
    text = config.read_text("utf-8")
    config.write_text(re.sub(r"(?m)^timeout_(commit|propose) = .*$", r'timeout_\1 = "20ms"', text), "utf-8")
    return Home(program, folder)


def try_case(home: Home, known: Profile, one: Case) -> Outcome:
    findings = check(one.data, known)
    errors = tuple(dict.fromkeys(f.code for f in findings if f.severity is Severity.ERROR))
    undetermined = any(f.severity is Severity.UNKNOWN for f in findings)
    genesis = parse(one.data, known).genesis
    alone = genesis is not None and [validator.key for validator in genesis.validators] == [home.key]
    verdict, said = ask(home, one.data, alone)
    return Outcome(one, verdict, said, errors, undetermined)


def ask(home: Home, data: bytes, alone: bool) -> tuple[Verdict, str]:
    """What the real node does with these bytes as its genesis.json. The node has ended when this returns.

    ``alone``: its validator is the only one, so that it has to make a block.
    """
    with tempfile.TemporaryDirectory(prefix="quorate-differential-") as place:
        here = Path(place) / "home"
        shutil.copytree(home.folder, here)
        (here / "config/genesis.json").write_bytes(data)
        node = subprocess.Popen(
            [home.program, "start", "--home", here, "--proxy_app=kvstore", "--log_level=info",
             "--p2p.laddr=tcp://127.0.0.1:0", "--rpc.laddr=tcp://127.0.0.1:0", "--p2p.pex=false"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return _watch(node, alone)
        finally:
            node.kill()
            node.wait()
            if node.stdout:
                node.stdout.close()


def _watch(node: subprocess.Popen[bytes], alone: bool) -> tuple[Verdict, str]:
    seen = b""
    started: float | None = None
    end = time.monotonic() + START_SECONDS
    for chunk in _chunks(node, end):
        seen += chunk
        if _PANIC.search(seen):
            return "refused", _last(seen)
        if _BLOCK.search(seen) or _SLEEPS.search(seen):
            return "accepted", ""
        if started is None and _STARTED.search(seen):
            started = time.monotonic()
        if started is not None and not alone and time.monotonic() > started + QUIET_SECONDS:
            return "accepted", ""
    return "refused" if node.poll() is not None else "stuck", _last(seen)


def _chunks(node: subprocess.Popen[bytes], end: float) -> Iterator[bytes]:
    assert node.stdout is not None
    while time.monotonic() < end:
        ready, _, _ = select.select([node.stdout], [], [], 0.2)
        chunk = node.stdout.read1(65536) if ready else b""  # type: ignore[attr-defined]
        if ready and not chunk:
            node.wait(timeout=5)
            return
        yield chunk


def _last(seen: bytes) -> str:
    lines = [line for line in seen.decode("utf-8", "replace").splitlines() if line.strip()]
    loud = [line for line in lines if line.startswith(("panic:", "ERROR:", "Error:", "failed"))]
    return (loud or lines or ["nothing"])[0 if loud else -1][:400]


def run(known: Profile, home: Home, cases: int, seed: int, *, workers: int = 2, first: int = 0) -> Iterator[Outcome]:
    key = home.key
    made = (case(known, key, seed, index) for index in range(first, first + cases))
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda one: try_case(home, known, one), made)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=tuple(PROGRAMS), default="tendermint-0.34")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--all", action="store_true", help="tell of every case, not only where the two disagree")
    chosen = parser.parse_args(arguments)
    program = nodes_folder() / f"cometbft-{PROGRAMS[chosen.profile]}"
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        home = make_home(program, Path(place) / "home")
        outcomes = run(
            profile(chosen.profile), home, chosen.cases, chosen.seed, workers=chosen.workers, first=chosen.first
        )
        for index, outcome in enumerate(outcomes, chosen.first):
            counts[outcome.verdict] += 1
            counts["disagree"] += not outcome.agrees
            if chosen.all or not outcome.agrees:
                print(f"case {index}: {told(outcome)}", flush=True)
    print(f"{chosen.profile}, seed {chosen.seed}: " + ", ".join(f"{number} {what}" for what, number in counts.items()))
    return 1 if counts["disagree"] else 0


def told(outcome: Outcome) -> str:
    what = "LAXER" if outcome.laxer else f"STRICTER {', '.join(outcome.stricter)}" if outcome.stricter else "agreed"
    return f"{what}: {outcome.case.story!r}: node {outcome.verdict}: {outcome.said}; check: {', '.join(outcome.errors)}"


if __name__ == "__main__":
    sys.exit(main())
