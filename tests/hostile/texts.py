"""What hostile people put where text is expected, and the test of what may reach a terminal."""

from __future__ import annotations

import unicodedata

SHOWN = {
    "escape": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1bP$q\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "c1": "\x9b31m\x9d52;c;cm0=\x9c\x85\x90",
    "control": "fine\rOK  \b\b\b\a\x0b\x0c\x0e\x0f\t\x7f",
    "lines": "one\ntwo\r\n\nNext: rm -rf ~\u2028five\u2029",
    "bidi": "\u202eevil\u202c\u2066x\u2069\u200f\u061c",
    "zero width": "a\u200bb\u200d\ufeff\u2060\u00ad\u180e",
    "tags": "\U000e0041\U000e007f\ufe0f\u034f",
    "marks": "Z" + "\u0300\u0489" * 60,
    "markup": "[bold red]x[/][/bold] [link=file:///etc/passwd]y[/link] <b>&amp;</b> {0} %s %(x)s `id` $(id) {{7*7}}",
    "unassigned": "\ue000\uffff\U0010ffff\u0378",
}
"""Each what a terminal or a renderer may take for more than text."""

EVERYTHING = " ".join(SHOWN.values())
LONG = "A" * 1_000_000
DEEP = "[" * 60_000 + "]" * 60_000
DIGITS = "9" * 6_000
NUL = "a\0b"
SURROGATE = "x\ud800y"

BROKEN = {
    "latin-1": 'moniker = "caf\xe9"'.encode("latin-1"),
    "utf-16": '\ufeff{"chain_id": "x"}'.encode("utf-16-le"),
    "bom": b"\xef\xbb\xbf{}",
    "nul": b'{"chain_id":"a\0b"}\0\0\0',
    "overlong": b'"\xc0\x80\xc0\xaf\xed\xa0\x80\xf8\x88\x80\x80\x80"',
    "raw controls": EVERYTHING.encode(),
    "raw controls in quotes": b'a = "' + EVERYTHING.encode() + b'"\n{"' + EVERYTHING.encode() + b'": 1}',
    "deep": DEEP.encode(),
    "deep objects": b'{"a":' * 50_000,
    "digits": b'{"chain_id": ' + DIGITS.encode() + b', "x": 1e' + DIGITS.encode() + b"}",
    "deep key": b"a" + b".a" * 20_000 + b" = 1",
    "digits of a key": b"x = " + DIGITS.encode(),
    "long": LONG.encode(),
    "long quoted": b'"' + LONG.encode() + b'"',
    "lines": b"a = 1\n" * 80_000,
    "blank": b" \n" * 200_000,
    "empty": b"",
    "noise": bytes(range(256)) * 2_000,
}
"""Whole files that are none."""

_MARKS_IN_A_ROW = 3


def offending(output: bytes) -> str:
    """The first thing in the output of a program that a terminal must not be given; empty where all is tame."""
    try:
        text = output.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return f"no UTF-8 at {wrong.start}: {output[max(0, wrong.start - 40) : wrong.end + 40]!r}"
    marks = 0
    for place, char in enumerate(text):
        if char == "\n" or " " <= char <= "~":
            marks = 0
            continue
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or marks > _MARKS_IN_A_ROW:
            return f"{char!r} ({category}) at {place}: {text[max(0, place - 60) : place + 60]!r}"
    return ""
