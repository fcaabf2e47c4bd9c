"""config.toml, judged by ``core.config.checks`` and by the real node: ``check`` is never laxer.

A seeded generator changes the config.toml that the program's own ``init`` wrote; then the program starts with it (one
validator, built-in kvstore, loopback only). ``python -m tests.differential.config --cases 500``. Before that, every
kind of mistake of ``config_kinds`` is made in a home, looked for as the command does, and tried.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.adapters import real_world
from core.config.checks import check
from core.config.model import read_config
from core.config.survey import survey
from core.documents.toml import quote
from core.finding import Finding, Severity
from core.profiles import profile
from core.profiles.profile import Profile
from tests.differential.config_cases import Case, cases, set_raw
from tests.differential.config_kinds import KINDS, WAITS, Kind, identity
from tests.nodes import nodes_folder

GENERATION = {"tendermint-0.34": "0.34", "cometbft-0.37": "0.37", "cometbft-0.38": "0.38", "cometbft-1.0": "1.0"}
"""The real node for a profile: CometBFT 0.34.33 speaks for tendermint-0.34."""

STRICTER: tuple[tuple[str, str], ...] = (
    ("config-wrong-table", "the node ignores the key; the setting that was meant is not made"),
    ("config-misspelt-key", "the same"),
    ("config-flat-block", "the same, for the documents' whole block"),
    ("config-hyphenated", "the node ignores the whole file"),
    ("config-dotted-key", "a quoted name with a dot: what the node makes of it depends on what else is set"),
    ("config-key-twice", "two spellings of one key: chance decides which value counts"),
    ("config-not-a-table", "chance decides whether the node sees the value or its own flags' defaults"),
    ("config-type", "a table where a value is wanted: chance decides likewise"),
    ("config-duration-number", "the node takes it as so many nanoseconds, with which no round ends"),
    ("config-test-setting", "the node drops connections on purpose"),
    ("config-peers-upper-case", "the node starts and never connects to that peer"),
    ("config-id-kind", "the same: what is written there is no node id"),
    ("address-unspecified", "the node starts and never connects to that peer"),
    ("config-same-port", "chance decides which of two listens first"),
    ("config-peers-host", "the node starts and never dials that peer"),
    ("config-peers-placeholder", "nobody has that address"),
    ("config-word", "abci is not looked at where the application is built in, as it is here"),
    ("toml-parsers-disagree", "what only one of two parsers reads is not edited"),
    ("toml-date", "Python knows neither a year 0 nor a leap second, and no setting is a date"),
    ("toml-too-deep", "nested deeper than Python's parser goes"),
)
"""Codes that are errors although the node starts, and why."""

Verdict = Literal["started", "refused", "unclear"]


@dataclass(frozen=True, slots=True)
class Outcome:
    case: Case
    verdict: Verdict
    last: str
    """What the node said last."""
    errors: tuple[str, ...]
    unknowns: tuple[str, ...]

    @property
    def fault(self) -> str:
        """Why check and node do not agree; empty where they do."""
        if self.verdict == "unclear":
            return f"the node neither started nor ended: {self.last}"
        if self.verdict == "refused":
            return "" if self.errors or self.unknowns else f"check is laxer: {self.last}"
        stricter = {code for code, _ in STRICTER}
        alarms = [code for code in self.errors if code not in stricter]
        return f"the node starts, check says {', '.join(alarms)}" if alarms else ""


@dataclass(frozen=True, slots=True)
class KindOutcome:
    kind: Kind
    verdict: Verdict
    last: str
    findings: tuple[Finding, ...]
    made: bool
    logged: bool

    @property
    def fault(self) -> str:
        """Why this kind of mistake is not what it was declared to be, or is not found; empty if it is."""
        kind = self.kind
        if self.verdict not in kind.does.split():
            return f"the node {self.verdict}, expected {kind.does}: {self.last}"
        if not self.made:
            return f"the node did not make {kind.made}"
        if not self.logged:
            return f"the node's log does not say {kind.logs}"
        said = [one for one in self.findings if one.severity >= Severity.WARNING]
        if not kind.code:
            return f"found, though it is sound: {said}" if said else ""
        if not any(one.code == kind.code and one.severity is kind.severity for one in self.findings):
            return f"{kind.code} as {kind.severity.word} is not found: {self.findings}"
        return ""


# --- the node ----------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """A home made by ``init`` of one program, copied for every case."""

    profile: Profile
    program: Path
    folder: Path
    template: Path = field(init=False)

    def __post_init__(self) -> None:
        self.template = self.folder / "template"
        subprocess.run(
            [self.program, "init", "--home", self.template], check=True, capture_output=True, env=_environ(self.folder)
        )

    def base(self) -> str:
        """init's config.toml on ports that the system chooses."""
        text = (self.template / "config" / "config.toml").read_text("utf-8")
        text = re.sub(r'(?m)^laddr = "tcp://.*"$', 'laddr = "tcp://127.0.0.1:0"', text)
        text = re.sub(r"(?m)^moniker = .*$", 'moniker = "node"', text)
        return re.sub(r"(?m)^timeout_commit = .*$", 'timeout_commit = "20ms"', text)

    def run(self, case: Case, *, seconds: float = 20, environ: Mapping[str, str] | None = None) -> Outcome:
        home = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            shutil.copytree(self.template, home, dirs_exist_ok=True)
            (home / "config" / "config.toml").write_bytes(case.data)
            verdict, last = self._start(home, seconds, environ or {})
        finally:
            shutil.rmtree(home, ignore_errors=True)
        findings = check(case.data, self.profile, environ)
        errors = tuple(finding.code for finding in findings if finding.severity is Severity.ERROR)
        unknowns = tuple(finding.code for finding in findings if finding.severity is Severity.UNKNOWN)
        return Outcome(case, verdict, last, errors, unknowns)

    def node_id(self, home: Path | None = None) -> str:
        argv = [str(self.program), "show-node-id", "--home", str(home or self.template)]
        shown = subprocess.run(argv, check=True, capture_output=True, env=_environ(self.folder))
        return shown.stdout.decode().split()[-1]

    def try_kind(self, kind: Kind) -> KindOutcome:
        """Make that mistake in a home, say what is found, and start the node."""
        top = Path(tempfile.mkdtemp(dir=self.folder))
        home = top / "home"
        try:
            shutil.copytree(self.template, home)
            kind.prepare(home)
            path = home / "config" / "config.toml"
            path.write_text(self._with(kind, home), "utf-8")
            made_before = bool(kind.made) and (home / kind.made).exists()
            findings = surveyed(home, self.profile)
            seconds = 3 if kind.does == WAITS else 20
            verdict, last = self._start(home, seconds, {}, kind.application, kind.logs)
            log = (home / "log").read_text("utf-8", "replace")
            made = not kind.made or (not made_before and (home / kind.made).exists())
        finally:
            shutil.rmtree(top, ignore_errors=True)
        return KindOutcome(kind, verdict, last, findings, made, kind.logs in log)

    def _with(self, kind: Kind, home: Path) -> str:
        text = self.base()
        ports = dict(zip("abcd", map(str, free_ports(4)), strict=True))
        words = {**ports, **identity(self.template, self.node_id()), "home": str(home)}
        for table, key, value in kind.settings:
            shown = value.replace("$HOME", "$_HOME").format(**words).replace("$_HOME", "$HOME")
            text = set_raw(text, table, key, shown if shown == "true" else quote(shown))
        return text

    def _start(
        self, home: Path, seconds: float, environ: Mapping[str, str], application: str = "kvstore", logs: str = ""
    ) -> tuple[Verdict, str]:
        log = home / "log"
        argv = [str(self.program), "start", "--home", str(home)]
        argv += [f"--proxy_app={application}"] if application else []
        with log.open("wb") as out:
            node = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=home,
                env={**_environ(home), **environ},
                start_new_session=True,
            )
        try:
            seen = _watch(node, home, log, seconds)
            until = time.monotonic() + 3
            while logs.encode() not in log.read_bytes() and node.poll() is None and time.monotonic() < until:
                time.sleep(0.03)
            return seen
        finally:
            ended(node)


