"""Promise P4: what was answered and what others sent reaches the terminal only made visible, on every page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.local import Decision
from core.steps import IDS, step
from tests.builders import a_card, a_key, a_record, an_acceptance, an_attestation, an_unsigned

from ..driver import NETWORK, WizardDriver
from .console import FIRST, Machine
from .foreign import EVIL, MARKUP, check, walk


def _said(user: WizardDriver) -> None:
    """Everything that can be answered, decided and remembered, with the worst in it."""
    local = replace(user.state.local, field=EVIL, expected=(EVIL, MARKUP))
    answers = {id: {field.name: EVIL for field in step(id).fields} for id in IDS if id != "home"}
    dave = an_unsigned("dave").named(MARKUP)
    unsigned = {dave.node_id: dave.body.decode()}
    decisions = {
        a_key("alice").node_id: Decision(a_card("alice").id, "hold", EVIL, EVIL),
        dave.node_id: Decision(dave.id, "refuse", EVIL, EVIL),
        EVIL: Decision(EVIL, "approve", EVIL, EVIL),
    }
    more = {**local.answers, **answers}
    user.state.change(lambda local: replace(local, answers=more, unsigned=unsigned, decisions=decisions))


def _received(user: WizardDriver, owner: str = "alice") -> None:
    """Documents of others, really signed."""
    fields = {"network": NETWORK, "contact": MARKUP * 2, "software": MARKUP}
    cards = [
        a_card(
            f"{name} {MARKUP}"[:64].strip(),
            node=name,
            validator=f"{name} validator",
            p2p=("n.example.org:26656",),
            **fields,
        )
        for name in ("alice", "bob", "carol")
    ]
    record = a_record([*cards, an_unsigned("dave").named(MARKUP)], network=NETWORK, note=MARKUP * 8)
    more = [an_acceptance(record, "bob"), an_attestation(record, "dave", owner=owner, how=MARKUP)]
    user.state.add((*cards, record, *more))


def test_answers_decisions_and_reasons(member: Machine) -> None:
    _said(member.user)
    with member.start() as console:
        console.sees("Go on", FIRST).calm()
        console.key("f1", "escape", "enter").lacks("Where to?")
        walk(console)
        assert "[bold red]x[/]" in console.raw.decode("utf-8", "replace"), "shown, and literally"
        check(console)


@pytest.mark.parametrize("role", ["member", "coordinator"])
def test_documents_of_others(member: Machine, role: str) -> None:
    member.user.known(role=role)
    _received(member.user)
    with member.start() as console:
        console.go_on()
        walk(console)
        assert "[bold red]x" in console.raw.decode("utf-8", "replace")
        check(console)
