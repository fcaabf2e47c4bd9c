"""What stands in the body of the frame: a step, or what was opened over it. And the one line that says what is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from core.standing import Standing

    from .app import Wizard
    from .frame import Frame
    from .session import Session
    from .topic import Topic

Tag = Literal["NEXT", "FIX", "WAIT", "BUSY", "DONE", "READ"]

KEYS = "Tab move   Enter choose   ^N next   ^P back   ^O steps   F1 explain   ^Q leave"
KEYS_OF_LIST = "Up/Down move   Enter open   ^N next   ^P back   F1 explain   ^Q leave"
KEYS_OF_READING = "Up/Down scroll   F1 words and keys   ^T as text   Esc back"


@dataclass(frozen=True, slots=True)
class Action:
    """Line 23: the one next action, or why there is none."""

    tag: Tag
    sentence: str
    key: str = "^N"
    """Shown at the right; empty where ``^N`` does nothing."""
    bar: Content | None = None
    """Before the sentence, while work runs."""
    acts: bool = False
    """It carries out, signs, writes or decides something: a key does it only if the page was seen before."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What line 23 says and ``^N`` does on that page, until another key is pressed."""

    page: Page
    sentence: str
    step: str
    """Where ``^N`` goes."""


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
        """``^N``, and Enter on line 23."""
        await self.frame.close()

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
    def wizard(self) -> Wizard:
        from .app import Wizard

        assert isinstance(self.app, Wizard)
        return self.app

    @property
    def frame(self) -> Frame:
        return self.wizard.frame

    @property
    def session(self) -> Session:
        return self.wizard.session

    def told(self) -> None:
        """Something that the frame shows of this page has changed."""
        if self.is_mounted:
            self.frame.show(self)
