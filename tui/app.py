"""The app: builds the one frame, paints, ends in good order; as ``core.cli`` does for a command."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import events, work
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.binding import BindingType
from textual.filter import NoColor
from textual.screen import Screen
from textual.timer import Timer

from core.finding import Refusal

from .driver import SshDriver, end_programs
from .frame import Frame, Host
from .inputs import READING, Inputs, Shown, is_input
from .page import Desk, Page, Pages
from .paint import Painter
from .session import Session, refused
from .theme import ANSI, FULL, Ascii

_CONSOLES = ("linux", "vt", "console", "cons25")
"""TERM begins so where the font lacks the marks."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said of it."""

    mouse: bool = False
    ascii: bool = False
    ansi: bool = False
    reading: float = READING
    """Seconds that a page has to have been on the terminal before a key may act on it."""


class Wizard(App[None]):
    CSS = """
    Screen { background: $surface; color: $ink; layout: vertical; scrollbar-size: 0 0; }
    #main { height: 1fr; layout: horizontal; }
    .scroll { height: 1fr; layout: vertical; overflow-y: auto; scrollbar-size: 0 0; }
    .-bare #rail { display: none; }
    .-bare #body { padding: 0 1; }
    .-narrow #rail { display: none; }
    .-narrow #body { padding: 0; }
    .-narrow OneLine { width: 20; }
    .-narrow Entry.-long > OneLine { width: 40; }
    .-narrow Entry.-long.-noted > OneLine { width: 38; }
    .-narrow .purpose { display: none; }
    .-wide Aside { display: block; width: 40; }
    .-broad Aside { display: block; width: 48; }
    .-broad Rail { width: 18; }
    .-bare Aside { display: none; }
    .-tall .scroll { height: auto; max-height: 1fr; }
    .-tall Findings { margin: 1 0 0 0; }
    .-no-color OneLine > .input--cursor { text-style: reverse; }
    .-no-color PasteArea .text-area--cursor { text-style: reverse; }
    Static { background: transparent; color: $ink; }
    """
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = []
    # Nothing floats, so what lies below is never seen, nor painted. A private name of Textual 8.2.8; a test holds it.
    _background_screens: ClassVar[list[Screen[object]]] = []

    def __init__(self, session: Session, options: Options | None = None, first: Page | None = None) -> None:
        """``first``: a page to begin with instead of what the state says."""
        super().__init__(driver_class=SshDriver)
        self.session = session
        self.options = options or Options()
        self.painter = Painter()
        self.frame = Frame()
        self.inputs = Inputs(self, self.frame, self.handle, self.options.reading, mouse=self.options.mouse)
        self.fault: BaseException | None = None
        self._first = first
        self._place: Timer | None = None
        self._painted = False
        self._ordered = 0
        """The signal that came before the first screen stood."""
        self._dress()

    def _dress(self) -> None:
        for theme in (FULL, ANSI):
            self.register_theme(theme)
        few = sys.__stderr__ is not None and sys.__stderr__.isatty() and self.console.color_system == "standard"
        self.plain_colours = self.options.ansi or self.no_color or few
        self.theme = "quorate-ansi" if self.plain_colours else "quorate"
        self.focus_style = "bold $strong on $focus"
        if self.plain_colours:
            self.focus_style = "bold reverse" if self.no_color else "bold reverse $accent"
        # Textual chooses its filter before the theme is known, and would leave greys in NO_COLOR.
        if self.no_color:
            self._filters = [NoColor()]
        self.ascii = self.options.ascii or self.session.environ.get("TERM", "").startswith(_CONSOLES)
        if self.ascii:
            self._filters = [*self._filters, Ascii()]
        self.animation_level = "none"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        # Stylesheets are read once before our theme is set.
        return {key: value for key, value in FULL.variables.items() if not key.startswith("input")}

    def get_default_screen(self) -> Screen[object]:
        # As the default screen it is the only one: nothing is pushed over another.
        return self.frame  # type: ignore[return-value]

    def first_page(self) -> Page:
        from .screens import start_page

        if self._first is not None:
            page, self._first = self._first, None
            return page
        return start_page(self.session)

    # Start -----------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.frame.set_class(self.no_color, "-no-color")
        if not self.is_headless:
            # What a task left behind would otherwise be printed over the screen, with its values.
            asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        self._reader = asyncio.create_task(self.inputs.run())
        self.app_resume_signal.subscribe(self, lambda _: self.frame.action_redraw())
        self.call_after_refresh(self._after_first_paint)

    def _after_first_paint(self) -> None:
        self._painted = True
        if self._ordered:
            self.end_by(self._ordered)
            return
        if not self.is_headless:
            # A thread that nobody waits for: the screen answers meanwhile, and leaving ends it.
            threading.Thread(target=_load, name="quorate-load", daemon=True).start()
        self.look_around()

    async def on_event(self, event: events.Event) -> None:
        if is_input(event) and not event.is_forwarded:
            self.inputs.add(event)
        else:
            await super().on_event(event)

    async def handle(self, event: events.Event) -> None:
        """Input, when it is its turn."""
        if isinstance(event, events.Key) and self.frame.pages:
            self.frame.pressed(event.key)
        await super().on_event(event)

    def look_around(self) -> None:
        """Renew the rail's marks and the pulse, in the background; the first time behind the first screen."""
        if self._painted and self.session.state is not None:
            self._look_around()

    @work(group="around", exclusive=True, exit_on_error=False)
    async def _look_around(self) -> None:
        from .around import look_around

        while not self.is_headless and not _loaded.is_set():
            await _pause()
        now = await look_around(self.session)
        if now is not None and self.frame.is_ready:
            self.frame.page.around(now)
        self.frame.show()

    # Keeping the place -----------------------------------------------------------------------------------------------

    def keep_place_soon(self, page: Page) -> None:
        if self.session.state is None or not page.step_id:
            return
        if self._place is not None:
            self._place.stop()
        self._place = self.set_timer(0.4, self.keep_place)

    def keep_place(self) -> None:
        """Write down step and field."""
        if not self.frame.pages:
            return
        base = self.frame.base
        if self.session.state is not None and base.step_id:
            with suppress(Refusal):
                self.session.keep_place(base.step_id, base.field_here() if hasattr(base, "field_here") else "")

    # End -------------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Everything that is typed and not kept yet."""
        for page in reversed(self.frame.pages):
            with suppress(Exception):
                page.left()
        with suppress(Exception):
            self.keep_place()

    def leave(self) -> None:
        self.save()
        self.exit(return_code=0)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        self.inputs.close()
        super().exit(result, return_code, message)

    def on_unmount(self) -> None:
        self.inputs.close()

    async def action_quit(self) -> None:
        # Textual binds ^Q itself, with priority.
        await self.frame.action_leave()

    def end_by(self, number: int) -> None:
        """A signal, or the end of input: keep, restore the terminal where there still is one, tell by the status."""
        if not self._painted and number != signal.SIGHUP:
            # Half built, Textual can only fail; and nothing is typed yet.
            self._ordered = number
            return
        self.save()
        if number == signal.SIGHUP:
            # The terminal is gone, or soon will be: writing to it as usual may fail or block.
            if isinstance(self._driver, SshDriver):
                self._driver.give_back()
            self.session.close()
            end_programs()
            os._exit(128 + number)
        self.exit(return_code=128 + number)

    def _fatal_error(self) -> None:
        # Textual's own prints the local variables of every frame. A private name of 8.2.8; a test holds it.
        self.fault = sys.exc_info()[1] or self.fault
        with suppress(Exception):
            self.save()
        if self.fault is not None and not self._exit_renderables:
            from . import crash

            self._exit_renderables.append(Text(crash.report(self.fault, self.session.root)))
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        self.fault = self.fault or error
        super()._handle_exception(error)

    def _print_error_renderables(self) -> None:
        # Only the one line; Textual would also tell of further errors, with their values.
        for renderable in self._exit_renderables[:1]:
            self.error_console.print(renderable, markup=False, soft_wrap=True)
        self._exit_renderables.clear()

    def _set_pointer_shape(self, shape: str) -> None:
        # Textual writes an OSC sequence here, which is for mice, and garbage on terminals that do not know it.
        return

    # Painting --------------------------------------------------------------------------------------------------------

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """As Textual 8.2.8, but only what differs from the frame before is written."""
        if not isinstance(renderable, CompositorUpdate):
            super()._display(screen, renderable)
            return
        try:
            if not self._batch_count and self._running and not self._closed and not self.is_headless and self._driver:
                colours = self.console._color_system
                text = self.painter.paint(renderable, self.size, colours)
                if text:
                    self._begin_update()
                    self._driver.write(text)
                    self._end_update()
                    self._driver.flush()
        except Exception as error:
            self._handle_exception(error)
        finally:
            self.post_display_hook()


