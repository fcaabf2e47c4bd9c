"""The state: private, strict, atomic, and several networks side by side."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from core.disk.folder import Folder
from core.documents.armour import armour
from core.documents.canonical import canonical
from core.documents.document import Document, Signature
from core.documents.ed25519 import forget
from core.documents.read import read_documents
from core.documents.sshsig import namespace, signed_bytes
from core.finding import Refusal
from core.local import parse_local, render_local
from core.state import Decision, Local, State, rename_network
from tests.builders import TestKey, a_card
from tests.core.apply.ground import codes

ROOT = Path(__file__).parents[2]
FULL = Local(
    role="coordinator",
    home="/srv/node",
    profile="tendermint-0.34",
    step="genesis",
    field="chain-id",
    answers={"card": {"moniker": "alice\u202e"}},
    expected=("alice", "bob"),
    decisions={"ab" * 20: Decision("cd" * 32, "hold", "asked", "phone"), "ef" * 20: Decision("cd" * 32)},
    unsigned={"ab" * 20: "{}"},
)


def opened(tmp_path: Path, network: str = "one") -> State:
    return State.open(tmp_path / "state", network)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the lock."""
    monkeypatch.setattr(State, "patience", 0.1)


def keep(state: State, local: Local) -> None:
    state.change(lambda _: local)


def signed(name: str, *keys: str) -> Document:
    payload = canonical({"kind": "record", "v": 1, "network": "one", "name": name})
    message = signed_bytes(payload, namespace("record"))
    made = (Signature(TestKey(key).public, TestKey(key).signing.sign(message).signature) for key in keys)
    return Document("record", payload, frozenset(made))


def refusal(tmp_path: Path, network: str = "one") -> list[str]:
    with pytest.raises(Refusal) as caught:
        opened(tmp_path, network).documents()
    return codes(caught.value)


def test_nothing_is_written_until_something_is_saved(tmp_path: Path) -> None:
    state = opened(tmp_path)
    assert state.local == Local() and state.documents() == () and state.holder() == ""
    assert list(tmp_path.iterdir()) == [] and State.networks(tmp_path / "state") == ()


def test_what_was_saved_is_there_again_and_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        keep(opened(tmp_path), FULL)
        opened(tmp_path).add((signed("a", "alice"),))
    finally:
        os.umask(old)
    assert opened(tmp_path).local == FULL
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").rglob("*")}
    assert modes == {
        "one": 0o700,
        "local.json": 0o600,
        "documents.txt": 0o600,
        "documents.txt.verified": 0o600,
        "lock": 0o600,
    }
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


texts = st.text(max_size=20)


@given(
    st.builds(
        Local,
        role=st.sampled_from(("", "member", "coordinator")),
        home=texts,
        answers=st.dictionaries(texts, st.dictionaries(texts, texts, max_size=3), max_size=3),
        expected=st.lists(texts, max_size=4).map(tuple),
        decisions=st.dictionaries(
            texts,
            st.builds(Decision, texts, st.sampled_from((None, "approve", "hold", "refuse")), texts, texts),
            max_size=3,
        ),
        unsigned=st.dictionaries(texts, texts, max_size=3),
    )
)
def test_every_local_survives_its_file(local: Local) -> None:
    assert parse_local(render_local(local), Path("local.json")) == local


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(st.none() | st.integers() | texts, st.lists).map(json.dumps).map(str.encode),
    )
)
def test_a_local_of_any_content_is_refused_and_never_a_traceback(content: bytes) -> None:
    with pytest.raises(Refusal):
        parse_local(content, Path("local.json"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"v": 2}, "state-newer"),
        ({"v": 0}, "state-damaged"),
        ({"v": True}, "state-damaged"),
        ({"new": ""}, "state-damaged"),
        ({"role": "owner"}, "state-damaged"),
        ({"expected": [1]}, "state-damaged"),
        ({"answers": {"card": {"x": 1}}}, "state-damaged"),
        ({"decisions": {"a": {"card": "x"}}}, "state-damaged"),
    ],
)
def test_local_json_is_strict_and_versioned(tmp_path: Path, change: dict[str, object], code: str) -> None:
    state = opened(tmp_path)
    keep(state, Local())
    path = state.folder / "local.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(Refusal) as caught:
        opened(tmp_path)
    assert codes(caught.value) == [code] and str(path) in caught.value.findings[0].message


