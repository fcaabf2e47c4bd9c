"""The terminal's driver: Textual's, made fit for SSH.

Invalid bytes become U+FFFD (8.2.8 dies of them), the end of input ends the program instead of spinning, a SIGCONT that
no stop preceded does not start the terminal twice, signals are minded from before the first byte on, and nobody waits
for a terminal that is gone or takes nothing any more.
"""

from __future__ import annotations

import asyncio
import os
import queue
import selectors
import signal
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from textual.drivers.linux_driver import LinuxDriver

from .reader import Reader

if TYPE_CHECKING:
    from textual.app import App


SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""Each of them ends the program in good order."""

_GIVE_BACK = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[0m\x1b[?1049l\x1b[?25h\x1b[?1004l"
_PATIENCE = 2.0
"""Seconds that a terminal has to take the last bytes."""


class Output:
    """The terminal as a file, for Textual's writer: it knows how many writes the terminal has taken."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._written = 0
        self._taken = 0
        self._waiting: list[tuple[int, Callable[[float], object]]] = []

    def write(self, text: str) -> None:
        self._file.write(text)
        self._written += 1

    def flush(self) -> None:
        self._file.flush()
        with self._lock:
            self._taken = self._written
            self._tell()

    def fileno(self) -> int:
        return self._file.fileno()

    def when_taken(self, writes: int, tell: Callable[[float], object]) -> None:
        with self._lock:
            self._waiting.append((writes, tell))
            self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        for _, tell in (one for one in self._waiting if one[0] <= self._taken):
            # At the end there is no loop any more.
            with suppress(RuntimeError):
                tell(now)
        self._waiting = [one for one in self._waiting if one[0] > self._taken]


class SshDriver(LinuxDriver):
    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._stopped = False
        self._minded = False
        self._writes = 0
        assert self._file is not None
        self._output = Output(self._file)
        # What Textual's writer needs of a file.
        self._file = self._output  # type: ignore[assignment]

    def start_application_mode(self) -> None:
        # Before the first byte: what ends it from here on has to give the terminal back.
        end = getattr(self._app, "end_by", None)
        if end is not None and not self._minded:
            self._minded = True
            loop = asyncio.get_running_loop()
            for number in SIGNALS:
                loop.add_signal_handler(number, end, number)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as problem:
            # Textual would print it here with the source and the variables around it.
            self._loop.call_soon_threadsafe(self._app._handle_exception, problem)

    def run_input_thread(self) -> None:
        selector = selectors.SelectSelector()
        selector.register(self.fileno, selectors.EVENT_READ)
        reader = Reader(self._debug)
        try:
            while not self.exit_event.is_set():
                if not selector.select(0.1):
                    for event in reader.tick():
                        self.process_message(event)
                    continue
                data = self._read()
                if not data:
                    self._gone()
                    return
                for event in reader.read(data):
                    self.process_message(event)
        finally:
            selector.close()

    def write(self, data: str) -> None:
        self._writes += 1
        super().write(data)

    def when_taken(self, tell: Callable[[float], None]) -> None:
        """Tell, in the loop, when the terminal has taken all that was written until now."""
        self._output.when_taken(self._writes, lambda at: self._loop.call_soon_threadsafe(tell, at))

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _gone(self) -> None:
        """The terminal is closed, also where SIGHUP is ignored or never comes."""
        end = getattr(self._app, "end_by", None)
        if end is not None:
            self._loop.call_soon_threadsafe(end, signal.SIGHUP)

    def give_back(self) -> None:
        """Restore the terminal at once, where there still is one; never waits for it."""
        if self._writer_thread is not None:
            self._writer_thread._queue.queue.clear()
        with suppress(OSError, termios.error):
            # Opened anew: not to wait is a property that the shell would inherit with the old one.
            terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                os.write(terminal, _GIVE_BACK)
                if self.attrs_before is not None:
                    termios.tcsetattr(terminal, termios.TCSANOW, self.attrs_before)
            finally:
                os.close(terminal)

    def close(self) -> None:
        writer = self._writer_thread
        if writer is not None:
            with suppress(queue.Full):
                writer._queue.put(None, timeout=_PATIENCE)
            writer.join(_PATIENCE)

    def _sigtstp_application(self, *_: object) -> None:
        self._stopped = True
        super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        if self._stopped:
            self._stopped = False
            super()._sigcont_application()


def end_programs() -> None:
    """End what was started and still runs: each leads a session of its own, where no signal of the terminal comes."""
    for pid in _started():
        with suppress(OSError):
            if os.getpgid(pid) == pid:
                os.killpg(pid, signal.SIGKILL)


def _started() -> Iterator[int]:
    with suppress(OSError):
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as listed:
                yield from map(int, listed.read().split())
