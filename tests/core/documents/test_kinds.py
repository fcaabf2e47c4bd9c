"""The kinds of documents: declared once, read by name everywhere, and said in sentences before they are signed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.agreement.reading import READERS
from core.changes import Sign
from core.documents.document import Document
from core.documents.kinds import KINDS, sentences
from core.documents.sshsig import namespace
from core.keys.process import NAMESPACES
from core.steps import IDS
from tests.builders import a_card, a_record, an_acceptance, an_attestation, the_record

RECORD = a_record(3)
ONE_OF_EACH = {
    "card": a_card("alice"),
    "record": RECORD,
    "acceptance": an_acceptance(RECORD, "alice"),
    "attestation": an_attestation(RECORD, "carol"),
}


def test_the_key_process_has_its_own_copy_and_it_is_the_same() -> None:
    assert {namespace(kind): kind for kind in KINDS} == NAMESPACES


def test_each_kind_is_whole() -> None:
    assert set(READERS) == set(KINDS) == set(ONE_OF_EACH)
    assert [name for name, kind in KINDS.items() if kind.name != name or not set(kind.seen_in) <= set(IDS)] == []


@pytest.mark.parametrize("document", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
def test_what_is_signed_is_said_in_sentences(document: Document) -> None:
    payload = json.loads(document.payload)
    said = sentences(document.kind, payload)
    assert said and all(one and one == one.strip() for one in said)
    assert payload["network"] in " ".join(said)


def test_an_acceptance_says_the_genesis_and_whether_words_were_compared() -> None:
    record = the_record(RECORD)
    payload = json.loads(an_acceptance(RECORD, "alice").payload)
    said = " ".join(sentences("acceptance", payload | {"words_checked": 0}))
    assert record.genesis_sha256 in said and record.id in said and "have not noted" in said
    assert "read me the same 8 words" in " ".join(sentences("acceptance", payload | {"words_checked": 1}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_payload_of_another_form_has_no_sentences_and_does_no_harm(kind: str) -> None:
    spoilt: tuple[dict[str, object], ...] = ({}, {"network": 1, "members": 3}, {"members": [{}], "genesis": {}})
    for payload in spoilt:
        assert sentences(kind, payload) == ()


def test_the_preview_of_a_signature_begins_with_what_is_said(tmp_path: Path) -> None:
    body = json.loads(a_card("alice").payload)
    del body["serial"]
    sign = Sign("card", json.dumps(body | {"moniker": "alice\x1b[31m"}).encode(), tmp_path, "because")
    lines = list(sign.diff())
    assert lines[0] == " I operate the node alice\\u{1b}[31m of the network example-net."
    assert "+++ a signed card" in lines and "sign a card" in sign.describe()
