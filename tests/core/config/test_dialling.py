"""Whom a node dials and what it tells of itself: whatever the plan provides for is looked for in every file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.config.addresses import is_routable
from core.config.checks import check
from core.config.settings import SETTINGS
from core.config.surroundings import Surroundings
from core.documents.toml import edit_toml
from core.finding import Finding, Severity
from core.profiles import profile
from tests.builders import a_card
from tests.core.config.around import around, id_of
from tests.core.config.configs import ONE, THREE, TWO, WHOLE, real, with_value
from tests.core.config.test_step import a_network, a_world, plan_of, written

NOW = profile("tendermint-0.34")
EXTERNAL = ("p2p", "external_address")


def said(values: Mapping[str, str | bool], beside: Surroundings | None = None) -> dict[str, Finding]:
    data = edit_toml(real("tendermint-0.34"), {("p2p", key): value for key, value in values.items()})
    found = check(data, NOW, around=beside or around())
    return {one.code: one for one in found if one.subject.startswith("p2p.")}


def peers(*places: str) -> str:
    return ",".join(f"{node}@{place}" for node, place in zip((ONE, TWO, THREE), places, strict=False))


# --- one address for several -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_two_peers_at_one_address_need_duplicates(name: str) -> None:
    data = with_value("p2p", "persistent_peers", peers("h.example.org:26656", "H.example.org:26666"), name)
    (finding,) = [one for one in check(data, profile(name)) if one.code == "config-shared-address"]
    assert finding.severity is Severity.WARNING and "allow_duplicate_ip = true" in finding.fix
    allowed = edit_toml(data, {("p2p", "allow_duplicate_ip"): True})
    assert "config-shared-address" not in {one.code for one in check(allowed, profile(name))}


def test_names_of_one_address_and_this_nodes_own_address_count_too() -> None:
    two = {"persistent_peers": peers("a.example.org:1", "b.example.org:1")}
    same = around(names={"a.example.org": ("10.0.0.1",), "b.example.org": ("10.0.0.1", "10.0.0.2")})
    assert "10.0.0.1" in said(two, same)["config-shared-address"].message
    assert "config-shared-address" not in said(two)
    own = {"persistent_peers": peers("203.0.113.9:26666"), "external_address": "203.0.113.9:26656"}
    assert "(this node)" in said(own)["config-shared-address"].message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[2001:4860:4860::8888]:1", "[2001:4860:4860:0::8888]:2"),
        ("8.8.8.8:1", "[::ffff:8.8.8.8]:2"),
        ("[::ffff:808:808]:1", "[0:0:0:0:0:ffff:8.8.8.8]:2"),
        ("h.example.org:1", "h.example.org.:2"),
    ],
)
def test_one_address_in_two_spellings_is_one(one: str, other: str) -> None:
    assert "config-shared-address" in said({"persistent_peers": peers(one, other)})
    own = said({"persistent_peers": peers(one), "external_address": other})
    assert "(this node)" in own["config-shared-address"].message
    same = {"persistent_peers": peers(one), "external_address": other.replace(":2", ":1")}
    assert "config-peers-own-address" in said(same)


@pytest.mark.parametrize(("host", "what"), [("224.0.0.1", "multicast"), ("255.255.255.255", "broadcast")])
def test_an_address_of_many_machines_is_not_the_own_one(host: str, what: str) -> None:
    every = said({"persistent_peers": peers(f"{host}:26656")}, around(faults={host: "", "0.0.0.0": ""}))
    assert "config-peers-own-address" not in every
    assert what in every["address-unusable"].message


def test_nobody_dials_the_port_zero() -> None:
    port = said({"persistent_peers": peers("a.example.org:0")})["config-port-zero"]
    assert (port.severity, port.subject) == (Severity.ERROR, "p2p.persistent_peers")
    port = said({"external_address": "a.example.org:0"})["config-port-zero"]
    assert (port.severity, port.subject) == (Severity.WARNING, "p2p.external_address")


def test_one_node_with_two_addresses_shares_none() -> None:
    assert "config-shared-address" not in said({"persistent_peers": f"{ONE}@a.example.org:1,{ONE}@a.example.org:2"})
    beside = around(own=TWO)
    assert "config-shared-address" not in said(
        {"persistent_peers": peers("a.example.org:1", "a.example.org:2")}, beside
    )


# --- kinds of addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["10.0.0.5", "192.168.1.1", "172.20.0.1", "[fc00::1]", "node.local", "validator-1"])
def test_a_strict_book_refuses_what_is_not_public(host: str) -> None:
    values: dict[str, str | bool] = {"persistent_peers": peers(f"{host}:26656")}
    found = said(values)
    assert found["config-strict-book"].subject == "p2p.addr_book_strict"
    assert not said({**values, "addr_book_strict": False})


@pytest.mark.parametrize(
    ("host", "routable"),
    [
        ("8.8.8.8", True),
        ("100.64.0.1", True),
        ("169.254.1.1", False),
        ("::ffff:10.0.0.1", False),
        ("2001:db8::1", False),
        ("2a00::1", True),
        ("0.0.0.1", False),
    ],
)
def test_public_is_what_the_node_takes_for_it(host: str, routable: bool) -> None:
    assert is_routable(host) is routable


@pytest.mark.parametrize("key", ["persistent_peers", "seeds", "external_address"])
@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("0.0.0.0:26656", "address-unspecified"),
        ("[::]:26656", "address-unspecified"),
        ("127.0.0.1:26656", "address-loopback"),
        ("localhost:26656", "address-loopback"),
        ("192.0.2.5:26656", "address-unusable"),
        ("node.example.org:26657", "address-other-port"),
        ("node.example.org:26658", "address-other-port"),
        ("node.example.org:26660", "address-other-port"),
        ("node.example.org:9984", "address-other-port"),
    ],
)
def test_what_cards_are_checked_for_is_looked_for_in_config_toml(key: str, place: str, code: str) -> None:
    found = said({key: place if key == "external_address" else f"{ONE}@{place}", "laddr": "tcp://0.0.0.0:26600"})
    assert found[code].severity >= Severity.WARNING and found[code].subject == f"p2p.{key}"


def test_a_private_address_is_told_to_a_network_that_is_not_declared_private() -> None:
    values: dict[str, str | bool] = {"external_address": "10.0.0.1:26656"}
    assert said(values)["address-private"].severity is Severity.WARNING
    assert not said({**values, "addr_book_strict": False})


def test_an_address_that_only_peers_use_does_not_keep_the_node_from_starting() -> None:
    assert said({"external_address": "tcp://0.0.0.0:26656"})["address-unspecified"].severity is Severity.WARNING


def test_seeds_that_nobody_asks_are_not_judged() -> None:
    found = said({"seeds": f"{ONE}@127.0.0.1:26657", "pex": False})
    assert set(found) == {"config-seeds-without-pex"}


# --- itself ------------------------------------------------------------------------------------------------------


def test_this_node_among_its_peers_is_no_more_than_an_info() -> None:
    found = said({"persistent_peers": f"{ONE}@192.0.2.5:26657"}, around(own=ONE))
    assert [(one.code, one.severity) for one in found.values()] == [("config-peers-self", Severity.INFO)]


@pytest.mark.parametrize(
    ("place", "values", "faults"),
    [
        ("a.example.org:26656", {"external_address": "tcp://A.example.org:26656"}, {}),
        ("127.0.0.1:26656", {}, {}),
        ("localhost:26700", {"laddr": "tcp://0.0.0.0:26700"}, {}),
        ("203.0.113.9:26656", {}, {"203.0.113.9": ""}),
    ],
)
def test_its_own_address_under_another_id_is_a_warning(
    place: str, values: dict[str, str | bool], faults: dict[str, str]
) -> None:
    found = said({"persistent_peers": peers(place), **values}, around(own=TWO, faults=faults))
    assert found["config-peers-own-address"].severity is Severity.WARNING
    other = place.rpartition(":")[0] + ":1"
    assert "config-peers-own-address" not in said({"persistent_peers": peers(other), **values}, around(faults=faults))


# --- names -------------------------------------------------------------------------------------------------------


def test_a_name_that_does_not_resolve_is_told_apart_from_one_that_was_not_determined() -> None:
    values: dict[str, str | bool] = {"persistent_peers": peers("a.example.org:1", "b.example.org:1")}
    assert not said(values)
    gone = said(values, around(names={"a.example.org": (), "b.example.org": ("198.51.100.1",)}))
    assert gone["config-peers-unresolved"].severity is Severity.WARNING and "a.example.org" in str(gone)
    doubt = said(values, around(names={"a.example.org": None, "b.example.org": ("198.51.100.1",)}))
    assert doubt["config-peers-unresolved"].severity is Severity.UNKNOWN


def test_seeds_of_which_none_resolves_end_the_node_unless_it_has_an_address_book(tmp_path: Path) -> None:
    values: dict[str, str | bool] = {"seeds": peers("a.example.org:1", "b.example.org:1")}
    none = around(names={"a.example.org": (), "b.example.org": ()})
    assert said(values, none)["config-peers-unresolved"].severity is Severity.ERROR
    one = around(names={"a.example.org": (), "b.example.org": ("198.51.100.1",)})
    assert said(values, one)["config-peers-unresolved"].severity is Severity.WARNING
    book = replace(none, home=tmp_path, there={tmp_path / "config" / "addrbook.json": "file"})
    assert said(values, book)["config-peers-unresolved"].severity is Severity.WARNING


@pytest.mark.parametrize("key", ["external_address", "laddr"])
def test_an_own_name_is_known_to_resolve_or_not_where_it_was_looked_up(key: str) -> None:
    values: dict[str, str | bool] = {key: "a.example.org:26656"}
    assert said(values)["config-address-name"].severity is Severity.UNKNOWN
    assert said(values, around(names={"a.example.org": None}))["config-address-name"].severity is Severity.UNKNOWN
    assert said(values, around(names={"a.example.org": ()}))["config-address-name"].severity is Severity.ERROR
    assert "config-address-name" not in said(values, around(names={"a.example.org": ("198.51.100.1",)}))


# --- nothing that the plan provides for is overlooked by the check ---------------------------------------------------


UNNOTED = ("moniker", "log_level", "send_rate", "recv_rate", "recheck", "create_empty_blocks")
"""Matters of taste: no other value of them is a mistake."""
SECRECY = ("pex", "private_peer_ids", "external_address")
"""What a permissioned network wants and other networks do not."""


@pytest.mark.parametrize("key", [f"{one.table}.{one.key}" for one in SETTINGS])
async def test_what_the_plan_sets_for_the_network_is_missed_where_it_is_not_so(key: str, tmp_path: Path) -> None:
    table, _, name = key.rpartition(".")
    if name in (*UNNOTED, *SECRECY):
        return
    # All on one private address, an open RPC: every rule of the plan has a reason.
    cards = [
        a_card(name, p2p=(f"10.0.0.1:{26656 + 10 * number}",)) for number, name in enumerate(("alice", "bob", "carol"))
    ]
    before = edit_toml(
        real("tendermint-0.34"),
        {("rpc", "laddr"): "tcp://0.0.0.0:26657", ("p2p", "persistent_peers"): f"{id_of('x')}@0.0.0.0:26656"},
    )
    before = edit_toml(before, {("p2p", "laddr"): "tcp://0.0.0.0:26657"}) if key == "p2p.laddr" else before
    after = written(await plan_of(a_world(tmp_path, before, a_network(cards))))
    assert not worrying(after)
    old = tomllib.loads(before.decode())
    value = old[table][name] if table else old[name]
    assert worrying(edit_toml(after, {(table, name): value})), f"{key} = {value!r} is not found"


def worrying(data: bytes) -> list[str]:
    return [one.code for one in check(data, NOW) if one.severity >= Severity.WARNING]
