"""Values of TOML are read in bounded time, and whatever can not be read is one kind of error."""

from __future__ import annotations

import time
import tomllib

import pytest

from core.documents.toml_values import TooDeep, load_values


def test_a_config_is_read_as_tomllib_reads_it() -> None:
    text = 'a = 1\nb.c.d = "x.y.z"\n[p2p]\npersistent_peers = "' + ",".join(["id@192.0.2.1:26656"] * 500) + '"\n'
    assert load_values(text) == tomllib.loads(text)


@pytest.mark.parametrize("part", ["a", '"a"', "'a'", ' "b" '])
def test_a_dotted_key_without_end_costs_no_time(part: str) -> None:
    begun = time.process_time()
    with pytest.raises(TooDeep):
        load_values(".".join([part] * 50_000) + " = 1")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("text", ["x = " + "[" * 20_000, "x = " + "9" * 5_000, "x = 2026-13-41", "x"])
def test_every_fault_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        load_values(text)
