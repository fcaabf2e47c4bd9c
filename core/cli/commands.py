"""From the parsed words to the function that carries them out; each command's module is imported when it is called."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace
from importlib import import_module

from ..finding import Refusal, error
from .answer import Answer
from .output import Output
from .session import Session

_SHORTEST = 64
"""Characters: no private key of 64 bytes is written in fewer."""


async def run(arguments: Namespace, output: Output) -> Answer:
    """Raises Refusal and UsageError, as the command does."""
    _refuse_secrets(arguments)
    module, function = arguments.handler.split(".")
    command = getattr(import_module(f".{module}", __package__), function)
    session = Session(arguments, output, dict(os.environ))
    output.typed = session.typed
    answer = await command(arguments, session)
    assert isinstance(answer, Answer)
    return replace(answer, next=session.typed(answer.next))


def _refuse_secrets(arguments: Namespace) -> None:
    """A private key among the words would be kept with the answers, or signed and sent. Raises Refusal."""
    for name, value in vars(arguments).items():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and len(text) >= _SHORTEST and _holds_private_key(text):
                message = f"{name} holds a private key; nothing was done with it, and nothing kept"
                fix = (
                    "Give the public key. Remove the private one from your shell's history; if others can read that, "
                    "agree with the other members before the key is replaced."
                )
                raise Refusal(error("secret-typed", name, message, fix))


def _holds_private_key(text: str) -> bool:
    from ..peers.leak import holds_private_key

    return holds_private_key(text)
