"""A record reads back as it was built, is the same on every machine, and is refused with the field that is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.agreement.build import amend, build
from core.agreement.record import NetworkRecord, parse_record
from core.documents.canonical import canonical, parse_canonical
from core.finding import Refusal
from core.genesis.model import default_params
from core.profiles import every_profile, profile
from tests.builders import (
    CHAIN_ID,
    GENESIS_TIME,
    MONIKERS,
    NETWORK,
    a_card,
    a_key,
    a_record,
    an_acceptance,
    an_amendment,
    an_unsigned,
    rows,
    spoiled,
    the_record,
)

FOUR = [a_card(name) for name in MONIKERS[:4]]
WHOLE = [one.name for one in every_profile() if one.whole]


def built(**changed: Any) -> bytes:
    answers: dict[str, Any] = {
        "network": NETWORK,
        "profile": "tendermint-0.34",
        "chain_id": CHAIN_ID,
        "genesis_time": GENESIS_TIME,
        "params": default_params(profile("tendermint-0.34")),
        "members": rows(FOUR),
        "owners": [a_key("alice").owner, a_key("bob").owner],
        "threshold": 2,
    }
    return build(**(answers | changed))


def codes_of(payload: bytes) -> list[str]:
    record, findings = parse_record(payload)
    assert (record is None) == bool(findings)
    return [finding.code for finding in findings]


def test_a_record_reads_back_as_it_was_built() -> None:
    record = the_record(a_record([*FOUR[:3], an_unsigned("dave")], powers=(10, 20, 0, 5), note="hello"))
    assert (record.version, record.previous, record.network, record.note) == (1, "", NETWORK, "hello")
    found = {one.moniker: (one.power, one.signed) for one in record.members}
    assert found == {"alice": (10, True), "bob": (20, True), "carol": (0, True), "dave": (5, False)}
    assert {one.moniker for one in record.voters} == {"alice", "bob", "dave"}
    assert {one.name for one in record.section.validators} == {"alice", "bob", "dave"}
    alice = record.member(a_key("alice").node_id)
    assert alice is not None and alice.card_id == FOUR[0].id and alice.signature in FOUR[0].signatures
    assert alice.dial == (f"{alice.node_id}@alice.example.org:26656",)
    assert alice.validator_key == a_key("alice validator").public and alice.node_key == a_key("alice").public


@given(st.randoms(use_true_random=False), st.permutations(FOUR))
def test_the_order_of_asking_does_not_matter(shuffle: random.Random, cards: list[Any]) -> None:
    owners = [a_key("alice").owner, a_key("bob").owner]
    params = list(default_params(profile("tendermint-0.34")))
    shuffle.shuffle(owners)
    shuffle.shuffle(params)
    assert built(members=rows(cards), owners=owners, params=tuple(params)) == built()


def test_the_zone_in_which_the_time_was_given_does_not_matter() -> None:
    there = GENESIS_TIME.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert built(genesis_time=there + timedelta(microseconds=999_999)) == built()


def test_even_the_zero_time_is_written_in_full_so_that_it_can_be_told() -> None:
    record, _ = parse_record(built(genesis_time=datetime(1, 1, 1, tzinfo=UTC)))
    assert record is not None and record.section.genesis_time == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize("name", WHOLE)
def test_the_genesis_is_that_of_the_profile_and_its_hash_is_in_the_record(name: str) -> None:
    record = the_record(a_record(4, profile_name=name, params=default_params(profile(name))))
    genesis = record.genesis_bytes()
    assert hashlib.sha256(genesis).hexdigest() == record.genesis_sha256
    value = json.loads(genesis)
    assert [one["name"] for one in value["validators"]] == [one.name for one in record.section.validators]
    written = [f"{section}.{key}" for section, keys in value["consensus_params"].items() for key in keys]
    assert written == [param.path for param in profile(name).params]


def test_p6_the_same_record_gives_a_byte_identical_genesis_in_other_processes() -> None:
    payload = a_record(4).payload
    code = (
        "import sys, hashlib, locale; sys.path.insert(0, '.')\n"
        "from core.agreement.record import parse_record\n"
        "try: locale.setlocale(locale.LC_ALL, '')\n"
        "except locale.Error: pass\n"
        "record, _ = parse_record(sys.stdin.buffer.read())\n"
        "print(hashlib.sha256(record.genesis_bytes()).hexdigest(), record.id)"
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    told = set()
    for seed, zone, language in (("0", "UTC", "C"), ("1", "Asia/Kathmandu", "de_DE.UTF-8"), ("77", "EST5", "tr_TR")):
        environ = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language, "PYTHONUTF8": "0"}
        ended = subprocess.run([sys.executable, "-c", code], input=payload, env=environ, cwd=root, capture_output=True)
        assert ended.returncode == 0, ended.stderr
        told.add(ended.stdout)
    record = the_record(a_record(4))
    assert told == {f"{record.genesis_sha256} {record.id}\n".encode()}


def test_p6_an_amendment_leaves_the_genesis_byte_for_byte() -> None:
    first = a_record(4)
    amended = an_amendment(first, 6, powers=(1, 2, 3, 4, 5, 6), owners=("bob",), note="larger")
    one, two = the_record(first), the_record(amended)
    assert two.section == one.section and two.genesis_bytes() == one.genesis_bytes()
    assert (two.version, two.previous, len(two.members)) == (2, one.id, 6)


def test_an_amendment_keeps_what_is_not_given() -> None:
    one = the_record(a_record([*FOUR[:3], an_unsigned("dave")], owners=("alice", "bob"), threshold=2))
    two, _ = parse_record(amend(one))
    assert two is not None
    assert (two.members, two.owners, two.threshold, two.section) == (one.members, one.owners, 2, one.section)


def test_a_new_genesis_follows_a_record_under_another_chain_id() -> None:
    first = a_record(4)
    second = the_record(a_record(5, previous=first, chain_id="example-2"))
    assert (second.version, second.previous, second.chain_id) == (2, first.id, "example-2")
    assert second.genesis_sha256 != the_record(first).genesis_sha256


def test_a_card_that_its_node_key_did_not_sign_is_not_built_in() -> None:
    with pytest.raises(Refusal) as told:
        built(members=rows([a_card("alice", signer="mallory")]))
    assert [one.code for one in told.value.findings] == ["record-card-unsigned"]


def test_what_can_not_be_read_back_is_not_built() -> None:
    with pytest.raises(Refusal) as told:
        built(chain_id="with a blank", threshold=0, network="Upper")
    subjects = {one.subject for one in told.value.findings}
    assert subjects == {"record.network", "record.genesis.chain_id", "record.threshold"}


@pytest.mark.parametrize(
    ("spoil", "subject"),
    [
        ({"network": "Example"}, "record.network"),
        ({"version": 0}, "record.version"),
        ({"version": "1"}, "record.version"),
        ({"previous": "abc"}, "record.previous"),
        ({"profile": ""}, "record.profile"),
        ({"threshold": 0}, "record.threshold"),
        ({"owners": []}, "record.owners"),
        ({"owners": [{"name": "alice", "key": "A" * 44}]}, "record.owners[0].key"),
        ({"owners": [{"name": "al\x1b[31m", "key": a_key().base64}]}, "record.owners[0].name"),
        ({"owners": [{"name": " x", "key": a_key().base64}]}, "record.owners[0].name"),
        ({"note": "x" * 501}, "record.note"),
        ({"note": "two\nlines"}, "record.note"),
        ({"chain_id": ""}, "record.genesis.chain_id"),
        ({"chain_id": "a" * 51}, "record.genesis.chain_id"),
        ({"chain_id": "a\n"}, "record.genesis.chain_id"),
        ({"genesis_time": "2026-11-24T12:00:00+00:00"}, "record.genesis.genesis_time"),
        ({"genesis_time": "2026-11-24T12:00:00.5Z"}, "record.genesis.genesis_time"),
        ({"genesis_time": "2026-02-30T12:00:00Z"}, "record.genesis.genesis_time"),
        ({"genesis_time": "2026-11-24 12:00:00Z"}, "record.genesis.genesis_time"),
        ({"initial_height": 1}, "record.genesis.initial_height"),
        ({"app_hash": "xy"}, "record.genesis.app_hash"),
        ({"genesis_sha256": "A" * 64}, "record.genesis.genesis_sha256"),
        ({"params": {"block": {"max_bytes": "1"}}}, "record.genesis.params"),
        ({"params": {"block.max_bytes": 1}}, "record.genesis.params"),
        ({"validators": [{"key": a_key().base64, "name": "x", "power": 10}]}, "record.genesis.validators[0].power"),
        ({"validators": [{"key": a_key().base64, "name": "x", "power": "-1"}]}, "record.genesis.validators[0].power"),
        ({"validators": [{"key": a_key().base64, "name": "x", "power": "01"}]}, "record.genesis.validators[0].power"),
        ({"members": {}}, "record.members"),
        ({"members": [{"power": "1"}]}, "record.members[0].card"),
        ({"members": [{"unsigned": {}, "card": {}, "power": "1"}]}, "record.members[0]"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_what_it_must_be(spoil: dict[str, Any], subject: str) -> None:
    _, findings = parse_record(spoiled(a_record(1).payload, spoil))
    assert subject in {one.subject for one in findings}
    assert {one.code for one in findings} <= {"document-field", "document-field-unknown"}


def test_what_stood_in_a_wrong_field_is_never_repeated() -> None:
    payload = spoiled(a_record(1).payload, {"note": "SECRET" * 100, "chain_id": "SECRET " * 3, "SECRET": "SECRET"})
    _, findings = parse_record(payload)
    assert len(findings) == 3 and "SECRET" not in repr(findings)


def test_an_unknown_field_is_refused_at_every_depth() -> None:
    value: Any = parse_canonical(a_record(1).payload)
    for place in (value, value["genesis"], value["genesis"]["validators"][0], value["members"][0], value["owners"][0]):
        place["extra"] = "1"
        assert codes_of(canonical(value)) == ["document-field-unknown"]
        del place["extra"]


def test_a_card_that_is_wrong_is_told_with_its_place() -> None:
    value: Any = parse_canonical(a_record(2).payload)
    value["members"][1]["card"]["moniker"] = "x" * 65
    value["members"][0]["card"]["node_id"] = "0" * 40
    _, findings = parse_record(canonical(value))
    assert [(one.code, one.subject) for one in findings] == [
        ("record-member", "record.members[0]"),
        ("record-member", "record.members[1]"),
    ]


def test_a_newer_record_is_not_called_damaged() -> None:
    assert codes_of(spoiled(a_record(1).payload, {"v": 2, "what": "new"})) == ["document-later-version"]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff" * 100,
        b'{"kind":"record"}',
        b'{"kind":"card","v":1}',
        b'{"kind":"record","v":"1"}',
        b'{"kind":"record","v":-1}',
        b"[" * 100_000,
        b'{"v":1,"kind":"record"}',
        an_acceptance(a_record(1)).payload,
    ],
)
def test_what_is_no_record_is_unreadable(payload: bytes) -> None:
    assert codes_of(payload) == ["document-unreadable"]


@given(st.binary(max_size=200), st.integers(0, 3000), st.integers(0, 50))
def test_a_record_with_bytes_replaced_never_raises(noise: bytes, at: int, gone: int) -> None:
    payload = a_record(4).payload
    record, findings = parse_record(payload[:at] + noise + payload[at + gone :])
    assert (record is None) == bool(findings)


def test_a_profile_that_is_not_known_is_told_when_the_genesis_is_wanted() -> None:
    record = the_record(a_record(4, profile="cometbft-9.9"))
    assert isinstance(record, NetworkRecord)
    with pytest.raises(Refusal) as told:
        record.genesis_bytes()
    assert [one.code for one in told.value.findings] == ["record-profile-newer"]


def test_a_record_of_a_thousand_members_fits_into_a_document() -> None:
    members = [a_card(f"organisation-{number:04d}") for number in range(40)]
    one, two = len(a_record(members[:20]).payload), len(a_record(members).payload)
    assert one + (two - one) / 20 * 980 < 1 << 20
