"""From the parsed words to the function that carries them out; each command's module is imported when it is called."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace
from importlib import import_module

from .answer import Answer
from .output import Output
from .session import Session


async def run(arguments: Namespace, output: Output) -> Answer:
    module, function = arguments.handler.split(".")
    command = getattr(import_module(f".{module}", __package__), function)
    session = Session(arguments, output, dict(os.environ))
    answer = await command(arguments, session)
    assert isinstance(answer, Answer)
    return replace(answer, next=session.typed(answer.next))
