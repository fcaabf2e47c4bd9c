"""What pydantic finds wrong with a payload, in our words: its own repeat what stood there, and change with versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import ValidationError

from ..finding import Finding, error

Loc = tuple[int | str, ...]
_UNKNOWN = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
_MISSING = frozenset({"missing", "missing_argument"})
_MOST = 20
"""Findings at most: a hostile payload can have any number of wrong fields."""


def findings_of(
    problem: ValidationError, kind: str, declared: Callable[[Loc], tuple[str, str]], where: str = ""
) -> Iterator[Finding]:
    """``document-field`` and ``document-field-unknown``: the field and what is declared for it, never what stood there.

    ``declared``: the path of a field, in declared names only, and what is declared there.
    """
    for one in problem.errors(include_url=False, include_context=False, include_input=False)[:_MOST]:
        loc = one["loc"][:-1] if one["type"] in _UNKNOWN else one["loc"]
        path, expected = declared(loc)
        subject = ".".join(part for part in (kind, where, path) if part)
        fix = f"Ask the signer to make the {kind} again with quorate."
        if one["type"] in _UNKNOWN:
            message = f"{subject} has a field that version 1 does not have."
            yield error("document-field-unknown", subject, message, fix)
        elif one["type"] in _MISSING:
            yield error("document-field", subject, f"{subject} is missing; it must be {expected}.", fix)
        else:
            yield error("document-field", subject, f"{subject} is not {expected}.", fix)
