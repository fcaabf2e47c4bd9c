"""An identifier of the wrong kind is named, with whom to ask; no advice makes it look right."""

from __future__ import annotations

import base64
import re

import pytest

from core.config.checks import check
from core.config.peers import id_list_findings
from core.finding import Finding, Severity
from core.profiles import profile
from tests.core.config.around import KNOWN, address_of, around, id_of, key_of
from tests.core.config.configs import ONE, real, with_value

NOW = profile("tendermint-0.34")
PLACE = "bob.example.org:26656"
LIBP2P = "12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf"
COSMOS = "cosmosvaloper1" + "q" * 38


def said(value: str, key: str = "persistent_peers") -> list[Finding]:
    found = check(with_value("p2p", key, value), NOW, around=around(own=id_of("alice")))
    return [one for one in found if one.subject.startswith(f"p2p.{key}")]


WRONG = [
    (address_of("bob"), "the address of bob's validator key", "Ask bob for"),
    (address_of("bob").lower(), "the address of bob's validator key (the record)", "Ask bob for"),
    (key_of("dave").hex(), "dave's validator key itself (genesis.json)", "Ask dave for"),
    (key_of("bob node").hex(), "bob's node key itself", "Ask bob for"),
    (base64.b64encode(key_of("bob validator")).decode(), "bob's validator key itself", "Ask bob for"),
    (base64.b64encode(b"x" * 32).decode(), "a public key", "Ask the operator of bob.example.org for"),
    ("0x" + ONE, "Ethereum", "Ask the operator of bob.example.org for"),
    (LIBP2P, "libp2p", "Ask the operator of bob.example.org for"),
    (COSMOS, "Cosmos SDK", "Ask the operator of bob.example.org for"),
    ("bob", "the moniker of a member", "Ask bob for"),
    ("10.0.0.5", "a host, not a node id", "Ask the operator of bob.example.org for"),
]


@pytest.mark.parametrize(("wrong", "what", "ask"), WRONG)
@pytest.mark.parametrize("key", ["persistent_peers", "seeds"])
def test_what_stands_in_the_place_of_a_node_id_is_named(key: str, wrong: str, what: str, ask: str) -> None:
    (finding,) = [one for one in said(f"{wrong}@{PLACE}", key) if one.severity is Severity.ERROR]
    assert what in finding.message
    assert finding.fix.startswith(ask) and "show-node-id" in finding.fix
    assert f"Write {wrong.lower()}" not in finding.fix


@pytest.mark.parametrize(("wrong", "what"), [(wrong, what) for wrong, what, _ in WRONG])
@pytest.mark.parametrize("fatal", [True, False])
def test_the_same_in_a_list_of_ids(wrong: str, what: str, fatal: bool) -> None:
    (finding,) = id_list_findings(wrong, "p2p.unconditional_peer_ids", fatal, KNOWN)
    assert what in finding.message and "show-node-id" in finding.fix
    assert finding.severity is Severity.ERROR or not fatal


def test_upper_case_is_made_small_only_where_that_is_a_known_node_id() -> None:
    (known,) = said(f"{id_of('bob').upper()}@{PLACE}")
    assert "the node id of bob in upper case" in known.message and known.fix == f"Write {id_of('bob')}."
    unknown = said("B9C2BFC8EA9487E009488712CEA7654E2872035C@192.0.2.5:26656")[0]
    assert "validator addresses are printed" in unknown.message
    assert unknown.fix == "Ask the operator of 192.0.2.5 for what show-node-id prints."
    (mixed,) = said("B9c2bfc8ea9487e009488712cea7654e2872035c@node.example.org:26656")
    assert "validator" not in mixed.message and "Ask the operator" in mixed.fix


def test_the_address_of_the_own_validator_is_told() -> None:
    from core.config.known import Known, Party

    own = Known((Party("this node", "its key files", id_of("alice"), key_of("alice validator")),))
    data = with_value("p2p", "persistent_peers", f"{address_of('alice')}@10.1.1.1:26656")
    finding = next(one for one in check(data, NOW, around=around(known=own)) if one.code == "config-id-kind")
    assert "this node's own validator key" in finding.message
    assert finding.fix == "Ask the operator of 10.1.1.1 for what show-node-id prints."


@pytest.mark.parametrize(
    ("entry", "what", "fix"),
    [
        (PLACE, "bob's address without a node id", "Ask bob for what show-node-id prints"),
        ("10.0.0.5", "it has no node id", "Ask the operator of 10.0.0.5 for"),
        ("node.example.org:26656", "it has no node id", "Ask the operator of node.example.org for"),
        (ONE, "it has no address", "Ask that node's operator for its host and port"),
        (f"10.0.0.5:26656@{ONE}", "the node id is behind the address", f"Write {ONE}@10.0.0.5:26656, if show-node-id"),
        (f"{ONE}:10.0.0.5:26656", "it has no node id", "Write 40 lower-case hex"),
    ],
)
def test_half_an_entry_is_told_with_what_is_missing(entry: str, what: str, fix: str) -> None:
    (finding,) = [one for one in said(entry) if one.code == "config-peers-entry"]
    assert what in finding.message and finding.fix.startswith(fix)


def test_an_id_under_the_address_of_another_member_is_an_error() -> None:
    (swapped,) = [one for one in said(f"{id_of('bob')}@192.0.2.7:26656") if one.code == "config-peers-other-member"]
    assert "bob's node id" in swapped.message and "carol's node answers there" in swapped.message
    assert id_of("carol") in swapped.message and swapped.fix.startswith("Ask carol for")
    (stranger,) = [one for one in said(f"{ONE}@{PLACE}") if one.code == "config-peers-other-member"]
    assert "an unknown node id" in stranger.message and stranger.fix.startswith("Ask bob for")
    for right in (f"{id_of('bob')}@{PLACE}", f"{id_of('bob')}@elsewhere.example.org:26656", f"{ONE}@a.example.org:1"):
        assert said(right) == []


@pytest.mark.parametrize("value", [f"{ONE}@{ONE[:-1]}2:26656", f"{ONE}@{address_of('bob')}:26656"])
def test_an_id_in_the_place_of_a_host_is_told(value: str) -> None:
    (finding,) = [one for one in said(value) if one.code == "config-id-kind"]
    assert "40 hex digits" in finding.message and "host and port" in finding.fix


@pytest.mark.parametrize("key", ["external_address", "laddr"])
def test_a_node_id_in_an_own_address_is_told(key: str) -> None:
    (finding,) = said(f"{ONE}@10.0.0.5:26656", key)
    assert finding.code == "config-address" and "a node id has no place in it" in finding.message
    assert "config-id-kind" in [one.code for one in said(f"{id_of('bob')}:26656", "external_address")]


def test_a_whole_entry_in_a_list_of_ids_is_told() -> None:
    (finding,) = id_list_findings(f"{ONE}@a.example.org:1", "p2p.private_peer_ids", False)
    assert "node ids alone" in finding.message and finding.fix == f"Write {ONE}."


def test_nobody_known_and_right_ids_have_no_finding() -> None:
    assert said(f"{ONE}@node.example.org:26656") == []
    assert [one for one in check(real("tendermint-0.34"), NOW, around=around()) if one.severity > Severity.INFO] == []


@pytest.mark.parametrize("wrong", [one for one, _, _ in WRONG])
def test_no_fix_names_a_thing_that_the_person_has_to_guess(wrong: str) -> None:
    for finding in said(f"{wrong}@{PLACE}"):
        assert not re.search(r"lower case|Write \S+@", finding.fix), finding.fix
