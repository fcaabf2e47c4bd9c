"""Hostile text in every field of every document, signed by whoever has the key: the signature makes it no better."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.documents.armour import armour
from core.documents.document import Document
from tests.builders import NETWORK, TestKey, a_card, a_key, a_record, an_acceptance, an_attestation, an_unsigned
from tests.core.cli.program import Operator, operator
from tests.hostile.tame import both, run, run_json, untouched
from tests.hostile.texts import DEEP, DIGITS, EVERYTHING, LONG, NUL, SHOWN, SURROGATE

_RECORD = a_record([a_card("alice"), a_card("bob"), an_unsigned("dave")])
DOCUMENTS: dict[str, tuple[Document, TestKey]] = {
    "card": (a_card("alice"), a_key("alice")),
    "record": (_RECORD, a_key("alice")),
    "acceptance": (an_acceptance(_RECORD, "bob"), a_key("bob")),
    "attestation": (an_attestation(_RECORD, "dave"), a_key("alice")),
}
VALUES: dict[str, Any] = {
    "everything": EVERYTHING,
    # A payload is printable ASCII: this alone gets as far as the fields.
    "markup": SHOWN["markup"],
    "words of the program": "Next: rm -rf ~    ERROR internal  QUORATE: 4 signed of 4",
    "nul": NUL,
    "surrogate": SURROGATE,
    "digits": int("9" * 4000),
    "digits in text": DIGITS,
    "float": 1e308,
    "null": None,
    "list": [[EVERYTHING]],
    "object": {EVERYTHING: {EVERYTHING: EVERYTHING}},
}


@pytest.fixture(scope="module")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    one = operator(tmp_path_factory.mktemp("coordinator"))
    assert run_json(one, "home", "--network", NETWORK, "--role", "coordinator", "--no-home").code == 0
    sound = "\n".join(armour(document) for document, _ in DOCUMENTS.values()) + armour(a_card("bob"))
    run_json(one, "import", "-", stdin=sound.encode())
    return one


def _spoilt(kind: str, value: Any) -> Iterator[Document]:
    """The document with ``value`` in each of its fields in turn, inner ones too, and as the name of one more."""
    document, key = DOCUMENTS[kind]
    for path in _paths(json.loads(document.payload)):
        whole = json.loads(document.payload)
        inner = whole
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = value
        yield _sign(kind, _compact(whole), key)
    if isinstance(value, str):
        yield _sign(kind, _compact({**json.loads(document.payload), value: "x"}), key)


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*before, name)
        yield from _paths(one, (*before, name))


def _compact(value: Any, *, ascii_only: bool = True) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii_only)
    return text.encode("utf-8", "surrogatepass")


def _sign(kind: str, payload: bytes, key: TestKey) -> Document:
    return Document(kind, payload, frozenset((key.sign(kind, payload),)))


def _chat(documents: Iterator[Document]) -> bytes:
    return "\n\n".join(map(armour, documents)).encode()


@pytest.mark.parametrize("name", VALUES)
def test_no_field_of_a_document_reaches_the_terminal_raw(coordinator: Operator, tmp_path: Path, name: str) -> None:
    chat = tmp_path / "chat.txt"
    chat.write_bytes(_chat(spoilt for kind in DOCUMENTS for spoilt in _spoilt(kind, VALUES[name])))
    _, machine = untouched(coordinator, "import", "--check", chat)
    told = machine.json["documents"]
    # What is damaged in one and the same way is told once; markup is judged field by field.
    assert len(told) >= (40 if name == "markup" else 4)
    assert {one["kind"] for one in told} >= set(DOCUMENTS)
    assert machine.code == 1


@pytest.mark.parametrize("name", ["everything", "markup", "words of the program"])
def test_what_was_imported_is_shown_tamely_ever_after(coordinator: Operator, name: str) -> None:
    """Free text may hold markup, and words that look like the program's own; it is shown as what it is."""
    run_json(coordinator, "import", "-", stdin=_chat(d for kind in DOCUMENTS for d in _spoilt(kind, VALUES[name])))
    for line in ("status", "peers", "network"):
        both(coordinator, line)


@pytest.mark.parametrize("name", ["everything", "nul", "surrogate"])
def test_payloads_with_raw_bytes_are_damaged(coordinator: Operator, name: str) -> None:
    """Not as escapes of JSON, but as the bytes themselves."""
    for kind, (document, key) in DOCUMENTS.items():
        value = {**json.loads(document.payload), "note": VALUES[name]}
        payload = _compact(value, ascii_only=False)
        ran = run(coordinator, "import", "--check", "-", stdin=armour(_sign(kind, payload, key)).encode())
        assert ran.code == 1


@pytest.mark.parametrize(
    ("field", "value"), [("contact", LONG), ("moniker", LONG), ("p2p", ["a.example.org:26656"] * 40_000), ("v", 10**15)]
)
def test_large_values_cost_no_more_than_their_size(coordinator: Operator, field: str, value: Any) -> None:
    document, key = DOCUMENTS["card"]
    payload = _compact({**json.loads(document.payload), field: value})
    human, machine = untouched(
        coordinator, "import", "--check", "-", stdin=armour(_sign("card", payload, key)).encode()
    )
    assert machine.code == (3 if field == "v" else 1) or machine.codes
    assert len(human.out) < 100_000


def test_deep_payloads_are_damaged(coordinator: Operator) -> None:
    _, key = DOCUMENTS["card"]
    payload = DEEP.encode()
    ran = run_json(coordinator, "import", "--check", "-", stdin=armour(_sign("card", payload, key)).encode())
    assert [one["status"] for one in ran.json["documents"]] == ["damaged"]
