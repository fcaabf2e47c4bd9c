"""What a member is told where the record contradicts what they know of a card."""

from __future__ import annotations

from core.agreement.reduce import reduce
from core.documents.document import Document
from core.finding import Finding, Severity
from core.local import Decision, Local
from core.peers.roster import roster_findings
from tests.builders import NETWORK, NOW, SERIAL, a_card, a_key, a_record, the_record

BOB = a_key("bob").node_id
KNOWN, OTHER = a_card("bob"), a_card("bob", validator="stranger", serial=SERIAL + 1)


def told(record: Document, *cards: Document, decision: Decision | None = None) -> list[Finding]:
    local = Local(decisions={BOB: decision} if decision else {})
    exchange = reduce(cards, network=NETWORK, now=NOW, local=local)
    return list(roster_findings(the_record(record), exchange))


def test_the_card_that_is_here_says_nothing() -> None:
    record = a_record([a_card("alice"), KNOWN])
    assert told(record, KNOWN) == told(record) == []
    assert told(record, KNOWN, decision=Decision(KNOWN.id, confirmed="on a call")) == []


def test_another_validator_key_is_told_with_both() -> None:
    (finding,) = told(a_record([a_card("alice"), OTHER]), KNOWN)
    assert (finding.code, finding.severity, finding.subject) == ("record-other-key", Severity.WARNING, "bob")
    assert a_key("stranger").base64 in finding.message and a_key("bob validator").base64 in finding.message
    assert "compared" not in finding.message


def test_that_the_words_of_the_known_card_were_compared_is_told() -> None:
    decision = Decision(KNOWN.id, confirmed="on a call, 21 Nov")
    (finding,) = told(a_record([a_card("alice"), OTHER]), KNOWN, decision=decision)
    assert "whose words you compared (on a call, 21 Nov)" in finding.message


def test_another_address_is_no_finding() -> None:
    moved = a_card("bob", p2p=("bob.example.net:26656",), serial=SERIAL + 1)
    assert told(a_record([a_card("alice"), moved]), KNOWN) == []


def test_a_record_with_a_card_that_is_held_back_is_an_error() -> None:
    decision = Decision(KNOWN.id, verdict="hold", reason="its words differed: on a call")
    (finding,) = told(a_record([a_card("alice"), KNOWN]), KNOWN, decision=decision)
    assert (finding.code, finding.severity) == ("record-card-held", Severity.ERROR)
    assert "its words differed: on a call" in finding.message


def test_a_card_that_was_held_back_and_replaced_is_none() -> None:
    decision = Decision(KNOWN.id, verdict="hold", reason="its words differed")
    assert told(a_record([a_card("alice"), OTHER]), KNOWN, OTHER, decision=decision) == []