if TYPE_CHECKING:

    def _fits(app: Wizard) -> tuple[Desk, Host, Pages, Shown]:
        """Pages, frame and input see the app and the frame through protocols; here the types are held against them."""
        return app, app, app.frame, app.frame


_loaded = threading.Event()


def _load() -> None:
    """What the steps need, imported behind the first screen."""
    with suppress(Exception):
        from core import standing
        from core.steps import IDS, step

        assert standing
        for step_id in IDS:
            step(step_id)
    _loaded.set()


async def _pause() -> None:
    await asyncio.sleep(0.05)


def run(session: Session, options: Options, first: Page | None = None) -> int:
    """Run to the end; the exit status."""
    import gc

    gc.freeze()
    app = Wizard(session, options, first)
    try:
        app.run(mouse=options.mouse)
    finally:
        session.close()
    return app.return_code or 0


def begin(root_option: str | None, network: str | None, options: Options, review: tuple[str, str] | None = None) -> int:
    """From the words of the command line to the end. Refusals before the first screen go to the terminal.

    ``review``: a genesis.json to be read on a screen, and the name of its profile; then nothing else is done.
    """
    from core.state import State

    environ = dict(os.environ)
    try:
        session = Session(State.root_of(environ, root_option), environ, network)
        status = run(session, options, _review_page(review))
    except Refusal as refusal:
        sys.stderr.write(refused(refusal) + "\n")
        return 1
    sys.stderr.flush()
    # Everything is kept and the terminal restored; what still imports or computes in the background is of no use.
    os._exit(status)


def _review_page(review: tuple[str, str] | None) -> Page | None:
    if review is None:
        return None
    from .screens.genesis.review import ReviewPage

    return ReviewPage(*review)
