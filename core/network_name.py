"""What a network can be called: a folder of the state is named so, and every document says it."""

from __future__ import annotations

import re

PATTERN = "[a-z0-9-]{1,20}"
EXPECTED = "1 to 20 of a-z, 0-9 and hyphen"

_NAME = re.compile(PATTERN)


def is_network_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None
