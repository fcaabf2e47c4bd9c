"""Input, one event at a time: each goes to the page and the focus that the events before it have made.

Over a line that was stalled, keys arrive in bursts. Navigation and text may be typed ahead, as in any terminal program.
A key that carries out, signs or decides something may not: it counts only if the page that asks for it was on the
terminal, for the time that reading takes, before the key came. Otherwise it is dropped together with the rest of its
burst, which was meant for what would have come next, and line 23 says so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual import events
from textual.message_pump import MessagePump

from .driver import SshDriver

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from .page import Page

READING = 0.65
"""Seconds from the terminal having taken a page to the first key that may act on it.

On a line with 300 ms each way, a key pressed just before the page came into sight arrives 600 ms after it was written.
"""
PATIENCE = 1.0
"""Seconds that input waits for work that the input before it has started."""

NEXT = ("ctrl+n", "f8")
LEAVE = ("ctrl+q", "ctrl+c")
_BACK = ("escape", "ctrl+p", "f7")
_STOP = ("escape", *LEAVE)
"""They do not wait for work: they end it."""
_TURNS = 100


def is_input(event: events.Event) -> bool:
    """Return True if a person made it. The terminal's own focus comes and goes in order with the keys."""
    return isinstance(event, events.InputEvent | events.Paste | events.AppFocus | events.AppBlur)


class Shown(Protocol):
    """What is asked of the frame besides what every screen has: which page is seen, and what a key would do."""

    @property
    def pages(self) -> Sequence[Page]: ...

    @property
    def page(self) -> Page: ...

    @property
    def offered(self) -> object | None: ...

    def dropped(self, key: str) -> None: ...


Handler = Callable[[events.Event], Awaitable[None]]


