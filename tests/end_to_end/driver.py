"""Members and nodes as they are in the world: every act is a command of the program, every node a real one.

Nothing here looks into the product: a member runs commands, each a process of its own, and reads their JSON; a node is
a process on loopback, asked over RPC, bounded in time and ended whatever happens.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from tests.end_to_end.forks import run_forked

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 60
BLOCK_SECONDS = 40
_GRACE_SECONDS = 5

Answers = Mapping[str, str]
NOTHING: Answers = MappingProxyType({})

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Result:
    """What one command said."""

    words: tuple[str, ...]
    code: int
    json: dict[str, Any]
    stdout: str
    stderr: str

    @property
    def codes(self) -> set[str]:
        return {finding["code"] for finding in self.json["findings"]}

    @property
    def errors(self) -> set[str]:
        return {finding["code"] for finding in self.json["findings"] if finding["severity"] == "error"}

    def told(self, *codes: str) -> str:
        """Subjects, messages and fixes of the findings of these codes."""
        told = (one for one in self.json["findings"] if one["code"] in codes)
        return "\n".join(f"{one['subject']}: {one['message']} -> {one['fix']}" for one in told)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """What an import said of the documents of that kind."""
        return [row for row in self.json["documents"] if row["kind"] == kind]

    def __str__(self) -> str:
        return f"quorate {' '.join(self.words)}\nexit {self.code}\n{self.stdout}\n{self.stderr}"


def quorate(*words: str, cwd: Path, stdin: str = "", expect: int | None = 0, anew: bool = False) -> Result:
    """Run one command as a process of its own without a terminal.

    ``expect`` is its exit code, None for any; ``anew`` starts ``python -m core``, where a fork would do otherwise.
    """
    run = run_anew if anew else run_forked
    code, stdout, stderr = run(("--json", *words), cwd=cwd, stdin=stdin.encode(), seconds=COMMAND_SECONDS)
    out, err = stdout.decode("ascii"), stderr.decode("utf-8")
    assert "Traceback" not in err, err
    result = Result(words, code, json.loads(out), out, err)
    assert "internal" not in result.codes, result
    assert expect is None or code == expect, result
    return result


def run_anew(words: Sequence[str], *, cwd: Path, stdin: bytes, seconds: float) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr of ``python -m core``."""
    done = subprocess.run(
        [sys.executable, "-m", "core", *words],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


# --- members -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """An operator: a folder with a node home (made by the node program's own ``init``) and a state of their own."""

    moniker: str
    folder: Path
    program: Path | None = None
    """The node program; None for an operator without a node."""
    anew: bool = False
    """Every command is ``python -m core``, started anew."""

    @property
    def home(self) -> Path:
        return self.folder / "node"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def genesis(self) -> Path:
        return self.home / "config" / "genesis.json"

    @property
    def config(self) -> Path:
        return self.home / "config" / "config.toml"

    @property
    def p2p(self) -> int:
        return _port(self.config, "p2p")

    @property
    def rpc(self) -> str:
        return f"http://127.0.0.1:{_port(self.config, 'rpc')}"

    def init(self) -> None:
        """Make the home with the node's own ``init``, with ports that are free on this one machine."""
        self.folder.mkdir(parents=True)
        self.node("init")
        p2p, rpc = free_ports(2)
        set_in_toml(self.config, "p2p", "laddr", f'"tcp://127.0.0.1:{p2p}"')
        set_in_toml(self.config, "rpc", "laddr", f'"tcp://127.0.0.1:{rpc}"')
        set_in_toml(self.config, "rpc", "pprof_laddr", '""')

    def node(self, *words: str) -> str:
        """The last line that the node program prints; some print a deprecation before it."""
        assert self.program is not None
        done = subprocess.run(
            [self.program, *words, "--home", self.home], capture_output=True, text=True, timeout=30, check=True
        )
        return (done.stdout.strip().splitlines() or [""])[-1]

    @property
    def node_id(self) -> str:
        return self.node("show-node-id")

    @property
    def validator_key(self) -> str:
        value = json.loads(self.node("show-validator"))["value"]
        assert isinstance(value, str)
        return value

    def run(self, *words: str, stdin: str = "", expect: int | None = 0) -> Result:
        words = ("--state", str(self.state), *words)
        return quorate(*words, cwd=self.folder, stdin=stdin, expect=expect, anew=self.anew)

    def plan(self, step: str, given: Answers = NOTHING, /, *, expect: int | None = 0, **answers: str) -> Result:
        return self.run("plan", step, *_settings({**given, **answers}), expect=expect)

    def apply(self, step: str, given: Answers = NOTHING, /, *, expect: int | None = 0, **answers: str) -> Result:
        """Look at the plan, and apply exactly the one that was looked at."""
        settings = tuple(_settings({**given, **answers}))
        digest = self.run("plan", step, *settings).json["digest"]
        return self.run("apply", step, *settings, "--digest", digest, expect=expect)

    def undo(self) -> Result:
        """Look at what the undo of the last run would change, and approve exactly that."""
        return self.run("undo", "--digest", self.run("undo", "--plan").json["digest"])

    def take(self, text: str, expect: int | None = 0) -> Result:
        """Import what was pasted."""
        return self.run("import", "-", stdin=text, expect=expect)

    def share(self) -> str:
        """Record, acceptances and attestations as text to paste."""
        return str(self.run("network", "share").json["armour"])

    def status(self) -> dict[str, Any]:
        return self.run("status").json

    def status_of(self, step: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.status()["steps"] if one["id"] == step)
        return found


def together(members: Iterable[T], act: Callable[[T], U]) -> list[U]:
    """The same act by several members at once: their states are their own."""
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(act, members))


