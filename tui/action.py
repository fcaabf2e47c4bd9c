"""The one next action, as line 23 says it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from textual.content import Content

Tag = Literal["NEXT", "FIX", "WAIT", "BUSY", "DONE", "READ"]


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
    do: Callable[[], Awaitable[object]] | None = field(default=None, compare=False)
    """What ``^N`` does; None: what the page does with it."""
