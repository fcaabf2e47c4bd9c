"""``genesis``: judge, read and compare genesis files; check, review and diff touch no state."""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..finding import Finding, has_error, info
from ..genesis.checks import check as judge
from ..genesis.model import Genesis
from ..genesis.reading import parse
from ..home.model import GENESIS_LIMIT
from ..keys.named import read_named
from ..profiles import DEFAULT, profile
from ..safe import safe
from .answer import Answer, UsageError
from .session import Session, absolute

if TYPE_CHECKING:
    from ..agreement.record import NetworkRecord
    from ..genesis.diff import Difference
    from ..profiles.profile import Profile

_NO_SCREEN = "Run it as quorate genesis review FILE --screen, or leave --screen out."


async def check(arguments: Namespace, session: Session) -> Answer:
    data = await _read(session, arguments.file)
    findings = judge(data, profile(arguments.profile), now=session.world.clock.now())
    return Answer(
        lines=(f"{hashlib.sha256(data).hexdigest()}  {arguments.file}",),
        data={"file": arguments.file, "profile": arguments.profile, "sha256": hashlib.sha256(data).hexdigest()},
        findings=findings,
        judges=True,
    )


async def review(arguments: Namespace, session: Session) -> Answer:
    from ..genesis.review import review as read_out

    if arguments.screen:
        raise UsageError("--screen needs quorate's screens, which are not in this program", fix=_NO_SCREEN)
    data = await _read(session, arguments.file)
    chosen = profile(arguments.profile)
    clock = session.world.clock
    findings = judge(data, chosen, now=clock.now())
    parsed = parse(data, chosen)
    if parsed.genesis is None:
        return Answer(data={"file": arguments.file}, findings=findings, judges=True)
    told = read_out(parsed.genesis, chosen, clock.now(), clock.zone(), data=data)
    return Answer(lines=tuple(told.lines()), data={"review": told.as_json()}, findings=findings, judges=True)


async def diff(arguments: Namespace, session: Session) -> Answer:
    from ..genesis.diff import diff as compare
    from ..genesis.diff import runs_together, verdict

    names = (arguments.a, arguments.b)
    chosen = profile(arguments.profile or ((await _record(session)).profile if "record" in names else DEFAULT))
    sides = [await _side(session, name, chosen) for name in names]
    read = tuple(finding for side in sides for finding in side.findings)
    a, b = (side.genesis for side in sides)
    if a is None or b is None:
        return Answer(findings=read, judges=True)
    differences = compare(a, b, chosen)
    if has_error(read):
        return Answer(lines=_listed(differences), data=_as_json(differences, False), findings=read, judges=True)
    together = runs_together(differences)
    said = "Nodes with these two form one network." if together else "Nodes with these two do not form one network."
    return Answer(
        lines=(*_listed(differences), said),
        data=_as_json(differences, together),
        findings=(*read, *verdict(differences), *_other_bytes(sides, differences)),
        judges=True,
    )


def _listed(differences: tuple[Difference, ...]) -> tuple[str, ...]:
    return tuple(
        line for d in differences for line in (f"{d.path}: {d.message}", d.harmless * f"    {d.effect.text}") if line
    )


def _as_json(differences: tuple[Difference, ...], together: bool) -> dict[str, object]:
    return {
        "same": not differences,
        "runs_together": together,
        "differences": [
            {"path": d.path, "before": d.before, "after": d.after, "message": d.message, "harmless": d.harmless}
            for d in differences
        ],
    }


@dataclass(frozen=True, slots=True)
class _Side:
    genesis: Genesis | None
    findings: tuple[Finding, ...] = ()
    sha256: str = ""
    """Of the file; empty for what is no file."""


def _other_bytes(sides: list[_Side], differences: tuple[Difference, ...]) -> Iterator[Finding]:
    """That nodes do not compare files, and people and ``--genesis_hash`` do."""
    a, b = (side.sha256 for side in sides)
    if a and b and a != b and not differences:
        message = f"The files mean the same and are not the same: SHA-256 {a} and {b}."
        yield info(
            "genesis-other-bytes", "file", message, "Distribute one of them, so that all can compare its SHA-256."
        )


async def _side(session: Session, name: str, chosen: Profile) -> _Side:
    """A file, ``record`` for what was agreed, or the address of a running node's RPC."""
    if name == "record":
        return _Side((await _record(session)).genesis())
    if name.startswith(("http://", "https://")):
        from .. import rpc
        from ..genesis.diff import parse_rpc

        net = session.world.net
        assert net is not None
        answer = parse_rpc(await rpc.genesis(net, name), chosen)
        return _Side(answer.genesis, answer.findings)
    data = await _read(session, name)
    parsed = parse(data, chosen)
    return _Side(parsed.genesis, parsed.findings, hashlib.sha256(data).hexdigest())


async def show(arguments: Namespace, session: Session) -> Answer:
    """The genesis of the network: its hash, and the start line that pins it."""
    from ..seen import seen

    record = (await seen(session.at_state())).current.exchange.record
    if (record is None and session.local.foreign_genesis) or (record is not None and record.adopted):
        data, chain_id, node = await _of_running(session, record)
    else:
        record = await _record(session)
        data, chain_id, node = record.genesis_bytes(), record.chain_id, profile(record.profile)
    sha256 = hashlib.sha256(data).hexdigest()
    lines = [f"{sha256}  genesis.json", f"chain id {safe(chain_id, 50)}"]
    if node.commands.genesis_hash_flag:
        program = node.commands.program(session.world.processes.find)
        lines.append(f"start with: {node.commands.start_line(session.local.home, sha256, program)}")
    return Answer(lines=tuple(lines), data={"sha256": sha256, "chain_id": chain_id, "profile": node.name})


async def _of_running(session: Session, record: NetworkRecord | None) -> tuple[bytes, str, Profile]:
    """genesis.json, chain id and profile where the chain ran before a record: the file that is there keeps its hash."""
    from ..genesis.facts import gather

    answers = session.local.answers.get("genesis", {}) if record is None else {}
    facts = await gather(session.at_state(), answers)
    node = facts.home.profile if facts.home else profile(record.profile if record else DEFAULT)
    wanted = facts.wanted() or b""
    data = facts.installed if facts.installed is not None and facts.is_installed else wanted
    genesis = parse(data, node).genesis
    return data, genesis.chain_id if genesis else "", node


async def _record(session: Session) -> NetworkRecord:
    from ..seen import own_record

    return await own_record(session.at_state())


async def _read(session: Session, name: str) -> bytes:
    return await read_named(session.world, absolute(name), "Name the genesis.json to look at.", GENESIS_LIMIT)
