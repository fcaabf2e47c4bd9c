"""``keys``: public facts and findings of a node's keys, or new key files. Nothing secret is read into this process."""

from __future__ import annotations

import base64
import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from ..changes import CreateSecret
from ..finding import Finding, Refusal, error
from ..home.recognise import recognise
from ..home.step import look as look_at_home
from ..keys.checks import check
from ..keys.step import KeysFacts, look
from ..profiles import DEFAULT
from ..run import carry_out, preview
from ..state import State
from ..steps import step
from .answer import Answer
from .plan import approve, done_lines, plan_json, plan_lines, receipt_json, to_approve, with_next
from .session import Session, absolute

_NO_HOME = ("home-not-a-home", "home-not-folder")
"""A folder of something else: no keys are made there."""


async def show(arguments: Namespace, session: Session) -> Answer:
    path, profile = _where(arguments, session)
    facts = await look(session.world.at(State.of_homes(session.root)), path, profile)
    findings = (*_doubt(session, path, profile), *check(facts.keys, facts.home.profile))
    return Answer(lines=_lines(facts), data=_json(facts), findings=findings)


async def new(arguments: Namespace, session: Session) -> Answer:
    from ..apply.engine import refuse_unfinished

    path, profile = _where(arguments, session)
    world = session.world.at(session.for_home(path))
    # First of all: the keys of a run that was cut off may be there already, or in part.
    refuse_unfinished(world)
    shown = await preview(step("keys"), world, {"home": str(path), "profile": profile})
    if not any(isinstance(change, CreateSecret) for change in shown.plan.changes):
        see = f"quorate keys show --home {shlex.quote(str(path))}"
        exists = error("keys-exist", path, "this home has its key files already; none was made", see)
        return Answer(data=plan_json(shown), findings=(exists, *shown.plan.findings))
    none = tuple(one for one in look_at_home(world, path, profile=profile).findings if one.code in _NO_HOME)
    if none or not shown.plan.is_safe:
        return Answer(data=plan_json(shown), findings=(*none, *shown.plan.findings))
    if refused := approve(session, shown.plan, arguments.digest):
        lines = () if session.output.interactive else plan_lines(shown.plan)
        answer = Answer(lines, plan_json(shown), (*refused, *shown.plan.findings))
        named = shlex.join(("--home", str(path), *(("--profile", profile) if arguments.profile else ())))
        return answer if arguments.digest else to_approve(answer, shown.plan, f"quorate keys new {named}")
    outcome = await carry_out(shown, world, arguments.digest)
    facts = await look(session.world, path, profile)
    answer = Answer(
        lines=(*done_lines(session, shown.plan, outcome.receipt, arguments.digest), *_lines(facts)),
        data={**_json(facts), "receipt": receipt_json(outcome.receipt)},
        findings=(*outcome.receipt.findings, *check(facts.keys, facts.home.profile)),
    )
    if world.state is not None and world.state.local.home:
        return await with_next(answer, session)
    return replace(answer, next=f"quorate home --network NAME --role ROLE --home {shlex.quote(str(path))}")


def _where(arguments: Namespace, session: Session) -> tuple[Path, str]:
    """The home and profile that were named, or those of the state. Raises Refusal (``home-not-given``)."""
    given, profile = getattr(arguments, "home", None), getattr(arguments, "profile", None) or ""
    if given is not None:
        return absolute(given), profile
    state = session.find_state()
    if state is not None and state.local.home:
        return Path(state.local.home), profile or state.local.profile
    raise Refusal(error("home-not-given", "--home", "no node home was named", "Add --home DIR."))


def _doubt(session: Session, path: Path, profile: str) -> tuple[Finding, ...]:
    seen = recognise(session.world.files, path)
    if profile or seen.sure or seen.name == DEFAULT:
        return ()
    return seen.findings


def _lines(facts: KeysFacts) -> tuple[str, ...]:
    return tuple(f"{name:<18} {value}" for name, value in _facts(facts).items() if value)


def _json(facts: KeysFacts) -> dict[str, object]:
    return {"home": str(facts.home.path), "profile": facts.home.profile.name, "keys": _facts(facts)}


def _facts(facts: KeysFacts) -> dict[str, str]:
    keys = facts.keys
    validator = keys.validator_key
    return {
        "node_id": keys.node_id or "",
        "node_key": base64.b64encode(keys.node_key).decode() if keys.node_key else "",
        "validator_key": base64.b64encode(validator).decode() if validator else "",
        "validator_address": keys.validator_address or "",
        "remote_signer": keys.remote_signer,
        "last_signed": keys.last_signed,
    }
