"""import says of every document what it is: new, known, older, changed, damaged, forged, foreign or newer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.documents.armour import armour
from core.documents.canonical import canonical, parse_canonical
from core.documents.document import Document
from core.documents.parts import split
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


def test_a_text_in_several_messages_is_kept_until_it_is_whole(tmp_path: Path) -> None:
    one = operator(tmp_path)
    assert one.json("home", "--network", NETWORK, "--role", "coordinator", "--no-home").code == 0
    parts = split(armour(a_record([a_card(f"member-{number}") for number in range(8)])))
    first = one.json("import", "-", stdin=f"bob: {parts[2]}\nbob: {parts[0]}".encode())
    assert (first.code, first.codes, first.json["documents"]) == (0, {"intake-parts-missing"}, [])
    assert f"2 parts of {len(parts)}" in first.findings[0]["message"] and "missing: 2" in first.findings[0]["message"]
    rest = one.json("import", "-", stdin="".join(parts).replace(parts[0], "").replace(parts[2], "").encode())
    assert rest.code == 0 and [row["kind"] for row in rest.json["documents"]] == ["record"], rest.text
    assert one.state.joinpath(NETWORK, "parts.json").read_text() == "[]\n"


def test_parts_that_never_come_whole_can_be_discarded_and_do_no_harm(tmp_path: Path) -> None:
    one = operator(tmp_path)
    assert one.json("home", "--network", NETWORK, "--role", "coordinator", "--no-home").code == 0
    parts = split(armour(a_record([a_card(f"member-{number}") for number in range(8)])))
    assert one.json("import", "-", stdin=parts[0].encode()).code == 0
    told = one.json("import", "--forget-parts")
    assert (told.code, told.json["discarded"]) == (0, 1)
    one.state.joinpath(NETWORK, "parts.json").write_bytes(b"\xff[")
    assert one.json("import", "-", stdin=parts[1].encode()).codes == {"intake-parts-missing"}
    for number in range(700):
        noise = f"BEGIN QUORATE PART 1 OF 2 OF {number:08x}.\n{'a' * 3000}\nEND QUORATE PART 1 OF 2 OF {number:08x}.\n"
        parts = (*parts, noise)
    one.json("import", "-", stdin="".join(parts[-700:]).encode())
    assert one.state.joinpath(NETWORK, "parts.json").stat().st_size < 2 << 20


def test_what_is_to_be_imported_is_asked_for(coordinator: Operator) -> None:
    assert coordinator.json("import").code == 2


def test_a_long_text_is_shared_as_a_file_or_in_parts(tmp_path: Path) -> None:
    ran = operator(tmp_path).json("demo", "--dir", tmp_path / "net", "--members", "5", "--until", "genesis")
    assert ran.code == 0, ran.talk
    alice = Operator(tmp_path / "net" / "alice")
    assert "share-long" in alice.json("network", "share").codes
    shown = alice.run("network", "share", "--parts")
    texts = [f"BEGIN QUORATE PART{one}" for one in shown.text.split("BEGIN QUORATE PART")[1:]]
    assert len(texts) > 2 and all(len(one) < 2000 for one in texts)
    bob = Operator(tmp_path / "net" / "bob")
    for one in texts:
        last = bob.json("import", "-", stdin=f"alice: {one}".encode())
    assert last.code == 0 and {row["kind"] for row in last.json["documents"]} >= {"record", "acceptance"}
