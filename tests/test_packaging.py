"""What is installed: nothing but ``quorate/``, with a command that works; the same from an editable installation."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.version import __version__
from tests.installation import Installation, build_wheel, install
from tests.source import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(tmp_path_factory.mktemp("installed"), str(wheel))


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(tmp_path_factory.mktemp("editable"), "--editable", str(ROOT))


def test_the_wheel_holds_quorate_and_its_metadata_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"quorate", f"quorate-{__version__}.dist-info"}
    assert {name.split("/")[1] for name in names if name.startswith("quorate/")} == {"core", "tui", "__main__.py"}


def test_the_wheel_holds_every_module_and_the_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    source = [file.relative_to(ROOT) for folder in ("core", "tui") for file in (ROOT / folder).rglob("*.py")]
    wanted = {f"quorate/{file.as_posix()}" for file in source if file.name != "_launch.py"}
    assert wanted <= names
    assert f"quorate-{__version__}.dist-info/licenses/LICENSE" in names


def test_site_packages_gains_no_name_but_quorate(installed: Installation) -> None:
    there = {path.name for path in installed.site.iterdir()} - {"dependencies.pth"}
    assert there == {"quorate", f"quorate-{__version__}.dist-info"}


def test_the_package_can_be_imported_where_it_is_installed(installed: Installation) -> None:
    ended = installed.run(
        "python", "-c", "import quorate.core.finding as f; print(f.error('a-code', 'here', 'so').code)"
    )
    assert (ended.stdout, ended.stderr) == ("a-code\n", "")


def test_core_and_tui_can_not_be_imported_by_others(installed: Installation) -> None:
    ended = installed.run("python", "-c", "import importlib.util as u; print(u.find_spec('core'), u.find_spec('tui'))")
    assert ended.stdout == "None None\n"


@pytest.mark.parametrize("how", ["installed", "editable"])
@pytest.mark.parametrize("command", [("quorate",), ("python", "-m", "quorate")])
def test_the_command_works(how: str, command: tuple[str, ...], request: pytest.FixtureRequest) -> None:
    place: Installation = request.getfixturevalue(how)
    assert place.run(*command, "--version").stdout == f"quorate {__version__}\n"
    helped = place.run(*command, "--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith("usage: quorate ")
    wrong = place.run(*command, "no-such-command")
    assert wrong.returncode == 2
    assert "no-such-command" in wrong.stdout + wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize("how", ["installed", "editable"])
def test_the_command_uses_only_its_own_files(how: str, request: pytest.FixtureRequest) -> None:
    place: Installation = request.getfixturevalue(how)
    code = "import quorate.__main__, core, tui; print(core.__file__); print(tui.__file__)"
    home = place.site / "quorate" if how == "installed" else ROOT
    assert place.run("python", "-c", code).stdout == f"{home}/core/__init__.py\n{home}/tui/__init__.py\n"


def test_without_arguments_and_terminal_it_says_what_to_do_instead(installed: Installation) -> None:
    ended = installed.run("quorate")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "quorate --help" in ended.stderr and "needs a terminal" in ended.stderr