def surveyed(home: Path, known: Profile) -> tuple[Finding, ...]:
    """What ``quorate config check`` says of a home, without looking up names."""
    data = (home / "config" / "config.toml").read_bytes()
    around = asyncio.run(survey(real_world(os.environ), home, read_config(data, known)))
    return check(data, known, around=around)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ.get("PATH", "")}


def ended(node: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(node.pid, signal.SIGKILL)
    node.wait()


def _watch(node: subprocess.Popen[bytes], home: Path, log: Path, seconds: float) -> tuple[Verdict, str]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if node.poll() is not None:
            return "refused", _last(log)
        if _runs(home, log):
            # What the node does last in its start (dialling peers) can still end it.
            time.sleep(0.3)
            return ("started", "") if node.poll() is None else ("refused", _last(log))
        time.sleep(0.03)
    return "unclear", _last(log)


def _runs(home: Path, log: Path) -> bool:
    """Its log says so, or (a log level hides that) consensus has begun to write."""
    if b"Started node" in log.read_bytes():
        return True
    wal = home / "data" / "cs.wal" / "wal"
    return wal.exists() and wal.stat().st_size > 1000


def _last(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("ERROR", "panic"))]
    return (told or lines or ["nothing"])[-1][:300]


def compare(bench: Bench, chosen: Iterator[Case], jobs: int = 2) -> Iterator[Outcome]:
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(bench.run, chosen)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare check with the real node on changed config.toml files.")
    parser.add_argument("--profile", choices=tuple(GENERATION), action="append")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, help="one case, by its number")
    parser.add_argument("--kind", help="kinds of mistakes with this in their name, and no cases")
    said = parser.parse_args()
    faults = 0
    for name in said.profile or tuple(GENERATION):
        faults += _report(name, said)
    return 1 if faults else 0


