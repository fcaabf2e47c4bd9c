"""JSON of a node file as a tree that still knows how everything was written.

The node takes some values from the raw text (``"\\u0031"`` is a fine string and no number), keeps the last of two equal
keys, and ignores case in one place: a reader that never wants to be laxer has to see text, order and doubles.
Sources: encoding/json of Go; libs/json/decoder.go of CometBFT v0.34.33 to v1.0.1.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Literal

from ..documents.impostor import impostor
from ..finding import Finding, error, unknown
from .opaque import TooDeep, end_of_value

MAX_VALUES = 400_000
"""Values outside ``app_state``, which bound the memory: a genesis of 10,000 validators has 80,000."""
MAX_DEPTH = 64
"""Levels of nesting; Go stops at 10,000, no genesis needs more than 5 outside ``app_state``."""
_STATE_DEPTH = 2
"""Levels at which ``app_state`` can be: that of a genesis, and that of ``result.genesis`` in a node's answer."""
_PIECE = 1 << 20

Kind = Literal["object", "array", "string", "number", "true", "false", "null", "opaque"]

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_WORDS: tuple[tuple[str, Kind], ...] = (("null", "null"), ("true", "true"), ("false", "false"))


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON value."""

    kind: Kind
    raw: str
    """As written, quotes included; empty for objects and arrays."""
    text: str = ""
    """A string, decoded; what Go can not keep (half of a surrogate pair) is U+FFFD, as there."""
    members: tuple[tuple[str, Node], ...] = ()
    """Of an object, in order, with doubles."""
    items: tuple[Node, ...] = ()

    def get(self, key: str) -> Node | None:
        """The member of exactly that name; the last one where there are several, as Go has it."""
        return next((value for name, value in reversed(self.members) if name == key), None)


@dataclass(frozen=True, slots=True)
class Scan:
    """``root`` is None where the text is no JSON at all."""

    root: Node | None
    findings: tuple[Finding, ...]


def scan(data: bytes) -> Scan:
    """Read ``data``; goes on after everything that does not make the text unreadable.

    Time and memory grow with the file alone, whatever is in ``app_state``: no value is made of that.
    """
    other = impostor(data)
    if other is not None:
        return Scan(None, (other,))
    found = list(_encoding(data))
    # All structure of JSON is ASCII. One byte is one character here, so a single emoji does not make the text four
    # times as large; what is inside a string is decoded when it is read.
    text = data.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    if not text.strip(" \t\n\r"):
        return Scan(None, (*found, error("json-empty", "file", "The file is empty.", "Ask for it again.")))
    try:
        root = _Scanner(text).document()
    except JSONDecodeError as wrong:
        return Scan(None, (*found, _syntax(wrong)))
    except TooDeep:
        return Scan(None, (*found, _too_deep_for_node()))
    except RecursionError:
        return Scan(None, (*found, _too_deep()))
    except _TooManyError:
        return Scan(None, (*found, _too_large()))
    return Scan(root, (*found, *_doubles(root, ""), *_halves(root, "")))


def _encoding(data: bytes) -> Iterator[Finding]:
    wrong = _not_utf8(data)
    if wrong is not None:
        message = f"Byte {wrong} is 0x{data[wrong]:02X}, which is not UTF-8; the node reads U+FFFD there."
        yield error("json-not-utf8", "file", message, "Save the file as UTF-8.")
    if data.startswith(codecs.BOM_UTF8):
        message = "The file begins with a byte order mark (EF BB BF); the node wants the first byte to be {."
        yield error("json-bom", "file", message, "Save the file as UTF-8 without a byte order mark.")


def _not_utf8(data: bytes) -> int | None:
    """Where the first byte is that is not UTF-8. Piece by piece, as the whole text may take four times the memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _PIECE):
        before = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _PIECE], start + _PIECE >= len(data))
        except UnicodeDecodeError as wrong:
            return start - before + wrong.start
    return None


def _too_large() -> Finding:
    message = f"More than {MAX_VALUES} values are outside app_state; quorate reads no more, and cannot judge the file."
    return unknown("json-too-large", "file", message, "Check that this is the right file; a genesis has far fewer.")


def _too_deep() -> Finding:
    message = f"Values are nested deeper than {MAX_DEPTH} levels, and quorate reads no deeper; a genesis has 5."
    return unknown("json-too-deep", "file", message, "Check that this is the right file.")


def _too_deep_for_node() -> Finding:
    message = "Values in app_state are nested deeper than 10,000 levels; the node reads no deeper."
    return error("json-too-deep", "file", message, "Ask for the file again.")


def _syntax(wrong: JSONDecodeError) -> Finding:
    if wrong.msg == "depth":
        return _too_deep()
    where = f"line {wrong.lineno}, column {wrong.colno}"
    seen = wrong.doc[wrong.pos : wrong.pos + 20].split("\n")[0]
    message = f"The text is not JSON at {where}: {wrong.msg}" + (f", found {seen!r}." if seen else ", found the end.")
    return error("json-syntax", where, message, f"Correct {where}, or ask for the file again.")


