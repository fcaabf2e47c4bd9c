"""Every row of what a coordinator has to look at: one keyword spoils a card, and the finding names it."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from core.agreement.reduce import reduce
from core.documents.armour import armour
from core.documents.document import Document
from core.documents.read import read_documents
from core.finding import Finding, Severity
from core.state import Decision, Local
from tests.builders import MONIKERS, NETWORK, NOW, SERIAL, a_card, a_key, a_node_card, a_record, an_unsigned

CARDS = [a_card(name) for name in MONIKERS[:4]]
CONFIRMED = {
    one.node_id: Decision(card.id, "approve", confirmed="phone")
    for one, card in zip(map(a_key, MONIKERS[:4]), CARDS, strict=True)
}
LOW_ORDER = base64.b64encode(b"\1" + b"\0" * 31).decode()


def told(*documents: Document, own: str | None = None, after: timedelta = timedelta(), **local: Any) -> list[Finding]:
    said = Local(**({"decisions": CONFIRMED} | local))
    return list(reduce(documents, network=NETWORK, now=NOW + after, own=own, local=said).findings)


def codes(found: list[Finding], at_least: Severity = Severity.WARNING) -> list[str]:
    return sorted({finding.code for finding in found if finding.severity >= at_least})


def test_four_good_cards_whose_words_were_compared_have_nothing_to_say() -> None:
    assert told(*CARDS) == []


def test_of_the_own_card_nobody_else_is_asked() -> None:
    old = a_card("alice", serial=SERIAL + 3600 - 15 * 86400)
    fixes = {
        own: {one.code: one.fix for one in told(old, *CARDS[1:], own=a_key(own).node_id)} for own in ("alice", "bob")
    }
    assert fixes["alice"]["card-serial-old"] == "Look whether it still holds: quorate plan card"
    assert fixes["bob"]["card-serial-old"] == "Ask alice whether it still holds."


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"signer": "mallory"}, "card-not-by-its-key"),
        ({"v": 2}, "document-later-version"),
        ({"network": "elsewhere"}, "document-other-network"),
        ({"node_id": "0" * 40}, "card-node-id"),
        ({"validator_address": "0" * 40}, "card-validator-address"),
        ({"validator": "erin"}, "card-one-key-for-both"),
        ({"validator_key": LOW_ORDER}, "card-key-point"),
        ({"node_key": LOW_ORDER}, "card-key-point"),
        ({"validator": "alice validator"}, "peer-validator-key-twice"),
        ({"validator": "alice"}, "peer-key-roles"),
        ({"p2p": ("alice.example.org:26656",)}, "peer-address-twice"),
        ({"serial": SERIAL + 3600 + 601}, "card-serial-future"),
        ({"serial": SERIAL + 3600 - 15 * 86400}, "card-serial-old"),
        ({"p2p": ("127.0.0.1:26656",)}, "address-loopback"),
        ({"p2p": ("10.0.0.1:26656",)}, "address-private"),
        ({"p2p": ("[fd00::1]:26656",)}, "address-private"),
        ({"p2p": ("localhost:26656",)}, "address-loopback"),
        ({"p2p": ("erin:26656",)}, "address-bare"),
        ({"p2p": ("0.0.0.0:26656",)}, "address-unspecified"),
    ],
)
def test_a_spoiled_card(spoil: dict[str, Any], code: str) -> None:
    found = codes(told(*CARDS, a_card("erin", **spoil)), Severity.UNKNOWN)
    assert code in found and set(found) <= {code, "peer-unverified", "card-node-id", "card-validator-address"}


def test_a_card_that_is_cut_off() -> None:
    (one,) = read_documents(armour(CARDS[0])[:300])
    assert one.status == "damaged" and [finding.code for finding in one.findings] == ["armour-cut-off"]


@pytest.mark.parametrize(("moniker", "code"), [("ALICE", "peer-moniker-twice"), ("a1ice", "peer-moniker-alike")])
def test_an_impostors_name(moniker: str, code: str) -> None:
    fake = a_card(moniker, node="mallory", validator="m v", p2p=("m.example.org:26656",))
    assert codes(told(*CARDS, fake)) == sorted([code, "peer-unverified"])


def test_a_refused_card_stands_in_nobodys_way() -> None:
    fake = a_card("alice", node="mallory", validator="alice validator")
    refused = {**CONFIRMED, a_key("mallory").node_id: Decision(fake.id, "refuse", "not Alice")}
    assert codes(told(*CARDS, fake)) == [
        "peer-address-twice",
        "peer-moniker-twice",
        "peer-unverified",
        "peer-validator-key-twice",
    ]
    assert told(*CARDS, fake, decisions=refused) == []


def test_two_cards_of_one_serial() -> None:
    one, two = a_card("alice", contact="one"), a_card("alice", contact="two")
    (finding,) = told(one, two)
    assert finding.code == "peer-two-cards" and finding.severity is Severity.ERROR
    assert one.id in finding.message and two.id in finding.message and "contact" in finding.message
    found = told(one, two, a_card("alice", serial=SERIAL + 1))
    assert [one.severity for one in found if one.code == "peer-two-cards"] == [Severity.WARNING]


def test_a_changed_validator_key_is_more_than_a_changed_contact() -> None:
    found = told(CARDS[0], a_card("alice", serial=SERIAL + 1, contact="x", validator="other"))
    assert {(one.code, one.severity) for one in found} == {
        ("peer-validator-key-changed", Severity.WARNING),
        ("peer-changed", Severity.INFO),
        ("peer-unverified", Severity.WARNING),
    }
    (key,) = (one for one in found if one.code == "peer-validator-key-changed")
    assert a_key("other").base64 in key.message and a_key("alice validator").base64 in key.message


def test_who_is_expected_and_missing_and_who_was_not_expected() -> None:
    found = told(*CARDS[:3], expected=("Alice", "bob", "dave"))
    assert codes(found) == ["peer-missing", "peer-unexpected"]
    assert "2 of 3 are here; missing dave" in " ".join(one.message for one in found)
    assert [one.subject for one in found if one.code == "peer-unexpected"] == ["carol"]
    entry = an_unsigned("dave")
    found = told(*CARDS[:2], expected=("alice", "bob", "dave"), unsigned={entry.node_id: entry.body.decode()})
    assert "peer-missing" not in codes(found)


def test_a_refused_member_is_still_missing() -> None:
    refused = {**CONFIRMED, a_key("bob").node_id: Decision(CARDS[1].id, "refuse")}
    assert codes(told(*CARDS[:2], expected=("alice", "bob"), decisions=refused)) == ["peer-missing"]


def test_ones_own_card() -> None:
    assert codes(told(*CARDS, own=a_key("erin").node_id)) == ["peer-own-missing"]
    assert codes(told(*CARDS, own=a_key("alice").node_id, decisions={})) == ["peer-unverified"]
    assert [one.subject for one in told(*CARDS, own=a_key("alice").node_id, decisions={})] == ["bob", "carol", "dave"]


def test_a_card_is_unverified_until_its_words_were_compared_and_again_when_it_changes() -> None:
    assert codes(told(CARDS[0], decisions={})) == ["peer-unverified"]
    approved = {a_key("alice").node_id: Decision(CARDS[0].id, "approve")}
    assert codes(told(CARDS[0], decisions=approved)) == ["peer-unverified"]
    assert "peer-unverified" in codes(told(CARDS[0], a_card("alice", serial=SERIAL + 1)))


def test_a_member_without_quorate_stays_marked_and_is_confirmed() -> None:
    entry = an_unsigned("dave")
    unsigned = {entry.node_id: entry.body.decode()}
    found = told(*CARDS[:3], unsigned=unsigned)
    assert codes(found) == ["peer-unsigned-unconfirmed"] and "peer-unsigned" in codes(found, Severity.INFO)
    confirmed = {**CONFIRMED, entry.node_id: Decision(entry.id, "approve", confirmed="met in person")}
    found = told(*CARDS[:3], unsigned=unsigned, decisions=confirmed)
    assert codes(found, Severity.INFO) == ["peer-unsigned"]


def test_of_an_unsigned_entry_the_one_is_asked_whose_node_id_is_an_address() -> None:
    entry = an_unsigned("dora", node_id=a_key("bob validator").address.lower())
    found = told(*CARDS, unsigned={entry.node_id: entry.body.decode()})
    (wrong,) = (one for one in found if one.severity is Severity.ERROR)
    assert (wrong.code, wrong.subject) == ("peer-address-as-id", "dora")
    assert "bob" in wrong.message
    assert wrong.fix == "Ask dora for what show-node-id prints."


def test_of_two_cards_the_one_is_asked_whose_validator_key_is_a_node_key() -> None:
    (wrong,) = (one for one in told(*CARDS, a_card("erin", validator="alice")) if one.severity is Severity.ERROR)
    assert (wrong.code, wrong.subject) == ("peer-key-roles", "erin")
    assert "Ask erin" in wrong.fix and "show-validator" in wrong.fix


def test_an_unsigned_member_with_one_key_for_both_is_asked_for_the_node_id() -> None:
    entry = an_unsigned(
        "dora", node_id=a_key("dave validator").address.lower(), validator_key=a_key("dave validator").base64
    )
    (wrong,) = (one for one in told(unsigned={entry.node_id: entry.body.decode()}) if one.severity is Severity.ERROR)
    assert wrong.code == "peer-address-as-id"
    assert "their own" in wrong.message


def test_a_private_range_that_two_members_have() -> None:
    one, two = a_card("erin", p2p=("192.168.0.5:26656",)), a_card("frank", p2p=("192.168.0.9:26656",))
    found = told(one, two)
    assert "peer-private-range" in codes(found) and "192.168.0.0/24" in " ".join(one.message for one in found)
    assert "peer-private-range" not in codes(told(one, a_card("frank", p2p=("192.168.7.9:26656",))))


def test_a_sentry_address_counts_as_an_address() -> None:
    sentry = f"{'a' * 40}@sentry.example.org:26656"
    assert "peer-address-twice" in codes(told(a_card("erin", p2p=(sentry,)), a_card("frank", p2p=(sentry,))))


def test_once_in_the_record_in_force_a_card_may_grow_old_unverified() -> None:
    assert codes(told(*CARDS, a_record(4), decisions={}, after=timedelta(days=60))) == []


def test_a_member_of_the_record_who_comes_with_another_node() -> None:
    again = a_card("dave", node="dave again", validator="dave new", p2p=("d.example.org:26656",))
    found = told(*CARDS[:3], a_record(4), again)
    assert codes(found) == ["peer-node-key-changed", "peer-unverified"]


@pytest.mark.parametrize("text", ["\x1b[31m", "\u202e", "[red]", "a" * 1000, "\n", "\x00"])
@pytest.mark.parametrize("field", ["moniker", "api", "contact", "software", "network", "node_key", "node_id"])
def test_hostile_text_in_any_field_is_told_and_never_repeated_raw(field: str, text: str) -> None:
    """Escaped as JSON has it, since a payload is ASCII: the card can be signed, and is judged when it is read."""
    value = json.loads(a_node_card("erin").payload)
    value[field] = text
    payload = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    document = Document("card", payload, frozenset({a_key("erin").sign("card", payload)}))
    for finding in told(*CARDS, document):
        shown = f"{finding.subject}{finding.message}{finding.fix}"
        assert shown.isprintable() and len(shown) < 2000
