"""``join``: a network that runs already and was made without quorate, for a member or a coordinator who adopts it."""

from __future__ import annotations

import hashlib
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from ..card.model import wrong_unsigned
from ..card.typed import read_address
from ..counted import counted
from ..finding import Finding, Refusal, error, has_error
from ..home.model import GENESIS_LIMIT
from ..home.recognise import profile_for
from ..keys.named import read_named
from ..network.existing import Source, Told, chosen, judge, look, peers_of, with_moniker
from ..peers.misplaced import misplaced
from ..peers.receive import enter
from ..profiles import DEFAULT
from ..profiles import profile as profile_of
from ..run import keep_answers
from ..safe import safe
from ..seen import seen
from .answer import Answer
from .plan import with_next
from .session import Session, absolute


async def join(arguments: Namespace, session: Session) -> Answer:
    """Look at every source, judge, and keep genesis and peers where nothing is wrong; the steps plan from them."""
    world, local = session.at_state(), session.local
    own, current = await seen(world)
    if current.records:
        message = "a record of this network is here; what a member needs follows from it"
        raise Refusal(error("join-record-there", "record", message, "See: quorate status"))
    node = profile_for(world.files, Path(local.home), local.profile) if local.home else None
    node = node or profile_of(local.profile or DEFAULT)
    named = [name for name in arguments.source if not name.startswith(("http://", "https://"))]
    files = {
        name: await read_named(world, absolute(name), "Name the genesis.json you were given.", GENESIS_LIMIT)
        for name in named
    }
    peers, wrong = _named(arguments.peer)
    sources = await look(world.net, arguments.source, files, node)
    told = Told((arguments.sha256 or "").strip().lower(), (arguments.chain_id or "").strip())
    findings = (*wrong, *judge(sources, told, node, world.clock.now()))
    taken = chosen(sources)
    dial = peers_of(sources, peers, own.node_id if own else "")
    answer = Answer(lines=tuple(_lines(sources, dial)), data=_json(sources, dial), findings=findings)
    if taken is None or has_error(findings):
        return replace(answer, judges=True)
    path = str(session.state.keep_genesis(taken.data))
    if local.role == "coordinator":
        keep_answers(session.state, "network", {"adopt": path})
        return await with_next(replace(answer, findings=(*findings, *await _enter(session, sources))), session)
    keep_answers(session.state, "genesis", {"file": path})
    if dial:
        keep_answers(session.state, "config", {"peers": ",".join(dial)})
    return await with_next(answer, session)


def _named(typed: list[str]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    found: list[str] = []
    findings: list[Finding] = []
    for text in typed:
        for part in filter(None, text.split(",")):
            read = read_address(part.strip(), "peer")
            findings += read.findings
            if read.address is not None and read.address.node_id:
                found.append(str(read.address))
            elif read.address is not None:
                message = f'"{safe(part, 100)}" has no node id; a peer is ID@HOST:PORT'
                findings.append(error("join-peer", "peer", message, "Ask its operator for what show-node-id prints."))
    return tuple(found), tuple(findings)


async def _enter(session: Session, sources: tuple[Source, ...]) -> tuple[Finding, ...]:
    """The nodes that answered, as members without quorate, until their cards come. Nobody is approved by it."""
    findings: list[Finding] = []
    for source in sources:
        entry = source.node.entry if source.node else None
        if entry is None:
            continue
        own, current = await seen(session.at_state())
        known = {one.node_id: one.moniker for one in current.exchange.members}
        if entry.node_id in known:
            continue
        entry = with_moniker(entry, known.values())
        wrong = (*wrong_unsigned(entry), *misplaced(entry, current.exchange, own))
        findings += wrong or enter(session.state, entry)
    return tuple(findings)


def _lines(sources: tuple[Source, ...], dial: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for one in sources:
        lines.append(safe(one.name, 200))
        if one.genesis is not None:
            genesis = one.genesis
            who = counted(len(genesis.validators), "validator")
            lines.append(f"  chain     {safe(genesis.chain_id, 50)}, since {safe(genesis.genesis_time, 40)}, {who}")
            lines.append(f"  SHA-256   {hashlib.sha256(one.data).hexdigest()}")
        if one.node is not None:
            lines.append(f"  node      {one.node.moniker} {one.node.node_id}, block {one.node.height}")
    return [*lines, *(("To dial:", *(f"  {one}" for one in dial)) if dial else ())]


def _json(sources: tuple[Source, ...], dial: tuple[str, ...]) -> dict[str, object]:
    return {
        "sources": [
            {
                "name": one.name,
                "chain_id": one.genesis.chain_id if one.genesis else "",
                "sha256": hashlib.sha256(one.data).hexdigest() if one.data else "",
                "node_id": one.node.node_id if one.node else "",
                "moniker": one.node.moniker if one.node else "",
                "height": one.node.height if one.node else None,
                "validators": len(one.validators),
            }
            for one in sources
        ],
        "peers": list(dial),
    }
