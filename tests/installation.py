"""Really built and installed: the project in a virtual environment of its own, without a look at any registry."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tests.source import ROOT


@dataclass(frozen=True, slots=True)
class Installation:
    """A new virtual environment that has the project, and sees the dependencies of the one that runs the tests."""

    folder: Path

    @property
    def site(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"))

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name

    def run(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment, in a folder where no source of ours stands."""
        return subprocess.run(
            [self.program(name), *words],
            cwd=self.folder,
            env={"PATH": os.defpath, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )


def build_wheel(folder: Path) -> Path:
    """The wheel of the repository as it stands, in ``folder``."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (built,) = folder.glob("*.whl")
    return built


def install(folder: Path, *what: str) -> Installation:
    """A new virtual environment in ``folder`` with ``what`` in it: a wheel, or ``--editable`` and a folder."""
    _run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    made = Installation(folder)
    # Path files count only in an environment's own folder: an editable quorate among the dependencies is not followed.
    (made.site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--python", str(made.program("python")), "install", "--quiet", "--no-index")
    more = ("--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--ignore-installed")
    _run(*pip, *more, *what)
    return made


def _run(*argv: str) -> None:
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}\n{done.stdout}{done.stderr}")