def _settings(answers: Answers) -> Iterator[str]:
    for name, value in answers.items():
        yield from ("--set", f"{name}={value}")


def set_in_toml(path: Path, table: str, key: str, value: str) -> None:
    """Set ``key`` of ``[table]`` in a text editor, as it were; left as it is where the file has no such key."""
    text = path.read_text("utf-8")
    line = re.compile(rf"(^\[{table}\]\n(?:(?!\[).*\n)*?{key} = ).*$", re.MULTILINE)
    path.write_text(line.sub(lambda found: found[1] + value, text, count=1), "utf-8")


def _port(config: Path, table: str) -> int:
    laddr = tomllib.loads(config.read_text("utf-8"))[table]["laddr"]
    assert laddr.startswith("tcp://127.0.0.1:")
    return int(laddr.rpartition(":")[2])


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` with its content; links are told by where they lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or path.is_file():
            name = str(path.relative_to(folder))
            found[name] = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
    return found


def free_ports(count: int) -> list[int]:
    """Below those from which practice networks count up, which other tests form at the same time."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(15000, 26000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


# --- nodes -------------------------------------------------------------------------------------------------------


class Node:
    """A real node on a member's home, with the built-in kvstore application. Use it as a context."""

    def __init__(self, member: Member, *more: str) -> None:
        assert member.program is not None
        self.member = member
        self.log = member.folder / "node.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [member.program, "start", "--home", member.home, "--proxy_app", "kvstore", *more],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                self.process.send_signal(number)
                try:
                    self.process.wait(_GRACE_SECONDS)
                except subprocess.TimeoutExpired:
                    continue

    def ask(self, path: str) -> dict[str, Any]:
        """The result of a GET over RPC. Raises OSError where the node does not answer, KeyError where it refuses."""
        with _OPENER.open(f"{self.member.rpc}/{path}", timeout=5) as answer:
            result: dict[str, Any] = json.load(answer)["result"]
        return result

    @property
    def height(self) -> int:
        """Of the latest block; 0 while the node does not answer yet."""
        try:
            return int(self.ask("status")["sync_info"]["latest_block_height"])
        except (OSError, KeyError, ValueError):
            return 0

    def wait_for_block(self, height: int, seconds: float = BLOCK_SECONDS) -> int:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, f"the node ended with {self.process.returncode}: {self.last_words}"
            if (seen := self.height) >= height:
                return seen
            time.sleep(0.1)
        raise AssertionError(f"{self.member.moniker}: no block {height} within {seconds} s: {self.last_words}")

    def wait_for_end(self, seconds: float = 20) -> str:
        """What a node that refuses to start says last."""
        try:
            assert self.process.wait(seconds) != 0
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the node runs after {seconds} s: {self.last_words}") from None
        return self.last_words

    @property
    def last_words(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-8:])


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _die_with_parent() -> None:
    # Not even kill -9 of the test run leaves a node behind (Linux; elsewhere the context must do).
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@contextmanager
def started(members: Sequence[Member], *more: str) -> Iterator[list[Node]]:
    """All their nodes, while the context lasts."""
    with ExitStack() as stack:
        yield [stack.enter_context(Node(member, *more)) for member in members]


def make_blocks(nodes: Sequence[Node], height: int = 2) -> None:
    """Have all of them reach ``height``: without empty blocks, as configured, a block needs a transaction."""
    for reached in range(1, height + 1):
        if reached > 1 and nodes[0].height < reached:
            nodes[0].ask(f"broadcast_tx_sync?tx=%22block{reached}={time.time_ns()}%22")
        for node in nodes:
            node.wait_for_block(reached)
