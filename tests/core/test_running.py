"""Where the RPC of a node is asked: on loopback, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.home.model import open_home
from core.profiles import profile
from core.running import _base
from tests.core.keys.key_homes import make_home, put, this_world


@pytest.mark.parametrize(
    ("laddr", "base"),
    [
        ("tcp://127.0.0.1:26657", "http://127.0.0.1:26657"),
        ("tcp://0.0.0.0:36657", "http://127.0.0.1:36657"),
        ("tcp://[::]:26657", "http://[::1]:26657"),
        ("[::1]:26657", "http://[::1]:26657"),
        ("tcp://:26657", "http://127.0.0.1:26657"),
        ("tcp://localhost:26657,tcp://10.0.0.1:1", "http://127.0.0.1:26657"),
        ("", "http://127.0.0.1:26657"),
        ("tcp://10.0.0.5:26657", None),
        ("tcp://node.example.org:26657", None),
        ("unix:///run/node.sock", None),
        ("tcp://127.0.0.1", None),
        ("tcp://127.0.0.1:x@evil.example:80", None),
        ("://", None),
    ],
)
def test_where_it_is_asked(tmp_path: Path, laddr: str, base: str | None) -> None:
    home = make_home(tmp_path / "home")
    put(home / "config" / "config.toml", f'[rpc]\nladdr = "{laddr}"\n'.encode(), 0o644)
    assert _base(open_home(this_world().files, home, profile("tendermint-0.34"))) == base