def test_a_field_twice_is_damage(tmp_path: Path) -> None:
    state = opened(tmp_path)
    keep(state, Local())
    path = state.folder / "local.json"
    path.write_text(path.read_text().replace("{", '{"v": 1,', 1))
    assert refusal(tmp_path) == ["state-damaged"]


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", "a/b", "x" * 21, "ä", "a\n"])
def test_a_network_is_called_by_a_plain_name(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, name) == ["network-name"]


def test_networks_live_side_by_side(tmp_path: Path) -> None:
    for name in ("two", "one"):
        keep(opened(tmp_path, name), replace(FULL, home=name))
    (tmp_path / "state/NOT-ONE").mkdir()
    (tmp_path / "state/file").touch()
    assert State.networks(tmp_path / "state") == ("one", "two")
    assert opened(tmp_path, "two").local.home == "two"


def test_documents_merge_and_keep_their_order(tmp_path: Path) -> None:
    a, b = signed("a", "alice"), signed("b", "alice")
    more = signed("a", "bob")
    state = opened(tmp_path)
    assert state.add((a, b, a)) == ((a, "new"), (b, "new"), (a, "known"))
    merged = a.with_signatures(more.signatures)
    assert state.add((more,)) == ((merged, "new"),)
    assert state.documents() == opened(tmp_path).documents() == (merged, b)
    assert opened(tmp_path).add((merged, more)) == ((merged, "known"), (merged, "known"))


def test_documents_txt_can_be_imported_as_it_is(tmp_path: Path) -> None:
    document = signed("a", "alice")
    state = opened(tmp_path)
    state.add((document,))
    found = read_documents((state.folder / "documents.txt").read_text())
    assert [one.document for one in found] == [document]


@pytest.mark.parametrize(("old", "new"), [("BEGIN", "BEGUN"), ("aeaa", "aeab")])
def test_damaged_documents_are_named_and_never_counted(tmp_path: Path, old: str, new: str) -> None:
    state = opened(tmp_path)
    state.add((signed("a", "alice"), signed("b", "alice")))
    path = state.folder / "documents.txt"
    path.write_text(path.read_text().replace(old, new, 1))
    assert refusal(tmp_path)[0] == "state-damaged"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"\x00\xff\xfe\x80" * 99, b"moved to the other machine\n"],
    ids=["empty", "blank", "binary", "text"],
)
def test_documents_that_are_all_gone_are_damage_and_no_fresh_start(tmp_path: Path, content: bytes) -> None:
    state = opened(tmp_path)
    state.add((signed("a", "alice"),))
    path = state.folder / "documents.txt"
    path.write_bytes(content)
    for held in (state, opened(tmp_path)):
        for use in (held.documents, lambda held=held: held.add((signed("b", "alice"),))):
            with pytest.raises(Refusal) as caught:
                use()
            assert codes(caught.value) == ["state-damaged"] and str(path) in caught.value.findings[0].message
    assert path.read_bytes() == content


@pytest.mark.parametrize("put", ["before", "between", "after"])
def test_anything_beside_the_documents_is_damage(tmp_path: Path, put: str) -> None:
    state = opened(tmp_path)
    state.add((signed("a", "alice"), signed("b", "alice")))
    path = state.folder / "documents.txt"
    first, second, _ = path.read_text().split("\n\n")
    stray = "\x00 not ours"
    texts = {"before": (stray, first, second), "between": (first, stray, second), "after": (first, second, stray)}
    path.write_text("\n\n".join(texts[put]))
    assert refusal(tmp_path) == ["state-damaged"]
    # Line ends and blank lines, which an editor or a copy changes, are nothing of the documents.
    path.write_text("\r\n\r\n".join((first, second)).rstrip())
    assert len(opened(tmp_path).documents()) == 2


def test_no_file_of_documents_is_made_while_there_is_none(tmp_path: Path) -> None:
    state = opened(tmp_path)
    assert state.add(()) == () and not (state.folder / "documents.txt").exists()


