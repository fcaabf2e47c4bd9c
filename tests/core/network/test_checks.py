"""What a member is told before they accept: one keyword spoils a record, and the finding names it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.documents.canonical import canonical, parse_canonical
from core.documents.document import Document
from core.finding import Finding, Severity
from core.network.checks import review_record
from tests.builders import (
    GENESIS_TIME,
    MONIKERS,
    NOW,
    SERIAL,
    a_card,
    a_key,
    a_record,
    an_amendment,
    an_unsigned,
    sign,
    the_record,
)

LOW_ORDER = base64.b64encode(b"\1" + b"\0" * 31).decode()


def reviewed(document: Document, member: str = "alice", **changed: Any) -> list[Finding]:
    answers: dict[str, Any] = {
        "own": a_key(member).node_id,
        "own_validator": a_key(f"{member} validator").public,
        "own_card": a_card(member).id,
        "now": NOW,
    }
    return list(review_record(the_record(document), document.signatures, **(answers | changed)))


def codes(found: list[Finding], at_least: Severity = Severity.WARNING) -> set[str]:
    return {finding.code for finding in found if finding.severity >= at_least}


def altered(document: Document, change: Any) -> Document:
    value: Any = parse_canonical(document.payload)
    change(value)
    return sign("record", canonical(value), a_key("alice"))


def test_a_good_record_has_nothing_to_say_but_its_time() -> None:
    assert [one.code for one in reviewed(a_record(4))] == ["genesis-time-future"]


def test_a_coordinator_without_a_node_is_not_looked_for() -> None:
    assert codes(reviewed(a_record(4), own=None, own_validator=None, own_card=None)) == set()


def test_too_few_owners_signed() -> None:
    found = reviewed(a_record(4, owners=("alice", "bob"), threshold=2, signers=("alice",)))
    assert codes(found) == {"record-signatures"}


def test_the_owners_before_are_asked_for_too() -> None:
    first = a_record(4)
    stolen = an_amendment(first, owners=("mallory",), signers=("mallory",))
    assert codes(reviewed(stolen)) == set()
    assert codes(reviewed(stolen, before=the_record(first))) == {"record-signatures"}


def test_a_signature_of_a_stranger_is_mentioned() -> None:
    found = reviewed(a_record(4, signers=("alice", "mallory")))
    assert "record-stranger-signature" in codes(found, Severity.INFO) and not codes(found)


def test_a_threshold_that_can_not_be_reached() -> None:
    assert codes(reviewed(a_record(4, threshold=2))) == {"record-threshold", "record-signatures"}


def test_an_owner_listed_twice_and_owners_of_one_name() -> None:
    assert "record-owner-twice" in codes(reviewed(a_record(4, owners=("alice", "alice"))))
    owners = [{"name": "Alice", "key": a_key("bob").base64}, {"name": "alice", "key": a_key("alice").base64}]
    assert codes(reviewed(a_record(4, owners=("alice", "bob"), signers=("alice",), threshold=1))) == set()
    twice = altered(a_record(4), lambda value: value.update(owners=owners))
    assert codes(reviewed(twice)) == {"record-owner-name-twice"}


def test_an_owner_key_with_which_everybody_can_sign() -> None:
    weak = [{"name": "alice", "key": a_key("alice").base64}, {"name": "mallory", "key": LOW_ORDER}]
    assert codes(reviewed(altered(a_record(4), lambda value: value.update(owners=weak)))) == {"record-owner-key"}


def test_a_genesis_hash_that_is_not_the_computed_one() -> None:
    (finding,) = [one for one in reviewed(a_record(4, genesis_sha256="0" * 64)) if one.severity >= Severity.WARNING]
    assert finding.code == "record-genesis-hash"
    assert "0" * 64 in finding.message and the_record(a_record(4)).genesis_sha256 in finding.message


def test_a_parameter_changed_after_the_hash_was_made() -> None:
    def change(value: Any) -> None:
        value["genesis"]["params"]["block.max_bytes"] = "1000000"

    assert "record-genesis-hash" in codes(reviewed(altered(a_record(4), change)))


def test_an_embedded_card_that_was_altered() -> None:
    def change(value: Any) -> None:
        value["members"][0]["card"]["contact"] = "mallory@example.org"

    assert "record-card-forged" in codes(reviewed(altered(a_record(4), change), own=None))


def test_an_embedded_card_signed_by_somebody_else() -> None:
    def change(value: Any) -> None:
        value["members"][0]["signature"] = value["members"][1]["signature"]

    assert codes(reviewed(altered(a_record(4), change))) == {"record-card-forged"}


def test_an_embedded_card_for_another_network() -> None:
    members = [a_card("alice"), a_card("bob", network="elsewhere")]
    assert "record-card-foreign" in codes(reviewed(a_record(members)))


def test_oneself_missing() -> None:
    assert codes(reviewed(a_record(4), "erin")) == {"record-own-missing"}


def test_oneself_twice() -> None:
    members = [a_card("alice"), a_card("alice", serial=SERIAL + 1, p2p=("b.example.org:26656",)), a_card("bob")]
    assert {"record-own-twice", "peer-node-id-twice", "peer-validator-key-twice"} <= codes(reviewed(a_record(members)))


def test_oneself_with_another_validator_key() -> None:
    other = a_card("alice", validator="mallory validator")
    assert codes(reviewed(a_record([other, a_card("bob")]), own_card=other.id), Severity.ERROR) == {
        "record-own-validator-key"
    }


def test_ones_validator_key_at_somebody_else() -> None:
    members = [a_card("alice"), a_card("bob", validator="alice validator")]
    assert {"record-own-key-elsewhere", "peer-validator-key-twice"} <= codes(reviewed(a_record(members)))


def test_oneself_with_an_older_card_and_without_power() -> None:
    assert codes(reviewed(a_record(4), own_card="0" * 64)) == {"record-own-card-older"}
    assert "record-own-no-power" in codes(reviewed(a_record(4, powers=(0, 10, 10, 10))), Severity.INFO)


def test_nobody_has_power() -> None:
    assert "record-no-voters" in codes(reviewed(a_record(4, powers=(0, 0, 0, 0))))


def test_powers_that_together_are_too_large() -> None:
    found = reviewed(a_record(4, powers=(2**59, 2**59, 2**59, 10)))
    assert "genesis-total-power" in codes(found, Severity.ERROR)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"validator": "alice validator"}, "peer-validator-key-twice"),
        ({"validator": "alice"}, "peer-key-roles"),
        ({"p2p": ("alice.example.org:26656",)}, "peer-address-twice"),
        ({"node": "bob", "validator": "bob validator"}, ""),
    ],
)
def test_what_two_members_can_not_both_have(spoil: dict[str, Any], code: str) -> None:
    found = codes(reviewed(a_record([a_card("alice"), a_card("carol"), a_card("dave"), a_card("bob", **spoil)])))
    assert found == ({code} if code else set()) or ("genesis-duplicate-validator" in found and code in found)


def test_monikers_that_differ_in_case_only_and_that_look_alike() -> None:
    same = a_card("ALICE", node="m", validator="mv", p2p=("m.example.org:26656",))
    alike = a_card("a1ice", node="m", validator="mv")
    rest = [a_card(name) for name in MONIKERS[:4]]
    assert "peer-moniker-twice" in codes(reviewed(a_record([*rest, same])))
    assert codes(reviewed(a_record([*rest, alike]))) == {"peer-moniker-alike"}


def test_zero_genesis_time() -> None:
    assert codes(reviewed(a_record(4, genesis_time=datetime(1, 1, 1, tzinfo=UTC)))) == {"genesis-zero-time"}


def test_genesis_time_past() -> None:
    assert codes(reviewed(a_record(4, genesis_time=NOW - timedelta(days=1)))) == {"record-genesis-past"}


def test_short_notice() -> None:
    soon = a_record(4, genesis_time=NOW + timedelta(hours=3))
    assert codes(reviewed(soon)) == {"record-notice-short"}
    assert codes(reviewed(soon, notice=timedelta(hours=2))) == set()
    assert codes(reviewed(an_amendment(soon), before=the_record(soon), known_genesis=True)) == set()
    assert codes(reviewed(a_record(4, genesis_time=GENESIS_TIME), notice=timedelta(days=4))) == {"record-notice-short"}


def test_a_chain_id_that_was_used_and_one_that_is_long() -> None:
    assert codes(reviewed(a_record(4), known_chain_ids={"example-1"})) == {"record-chain-id-reused"}
    assert codes(reviewed(a_record(4, chain_id="a" * 21))) == {"genesis-chain-id-long"}


def test_a_profile_that_is_not_known_or_not_whole() -> None:
    assert codes(reviewed(a_record(4, profile="cometbft-9.9"))) == {"record-profile-newer"}
    assert "record-profile-partial" in codes(reviewed(a_record(4, profile_name="tendermint-0.31")))


def test_a_parameter_of_another_generation_would_be_in_no_file() -> None:
    params = (("block.max_bytes", "22020096"), ("block.max_gas", "-1"), ("evidence.max_age", "1"))
    found = reviewed(a_record(4, params=params))
    assert "record-param-unknown" in codes(found, Severity.ERROR)


def test_validators_that_are_not_the_members_with_power() -> None:
    def stronger(value: Any) -> None:
        value["genesis"]["validators"][0]["power"] = "99"

    found = reviewed(altered(a_record(4), stronger))
    assert {"record-validators-differ", "record-genesis-hash"} <= codes(found)
    amended = an_amendment(a_record(4), 5)
    assert codes(reviewed(amended, before=the_record(a_record(4)), known_genesis=True)) == set()


def test_a_member_without_quorate_is_marked() -> None:
    found = reviewed(a_record([*(a_card(name) for name in MONIKERS[:3]), an_unsigned("dave")]))
    assert "record-member-unsigned" in codes(found, Severity.INFO) and not codes(found)


def test_private_ranges_that_members_share() -> None:
    homes = [a_card(name, p2p=(f"192.168.1.{at}:26656",)) for at, name in enumerate(MONIKERS[:4], 1)]
    found = reviewed(a_record(homes), own_card=homes[0].id)
    assert codes(found) == {"peer-private-range", "address-private"}


@pytest.mark.parametrize(("ahead", "code"), [(-1, "record-genesis-past"), (1, "record-notice-short")])
def test_the_coordinator_is_not_sent_to_the_coordinator(ahead: int, code: str) -> None:
    document = a_record(4, genesis_time=NOW + timedelta(hours=ahead))
    for coordinator in (True, False):
        (found,) = [one for one in reviewed(document, coordinator=coordinator) if one.code == code]
        assert ("ask the coordinator" in found.fix) != coordinator and "time" in found.fix
