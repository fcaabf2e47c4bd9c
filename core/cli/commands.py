"""From the parsed words to the function that carries them out; each command's module is imported when it is called."""

from __future__ import annotations

import os
from argparse import Namespace
from importlib import import_module

from .answer import Answer
from .output import Output
from .session import Session


async def run(arguments: Namespace, output: Output) -> Answer:
    module, function = arguments.handler.split(".")
    command = getattr(import_module(f".{module}", __package__), function)
    answer = await command(arguments, Session(arguments, output, dict(os.environ)))
    assert isinstance(answer, Answer)
    return answer
