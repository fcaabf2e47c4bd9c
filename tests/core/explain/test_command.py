"""``quorate explain``: the same texts without the wizard."""

from __future__ import annotations

import json

import pytest

from core.cli import main


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["explain", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_code_is_explained_with_why_fix_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "config-peers-upper-case")
    assert code == 0 and err == ""
    assert all(label in out for label in ("Why", "Fix", "Source", "See also", "Word"))
    assert all(len(line) <= 78 for line in out.splitlines())


def test_words_of_several_letters_need_no_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    assert "fingerprint of the node key" in said(capsys, "node", "id")[1]


def test_without_a_name_all_words_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "quorate         all members with power" in said(capsys)[1]


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, "pex", "--json")[1])
    assert [one["name"] for one in told["explanations"]] == ["config.pex", "p2p.pex"]
    assert told["findings"] == []


def test_what_is_unknown_is_wrong_usage_and_names_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "config-rcp-open\x1b[31m")
    assert code == 2 and out == "" and "config-rpc-open" in err and "\x1b" not in err
