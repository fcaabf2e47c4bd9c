"""Where a way goes in the wizard: the page of its command, and how line 23 names it."""

from __future__ import annotations

from core.steps import IDS
from core.way import Way

from .session import TITLES

PASTE = "paste"
Place = str
"""``PASTE``, or a step's id."""


def place_of(way: Way) -> Place:
    """Where the command is given; empty where that is no page of its own."""
    if way.verb == "import" or way.program == "ssh-keygen":
        return PASTE
    named = way.words[1] if way.verb in ("plan", "apply") and len(way.words) > 1 else way.verb
    return named if named in IDS else ""


def name_of(place: Place) -> str:
    return "the paste page" if place == PASTE else TITLES[place]