class Inputs:
    def __init__(self, app: App[None], frame: Screen[None], handler: Handler, reading: float, *, mouse: bool) -> None:
        """``handler``: takes one event when it is its turn. ``mouse``: whether clicks are input."""
        self._app = app
        self._screen = frame
        self._frame = cast("Shown", frame)
        self._handler = handler
        self._reading = reading
        self._mouse = mouse
        self._waiting: deque[events.Event] = deque()
        self._came = asyncio.Event()
        self._open = True
        self._handlers: set[asyncio.Task[None]] = set()
        self._excused: set[object] = set()
        """What did not come to an end in time, when the person wanted to leave."""
        self.settling = False
        """Whether what the last event has started is still going on."""
        self._works: tuple[Page | None, float] = (None, 0.0)
        """The page that works in the background, and since when."""
        self._sight = object()
        """Replaced whenever the page, or what it asks for, is a different one."""
        self._shown_at: float | None = None
        """When the terminal had taken what it shows now."""
        self._dropped_at: float | None = None
        """When the last event came, if it was dropped."""

    def add(self, event: events.Event) -> None:
        if isinstance(event, events.MouseEvent) and not self._mouse:
            return  # Nobody has asked for the mouse: it is the late answer to a program before this one.
        self._waiting.append(event)
        self._came.set()

    def close(self) -> None:
        """The program ends: what is still typed is for nobody."""
        self._open = False
        self._waiting.clear()
        self._came.set()

    @property
    def busy(self) -> bool:
        return self._open and (self.settling or bool(self._waiting))

    async def run(self) -> None:
        """Handle what comes, until the end."""
        while self._open:
            await self._settled()
            if not self._waiting:
                self.settling = False
                self._came.clear()
                await self._came.wait()
                continue
            event = self._waiting.popleft()
            self.settling = True
            if not self._drops(event):
                self._dropped_at = None
                # A task, so that a handler that does not return cannot keep the person from leaving.
                self._handlers.add(asyncio.create_task(self._handle(event)))

    async def _handle(self, event: events.Event) -> None:
        try:
            await self._handler(event)
        except Exception as error:
            self._app._handle_exception(error)

    # In order --------------------------------------------------------------------------------------------------------

    async def _settled(self) -> None:
        """Wait until all that the last event has started on the screen is done, so that the next one can follow."""
        since, turns = monotonic(), 0
        while self._open and not self._can_follow():
            if monotonic() - since > PATIENCE and self._make_way():
                return
            turns += 1
            await (asyncio.sleep(0) if turns < _TURNS else _pause())

    def _can_follow(self) -> bool:
        if self._unfinished():
            return False
        return not self._waiting or _is_key(self._waiting[0], _STOP) or not self.works

    def _unfinished(self) -> set[object]:
        """Handlers, and widgets with messages: what still changes the screen because of the last event."""
        self._handlers = {task for task in self._handlers if not task.done()}
        pumps: list[MessagePump] = [self._app, *self._screen.walk_children(with_self=True)]
        found: set[object] = {pump for pump in pumps if not _is_idle(pump)}
        found |= self._handlers
        self._excused &= found
        return found - self._excused

    @property
    def works(self) -> bool:
        """Whether the page has been at work in the background for a short time: it may be another one right after."""
        page = self._frame.page if self._frame.pages else None
        if page is None or not page.works:
            self._works = (None, 0.0)
        elif self._works[0] is not page:
            self._works = (page, monotonic())
        return page is not None and self._works[0] is page and monotonic() - self._works[1] < PATIENCE

    def _make_way(self) -> bool:
        """Drop what waits before the first key that leaves, and wait no more for what is not done by now."""
        at = next((at for at, event in enumerate(self._waiting) if _is_key(event, LEAVE)), None)
        if at is None:
            return False
        for _ in range(at):
            self._waiting.popleft()
        self._excused |= self._unfinished()
        return True

    # Only what was seen ----------------------------------------------------------------------------------------------

    def unseen(self) -> None:
        """The page, or what it asks for, is a different one: it has to be read before a key acts on it."""
        sight = self._sight = object()
        self._shown_at = None
        self._painting = asyncio.create_task(self._paint(sight))

    async def _paint(self, sight: object) -> None:
        while self._open and sight is self._sight and not self._is_painted():
            await _pause()
        if not self._open or sight is not self._sight:
            return

        def taken(at: float) -> None:
            if sight is self._sight:
                self._shown_at = at

        driver = self._app._driver
        if isinstance(driver, SshDriver):
            driver.when_taken(taken)
        else:
            taken(monotonic())

    def _is_painted(self) -> bool:
        frame = self._screen
        waits = frame._layout_required or frame._scroll_required or frame._repaint_required or frame._dirty_widgets
        return not self._app._batch_count and not waits and not self._unfinished()

    @property
    def seen(self) -> bool:
        """Whether a key that comes now may act."""
        return self._was_seen(monotonic(), self._reading)

    def _was_seen(self, at: float, reading: float) -> bool:
        return self._shown_at is not None and at >= self._shown_at + reading

    def _drops(self, event: events.Event) -> bool:
        """Whether it was meant for something else than what was on the terminal when it came."""
        if isinstance(event, events.AppFocus | events.AppBlur | events.MouseMove):
            return False
        follows = self._dropped_at is not None and event.time - self._dropped_at < self._reading
        ahead = self._acts(event) and not self._was_seen(event.time, self._reading)
        if not (follows or ahead or self._is_lost(event)):
            return False
        self._dropped_at = event.time
        if not follows:
            self._frame.dropped(_label(event) if ahead else "")
        return True

    def _acts(self, event: events.Event) -> bool:
        frame = self._frame
        if not frame.pages:
            return False
        if isinstance(event, events.Key):
            if event.key in NEXT:
                return frame.offered is None and frame.page.action().acts
            if event.key == "enter":
                return bool(getattr(self._screen.focused, "acts", False))
            return event.key in _BACK and (frame.page.discards or frame.page.is_news)
        # A click is meant for what was in that place.
        return isinstance(event, events.MouseDown | events.MouseUp)

    def _is_lost(self, event: events.Event) -> bool:
        """Typed ahead of a page that takes long to become what it was typed for."""
        page = self._frame.page if self._frame.pages else None
        if page is None or not page.works or _is_key(event, _STOP):
            return False
        return not self._was_seen(event.time, 0.0)


def _is_idle(pump: MessagePump) -> bool:
    """Return True if it waits for a message. Private names of Textual 8.2.8 and of asyncio; a test holds them."""
    if pump._closing or pump._closed:
        return True
    ready: Any = pump._message_queue.ready_event
    return not ready.is_set() and bool(ready._waiters)


async def _pause() -> None:
    await asyncio.sleep(0.005)


def _is_key(event: events.Event, keys: Collection[str]) -> bool:
    return isinstance(event, events.Key) and event.key in keys


def _label(event: events.Event) -> str:
    """As the last line names it."""
    if not isinstance(event, events.Key):
        return "A click"
    return {"enter": "Enter", "escape": "Esc", "f7": "^P", "f8": "^N"}.get(event.key, f"^{event.key[-1].upper()}")
