"""What a terminal sends, read as keys and pastes: whole letters, whole pastes, nothing of a paste as a key."""

from __future__ import annotations

import re
import time
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterable, Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

_REPLY = re.compile(r"\x1b(?:\[[?>][0-9;]*[cu]|\][0-9]+;[^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\)")
"""What a terminal answers to a program before this one, come late: who it is, its colours, its abilities."""
_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_CUT_OFF = re.compile(r"\x1b(?:\[(?:2(?:00?)?)?)?$")
"""What may be the first half of ``_BEGIN``."""
_KEYS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)?|[\x00-\x20\x7f]")
"""What a keyboard sends that is no letter."""
_ALONE = re.compile(r"\x1b(?![\[O\]PX^_])")
"""Esc, and not the beginning of another key. Typed ahead it may be followed by anything; Alt is used nowhere here."""
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BURST = 64
"""So many letters at once are never typed, even over a line that was stalled for a while."""
_LEAVING = ("\x11", "\x03")
"""^Q and ^C: what a person presses who is not heard. After a silence, a paste does not go on with one of them alone."""
_SILENCE = 2.0
"""Seconds."""
_BURST_PAUSE = 0.05
_ESCAPE = "\x1b"


class Reader:
    def __init__(self, debug: bool = False) -> None:
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._parser = XTermParser(debug)
        self._burst_until = 0.0
        self._rest = ""
        self._came = 0.0
        self._pasted: list[str] | None = None
        """What has come of a paste whose end has not; the last piece is shorter than that end. None: no paste."""

    def read(self, data: bytes) -> Iterator[Message]:
        """Invalid bytes become U+FFFD. Each event has the time of this call."""
        silence, self._came = time.monotonic() - self._came, time.monotonic()
        text, self._rest = self._rest + _REPLY.sub("", self._decode(data)), ""
        lost = self._lost() if text in _LEAVING and silence >= _SILENCE else ()
        return self._dated((*lost, *self._read(text)))

    def tick(self) -> Iterator[Message]:
        """Nothing has come for a while: what was taken for the beginning of more is all."""
        yield from self._dated(self._parser.tick())
        rest, self._rest = self._rest, ""
        if rest == _ESCAPE:
            yield from self._dated((events.Key("escape", _ESCAPE),))
        else:
            yield from self._dated(self._keys(rest))

    def _dated(self, found: Iterable[Message]) -> Iterator[Message]:
        for event in found:
            event.time = self._came
            yield event

    def _read(self, text: str) -> Iterator[Message]:
        while text:
            if self._pasted is not None:
                text = yield from self._inside(text)
                continue
            typed, bracket, text = text.partition(_BEGIN)
            cut_off = None if bracket else _CUT_OFF.search(typed)
            if cut_off:
                typed, self._rest = typed[: cut_off.start()], cut_off.group()
            if self._is_pasted(typed):
                yield _paste(typed)
            else:
                yield from self._keys(typed)
            if bracket:
                self._pasted = [""]

    def _lost(self) -> tuple[Message, ...]:
        """End a paste whose end was lost, as when the line broke in it: it would swallow every key."""
        if self._pasted is None:
            return ()
        whole, self._pasted = "".join(self._pasted), None
        return (_paste(whole),)

    def _keys(self, typed: str) -> Iterator[Message]:
        for number, keys in enumerate(_ALONE.split(typed)):
            if number:
                yield events.Key("escape", _ESCAPE)
            # Nothing would mean the end to the parser.
            if keys:
                yield from self._parser.feed(keys)

    def _inside(self, text: str) -> Generator[Message, None, str]:
        """Keep what is in brackets. Textual's parser would type what follows an ESC in it. Returns what is left."""
        assert self._pasted is not None
        piece = self._pasted.pop() + text
        inside, bracket, after = piece.partition(_END)
        if not bracket:
            at = max(0, len(piece) - len(_END) + 1)
            self._pasted += [piece[:at], piece[at:]]
            return ""
        whole = "".join((*self._pasted, inside))
        self._pasted = None
        yield _paste(whole)
        return after

    def _is_pasted(self, text: str) -> bool:
        """Whether it came from a clipboard, though the terminal does not say so.

        Typed letter by letter its line ends would act as Enter, and each letter costs a look at the whole form.
        """
        letters = len(_KEYS.sub("", text))
        if letters >= _BURST or (letters and self._came < self._burst_until):
            self._burst_until = self._came + _BURST_PAUSE
            return True
        return False


def _paste(text: str) -> Message:
    """Control characters are neither text nor keys."""
    return events.Paste(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\0", "")))
