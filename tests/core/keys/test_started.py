"""A sign state that is missing is unknown, and never made anew for a key that belongs to a started network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from core.card.model import UnsignedEntry
from core.changes import WriteFile
from core.documents.document import Document
from core.finding import Finding
from core.keys.started import loopback_rpc
from core.state import State
from tests.builders import GENESIS_TIME, NOW, a_card, a_key, a_record, an_acceptance, the_record
from tests.core.keys.key_homes import FRESH_STATE, put
from tests.core.network.operators import Operator, operator

RAN = json.dumps({"height": "7", "round": 0, "step": 3}).encode()
PAST, COMING = NOW - timedelta(days=3), NOW + timedelta(days=3)


def alice(tmp_path: Path, *documents: Document, network: str = "example-net") -> Operator:
    """With keys, and without the sign state of the validator key."""
    made = operator(tmp_path, "alice", "member", network=network)
    (made.home / "data" / "priv_validator_state.json").unlink()
    made.fresh = True
    return made.has(*documents) if documents else made


async def refused(who: Operator) -> str:
    """What speaks against a fresh sign state, as the plan says it; empty where one is planned."""
    shown = await who.shown("keys", sign_state="fresh")
    writes = [change for change in shown.plan.changes if isinstance(change, WriteFile)]
    found = [one for one in shown.plan.findings if one.code == "key-state-not-fresh"]
    assert bool(writes) != bool(found) and shown.plan.is_safe == bool(writes)
    return found[0].message if found else ""


async def test_where_nothing_speaks_against_it_a_fresh_one_is_planned(tmp_path: Path) -> None:
    who = alice(tmp_path)
    assert await refused(who) == ""
    await who.does("keys", sign_state="fresh")
    assert (who.home / "data" / "priv_validator_state.json").read_bytes() == FRESH_STATE


async def test_a_record_whose_genesis_has_begun_speaks_against_it(tmp_path: Path) -> None:
    record = a_record(4, genesis_time=PAST)
    everyone = [an_acceptance(record, name) for name in ("alice", "bob", "carol", "dave")]
    said = await refused(alice(tmp_path, record, *everyone))
    assert "record version 1 of example-net" in said and PAST.date().isoformat() in said


async def test_a_record_alone_is_enough_and_one_that_has_not_begun_says_nothing(tmp_path: Path) -> None:
    assert "record version 1" in await refused(alice(tmp_path / "a", a_record(4, genesis_time=PAST)))
    assert await refused(alice(tmp_path / "b", a_record(4, genesis_time=COMING))) == ""
    later = alice(tmp_path / "c", a_record(4)).wait(GENESIS_TIME - NOW + timedelta(seconds=1))
    assert "record version 1" in await refused(later)


async def test_a_record_without_this_key_says_nothing(tmp_path: Path) -> None:
    others: list[Document | UnsignedEntry] = [a_card("bob"), a_card("carol")]
    assert await refused(alice(tmp_path, a_record(others, genesis_time=PAST, owners=("bob",)))) == ""


async def test_an_acceptance_whose_record_is_not_here_speaks_against_it(tmp_path: Path) -> None:
    assert "your node key accepted version 1" in await refused(alice(tmp_path, an_acceptance(a_record(4))))
    assert await refused(alice(tmp_path / "b", an_acceptance(a_record(4), "bob"))) == ""


async def test_a_record_of_another_network_that_is_known_here_counts_too(tmp_path: Path) -> None:
    who = alice(tmp_path)
    State.open(who.state.root, "older-net").add((a_record(4, genesis_time=PAST, network="older-net"),))
    assert "of older-net" in await refused(who)


async def test_documents_that_can_not_be_read_are_no_leave(tmp_path: Path) -> None:
    who = alice(tmp_path)
    (who.state.root / "broken-net").mkdir()
    (who.state.root / "broken-net" / "documents.txt").write_text("not a document")
    assert "the documents of broken-net can not be read" in await refused(who)


def the_genesis(home: Path, when: str) -> None:
    record = the_record(a_record(4, genesis_time=PAST if when == "past" else COMING))
    put(home / "config" / "genesis.json", record.genesis_bytes(), 0o644)


async def test_the_homes_genesis_speaks_against_it_once_it_has_begun(tmp_path: Path) -> None:
    who = alice(tmp_path)
    the_genesis(who.home, "past")
    assert "genesis.json of the home has it as a validator of example-1" in await refused(who)
    the_genesis(who.home, "coming")
    assert await refused(who) == ""
    put(who.home / "config" / "genesis.json", b'{"validators": [' + a_key("alice validator").base64.encode(), 0o644)
    assert "can not be read whole, names it" in await refused(who)


TRACES: dict[str, tuple[Callable[[Path], object], str]] = {
    "state": (lambda home: (home / "data" / "state.db").mkdir(), "the home has run: there is state.db"),
    "blocks": (lambda home: (home / "data" / "blockstore.db").mkdir(), "there is blockstore.db"),
    "wal": (lambda home: (home / "data" / "cs.wal").mkdir(), "there is cs.wal"),
    "aside": (lambda home: put(home / "data.aside-1" / "priv_validator_state.json", RAN), "state at height 7"),
    "aside by hand": (lambda home: (home / "old data" / "state.db").mkdir(parents=True), "is an older data folder"),
    "copy": (lambda home: put(home / "data" / "priv_validator_state.json.bak", RAN), "is a copy of a sign state, with"),
    "key file": (
        lambda home: put(
            home / "config" / "priv_validator_key.json",
            json.loads((home / "config" / "priv_validator_key.json").read_bytes())
            | {"last_height": "9", "last_round": "0", "last_step": 3},
        ),
        "priv_validator_key.json itself says that it signed height 9",
    ),
}


@pytest.mark.parametrize("trace", TRACES)
async def test_what_a_run_left_behind_speaks_against_it(trace: str, tmp_path: Path) -> None:
    who = alice(tmp_path)
    leave, expected = TRACES[trace]
    leave(who.home)
    assert expected in await refused(who)


# The node itself


@asynccontextmanager
async def a_node(**answers: object) -> AsyncIterator[int]:
    """An RPC on loopback that answers these paths."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        name = head.split()[1].lstrip("/").partition("?")[0]
        body = json.dumps({"result": answers.get(name, {})}).encode()
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def listening(who: Operator, port: int) -> None:
    put(who.home / "config" / "config.toml", f'[rpc]\nladdr = "tcp://0.0.0.0:{port}"\n'.encode(), 0o644)


