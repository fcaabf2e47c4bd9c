"""What shows that a validator key belongs to a network that has started, where its sign state is missing.

A fresh sign state for such a key lets it sign a height twice. Everything that can be asked is asked: the documents of
every network that is known here, the home's genesis.json, its data folder and those beside it, and the node itself
where it answers on loopback.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ..documents.ed25519 import address, to_base64
from ..finding import Refusal
from ..home.model import GENESIS_LIMIT, Home, text_of
from ..world import Files, Net, World
from .model import KeyFile
from .sign_state import StateFile
from .surroundings import older_data, state_copies

if TYPE_CHECKING:
    from ..agreement.record import NetworkRecord
    from ..documents.document import Document
    from ..state import State

_RPC_SECONDS = 1.5


async def evidence(world: World, home: Home, validator: KeyFile, node: KeyFile) -> tuple[str, ...]:
    """A clause for each thing that shows it, or that can not be looked at; empty where nothing does."""
    key = validator.public
    return (
        *_in_key_file(validator),
        *_in_documents(world, key, node.public),
        *_in_genesis(world, home, key),
        *_in_data(world.files, home),
        *_beside_data(world.files, home),
        *(await _of_the_node(world.net, home, key)),
    )


def _in_key_file(validator: KeyFile) -> Iterator[str]:
    inside = validator.inside.state if validator.inside is not None else None
    if inside is not None and inside.has_signed:
        yield f"{validator.path.name} itself says that it signed height {inside.height}"


# --- documents -------------------------------------------------------------------------------------------------------


def _in_documents(world: World, key: bytes | None, node: bytes | None) -> Iterator[str]:
    if world.state is None:
        return
    try:
        states = tuple(_states(world.state))
    except Refusal as refusal:
        yield f"the documents here can not be read ({refusal})"
        return
    for state in states:
        try:
            documents = state.documents()
        except Refusal as refusal:
            yield f"the documents of {state.network} can not be read ({refusal})"
        else:
            yield from _in_network(documents, state.network, key, node, world.clock.now())


def _states(own: State) -> Iterator[State]:
    for network in dict.fromkeys((own.network, *type(own).networks(own.root))):
        yield own if network == own.network else type(own)(own.root, network)


def _in_network(
    documents: tuple[Document, ...], network: str, key: bytes | None, node: bytes | None, now: datetime
) -> Iterator[str]:
    from ..agreement.acceptance import parse_acceptance
    from ..agreement.record import parse_record

    parsed = (parse_record(one.payload)[0] for one in documents if one.kind == "record")
    records = {record.id: record for record in parsed if record is not None}
    said = set[str]()
    for record in records.values():
        if _names(record, key) and _has_begun(record.section.genesis_time, now):
            said.add(f"record version {record.version} of {network} has it in a genesis that began on {_day(record)}")
    for one in documents:
        accepted = parse_acceptance(one.payload)[0] if one.kind == "acceptance" and node is not None else None
        if accepted is not None and accepted.node_key == node and accepted.record not in records:
            said.add(f"your node key accepted version {accepted.version} of {network}, whose record is not here")
    yield from sorted(said)


def _names(record: NetworkRecord, key: bytes | None) -> bool:
    return any(one.key == key for one in record.section.validators)


def _day(record: NetworkRecord) -> str:
    return record.section.genesis_time[:10]


def _has_begun(genesis_time: str, now: datetime) -> bool:
    """True also where the time can not be read."""
    from ..genesis.checks import moment_of

    moment = moment_of(genesis_time)
    return moment is None or moment <= now


# --- the home --------------------------------------------------------------------------------------------------------


def _in_genesis(world: World, home: Home, key: bytes | None) -> Iterator[str]:
    from ..genesis.reading import parse

    path = home.files.genesis
    try:
        content = world.files.read(path, GENESIS_LIMIT)
    except Refusal:
        yield f"{path.name} can not be read"
        return
    if content is None or key is None:
        return
    genesis = parse(content, home.profile).genesis
    if genesis is None:
        if to_base64(key).encode() in content or address(key).encode() in content.upper():
            yield f"{path.name} of the home, which can not be read whole, names it"
    elif any(one.key == key for one in genesis.validators) and _has_begun(genesis.genesis_time, world.clock.now()):
        began = genesis.genesis_time[:10]
        yield f"{path.name} of the home has it as a validator of {genesis.chain_id}, which began on {began}"


def _in_data(files: Files, home: Home) -> Iterator[str]:
    from ..home.history import read_history

    history = read_history(files, home, None)
    if history.signs:
        yield f"the home has run: there is {', '.join(path.name for path in history.signs)}"
    elif history.frozen_genesis == "unreadable":
        yield f"whether {home.files.data} holds a chain can not be read"


def _beside_data(files: Files, home: Home) -> Iterator[str]:
    for path, found in older_data(files, home):
        yield f"{path} is an older data folder{_height(found)}"
    for path, found in state_copies(files, home):
        yield f"{path.name} is a copy of a sign state{_height(found)}"


def _height(found: StateFile) -> str:
    state = found.state
    if state is None or not state.has_signed:
        return ""
    return f", with a sign state at height {state.height}{f' of {state.chain_id}' if state.chain_id else ''}"


# --- the node --------------------------------------------------------------------------------------------------------


async def _of_the_node(net: Net | None, home: Home, key: bytes | None) -> tuple[str, ...]:
    """What the node answers on the loopback address of ``rpc.laddr``; no other address is ever asked."""
    from ..rpc import result

    if key is None or net is None:
        return ()
    for base in loopback_rpc(text_of(home.config, "rpc", "laddr") or _default(home)):
        try:
            status = await result(net, base, "status", _RPC_SECONDS)
            if _key_in(status, "validator_info") == key:
                chain, height = _text(status, "node_info", "network"), _text(status, "sync_info", "latest_block_height")
                return (f"the node that answers at {base} signs with it, at height {height} of {chain}",)
            validators = _inner(await result(net, base, "validators?per_page=100", _RPC_SECONDS), "validators")
        except Refusal:
            continue
        if isinstance(validators, list) and any(_key_in(one) == key for one in validators):
            return (f"the node that answers at {base} has it among the validators of its network",)
    return ()


def loopback_rpc(laddr: str) -> Iterator[str]:
    """The addresses of a ``rpc.laddr`` that can be asked without leaving this machine, as ``http://127.0.0.1:26657``."""
    for part in laddr.split(","):
        protocol, _, place = part.strip().rpartition("://")
        host, _, port = place.rpartition(":")
        host = host.strip("[]").lower()
        if (protocol and not protocol.startswith("tcp")) or not (port.isascii() and port.isdigit()):
            continue
        try:
            ip = ipaddress.ip_address({"": "127.0.0.1", "localhost": "127.0.0.1"}.get(host, host))
        except ValueError:
            continue
        if ip.is_unspecified:
            ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
        if ip.is_loopback and 0 < int(port) < 65536:
            yield f"http://{f'[{ip}]' if ip.version == 6 else ip}:{int(port)}"


def _default(home: Home) -> str:
    value = home.profile.config.get("rpc", {}).get("laddr", "")
    return value if isinstance(value, str) else ""


def _inner(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: object, *names: str) -> str:
    found = _inner(value, *names)
    return found[:60] if isinstance(found, str) else "unknown"


def _key_in(value: object, *names: str) -> bytes | None:
    text = _inner(value, *names, "pub_key", "value")
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except ValueError:
        return None
