"""Only what its signers signed comes out as a document; the rest is named for what it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.armour import armour
from core.documents.canonical import JsonValue, canonical, parse_canonical
from core.documents.document import Document
from core.documents.read import ReadDocument, read_documents
from tests.builders import a_card, a_key, a_node_card, a_record, an_acceptance, an_attestation, sign


def only(document: Document) -> ReadDocument:
    (read,) = read_documents(armour(document))
    return read


def outcome(document: Document) -> tuple[object, list[str]]:
    read = only(document)
    assert (read.document is None) == (read.status is not None)
    return read.status, [finding.code for finding in read.findings]


def card_with(**spoil: JsonValue) -> bytes:
    value = parse_canonical(a_node_card().payload)
    assert isinstance(value, dict)
    return json.dumps({**value, **spoil}, sort_keys=True, separators=(",", ":")).encode()


def test_documents_of_every_kind_are_read_whole() -> None:
    record = a_record(4, owners=("alice", "bob"))
    documents = (a_card("alice"), record, an_acceptance(record), an_attestation(record))
    read = read_documents("\n noise \n".join(map(armour, documents)))
    assert [(one.document, one.kind, one.status) for one in read] == [(one, one.kind, None) for one in documents]
    assert {one.network for one in read} == {"example-net"}
    assert read[0].subject == "alice"


def test_equal_documents_are_given_once() -> None:
    assert len(read_documents(armour(a_card()) * 3 + armour(a_card("bob")))) == 2


def test_a_payload_that_was_changed_is_forged() -> None:
    card = a_card("alice")
    assert outcome(Document("card", a_node_card("alice", contact="mallory").payload, card.signatures)) == (
        "forged",
        ["document-forged"],
    )


def test_a_card_that_another_key_signed_is_forged() -> None:
    assert outcome(a_card("alice", signer="mallory")) == ("forged", ["document-foreign-signer"])
    both = a_card("alice").with_signatures(a_card("alice", signer="mallory").signatures)
    assert outcome(both) == ("forged", ["document-foreign-signer"])


def test_one_bad_signature_among_good_ones_is_told() -> None:
    record = a_record(4, owners=("alice", "bob"), signers=("alice",))
    wrong = a_key("bob").sign("acceptance", record.payload)
    assert outcome(record.with_signatures((wrong,))) == ("forged", ["document-forged"])


def test_only_a_record_may_be_without_signatures_and_is_a_draft_then() -> None:
    assert outcome(Document("card", a_card().payload, frozenset())) == ("forged", ["document-unsigned"])
    assert outcome(Document("record", a_record(4).payload, frozenset())) == (None, ["document-draft"])


def test_a_key_of_small_order_signs_nothing() -> None:
    from core.documents.document import Signature

    identity = b"\x01" + bytes(31)
    forged = Document("record", a_record(4).payload, frozenset({Signature(identity, identity + bytes(32))}))
    assert outcome(forged) == ("forged", ["document-forged"])


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"network": "Bad_Name"}, "document-network"),
        ({"network": "x" * 21}, "document-network"),
        ({"network": 5}, "document-network"),
        ({"network": "a\n"}, "document-network"),
        ({"serial": 0}, "document-serial"),
        ({"serial": "5"}, "document-serial"),
        ({"kind": "record"}, "document-kind"),
        ({"v": 0}, "document-version"),
        ({"v": "1"}, "document-version"),
        ({"v": True}, "document-not-canonical"),
        ({"extra": 1.5}, "document-not-canonical"),
        ({"extra": None}, "document-not-canonical"),
    ],
)
def test_a_spoiled_envelope_is_damaged(spoil: dict[str, JsonValue], code: str) -> None:
    status, codes = outcome(sign("card", card_with(**spoil), a_key()))
    assert status == "damaged" and code in codes


def test_another_spelling_of_the_same_payload_is_damaged() -> None:
    payload = json.dumps(json.loads(a_card().payload), indent=1).encode()
    assert outcome(sign("card", payload, a_key())) == ("damaged", ["document-not-canonical"])


@pytest.mark.parametrize(
    "payload",
    [
        card_with(v=2, network={"any": "form"}),
        card_with(v=7, x=1.5),
        card_with(v=3, kind="charter"),
        card_with(kind="x"),
    ],
)
def test_a_later_version_or_kind_is_newer_whatever_its_form(payload: bytes) -> None:
    assert outcome(Document("card", payload, frozenset())) == ("newer", ["document-newer"])


@pytest.mark.parametrize("payload", [b"", b"[]", b'"x"', b"{}", b"\xff", b"[" * 1000, b'{"v":2}', b'{"kind":[],"v":2}'])
def test_payloads_that_are_no_documents_are_damaged(payload: bytes) -> None:
    assert outcome(Document("card", payload, frozenset()))[0] == "damaged"


@settings(max_examples=60)
@given(
    st.sampled_from(("kind", "v", "network", "serial", "moniker", "node_key", "p2p")),
    st.recursive(st.text(max_size=20) | st.integers(0, 2**53 - 1), lambda inner: st.lists(inner, max_size=3)),
)
def test_any_value_in_any_field_is_answered_without_raising(field: str, value: JsonValue) -> None:
    payload = card_with(**{field: value})
    for one in read_documents(armour(sign("card", payload, a_key()))):
        for finding in one.findings:
            assert finding.message.isprintable() and finding.subject.isprintable()


@pytest.mark.parametrize("kind", ["card", "record", "acceptance", "attestation"])
def test_a_signature_for_one_kind_is_none_for_another(kind: str) -> None:
    body: dict[str, JsonValue] = {"kind": kind, "v": 1, "network": "n", "serial": 5, "node_key": a_key().base64}
    payload = canonical(body)
    for signed_as in ("card", "record", "acceptance", "attestation"):
        document = Document(kind, payload, frozenset({a_key().sign(signed_as, payload)}))
        assert (only(document).status is None) == (signed_as == kind)
