"""Promise P4: names and contents of files, the environment and what is pasted reach the terminal only made visible."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import a_card, a_key

from ..driver import NETWORK
from .console import FIRST, Machine
from .foreign import EVIL, MARKUP, NAME, check, foreign, is_bad, walk


def _home(home: Path) -> None:
    """Files as an enemy, or an accident, may leave them."""
    config = home / "config"
    text = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in EVIL.replace("\ud800", ""))
    settings = {"p2p": ("laddr", "external_address", "persistent_peers", "seeds"), "rpc": ("laddr",)}
    lines = [
        f'{name} = "{text}"' for name in ("moniker", "log_level", "proxy_app", "db_dir", "genesis_file", "fast_sync")
    ]
    for table, names in settings.items():
        lines += [f"[{table}]", *(f'{name} = "{text}"' for name in names), f'"{text}" = "{text}"']
    lines += [f'["{text}"]', f'"{text}" = 1', f"# {MARKUP} \u202e\x9b31m"]
    (config / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (config / "genesis.json").write_text(json.dumps(_genesis()))
    for name in (NAME, f"{NAME}.json", f"addrbook.json.{NAME}"[:200]):
        (config / name).write_text(EVIL.replace("\ud800", ""), encoding="utf-8")


def _genesis() -> object:
    key = {"type": "tendermint/PubKeyEd25519", "value": a_key("alice validator").base64}
    sound = {"address": a_key("alice validator").address, "pub_key": key, "power": "10", "name": EVIL}
    strange = {"address": EVIL, "pub_key": {"type": EVIL, "value": EVIL}, "power": EVIL, "name": EVIL, EVIL: EVIL}
    params = {"block": {"max_bytes": "22020096", "max_gas": "-1", EVIL: EVIL}, EVIL: {EVIL: EVIL}}
    return {
        "genesis_time": "2026-11-24T12:00:00Z",
        "chain_id": MARKUP,
        "initial_height": "1",
        "consensus_params": params,
        "validators": [sound, strange],
        "app_hash": "",
        "app_state": {EVIL: EVIL},
        EVIL: EVIL,
    }


def test_files_of_the_home_the_environment_and_the_machine(member: Machine) -> None:
    _home(member.user.home)
    readable = EVIL.replace("\0", "").replace("\ud800", "")
    environ = dict.fromkeys(("TM_P2P_LADDR", "TM_MONIKER", "TMHOME", "CMTHOME", "USER", "LOGNAME", "EDITOR"), readable)
    with member.start(size=(100, 30), **environ) as console:
        console.go_on()
        walk(console)
        check(console)


def test_names_of_folders(member: Machine) -> None:
    """The home, the state and the folder in which it was started."""
    user = member.user
    home = user.folder / NAME
    user.home.rename(home)
    user.state.change(lambda local: replace(local, home=str(home)))
    root = user.folder / f"state {NAME}"
    user.root.rename(root)
    with member.start("--state", str(root)) as console:
        console.go_on()
        walk(console)
        console.key("ctrl+q").calm()
        check(console)


def test_the_line_and_the_log_of_a_fault(member: Machine) -> None:
    root = member.user.folder / f"state {NAME}"
    member.user.root.rename(root)
    body = f"def action_next(self):\n    raise ValueError({EVIL!r})\nFrame.action_next = action_next\n"
    source = f"from tui.frame import Frame\n{body}"
    with member.script(source, QUORATE_STATE=str(root)) as console:
        console.sees("Go on", FIRST).key("ctrl+n")
        assert console.end(20) == 1
        assert foreign(bytes(console.raw)) == set()
    (log,) = root.glob("crash-*.log")
    assert not any(is_bad(char) for char in log.read_text() if char != "\n")


def test_what_refuses_to_start(member: Machine) -> None:
    """Before there is a screen: a state that can not be read, with a name like that."""
    bad = member.user.folder / f"state {NAME}"
    bad.mkdir()
    (bad / NETWORK).mkdir()
    (bad / NETWORK / "local.json").write_text(json.dumps({"v": 1, EVIL: EVIL}))
    with member.start("--state", str(bad)) as console:
        console.sees(FIRST).calm()
        console.changes("f1").key("escape", "ctrl+t").calm()
        check(console)


@contextmanager
def _held(path: Path, told: str) -> Iterator[None]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, told.encode("utf-8", "surrogatepass"), 0)
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@pytest.mark.parametrize("told", [json.dumps({"pid": EVIL, "host": EVIL, "doing": EVIL}), EVIL])
def test_who_holds_the_state(member: Machine, told: str) -> None:
    with _held(member.user.state.folder / "wizard", told), member.start() as console:
        console.sees("Another wizard works on this network.").calm()
        console.key("f1", "escape", "ctrl+t").calm()
        check(console)


def test_a_foreign_genesis_on_a_screen(member: Machine) -> None:
    file = member.user.folder / NAME
    file.write_text(json.dumps(_genesis()))
    with member.start("genesis", "review", str(file), "--screen") as console:
        console.sees("F1").calm()
        for _ in range(6):
            console.key("tab", "f1", "escape", "pagedown", "enter").calm(0.1)
            console.key("escape")
        check(console)


def test_what_is_pasted_and_opened(member: Machine) -> None:
    """A chat around documents, and files and folders by their names."""
    from core.documents.armour import armour

    fields = {"network": NETWORK, "contact": MARKUP, "software": MARKUP}
    card = armour(a_card(MARKUP[:40].strip(), node="bob", p2p=("n.example.org:26656",), **fields))
    chat = f"{EVIL}\n{card}\n{EVIL} begin quorate card. {EVIL} end quorate card.\n".replace("\ud800", "").replace(
        "\0", ""
    )
    folder = member.user.folder / NAME
    folder.mkdir()
    (folder / NAME).write_text(chat, encoding="utf-8")
    with member.start() as console:
        console.go_on().sees("26656")
        # A terminal takes ESC out of a paste, so that it can not end the brackets; here it does not.
        console.paste(chat.replace("\x1b[", "\x1b").replace("\x1b]", "]"))
        console.calm()
        console.key("ctrl+n").calm()
        console.key("f1", "escape", "ctrl+t", "escape", "ctrl+n").calm()
        console.key("escape", "escape")
        walk(console)
        check(console)
