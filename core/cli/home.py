"""``home``: which role, which node home, which network. The first thing a person says."""

from __future__ import annotations

from argparse import Namespace

from ..run import keep_answers, preview
from ..steps import step
from .answer import Answer
from .plan import with_next
from .session import Session, absolute


async def home(arguments: Namespace, session: Session) -> Answer:
    given = _given(arguments)
    state = session.begin() if given else session.state
    shown = await preview(step("home"), session.world.at(state), given)
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
