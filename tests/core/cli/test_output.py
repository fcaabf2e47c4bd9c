"""What is told of work: nothing where it is over at once, and never the same again."""

from __future__ import annotations

import asyncio
import io

import pytest

from core.cli import output as module
from core.cli.answer import Answer
from core.cli.output import Output, finding_lines
from core.finding import error, warning


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Output:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    return Output(as_json=False, stdout=io.StringIO(), stderr=io.StringIO(), stdin=None)


def _talk(output: Output) -> list[str]:
    assert isinstance(output.stderr, io.StringIO)
    return output.stderr.getvalue().splitlines()


async def test_what_is_over_at_once_is_not_told(output: Output) -> None:
    output.progress("reading")
    output.progress("counting")
    output.show(Answer())
    await asyncio.sleep(0.1)
    assert _talk(output) == []


async def test_what_lasts_is_told_once(output: Output) -> None:
    output.progress("reading")
    output.progress("counting")
    await asyncio.sleep(0.1)
    for text in ("counting", "weighing", "weighing"):
        output.progress(text)
    assert _talk(output) == ["counting", "weighing"]
    output.talk("and")
    output.progress("reading")
    assert _talk(output) == ["counting", "weighing", "and"]


async def test_a_finding_that_was_read_before_the_question_is_not_repeated(output: Output) -> None:
    before, after = warning("one", "a", "so it is", "Do it."), error("two", "b", "so too", "Do that.")
    output.tell((before,))
    output.show(Answer(findings=(before, after)))
    assert _talk(output) == [*finding_lines(before), *finding_lines(after)]


def test_a_command_in_a_finding_is_never_broken_in_a_word() -> None:
    command = "ssh-keygen -Y sign -n record.v1@quorate -f KEY /a/folder-with-a-long-name/outbox/record-0123456789.json"
    told = " ".join(line.strip() for line in finding_lines(error("one", "a", "m", command), 40)[2:])
    assert told == f"-> {command}"


@pytest.mark.parametrize(
    "fix, command",
    [
        ("Make room first, then take the old one back; or run this: mv '/a b/c' /d/e", "mv '/a b/c' /d/e"),
        ("If that state was moved, or no longer uses the home, run: `mv /a/b /a/b.old`.", "mv /a/b /a/b.old"),
        (
            "See what it would change (quorate undo --plan --finish), approve it.",
            "quorate undo --plan --finish",
        ),
        ("Leave the rest as it stands: quorate undo --give-up.", "quorate undo --give-up"),
        ("Look at it, and then have it done: `quorate plan card`, then `quorate apply card`", "quorate apply card"),
    ],
)
@pytest.mark.parametrize("width", range(46, 106, 6))
def test_a_command_in_a_fix_is_on_one_line_at_every_width(fix: str, command: str, width: int) -> None:
    lines = finding_lines(error("one", "a", "m", fix), width)[2:]
    assert [command in line for line in lines].count(True) == 1
    assert " ".join(line.strip() for line in lines) == f"-> {fix}"


def test_a_command_in_a_fix_is_told_as_it_works_for_the_person(output: Output) -> None:
    output.typed = lambda command: command.replace("quorate ", "quorate --state /s ")
    found = error("one", "a", "quorate reads it", "Undo it (quorate undo) or look: `quorate plan card`. quorate waits.")
    for output.as_json in (False, True):
        output.show(Answer(findings=(found,)))
    assert isinstance(output.stdout, io.StringIO)
    told = "Undo it (quorate --state /s undo) or look: `quorate --state /s plan card`. quorate waits."
    assert told in " ".join(" ".join(_talk(output)).split()) or told in " ".join(output.stdout.getvalue().split())
    assert told in output.stdout.getvalue()
