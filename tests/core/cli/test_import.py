"""import says of every document what it is: new, known, older, changed, damaged, forged, foreign or newer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.documents.armour import armour
from core.documents.canonical import canonical, parse_canonical
from core.documents.document import Document
from tests.builders import NETWORK, SERIAL, a_card, a_key, a_record, an_acceptance, sign
from tests.core.cli.program import Operator, Ran, operator, snapshot


def _newer() -> Document:
    value = parse_canonical(a_card("erin").payload)
    assert isinstance(value, dict)
    return sign("card", canonical({**value, "v": 2}), a_key("erin"))


def _damaged() -> str:
    text = armour(a_card("frank"))
    return text[: len(text) // 2] + text[len(text) // 2 + 9 :]


CHAT = {
    "new": armour(a_card("alice")),
    "known": armour(a_card("bob")),
    "older": armour(a_card("carol", serial=SERIAL - 5, contact="old@example.org")),
    "changed": armour(a_card("dave", serial=SERIAL + 5, contact="new@example.org")),
    "forged": armour(a_card("grace", signer="mallory")),
    "foreign": armour(a_card("heidi", network="elsewhere")),
    "newer": armour(_newer()),
    "damaged": _damaged(),
}
BEFORE = "\n".join(armour(a_card(name)) for name in ("bob", "carol", "dave"))


@pytest.fixture(scope="module")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """A coordinator without a node, who has three cards."""
    one = operator(tmp_path_factory.mktemp("coordinator"))
    assert one.json("home", "--network", NETWORK, "--role", "coordinator", "--no-home").code == 0
    first = one.json("import", "-", stdin=BEFORE.encode())
    assert first.code == 0
    assert statuses(first) == {"bob": "new", "carol": "new", "dave": "new"}
    return one


def statuses(ran: Ran) -> dict[str, str]:
    documents: list[Mapping[str, str]] = ran.json["documents"]
    return {one["subject"]: one["status"] for one in documents}


def test_a_chat_is_told_apart_document_by_document(coordinator: Operator) -> None:
    chat = "\n\n> noise between\n".join(CHAT.values())
    ran = coordinator.json("import", "-", stdin=chat.encode())
    assert ran.code == 1, "damaged and forged are errors"
    found = statuses(ran)
    assert sorted(one["status"] for one in ran.json["documents"]) == sorted(CHAT)
    expected = {"alice": "new", "bob": "known", "carol": "older", "dave": "changed"}
    assert expected.items() <= found.items()
    changed = next(one for one in ran.json["documents"] if one["status"] == "changed")
    assert {"field": "contact", "old": "dave@example.org", "new": "new@example.org"} in changed["changes"]


@pytest.mark.parametrize(("status", "code"), [("forged", 1), ("damaged", 1), ("new", 0)])
def test_people_are_told_the_same(coordinator: Operator, tmp_path: Path, status: str, code: int) -> None:
    (tmp_path / "one").write_text(CHAT[status])
    ran = coordinator.run("import", "--check", tmp_path / "one")
    assert ran.code == code
    assert ran.text.startswith(f"{status:<8} card")


def test_what_is_not_sound_is_not_kept(coordinator: Operator) -> None:
    before = snapshot(coordinator.state)
    for status in ("forged", "damaged", "foreign", "newer"):
        coordinator.json("import", "-", stdin=CHAT[status].encode())
    after = snapshot(coordinator.state)
    name = str(coordinator.state / NETWORK / "documents.txt")
    assert before[name] == after[name]


# A folder in a repository, judged by whoever looks at a pull request


def _folder(path: Path, texts: Mapping[str, str]) -> Path:
    path.mkdir()
    for name, text in texts.items():
        (path / name).write_text(text)
    return path


def test_a_sound_folder_passes_without_a_state(alone: Operator, tmp_path: Path) -> None:
    record = a_record(2)
    texts = {
        "alice.txt": armour(a_card("alice")),
        "bob.txt": armour(a_card("bob")),
        "record.txt": armour(record),
        "alice-accepts.txt": armour(an_acceptance(record, "alice")),
    }
    folder = _folder(tmp_path / "documents", texts)
    ran = alone.json("import", "--check", folder)
    assert ran.code == 0, ran.text
    assert sorted((one["kind"], one["status"]) for one in ran.json["documents"]) == [
        ("acceptance", "new"),
        ("card", "new"),
        ("card", "new"),
        ("record", "new"),
    ]
    assert not alone.state.exists()


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"x.txt": CHAT["forged"]}, 1),
        ({"x.txt": CHAT["damaged"]}, 1),
        ({"x.txt": CHAT["foreign"]}, 1),
        ({"README.md": "Put your card here."}, 0),
    ],
)
def test_what_spoils_a_folder(alone: Operator, tmp_path: Path, spoilt: dict[str, str], code: int) -> None:
    folder = _folder(tmp_path / "documents", {"alice.txt": CHAT["new"], **spoilt})
    ran = alone.json("import", "--check", folder)
    assert ran.code == code, ran.text
    if code:
        assert any("x.txt" in one["subject"] or one["code"].startswith("import-mixed") for one in ran.findings)


def test_the_network_can_be_named_for_a_folder(alone: Operator, tmp_path: Path) -> None:
    folder = _folder(tmp_path / "documents", {"alice.txt": CHAT["new"], "heidi.txt": CHAT["foreign"]})
    assert statuses(alone.json("import", "--check", folder, "--network", NETWORK))["heidi"] == "foreign"
    assert statuses(alone.json("import", "--check", folder, "--network", "elsewhere"))["alice"] == "foreign"


@pytest.mark.parametrize("content", [{}, {"README.md": "no document"}, {".hidden": CHAT["new"]}])
def test_a_check_that_saw_no_document_has_not_passed(alone: Operator, tmp_path: Path, content: dict[str, str]) -> None:
    ran = alone.json("import", "--check", _folder(tmp_path / "documents", content))
    assert (ran.code, ran.json["documents"]) == (1, [])


def test_no_link_is_followed_out_of_a_folder(alone: Operator, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text(CHAT["new"])
    folder = _folder(tmp_path / "documents", {"bob.txt": CHAT["known"]})
    (folder / "link.txt").symlink_to(outside)
    ran = alone.json("import", "--check", folder)
    assert list(statuses(ran)) == ["bob"]
    assert any("link.txt" in one["subject"] for one in ran.findings)
