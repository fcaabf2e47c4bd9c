"""The one screen: title, rail, body, action line, keys. A step, or a page that was opened, changes only the body.

Nothing floats: what is opened takes the body's place, Esc brings back what was there, with its focus.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.scalar import Scalar
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from core.finding import Refusal
from core.steps import IDS

from .action import Action
from .inputs import NEXT, Inputs
from .page import Page
from .widgets.edges import ActionLine, Aside, KeyLine, Rail, Title, View
from .widgets.lines import Lines

if TYPE_CHECKING:
    from .paint import Painter
    from .session import Session

_SLOW = 0.5
"""Seconds after which the place of the cursor is written down."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What line 23 says and ``^N`` does on that page, until another key is pressed."""

    page: Page
    sentence: str
    step: str
    """Where ``^N`` goes."""


class Host(Protocol):
    """What the frame asks of the app."""

    session: Session
    inputs: Inputs
    painter: Painter

    def first_page(self) -> Page: ...

    def keep_place_soon(self, page: Page) -> None: ...

    def leave(self) -> None: ...


class Body(Vertical):
    """Holds the pages; the one on top is seen."""

    DEFAULT_CSS = "Body { width: 1fr; height: 100%; padding: 0 0 0 1; }"


def _after_dropping(action: Action, key: str) -> Action:
    """What line 23 says once keys were dropped: that they were, and which key does it now."""
    so = "Keys typed ahead were dropped."
    if not key:
        return replace(action, sentence=f"{so} {action.sentence}")
    now = f": {action.sentence}" if action.acts else "."
    return replace(action, tag="WAIT", sentence=f"{so} {key} does it now{now}")


