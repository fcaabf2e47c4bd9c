"""Where things stand in a TOML text: which span holds which value. For text that a parser has accepted already."""

from __future__ import annotations

import re
from dataclasses import dataclass

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One ``key = value``, on a line of its own or inside an inline table."""

    path: Path
    """Full path: table and (dotted) key."""
    line_start: int
    """Where its first line begins; -1 inside an inline table."""
    start: int
    end: int
    """The value's span in the text, without comment."""
    line_end: int
    """Behind the line break of its last line; the text's end where there is none; -1 inside an inline table."""
    keys: tuple[str, ...]
    """The parts of the key as they are written: ``p2p`` and ``pex`` of ``p2p.pex = true``."""

    def reaches(self, table: Path) -> bool:
        """Whether a line beside this one, with some part of this key before it, can set a key of ``table``."""
        own = len(self.path) - len(self.keys)
        return own <= len(table) < len(self.path) and self.path[: len(table)] == table

    def prefix_to(self, table: Path) -> str:
        """What must stand before a new key beside this one: ``p2p.`` where the table is written by dotted keys."""
        own = len(self.path) - len(self.keys)
        return "".join(f"{part}." for part in self.keys[: len(table) - own])


@dataclass(frozen=True, slots=True)
class Header:
    path: Path
    line_end: int
    array: bool


@dataclass(frozen=True, slots=True)
class Inline:
    path: Path
    insert: int
    """Where a further pair can be inserted: behind the last one."""
    empty: bool


@dataclass(frozen=True, slots=True)
class Layout:
    length: int
    crlf: bool
    statements: tuple[Statement, ...]
    headers: tuple[Header, ...]
    inlines: tuple[Inline, ...]

    def find(self, path: Path) -> Statement | None:
        return next((statement for statement in self.statements if statement.path == path), None)

    def header(self, table: Path) -> Header | None:
        return next((header for header in self.headers if header.path == table and not header.array), None)

    def inline(self, table: Path) -> Inline | None:
        return next((inline for inline in self.inlines if inline.path == table), None)

    def last_of(self, table: Path) -> Statement | None:
        """The last statement, on a line of its own, beside which a key of ``table`` can stand."""
        lines = [one for one in self.statements if one.line_end >= 0 and one.reaches(table)]
        direct = [one for one in lines if one.path[:-1] == table]
        if not direct and self.header(table):
            return None
        return max(direct or lines, key=lambda one: one.line_end, default=None)


def read_layout(text: str) -> Layout:
    """The layout of ``text``, which tomllib must have accepted (what it says of other text means nothing)."""
    scan = _Scan(text)
    scan.run()
    return Layout(len(text), "\r\n" in text, tuple(scan.statements), tuple(scan.headers), tuple(scan.inlines))


_SPACE = re.compile(r"[ \t]*")
_SPACE_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
# Up to two quotes may stand directly before the closing three.
_BASIC_LINES = re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL)
_LITERAL_LINES = re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}")
_PLAIN = re.compile(r"[^,\]}#\r\n]*")


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.table: Path = ()
        self.arrays: dict[Path, int] = {}
        self.statements: list[Statement] = []
        self.headers: list[Header] = []
        self.inlines: list[Inline] = []

    def run(self) -> None:
        while True:
            self._skip(_SPACE_LINES)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                self._header()
            else:
                self._pair(self.table, own_line=True)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return match[0]

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end + 1

    def _header(self) -> None:
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        path = self._numbered(tuple(name for name, _ in self._keys()), array)
        self.at = self._line_end()
        self.table = path
        self.headers.append(Header(path, self.at, array))

    def _numbered(self, path: Path, array: bool) -> Path:
        """Elements of arrays of tables get a number, so that no two paths are equal."""
        if array:
            self.arrays[path] = self.arrays.get(path, -1) + 1
        parts: list[str] = []
        for length in range(1, len(path) + 1):
            parts.append(path[length - 1])
            if path[:length] in self.arrays:
                parts.append(f"[{self.arrays[path[:length]]}]")
        return tuple(parts)

    def _keys(self) -> list[tuple[str, str]]:
        """The parts of a key: what each means, and how it is written."""
        keys: list[tuple[str, str]] = []
        while True:
            self._skip(_SPACE)
            keys.append(self._key())
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _key(self) -> tuple[str, str]:
        opening = self.text[self.at]
        if opening not in "\"'":
            name = self._skip(_BARE)
            return name, name
        written = self._skip(_BASIC if opening == '"' else _LITERAL)
        return _meant(written), written

    def _pair(self, table: Path, *, own_line: bool) -> None:
        line_start = self.text.rfind("\n", 0, self.at) + 1 if own_line else -1
        keys = self._keys()
        path = (*table, *(name for name, _ in keys))
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        start = self.at
        self._value(path)
        line_end = self._line_end() if own_line else -1
        written = tuple(part for _, part in keys)
        self.statements.append(Statement(path, line_start, start, self.at, line_end, written))
        if own_line:
            self.at = line_end

    def _value(self, path: Path) -> None:
        if self.text.startswith('"""', self.at):
            self._skip(_BASIC_LINES)
        elif self.text.startswith("'''", self.at):
            self._skip(_LITERAL_LINES)
        elif self.text.startswith('"', self.at):
            self._skip(_BASIC)
        elif self.text.startswith("'", self.at):
            self._skip(_LITERAL)
        elif self.text.startswith("[", self.at):
            self._array(path)
        elif self.text.startswith("{", self.at):
            self._inline(path)
        else:
            plain = self._skip(_PLAIN)
            self.at -= len(plain) - len(plain.rstrip(" \t"))

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(_SPACE_LINES)
            if self.text[self.at] == "]":
                self.at += 1
                return
            self._value((*path, f"[{index}]"))
            index += 1
            self._skip(_SPACE_LINES)
            if self.text[self.at] == ",":
                self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        insert = self.at
        empty = True
        while True:
            self._skip(_SPACE_LINES)
            if self.text[self.at] == "}":
                self.inlines.append(Inline(path, insert, empty))
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._pair(path, own_line=False)
            insert, empty = self.at, False


def _meant(written: str) -> str:
    if written[0] == "'" or "\\" not in written:
        return written[1:-1]
    import tomllib

    (name,) = tomllib.loads(f"{written} = 0")
    return name
