"""Promise P4: what comes from the world reaches the terminal only made visible, on every page, byte by byte."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.local import Decision
from core.steps import IDS, step
from tests.builders import a_card, a_key, a_record, an_acceptance, an_attestation, an_unsigned

from ..driver import NETWORK, WizardDriver
from .console import FIRST, Console, Machine

MARKUP = "[bold red]x[/] [/nope] [@click=app.quit]y[/] [$ink"
"""As far as the models let it through: printable ASCII."""
ESCAPES = "\x1b]52;c;UFdORUQ=\x07\x1b]0;PWNED\x1b\\\x1b[2J\x1b[31m\x9b31m\x9d0;x\x9c\x1bP1$r\x1b\\\x1bc\x08\x7f\r\x00"
HIDDEN = "\u202eevil\u2066\u2069\u200b\u200f\ufeff\u00ad\u2028\U000e0041\ud800"
EVIL = f"E{MARKUP}{ESCAPES}{HIDDEN}"
NAME = EVIL.replace("/", "|").replace("\0", "").replace("\ud800", "")
"""As a file may be called."""

_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;]*[mHJ]|\[[?][0-9;]+(?:[hl]|\$p)|\[<u)")


def foreign(raw: bytes) -> set[str]:
    """What no terminal should have been sent."""
    text = raw.decode("utf-8", "surrogateescape")
    rest = _SEQUENCE.sub("", text).replace("\r\n", "")
    found = {f"{char!r} in {rest[max(0, at - 20) : at + 20]!r}" for at, char in enumerate(rest) if _is_bad(char)}
    titles = {one for one in ("PWNED\x07", "\x1b]52", "\x1b]0", "\x1b]8") if one in text}
    return found | titles


def _is_bad(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def walk(console: Console) -> None:
    """Through every step, each of its fields, and what opens from them. ``^P`` closes a page, quicker than Esc."""
    for number in range(1, 8):
        console.to_step(number).calm(0.1)
        for _ in range(6):
            console.key("f1", "ctrl+p", "tab")
            if not console.focus:
                break
        for key in ("ctrl+t", "ctrl+n"):
            console.key(key).calm(0.1)
            console.key("pagedown", "f1", "pagedown", "escape", "escape")
        # Rows of lists, and what they open.
        for _ in range(2):
            console.key("tab", "enter").calm(0.1)
            console.key("pagedown", "escape")
        _is_well(console)


def _is_well(console: Console) -> None:
    if console.process.poll() is not None:
        logs = [log.read_text() for log in console.folder.rglob("crash-*.log")]
        pytest.fail(f"it has ended:\n{console.screen.text}\n" + "\n".join(logs))


def check(console: Console) -> None:
    _is_well(console)
    console.calm()
    console.signal(signal.SIGTERM)
    assert console.end(20) == 143
    assert foreign(bytes(console.raw)) == set()


def _said(user: WizardDriver) -> None:
    """Everything that can be answered, decided and remembered, with the worst in it."""
    local = replace(user.state.local, field=EVIL, expected=(EVIL, MARKUP))
    answers = {id: {field.name: EVIL for field in step(id).fields} for id in IDS if id != "home"}
    dave = an_unsigned("dave").named(MARKUP)
    unsigned = {dave.node_id: dave.body.decode()}
    decisions = {
        a_key("alice").node_id: Decision(a_card("alice").id, "hold", EVIL, EVIL),
        dave.node_id: Decision(dave.id, "refuse", EVIL, EVIL),
        EVIL: Decision(EVIL, "approve", EVIL, EVIL),
    }
    more = {**local.answers, **answers}
    user.state.change(lambda local: replace(local, answers=more, unsigned=unsigned, decisions=decisions))


def _received(user: WizardDriver, owner: str = "alice") -> None:
    """Documents of others, really signed."""
    fields = {"network": NETWORK, "contact": MARKUP * 2, "software": MARKUP}
    cards = [
        a_card(
            f"{name} {MARKUP}"[:64].strip(),
            node=name,
            validator=f"{name} validator",
            p2p=("n.example.org:26656",),
            **fields,
        )
        for name in ("alice", "bob", "carol")
    ]
    record = a_record([*cards, an_unsigned("dave").named(MARKUP)], network=NETWORK, note=MARKUP * 8)
    more = [an_acceptance(record, "bob"), an_attestation(record, "dave", owner=owner, how=MARKUP)]
    user.state.add((*cards, record, *more))


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


def test_answers_decisions_and_reasons(member: Machine) -> None:
    _said(member.user)
    with member.start() as console:
        console.sees("Go on", FIRST).calm()
        console.key("f1", "escape", "enter").lacks("Where to?")
        walk(console)
        assert "[bold red]x[/]" in console.raw.decode("utf-8", "replace"), "shown, and literally"
        check(console)


@pytest.mark.parametrize("role", ["member", "coordinator"])
def test_documents_of_others(member: Machine, role: str) -> None:
    member.user.known(role=role)
    _received(member.user)
    with member.start() as console:
        console.go_on()
        walk(console)
        assert "[bold red]x" in console.raw.decode("utf-8", "replace")
        check(console)


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
    assert not any(_is_bad(char) for char in log.read_text() if char != "\n")


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
