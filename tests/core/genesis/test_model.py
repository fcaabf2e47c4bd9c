"""A genesis is written byte for byte as the node writes it, and read back as the same value."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.finding import Severity, has_error
from core.genesis.checks import check
from core.genesis.model import Genesis, Validator, address_of, default_params, quoted, render
from core.genesis.reading import parse
from core.profiles import NAMES, profile
from tests.builders import TestKey

VECTORS = Path(__file__).parents[2] / "vectors" / "genesis"


def genesis(name: str = "tendermint-0.34", members: int = 4) -> Genesis:
    validators = tuple(Validator(TestKey(f"genesis {i}").public, 10, f"Member {i}") for i in range(members))
    return Genesis("example-1", "2026-12-01T12:00:00Z", default_params(profile(name)), validators)


@pytest.mark.parametrize("name", NAMES)
def test_what_init_of_each_generation_wrote_is_read_and_written_again_byte_for_byte(name: str) -> None:
    data = (VECTORS / f"init-{name}.json").read_bytes()
    parsed = parse(data, profile(name))
    assert parsed.findings == ()
    assert parsed.genesis is not None
    assert render(parsed.genesis, profile(name)) == data
    assert parsed.genesis.params == default_params(profile(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_rendered_genesis_has_nothing_to_complain_about_and_no_newline_at_the_end(name: str) -> None:
    data = render(genesis(name), profile(name))
    assert not has_error(check(data, profile(name)))
    assert data.endswith(b"}")


def test_the_order_in_which_parameters_were_given_does_not_change_the_bytes() -> None:
    one = genesis()
    other = replace(one, params=tuple(reversed(one.params)))
    known = profile("tendermint-0.34")
    assert render(one, known) == render(other, known)


def test_go_escapes_angle_brackets_and_ampersand_and_so_do_we() -> None:
    assert quoted("<a>&\u2028\u2029ä") == '"\\u003ca\\u003e\\u0026\\u2028\\u2029ä"'


@given(st.text(), st.text(max_size=50))
def test_every_text_comes_back_as_it_went_in_but_half_characters(name: str, chain_id: str) -> None:
    one = replace(genesis(), chain_id=chain_id, validators=(Validator(TestKey("a").public, 1, name),))
    back = parse(render(one, profile("tendermint-0.34")), profile("tendermint-0.34")).genesis
    assert back is not None
    assert back.chain_id == chain_id
    assert back.validators[0].name == name


JSON = st.recursive(
    st.integers() | st.text() | st.booleans(),
    lambda inner: st.lists(inner | st.none()) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_the_application_state_is_laid_out_and_its_meaning_kept(state: object) -> None:
    known = profile("cometbft-0.38")
    data = render(replace(genesis("cometbft-0.38"), app_state=json.dumps(state)), known)
    assert json.loads(data)["app_state"] == state
    back = parse(data, known).genesis
    assert back is not None
    assert render(back, known) == data


def test_the_application_state_is_laid_out_as_go_does_it() -> None:
    data = render(
        replace(genesis(members=1), app_state='{"a":[1, 2.50],"b":{},"c":[ ],"d":"x{,}"}'), profile("cometbft-1.0")
    )
    expected = b"""  "app_state": {
    "a": [
      1,
      2.50
    ],
    "b": {},
    "c": [],
    "d": "x{,}"
  }
}"""
    assert data.endswith(expected)


def test_addresses_are_those_that_the_nodes_show() -> None:
    vectors = json.loads((VECTORS / "hashes.json").read_bytes())
    for name, key in vectors["keys"].items():
        assert address_of(bytes.fromhex(key)) == vectors["addresses"][name]


def test_a_secp256k1_address_is_ripemd_of_sha() -> None:
    key = bytes.fromhex("031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f")
    assert address_of(key, "secp256k1") in ("79B000887626B294A914501A4CD226B58B235983", "")


def test_the_optional_application_version_of_0_34_survives() -> None:
    data = (
        (VECTORS / "init-tendermint-0.34.json")
        .read_bytes()
        .replace(b'"version": {}', b'"version": {"app_version": "3"}')
    )
    parsed = parse(data, profile("tendermint-0.34"))
    assert parsed.findings == ()
    assert parsed.genesis is not None
    assert parsed.genesis.param("version.app_version") == "3"
    assert b'"app_version": "3"' in render(parsed.genesis, profile("tendermint-0.34"))


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{", b"\xff", b'"x"', b"[" * 100_000, b'{"a":' * 50_000, b"1" * 9_000]
)
def test_what_is_no_genesis_is_a_finding_and_never_a_traceback(data: bytes) -> None:
    parsed = parse(data, profile("tendermint-0.34"))
    assert parsed.genesis is None
    assert any(finding.severity in (Severity.ERROR, Severity.UNKNOWN) for finding in parsed.findings)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_give_findings(data: bytes) -> None:
    assert has_error(check(data, profile("cometbft-0.38")))


def test_work_grows_in_step_with_the_members() -> None:
    known = profile("tendermint-0.34")

    def seconds(members: int) -> float:
        one = genesis(members=members)
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            check(render(one, known), known)
            best = min(best, time.process_time() - start)
        return best

    seconds(10)
    assert seconds(1000) < 10 * 3 * seconds(100)
