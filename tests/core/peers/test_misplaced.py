"""Values that are entered for a member and are another's: said before they are kept, of the one for whom they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.agreement.exchange import Exchange
from core.agreement.reduce import reduce
from core.card.model import UnsignedEntry
from core.peers.misplaced import misplaced
from core.seen import Own
from core.state import Local
from tests.builders import NETWORK, NOW, TestKey, a_card, a_key, a_record, an_unsigned

ALICE = Own(Path("home"), a_key("alice").node_id, a_key("alice").public, a_key("alice validator").public, None)  # type: ignore[arg-type]


def _exchange(*unsigned: UnsignedEntry) -> Exchange:
    local = Local(unsigned={one.node_id: one.body.decode() for one in unsigned})
    return reduce([a_card("carol")], network=NETWORK, now=NOW, local=local)


def _entry(node_id: str, validator: TestKey) -> UnsignedEntry:
    return an_unsigned("dora", node_id=node_id, validator_key=validator.base64)


DORA, VALIDATOR = a_key("dora").node_id, a_key("dora validator")
BOB = an_unsigned("bob")


@pytest.mark.parametrize(
    ("entry", "code", "whose", "ask"),
    [
        (_entry(a_key("bob validator").address.lower(), VALIDATOR), "peer-address-as-id", "bob", "show-node-id"),
        (_entry(a_key("carol validator").address.lower(), VALIDATOR), "peer-address-as-id", "carol", "show-node-id"),
        (_entry(a_key("alice validator").address.lower(), VALIDATOR), "peer-address-as-id", "your own", "show-node-id"),
        (_entry(DORA, a_key("carol")), "peer-key-roles", "carol", "show-validator"),
        (_entry(DORA, a_key("alice")), "peer-key-roles", "your own node", "show-validator"),
        (_entry(a_key("carol").node_id, VALIDATOR), "peer-id-of-another", "carol", "show-node-id"),
        (_entry(a_key("bob").node_id, VALIDATOR), "peer-id-of-another", "bob", "show-node-id"),
        (_entry(a_key("alice").node_id, VALIDATOR), "peer-id-of-another", "your own node", "show-node-id"),
    ],
)
def test_the_member_for_whom_it_was_entered_is_asked(entry: UnsignedEntry, code: str, whose: str, ask: str) -> None:
    (found,) = misplaced(entry, _exchange(BOB), ALICE)
    assert (found.code, found.subject) == (code, "dora")
    assert whose in found.message
    assert found.fix.startswith("Ask dora ") and ask in found.fix


def test_members_of_the_record_count_too() -> None:
    exchange = reduce([a_record(4)], network=NETWORK, now=NOW)
    assert exchange.record is not None
    (found,) = misplaced(_entry(a_key("bob validator").address.lower(), VALIDATOR), exchange, None)
    assert (found.code, found.subject) == ("peer-address-as-id", "dora")


def test_good_values_and_a_new_name_or_key_for_ones_own_entry_are_taken() -> None:
    good = _entry(DORA, VALIDATOR)
    for entry in (good, BOB.named("robert"), an_unsigned("bob", validator_key=VALIDATOR.base64)):
        assert misplaced(entry, _exchange(BOB), ALICE) == ()


def test_the_wrong_values_of_another_entry_keep_nobody_out() -> None:
    wrong = an_unsigned("erin", node_id=VALIDATOR.address.lower())
    assert misplaced(_entry(DORA, VALIDATOR), _exchange(wrong), ALICE) == ()
