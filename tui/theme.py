"""The look: themes, tokens, marks, and the small pieces of styled text that all screens are made of.

Only tokens are named (``$ink``, ``$muted``, ``$line``, ``$accent``, ``$ok``, ``$warn``, ``$error``, ``$unknown``,
``$raised``, ``$strong``, ``$focus``), never a colour by its value. Text is put together as Content, never as markup;
what comes from outside goes through :func:`core.safe.safe` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.theme import Theme

from core.finding import Finding, Severity

MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.UNKNOWN: "?", Severity.INFO: "i"}
STYLES = {"✓": "$ok", "✗": "bold $error", "!": "bold $warn", "?": "bold $unknown", "i": "$muted", "=": "$warn"} | {
    "↻": "$warn",
    "■": "$ok",
    "□": "$muted",
    "●": "bold $accent",
    "·": "$muted",
    "+": "$ok",
    "-": "$error",
}
"""How a mark is coloured, wherever it stands."""
TAGS = {"NEXT": "$accent", "FIX": "$error", "WAIT": "$warn", "BUSY": "$accent", "DONE": "$ok", "READ": "$muted"}

_ASCII = str.maketrans("✓✗▸›●↻·■□█░─│┬…", "+x>>*~.#.#.-|+.")

_COLOURS: dict[str, Any] = {"primary": "#5fd7d7", "accent": "#5fd7d7", "success": "#87d787", "warning": "#ffd75f"} | {
    "error": "#ff8787",
    "foreground": "#d0d0d0",
    "background": "#121212",
    "surface": "#121212",
    "panel": "#262626",
}
_TOKENS = {"ink": "#d0d0d0", "muted": "#9e9e9e", "line": "#585858", "ok": "#87d787", "warn": "#ffd75f"} | {
    "unknown": "#afafff",
    "raised": "#262626",
    "focus": "#005f5f",
    "strong": "#eeeeee",
    "input-cursor-background": "#5fd7d7",
    "input-cursor-foreground": "#121212",
    "input-cursor-text-style": "none",
    "input-selection-background": "#005f5f",
}
_DEFAULT = "ansi_default"
_ANSI_COLOURS: dict[str, Any] = {
    "primary": "ansi_cyan",
    "accent": "ansi_cyan",
    "success": "ansi_green",
    "warning": "ansi_yellow",
} | {
    "error": "ansi_red",
    "foreground": _DEFAULT,
    "background": _DEFAULT,
    "surface": _DEFAULT,
    "panel": _DEFAULT,
}
_ANSI_TOKENS = {"ink": _DEFAULT, "muted": _DEFAULT, "line": _DEFAULT, "raised": _DEFAULT, "strong": _DEFAULT} | {
    "ok": "ansi_green",
    "warn": "ansi_yellow",
    "unknown": "ansi_magenta",
    "focus": "ansi_cyan",
    # Textual 8.2.8 fails on an ANSI theme of one's own that leaves these two out.
    "ansi-background": "ansi_black",
    "ansi-foreground": "ansi_white",
}
FULL = Theme(name="quorate", dark=True, variables=_TOKENS, **_COLOURS)
ANSI = Theme(name="quorate-ansi", dark=True, ansi=True, variables=_ANSI_TOKENS, **_ANSI_COLOURS)


def glyphs(text: str) -> str:
    """The ASCII for every mark; each keeps its width."""
    return text.translate(_ASCII)


class Ascii(LineFilter):
    """Draws every line with ASCII marks: for console fonts that lack the others."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(glyphs(text), style, control) for text, style, control in segments]


def styled(*parts: str | tuple[str, str] | Content) -> Content:
    """Pieces of text in a row, each plain or with its style."""
    return Content.assemble(*(part if not isinstance(part, tuple) or part[1] else part[0] for part in parts))


def mark(sign: str) -> tuple[str, str]:
    """A mark in its own colour."""
    return sign, STYLES.get(sign, "")


def sign_of(finding: Finding) -> str:
    return MARKS[finding.severity]


def rule(title: str, right: str, width: int) -> Content:
    """``── Title ───────── right ──``; without a title only the line. One cell is left free at its end."""
    width -= 1
    left = f" {title} " if title else ""
    tail = f" {right} " if right else ""
    fill = "─" * max(0, width - 4 - cell_len(left) - cell_len(tail))
    return styled(("──", "$line"), (left, "bold"), (fill, "$line"), (tail, "$muted"), ("──", "$line"))


def fit(content: Content, width: int) -> Content:
    """At most ``width`` cells; what is cut ends in two dots."""
    if content.cell_length <= width:
        return content
    return styled(content.truncate(max(0, width - 2)), "..")


def cut(text: str, width: int) -> str:
    """As :func:`fit`, for plain text."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 2:
        text = text[:-1]
    return text + ".."


def padded(text: str, width: int) -> str:
    """Exactly ``width`` cells."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


@lru_cache(512)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """The text in lines of at most ``width`` cells, broken between words, a long word anywhere."""
    # A window of 1x1 leaves less than nothing; a wide letter needs two.
    width = max(width, 2)
    lines = [""]
    for word in text.split():
        while cell_len(word) > width:
            room = width - (cell_len(lines[-1]) + 1 if lines[-1] else 0)
            if room < min(8, width):
                lines.append("")
                continue
            head = _head(word, room)
            lines[-1] = f"{lines[-1]} {head}".lstrip()
            word = word[len(head) :]
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return tuple(lines)


def _head(word: str, room: int) -> str:
    head = word[:room]
    while cell_len(head) > room:
        head = head[:-1]
    return head or word[:1]


def grouped(text: str, size: int = 8) -> str:
    """Hex in groups, so that people can compare it."""
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


def bar(part: int, whole: int, width: int) -> Content:
    full = round(width * part / whole) if whole else 0
    return styled(("█" * full, "$accent"), ("░" * (width - full), "$muted"))


def counts(findings: Iterable[Finding]) -> str:
    """``1 error · 2 warnings``, the worst first."""
    seen = [finding.severity for finding in findings]
    told = []
    for severity in sorted(set(seen), reverse=True):
        number = seen.count(severity)
        plural = "s" if number > 1 and severity in (Severity.ERROR, Severity.WARNING) else ""
        told.append(f"{number} {severity.word}{plural}")
    return " · ".join(told)


def join(names: Sequence[str], most: int = 3) -> str:
    """``bob, carol and 2 more``."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