def _report(name: str, said: argparse.Namespace) -> int:
    program = nodes_folder() / f"cometbft-{GENERATION[name]}"
    verdicts: Counter[str] = Counter()
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(profile(name), program, Path(folder))
        faults += _kinds(bench, said)
        if said.kind is not None:
            return faults
        count = said.cases if said.only is None else said.only + 1
        chosen = list(cases(bench.profile, bench.base(), said.seed, count))
        for outcome in compare(bench, iter(chosen if said.only is None else chosen[-1:]), said.jobs):
            verdicts[outcome.verdict] += 1
            if outcome.fault:
                faults += 1
                print(
                    f"{name} {outcome.case.name}\n    {outcome.fault}\n    check: {outcome.errors} {outcome.unknowns}",
                    flush=True,
                )
    print(f"{name}: {dict(verdicts)}, {faults} disagreements")
    return faults


def _kinds(bench: Bench, said: argparse.Namespace) -> int:
    from tests.differential.config_meetings import MEETINGS

    chosen = [kind for kind in KINDS if bench.profile.name in kind.profiles and (said.kind or "") in kind.name]
    with ThreadPoolExecutor(said.jobs) as pool:
        outcomes = list(pool.map(bench.try_kind, chosen if said.only is None else ()))
    for one in outcomes:
        if one.fault:
            print(f"{bench.profile.name} {one.kind.name}\n    {one.fault}", flush=True)
    faults = sum(bool(one.fault) for one in outcomes)
    verdicts = Counter(one.verdict for one in outcomes)
    for meeting in MEETINGS if said.kind is None else ():
        fault = meeting(bench)
        faults += bool(fault)
        print(f"{bench.profile.name} {meeting.__name__}: {fault or 'holds'}", flush=True)
    print(f"{bench.profile.name}: {len(outcomes)} kinds of mistakes, {dict(verdicts)}, {faults} disagreements")
    return faults


if __name__ == "__main__":
    sys.exit(main())
