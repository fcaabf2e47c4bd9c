"""The benchmarks are met by figures alone: one that gives none fails, whatever it returns."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from tests.benchmarks.__main__ import _run


@pytest.mark.parametrize(
    ("printed", "code", "met"),
    [("ratio 1.02", 0, True), ("members work ratio", 0, False), ("", 0, False), ("ratio 1.02", 1, False)],
)
def test_a_benchmark_without_a_figure_fails(
    printed: str, code: int, met: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    invented = ModuleType("tests.benchmarks.invented")

    def main(argv: list[str]) -> int:
        print(printed)
        return code

    invented.main = main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests.benchmarks.invented", invented)
    assert _run(("invented",), []) == (0 if met else 1)
    assert printed in capsys.readouterr().out
