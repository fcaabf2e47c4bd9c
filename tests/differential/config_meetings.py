"""Real nodes that do or do not meet, on loopback: what findings about peers say comes true."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from core.config.checks import check
from core.finding import Severity
from tests.differential.config import Bench, ended, free_ports
from tests.differential.config_cases import set_raw
from tests.differential.config_kinds import KEY, NODE_KEY, identity

_FIRST, _AFTER = 20.0, 4.0
"""Seconds until peers must have met, and seconds in which one more could come."""


@dataclass(frozen=True, slots=True)
class Running:
    node_id: str
    validator: str
    """Address of its validator key, upper case."""
    p2p: int
    rpc: int

    def peers(self) -> int:
        """How many it is connected to; -1 while its RPC does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rpc}/net_info", timeout=2) as answer:
                return int(json.load(answer)["result"]["n_peers"])
        except (OSError, ValueError):
            return -1

    def most_peers(self, wanted: int) -> int:
        """The most that it has at one time, waiting a while for more than ``wanted``."""
        most, until, last = -1, time.monotonic() + _FIRST, 0.0
        while time.monotonic() < until:
            now = self.peers()
            if now > most:
                most, last = now, time.monotonic()
            if most >= wanted and time.monotonic() > last + _AFTER:
                break
            time.sleep(0.1)
        return most


@contextlib.contextmanager
def node(bench: Bench, name: str, *settings: tuple[str, str, str], fresh: bool = True) -> Iterator[Running]:
    """A node with keys of its own (``fresh``) on the bench's chain; settings are table, key and TOML value."""
    home = bench.folder / name
    shutil.copytree(bench.template, home)
    if fresh:
        (home / NODE_KEY).unlink()
        (home / KEY).unlink()
    p2p, rpc = free_ports(2)
    text = bench.base()
    for table, key, raw in (
        ("p2p", "laddr", f'"tcp://127.0.0.1:{p2p}"'),
        ("rpc", "laddr", f'"tcp://127.0.0.1:{rpc}"'),
        *settings,
    ):
        text = set_raw(text, table, key, raw)
    (home / "config" / "config.toml").write_text(text, "utf-8")
    environ = {"HOME": str(home), "PATH": os.environ.get("PATH", "")}
    with (home / "log").open("wb") as log:
        argv = [str(bench.program), "start", "--home", str(home), "--proxy_app=kvstore"]
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environ, cwd=home,
                                   start_new_session=True)  # fmt: skip
    try:
        until = time.monotonic() + _FIRST
        while not (home / NODE_KEY).exists() and time.monotonic() < until:
            time.sleep(0.05)
        node_id = bench.node_id(home)
        yield Running(node_id, identity(home, node_id)["VAL"], p2p, rpc)
    finally:
        ended(process)
        shutil.rmtree(home, ignore_errors=True)


def wrong_ids_keep_nodes_apart(bench: Bench) -> str:
    """Why that does not hold; empty if it does: the right id connects, and no other identifier of the peer does."""
    with node(bench, "other") as other:
        wrong = [f"{other.node_id.upper()}", other.validator, other.validator.lower(), "ab" * 20]
        for ids, wanted in ((wrong, 0), ([other.node_id], 1)):
            value = ",".join(f"{one}@127.0.0.1:{other.p2p}" for one in ids)
            with node(bench, "one", ("p2p", "persistent_peers", f'"{value}"'), fresh=False) as one:
                found = one.most_peers(wanted)
            if found != wanted:
                return f"{found} peers with {value}, expected {wanted}"
    return ""


def one_address_needs_duplicates(bench: Bench) -> str:
    """Why that does not hold; empty if it does: of two peers at one address one is refused, unless that is allowed."""
    with node(bench, "second") as second, node(bench, "third") as third:
        peers = ",".join(f"{one.node_id}@127.0.0.1:{one.p2p}" for one in (second, third))
        for allowed, wanted in (("false", 1), ("true", 2)):
            settings = (("p2p", "persistent_peers", f'"{peers}"'), ("p2p", "allow_duplicate_ip", allowed))
            with node(bench, "one", *settings, fresh=False) as one:
                found = one.most_peers(wanted)
            text = bench.base()
            for table, key, raw in settings:
                text = set_raw(text, table, key, raw)
            said = {one.code for one in check(text.encode(), bench.profile) if one.severity >= Severity.WARNING}
            if found != wanted or ("config-shared-address" in said) != (wanted == 1):
                return f"{found} peers with allow_duplicate_ip = {allowed}, expected {wanted}; found: {sorted(said)}"
    return ""


MEETINGS = (wrong_ids_keep_nodes_apart, one_address_needs_duplicates)
