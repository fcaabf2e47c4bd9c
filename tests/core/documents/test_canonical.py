"""Canonical JSON has one spelling, the one of RFC 8785."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.canonical import MAX_INTEGER, JsonValue, Malformed, canonical, parse_canonical

TEXTS = st.text(st.characters(max_codepoint=0x7E), max_size=12)
VALUES = st.recursive(
    st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_it_writes_what_rfc_8785_writes_and_reads_it_back(value: JsonValue) -> None:
    data = canonical(value)
    assert data == rfc8785.dumps(value)
    assert parse_canonical(data) == value


@settings(max_examples=400)
@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.eE-+\\u0041tfn', max_size=40).map(str.encode))
def test_bytes_are_canonical_or_malformed(data: bytes) -> None:
    try:
        value = parse_canonical(data)
    except Malformed:
        return
    assert canonical(value) == data


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b"\xef\xbb\xbf{}",
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":true}',
        b'{"a":null}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"1" * 5000 + b"}",
        b'{"a":"\\u0041"}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\xc3\xa9"}',
        b'{"a":"\\/"}',
        b'{"a":"\x7f"}',
        b"[" * 5000 + b"]" * 5000,
        b"",
        b"[",
        b'"' + b"a" * (1 << 20) + b'"',
    ],
)
def test_every_other_spelling_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_canonical(data)


@pytest.mark.parametrize("value", [1.5, None, True, {"a": False}, ["\u00e9"], 2**53, {"\u00e9": 1}])
def test_values_that_payloads_can_not_have_are_not_written(value: JsonValue) -> None:
    with pytest.raises(Malformed):
        canonical(value)


def test_depth_is_limited_in_both_directions() -> None:
    value: JsonValue = []
    for _ in range(40):
        value = [value]
    with pytest.raises(Malformed):
        canonical(value)
    with pytest.raises(Malformed):
        parse_canonical(json.dumps(value, separators=(",", ":")).encode())
