"""Peer strings over several lines, and second settings: mended before anything parses the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.repair import repair
from core.documents.toml import read_toml
from tests.core.config.configs import DOCUMENTS, real

ONE, TWO = f"{'1' * 40}@a.example.org:26656", f"{'2' * 40}@b.example.org:26656"
JOINED = f'persistent_peers = "{ONE},{TWO}" # c\n'


@pytest.mark.parametrize(
    "written",
    [
        f'"{ONE},\\\n{TWO},"',
        f'"{ONE},\\\r\n{TWO},\\\r\n"',
        f'"\\\n  {ONE},\\\n  {TWO}"',
        f'"{ONE},\n{TWO}"',
        f'"""{ONE},\n{TWO}"""',
        f'"""\n{ONE},\n\t{TWO},\n"""',
        f"'''{ONE},\n{TWO}'''",
    ],
)
def test_a_list_over_several_lines_is_put_on_one(written: str) -> None:
    mended = repair(f"a = 1\npersistent_peers = {written} # c\n".encode())
    assert mended.data.decode() == f"a = 1\n{JOINED}"
    assert [(one.code, one.subject) for one in mended.findings] == [("config-peers-several-lines", "config.toml:2")]


@pytest.mark.parametrize(
    "data",
    [
        real("tendermint-0.34"),
        JOINED.encode(),
        b'persistent_peers = """a@b:1,\\\n   c@d:2"""\n',
        b'persistent_peers = "a@b:1\n[p2p]\nmoniker = "x"\n',
        b'# persistent_peers = "a,\\\nb"\n',
        b'persistent_peers = "a',
        b"\xff\xfe",
        b"",
        b"pex = true\npex = false\n",
        b"moniker = 'a\n'\nmoniker = 5",
    ],
)
def test_what_needs_no_repair_or_can_not_have_one_stays(data: bytes) -> None:
    assert repair(data).data == data
    assert repair(data).findings == ()


def test_the_documents_own_block_can_be_read_afterwards() -> None:
    for data in (real("cometbft-0.38") + DOCUMENTS, DOCUMENTS + real("cometbft-0.38")):
        assert read_toml(data).values is None
        assert read_toml(repair(data).data).values is not None


def test_a_second_setting_of_a_documents_key_goes_and_nothing_else() -> None:
    mended = repair(b'moniker = "a"\nx = 1\nmoniker = "b"\n[p2p]\npex = true\nsend_rate = 1\nsend_rate = 2\n')
    assert mended.data == b'moniker = "a"\nx = 1\n[p2p]\npex = true\nsend_rate = 1\n'
    assert [one.subject for one in mended.findings] == ["config.toml:3", "config.toml:7"]


@given(st.text(alphabet="persistent_peers =\"'\\\n\r\t,a@#[]", max_size=60))
def test_no_text_makes_it_raise_and_mending_twice_is_mending_once(text: str) -> None:
    once = repair(text.encode()).data
    assert repair(once).data == once
