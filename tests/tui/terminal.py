"""A program in a real pseudo-terminal, and a small terminal that understands what it writes.

Enough of one for tests: cursor moves, colours, erasing, the alternate screen; everything is kept as raw bytes too.
"""

from __future__ import annotations

import codecs
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from rich.cells import cell_len

from tui.inputs import READING

KEYS = {
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "enter": "\r",
    "escape": "\x1b",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f5": "\x1b[15~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    **{f"ctrl+{chr(96 + code)}": chr(code) for code in range(1, 27)},
}

ACTING = ("ctrl+n", "f8", "enter", "ctrl+p", "f7", "escape")
"""Keys that may carry out, decide or discard something: they count where the page was seen before."""

_SEQUENCE = re.compile(
    r"\x1b(?:\[([<=>?]?)([0-9;]*)([ $]?)([@-~])"
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[()][0-9A-B]|[=>78cDEHM])",
    re.DOTALL,
)
_CUT_OFF = re.compile(r"\x1b(?:\[[<=>?]?[0-9;]*[ $]?|\][^\x07\x1b]*|[PX^_][^\x1b]*|[()])?$")


class Screen:
    """Cells of a terminal: a text and the SGR parameters it was written with."""

    def __init__(self, columns: int, rows: int) -> None:
        self.modes: set[str] = set()
        """DEC private modes that are set: ``1049`` the alternate screen, ``25`` the cursor, ``2004`` pasting."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._pen = ""
        self._below: tuple[list[list[tuple[str, str]]], int, int] | None = None
        self.resize(columns, rows)
        self.modes.add("25")

    def resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[(" ", "")] * columns for _ in range(rows)]
        self._x = self._y = 0

    def _other(self, alternate: bool) -> None:
        """To the alternate screen, which begins empty, or back to what stood on the other one."""
        if alternate and "1049" not in self.modes:
            self._below = self._cells, self._x, self._y
            self.resize(self.columns, self.rows)
        elif not alternate and self._below is not None:
            cells, self._x, self._y = self._below
            self._below = None
            self._cells = [[*line, *[(" ", "")] * self.columns][: self.columns] for line in cells]
            self._cells += [[(" ", "")] * self.columns for _ in range(self.rows - len(cells))]

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple("".join(text for text, _ in line).rstrip() for line in self._cells)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def styles(self) -> frozenset[str]:
        """All SGR parameters that something visible is written with."""
        return frozenset(codes for line in self._cells for text, codes in line if text.strip() or codes)

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decode(data)
        self._rest = ""
        at = 0
        for found in _SEQUENCE.finditer(text):
            self._write(text[at : found.start()])
            at = found.end()
            if found.group(4):
                self._control(*found.groups())
        rest = text[at:]
        cut = _CUT_OFF.search(rest)
        if cut:
            rest, self._rest = rest[: cut.start()], rest[cut.start() :]
        self._write(rest)

    def _write(self, text: str) -> None:
        for char in text:
            if char == "\n":
                self._y = min(self._y + 1, self.rows - 1)
                self._x = 0
            elif char == "\r":
                self._x = 0
            elif char >= " " and char != "\x7f":
                self._put(char)

    def _put(self, char: str) -> None:
        width = cell_len(char)
        if width == 0 or self._x >= self.columns:
            return
        self._cells[self._y][self._x] = (char, self._pen)
        if width == 2 and self._x + 1 < self.columns:
            self._cells[self._y][self._x + 1] = ("", self._pen)
        self._x += width

    def _control(self, private: str, numbers: str, middle: str, final: str) -> None:
        values = [int(part or 0) for part in numbers.split(";")] if numbers else []
        if final in "hl" and private == "?":
            change = self.modes.add if final == "h" else self.modes.discard
            if 1049 in values:
                self._other(final == "h")
            for value in values:
                change(str(value))
        elif private or middle:
            return
        elif final in "Hf":
            row, column = [*values, 1, 1][:2] if values else (1, 1)
            self._y = max(0, min((row or 1) - 1, self.rows - 1))
            self._x = max(0, min((column or 1) - 1, self.columns - 1))
        elif final == "m":
            self._pen = self._sgr(numbers)
        elif final == "J" and values == [2]:
            self._cells = [[(" ", self._pen)] * self.columns for _ in range(self.rows)]
        elif final == "K":
            self._cells[self._y][self._x :] = [(" ", self._pen)] * (self.columns - self._x)

    def _sgr(self, numbers: str) -> str:
        if numbers in ("", "0"):
            return ""
        return numbers.removeprefix("0;") if numbers.startswith("0;") else ";".join(filter(None, (self._pen, numbers)))


class Terminal:
    """A program in a pty; use it as a context manager, so that nothing is left running."""

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        cwd: Path | None = None,
    ) -> None:
        self.screen = Screen(*size)
        self.raw = bytearray()
        self.delay = 0.0
        """Seconds that the line takes, each way."""
        self._sent: deque[tuple[float, bytes]] = deque()
        self._written: deque[tuple[float, bytes]] = deque()
        """What is under way, and when it arrives."""
        self.begun = time.perf_counter()
        self._moved = self.begun
        """When a key was sent, or something came, last."""
        self._fd, slave = pty.openpty()
        self._name = os.ttyname(slave)
        self._size(*size)
        try:
            self.process = subprocess.Popen(
                argv,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=dict(environ),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_own_terminal,
            )
        finally:
            os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    # Reading -------------------------------------------------------------------------------------------------------

    def read(self, seconds: float) -> int:
        """What comes within that time at most; the number of bytes, 0 after silence or the end."""
        until = time.perf_counter() + seconds
        while self._fd >= 0:
            now = time.perf_counter()
            while self._sent and self._sent[0][0] <= now:
                os.write(self._fd, self._sent.popleft()[1])
            if self._written and self._written[0][0] <= now:
                return self._arrive(self._written.popleft()[1])
            due = min(until, *(line[0][0] for line in (self._sent, self._written) if line), until)
            if select.select([self._fd], [], [], max(0.0, due - now))[0]:
                data = self._take()
                if not self.delay or not data:
                    return self._arrive(data)
                self._written.append((time.perf_counter() + self.delay, data))
            elif now >= until:
                break
        return 0

    def _take(self) -> bytes:
        try:
            return os.read(self._fd, 65536)
        except OSError as problem:
            if problem.errno != errno.EIO:
                raise
            return b""

    def _arrive(self, data: bytes) -> int:
        if data:
            self._moved = time.perf_counter()
            self.raw += data
            self.screen.feed(data)
        return len(data)

    @property
    def under_way(self) -> bool:
        return bool(self._sent or self._written)

    def wait_for(self, text: str, seconds: float = 20) -> float:
        """Until that text is on the screen; seconds since the start. Raises AssertionError with the screen."""
        until = time.perf_counter() + seconds
        while text not in self.screen.text:
            if time.perf_counter() > until or (self.process.poll() is not None and not self.read(0.05)):
                raise AssertionError(f"{text!r} did not come within {seconds} s:\n{self.screen.text}")
            self.read(0.05)
        return time.perf_counter() - self.begun

    def settle(self, quiet: float = 0.3, seconds: float = 15) -> int:
        """Until nothing has come for a while; the number of bytes that came."""
        before = len(self.raw)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until and self.read(quiet):
            pass
        return len(self.raw) - before

    # Writing -------------------------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        self._moved = time.perf_counter()
        if self.delay:
            self._sent.append((self._moved + self.delay, data))
        else:
            os.write(self._fd, data)

    def press(self, *keys: str, quiet: float = 0.3) -> int:
        """Each key by its name, else as text, waited for; the number of bytes that came."""
        came = 0
        for key in keys:
            if key in ACTING:
                self.look()
            self.send(KEYS.get(key, key).encode())
            came += self.settle(quiet)
            if key in ACTING and "Keys typed ahead were dropped" in self.screen.text:
                # On a busy machine the page was not drawn for that long yet: once more, as line 23 says.
                self.look()
                self.send(KEYS.get(key, key).encode())
                came += self.settle(quiet)
        return came

    def look(self, seconds: float = 5) -> None:
        """Read what is on the screen, as a person does before a key that acts."""
        until = time.perf_counter() + seconds
        while (now := time.perf_counter()) < (end := min(until, self._moved + READING + 0.1)):
            self.read(end - now)

    def paste(self, text: str, quiet: float = 0.3) -> int:
        self.send(b"\x1b[200~" + text.encode() + b"\x1b[201~")
        return self.settle(quiet)

    def resize(self, columns: int, rows: int, quiet: float = 0.3) -> int:
        self.screen.resize(columns, rows)
        self._size(columns, rows)
        return self.settle(quiet)

    def stall(self, stalled: bool = True) -> None:
        """Take nothing of what the program writes, until further notice; it can still be sent to."""
        slave = os.open(self._name, os.O_RDWR | os.O_NOCTTY)
        try:
            termios.tcflow(slave, termios.TCOOFF if stalled else termios.TCOON)
        finally:
            os.close(slave)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal, as a lost line does."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def end(self, seconds: float = 10) -> int:
        """Wait for the end; the exit status, negative for a signal."""
        until = time.perf_counter() + seconds
        while self.process.poll() is None and time.perf_counter() < until:
            self.read(0.02)
        while self.read(0.02):
            pass
        return self.process.wait(0.1)

    def is_sane(self) -> bool:
        """Whether the terminal is as it was before: echo, lines, no alternate screen, a cursor."""
        mode = termios.tcgetattr(self._fd)[3]
        cooked = bool(mode & termios.ECHO and mode & termios.ICANON and mode & termios.ISIG)
        return cooked and "25" in self.screen.modes and not self.screen.modes & {"1049", "1000", "1003", "2004"}

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def clean_environ(home: Path, **more: str) -> dict[str, str]:
    """Of nobody: only what a login over SSH would have."""
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return {**kept, "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8", **more}
