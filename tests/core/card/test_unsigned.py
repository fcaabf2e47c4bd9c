"""The entry of a member without quorate, from what somebody typed."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.card.model import UnsignedEntry
from core.card.unsigned import typed_entry
from core.finding import Finding
from tests.builders import a_key, an_unsigned

DAVE = an_unsigned("dave")
SHOWN = json.dumps({"type": "tendermint/PubKeyEd25519", "value": DAVE.validator_key})


def typed(**spoil: object) -> tuple[UnsignedEntry | None, tuple[Finding, ...]]:
    good: dict[str, object] = {
        "moniker": "dave",
        "addresses": ["dave.example.org:26656"],
        "node_id": DAVE.node_id,
        "validator_key": DAVE.validator_key,
    }
    return typed_entry(**{**good, **spoil})  # type: ignore[arg-type]


def errors(found: tuple[UnsignedEntry | None, tuple[Finding, ...]]) -> set[str]:
    entry, findings = found
    wrong = {one.subject for one in findings if one.severity.word == "error"}
    assert (entry is None) == bool(wrong)
    return wrong


@pytest.mark.parametrize(
    "spoil",
    [
        {},
        {"moniker": " dave "},
        {"validator_key": SHOWN},
        {"node_id": f" {DAVE.node_id} "},
        {"addresses": ["Dave.Example.org:26656"]},
        {"addresses": [f"{DAVE.node_id}@dave.example.org:26656"]},
    ],
)
def test_the_three_values_are_read_in_their_usual_forms(spoil: dict[str, object]) -> None:
    entry, findings = typed(**spoil)
    assert entry is not None, findings
    assert (entry.moniker, entry.node_id, entry.validator_key) == ("dave", DAVE.node_id, DAVE.validator_key)
    assert UnsignedEntry.parse(entry.body)[0] == entry
    assert entry.dial == (f"{DAVE.node_id}@dave.example.org:26656",)


def test_more_than_one_address_is_kept_in_the_order_given() -> None:
    entry, _ = typed(addresses=["dave.example.org:26656", "[2001:db8::1]:26656"])
    assert entry is not None and entry.p2p == ("dave.example.org:26656", "[2001:db8::1]:26656")


@pytest.mark.parametrize(
    ("spoil", "subjects"),
    [
        ({"validator_key": "nonsense"}, {"validator_key"}),
        ({"validator_key": DAVE.validator_key[:-3]}, {"validator_key"}),
        ({"validator_key": a_key("dave").base64.lower()}, {"validator_key"}),
        ({"node_id": DAVE.node_id[:-1]}, {"node_id"}),
        ({"node_id": ""}, {"node_id"}),
        ({"moniker": ""}, {"moniker"}),
        ({"moniker": "d\u202eave"}, {"moniker"}),
        ({"moniker": "x" * 65}, {"moniker"}),
        ({"addresses": []}, {"p2p"}),
        ({"addresses": ["dave.example.org:0"]}, {"p2p"}),
        (
            {"moniker": "", "node_id": "", "validator_key": "", "addresses": []},
            {"moniker", "node_id", "validator_key", "p2p"},
        ),
    ],
)
def test_every_wrong_value_is_told_at_its_field(spoil: dict[str, object], subjects: set[str]) -> None:
    assert errors(typed(**spoil)) == subjects


@given(st.text(max_size=80), st.lists(st.text(max_size=60), max_size=3), st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_typed_is_an_entry_or_told(moniker: str, addresses: list[str], node_id: str, key: str) -> None:
    entry, findings = typed_entry(moniker=moniker, addresses=addresses, node_id=node_id, validator_key=key)
    assert entry is not None or findings
    errors((entry, findings))


ASK_ID = "Ask dave for what show-node-id prints."
ASK_KEY = "Ask dave for what show-validator prints."
SECRET = base64.b64encode(b"s" * 64).decode()


@pytest.mark.parametrize(
    ("spoil", "subject", "word", "fix"),
    [
        ({"node_id": DAVE.node_id.upper()}, "node_id", "addresses of validators are printed", ASK_ID),
        ({"node_id": DAVE.node_id[:20] + DAVE.node_id[20:].upper()}, "node_id", "upper case", ASK_ID),
        ({"node_id": DAVE.validator_address}, "node_id", "address of the validator key", ASK_ID),
        ({"node_id": DAVE.validator_address.lower()}, "node_id", "address of the validator key", ASK_ID),
        ({"node_id": DAVE.validator_key}, "node_id", "public key", ASK_ID),
        ({"node_id": SHOWN}, "node_id", "public key", ASK_ID),
        ({"node_id": f"{DAVE.node_id}@dave.example.org:26656"}, "node_id", "together with an address", "Enter what is"),
        ({"node_id": "dave"}, "node_id", "40 lower-case hex digits", ASK_ID),
        ({"validator_key": DAVE.node_id}, "validator_key", "a node id by its look", ASK_KEY),
        ({"validator_key": DAVE.validator_address}, "validator_key", "a validator's address by its look", ASK_KEY),
        ({"validator_key": DAVE.validator_public.hex()}, "validator_key", "hex digits", DAVE.validator_key),
        (
            {"validator_key": json.dumps({"@type": "/cosmos.crypto.ed25519.PubKey", "key": DAVE.validator_key})},
            "validator_key",
            "Cosmos SDK",
            DAVE.validator_key,
        ),
        ({"validator_key": "x" * 44}, "validator_key", "no ed25519 public key", ASK_KEY),
        ({"validator_key": SECRET}, "validator_key", "private key", "make a new key"),
        ({"addresses": [f"{DAVE.node_id.upper()}@dave.example.org:26656"]}, "p2p", "upper case", "show-node-id"),
    ],
)
def test_a_value_of_another_kind_is_named_with_whom_to_ask(
    spoil: dict[str, object], subject: str, word: str, fix: str
) -> None:
    found = typed(**spoil)
    assert errors(found) == {subject}
    (wrong,) = (one for one in found[1] if one.severity.word == "error")
    assert word in wrong.message
    assert fix in wrong.fix
    assert "lower case" not in wrong.fix
    assert SECRET not in wrong.message + wrong.fix
