"""What is installed: nothing but ``quorate/``, with a command that works; the same from an editable installation."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.version import __version__
from tests.source import ROOT


@dataclass(frozen=True, slots=True)
class Installed:
    """A new virtual environment that has the project, and sees the dependencies of the one that runs the tests."""

    folder: Path

    @property
    def site(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"))

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment, in a folder where no source of ours stands."""
        program, *rest = words
        return subprocess.run(
            [self.folder / "bin" / program, *rest],
            cwd=self.folder,
            env={"PATH": os.defpath, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )


def _environment(folder: Path) -> Installed:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    made = Installed(folder)
    dependencies = sysconfig.get_path("purelib")
    # An editable installation of ours in there is not followed: path files count only in a real site folder.
    (made.site / "dependencies.pth").write_text(dependencies + "\n")
    return made


def _install(into: Installed, *what: str | Path) -> None:
    python = str(into.folder / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index"]
    more = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--ignore-installed"]
    done = subprocess.run([*pip, *more, *what], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    made = _environment(tmp_path_factory.mktemp("installed"))
    _install(made, wheel)
    return made


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    made = _environment(tmp_path_factory.mktemp("editable"))
    _install(made, "--editable", ROOT)
    return made


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


def test_site_packages_gains_no_name_but_quorate(installed: Installed) -> None:
    there = {path.name for path in installed.site.iterdir()} - {"dependencies.pth"}
    assert there == {"quorate", f"quorate-{__version__}.dist-info"}


def test_the_package_can_be_imported_where_it_is_installed(installed: Installed) -> None:
    ended = installed.run(
        "python", "-c", "import quorate.core.finding as f; print(f.error('a-code', 'here', 'so').code)"
    )
    assert (ended.stdout, ended.stderr) == ("a-code\n", "")


def test_core_and_tui_can_not_be_imported_by_others(installed: Installed) -> None:
    ended = installed.run("python", "-c", "import importlib.util as u; print(u.find_spec('core'), u.find_spec('tui'))")
    assert ended.stdout == "None None\n"


@pytest.mark.parametrize("how", ["installed", "editable"])
@pytest.mark.parametrize("command", [("quorate",), ("python", "-m", "quorate")])
def test_the_command_works(how: str, command: tuple[str, ...], request: pytest.FixtureRequest) -> None:
    place: Installed = request.getfixturevalue(how)
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
    place: Installed = request.getfixturevalue(how)
    code = "import quorate.__main__, core, tui; print(core.__file__); print(tui.__file__)"
    home = place.site / "quorate" if how == "installed" else ROOT
    assert place.run("python", "-c", code).stdout == f"{home}/core/__init__.py\n{home}/tui/__init__.py\n"


def test_without_arguments_the_commands_are_named(installed: Installed) -> None:
    ended = installed.run("quorate")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "quorate --help" in ended.stderr and "quorate status" in ended.stderr
