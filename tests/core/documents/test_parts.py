"""A text in several messages: joined again whatever stands between them, and never taken for whole."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.armour import armour
from core.documents.parts import MESSAGE, Part, find_parts, is_long, join, parse, render, split
from tests.builders import a_card, a_record

RECORD = armour(a_record([a_card(f"member-{number}") for number in range(12)]))


def joined(*texts: str) -> tuple[tuple[str, ...], list[tuple[int, ...]]]:
    parts = [part for text in texts for part in find_parts(text)[0]]
    whole, waiting = join(parts)
    return whole, [one.missing for one in waiting]


def letters(text: str) -> str:
    return "".join(text.split())


def test_every_part_fits_into_one_message_of_any_chat() -> None:
    assert is_long(RECORD) and not is_long("x" * MESSAGE)
    assert len(split(RECORD)) > 5 and all(len(part) < 2000 for part in split(RECORD))


@given(st.randoms(), st.sampled_from(["", "> ", "[09:12] alice: here it is\n", "\n\n***\n"]))
def test_in_any_order_with_any_noise_between_them(rng: random.Random, noise: str) -> None:
    parts = list(split(RECORD))
    rng.shuffle(parts)
    whole, waiting = joined("".join(f"{noise}{part}{noise}\n" for part in parts))
    assert [letters(one) for one in whole] == [letters(RECORD)] and waiting == []


def test_one_by_one_quoted_in_capitals_and_twice() -> None:
    parts = split(RECORD)
    texts = [part.upper().replace("\n", "\r\n> ") for part in parts]
    whole, waiting = joined(*texts, texts[0])
    assert len(whole) == 1 and waiting == []


def test_what_is_missing_is_named() -> None:
    parts = split(RECORD)
    assert joined(parts[0], parts[2]) == ((), [tuple(n for n in range(1, len(parts) + 1) if n not in (1, 3))])
    cut = parts[1][: len(parts[1]) // 2]
    assert joined(*parts[:1], cut, *parts[2:]) == ((), [(2,)]), "one that is cut off is not here"


def test_one_that_was_altered_is_not_taken_for_whole() -> None:
    parts = list(split(RECORD))
    lines = parts[1].splitlines()
    lines[2] = lines[2][:-1] + ("a" if lines[2][-1] != "a" else "b")
    parts[1] = "\n".join(lines)
    assert joined(*parts) == ((), [()])
    assert len(joined(*parts, split(RECORD)[1])[0]) == 1, "the one that came last counts"


def test_parts_of_two_texts_do_not_meet() -> None:
    other = armour(a_record([a_card(f"other-{number}") for number in range(12)]))
    mixed = [part for both in zip(split(RECORD), split(other), strict=False) for part in both]
    mixed += [*split(RECORD), *split(other)]
    assert {letters(one) for one in joined(*mixed)[0]} == {letters(RECORD), letters(other)}


def test_what_stands_around_them_stays() -> None:
    parts = split(RECORD)
    text = f"hello\n{armour(a_card('bob'))}{parts[0]}between\n{parts[1]}bye"
    _, rest = find_parts(text)
    assert rest.startswith("hello\nBEGIN QUORATE CARD.") and "between" in rest and rest.endswith("bye")
    assert "PART" not in rest


@pytest.mark.parametrize(
    "mark", ["PART 0 OF 3 OF 12345678", "PART 4 OF 3 OF 12345678", "PART 1 OF 3 OF 1234567", "PART 1 OF OF 12345678"]
)
def test_marks_that_are_none_hold_nothing(mark: str) -> None:
    text = f"BEGIN QUORATE {mark}.\nabc\nEND QUORATE {mark}.\n"
    assert find_parts(text) == ((), text)


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    for whole in (text, f"BEGIN QUORATE PART 1 OF 2 OF 12345678.{text}END QUORATE PART 1 OF 2 OF 12345678."):
        parts, rest = find_parts(whole)
        join(parts)
        assert not parts or len(rest) <= len(whole) + 2 * len(parts)


def test_they_are_kept_as_json() -> None:
    parts = find_parts("".join(split(RECORD)))[0]
    assert parse(render(parts)) == parts
    first = render(parts[:1])[0]
    wrongs: list[object] = [{}, [1], [{"message": "x"}], [{**first, "number": 0}], render([Part("g" * 8, 1, 1, "")])]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="part"):
            parse(wrong)
