"""What a text costs is bounded by its length: work is counted, not timed."""

from __future__ import annotations

import tracemalloc

import pytest

from core.documents import armour as armour_module
from core.documents import ed25519, read
from core.documents.armour import MAX_BROKEN, armour, find
from core.documents.document import Document, Signature
from core.documents.sshsig import to_ssh_signature
from core.peers import bare, intake
from core.peers.intake import MAX_CHECKS, MAX_SIGNATURES, Intake
from tests.builders import NETWORK, a_card, a_key, a_record, moniker


class Count:
    """A function that counts how often it is called."""

    def __init__(self, inner: object) -> None:
        self.inner, self.calls = inner, 0

    def __call__(self, *words: object) -> object:
        self.calls += 1
        return self.inner(*words)  # type: ignore[operator]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Ed25519 checks of signatures by ssh-keygen against documents."""
    count = Count(ed25519.verify)
    monkeypatch.setattr(intake, "verify", count)
    return count


def taken(text: str, *known: Document) -> Intake:
    return intake.intake(text, network=NETWORK, known=known)


def codes(found: Intake) -> list[str]:
    return [finding.code for finding in found.findings]


def sigs(kind: str, *signatures: Signature) -> str:
    return "".join(to_ssh_signature(one, kind) for one in signatures)


def test_signatures_of_strangers_are_checked_against_no_card(checks: Count) -> None:
    cards = [a_card(moniker(number)) for number in range(60)]
    strangers = [a_key(f"stranger {number}").sign("card", b"x") for number in range(40)]
    found = taken("".join(map(armour, cards)) + sigs("card", *strangers))
    assert len(found.signatures) == 40 and checks.calls == 0


def test_a_signature_is_checked_against_the_documents_that_name_its_key_alone(checks: Count) -> None:
    cards = [a_card(moniker(number)) for number in range(60)]
    bare_card = Document("card", cards[5].payload, frozenset())
    found = taken("".join(map(armour, [*cards[:5], *cards[6:]])) + sigs("card", *cards[5].signatures), bare_card)
    assert cards[5] in [one.document for one in found.documents] and checks.calls == 1


def test_one_key_in_many_cards_does_not_multiply(checks: Count) -> None:
    many = [Document("card", a_card(serial=number + 1).payload, frozenset()) for number in range(200)]
    wrong = [a_key("alice").sign("card", b"%d" % number) for number in range(100)]
    found = taken(sigs("card", *wrong), *many)
    assert checks.calls == MAX_CHECKS and "intake-too-many-signatures" in codes(found)


def test_many_signatures_of_one_record_read_it_once_more(monkeypatch: pytest.MonkeyPatch, checks: Count) -> None:
    names = [moniker(number) for number in range(30)]
    record = a_record(30, owners=names, threshold=20, signers=())
    again = Count(read.read_found)
    monkeypatch.setattr(intake, "read_found", again)
    made = [a_key(name).sign("record", record.payload) for name in names]
    (whole,) = taken(sigs("record", *made), record).documents
    assert whole.document == record.with_signatures(made) and (checks.calls, again.calls) == (30, 1)


def test_an_owner_of_the_version_before_signs_the_next_one(checks: Count) -> None:
    before = a_record(4, owners=("alice",))
    after = a_record(4, owners=("bob",), signers=("bob",), previous=before)
    signature = a_key("alice").sign("record", after.payload)
    (whole,) = taken(armour(after) + sigs("record", signature), before).documents
    assert whole.document == after.with_signatures((signature,))


def test_more_signatures_than_are_looked_at_are_told() -> None:
    signature = to_ssh_signature(a_key().sign("card", b"x"), "card")
    assert codes(taken(signature * (MAX_SIGNATURES + 1))).count("intake-too-many-signatures") == 1
    assert "intake-too-many-signatures" not in codes(taken(signature * MAX_SIGNATURES))


@pytest.mark.parametrize(
    "line", ["BEGIN QUORATE CARD.\n", "END QUORATE CARD.\n", "BEGIN QUORATE CARD. END QUORATE CARD.\n"]
)
def test_broken_documents_are_counted_and_the_rest_is_not_looked_at(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Count(armour_module._word_before)
    monkeypatch.setattr(armour_module, "_word_before", looks)
    found = find(line * 50_000)
    assert len(found) == MAX_BROKEN + 1 and looks.calls <= 2 * MAX_BROKEN + 4
    assert [one.code for one in found[-1].findings] == ["armour-too-many-broken"] and found[-1].end == len(
        line
    ) * 50_000


def test_a_private_key_behind_many_broken_documents_is_still_seen() -> None:
    secret = (bytes(a_key("leak").signing) + a_key("leak").public).hex()
    assert codes(taken("BEGIN QUORATE CARD.\n" * 2000 + secret)) == ["intake-private-key"]


@pytest.mark.parametrize(
    "line",
    [
        *("BEGIN QUORATE CARD.\n", "END QUORATE CARD.\n", "\n", "x\n\n", "==", f"{'A' * 43}=\n", f"{'a1' * 20}@x:1\n"),
        *(f"{'a1' * 20}\n", "-----BEGIN SSH SIGNATURE-----\n", "\n> "),
    ],
    ids=lambda line: line[:16].encode("unicode_escape").decode(),
)
def test_memory_is_a_small_multiple_of_the_text(line: str) -> None:
    text = line * ((2 << 20) // len(line))
    tracemalloc.start()
    try:
        taken(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * len(text) + (4 << 20)


def test_only_parts_with_a_key_are_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Count(bare._values)
    monkeypatch.setattr(bare, "_values", looks)
    key, node = a_key("dave validator").base64, a_key("dave").node_id
    found = taken("talk\n\n" * 10_000 + f"{node}@dave.example.net:26656 {key}\n" + "talk\n" * 10_000)
    assert [entry.node_id for entry in found.unsigned] == [node] and looks.calls <= 3


def test_values_beyond_any_network_are_told_and_not_read() -> None:
    found = taken("".join(f"{number:040x}\n" for number in range(bare.MAX_VALUES + 1)))
    assert codes(found) == ["intake-too-many-values"]