def test_documents_that_were_taken_away_meanwhile_are_gone(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.add((signed("a", "alice"),))
    (state.folder / "documents.txt").unlink()
    assert state.documents() == ()
    assert [told for _, told in state.add((signed("b", "alice"),))] == ["new"]
    assert len(opened(tmp_path).documents()) == 1


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_state_that_is_no_folder_is_told(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal) as caught:
        State.networks(tmp_path / "file" / below)
    assert codes(caught.value) == ["state-unreadable"] and "is no folder" in caught.value.findings[0].message


def test_a_forged_signature_in_the_state_is_damage(tmp_path: Path) -> None:
    good = signed("a", "alice")
    forged = replace(good, signatures=frozenset({Signature(TestKey("bob").public, next(iter(good.signatures)).value)}))
    opened(tmp_path).add((forged,))
    assert refusal(tmp_path)[0] == "state-damaged"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The signed messages that are verified from now on."""
    forget()
    seen: list[bytes] = []
    check = bindings.crypto_sign_open

    def counted(signed: bytes, key: bytes) -> bytes:
        seen.append(signed)
        return check(signed, key)

    monkeypatch.setattr(bindings, "crypto_sign_open", counted)
    return seen


def test_what_was_verified_when_it_came_is_not_verified_again(tmp_path: Path, checked: list[bytes]) -> None:
    documents = (signed("a", "alice", "bob"), a_card("carol"))
    opened(tmp_path).add(documents)
    forget()
    checked.clear()
    assert opened(tmp_path).documents() == documents
    assert checked == []


@pytest.mark.parametrize("how", ["none", "of other content", "of another version", "garbage"])
def test_a_note_that_does_not_fit_is_worth_nothing(tmp_path: Path, checked: list[bytes], how: str) -> None:
    state = opened(tmp_path)
    state.add((signed("a", "alice", "bob"),))
    note = state.folder / "documents.txt.verified"
    kept = note.read_text()
    changed = {"of other content": kept.replace(kept[:8], "0" * 8), "of another version": kept.replace("0.1", "0.0")}
    note.unlink() if how == "none" else note.write_text(changed.get(how, "\0"))
    forget()
    checked.clear()
    assert opened(tmp_path).documents() == state.documents()
    assert len(checked) == 2


def test_a_forged_signature_is_found_beside_the_note_of_what_was_there_before(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.add((signed("a", "alice"),))
    forged = Document("record", signed("b").payload, signed("a", "alice").signatures)
    path = state.folder / "documents.txt"
    path.write_text(path.read_text() + armour(forged) + "\n")
    assert refusal(tmp_path)[0] == "state-damaged"


def test_noise_inside_an_armour_is_read_over_with_a_note_too(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.add((signed("a", "alice"),))
    path = state.folder / "documents.txt"
    content = path.read_bytes()
    at = content.index(b"\n") + 5
    path.write_bytes(content[:at] + b"\xff" + content[at:])
    both = opened(tmp_path).add((signed("b", "alice"),))
    assert len(both) == 1 and (state.folder / "documents.txt.verified").exists()
    assert opened(tmp_path).documents() == (signed("a", "alice"), signed("b", "alice"))


def test_a_note_that_cannot_be_written_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_file = Folder.replace

    def full(self: Folder, name: str, temp: str, content: bytes, mode: int) -> None:
        if name.endswith(".verified"):
            raise Refusal
        replace_file(self, name, temp, content, mode)

    monkeypatch.setattr(Folder, "replace", full)
    assert [status for _, status in opened(tmp_path).add((signed("a", "alice"),))] == ["new"]
    assert opened(tmp_path).documents() == (signed("a", "alice"),)


def test_no_note_is_made_of_a_card_whose_key_is_no_good_point(tmp_path: Path) -> None:
    spoilt = a_card("mallory", validator_key=base64.b64encode(bytes(32)).decode())
    state = opened(tmp_path)
    state.add((signed("a", "alice"), spoilt))
    assert not (state.folder / "documents.txt.verified").exists()
    opened(tmp_path).add((signed("b", "alice"),))
    assert not (state.folder / "documents.txt.verified").exists()


def test_p2_saving_leaves_no_temporary_file_and_sweeps_those_of_the_dead(tmp_path: Path) -> None:
    state = opened(tmp_path)
    keep(state, FULL)
    (state.folder / ".quorate-1-dead.tmp").touch()
    keep(state, Local())
    assert sorted(path.name for path in state.folder.iterdir()) == ["local.json", "lock"]


def test_a_change_begins_with_what_others_wrote_meanwhile(tmp_path: Path) -> None:
    one, two = opened(tmp_path), opened(tmp_path)
    assert one.local == two.local == Local()
    one.change(lambda local: replace(local, home="/srv/node"))
    two.change(lambda local: replace(local, role="member"))
    one.change(lambda local: replace(local, expected=("alice",)))
    assert opened(tmp_path).local == two.local == Local("member", "/srv/node", expected=("alice",))


def test_a_change_that_changes_nothing_makes_the_file_once_and_writes_it_no_more(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.change(lambda local: local)
    before = (state.folder / "local.json").stat()
    assert state.change(lambda local: local) == Local()
    assert (state.folder / "local.json").stat().st_ino == before.st_ino
    (state.folder / "local.json").unlink()
    state.change(lambda local: local)
    assert (state.folder / "local.json").exists()


def test_a_change_that_fails_writes_nothing_and_lets_go_of_the_lock(tmp_path: Path) -> None:
    state = opened(tmp_path)
    keep(state, FULL)
    with pytest.raises(ZeroDivisionError):
        state.change(lambda local: replace(local, home=str(1 // 0)))
    assert opened(tmp_path).local == FULL and state.holder() == ""


def test_a_network_that_was_renamed_is_not_made_again(tmp_path: Path) -> None:
    state = opened(tmp_path)
    keep(state, FULL)
    waiting = opened(tmp_path)
    rename_network(tmp_path / "state", "one", "two")
    for act in (
        lambda: keep(waiting, Local()),
        lambda: waiting.add((signed("a", "alice"),)),
        waiting.hold("x").__enter__,
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert codes(caught.value) == ["state-gone"]
    assert State.networks(tmp_path / "state") == ("two",) and opened(tmp_path, "two").local == FULL
    keep(opened(tmp_path), FULL)
    with pytest.raises(Refusal) as caught:
        rename_network(tmp_path / "state", "one", "two")
    assert codes(caught.value) == ["network-taken"]


@pytest.mark.usefixtures("hurried")
def test_saving_goes_on_while_this_state_holds_the_lock_and_others_wait(tmp_path: Path) -> None:
    state = opened(tmp_path)
    with state.hold("apply"):
        keep(state, FULL)
        with pytest.raises(Refusal) as caught:
            keep(opened(tmp_path), Local())
        assert codes(caught.value) == ["state-locked"]
        with pytest.raises(Refusal, match="this very run"), state.hold("apply"):
            pass
        assert f"process {os.getpid()}" in opened(tmp_path).holder()
    assert state.holder() == "" and opened(tmp_path).local == FULL


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.folder.mkdir(parents=True, mode=0o700)
    (state.folder / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refusal) as caught:
        keep(state, Local())
    assert codes(caught.value) == ["state-unwritable"] and not (tmp_path / "elsewhere").exists()


def test_where_the_state_is(tmp_path: Path) -> None:
    assert State.root_of({"QUORATE_STATE": "/a"}, "/b") == Path("/b")
    assert State.root_of({"QUORATE_STATE": "/a"}, None) == Path("/a")
    assert State.root_of({}, None).name == "quorate"
    assert State.root_of({}, "rel").is_absolute()


def test_the_first_screen_needs_neither_pydantic_nor_nacl(tmp_path: Path) -> None:
    keep(opened(tmp_path), FULL)
    code = (
        "import sys; from pathlib import Path; from core.state import State\n"
        f"assert State.open(Path({str(tmp_path)!r}) / 'state', 'one').local.home\n"
        "print([name for name in ('pydantic', 'nacl', 'tomlkit', 'asyncio') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
