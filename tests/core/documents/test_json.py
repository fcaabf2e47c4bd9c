"""Strict JSON reads what every reader reads alike, and tells the rest."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.json import JsonValue, Read, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh", max_size=4), inner, max_size=4),
    max_leaves=12,
)


def codes(read: Read) -> list[str]:
    return [finding.code for finding in read.findings]


@given(VALUES)
def test_what_json_writes_is_read_back_without_a_finding(value: JsonValue) -> None:
    for ascii_only in (True, False):
        data = json.dumps(value, ensure_ascii=ascii_only).encode()
        assert read_json(data) == Read(value)


@settings(max_examples=400)
@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.eE-+\\ud8aflsrnt N', max_size=40).map(str.encode))
def test_no_bytes_raise(data: bytes) -> None:
    read = read_json(data)
    assert read.value is not None or read.findings or data.strip() == b"null"


@pytest.mark.parametrize(
    ("data", "code", "subject"),
    [
        (b"\xef\xbb\xbf{}", "json-bom", "line 1, column 1"),
        (b"\xff\xfe{\0}\0", "json-bom", "line 1, column 1"),
        (b'{"a": "\xff"}', "json-not-utf8", "byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "json-not-utf8", "byte 7"),
        (b'{\n "a": 1\n "b": 2}', "json-syntax", "line 3, column 2"),
        (b'{"a": "\n"}', "json-syntax", "line 1, column 8"),
        (b"", "json-syntax", "line 1, column 1"),
        (b"[" * 40, "json-too-deep", ""),
        (b'{"a":' * 100_000, "json-too-deep", ""),
        (b" " * (1 << 20) + b"{}", "json-too-large", ""),
    ],
)
def test_what_can_not_be_read_has_no_value(data: bytes, code: str, subject: str) -> None:
    read = read_json(data)
    assert read.value is None
    assert [(finding.code, finding.subject) for finding in read.findings] == [(code, subject)]


@pytest.mark.parametrize(
    ("text", "code", "subject", "value"),
    [
        ('{"a": {"b": 1, "b": 2}}', "json-duplicate-key", "a.b", {"a": {"b": 2}}),
        (
            '{"v": [{"value": "GOOD", "VALUE": "EVIL"}]}',
            "json-case-variant",
            "v[0].VALUE",
            {"v": [{"value": "GOOD", "VALUE": "EVIL"}]},
        ),
        ('{"k": 1, "\u212a": 2}', "json-case-variant", "\u212a", {"k": 1, "\u212a": 2}),
        ('{"a": NaN}', "json-number", "a", {"a": "NaN"}),
        ('{"a": [-Infinity]}', "json-number", "a[0]", {"a": ["-Infinity"]}),
        ('{"a": 1e999}', "json-number", "a", {"a": "1e999"}),
        ('{"a": 123456789012345678901}', "json-number", "a", {"a": "123456789012345678901"}),
        ('{"a": "\\ud800"}', "json-surrogate", "a", {"a": "\ud800"}),
        ('{"\\udfff": 1}', "json-surrogate", "\\u{dfff}", {"\udfff": 1}),
    ],
)
def test_what_readers_differ_on_is_told_with_its_path(text: str, code: str, subject: str, value: JsonValue) -> None:
    read = read_json(text.encode())
    assert [(finding.code, finding.subject) for finding in read.findings] == [(code, subject)]
    assert read.value == value


def test_an_integer_of_a_million_digits_is_a_finding_and_quick() -> None:
    assert codes(read_json(b'{"a": ' + b"9" * 1_000_000 + b"}")) == ["json-number"]


def test_duplicates_inside_a_value_that_loses_are_told_too() -> None:
    assert codes(read_json(b'{"a": {"x": 1, "x": 2}, "a": 3}')) == ["json-duplicate-key", "json-duplicate-key"]


def test_opaque_content_is_not_judged_key_by_key() -> None:
    data = b'{"app_state": {"a": 1, "A": 2, "a": 3}, "b": 1}'
    assert read_json(data, opaque=("app_state",)).findings == ()
    assert codes(read_json(data)) == ["json-case-variant", "json-duplicate-key"]
    assert codes(read_json(b'{"app_state": 1, "app_state": 2}', opaque=("app_state",))) == ["json-duplicate-key"]


def test_brackets_inside_strings_are_not_nesting() -> None:
    data = json.dumps({"a": "[{" * 100 + '\\"' + "[" * 100}).encode()
    assert read_json(data).findings == ()


def test_a_good_pair_of_surrogate_escapes_is_a_character() -> None:
    assert read_json(b'"\\ud83d\\ude00"') == Read("\U0001f600")


def test_the_depth_that_is_allowed_is_read() -> None:
    assert read_json(b"[" * 32 + b"]" * 32).findings == ()
    assert codes(read_json(b"[" * 33 + b"]" * 33)) == ["json-too-deep"]
