"""The peer string: every row of what real nodes make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.peers import Peer, id_list_findings, parse_dial, read_peers, render_peers
from core.finding import Severity
from core.profiles import profile
from tests.core.config.configs import ONE, TWO

NOW = profile("tendermint-0.34")
GOOD = f"{ONE}@a.example.org:26656"


def said(text: str, name: str = "tendermint-0.34", own: str = "") -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in read_peers(text, profile(name), own).findings]


@pytest.mark.parametrize("text", [GOOD, f"{GOOD},{TWO}@[::1]:26656", f"{ONE}@10.0.0.1:1", ""])
def test_canonical_lists_have_no_finding_and_are_written_as_they_are(text: str) -> None:
    peers = read_peers(text, NOW)
    assert peers.findings == ()
    assert peers.text == text


@pytest.mark.parametrize(
    ("between", "named"),
    [(";", '";"'), (" ", "a blank"), ("; ", '";"'), ("|", '"|"'), ("\n", "a blank"), ("\t", "a blank"), ("，", '"，"')],
)
def test_entries_with_another_sign_between_them_are_told_so(between: str, named: str) -> None:
    other = f"{TWO}@b.example.org:26656"
    (finding,) = read_peers(f"{GOOD}{between}{other}", NOW).findings
    assert f'2 entries have {named} between them, expected ","' in finding.message
    assert finding.fix.endswith(f": {GOOD},{other}")
    (finding,) = id_list_findings(f"{ONE}{between}{TWO}", "p2p.private_peer_ids", fatal=False)
    assert f"2 entries have {named} between them" in finding.message and finding.fix.endswith(f"{ONE},{TWO}")


@pytest.mark.parametrize("digits", [1, 38, 39, 41, 42])
def test_a_node_id_of_another_length_is_counted(digits: int) -> None:
    (finding,) = read_peers(f"{'a' * digits}@a.example.org:26656", NOW).findings
    assert f"the node id has {digits} hex digits, expected 40" in finding.message


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        (f"{GOOD},", "config-peers-empty-entry", Severity.INFO),
        (f"{GOOD},,{TWO}@b:1", "config-peers-empty-entry", Severity.INFO),
        (f" {GOOD}", "config-peers-spaces", Severity.INFO),
        (f"tcp://{GOOD}", "config-peers-protocol", Severity.INFO),
        (f"{GOOD},{GOOD}", "config-peers-duplicate", Severity.INFO),
        (
            f"{'ab' * 20}@a.example.org:1".upper().replace("EXAMPLE.ORG", "example.org"),
            "config-peers-upper-case",
            Severity.ERROR,
        ),
        (f"{ONE}@exa mple:26656", "config-peers-host", Severity.ERROR),
        (f"{ONE}@256.1.1.1:26656", "config-peers-host", Severity.ERROR),
        (f"{ONE[:-2]}@a.example.org:26656", "config-peers-entry", Severity.ERROR),
        (f"{'x' * 40}@a.example.org:26656", "config-peers-entry", Severity.ERROR),
        ("a.example.org:26656", "config-peers-entry", Severity.ERROR),
        (f"{ONE}@a.example.org", "config-peers-entry", Severity.ERROR),
        (f"{ONE}@a.example.org:port", "config-peers-entry", Severity.ERROR),
        (f"{ONE}@a.example.org:26656/", "config-peers-entry", Severity.ERROR),
        (f"{ONE}@::1:26656", "config-peers-entry", Severity.ERROR),
        (f"{ONE}@tcp://a.example.org:26656", "config-peers-entry", Severity.ERROR),
        (f"{ONE}@http://a.example.org:26656", "config-peers-entry", Severity.ERROR),
        (f"{GOOD};{TWO}@b.example.org:26656", "config-peers-entry", Severity.ERROR),
        (f"{ONE}@:26656", "config-peers-entry", Severity.ERROR),
        (f"{GOOD}\n", "config-peers-entry", Severity.ERROR),
        (f"{GOOD},\t{TWO}@b.example.org:26656", "config-peers-entry", Severity.ERROR),
    ],
)
def test_every_other_form_has_its_finding(text: str, code: str, severity: Severity) -> None:
    assert said(text) == [(code, severity)]


def test_what_the_node_does_with_it_is_said_for_its_generation() -> None:
    (now,) = read_peers(f"{GOOD},abc", NOW).findings
    (before,) = read_peers(f"{GOOD},abc", profile("tendermint-0.31")).findings
    assert "refuses to start, even if all other entries are good" in now.message
    assert "drops the entry" in before.message
    assert said(f"{GOOD},", "tendermint-0.22") == [("config-peers-empty-entry", Severity.WARNING)]


def test_this_node_in_its_own_list_is_told() -> None:
    assert said(GOOD, own=ONE) == [("config-peers-self", Severity.INFO)]


def test_what_is_meant_is_read_and_written_canonically() -> None:
    text = f" tcp://{'AB' * 20}@b.example.org:026656 ,, {GOOD},abc"
    assert read_peers(text, NOW).text == f"{'ab' * 20}@b.example.org:26656,{GOOD}"


def test_a_dial_entry_of_a_card_is_taken_only_in_its_canonical_form() -> None:
    assert parse_dial(f"{ONE}@[2001:db8::1]:1") == Peer(ONE, "2001:db8::1", 1)
    for wrong in (f"{ONE}@a", f"{ONE.replace('1', 'A')}@a:1", "a:1", f"{ONE}@a:0x1", f"{ONE}@a b:1", ""):
        assert parse_dial(wrong) is None


@given(st.text(alphabet=f"{ONE[:2]}abAB@:[]., \t\n/<>-;%é0", max_size=80))
def test_no_text_makes_it_raise_and_what_is_read_can_be_read_again(text: str) -> None:
    peers = read_peers(text, NOW)
    again = read_peers(render_peers(peers.peers), NOW)
    assert again.peers == tuple(dict.fromkeys(peers.peers))
