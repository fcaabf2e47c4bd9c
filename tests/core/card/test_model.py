"""A card is one when everything in it fits together; else every reason is told, safe to show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.card.model import NodeCard, UnsignedEntry
from core.documents.canonical import JsonValue, canonical, parse_canonical
from tests.builders import a_card, a_key, a_node_card, an_unsigned
from tests.core.documents.test_ed25519 import LOW_ORDER, MIXED_ORDER

HOSTILE = (
    "\x1b]52;c;SEVMTE8=\x1b\\",
    "\x1b[2J",
    "\u202eevil",
    "a\u200bb",
    "[/bold]",
    "\u009b31m",
    "x" * 1_000_000,
    "a\0b",
    "\ud800",
    "'\"$(id)`",
    "\n",
)


def codes(payload: bytes) -> list[str]:
    card, findings = NodeCard.parse(payload)
    assert (card is None) == bool(findings)
    return [finding.code for finding in findings]


def payload_with(**spoil: Any) -> bytes:
    value = json.loads(a_node_card().payload)
    return json.dumps({**value, **spoil}, sort_keys=True, separators=(",", ":")).encode()


def test_a_card_reads_back_and_has_the_id_of_its_document() -> None:
    card = a_node_card()
    assert NodeCard.parse(card.payload) == (card, ())
    assert card.id == a_card().id


def test_its_dial_entries_are_what_persistent_peers_has() -> None:
    sentry = f"{'cd' * 20}@sentry.example.com:26656"
    card = a_node_card(p2p=("node.example.com:26656", "[2001:db8::1]:26656", sentry))
    own = a_key("alice").node_id
    assert card.dial == (f"{own}@node.example.com:26656", f"{own}@[2001:db8::1]:26656", sentry)
    assert codes(card.payload) == []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"network": "Upper"}, "card-network"),
        ({"network": ""}, "card-network"),
        ({"serial": 0}, "card-serial"),
        ({"serial": "1"}, "document-field"),
        ({"serial": 1.0}, "document-field"),
        ({"serial": True}, "document-field"),
        ({"serial": 10**30}, "card-serial"),
        ({"v": 2}, "document-field"),
        ({"kind": "record"}, "document-field"),
        ({"moniker": ""}, "card-moniker"),
        ({"moniker": " alice"}, "card-moniker"),
        ({"moniker": "a" * 65}, "card-moniker"),
        ({"moniker": "al\u00efce"}, "card-moniker"),
        ({"moniker": "a\tb"}, "card-moniker"),
        ({"moniker": None}, "document-field"),
        ({"p2p": []}, "card-addresses"),
        ({"p2p": ["a.example:1"] * 17}, "card-addresses"),
        ({"p2p": ["a.example:1"] * 2}, "card-address-twice"),
        ({"p2p": ["a.example"]}, "card-address"),
        ({"p2p": "a.example:1"}, "document-field"),
        ({"p2p": [["a.example:1"]]}, "document-field"),
        ({"api": "http://a.example"}, "card-api"),
        ({"contact": "x" * 121}, "card-contact"),
        ({"software": "x" * 61}, "card-software"),
        ({"node_key": "AAAA"}, "card-key"),
        ({"node_id": "ab" * 20}, "card-node-id"),
        ({"node_id": a_key("alice").node_id.upper()}, "card-node-id"),
        ({"validator_address": "AB" * 20}, "card-validator-address"),
        ({"validator_key": "AAAA"}, "card-key"),
        ({"power": "10"}, "document-field-unknown"),
        ({"Moniker": "x"}, "document-field-unknown"),
    ],
)
def test_each_thing_wrong_is_told(spoil: dict[str, Any], code: str) -> None:
    assert code in codes(payload_with(**spoil))


def test_every_field_is_needed() -> None:
    whole = json.loads(a_node_card().payload)
    for field in whole:
        rest = {name: value for name, value in whole.items() if name != field}
        assert codes(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()) != []


def test_all_reasons_are_told_at_once() -> None:
    assert len(codes(payload_with(moniker="", p2p=[], contact="\x1b", node_id="x"))) == 4


@pytest.mark.parametrize("key", [*LOW_ORDER, MIXED_ORDER])
@pytest.mark.parametrize("field", ["node_key", "validator_key"])
def test_keys_that_others_could_sign_for_are_refused(field: str, key: str) -> None:
    import base64

    assert "card-key-point" in codes(payload_with(**{field: base64.b64encode(bytes.fromhex(key)).decode()}))


def test_one_key_for_both_roles_is_refused() -> None:
    assert codes(a_node_card(validator="alice").payload) == ["card-one-key-for-both"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", sorted(json.loads(a_node_card().payload)))
def test_hostile_text_in_any_field_is_refused_and_shown_safely(field: str, text: str) -> None:
    for value in (text, [text], {text: text}, {field: text}):
        _, findings = NodeCard.parse(payload_with(**{field: value}))
        printable = field in ("moniker", "contact", "software") and text == value and text.isascii() and len(text) < 60
        assert findings or (printable and text.isprintable())
        for finding in findings:
            assert finding.message.isprintable() and finding.subject.isprintable() and len(finding.message) < 2100


def test_hostile_keys_are_shown_safely() -> None:
    _, findings = NodeCard.parse(payload_with(**{"\x1b[2J": 1, "\u202e": 2}))
    assert [one.code for one in findings] == ["document-field-unknown"]
    assert all(one.subject.isprintable() and one.message.isprintable() for one in findings)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b"{", b"[" * 100_000, b'{"a":' * 10_000, b"1e9999"])
def test_bytes_that_are_no_card_are_refused(data: bytes) -> None:
    assert codes(data) != []


@settings(max_examples=200)
@given(st.binary(max_size=80))
def test_no_bytes_raise(data: bytes) -> None:
    assert codes(data) != []


def test_another_spelling_of_a_card_is_refused() -> None:
    value = json.loads(a_node_card().payload)
    assert codes(json.dumps(value).encode()) == ["document-not-canonical"]
    doubled = a_node_card().payload[:-1] + b',"v":1}'
    assert codes(doubled) == ["document-not-canonical"]


def test_cards_that_differ_in_serial_only_say_the_same() -> None:
    assert a_node_card(serial=5).same_content(a_node_card(serial=6))
    assert not a_node_card().same_content(a_node_card(contact="elsewhere"))


def test_an_unsigned_entry_reads_back() -> None:
    entry = an_unsigned("dave")
    assert UnsignedEntry.parse(entry.body) == (entry, ())
    assert entry.validator_address == a_key("dave validator").address
    assert entry.dial == (f"{entry.node_id}@{entry.p2p[0]}",)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"moniker": ""}, "card-moniker"),
        ({"p2p": ()}, "card-addresses"),
        ({"node_id": "AB" * 20}, "card-node-id"),
        ({"validator_key": ""}, "card-key"),
    ],
)
def test_an_unsigned_entry_is_judged_like_a_card(spoil: dict[str, Any], code: str) -> None:
    entry, findings = UnsignedEntry.parse(replace(an_unsigned("dave"), **spoil).body)
    assert entry is None and [finding.code for finding in findings] == [code]


@settings(max_examples=100)
@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(0, 9) | st.none(), max_size=4))
def test_no_object_raises_as_an_entry(value: dict[str, JsonValue]) -> None:
    assert UnsignedEntry.parse(json.dumps(value).encode())[0] is None


def test_a_payload_is_canonical() -> None:
    assert canonical(parse_canonical(a_node_card().payload)) == a_node_card().payload
