"""``config``: what is set in config.toml, what must be, and why."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ..config.checks import check as judge
from ..config.model import read_config
from ..config.survey import survey
from ..finding import Finding, Refusal
from ..keys.named import read_named
from ..profiles import profile
from ..state import State
from .answer import Answer
from .plan import look
from .session import Session, absolute


async def check(arguments: Namespace, session: Session) -> Answer:
    """Judge ``HOME/config/config.toml``; of the state, only which profile was said for this home."""
    from ..home.recognise import recognise

    home = absolute(arguments.home)
    path = home / "config" / "config.toml"
    data = await read_named(session.world, path, "Name a node home with --home DIR.")
    doubt: tuple[Finding, ...] = ()
    name = arguments.profile or _said(session, home)
    if not name:
        seen = recognise(session.world.files, home)
        name = seen.name
        doubt = seen.findings
    known = profile(name)
    config = read_config(data, known, session.environ)
    around = await survey(session.world, home, config, look_up=True)
    findings = judge(data, known, session.environ, around=around)
    return Answer(data={"file": str(path), "profile": name}, findings=(*doubt, *findings), judges=True)


def _said(session: Session, home: Path) -> str:
    """The profile that was said for this home; empty where none was, or no state can be read."""
    try:
        local = (State.open(session.root, name).local for name in State.networks(session.root))
        return next((one.profile for one in local if one.home == str(home)), "")
    except Refusal:
        return ""


async def show(arguments: Namespace, session: Session) -> Answer:
    from ..config.step import rows

    shown = await look(session, "config", [])
    table = rows(shown.inspection.facts, shown.answers)
    lines = []
    for row in table:
        where = f"[{row.table}] {row.key}" if row.table else row.key
        lines += [
            f"{where}: {row.now} -> {row.planned}" if row.now != row.planned else f"{where}: {row.now}",
            f"    {row.reason}",
        ]
    return Answer(
        lines=tuple(lines),
        data={
            "settings": [
                {"table": r.table, "key": r.key, "now": r.now, "planned": r.planned, "reason": r.reason} for r in table
            ]
        },
        findings=shown.inspection.findings,
    )
