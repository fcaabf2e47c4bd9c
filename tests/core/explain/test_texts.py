"""Whether everything that quorate can say is explained, shortly, in the words of the project."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from core.config.settings import SETTINGS
from core.explain.find import explain, near, of_field, of_setting, of_step
from core.explain.glossary import GLOSSARY, words_in
from core.explain.text import CODES, codes, of_code, read
from core.steps import IDS, step
from tests.source import ROOT, finding_codes

USED = sorted({use.code for use in finding_codes()})
FIELDS = [(step_id, field) for step_id in IDS for field in step(step_id).fields]
FILES = (*CODES, "fields", "settings", "steps")
WALL = 420
"""Characters of one paragraph: seven lines of 62."""


def _in_core(code: str) -> bool:
    """Also codes that are put together or passed on, which the search for makers of findings does not see."""
    beginning = code.split("-")[0]
    source = "".join(file.read_text("utf-8") for file in (ROOT / "core").rglob("*.py"))
    together = f'f"{beginning}-{{' in source and f'"{code.removeprefix(beginning + "-")}"' in source
    return f'"{code}"' in source or together


@pytest.mark.parametrize("code", USED)
def test_every_finding_is_explained(code: str) -> None:
    text = of_code(code)
    assert text.so or text.why, f"{code} and its family stand in no file of core/explain/texts"
    assert all(so.endswith((".", "?", ":")) for so in text.so)


def test_nearly_every_finding_has_a_text_of_its_own() -> None:
    without = [code for code in USED if not of_code(code).so]
    assert len(without) < len(USED) / 25, without


def test_most_findings_say_why_they_matter() -> None:
    without = [code for code in USED if not of_code(code).why]
    assert len(without) < len(USED) / 8, without


def test_nothing_is_explained_that_nobody_says() -> None:
    named = [name for name in codes() if not name.endswith("*") and name not in USED]
    assert [name for name in named if not _in_core(name)] == []


@pytest.mark.parametrize("file", FILES)
def test_an_entry_stands_in_one_file_only_once(file: str) -> None:
    names = [line for line in _lines(file) if line[:2] not in ("  ", "! ", "> ", "@ ", "& ")]
    assert len(names) == len(set(names)) == len(read(file))
    assert all(re.fullmatch(r"[a-z0-9]+([-_.][a-z0-9_]+)*(-\*)?", name) for name in names)
    for other in set(CODES) - {file}:
        assert file not in CODES or not set(read(other)) & set(read(file))


@pytest.mark.parametrize("file", FILES)
def test_it_is_in_our_words_and_never_a_wall(file: str) -> None:
    for line in _lines(file):
        assert len(line) <= WALL and line.isascii() and line.isprintable(), line
        assert not re.search(r"\b(invalid|please|oops|cannot|can't|don't)\b|!.*!|--home/", line.lower()), line
        assert line[:2] in ("& ", "@ ") or line[:2] not in ("  ", "! ") or line.endswith((".", ":", '"', "?")), line


@pytest.mark.parametrize("file", FILES)
def test_what_is_seen_also_exists(file: str) -> None:
    for name, text in read(file).items():
        assert name not in text.see
        assert [other for other in text.see if not explain(other)] == [], name


def _lines(file: str) -> list[str]:
    return [line for line in (ROOT / f"core/explain/texts/{file}.txt").read_text("utf-8").splitlines() if line]


@pytest.mark.parametrize(("step_id", "field"), FIELDS, ids=[f"{one}.{field.name}" for one, field in FIELDS])
def test_every_field_is_explained(step_id: str, field: object) -> None:
    declared = next(one for one in step(step_id).fields if one is field)
    text = of_field(declared)
    assert text.so == (declared.help,) and text.why


def test_fields_settings_and_steps_that_are_explained_exist() -> None:
    assert set(read("fields")) == {f"{step_id}.{field.name}" for step_id, field in FIELDS}
    assert set(read("settings")) == {setting.path for setting in SETTINGS}
    assert set(read("steps")) == set(IDS)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.path)
def test_every_setting_is_explained(setting: object) -> None:
    path = next(one.path for one in SETTINGS if one is setting)
    assert of_setting(path).so and of_setting(path).why


@pytest.mark.parametrize("step_id", IDS)
def test_every_step_is_explained(step_id: str) -> None:
    assert of_step(step_id).so and of_step(step_id).why


def test_a_code_that_nobody_wrote_a_text_for_gets_that_of_its_family() -> None:
    text = of_code("config-something-new")
    assert text.so == () and "ignores without a word" in text.why[0]
    assert of_code("quite-unknown").why == ()


def test_a_name_may_mean_several_things_the_narrowest_first() -> None:
    assert [one.title for one in explain("pex")] == ["config.pex", "p2p.pex"]
    assert [one.title for one in explain("moniker")] == ["card.moniker", "config.moniker", "moniker"]
    assert [one.title for one in explain("Genesis")] == ["genesis", "genesis"]
    assert [one.title for one in explain("records")] == ["record"]
    assert explain("config-rpc")[0].text.see == ("config-rpc-off", "config-rpc-open", "config-rpc-unsafe")
    assert explain("nonsense") == ()


def test_a_slip_is_answered_with_what_is_near() -> None:
    assert near("config-rcp-open")[0] == "config-rpc-open"
    assert "home-has-run" in near("home_has_run")


def test_words_are_found_in_a_text_the_longer_first() -> None:
    assert [word for word, _ in words_in("The node key names a peer; peers dial it.")] == ["node key", "peer"]
    assert all(len(meaning) <= 70 for meaning in GLOSSARY.values())


def test_a_finding_is_explained_without_importing_any_step() -> None:
    code = "import sys; from core.explain.text import of_code; of_code('config-type'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {name for name in loaded.split() if name.startswith("core.") and not name.startswith("core.explain")}
