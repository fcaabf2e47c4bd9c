"""What the coordinator types: every form that is meant is read, and every mistake is a finding at its field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.agreement.record import Owner
from core.finding import Finding
from core.network.owner_words import owners_as_words, read_owners, read_threshold
from core.network.powers import power_text, read_powers
from core.network.settings import (
    Named,
    Settings,
    check_chain_id,
    read_notice,
    read_parameters,
    read_settings,
    read_time,
    suggest_time,
)
from core.profiles import profile
from tests.builders import NOW, a_key

ALICE, BOB, ZED = a_key("alice"), a_key("bob"), a_key("zed")
MEMBERS = [("alice", ALICE.node_id), ("bob", BOB.node_id)]
NODES = [ALICE.owner, BOB.owner]
NAMED = Named(members=MEMBERS, me=ALICE.owner, nodes=NODES, owners=NODES)
GOOD = {"genesis_time": "2026-11-26 12:00", "owners": "me"}
TENDERMINT = profile("tendermint-0.34")


def read(**answers: str) -> tuple[Settings | None, dict[str, str]]:
    found, findings = read_settings({**GOOD, **answers}, NAMED, "tendermint-0.34")
    return found, {finding.code: finding.subject for finding in findings}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("chain_id", "my chain", "network-chain-id"),
        ("chain_id", "x" * 51, "network-chain-id"),
        ("chain_id", "\x1b[31m", "network-chain-id"),
        ("chain_id", "châin", "network-chain-id"),
        ("genesis_time", "", "network-time"),
        ("genesis_time", "tomorrow", "network-time"),
        ("genesis_time", "26.11.2026 12:00", "network-time"),
        ("genesis_time", "2026-02-30 12:00", "network-time"),
        ("genesis_time", "0001-01-01T00:00+14:00", "network-time"),
        ("genesis_time", "9999-12-31T23:59-14:00", "network-time"),
        ("notice", "a day", "network-notice"),
        ("notice", "-1", "network-notice"),
        ("power", "alice", "network-power"),
        ("power", "alice=-1", "network-power"),
        ("power", "alice=1.5", "network-power"),
        ("power", "alice=9223372036854775807", "network-power"),
        ("power", "alice=\u0663", "network-power"),
        ("power", "nobody=1", "network-power-nobody"),
        ("power", "=1", "network-power-nobody"),
        ("power", "alice=1 alice=2", "network-power-twice"),
        ("power", f"alice=1 {ALICE.node_id[:8]}=2", "network-power-twice"),
        ("parameters", "x", "network-parameter"),
        ("parameters", "x=1", "network-parameter"),
        ("parameters", "block.max_bytes=" + "9" * 65, "network-parameter-value"),
        ("parameters", "block.max_bytes=1 block.max_bytes=2", "network-parameter-twice"),
        ("parameters", "validator.pub_key_types=" + ",".join("x" * 17), "network-parameter-value"),
        ("owners", "", "network-no-owner"),
        ("owners", " ; ", "network-no-owner"),
        ("owners", "nobody", "network-owner"),
        ("owners", "me, mallory", "network-owner"),
        ("owners", "ssh-rsa AAAA x", "network-owner"),
        ("owners", "ssh-ed25519 AAAA x", "network-owner"),
        ("owners", f"é={ZED.base64}", "network-owner"),
        ("owners", f"={ZED.base64}", "network-owner"),
        ("owners", f"zed={ZED.base64[:-2]}=", "network-owner"),
        ("threshold", "0", "network-threshold"),
        ("threshold", "2", "network-threshold"),
        ("threshold", "all", "network-threshold"),
        ("profile", "tendermint-0.31", "network-profile"),
        ("profile", "cosmos", "network-profile"),
        ("note", "x" * 501, "network-note"),
        ("note", "two\nlines", "network-note"),
        ("note", "naïve", "network-note"),
    ],
)
def test_a_bad_answer_is_told_at_its_field(field: str, value: str, code: str) -> None:
    found, told = read(**{field: value})
    assert found is None
    assert told == {code: field}


def test_every_mistake_is_told_at_once() -> None:
    _, told = read(genesis_time="soon", power="x=1", owners="who", note="ü", chain_id="a b", parameters="p", notice="x")
    assert set(told.values()) == {"genesis_time", "power", "owners", "note", "chain_id", "parameters", "notice"}


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(
            ["chain_id", "genesis_time", "notice", "power", "parameters", "owners", "threshold", "profile", "note"]
        ),
        st.text(max_size=30) | st.text("0123456789-:T=;, aebkoilc.m", max_size=30),
    )
)
def test_whatever_is_typed_is_read_or_told_at_a_field_that_was_typed(answers: dict[str, str]) -> None:
    found, findings = read_settings(answers, NAMED, "tendermint-0.34")
    assert (found is None) == bool(findings)
    assert {finding.subject for finding in findings} <= {*answers, "genesis_time", "owners"}


# Time


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26 12:00",
        " 2026-11-26 12:00:00 ",
        "2026-11-26T12:00",
        "2026-11-26T12:00:00Z",
        "2026-11-26 12:00Z",
        "2026-11-26 12:00 UTC",
        "2026-11-26T13:00+01:00",
        "2026-11-26 04:30:00-07:30",
        "2026-11-26T12:00:00.999+00:00",
    ],
)
def test_a_time_is_read_in_its_forms(text: str) -> None:
    assert read_time(text) == (datetime(2026, 11, 26, 12, tzinfo=UTC), ())


@pytest.mark.parametrize(
    ("now", "suggested"),
    [
        ("2026-11-21T10:59", "2026-11-22 12:00"),
        ("2026-11-21T11:00", "2026-11-22 12:00"),
        ("2026-11-21T11:01", "2026-11-23 12:00"),
        ("2026-11-21T23:59", "2026-11-23 12:00"),
        ("2026-12-31T12:00", "2027-01-02 12:00"),
    ],
)
def test_noon_is_suggested_a_day_or_more_ahead(now: str, suggested: str) -> None:
    assert suggest_time(datetime.fromisoformat(now).replace(tzinfo=UTC)) == suggested


@given(st.integers(0, 10_000_000), st.integers(0, 23 * 3600))
def test_the_suggestion_moves_once_a_day(seconds: int, later: int) -> None:
    first, second = (suggest_time(NOW + timedelta(seconds=s)) for s in (seconds, seconds + later))
    moved = (read_time(second)[0] or NOW) - (read_time(first)[0] or NOW)
    assert moved in (timedelta(), timedelta(days=1))
    assert (read_time(first)[0] or NOW) - (NOW + timedelta(seconds=seconds)) >= timedelta(hours=25)


@pytest.mark.parametrize(("text", "hours"), [("", 24), ("0", 0), ("36", 36), ("48 h", 48), ("7h", 7)])
def test_notice_is_given_in_hours(text: str, hours: int) -> None:
    assert read_notice(text) == (timedelta(hours=hours), ())


# Power


def powers(text: str, *more: tuple[str, str]) -> tuple[dict[str, int], list[str]]:
    found, findings = read_powers(text, [*MEMBERS, *more])
    return dict(found.said), [finding.code for finding in findings]


def test_power_is_given_by_moniker_or_beginning_of_a_node_id() -> None:
    assert powers(f"Alice=1,\n{BOB.node_id[:6].upper()}=0") == ({ALICE.node_id: 1, BOB.node_id: 0}, [])
    found, _ = read_powers("alice=3", MEMBERS)
    assert (found.of(ALICE.node_id), found.of(BOB.node_id)) == (3, 10)


def test_a_moniker_like_a_node_id_takes_no_power_from_that_node() -> None:
    like_bob = BOB.node_id[:8]
    assert powers(f"{like_bob}=7", (like_bob, ZED.node_id)) == ({ZED.node_id: 7}, [])


def test_a_name_that_two_members_have_is_not_guessed() -> None:
    assert powers("alice=7", ("alice", ZED.node_id)) == ({}, ["network-power-ambiguous"])
    assert powers(f"{ZED.node_id[:6]}=7", ("alice", ZED.node_id)) == ({ZED.node_id: 7}, [])


def test_the_same_power_said_twice_is_no_mistake() -> None:
    assert powers("alice=7 alice=7") == ({ALICE.node_id: 7}, [])


@given(st.lists(st.tuples(st.sampled_from([ALICE, BOB, ZED]), st.integers(0, 1 << 60)), max_size=3, unique_by=id))
def test_powers_are_written_as_they_are_read(said: list[tuple[object, int]]) -> None:
    wanted = {a_key(str(getattr(key, "name", ""))).node_id: power for key, power in said if power < (1 << 60)}
    text = power_text((node_id, str(power)) for node_id, power in wanted.items())
    found, _ = powers(text, ("zed", ZED.node_id))
    assert found == {node_id: power for node_id, power in wanted.items() if power != 10}


# Owners


def owners(
    text: str, known: list[Owner] = NODES, me: Owner | None = ALICE.owner
) -> tuple[tuple[Owner, ...], tuple[Finding, ...]]:
    return read_owners(text, me, known, NODES)


def ssh_line(comment: str = "zed@example.org") -> str:
    import base64

    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + ZED.public
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment}"


def test_owners_are_named_in_every_form() -> None:
    assert owners("me")[0] == (ALICE.owner,)
    assert owners("members")[0] == (ALICE.owner, BOB.owner)
    assert owners("bob; me; bob")[0] == (BOB.owner, ALICE.owner)
    assert owners(f"Zed of Z={ZED.base64}")[0] == (Owner("Zed of Z", ZED.public),)
    assert owners(f"{ZED.base64}\n{BOB.base64}")[0] == (Owner("owner", ZED.public), BOB.owner)
    assert owners(ssh_line())[0] == (Owner("zed@example.org", ZED.public),)


@pytest.mark.parametrize(
    ("comment", "name"),
    [("", "owner"), ("zoë@läptop", "zo@lptop"), ("\u202eevil", "evil"), ("x" * 90, "x" * 64), ("日本", "owner")],
)
def test_the_comment_of_a_pub_file_never_keeps_its_key_out(comment: str, name: str) -> None:
    assert owners(ssh_line(comment))[0] == (Owner(name, ZED.public),)


def test_me_is_nobody_but_this_node() -> None:
    mallory = Owner("me", a_key("mallory").public)
    assert owners("me", [*NODES, mallory])[0] == (ALICE.owner,)
    assert [one.code for one in owners("me", [mallory], me=None)[1]] == ["network-owner"]
    assert owners("members", [*NODES, Owner("members", a_key("mallory").public)])[0] == tuple(NODES)


def test_an_owner_name_that_two_keys_have_is_not_guessed() -> None:
    found, findings = owners("bob", [*NODES, Owner("bob", ZED.public)])
    assert found == () and [one.code for one in findings] == ["network-owner-ambiguous"]


@given(
    st.lists(
        st.tuples(st.text("ab;= me.ssh-", min_size=1, max_size=12), st.sampled_from(["alice", "bob", "zed", "yan"])),
        min_size=1,
        max_size=4,
        unique_by=lambda pair: pair[1],
    )
)
def test_owners_are_written_as_they_are_read(pairs: list[tuple[str, str]]) -> None:
    there = [Owner(name.strip() or "x", a_key(key).public) for name, key in pairs]
    found, findings = owners(owners_as_words(there), there)
    assert (found, findings) == (tuple(there), ())


def test_no_more_owners_than_a_record_takes() -> None:
    text = ";".join(f"n{number}={a_key(str(number)).base64}" for number in range(101))
    assert [one.code for one in owners(text)[1]] == ["network-owners-many"]


@pytest.mark.parametrize(("count", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (100, 51)])
def test_more_than_half_of_the_owners_sign_where_nothing_is_said(count: int, needed: int) -> None:
    assert read_threshold(" ", count) == (needed, ())
    assert read_threshold(str(count), count) == (count, ())


# Parameters


def test_parameters_are_those_of_the_profile_but_for_what_was_said() -> None:
    params, findings = read_parameters("block.max_bytes=1048576; evidence.max_age_num_blocks=5", TENDERMINT)
    said = dict(params)
    assert findings == () and said["block.max_bytes"] == "1048576" and said["evidence.max_age_num_blocks"] == "5"
    assert said["block.max_gas"] == "-1" and said["validator.pub_key_types"] == ("ed25519",)


def test_key_types_are_given_with_commas() -> None:
    params, _ = read_parameters("validator.pub_key_types=ed25519,secp256k1", TENDERMINT)
    assert dict(params)["validator.pub_key_types"] == ("ed25519", "secp256k1")


def test_in_a_list_with_commas_the_one_that_is_wrong_is_named() -> None:
    (found,) = owners("me, mallory")[1]
    assert found.message.endswith('; "mallory" names no ed25519 key') and "with ;" in found.fix
    (both,) = owners("me, me")[1]
    assert "names no" not in both.message and "expected a semicolon" in both.message


def test_a_chain_id_that_does_not_fit_is_told_what_the_field_wants() -> None:
    (found,) = check_chain_id("x" * 51)
    assert "has 51 characters; at most 20 are wanted" in found.message and "at most 20" in found.fix


def test_of_one_owner_the_threshold_is_one() -> None:
    _, (found,) = read_threshold("2", 1)
    assert found.message == '"2" is not 1, the number of owners' and found.fix == "Enter 1, or nothing."
