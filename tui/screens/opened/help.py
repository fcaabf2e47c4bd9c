"""Keys and words: F1 pressed once more."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from core.explain.glossary import GLOSSARY

from ...action import Action
from ...page import Page
from ...widgets.facts import Fact, Facts, Heading

KEYS = (
    ("Tab, arrows", "move; Up and Down leave a list at its ends"),
    ("Enter", "choose what is marked; never more than that"),
    ("^N  or F8", "do what the line at the bottom says"),
    ("^P  or F7", "one step back; nothing is lost"),
    ("^O  or F2", "the steps; Enter goes there"),
    ("F1  or ^G", "explain what is marked; again: this page"),
    ("^R  or F5", "check again"),
    ("^T  or F3", "this screen as plain text, and as a command"),
    ("^L", "draw again"),
    ("Esc", "close what you opened; stop what runs"),
    ("^Q  or ^C", "leave; all is saved already"),
)


class HelpPage(Page):
    def compose(self) -> ComposeResult:
        self.step_id = self.frame.pages[0].step_id
        with Vertical(classes="scroll"):
            yield Facts(
                (
                    Heading("Keys, the same everywhere"),
                    *(Fact(key, does) for key, does in KEYS),
                    "A letter only ever types. No letter does anything.",
                    Heading("Words"),
                    *(Fact(word, meaning) for word, meaning in GLOSSARY.items()),
                )
            )

    def heading(self) -> str:
        return "Keys and words"

    def action(self) -> Action:
        return Action("READ", "Esc goes back", "Esc")

    def keys(self) -> str:
        return "Up/Down scroll   ^T as text   Esc back"
