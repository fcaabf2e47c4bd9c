"""The values of a TOML text by tomllib, which alone needs unbounded time for some texts, or raises other errors."""

from __future__ import annotations

import re
import tomllib

_PART = r"""(?:(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DEEPEST = 64
"""Parts of a dotted key. The node's settings have two; tomllib needs the square of their number."""
_TOO_DEEP = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART}){{{_DEEPEST}}}")


class TooDeep(tomllib.TOMLDecodeError):
    """Nested deeper than any setting is."""


def load_values(text: str) -> dict[str, object]:
    """As ``tomllib.loads``; raises TOMLDecodeError for whatever can not be read, TooDeep for what is nested so."""
    if _TOO_DEEP.search(text):
        raise TooDeep("a dotted key is nested too deep")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise TooDeep("values are nested too deep") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as fault:
        raise tomllib.TOMLDecodeError(str(fault)) from None
