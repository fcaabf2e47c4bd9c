"""What every test run has: an environment that is nobody's own, and a table of what was skipped and why."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parent / ".cache" / "hypothesis")

# Two cores that are shared make a single example slow now and then; that says nothing about the code.
hypothesis.settings.register_profile("quorate", deadline=None, print_blob=True)
hypothesis.settings.load_profile("quorate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-all", action="store_true", help="a skipped test fails the run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The many short files of the core come last: they fill the time in which another process has a long one."""
    items.sort(key=lambda item: item.path.is_relative_to(Path(__file__).parent / "core"))


@pytest.fixture(scope="session", autouse=True)
def _environment_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Home, state, node variables and SSH agent of whoever runs the tests are out of reach."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            ours = name.startswith("QUORATE_") and name != "QUORATE_NODES"
            if ours or name.startswith(("TM_", "TMHOME", "CM", "XDG_")) or name == "SSH_AUTH_SOCK":
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        yield


def _skips(reporter: pytest.TerminalReporter) -> Counter[str]:
    return Counter(_reason(report) for report in reporter.stats.get("skipped", ()))


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr
    text = told[2] if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skips = _skips(terminalreporter)
    if not skips:
        return
    terminalreporter.section(f"{skips.total()} skipped, and why")
    for reason, count in skips.most_common():
        terminalreporter.write_line(f"{count:5}  {reason}")
    if config.getoption("require_all"):
        terminalreporter.write_line("A skipped test fails this run: --require-all was given.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    required = session.config.getoption("require_all")
    if required and reporter is not None and _skips(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
