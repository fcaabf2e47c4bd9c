"""``explain``: what a finding, field, setting, step or word is, why it matters, how to fix it, where that is known."""

from __future__ import annotations

import textwrap
from argparse import Namespace
from collections.abc import Iterator

from ..explain.find import Explanation, explain, near
from ..explain.glossary import GLOSSARY
from ..finding import Finding, Refusal, error
from .answer import Answer
from .session import Session

_WIDTH = 78
_LABEL = 10


async def show(arguments: Namespace, session: Session) -> Answer:
    """Without a name: all words. Raises Refusal (``explain-unknown``)."""
    if not arguments.name:
        return _all_words()
    name = " ".join(arguments.name)
    found = explain(name)
    if not found:
        raise Refusal(_unknown(name))
    lines = [line for one in found for line in (*_lines(one), "")]
    return Answer(lines=tuple(lines[:-1]), data={"explanations": [_data(one) for one in found]})


def _all_words() -> Answer:
    lines = tuple(f"{word:<16}{meaning}" for word, meaning in GLOSSARY.items())
    return Answer(lines=lines, data={"words": dict(GLOSSARY)}, next="quorate explain CODE")


def _unknown(name: str) -> Finding:
    alike = near(name)
    fix = f"Near to it: {', '.join(alike)}." if alike else "`quorate explain` lists the words."
    return error("explain-unknown", "name", f'"{name}" is no finding, field, setting, step or word here', fix)


def _lines(one: Explanation) -> Iterator[str]:
    text = one.text
    yield f"{one.title}, {one.kind}"
    for label, paragraphs in (("", text.so), ("Why", text.why), ("Fix", text.fix), ("Source", (text.source,))):
        for paragraph in filter(None, paragraphs):
            yield from _wrapped(label, paragraph)
    if text.see:
        yield from _wrapped("See also", ", ".join(text.see))
    for word, meaning in one.words:
        yield from _wrapped("Word", f"{word}: {meaning}")


def _wrapped(label: str, paragraph: str) -> Iterator[str]:
    room = _LABEL if label else 0
    for number, line in enumerate(textwrap.wrap(paragraph, _WIDTH - room - 2, break_on_hyphens=False)):
        yield f"  {label if number == 0 else '':<{room}}{line}"


def _data(one: Explanation) -> dict[str, object]:
    text = one.text
    return {
        "name": one.title,
        "kind": one.kind,
        "so": list(text.so),
        "why": list(text.why),
        "fix": list(text.fix),
        "source": text.source,
        "see": list(text.see),
        "words": dict(one.words),
    }
