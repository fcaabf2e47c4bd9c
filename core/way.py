"""What is done next, as data: who acts, by which command, and what the person fills in.

The command line renders it as a command, the wizard as a page and a key.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

from .safe import safe

Who = Literal["you", "others"]


class Blank(str):
    """A word of a command that the person fills in, or fills in at its end: ``FILE``, ``record=ID``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One command, and who acts."""

    words: tuple[str, ...]
    """Of the command, without the program; :class:`Blank` where one is to be filled in."""
    who: Who = "you"
    """``others``: it is to be typed once somebody else has done their part."""
    whom: str = ""
    """For whom one waits, or for what: ``the record of your coordinator``."""
    then: str = ""
    """What comes after the command, or what it is for: a sentence."""
    program: str = "quorate"

    @property
    def verb(self) -> str:
        return self.words[0]

    @property
    def blanks(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if isinstance(word, Blank))

    @property
    def command(self) -> str:
        """As it is typed."""
        return shlex.join((self.program, *self.words))

    @property
    def said(self) -> str:
        """The command, and what comes after it."""
        return safe(f"{self.command}    {self.then}" if self.then else self.command, 20_000)

    def answer(self, name: str) -> str:
        """The answer that it gives to a field (``--set name=answer``); empty where it gives none."""
        given = (word.partition("=") for word in self.words if not isinstance(word, Blank))
        return next((value for field, equals, value in given if equals and field == name), "")


def way(*words: str, then: str = "") -> Way:
    """For this person to go."""
    return Way(words, then=then)


def once(whom: str, *words: str, then: str = "") -> Way:
    """To be gone once ``whom`` is there: until then one waits."""
    return Way(words, "others", whom, then)


def plan_of(step: str, *settings: str) -> Way:
    """``quorate plan STEP --set NAME=VALUE ...``"""
    return Way(("plan", step, *(word for setting in settings for word in ("--set", setting))))
