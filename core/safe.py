"""The one function that makes foreign text safe to show (promise P4).

Everything that comes from the world (a card, a file, a DNS answer, an exception) passes through
:func:`safe` before it reaches a terminal: control, format (bidi, zero width), surrogate, private and
unassigned characters and odd blanks become visible as ``\\u{hex}``, and piled-up combining marks are cut.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
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
        if category in _HIDDEN or odd_blank or 0xFE00 <= ord(char) <= 0xFE0F or marks > _MARKS_IN_A_ROW:
            shown.append(f"\\u{{{ord(char):x}}}")
        else:
            shown.append(char)
    return "".join(shown) + ("…" if len(text) > limit else "")
