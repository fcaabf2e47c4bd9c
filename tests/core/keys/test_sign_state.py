"""Every field of a sign state, judged as the node of the profile reads it, and stricter where the node is careless."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.keys.sign_state import StateFile, fresh_sign_state, judge, parse_sign_state
from tests.core.keys.test_model import vote

SIGNATURE = base64.b64encode(bytes(64)).decode()
SIGNED: dict[str, Any] = {
    "height": "7",
    "round": 1,
    "step": 3,
    "signature": SIGNATURE,
    "signbytes": vote("old-1", 7).hex().upper(),
}


def read(content: bytes | dict[str, Any], *, old: bool = False) -> StateFile:
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    return parse_sign_state(data, round_quoted=old)


def words(found: StateFile) -> str:
    return "; ".join(trouble.said for trouble in found.troubles)


@pytest.mark.parametrize("old", [True, False])
def test_a_fresh_state_is_read_back_as_nothing_signed_by_its_own_generation_alone(old: bool) -> None:
    content = fresh_sign_state(round_quoted=old)
    found = read(content, old=old)
    assert found.state is not None and not found.state.has_signed and not found.troubles
    assert not content.endswith(b"\n")
    (trouble,) = read(content, old=not old).troubles
    assert trouble.other_form and "round" in trouble.said and "not the height" in trouble.fix


def test_a_state_that_has_signed_names_its_chain() -> None:
    found = read(SIGNED)
    assert not found.troubles and found.state is not None
    state = found.state
    assert (state.height, state.round, state.step, state.chain_id, state.sign_bytes) == (7, 1, 3, "old-1", "read")


def test_what_another_generation_spells_otherwise_is_translated_and_the_height_is_known() -> None:
    spelled = {
        "round": ({**SIGNED, "round": "1"}, '"round": 1 '),
        "height": ({**SIGNED, "height": 7}, '"height": "7" '),
        "step": ({**SIGNED, "step": "3"}, '"step": 3 '),
    }
    for name, (content, wanted) in spelled.items():
        found = read(content)
        (trouble,) = found.troubles
        assert trouble.other_form and name in trouble.said and wanted in trouble.fix
        assert found.state is not None and (found.state.height, found.state.chain_id) == (7, "old-1")
    (trouble,) = read({**SIGNED, "round": "1", "signature": {"type": "x", "value": SIGNATURE}}, old=True).troubles
    assert trouble.other_form and "signature" in trouble.said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"height": None}, "no height"),
        ({"round": None}, "no round"),
        ({"step": None}, "no step"),
        ({"height": "-1"}, "expected 0 to"),
        ({"height": str(2**63)}, "expected 0 to"),
        ({"height": " 7"}, "no whole number"),
        ({"height": "07"}, "no whole number"),
        ({"height": "7.0"}, "no whole number"),
        ({"height": "x"}, "no whole number"),
        ({"height": "\u0667"}, "no whole number"),
        ({"height": True}, "no whole number"),
        ({"height": {}}, "no whole number"),
        ({"round": 2**31}, "expected 0 to 2147483647"),
        ({"round": -1}, "expected 0 to"),
        ({"round": 0.0}, "no whole number"),
        ({"step": 4}, "expected 0 to 3"),
        ({"step": -1}, "expected 0 to 3"),
        ({"step": 128}, "expected 0 to 3"),
    ],
)
def test_a_number_that_is_none_leaves_what_was_signed_unknown(change: dict[str, Any], said: str) -> None:
    found = read({**SIGNED, **change})
    assert found.state is None and said in words(found)
    assert not any(trouble.other_form for trouble in found.troubles)


@pytest.mark.parametrize("name", ["height", "round", "step"])
def test_a_field_that_is_missing_or_in_capitals_is_never_taken_for_0(name: str) -> None:
    left = {key: value for key, value in SIGNED.items() if key != name}
    assert read(left).state is None and f"no {name}" in words(read(left))
    variant = read({**left, name.upper(): SIGNED[name]})
    assert variant.state is None and name.upper() in words(variant)


def test_a_variant_beside_the_field_is_told_too() -> None:
    assert "HEIGHT" in words(read({**SIGNED, "HEIGHT": "9"}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"signbytes": "zz"}, "hex"),
        ({"signbytes": "0"}, "hex"),
        ({"signbytes": "0a 0b"}, "hex"),
        ({"signbytes": 5}, "hex"),
        ({"signature": "AA"}, "base64"),
        ({"signature": "_-A="}, "base64"),
        ({"signature": [1, 2]}, "base64"),
        ({"signature": "AA=="}, "1 bytes, expected 64"),
        ({"signature": None}, "signbytes and no signature"),
        ({"signbytes": ""}, "signature and no signbytes"),
        ({"height": "6"}, "sign bytes are of height 7"),
    ],
)
def test_sign_bytes_and_signature_are_judged(change: dict[str, Any], said: str) -> None:
    assert said in words(read({**SIGNED, **change}))


def test_unreadable_sign_bytes_are_told_apart_from_none() -> None:
    def kind(value: object) -> str:
        state = read({**SIGNED, "signbytes": value}).state
        assert state is not None
        return state.sign_bytes

    assert [kind(value) for value in ("", None, "00", "zz", 5)] == ["none", "none", *["unreadable"] * 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "not JSON"),
        (b"null", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"\xff", "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b'\xef\xbb\xbf{"height":"0","round":0,"step":0}', "byte order mark"),
        (b'{"height":"0","round":0,"step":0}x', "not JSON"),
        (b'{"height":"0","round":NaN,"step":0}', "not JSON"),
        (b'{"height":"5","height":"0","round":0,"step":0}', "height twice"),
        (b'{"height":"\\u0035","round":0,"step":0}', "backslash"),
    ],
)
def test_what_is_no_sign_state_is_told_in_our_words(content: bytes, said: str) -> None:
    found = read(content)
    assert found.state is None and said in words(found) and all(trouble.fix for trouble in found.troubles)


def test_a_strange_field_is_only_told() -> None:
    found = read({**SIGNED, "note": "x"})
    assert (found.strange, found.troubles) == (("note",), ())


def test_the_state_inside_an_old_key_file_names_its_chain() -> None:
    signed = b'{"@chain_id":"test-chain-la6HSr","@type":"vote","height":"3","round":"0"}'
    fields = {"height": "3", "round": "0", "step": 3, "signbytes": signed.hex().upper()}
    found = judge(fields, round_quoted=True, with_signature=False)
    assert found.state is not None and not found.troubles
    assert (found.state.height, found.state.chain_id) == (3, "test-chain-la6HSr")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize(
    "heights",
    [
        '"height":"5","Height":"0"', '"Height":"0","height":"5"', '"Height":"5","height":"0"',
        '"height":"0","Height":5',
        '"height":"5","height":"0"', '"Height":"5","HEIGHT":"3"', '"height":null,"Height":"5"',
    ],
)  # fmt: skip
def test_of_several_heights_the_advice_keeps_the_highest(heights: str) -> None:
    found = parse_sign_state(f'{{{heights},"round":0,"step":3}}'.encode(), round_quoted=False)
    fixes = {one.fix for one in found.troubles if "the field" in one.said}
    assert len(fixes) == 1 and 'the highest of their values: "height": "5"' in fixes.pop()


def test_of_several_rounds_no_value_is_chosen() -> None:
    found = parse_sign_state(b'{"height":"5","round":0,"Round":3,"step":3}', round_quoted=False)
    assert ["restore the file" in one.fix for one in found.troubles] == [True]


@given(st.dictionaries(st.sampled_from([*SIGNED, "Height", "x"]), JSON), st.booleans())
def test_any_values_are_answered_and_nothing_definite_comes_of_what_is_not(content: dict[str, Any], old: bool) -> None:
    found = read(content, old=old)
    if found.state is not None:
        assert all(str(content[name]) == str(getattr(found.state, name)) for name in ("height", "round", "step"))
    else:
        assert found.troubles
