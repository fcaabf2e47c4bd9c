"""Commands in a sentence: between backticks; or at its start, after a colon or a bracket, to where prose goes on."""

from __future__ import annotations

import re
from collections.abc import Callable

_PROGRAMS = "quorate|mv|cp|chown|chmod|ssh-keygen|tendermint|cometbft"
_COMMAND = re.compile(rf"`[^`]+`|(?:^|(?<=: )|(?<=\())(?:{_PROGRAMS}) .*?(?=    |[;,] |\. |\)|\.?$)")


def each_command(text: str, change: Callable[[str], str]) -> str:
    """The text, with each command in it changed; its backticks stay."""

    def changed(found: re.Match[str]) -> str:
        command = found[0]
        return f"`{change(command[1:-1])}`" if command.startswith("`") else change(command)

    return _COMMAND.sub(changed, text)
