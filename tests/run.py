#!/usr/bin/env python3
"""Passes the tests from a fresh clone: ``python3 tests/run.py [pytest's own arguments]``.

Makes a virtual environment of its own, installs the project into it, builds the real nodes where Go is there, and
runs pytest, which counts what was skipped and why. All it makes lies in tests/.cache; it installs no system package.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "tests" / ".cache"
NODES = CACHE / "nodes"
MODULES = ROOT / "tests" / "real_nodes"
OLDEST_PYTHON = (3, 11)
GO_TOO_OLD = "invalid go version"
# One more than there are cores: tests of terminals and nodes mostly wait. Files stay whole, as what they share is dear.
SIDE_BY_SIDE = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder")


def main() -> int:
    options, asked = _parse()
    python = _environment(options.python)
    missing = [] if options.no_nodes else [name for name in _generations() if not _node(name)]
    if options.setup_only:
        print(python)
        return 1 if missing and options.require_all else 0
    for_pytest = [*SIDE_BY_SIDE, *(["--require-all"] if options.require_all else []), *asked]
    environ = os.environ | {"QUORATE_NODES": str(NODES)}
    code = subprocess.run([python, "-m", "pytest", *for_pytest], cwd=ROOT, env=environ, check=False).returncode
    if missing:
        _tell(f"{len(missing)} of {len(_generations())} real nodes could not be built: {', '.join(missing)}")
    return 1 if missing and options.require_all else code


def _parse() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python3 tests/run.py", description=__doc__, allow_abbrev=False, epilog="All else is handed to pytest."
    )
    parser.add_argument("--no-nodes", action="store_true", help="build no real node; tests that need one are skipped")
    parser.add_argument("--python", default=sys.executable, metavar="PROG", help="the Python to test with")
    parser.add_argument("--require-all", action="store_true", help="a skipped test or a missing node fails the run")
    parser.add_argument("--setup-only", action="store_true", help="run no test; print the Python of the environment")
    return parser.parse_known_args()


def _tell(line: str) -> None:
    print(f"tests/run.py: {line}", file=sys.stderr, flush=True)


def _give_up(line: str, output: str = "") -> SystemExit:
    if output:
        print(output, file=sys.stderr)
    _tell(line)
    return SystemExit(1)


def _run(
    argv: Iterable[str | Path], cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run to the end; stdout of the answer holds both streams."""
    return subprocess.run(
        [str(word) for word in argv],
        cwd=cwd,
        env=environ,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


# The environment


def _environment(prog: str) -> Path:
    """The Python of the tests' own virtual environment, made or brought up to date where that is needed."""
    version = _version_of(prog)
    folder = CACHE / f"venv-{version}"
    python = folder / "bin" / "python"
    stamp = folder / "installed-from"
    wanted = _digest([ROOT / "pyproject.toml"], str(ROOT))
    if stamp.is_file() and stamp.read_text() == wanted and _run([python, "-c", "pass"]).returncode == 0:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _tell(f"making a virtual environment with Python {version} in {folder.relative_to(ROOT)}")
    made = _run([prog, "-m", "venv", folder])
    if made.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise _give_up(
            f"{prog} makes no virtual environment. On Debian: apt-get install python3-venv git, then again.",
            made.stdout,
        )
    _tell("installing the project and what its tests need")
    installed = _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", f"{ROOT}[test]"])
    if installed.returncode != 0:
        raise _give_up("pip could not install the project (above: why)", installed.stdout)
    stamp.write_text(wanted)
    return python


def _version_of(prog: str) -> str:
    try:
        told = _run([prog, "-c", "import platform; print(platform.python_version())"])
    except OSError as missing:
        raise _give_up(f"{prog} does not run: {missing.strerror}") from missing
    version = told.stdout.strip()
    if told.returncode != 0:
        raise _give_up(f"{prog} does not run", told.stdout)
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PYTHON:
        raise _give_up(f"{prog} is Python {version}; quorate needs 3.11 or newer: --python PROG names another")
    return version


def _digest(files: Iterable[Path], *more: str) -> str:
    whole = hashlib.sha256()
    for part in (*(file.read_bytes() for file in files), *(text.encode() for text in more)):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


# The real nodes


def _generations() -> list[str]:
    return sorted(path.parent.name for path in MODULES.glob("*/go.mod"))


def _node(generation: str) -> bool:
    """Build one real node, unless it stands there already. Whether it does; if not, a file beside it says why."""
    program = NODES / f"cometbft-{generation}"
    failed = program.with_name(program.name + ".failed")
    stamp = program.with_name(program.name + ".built-from")
    module = MODULES / generation
    wanted = _digest(sorted(module.iterdir()))
    if program.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return True
    NODES.mkdir(parents=True, exist_ok=True)
    reason = _build(module, program)
    if reason:
        program.unlink(missing_ok=True)
        failed.write_text(reason)
        _tell(f"cometbft-{generation} was not built: {reason}")
        return False
    failed.unlink(missing_ok=True)
    stamp.write_text(wanted)
    return True


def _build(module: Path, program: Path) -> str:
    """Build the command that tools.go names; empty where it worked, else one line that says why not."""
    go = shutil.which("go")
    if go is None:
        return "Go is not installed (Debian: apt-get install golang, 1.23 or newer)"
    package = next(line.split('"')[1] for line in (module / "tools.go").read_text().splitlines() if "import" in line)
    _tell(f"building {program.name} ...")
    begun = time.monotonic()
    # Without cgo the build needs no C compiler, and every machine gets the same node.
    built = _run(
        [go, "build", "-trimpath", "-buildvcs=false", "-o", program, package],
        cwd=module,
        environ=os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"},
    )
    if built.returncode == 0:
        _tell(f"built {program.name} in {time.monotonic() - begun:.0f} s")
        return ""
    lines = [line for line in built.stdout.splitlines() if line.strip()] or [f"go build ended with {built.returncode}"]
    if GO_TOO_OLD in built.stdout:
        return f"{_run([go, 'version']).stdout.strip()} is too old for it: {lines[-1].strip()}"
    return lines[-1].strip()


if __name__ == "__main__":
    sys.exit(main())