def public(name: str) -> dict[str, str]:
    return {"type": "tendermint/PubKeyEd25519", "value": a_key(name).base64}


async def test_a_node_that_signs_with_it_speaks_against_it(tmp_path: Path) -> None:
    who = alice(tmp_path)
    status = {
        "validator_info": {"pub_key": public("alice validator")},
        "node_info": {"network": "example-1"},
        "sync_info": {"latest_block_height": "42"},
    }
    async with a_node(status=status) as port:
        listening(who, port)
        assert "signs with it, at height 42 of example-1" in await refused(who)


async def test_a_node_whose_network_has_it_as_a_validator_speaks_against_it(tmp_path: Path) -> None:
    who = alice(tmp_path)
    validators = [{"pub_key": public(f"{name} validator")} for name in ("bob", "alice")]
    async with a_node(validators={"validators": validators}) as port:
        listening(who, port)
        assert "among the validators of its network" in await refused(who)
    async with a_node(validators={"validators": validators[:1]}) as port:
        listening(who, port)
        assert await refused(who) == ""


@pytest.mark.parametrize("answer", [[], "x", 5, None, {"validators": 7}, {"validators": [None, {"pub_key": "x"}]}])
async def test_any_other_answer_says_nothing(answer: object, tmp_path: Path) -> None:
    who = alice(tmp_path)
    async with a_node(status=answer, validators=answer) as port:
        listening(who, port)
        assert await refused(who) == ""


@pytest.mark.parametrize(
    ("laddr", "asked"),
    [
        ("tcp://127.0.0.1:26657", ["http://127.0.0.1:26657"]),
        ("tcp://0.0.0.0:26657", ["http://127.0.0.1:26657"]),
        ("tcp://:26657", ["http://127.0.0.1:26657"]),
        ("tcp://localhost:1", ["http://127.0.0.1:1"]),
        ("tcp://[::]:26657", ["http://[::1]:26657"]),
        ("tcp://127.0.0.1:1,unix:///x,tcp://10.0.0.1:3", ["http://127.0.0.1:1"]),
        ("tcp://192.168.1.5:26657", []),
        ("tcp://node.example.org:26657", []),
        ("unix:///tmp/rpc", []),
        ("", []),
        ("tcp://127.0.0.1:99999", []),
        ("tcp://127.0.0.1:x", []),
    ],
)
def test_only_loopback_is_ever_asked(laddr: str, asked: list[str]) -> None:
    assert list(loopback_rpc(laddr)) == asked


# What is said


def about(findings: tuple[Finding, ...], code: str) -> Finding:
    (found,) = (one for one in findings if one.code == code)
    return found


async def test_the_finding_offers_a_fresh_one_only_where_nothing_speaks_against_it(tmp_path: Path) -> None:
    free = about((await alice(tmp_path / "a").shown("keys")).plan.findings, "key-state-missing")
    assert "unknown" in free.message and "sign_state=fresh" in free.fix
    bound = about((await alice(tmp_path / "b", a_record(4, genesis_time=PAST)).shown("keys")).plan.findings, free.code)
    assert "record version 1" in bound.message and "fresh" not in bound.fix and "keys new" not in bound.fix
    assert '"step": 3' in bound.fix


async def test_what_the_key_signed_last_is_unknown_and_never_nothing(tmp_path: Path) -> None:
    who = alice(tmp_path)
    state = who.home / "data" / "priv_validator_state.json"

    async def said() -> str:
        last = (await who.shown("keys")).inspection.facts.keys.last_signed
        assert isinstance(last, str)
        return last

    assert (await said()).startswith("unknown: there is no sign state")
    for content in (b"", b"{", b"{}", b'{"Height":"5","round":0,"step":3}', b'{"height":"0","round":0}'):
        put(state, content)
        assert (await said()).startswith("unknown: it")
    put(state, FRESH_STATE)
    assert await said() == "nothing yet"
    put(state, RAN)
    assert (await said()).startswith("height 7")
    put(who.home / "config" / "config.toml", b'priv_validator_laddr = "tcp://127.0.0.1:1"\n')
    assert (await said()).startswith("unknown: the remote signer")
