"""The terminal's driver: Textual's, made fit for SSH.

Invalid bytes become U+FFFD (8.2.8 dies of them), the end of input ends the program instead of spinning, a SIGCONT that
no stop preceded does not start the terminal twice, signals are minded from before the first byte on, and nobody waits
for a terminal that is gone or takes nothing any more.
"""

from __future__ import annotations

import asyncio
import os
import queue
import re
import selectors
import signal
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""Each of them ends the program in good order."""

_GIVE_BACK = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[0m\x1b[?1049l\x1b[?25h\x1b[?1004l"
_REPLY = re.compile(r"\x1b(?:\[[?>][0-9;]*[cu]|\][0-9]+;[^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\)")
"""What a terminal answers to a program before this one, come late: who it is, its colours, its abilities."""
_PLAIN = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")
"""Letters and line ends, as a clipboard has them; no key that does anything, but for Enter."""
_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_BURST = 64
"""So many letters at once are never typed, even over a line that stood still for a while."""
_BURST_PAUSE = 0.05
_PATIENCE = 2.0
"""Seconds that a terminal has to take the last bytes."""


class SshDriver(LinuxDriver):
    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._stopped = False
        self._minded = False
        self._burst_until = 0.0
        self._seen = ""
        self._in_brackets = False

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
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        try:
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = self._read()
                    if not data:
                        self._gone()
                        return
                    text = _REPLY.sub("", decode(data))
                    if self._is_pasted(text):
                        self.process_message(events.Paste(text))
                        continue
                    # Of half a letter nothing is known yet, and nothing means the end to the parser.
                    for event in parser.feed(text) if text else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        finally:
            selector.close()

    def _is_pasted(self, text: str) -> bool:
        """Whether it came from a clipboard, though the terminal does not say so.

        Typed letter by letter its line ends would act as Enter, and each letter costs a look at the whole form.
        """
        now = time.monotonic()
        self._seen = self._seen[-len(_BEGIN) :] + text
        begin, end = self._seen.rfind(_BEGIN), self._seen.rfind(_END)
        self._in_brackets = begin > end if max(begin, end) >= 0 else self._in_brackets
        if self._in_brackets:
            return False
        if _PLAIN.fullmatch(text) and (len(text) >= _BURST or now < self._burst_until):
            self._burst_until = now + _BURST_PAUSE
            return True
        return False

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
