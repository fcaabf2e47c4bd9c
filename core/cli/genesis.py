"""``genesis``: judge, read and compare genesis files; check, review and diff touch no state."""

from __future__ import annotations

import hashlib
from argparse import Namespace

from ..finding import Finding
from ..genesis.checks import check as judge
from ..genesis.model import Genesis, parse
from ..home.model import GENESIS_LIMIT
from ..profiles import profile
from ..world import required
from . import UsageError
from .answer import Answer
from .session import Session, absolute

_NO_SCREEN = "Run it as quorate genesis review FILE --screen, or leave --screen out."


async def check(arguments: Namespace, session: Session) -> Answer:
    data = _read(session, arguments.file)
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
    data = _read(session, arguments.file)
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
    from ..genesis.diff import runs_together

    chosen = profile(arguments.profile)
    (a, found_a), (b, found_b) = [await _side(session, name, arguments.profile) for name in (arguments.a, arguments.b)]
    findings = (*found_a, *found_b)
    if a is None or b is None:
        return Answer(findings=findings, judges=True)
    differences = compare(a, b, chosen)
    lines = [line for d in differences for line in (f"{d.path}: {d.message}", f"    {d.effect}") if line.strip()]
    together = runs_together(differences)
    lines.append("Both mean the same to the node." if together else "Nodes with these two do not form one network.")
    return Answer(
        lines=tuple(lines),
        data={
            "same": not differences,
            "runs_together": together,
            "differences": [
                {"path": d.path, "before": d.before, "after": d.after, "message": d.message, "effect": d.effect}
                for d in differences
            ],
        },
        findings=findings,
        judges=True,
    )


async def _side(session: Session, name: str, profile_name: str) -> tuple[Genesis | None, tuple[Finding, ...]]:
    """A file, ``record`` for what was agreed, or the address of a running node's RPC."""
    if name == "record":
        from ..peers.current import own_record

        return (await own_record(session.at_state())).genesis(), ()
    if name.startswith(("http://", "https://")):
        from ..adapters.rpc import get
        from ..genesis.diff import parse_rpc

        answer = parse_rpc(await get(name, "genesis"), profile(profile_name))
        return answer.genesis, answer.findings
    parsed = parse(_read(session, name), profile(profile_name))
    return parsed.genesis, parsed.findings


async def show(arguments: Namespace, session: Session) -> Answer:
    """The genesis that was agreed: its hash, and the flag that pins it."""
    from ..peers.current import own_record

    record = await own_record(session.at_state())
    commands = profile(record.profile).commands
    lines = [f"{record.genesis_sha256}  genesis.json", f"chain id {record.chain_id}"]
    if commands.genesis_hash_flag:
        lines.append(f"start with: {commands.start_line(session.local.home, record.genesis_sha256)}")
    return Answer(
        lines=tuple(lines),
        data={"sha256": record.genesis_sha256, "chain_id": record.chain_id, "profile": record.profile},
    )


def _read(session: Session, name: str) -> bytes:
    return required(session.world.files, absolute(name), "Name the genesis.json to look at.", GENESIS_LIMIT)
