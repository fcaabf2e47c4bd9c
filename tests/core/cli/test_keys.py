"""keys show on every kind of trouble, and keys new where nothing is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.cli.program import Operator, snapshot
from tests.core.keys.key_homes import PUBLIC, b64, make_home, node_file, public_of, put, seed_of, validator_file

SOUND = validator_file(seed_of("validator"))
OTHER = seed_of("other")


def _loose(home: Path) -> None:
    (make_home(home) / "config" / "node_key.json").chmod(0o644)


def _linked(home: Path) -> None:
    key = make_home(home) / "config" / "node_key.json"
    key.rename(home / "elsewhere")
    key.symlink_to(home / "elsewhere")


def _in_git(home: Path) -> None:
    make_home(home)
    (home / ".git").mkdir()
    (home / ".git" / "HEAD").write_text("ref: refs/heads/main\n")


def _both_generations(home: Path) -> None:
    put(make_home(home) / "config" / "priv_validator.json", SOUND)


def _remote(home: Path) -> None:
    put(make_home(home) / "config" / "config.toml", b'priv_validator_laddr = "tcp://127.0.0.1:26659"\n')


def _fifo(home: Path) -> None:
    make_home(home)
    (home / "config" / "node_key.json").unlink()
    os.mkfifo(home / "config" / "node_key.json")


def _folder(home: Path) -> None:
    make_home(home)
    (home / "config" / "node_key.json").unlink()
    (home / "config" / "node_key.json").mkdir()


def _ran(home: Path) -> None:
    make_home(home, state=b'{"height":"5","round":0,"step":3}')


def _changed(change: dict[str, object]) -> Callable[[Path], object]:
    return lambda home: make_home(home, validator=SOUND | change)


TROUBLE: dict[str, tuple[Callable[[Path], object], str, int]] = {
    "sound": (make_home, "", 0),
    "no home": (lambda home: None, "key-missing", 1),
    "a file for a home": (lambda home: home.write_text("x"), "key-missing", 1),
    "no node key": (lambda home: make_home(home, node=b""), "key-missing", 1),
    "not json": (lambda home: make_home(home, node=b"x"), "key-file-damaged", 1),
    "empty": (lambda home: put(make_home(home) / "config" / "node_key.json", b""), "key-file-damaged", 1),
    "pipe": (_fifo, "key-file-damaged", 1),
    "folder": (_folder, "key-file-damaged", 1),
    "other public key": (
        _changed({"pub_key": {"type": PUBLIC, "value": b64(public_of(OTHER))}}),
        "key-public-not-derived",
        1,
    ),
    "other address": (_changed({"address": "0" * 40}), "key-address-not-derived", 1),
    "one key for both": (
        lambda home: make_home(home, node=node_file(seed_of("validator"))),
        "key-validator-is-node",
        1,
    ),
    "no sign state": (lambda home: make_home(home, state=b""), "key-state-missing", 1),
    "damaged sign state": (lambda home: make_home(home, state=b"{"), "key-state-damaged", 1),
    "loose mode": (_loose, "key-mode-loose", 0),
    "link": (_linked, "key-is-link", 0),
    "git": (_in_git, "key-in-git", 0),
    "both generations": (_both_generations, "key-generations-both", 1),
    "remote signer": (_remote, "key-remote-signer", 0),
    "has run": (_ran, "key-home-has-run", 0),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_keys_show_tells_every_kind_of_trouble(alone: Operator, trouble: str) -> None:
    make, code, exit_code = TROUBLE[trouble]
    home = alone.folder / "h"
    make(home)
    before = snapshot(alone.folder)
    ran = alone.json("keys", "show", "--home", home)
    assert ran.code in (exit_code, 3) if not exit_code else ran.code == exit_code, ran.text
    assert code in ran.codes or not code
    assert snapshot(alone.folder) == before


def test_what_was_signed_last_is_unknown_without_a_sign_state(alone: Operator) -> None:
    last = {
        "no home": "",
        "no sign state": "unknown: there is no sign state",
        "damaged sign state": "unknown: it is not JSON",
        "remote signer": "unknown: the remote signer knows",
        "has run": "height 5 on a chain that it does not name",
        "sound": "nothing yet",
    }
    for trouble, expected in last.items():
        home = alone.folder / trouble
        TROUBLE[trouble][0](home)
        ran = alone.json("keys", "show", "--home", home)
        assert ran.json["keys"]["last_signed"] == expected
        assert (f"last_signed        {expected}" in alone.run("keys", "show", "--home", home).text) == bool(expected)


def test_keys_new_makes_both_and_keys_show_finds_them_sound(alone: Operator) -> None:
    shown = alone.json("keys", "new", "--home", alone.home)
    assert (shown.code, shown.codes) == (1, {"apply-needs-digest"}) and not alone.home.exists()
    assert shown.json["next"].endswith(f"--digest {shown.json['digest']}")
    made = alone.keys_new(alone.home)
    assert made.code == 0, made.text
    shown = alone.json("keys", "show", "--home", alone.home)
    assert (shown.code, shown.json["keys"]) == (0, made.json["keys"])
    for name in ("config/priv_validator_key.json", "config/node_key.json", "data/priv_validator_state.json"):
        assert (alone.home / name).stat().st_mode & 0o777 == 0o600
    before = snapshot(alone.home)
    again = alone.json("keys", "new", "--home", alone.home)
    assert (again.code, "keys-exist" in again.codes) == (1, True)
    assert snapshot(alone.home) == before
    assert made.json["next"].startswith("quorate home --network NAME --role ROLE --home ")


def test_no_keys_are_made_in_a_folder_of_something_else(alone: Operator) -> None:
    other = alone.folder / "etc"
    (other / "ssl").mkdir(parents=True)
    (other / "passwd").write_text("root\n")
    before = snapshot(alone.folder)
    ran = alone.json("keys", "new", "--home", other)
    assert (ran.code, ran.codes) == (1, {"home-not-a-home"}) and snapshot(alone.folder) == before
    assert "looked for config/config.toml" in ran.findings[0]["message"]
