"""Armour survives chat, mail and people; what it does not survive is told apart."""

from __future__ import annotations

import hashlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.armour import MAX_TEXT, Found, armour, find
from core.documents.document import Document, Signature
from tests.builders import a_card

DOCUMENTS = st.builds(
    Document,
    st.sampled_from(("card", "record", "acceptance", "attestation")),
    st.binary(max_size=300),
    st.frozensets(
        st.builds(Signature, st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64)), max_size=3
    ),
)
NOISE = st.text(st.characters(exclude_characters="bBeE", codec="utf-8"), max_size=30)


def opened(found: Found) -> tuple[str, bytes, frozenset[Signature], object]:
    return found.label, found.payload, frozenset(found.signatures), found.status


def whole(document: Document) -> tuple[str, bytes, frozenset[Signature], object]:
    return document.kind, document.payload, document.signatures, None


def codes(text: str) -> list[str]:
    return [finding.code for found in find(text) for finding in found.findings]


@given(DOCUMENTS)
def test_what_is_armoured_is_found_again(document: Document) -> None:
    text = armour(document)
    assert [opened(found) for found in find(text)] == [whole(document)]
    assert max(map(len, text.splitlines())) <= 76


@settings(max_examples=150)
@given(
    st.lists(DOCUMENTS, min_size=1, max_size=3),
    NOISE,
    st.sampled_from(("", "> ", ">> > ", "\u2502 ", "\t", "| ", "\u00a0\u00a0", "* ")),
    st.sampled_from(("\n", "\r\n", "\r\r\n", "  \n", " \u2502\n", "\u2028\n")),
    st.sampled_from((str, str.upper, str.title)),
)
def test_quoting_frames_line_ends_case_and_noise_do_no_harm(
    documents: list[Document], noise: str, quote: str, ending: str, spelled: type[str]
) -> None:
    lines = [line for document in documents for line in (noise.strip(), *spelled(armour(document)).splitlines())]
    text = ending.join(quote + line for line in lines) + ending + noise
    assert [opened(found) for found in find(text)] == [whole(document) for document in documents]


@settings(max_examples=60)
@given(DOCUMENTS, st.integers(5, 90), st.sampled_from(("\n", "\n> ", "\r\n")))
def test_any_line_width_will_do(document: Document, width: int, ending: str) -> None:
    begin, *body, end = armour(document).splitlines()
    letters = " ".join(body)
    wrapped = [letters[at : at + width] for at in range(0, len(letters), width)]
    text = ending.join((begin, *wrapped, end))
    assert [opened(found) for found in find(text)] == [whole(document)]


def test_all_on_one_line_without_any_blank_between_its_words_is_found() -> None:
    begin, *body, end = armour(a_card()).splitlines()
    text = f"{begin}{''.join(body).replace(' ', '')}{end}"
    assert [opened(found) for found in find(text)] == [whole(a_card())]


def test_a_begin_line_broken_in_two_is_found() -> None:
    text = armour(a_card()).replace("BEGIN QUORATE", "> BEGIN\r\n> QUORATE")
    assert [opened(found) for found in find(text)] == [whole(a_card())]


@given(DOCUMENTS, st.data())
def test_one_changed_letter_is_damage(document: Document, data: st.DataObject) -> None:
    text = armour(document)
    start, end = text.index(".") + 1, text.rindex("END")
    at = data.draw(st.integers(start, end - 1).filter(lambda index: text[index].isalnum()))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567").filter(lambda one: one != text[at]))
    (found,) = find(text[:at] + letter + text[at + 1 :])
    # Only the last letter has bits to spare, which carry nothing.
    assert found.status in ("damaged", "cut", "newer") or opened(found) == whole(document)
    assert found.status is None or found.payload == b""


@given(DOCUMENTS, st.data())
def test_a_text_that_ends_too_early_is_cut_off(document: Document, data: st.DataObject) -> None:
    text = armour(document)
    end = data.draw(st.integers(text.index(".") + 1, text.rindex("END") + 10))
    assert codes(text[:end]) == ["armour-cut-off"]


def test_lines_missing_from_the_middle_are_told_with_both_lengths() -> None:
    lines = armour(a_card()).splitlines(keepends=True)
    (found,) = find("".join(lines[:4] + lines[-1:]))
    assert found.status == "cut"
    size = len(a_card().payload) + 96 + 7 + 4
    assert f"of {size} bytes" in found.findings[0].message


def test_missing_begin_and_end_lines_are_cut_off_and_hide_no_other_document() -> None:
    text = armour(a_card("alice"))
    begin, body, end = (
        text.split(".\n", 1)[0] + ".\n",
        text.split("\n", 1)[1].rsplit("END", 1)[0],
        "END QUORATE CARD.\n",
    )
    found = find(begin + body + armour(a_card("bob")) + body + end)
    assert [one.status for one in found] == ["cut", None, "cut"]


def test_a_label_that_changes_in_between_is_damage() -> None:
    assert codes(armour(a_card()).replace("END QUORATE CARD", "END QUORATE RECORD")) == ["armour-damaged"]


def test_a_later_armour_format_is_newer_not_damaged() -> None:
    import base64

    body = b"\x02" + b"whatever a later quorate writes"
    letters = base64.b32encode(body + hashlib.sha256(body).digest()[:4]).decode().rstrip("=").lower()
    (found,) = find(f"BEGIN QUORATE CARD.\n{letters}\nEND QUORATE CARD.\n")
    assert (found.status, found.findings[0].code) == ("newer", "armour-newer")


@pytest.mark.parametrize("middle", ["", "a", "abc", "....", "\x00", "aaaaaaaaaaaaaaaaaaaaaaaa" * 4])
def test_next_to_nothing_between_begin_and_end_is_told(middle: str) -> None:
    (found,) = find(f"BEGIN QUORATE CARD. {middle} END QUORATE CARD.")
    assert found.status in ("cut", "damaged")


@given(st.text(max_size=80), st.text("abcdefghij234567 .\n", max_size=80))
def test_no_text_raises(noise: str, letters: str) -> None:
    for kind in ("CARD", "record"):
        find(f"{noise}BEGIN QUORATE {kind}.{letters}{noise}END QUORATE {kind}.{letters}BEGIN {noise} QUORATE CARD")


def test_a_text_beyond_the_cap_is_refused_whole() -> None:
    (found,) = find("x" * (MAX_TEXT + 1))
    assert [finding.code for finding in found.findings] == ["armour-text-too-large"]


def test_hostile_text_of_a_megabyte_takes_no_time_to_speak_of() -> None:
    start = time.perf_counter()
    for text in (
        "BEGIN " * 180_000,
        "BEGIN QUORATE CARD. " * 50_000,
        "begin" + " " * 1_000_000,
        "\u202e\x1b[" * 300_000,
    ):
        find(text)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("kind", ["card", "record", "acceptance", "attestation"])
def test_a_payload_of_the_largest_size_goes_through(kind: str) -> None:
    document = Document(kind, b"x" * (1 << 20), frozenset())
    assert [opened(found) for found in find(armour(document))] == [whole(document)]
    with pytest.raises(ValueError):
        armour(Document(kind, b"x" * ((1 << 20) + 1), frozenset()))
