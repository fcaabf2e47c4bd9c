"""The installed program in a pseudo-terminal, with what a test of terminals has to know about its process."""

from __future__ import annotations

import os
import pty
import re
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.installation import Installation

from ..driver import WizardDriver
from ..terminal import Terminal, clean_environ

FIRST = "^Q leave"
"""Stands on the last line of the first screen, which is drawn from the top down."""
TAGS = ("NEXT", "FIX", "WAIT", "BUSY", "DONE", "READ")
_SGR = re.compile(rb"\x1b\[([0-9;]*)m")
_FOCUS = re.compile(r"(?:^|[│|]) ?[▸>] (\S.*)")
_CALM = 0.25
_LONG = 20


class Console(Terminal):
    """A terminal that can be waited on by conditions, never by time alone."""

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], size: tuple[int, int], cwd: Path, folder: Path
    ) -> None:
        super().__init__(argv, environ, size, cwd)
        self.folder = folder
        self.fresh = _fresh_modes()

    def __enter__(self) -> Console:
        return self

    def settle(self, quiet: float = 0.3, seconds: float = _LONG) -> int:
        """Until nothing has come and the program has slept for a while, however busy the machine is."""
        before = len(self.raw)
        now = time.perf_counter()
        end, calm_since = now + seconds, now
        while now < end and now - calm_since < quiet:
            came = self.read(0.01)
            now = time.perf_counter()
            if came or self.under_way or self._works():
                calm_since = now
        return len(self.raw) - before

    def _works(self) -> bool:
        """Whether a thread of it, or of a program that it started, has something to do."""
        return any(_state(task) in "RD" for task in _threads(self.process.pid))

    def until(self, condition: Callable[[], object], seconds: float = _LONG) -> None:
        """Raises AssertionError with the screen."""
        end = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > end or (self.process.poll() is not None and not self.read(0.05)):
                assert condition(), f"it did not come to that within {seconds:g} s:\n{self.screen.text}"
                return
            self.read(0.02)

    def sees(self, *texts: str) -> Console:
        self.until(lambda: all(text in self.screen.text for text in texts), _LONG)
        return self

    def writes(self, data: bytes) -> Console:
        self.until(lambda: data in self.raw)
        return self

    def lacks(self, *texts: str) -> Console:
        self.until(lambda: not any(text in self.screen.text for text in texts), _LONG)
        return self

    def shows(self, text: str) -> Console:
        """Exactly this, in the end."""
        end = time.perf_counter() + _LONG
        while self.screen.text != text and time.perf_counter() < end:
            self.read(0.02)
        assert self.screen.text == text
        return self

    def changes(self, key: str) -> Console:
        """The key changes what is written on the screen."""
        before = self.screen.text
        self.key(key).until(lambda: self.screen.text != before)
        return self

    def key(self, *keys: str) -> Console:
        """Each key, and what it draws; enough where the next wait is for a condition."""
        for key in keys:
            self.press(key, quiet=0.2 if key == "escape" else 0.04)
        return self

    def calm(self, quiet: float = _CALM) -> str:
        """The text of the screen once nothing comes any more."""
        self.settle(quiet, _LONG)
        return self.screen.text

    def paste_slowly(self, data: bytes) -> Console:
        """In brackets, in pieces as the line takes them, reading meanwhile as a terminal does."""
        data = b"\x1b[200~" + data + b"\x1b[201~"
        os.set_blocking(self._fd, False)
        try:
            while data:
                try:
                    data = data[os.write(self._fd, data[:4096]) :]
                except BlockingIOError:
                    self.read(0.01)
                self.read(0)
        finally:
            os.set_blocking(self._fd, True)
        return self

    def go_on(self) -> Console:
        """From the first screen of somebody who comes back to the step where they were."""
        return self.sees("Go on", FIRST).key("enter").lacks("Where to?")

    def to_step(self, number: int) -> Console:
        """Through the list of the steps, which is at hand on every screen."""
        self.key("ctrl+o")
        self.sees("What it needs").key("home", *["down"] * (number - 1), "enter").sees(f" {number}/7 ")
        return self

    def leaves(self, status: int = 0) -> None:
        self.key("ctrl+q").sees("Leave?").key("enter")
        self.ends(status)

    def ends(self, status: int) -> None:
        """It has ended with that status, has left no process, and the terminal is as it was."""
        assert self.end(_LONG) == status, self.screen.text
        assert self.leftovers() == []
        self.is_as_before()

    def is_as_before(self) -> None:
        """Raises AssertionError where the terminal is in another state than when it was opened."""
        assert "25" in self.screen.modes, "the cursor is hidden"
        left_on = self.screen.modes & {"1", "9", "1000", "1002", "1003", "1004", "1005", "1006", "1015", "1049", "2004"}
        assert not left_on, f"left switched on: {left_on}"
        now = termios.tcgetattr(self._fd)
        assert now[:6] == self.fresh[:6], "flags or speeds of the line differ"
        assert now[6] == self.fresh[6], "control characters of the line differ"

    def leftovers(self) -> list[str]:
        """Command lines of programs that name this test's folder, or that are of the program's session."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                words = place.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                stat = place.joinpath("stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ours = str(self.folder) in words or int(stat[3]) == self.process.pid
            if ours and stat[0] != "Z" and int(place.name) != self.process.pid:
                found.append(words)
        return found

    def cpu(self) -> float:
        """Seconds of processor that the program has used."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def is_stopped(self) -> bool:
        return _state(Path(f"/proc/{self.process.pid}")) == "T"

    @property
    def colours(self) -> set[int]:
        """SGR parameters that set a colour, in all that was written."""
        numbers = {int(one or 0) for codes in _SGR.findall(bytes(self.raw)) for one in codes.split(b";")}
        return {one for one in numbers if 30 <= one <= 49 or 90 <= one <= 107}

    @property
    def focus(self) -> str:
        """What stands behind the marker; empty where line 23 has the focus."""
        found = (_FOCUS.search(line) for line in self.screen.lines[2:-2])
        return next((one.group(1) for one in found if one), "")


