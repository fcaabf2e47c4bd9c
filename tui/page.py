"""What stands in the body of the frame: a step, or what was opened over it. And the one line that says what is next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, cast

from textual import on
from textual.containers import Vertical
from textual.widget import Widget

from .action import Action
from .topic import of_finding
from .widgets.findings import Findings
from .widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.standing import Standing

    from .session import Session
    from .topic import Topic

KEYS = "Tab move   Enter choose   ^N next   ^P back   ^O steps   F1 explain   ^Q leave"
KEYS_OF_LIST = "Up/Down move   Enter open   ^N next   ^P back   F1 explain   ^Q leave"
KEYS_OF_READING = "Up/Down scroll   F1 words and keys   ^T as text   Esc back"


class Page(Vertical):
    """One body. ``frame.open(page)`` lays it over the present one, ``frame.close()`` brings that back."""

    bare: bool = False
    """Without the rail: the whole width."""
    looks_again: bool = False
    """In ``returned``: it may stand below something that has changed what is known."""
    is_news: bool = False
    """It says what the last key has come to: a key pressed before it was seen may not close it."""
    step_id: str = ""
    """The step it belongs to; the rail and ``n/7`` show it."""

    DEFAULT_CSS = "Page { height: 100%; width: 100%; layout: vertical; }"

    # What a page tells ---------------------------------------------------------------------------------------------

    def heading(self) -> str:
        """The middle of line 1."""
        return ""

    def who(self) -> str | None:
        """The right of line 1; None: network, moniker and role."""
        return None

    def action(self) -> Action:
        return Action("READ", "Esc goes back", "Esc")

    def keys(self) -> str:
        return KEYS_OF_READING

    def arrival(self) -> Widget | None:
        """What has the focus first; None: the action line."""
        return None

    def topic(self, focused: Widget | None) -> Topic | None:
        """What F1 explains; None: keys and words."""
        return None

    def explained(self, focused: Widget | None) -> Topic | None:
        """What F1 explains: a finding that is chosen, else the topic of the page."""
        if isinstance(focused, Findings) and focused.chosen is not None:
            return of_finding(focused.chosen, self.heading())
        return self.topic(focused)

    @on(Lines.Chosen, "#findings")
    async def _explain_finding(self, event: Lines.Chosen) -> None:
        event.stop()
        await self.frame.action_explain()

    def plain(self) -> Iterable[str]:
        """This page as plain text, for ``^T``: all of it, also what is scrolled out of sight."""
        from .plain import plain_lines

        return plain_lines(self)

    def commands(self) -> Iterable[str]:
        """The same without the wizard."""
        return ()

    @property
    def unsettled(self) -> bool:
        """Whether it will change by itself: work runs, or what was typed is not looked at yet."""
        return False

    @property
    def works(self) -> bool:
        """Whether work of this page runs in the background."""
        return any(worker.node is self and not worker.is_finished for worker in self.app.workers)

    @property
    def discards(self) -> bool:
        """Whether going back loses something that was typed or pasted here."""
        return False

    # What a page does ----------------------------------------------------------------------------------------------

    async def next(self) -> None:
        """``^N``, and Enter on line 23: what the action does."""
        do = self.action().do
        await (self.frame.close() if do is None else do())

    async def again(self) -> None:
        """``^R``."""

    def escape(self) -> bool:
        """Esc: True where the page has dealt with it; else an opened page is closed."""
        return False

    def left(self) -> None:
        """Another page takes its place, or the program ends: keep what is typed."""

    def returned(self) -> None:
        """What was opened over it has been closed."""

    def around(self, now: Standing) -> None:
        """All steps have been looked at in the background."""

    # Where it stands -----------------------------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        return cast("Desk", self.app)

    @property
    def frame(self) -> Pages:
        return self.desk.frame

    @property
    def session(self) -> Session:
        return self.desk.session

    def told(self) -> None:
        """Something that the frame shows of this page has changed."""
        if self.is_mounted:
            self.frame.show(self)


class Desk(Protocol):
    """What a page may ask of the program that shows it."""

    @property
    def session(self) -> Session: ...

    @property
    def frame(self) -> Pages: ...

    def look_around(self) -> None:
        """Look at all steps in the background: something was changed."""
        ...

    def leave(self) -> None:
        """Keep everything, and end the program."""
        ...


class Pages(Protocol):
    """What a page may ask of the frame, in whose body pages lie one over the other."""

    @property
    def pages(self) -> Sequence[Page]: ...

    @property
    def page(self) -> Page:
        """The one that is seen."""
        ...

    @property
    def base(self) -> Page:
        """The step below all that was opened."""
        ...

    def show(self, page: Page | None = None) -> None:
        """Bring the edges up to date, where this page is the one that is seen."""
        ...

    def arrive(self) -> None:
        """Put the focus where the page wants it first."""
        ...

    def offer(self, sentence: str, step: str) -> None:
        """Say this in line 23, and let ``^N`` go to that step, until another key is pressed or the page left."""
        ...

    async def open(self, page: Page) -> None:
        """Lay a page over the present one."""
        ...

    async def close(self, gone: Page | None = None) -> None:
        """Back from the page that is seen, or take away ``gone`` below it; nothing where this is the step itself."""
        ...

    async def close_stale(self) -> None:
        """Close what shows how it was before documents were taken, down to a page that looks again."""
        ...

    async def swap(self, page: Page, gone: Page | None = None) -> None:
        """Put a page in the place of the one that is seen, or of ``gone``, over which others may have been opened."""
        ...

    async def turn_to(self, page: Page) -> None:
        """Close everything, and put this page in the body."""
        ...

    async def go(self, step: str, field: str = "") -> Page:
        """To a step's own page, with the focus on that field."""
        ...

    async def restart(self) -> None:
        """To the page with which a start begins."""
        ...

    async def action_explain(self) -> None: ...

    async def action_steps(self) -> None: ...

    async def action_text(self) -> None: ...

    def action_scroll_page(self, way: int) -> None: ...
