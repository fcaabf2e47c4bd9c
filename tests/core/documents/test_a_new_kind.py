"""A kind of document is one file, and its name in ``KINDS`` and ``READERS``: here, when a member will be away.

Nothing else is told of it, and it is found in a text, verified, kept, compared, shown in sentences and handed on. (The
key process has a list of its own of what a node key may sign; test_kinds.py holds it against ``KINDS``.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.agreement.compare import DIFFERENCES
from core.agreement.content import Content
from core.agreement.exchange import Exchange
from core.agreement.head import read_head
from core.agreement.reading import READERS
from core.card.changes import FieldChange
from core.changes import Sign
from core.cli.plan import plan_lines
from core.documents.canonical import canonical
from core.documents.document import Document
from core.documents.ed25519 import from_base64, node_id
from core.documents.kinds import KINDS, Kind, Payload
from core.documents.read import read_documents
from core.finding import Finding, error
from core.network.share import as_text, to_share
from core.peers.receive import receive
from core.plan import Plan
from tests.builders import NETWORK, SERIAL, a_card, a_key, a_record, sign
from tests.core.network.operators import Operator, operator


@dataclass(frozen=True, slots=True)
class Absence:
    """ "My node is down on that day." """

    network: str
    node_id: str
    day: str
    serial: int

    @property
    def subject(self) -> str:
        return f"{self.node_id} on {self.day}"


def sentences_of(absence: Payload) -> Iterator[str]:
    yield f"My node of the network {absence['network']} is down on {absence['day']}."


def read_absence(document: Document) -> tuple[Content | None, tuple[Finding, ...]]:
    value, findings = read_head(document.payload, ABSENCE.name)
    if value is None:
        return None, findings
    day, key = value.get("day"), from_base64(str(value.get("node_key")))
    if not isinstance(day, str) or key is None:
        return None, (error("absence-day", "day", "It names no day, expected one.", "Ask its signer for the day."),)
    return Absence(str(value["network"]), node_id(key), day, int(str(value["serial"]))), ()


def differences(absence: Absence, before: Exchange) -> Iterator[FieldChange]:
    for known in before.said(Absence):
        if known.node_id == absence.node_id:
            yield FieldChange("day", known.day, absence.day)


ABSENCE = Kind("absence", sentences_of, ("network",), signer="node_key", keys=("node_key",))


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, ABSENCE.name, ABSENCE)
    monkeypatch.setitem(READERS, ABSENCE.name, read_absence)
    monkeypatch.setitem(DIFFERENCES, ABSENCE.name, differences)


def an_absence(member: str = "bob", day: str = "2026-12-24", *, signer: str = "", **more: object) -> Document:
    said = {"kind": "absence", "v": 1, "network": NETWORK, "node_key": a_key(member).base64, "day": day}
    payload = canonical({**said, "serial": SERIAL, **more})  # type: ignore[dict-item]
    return sign("absence", payload, a_key(signer or member))


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    cards = [a_card(name) for name in ("alice", "bob")]
    return operator(tmp_path, "alice").has(*cards, a_record(cards))


async def test_it_is_found_verified_kept_and_handed_on(alice: Operator) -> None:
    absence = an_absence()
    text = f"Hello,\n\n{as_text((absence,))}\n\nBob"
    (row,) = (await receive(alice.world, text.encode())).rows
    assert (row.kind, row.status, row.subject) == ("absence", "new", f"{a_key('bob').node_id} on 2026-12-24")
    (again,) = (await receive(alice.world, text.encode())).rows
    assert again.status == "known"
    (said,) = alice.seen.exchange.said(Absence)
    assert (said.node_id, said.day) == (a_key("bob").node_id, "2026-12-24")
    assert absence in to_share(alice.seen) and alice.seen.exchange.findings == alice.seen.findings


async def test_what_it_replaces_is_said(alice: Operator) -> None:
    alice.has(an_absence())
    (row,) = (await receive(alice.world, as_text((an_absence(day="2026-12-26", serial=SERIAL + 9),)).encode())).rows
    assert row.status == "changed" and row.changes == (FieldChange("day", "2026-12-24", "2026-12-26"),)


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (an_absence(network="another-net"), "foreign"),
        (an_absence(signer="carol"), "forged"),
        (an_absence(v=2), "newer"),
        (an_absence(day=7), "damaged"),  # type: ignore[arg-type]
    ],
    ids=["foreign", "forged", "newer", "damaged"],
)
async def test_what_is_not_sound_is_not_kept(alice: Operator, document: Document, status: str) -> None:
    (row,) = (await receive(alice.world, as_text((document,)).encode())).rows
    assert row.status == status and alice.seen.exchange.said(Absence) == ()


def test_its_signature_is_previewed_in_sentences(tmp_path: Path) -> None:
    body = canonical({"kind": "absence", "v": 1, "network": NETWORK, "node_key": a_key("bob").base64, "day": "today"})
    plan = Plan("network", (Sign("absence", body, tmp_path, "to try"),))
    lines = plan_lines(plan)
    assert f"   My node of the network {NETWORK} is down on today." in lines and plan.summary == "sign the absence"
    assert any(line.startswith("sign an absence with the node key of") for line in lines)


def test_without_its_name_it_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    text = as_text((an_absence(),))
    assert len(read_documents(text)) == 1
    monkeypatch.delitem(KINDS, ABSENCE.name)
    assert read_documents(text) == ()
