"""Whether all of a name can be seen: joiners and variation selectors can, where they make the sign that is shown."""

from __future__ import annotations

import re
import unicodedata

from ..safe import safe

_SIGN = (
    "\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299"
)
"""Emoji, and signs that have a form as one (emoji-variation-sequences.txt), by block: also those of later versions."""
_TONE = "\U0001f3fb-\U0001f3ff"
_ONE = rf"[{_SIGN}](?:[\ufe0e\ufe0f]|[{_TONE}])?"
_REGIONS = tuple("".join(chr(0xE0000 + ord(char)) for char in name) for name in ("gbeng", "gbsct", "gbwls"))
"""Of the flags of England, Scotland and Wales, in characters that by themselves can not be seen."""
_EMOJI = re.compile(
    rf"\U0001f3f4(?:{'|'.join(_REGIONS)})\U000e007f"
    rf"|{_ONE}(?:\u200d{_ONE})*"  # a family, a profession, a flag of several signs
    r"|[0-9#*][\ufe0e\ufe0f]\u20e3"  # a digit in a key cap
)
_JOINERS = ("\u200c", "\u200d")


def hides(text: str) -> bool:
    """Return True if ``text`` holds something that nobody sees, or sees as something else."""
    rest = _EMOJI.sub("", text)
    shown = "".join(char for at, char in enumerate(rest) if char not in _JOINERS or not _joins(rest, at))
    return safe(shown, len(shown)) != shown


def _joins(text: str, at: int) -> bool:
    """Whether a joiner between letters changes how they are written, by the rules of IDNA (RFC 5892, appendix A)."""
    import idna

    before = text[at - 1 : at]
    if not before or unicodedata.category(before) == "Cn":
        return False
    try:
        return bool(idna.core.valid_contextj(text, at))
    except (idna.IDNAError, ValueError):
        return False
