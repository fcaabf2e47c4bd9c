from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from core.finding import Severity
from core.local import Local
from core.network.heard import check_heard, heard, note_heard
from core.state import State
from tests.builders import NOW, a_key, a_record, an_amendment, the_record

RECORD = the_record(a_record())


def test_what_a_member_heard_is_kept_with_its_time() -> None:
    local = note_heard(Local(), RECORD, a_key("bob").node_id, "same", NOW)
    assert heard(local, RECORD)[a_key("bob").node_id].at == NOW


def test_it_can_be_taken_back() -> None:
    local = note_heard(Local(), RECORD, a_key("bob").node_id, "same", NOW)
    assert heard(note_heard(local, RECORD, a_key("bob").node_id, None, NOW), RECORD) == {}


def test_it_dies_with_the_record() -> None:
    local = note_heard(Local(), RECORD, a_key("bob").node_id, "same", NOW)
    assert heard(local, the_record(an_amendment(a_record(), note="later"))) == {}


def test_it_survives_the_file(tmp_path: Path) -> None:
    state = State.open(tmp_path, "example-net")
    state.change(lambda local: note_heard(local, RECORD, a_key("bob").node_id, "differs", NOW))
    assert heard(State.open(tmp_path, "example-net").local, RECORD)[a_key("bob").node_id].word == "differs"


def test_a_mangled_note_counts_as_none() -> None:
    for text in ("", "same", f"{RECORD.id} maybe 2026-11-21T12:00:00Z", f"{RECORD.id} same yesterday"):
        assert heard(Local(answers={"words": {a_key("bob").node_id: text}}), RECORD) == {}


def test_other_words_are_an_error_and_open_members_a_warning() -> None:
    local = note_heard(Local(), RECORD, a_key("bob").node_id, "differs", NOW)
    local = note_heard(local, RECORD, a_key("carol").node_id, "same", NOW + timedelta(minutes=1))
    told = tuple(check_heard(RECORD, heard(local, RECORD), a_key("alice").node_id))
    assert [(one.code, one.severity) for one in told] == [
        ("words-differ", Severity.ERROR),
        ("words-not-compared", Severity.WARNING),
    ]
    assert told[0].subject == "bob"
    assert "with carol, not with dave" in told[1].message


def test_nothing_is_said_once_all_have_heard_the_same() -> None:
    local = Local()
    for name in ("bob", "carol", "dave"):
        local = note_heard(local, RECORD, a_key(name).node_id, "same", NOW)
    assert tuple(check_heard(RECORD, heard(local, RECORD), a_key("alice").node_id)) == ()
