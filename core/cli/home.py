"""``home``: which role, which node home, which network. The first thing a person says."""

from __future__ import annotations

import shlex
from argparse import Namespace

from ..run import Preview, carry_out, keep_answers, preview
from ..steps import step
from .answer import Answer
from .plan import approve, done_lines, plan_json, plan_lines, receipt_json, to_approve, with_next
from .session import Session, absolute


async def home(arguments: Namespace, session: Session) -> Answer:
    given = _given(arguments)
    state = session.begin() if given else session.state
    world = session.world.at(state)
    shown = await preview(step("home"), world, given)
    if given and shown.plan.is_safe and shown.plan.changes:
        return await _replace(arguments, session, shown, given)
    if given and shown.plan.is_safe:
        keep_answers(state, "home", given)
    local = state.local
    data = {
        "network": state.network,
        "state": str(state.folder),
        "role": local.role,
        "home": local.home,
        "profile": local.profile or shown.answers.get("profile", ""),
        "kept": bool(given) and shown.plan.is_safe,
    }
    lines = tuple(f"{name:<8} {value or '-'}" for name, value in data.items() if name != "kept")
    answer = Answer(lines=lines, data=data, findings=(*shown.inspection.findings, *shown.plan.findings))
    return await with_next(answer, session) if shown.plan.is_safe else answer


async def _replace(arguments: Namespace, session: Session, shown: Preview, given: dict[str, str]) -> Answer:
    """Another home instead of one in use: shown and approved as every plan is."""
    findings = (*shown.inspection.findings, *shown.plan.findings)
    if refused := approve(session, shown.plan, arguments.digest):
        lines = () if session.output.interactive else plan_lines(shown.plan)
        answer = Answer(lines, plan_json(shown), (*refused, *findings))
        words = shlex.join(word for pair in given.items() for word in _option(*pair))
        return answer if arguments.digest else to_approve(answer, shown.plan, f"quorate home {words}")
    outcome = await carry_out(shown, session.world.at(session.state), arguments.digest)
    keep_answers(session.state, "home", given)
    lines = done_lines(session, shown.plan, outcome.receipt, arguments.digest)
    data = {**plan_json(shown), "receipt": receipt_json(outcome.receipt)}
    return await with_next(Answer(lines, data, (*findings, *outcome.findings)), session, outcome.receipt)


def _option(name: str, value: str) -> tuple[str, ...]:
    return (f"--{name}", value) if value else ("--no-home",)


def _given(arguments: Namespace) -> dict[str, str]:
    given: dict[str, str] = {}
    if arguments.no_home:
        given["home"] = ""
    elif arguments.home is not None:
        given["home"] = str(absolute(arguments.home))
    if arguments.role is not None:
        given["role"] = arguments.role
    if arguments.profile is not None:
        given["profile"] = arguments.profile
    return given