def _doubles(node: Node, path: str) -> Iterator[Finding]:
    names: set[str] = set()
    for name, value in node.members:
        here = f"{path}.{name}" if path else name
        if name in names:
            message = f"The key {name!r} stands here twice; the node takes the last, a reader may see the first."
            yield error("json-duplicate-key", here, message, f"Leave one {name!r}.")
        names.add(name)
        yield from _doubles(value, here)
    for index, item in enumerate(node.items):
        yield from _doubles(item, f"{path}[{index}]")


def _halves(node: Node, path: str) -> Iterator[Finding]:
    if node.kind == "string" and "\ufffd" in node.text and "\\u" in node.raw:
        message = "The text holds half of a surrogate pair, or U+FFFD itself; the node reads U+FFFD."
        yield error("json-surrogate", path, message, "Write the text anew, in UTF-8.")
    for name, value in node.members:
        yield from _halves(value, f"{path}.{name}" if path else name)
    for index, item in enumerate(node.items):
        yield from _halves(item, f"{path}[{index}]")


class _TooManyError(Exception):
    pass


class _Scanner:
    """Over text in which each character is one byte of the file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._values = 0

    def document(self) -> Node:
        node = self._value(0)
        self._skip()
        if self._at < len(self._text):
            raise self._wrong("one value was expected and more follows")
        return node

    def _wrong(self, message: str) -> JSONDecodeError:
        return JSONDecodeError(message, self._text, self._at)

    def _skip(self) -> str:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _value(self, depth: int) -> Node:
        self._values += 1
        if depth > MAX_DEPTH:
            raise self._wrong("depth")
        if self._values > MAX_VALUES:
            raise _TooManyError
        first = self._skip()
        if first == '"':
            return self._string()
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._array(depth)
        return self._plain()

    def _string(self) -> Node:
        start = self._at
        found = _STRING.match(self._text, start)
        if found is None:
            # Let Python's own reader find what is wrong, and where.
            try:
                scanstring(self._text, start + 1, True)
            except JSONDecodeError as wrong:
                raise JSONDecodeError(wrong.msg.split(" starting")[0], self._text, wrong.pos) from None
            raise self._wrong("a string was expected")
        self._at = found.end()
        raw = _decoded(found.group())
        try:
            text, _ = scanstring(raw, 1, True)
        except JSONDecodeError as wrong:
            raise JSONDecodeError(wrong.msg.split(" starting")[0], self._text, start + wrong.pos) from None
        return Node("string", raw, _SURROGATE.sub("\ufffd", text))

    def _plain(self) -> Node:
        for word, kind in _WORDS:
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return Node(kind, word)
        number = _NUMBER.match(self._text, self._at)
        if number is None:
            raise self._wrong("a value was expected")
        self._at = number.end()
        return Node("number", number.group())

    def _array(self, depth: int) -> Node:
        self._at += 1
        items: list[Node] = []
        if self._skip() == "]":
            self._at += 1
            return Node("array", "")
        while True:
            items.append(self._value(depth + 1))
            if self._ends("]"):
                return Node("array", "", items=tuple(items))

    def _object(self, depth: int) -> Node:
        self._at += 1
        members: list[tuple[str, Node]] = []
        if self._skip() == "}":
            self._at += 1
            return Node("object", "")
        while True:
            members.append(self._member(depth))
            if self._ends("}"):
                return Node("object", "", members=tuple(members))

    def _member(self, depth: int) -> tuple[str, Node]:
        if self._skip() != '"':
            raise self._wrong("a key in double quotes was expected")
        key = self._string().text
        if self._skip() != ":":
            raise self._wrong("a colon was expected")
        self._at += 1
        opaque = depth <= _STATE_DEPTH and key == "app_state"
        return key, (self._whole() if opaque else self._value(depth + 1))

    def _ends(self, close: str) -> bool:
        char = self._skip()
        if char not in (",", close) or not char:
            raise self._wrong(f"a comma or {close} was expected")
        self._at += 1
        return char == close

    def _whole(self) -> Node:
        """The application's own state: checked to be JSON, not looked into."""
        self._skip()
        start = self._at
        self._at = end_of_value(self._text, start)
        return Node("opaque", _decoded(self._text[start : self._at]))


def _decoded(raw: str) -> str:
    return raw if raw.isascii() else raw.encode("latin-1").decode("utf-8", "replace")


def indented(raw: str, level: int) -> str:
    """JSON text ``raw`` laid out as Go's ``json.Indent`` does it, two blanks per level, the first line not indented.

    Numbers and strings stay as they are written. ``raw`` must be JSON.
    """
    out: list[str] = []
    previous = ""
    for match in _TOKEN.finditer(raw):
        token = match.group()
        if token in "}]" and len(token) == 1:
            level -= 1
            if previous not in ("{", "["):
                out.append("\n" + "  " * level)
        elif previous in ("{", "[", ","):
            out.append("\n" + "  " * level)
        out.append(": " if token == ":" else token)
        level += token in ("{", "[")
        previous = token
    return "".join(out)
