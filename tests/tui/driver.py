"""The wizard, driven as a person drives it: keys in, the screen's text out.

::

    async with wizard.open("keys") as user:
        await user.press("ctrl+n")
        user.sees("Nothing is written yet")

Everything is real but the clock and the terminal: state, home, key process and apply.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from textual.pilot import Pilot

from core.adapters import real_world
from core.run import keep_answers
from core.state import State
from core.world import World
from tests.core.keys.key_homes import make_home
from tui.app import Options, Wizard
from tui.page import Page
from tui.session import Session

NETWORK = "harbour"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_NAMED = {" ": "space", "/": "slash", ".": "full_stop", "-": "minus", "_": "underscore", ":": "colon", "@": "at"} | {
    ",": "comma",
    "=": "equals_sign",
    "+": "plus",
}


class StillClock:
    """A time that stands."""

    def now(self) -> datetime:
        return NOW

    def zone(self) -> tzinfo:
        return UTC


def screen_text(app: Wizard) -> str:
    """What is on the screen, lines without blanks at their ends."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips) + "\n"


def every_file(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Content and mode by path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode) for path in files}


@dataclass
class User:
    """A person before an open wizard."""

    app: Wizard
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def page(self) -> Page:
        return self.app.frame.page

    @property
    def action(self) -> str:
        """Line 23, whether or not it has the focus."""
        return self.text.rstrip("\n").split("\n")[-2].replace("▸", " ", 1).strip()

    async def press(self, *keys: str) -> User:
        """Keys by Textual's names: ``ctrl+n``, ``enter``, ``f1``; settled after each."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()
        return self

    async def type(self, text: str) -> User:
        """Into the field that has the focus, letter by letter."""
        for char in text:
            await self.pilot.press(_NAMED.get(char, char))
        await self.settle()
        return self

    async def fill(self, name: str, text: str) -> User:
        """Put a text into the field of that name, by keys, in place of what is there."""
        self.focus(name)
        await self.press("end", "ctrl+u")
        await self.type(text)
        return await self.press("enter")

    def focus(self, name: str) -> None:
        from tui.screens.step.page import StepPage

        assert isinstance(self.page, StepPage), type(self.page)
        question = self.page.question(name)
        assert question is not None, f"no field {name} in {self.text}"
        self.app.frame.set_focus(getattr(question, "box", question))

    async def paste(self, text: str) -> User:
        """As a terminal with bracketed paste hands it over."""
        from textual import events

        target = self.app.frame.focused or self.app.frame
        target.post_message(events.Paste(text))
        return await self.settle()

    async def settle(self) -> User:
        """Until all work is done, and the screen stays as it is."""
        await self.pilot.pause()
        calm, drawn = 0, ""
        while self.app.is_running and calm < 3:
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()
            works = self.page.unsettled or any(not one.is_finished for one in self.app.workers)
            before, drawn = drawn, self.text
            still = self.app.inputs.seen and not self.app.inputs.busy and not works and drawn == before
            calm = calm + 1 if still else 0
        return self

    async def resize(self, columns: int, rows: int) -> User:
        await self.pilot.resize_terminal(columns, rows)
        return await self.settle()

    def sees(self, *texts: str) -> User:
        """Each of these stands on the screen, line ends and rail taken for blanks."""
        flat = " ".join(line.split("│")[-1].strip() for line in self.text.splitlines())
        for text in texts:
            assert text in flat or text in self.text, f"{text!r} is not on the screen:\n{self.text}"
        return self

    def sees_not(self, *texts: str) -> User:
        flat = " ".join(line.split("│")[-1].strip() for line in self.text.splitlines())
        for text in texts:
            assert text not in flat, f"{text!r} is on the screen:\n{self.text}"
        return self


@dataclass
class WizardDriver:
    """Where a wizard starts: a state, a home, an environment. ``folder`` is a new one of short and equal length."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    size: tuple[int, int] = (80, 24)
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        self.environ = {"HOME": str(self.folder), "TERM": "xterm-256color", "PATH": "/usr/bin:/bin", **self.environ}

    @property
    def root(self) -> Path:
        return self.folder / "state"

    @property
    def home(self) -> Path:
        return self.folder / ".tendermint"

    @property
    def state(self) -> State:
        return State.open(self.root, NETWORK)

    @property
    def world(self) -> World:
        return replace(real_world(self.environ), clock=StillClock())

    def with_home(self, *, keys: bool = True) -> WizardDriver:
        """A node home, with keys that are always the same."""
        if keys:
            make_home(self.home)
        else:
            (self.home / "config").mkdir(0o700, parents=True)
        return self

    def known(self, role: str = "member", **answers: Mapping[str, str]) -> WizardDriver:
        """As if home, and then these steps, had been answered before: ``known(card={"moniker": "alice"})``."""
        said = {"role": role, "home": str(self.home), "profile": "tendermint-0.34", "network": NETWORK}
        keep_answers(self.state, "home", said)
        for step, given in answers.items():
            keep_answers(self.state, step, given)
        return self

    def at(self, step: str, field_name: str = "") -> WizardDriver:
        """Where the person was."""
        self.state.change(lambda local: replace(local, step=step, field=field_name))
        return self

    @asynccontextmanager
    async def open(self, step: str = "", page: Page | None = None) -> AsyncIterator[User]:
        """A wizard: as it starts, at a step, or with a page of its own."""
        session = Session(self.root, self.environ, world=self.world)
        first = page
        if step:
            from tui.screens import page_of

            if NETWORK in session.networks:
                session.enter(NETWORK)
            first = page_of(step)
        # Keys come here one at a time, each after what the one before it has drawn.
        app = Wizard(session, replace(self.options, reading=0.0), first)
        try:
            async with app.run_test(size=self.size) as pilot:
                user = User(app, pilot)
                await user.settle()
                yield user
        finally:
            session.close()
