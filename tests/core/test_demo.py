"""The practice network: formed to any step, gone on with, run where a program is there, and ended whatever happens."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.adapters import LocalNet, real_world
from core.cli import demo as command
from core.cli import main
from core.cli.parser import parse
from core.demo import NAMES, Practice, players
from core.finding import Refusal
from tests.nodes import node_program
from tests.source import ROOT


@dataclass(frozen=True)
class Told:
    code: int
    data: dict[str, Any]
    talk: str

    @property
    def codes(self) -> set[str]:
        return {finding["code"] for finding in self.data["findings"]}


class Demo:
    """``quorate demo --json`` in this process, in a folder of its own and with nothing on PATH."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def __call__(self, *words: str | Path) -> Told:
        code = main(["demo", "--json", *map(str, words)])
        out, talk = self._capsys.readouterr()
        return Told(code, json.loads(out), talk)

    def lines(self, *words: str | Path) -> str:
        main(["demo", *map(str, words)])
        return self._capsys.readouterr().out


@pytest.fixture
def demo(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    monkeypatch.chdir(tmp_path)
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    before = os.umask(0o077)
    yield Demo(tmp_path, capsys)
    os.umask(before)


def script(path: Path, *, version: str = "0.34.33", start: str = "exit 3", name: str = "cometbft") -> Path:
    """A program that says this version, and does this when it is started."""
    path.mkdir(exist_ok=True)
    program = path / name
    program.write_text(f'#!/bin/sh\ncase "$1" in version) {_said(version)};; start) {start};; esac\n')
    program.chmod(0o755)
    return program


def _said(version: str) -> str:
    return f"echo {shlex.quote(version)}" if version else ":"


# To any step


@pytest.mark.parametrize("until", ["home", "peers", "genesis", "config"])
def test_it_stops_after_the_step_that_was_named_and_says_what_can_be_typed(demo: Demo, until: str) -> None:
    lines = demo.lines("--dir", "net", "--members", "2", "--until", until)
    for line in (line.strip() for line in lines.splitlines() if line.startswith("  ")):
        words = shlex.split(line)
        assert words[0] == "quorate"
        parse(words[1:])
        if words[1] != "demo":
            assert main(words[1:]) in (0, 3), line


def test_all_of_it_is_formed_without_a_program_and_how_to_get_one_is_told(demo: Demo) -> None:
    told = demo("--dir", "net")
    assert (told.code, told.codes, told.data["program"]) == (0, {"demo-no-program"}, None)
    assert [member["moniker"] for member in told.data["members"]] == list(NAMES[:4])
    geneses = {(Path(member["home"]) / "config" / "genesis.json").read_bytes() for member in told.data["members"]}
    assert len(geneses) == 1 and "QUORATE: 4 signed of 4" in told.talk
    assert "go install" in told.data["findings"][0]["fix"]


def test_it_goes_on_where_it_stopped_and_changes_nothing_that_is_there(demo: Demo) -> None:
    demo("--dir", "net", "--members", "2", "--until", "card")
    keys = {path: path.read_bytes() for path in (demo.folder / "net").rglob("*key.json")}
    assert len(keys) == 4
    assert demo("--dir", "net", "--members", "2").code == 0
    whole = {path: path.read_bytes() for path in (demo.folder / "net").rglob("*") if path.is_file()}
    again = demo("--dir", "net", "--members", "2")
    assert again.code == 0 and "QUORATE: 2 signed of 2" in again.talk
    now = {path: path.read_bytes() for path in (demo.folder / "net").rglob("*") if path.is_file()}
    assert {path: content for path, content in now.items() if path in keys} == keys
    kept = [path for path in whole if "journal" not in path.parts and path.name != "lock"]
    assert [path for path in kept if now.get(path) != whole[path]] == []


# How many, and where


@pytest.mark.parametrize("count", ["0", "-1", "65", "1000000"])
def test_too_few_or_too_many_is_wrong_usage_and_nothing_is_made(demo: Demo, count: str) -> None:
    told = demo("--dir", "net", f"--members={count}")
    assert (told.code, told.codes) == (2, {"usage"}) and not (demo.folder / "net").exists()


def test_one_alone_is_a_network(demo: Demo) -> None:
    told = demo("--dir", "net", "--members", "1")
    assert told.code == 0 and "QUORATE: 1 signed of 1" in told.talk


def test_as_many_as_there_can_be_are_known_by_name() -> None:
    world = real_world(dict(os.environ))
    cast = players(Path("/nowhere/net"), world, 64, tuple(range(1, 129)))
    assert len({player.moniker for player in cast}) == 64 and len({player.p2p_port for player in cast}) == 64


def test_the_folder_may_have_blanks_and_letters_of_any_kind(demo: Demo) -> None:
    name = "ein Übungs-Netz 'quoted' $HOME"
    lines = demo.lines("--dir", name, "--members", "1")
    command = next(line for line in lines.splitlines() if " status" in line)
    words = shlex.split(command)
    assert words[words.index("--state") + 1] == str(demo.folder / name / "alice" / "state")
    assert main(words[1:]) == 0


def test_a_new_folder_is_taken_each_time_where_none_is_named(demo: Demo) -> None:
    names = [Path(demo("--members", "1", "--until", "home").data["dir"]).name for _ in range(2)]
    assert names == ["quorate-demo", "quorate-demo-2"]


def test_what_others_put_there_is_left_alone(demo: Demo) -> None:
    mine = demo.folder / "net" / "bob"
    mine.mkdir(parents=True)
    (mine / "diary.txt").write_text("dear diary")
    told = demo("--dir", "net")
    assert (told.code, told.codes) == (1, {"demo-exists"}) and "bob" in told.data["findings"][0]["message"]
    assert [path.name for path in (demo.folder / "net").rglob("*")] == ["bob", "diary.txt"]


@pytest.mark.parametrize("count", ["1", "3"])
def test_a_network_of_another_size_is_not_gone_on_with(demo: Demo, count: str) -> None:
    demo("--dir", "net", "--members", "2", "--until", "peers")
    told = demo("--dir", "net", "--members", count)
    assert told.codes == {"demo-exists"} and "--members 2" in told.data["findings"][0]["fix"]


def test_other_files_beside_it_are_no_reason(demo: Demo) -> None:
    (demo.folder / "net").mkdir()
    (demo.folder / "net" / "notes.txt").write_text("x")
    assert demo("--dir", "net", "--members", "1", "--until", "keys").code == 0


@pytest.mark.parametrize("name", ["file", "file/below", "/proc/nowhere/net", "/dev/null/net"])
def test_where_nothing_can_be_written_that_is_told(demo: Demo, name: str) -> None:
    (demo.folder / "file").write_text("x")
    told = demo("--dir", name, "--members", "1")
    assert told.code == 1 and "internal" not in told.codes and told.data["findings"]


def test_variables_for_a_real_node_are_not_for_these(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMHOME", "CMTHOME", "TM_P2P_LADDR", "TM_MONIKER", "CMT_RPC_LADDR"):
        monkeypatch.setenv(name, "/nowhere")
    assert demo("--dir", "net", "--members", "2").code == 0


def test_in_a_git_work_tree_it_is_formed_too(demo: Demo) -> None:
    (demo.folder / ".git").mkdir()
    (demo.folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert demo("--dir", "net", "--members", "1").code == 0


async def test_the_key_process_is_asked_no_more_than_it_must(tmp_path: Path) -> None:
    """Per member: to look, to make two keys, to look again twice, and to sign card and acceptance; and the record."""
    asked = 0
    world = real_world(dict(os.environ))
    run = world.processes.run

    class Counting:
        find = world.processes.find
        start = world.processes.start

        async def run(self, argv: Any, **more: Any) -> Any:
            nonlocal asked
            asked += 1
            return await run(argv, **more)

    from dataclasses import replace

    cast = players(tmp_path / "net", replace(world, processes=Counting()), 3, LocalNet().free_ports(6, first=29_656))
    await Practice(tmp_path / "net", cast, lambda _: None).form("config")
    assert asked <= 7 * 3 + 1 + 3  # and a version of whatever is on PATH


async def test_ports_stay_those_that_a_home_was_given(tmp_path: Path) -> None:
    world = real_world(dict(os.environ))
    first = players(tmp_path, world, 2, (1111, 2222, 3333, 4444))
    await Practice(tmp_path, first, lambda _: None).form("home")
    again = players(tmp_path, world, 2, (5555, 6666, 7777, 8888))
    assert [(one.p2p_port, one.rpc_port) for one in again] == [(1111, 2222), (3333, 4444)]


async def test_a_damaged_practice_network_is_refused_and_not_a_traceback(tmp_path: Path) -> None:
    world = real_world(dict(os.environ))
    await Practice(tmp_path, players(tmp_path, world, 1, (1, 2)), lambda _: None).form("home")
    (tmp_path / "alice" / "state" / "practice" / "local.json").write_text("{")
    with pytest.raises(Refusal) as refused:
        players(tmp_path, world, 1, (1, 2))
    assert refused.value.findings[0].code == "state-damaged"


# Programs


@pytest.mark.parametrize(
    ("version", "profile"),
    [
        ("0.34.24", "tendermint-0.34"),
        ("0.34.33", "tendermint-0.34"),
        ("v0.37.15", "cometbft-0.37"),
        ("0.38.17+abcdef", "cometbft-0.38"),
        ("1.0.1", "cometbft-1.0"),
    ],
)
def test_the_profile_follows_from_the_version(demo: Demo, version: str, profile: str) -> None:
    program = script(demo.folder / "p", version=version)
    told = demo("--dir", "net", "--members", "1", "--until", "home", "--node", program)
    assert told.data["program_version"] == version
    local = json.loads((demo.folder / "net" / "alice" / "state" / "practice" / "local.json").read_text())
    assert local["profile"] == profile


@pytest.mark.parametrize("version", ["0.35.9", "", "nonsense", "\x1b[31m0.34", "10.34.1"])
def test_a_named_program_of_another_version_is_refused_before_anything_is_made(demo: Demo, version: str) -> None:
    told = demo("--dir", "net", "--node", script(demo.folder / "p", version=version))
    assert (told.code, told.codes) == (1, {"demo-program-version"}) and not (demo.folder / "net").exists()


@pytest.mark.parametrize("name", ["/nowhere/cometbft", "missing", "bin", ""])
def test_a_named_program_that_is_none_is_told(demo: Demo, name: str) -> None:
    told = demo("--dir", "net", "--members", "1", "--until", "home", "--node", name)
    assert told.code in ((1, 2) if name else (0, 2)) and "internal" not in told.codes


def test_a_program_on_path_that_is_not_known_is_passed_over(demo: Demo) -> None:
    script(demo.folder / "bin", version="0.35.9", name="tendermint")
    told = demo("--dir", "net", "--members", "1")
    assert told.code == 0 and told.codes == {"demo-program-version", "demo-no-program"}
    script(demo.folder / "bin", version="0.38.17", name="cometbft")
    told = demo("--members", "1", "--until", "home")
    assert (told.data["program_version"], told.codes) == ("0.38.17", set())


def test_a_name_without_a_folder_is_looked_for_on_path(demo: Demo) -> None:
    script(demo.folder / "bin", version="0.37.1", name="mynode")
    assert demo("--members", "1", "--until", "home", "--node", "mynode").data["program_version"] == "0.37.1"


def test_a_node_that_ends_at_once_is_told_with_its_last_words(demo: Demo) -> None:
    program = script(demo.folder / "p", start="echo panic: no such thing; exit 7")
    told = demo("--dir", "net", "--members", "2", "--node", program)
    assert (told.code, told.codes, told.data["blocks"]) == (1, {"demo-node-ended"}, None)
    assert "ended with 7: panic: no such thing" in told.data["findings"][0]["message"]


def test_a_node_that_never_answers_is_not_waited_for_for_ever(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_SECONDS", 1)
    started = demo.folder / "pids"
    program = script(demo.folder / "p", start=f"echo $$ >> {started}; exec /bin/sleep 600")
    told = demo("--dir", "net", "--members", "2", "--node", program)
    assert (told.code, told.codes) == (1, {"demo-no-block"})
    pids = [int(line) for line in started.read_text().split()]
    assert len(pids) == 2 and not any(alive(pid) for pid in pids)


# Being stopped


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def started(folder: Path, *words: str | Path) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "core", "demo", "--dir", str(folder / "net"), *map(str, words)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_every_node_ends_however_the_demo_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    pids = tmp_path / "pids"
    program = script(tmp_path / "p", start=f"echo $$ >> {pids}; exec sleep 600")
    with started(tmp_path, "--members", "2", "--node", program) as ran:
        end = time.monotonic() + 60
        while not pids.exists() or len(pids.read_text().split()) < 2:
            assert ran.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        ran.send_signal(number)
        talk = ran.communicate(timeout=60)[1]
    assert ran.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130), talk
    assert b"Traceback" not in talk
    end = time.monotonic() + 20
    while any(alive(int(pid)) for pid in pids.read_text().split()):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("after", [b"1/7", b"2/7", b"6/7"])
def test_what_was_cut_off_by_kill_9_is_gone_on_with(tmp_path: Path, after: bytes, demo: Demo) -> None:
    words = ("--members", "2", "--until", "config")
    with started(tmp_path, *words) as ran:
        assert ran.stderr is not None
        seen = b""
        while after not in seen and (line := ran.stderr.readline()):
            seen += line
        ran.kill()
        ran.communicate(timeout=60)
    told = demo("--dir", tmp_path / "net", *words)
    assert told.code == 0 and "QUORATE: 2 signed of 2" in told.talk, told.data["findings"]


# Real nodes


def test_real_nodes_make_blocks_and_the_same_network_runs_again(demo: Demo) -> None:
    program = node_program("0.34").resolve()
    for _ in range(2):
        told = demo("--dir", "net", "--members", "3", "--node", program)
        assert told.code == 0, told.data["findings"]
        assert set(told.data["blocks"]) == set(NAMES[:3]) and min(told.data["blocks"].values()) >= 2