def _state(place: Path) -> str:
    """``R`` running, ``D`` reading a disk, ``S`` sleeping, ``T`` stopped, ``Z`` ended."""
    try:
        return (place / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _threads(pid: int) -> Iterator[Path]:
    """All threads of a process and of what it started."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            yield task
            for child in (task / "children").read_text().split():
                yield from _threads(int(child))


def slow_programs(folder: Path) -> str:
    """A PATH on which every node program takes a minute for its answer."""
    place = folder / "programs"
    place.mkdir()
    for name in ("tendermint", "cometbft", "planetmint"):
        (place / name).write_text("#!/bin/sh\nsleep 60\n")
        (place / name).chmod(0o755)
    return f"{place}:/usr/bin:/bin"


def _fresh_modes() -> list[object]:
    master, slave = pty.openpty()
    try:
        return list(termios.tcgetattr(slave))
    finally:
        os.close(master)
        os.close(slave)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the program is installed, and one user of it."""

    made: Installation
    user: WizardDriver

    def environ(self, **more: str) -> dict[str, str]:
        """Of a login; a setting of an empty text is left out."""
        every = clean_environ(self.user.folder, **{"QUORATE_STATE": str(self.user.root), **more})
        return {name: value for name, value in every.items() if value or name == "NO_COLOR"}

    def start(self, *words: str, size: tuple[int, int] = (80, 24), **environ: str) -> Console:
        return self.run((str(self.made.program("quorate")), *words), size=size, **environ)

    def script(self, source: str, **environ: str) -> Console:
        """A Python program that meddles with ``tui`` and ``core`` before it runs ``main()``."""
        head = "import sys\nfrom quorate.__main__ import main\nsys.argv[1:] = []\n"
        whole = head + source + "\nsys.exit(main())\n"
        # Textual reads this while it is imported, which is sooner here than in ``main``.
        environ = {"TEXTUAL_DISABLE_KITTY_KEY": "1", **environ}
        return self.run((str(self.made.program("python")), "-c", whole), (80, 24), **environ)

    def run(self, argv: Sequence[str], size: tuple[int, int] = (80, 24), **environ: str) -> Console:
        return Console(argv, self.environ(**environ), size, self.user.folder, self.user.folder)

    def shell(self, words: str, shell: str = "/bin/sh", **environ: str) -> Console:
        """A shell with that program; ``$QUORATE`` is ours."""
        return self.run((shell, "-c", words), (80, 24), QUORATE=str(self.made.program("quorate")), **environ)