class Frame(Screen[None]):
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal"), (120, "-wide"), (140, "-broad")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-tall")]  # noqa: RUF012
    AUTO_FOCUS = ""
    ESCAPE_TO_MINIMIZE = False
    # Textual repaints the whole screen on each focus move; what shows the focus here does so itself.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f8", "next", priority=True, show=False),
        Binding("ctrl+p,f7", "back", priority=True, show=False),
        Binding("ctrl+o,f2", "steps", priority=True, show=False),
        Binding("f1,ctrl+g", "explain", priority=True, show=False),
        Binding("ctrl+r,f5", "again", priority=True, show=False),
        Binding("ctrl+t,f3", "text", priority=True, show=False),
        Binding("ctrl+l", "redraw", priority=True, show=False),
        Binding("ctrl+q,ctrl+c", "leave", priority=True, show=False),
        Binding("escape", "escape", priority=True, show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "scroll_page(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Page] = []
        self._focus_below: list[Widget | None] = []
        self._offer: Offer | None = None
        self._dropped: tuple[Page, str] | None = None
        """The page on which keys typed ahead were dropped, and the key that does it now."""
        self._action: Action | None = None

    @property
    def wizard(self) -> Host:
        return cast("Host", self.app)

    @property
    def page(self) -> Page:
        """The one that is seen."""
        return self.pages[-1]

    @property
    def is_ready(self) -> bool:
        """Whether the page that is seen is built. Work in the background may end while one takes another's place."""
        return bool(self.pages) and self.page.is_mounted

    @property
    def base(self) -> Page:
        """The step below all that was opened."""
        return self.pages[0]

    def compose(self) -> ComposeResult:
        first = self.wizard.first_page()
        self.pages = [first]
        self._focus_below = [None]
        yield Title(id="title")
        with Horizontal(id="main"):
            yield Rail(id="rail")
            with Body(id="body"):
                yield first
            yield Aside(id="aside")
        yield ActionLine(id="action")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        # A page knows after its layout if all of it is visible; Textual does not signal the first layout.
        self.screen_layout_refresh_signal.subscribe(self, self._tell_more, immediate=True)
        self.call_after_refresh(self._tell_more)
        self.show()
        self.arrive()
        self.wizard.inputs.unseen()

    # What the edges show ---------------------------------------------------------------------------------------------

    def show(self, page: Page | None = None) -> None:
        """Bring the edges up to date, where this page is the one that is seen."""
        if not self.is_ready or (page is not None and page is not self.page):
            return
        view = self.view()
        self.set_class(view.bare, "-bare")
        for edge in (Title, Rail, ActionLine, KeyLine):
            self.query_one(edge).put(view)
        self._explain_aside()
        if view.action != self._action:
            self._action = view.action
            if view.action is not None and view.action.acts and not self.wizard.inputs.busy:
                # No key has changed it, so nobody knows of it yet.
                self.wizard.inputs.unseen()

    def _tell_more(self, _: Screen[object] | None = None) -> None:
        """After each layout, each scrolling and each move of the focus."""
        if self.is_ready:
            self._leave_room()
            self.query_one(KeyLine).put(self.view())

    def _leave_room(self) -> None:
        """On a tall screen findings follow the form at once, and a long one may not push them out."""
        # Without a height it has not got its place yet.
        for box in self.page.query(".scroll") if self.page.size.height else ():
            others = (one for one in self.page.children if one is not box and one.display)
            most = self.page.size.height - sum(one.outer_size.height + one.styles.margin.height for one in others)
            room = Scalar.from_number(max(1, most)) if self.has_class("-tall") else None
            # To set what is set already would lay out again.
            if box.styles.max_height != room:
                box.styles.max_height = room

    def view(self) -> View:
        page, session = self.page, self.wizard.session
        try:
            offered = self.offered
            action = Action("NEXT", offered.sentence) if offered else page.action()
            if self._dropped is not None and self._dropped[0] is page:
                action = _after_dropping(action, self._dropped[1])
            who, marks = page.who(), session.step_marks()
            return View(
                page.heading(),
                session.who() if who is None else who,
                page.step_id,
                page.bare,
                marks,
                session.pulse,
                action,
                self._more() + page.keys(),
            )
        except Refusal as refusal:
            told = Action("FIX", f"{refusal.findings[0].message} {refusal.findings[0].fix}", "")
            return View(page.heading(), "", page.step_id, page.bare, (), session.pulse, told, page.keys())

    def _more(self) -> str:
        """Said first in the last line, where the page is longer than the screen."""
        box = self.page.query(".scroll")
        hidden = box.first(Widget) if box else None
        return "PageDown more   " if hidden is not None and hidden.max_scroll_y > hidden.scroll_offset.y else ""

    def _explain_aside(self) -> None:
        if not (self.has_class("-wide") or self.has_class("-broad")) or not self.is_ready:
            return
        from .screens.opened.explain import aside

        self.query_one(Aside).put(aside(self.page.explained(self.focused), 44 if self.has_class("-broad") else 36))

    def offer(self, sentence: str, step: str) -> None:
        """Say this in line 23, and let ``^N`` go to that step, until another key is pressed or the page left."""
        self._offer = Offer(self.page, sentence, step)
        self.show()

    @property
    def offered(self) -> Offer | None:
        return self._offer if self._offer is not None and self._offer.page is self.page else None

    def pressed(self, key: str) -> None:
        """A key comes, before anything has dealt with it."""
        takes = key in NEXT or (key == "enter" and isinstance(self.focused, ActionLine))
        if self._dropped is not None or (self._offer is not None and not takes):
            self._dropped = None
            self._offer = self._offer if takes else None
            self.show()

    def dropped(self, key: str) -> None:
        """Keys typed ahead were dropped; this one acts now. Line 23 says so until another key comes."""
        if self.pages:
            self._dropped = (self.page, key)
            self.show()

    # Changing the body -----------------------------------------------------------------------------------------------

    async def open(self, page: Page) -> None:
        """Lay a page over the present one."""
        self.page.left()
        with self.app.batch_update():
            self._focus_below[-1] = self.focused
            self.set_focus(None)
            self.page.display = False
            await self._mount_page(page)

    async def close(self, gone: Page | None = None) -> None:
        """Back from the page that is seen, or take away ``gone`` below it; nothing where this is the step itself."""
        gone = gone or self.page
        if gone not in self.pages[1:]:
            return
        with self.app.batch_update():
            at = self.pages.index(gone)
            on_top = gone is self.page
            del self.pages[at], self._focus_below[at]
            gone.left()
            if not on_top:
                gone.remove()
                return
            self.set_focus(None)
            gone.remove()
            self.page.display = True
            self.wizard.inputs.unseen()
            self.page.returned()
            self.show()
            below = self._focus_below[-1]
            if below is not None and below.is_attached and below.focusable:
                self.set_focus(below, scroll_visible=False)
            else:
                self.arrive()

    async def close_stale(self) -> None:
        """Close what shows how it was before documents were taken, down to a page that looks again."""
        with self.app.batch_update():
            await self.close()
            while len(self.pages) > 1 and not self.page.looks_again:
                await self.close()

    async def turn_to(self, page: Page) -> None:
        """Close everything, and put this page in the body: another step."""
        with self.app.batch_update():
            self.set_focus(None)
            for old in self.pages:
                old.left()
            self.pages, old_pages = [], self.pages
            self._focus_below = []
            for old in old_pages:
                old.display = False
            await self._mount_page(page)
            for old in old_pages:
                old.remove()

    async def swap(self, page: Page, gone: Page | None = None) -> None:
        """Put a page in the place of the one that is seen, or of ``gone``, over which others may have been opened."""
        gone = gone or self.page
        if gone not in self.pages:
            return
        with self.app.batch_update():
            at = self.pages.index(gone)
            on_top = gone is self.page
            del self.pages[at], self._focus_below[at]
            gone.left()
            if on_top:
                self.set_focus(None)
            gone.display = False
            await self._mount_page(page, at)
            gone.remove()

    async def _mount_page(self, page: Page, at: int | None = None) -> None:
        """At its place among those that are open, by default on top."""
        # Never awaited is what is removed: it may be the very page whose handler runs here.
        at = len(self.pages) if at is None else at
        self.pages.insert(at, page)
        self._focus_below.insert(at, None)
        body = self.query_one(Body)
        if not body.is_attached:
            # The program ends meanwhile.
            return
        page.display = page is self.page
        await body.mount(page)
        if page is self.page:
            self.wizard.inputs.unseen()
            self.arrive()
            self.show()

    def arrive(self) -> None:
        target = self.page.arrival()
        if target is not None and target.focusable:
            self.set_focus(target)
        else:
            self.set_focus(self.query_one(ActionLine))

    async def go(self, step: str, field: str = "") -> Page:
        """To a step's own page, with the focus on that field."""
        from .screens import page_of

        page = page_of(step, field)
        await self.turn_to(page)
        return page

    async def restart(self) -> None:
        """To the page with which a start begins."""
        await self.turn_to(self.wizard.first_page())

    # Keys ------------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.is_ready

    async def action_next(self) -> None:
        offered, self._offer = self.offered, None
        if offered is not None:
            await self.go(offered.step)
        else:
            await self.page.next()

    @on(ActionLine.Done)
    async def _do(self) -> None:
        await self.action_next()

    async def action_back(self) -> None:
        """One step back; from an opened page to what is below it."""
        if len(self.pages) > 1:
            await self.action_escape()
        elif self.page.step_id and IDS.index(self.page.step_id) > 0:
            await self.go(IDS[IDS.index(self.page.step_id) - 1])

    async def action_escape(self) -> None:
        if not self.page.escape():
            await self.close()

    async def action_again(self) -> None:
        await self.page.again()

    async def action_steps(self) -> None:
        from .screens.opened.steps import StepsPage

        if self.wizard.session.state is not None and not isinstance(self.page, StepsPage):
            await self.open(StepsPage())

    async def action_explain(self) -> None:
        from .screens.opened.explain import ExplainPage
        from .screens.opened.help import HelpPage

        if isinstance(self.page, HelpPage):
            return
        topic = None if isinstance(self.page, ExplainPage) else self.page.explained(self.focused)
        page = HelpPage() if topic is None else ExplainPage(topic, self.page.step_id)
        page.bare = self.page.bare
        await self.open(page)

    async def action_text(self) -> None:
        from .screens.opened.text import TextPage

        if not isinstance(self.page, TextPage):
            await self.open(TextPage.of(self.page))

    async def action_leave(self) -> None:
        from .screens.opened.leave import LeavePage

        if isinstance(self.page, LeavePage):
            self.wizard.leave()
        else:
            await self.open(LeavePage())

    def action_redraw(self) -> None:
        self.wizard.painter.forget()
        self.refresh(repaint=True, layout=True)

    def action_move(self, way: int) -> None:
        """To the next thing, or the one before; on a page that is only read, a line up or down."""
        if len(self.focus_chain) > 1:
            (self.focus_next if way > 0 else self.focus_previous)()
            return
        box = self.page.query(".scroll")
        if box:
            box.first(Widget).scroll_relative(y=way, animate=False, force=True)

    def action_scroll_page(self, way: int) -> None:
        box = self.page.query(".scroll").first(Widget) if self.page.query(".scroll") else None
        if box is not None:
            box.scroll_relative(y=way * max(1, box.size.height - 1), animate=False, force=True)

    async def on_paste(self, event: events.Paste) -> None:
        """Several lines, pasted anywhere: all of them go to the paste page."""
        from .screens.opened.paste import PastePage

        # The app would hand it to what has the focus once more.
        event.stop()
        if self.wizard.session.state is None:
            return
        if isinstance(self.page, PastePage):
            self.page.add(event.text)
        else:
            await self.open(PastePage(event.text))

    # Focus -----------------------------------------------------------------------------------------------------------

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._tell_more()
        self._explain_aside()
        self.wizard.keep_place_soon(self.base)

    def on_resize(self) -> None:
        for lines in self.query(Lines):
            lines.renew()
        self._explain_aside()
