"""The one function that makes foreign text safe to show (promise P4).

Everything that comes from the world (a card, a file, a DNS answer, an exception) passes through
:func:`safe` before it reaches a terminal: control, format (bidi, zero width), surrogate, private and
unassigned characters and odd blanks become visible as ``\\u{hex}``, and piled-up combining marks are cut.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and a Braille sign by category, that are drawn as nothing or as a blank."""
_MARKS = frozenset({"Mn", "Me"})
_MARKS_IN_A_ROW = 2


def safe(value: object, limit: int = 2000) -> str:
    """Return ``value`` as text of at most ``limit`` source characters that a terminal can be given."""
    text = str(value)
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for char in text[:limit]:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        odd_blank = category == "Zs" and char != " "
        unseen = category in _HIDDEN or char in _BLANK_LETTERS or 0xFE00 <= ord(char) <= 0xFE0F
        if unseen or odd_blank or marks > _MARKS_IN_A_ROW:
            shown.append(f"\\u{{{ord(char):x}}}")
        else:
            shown.append(char)
    return "".join(shown) + ("…" if len(text) > limit else "")
