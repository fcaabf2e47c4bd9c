"""``explain("config-rpc-open")``: all that a name can mean: a finding's code, a field, a setting, a step, a word.

Steps and settings are imported when they are asked for; findings and words need neither.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..step import Field
from ..steps import IDS, step
from .glossary import GLOSSARY, words_in
from .text import Text, codes, of_code, read


@dataclass(frozen=True, slots=True)
class Explanation:
    title: str
    kind: str
    """What it is: ``a finding of config``, ``a field of the step card``, ``a word``."""
    text: Text

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """The words of the glossary in it, but for its own."""
        found = words_in(" ".join((*self.text.so, *self.text.why, *self.text.fix)))
        return tuple(one for one in found if one[0] != self.title)


def explain(name: str) -> tuple[Explanation, ...]:
    """All that the name means, the narrowest first; empty where it means nothing here."""
    name = name.strip().lower()
    finding = tuple(_finding(name))
    if finding:
        return finding
    return (*_field(name), *_setting(name), *_step(name), *_word(name)) or tuple(_family(name))


def near(name: str) -> tuple[str, ...]:
    """Names that are spelt almost so."""
    fields = (field.name for step_id in IDS for field in step(step_id).fields)
    known = {*_codes(), *fields, *read("settings"), *IDS, *GLOSSARY}
    return tuple(difflib.get_close_matches(name.strip().lower(), sorted(known), 4, 0.6))


def _codes() -> Iterator[str]:
    return (code for code in codes() if not code.endswith("*"))


def _finding(name: str) -> Iterator[Explanation]:
    if name in codes():
        yield Explanation(name, "a finding", of_code(name))


def _family(name: str) -> Iterator[Explanation]:
    """``config-``: what is said of all findings that begin so, and their codes."""
    beginning = name.rstrip("-*") + "-"
    alike = tuple(code for code in _codes() if code.startswith(beginning))
    if alike:
        family = codes().get(f"{beginning}*", Text())
        yield Explanation(f"{beginning}*", f"{len(alike)} findings", replace(family, see=alike))


def _field(name: str) -> Iterator[Explanation]:
    wanted_step, _, wanted = name.rpartition(".")
    for step_id in IDS:
        if wanted_step in ("", step_id):
            for field in step(step_id).fields:
                if wanted in (field.name, field.label.lower()):
                    yield Explanation(f"{step_id}.{field.name}", f"a field of the step {step_id}", of_field(field))


def of_field(field: Field) -> Text:
    """``so`` is its help."""
    step_id = next((one for one in IDS if field in step(one).fields), "")
    return replace(read("fields").get(f"{step_id}.{field.name}", Text()), so=(field.help,))


def of_setting(path: str) -> Text:
    """A key of config.toml; ``so`` is why quorate plans it."""
    from ..config.settings import SETTINGS

    reasons = tuple(setting.reason for setting in SETTINGS if setting.path == path)
    return replace(read("settings").get(path, Text()), so=reasons)


def _setting(name: str) -> Iterator[Explanation]:
    for path in read("settings"):
        if name in (path, path.rpartition(".")[2]):
            yield Explanation(path, "a setting of config.toml", of_setting(path))


def of_step(step_id: str) -> Text:
    return replace(read("steps").get(step_id, Text()), so=(step(step_id).purpose,))


def _step(name: str) -> Iterator[Explanation]:
    if name in IDS:
        yield Explanation(name, "a step", of_step(name))


def _word(name: str) -> Iterator[Explanation]:
    for word in (name, name.removesuffix("s")):
        if word in GLOSSARY:
            yield Explanation(word, "a word", Text((f"{GLOSSARY[word]}.",)))
            return
