"""The shape of the project, held by tests: who may import, write, look at the clock, start a program."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.steps import IDS, step
from tests.source import (
    CODE,
    ROOT,
    Module,
    _imported_paths,
    circles,
    dotted,
    finding_codes,
    imported,
    imports_within,
    modules,
    places,
    writes,
)

WRITERS = ("core/apply/", "core/changes/", "core/disk/", "core/binder.py", "core/state.py", "core/keys/process.py")
TALKERS = ("core/adapters/",)
CLOCK = ("core/adapters/clock.py",)
HEAVY = ("textual", "rich", "pydantic", "pydantic_core", "cryptography", "nacl", "tomlkit", "dns", "mnemonic")
JUNK_DRAWERS = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "shared", "tools", "lib"})


def _in_a_new_process(code: str) -> str:
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


# Who imports whom


def test_core_imports_no_textual_and_no_tui() -> None:
    def seen(module: Module) -> Iterator[str]:
        yield from (name for name in imported(module) if name.split(".")[0] in ("textual", "rich", "tui"))

    assert places("core", seen) == ()


COMPOSED = ("core/cli/session.py", "tui/session.py")
"""Where the real World is composed; everything else is handed one."""


def test_only_who_composes_the_world_imports_adapters() -> None:
    arrows = imports_within(("core", "tui"))
    importers = {path for path, others in arrows.items() if any(one.startswith(TALKERS) for one in others)}
    assert {path for path in importers if not path.startswith(TALKERS)} == set(COMPOSED)


def test_core_imports_itself_relatively() -> None:
    def seen(module: Module) -> Iterator[str]:
        yield from (name for name in imported(module) if name.split(".")[0] in ("core", "quorate", "tests"))

    assert places("core", seen) == ()


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles(imports_within(("core", "tui"))) == ()


FLOORS_OF_TUI = (
    ("tui/__init__", "tui/action", "tui/crash", "tui/paint", "tui/practice", "tui/preflight", "tui/reader"),
    ("tui/session", "tui/theme", "tui/topic"),
    ("tui/widgets/", "tui/driver", "tui/around", "tui/onward"),
    ("tui/plain",),
    ("tui/page",),
    ("tui/inputs",),
    ("tui/screens/step/", "tui/screens/opened/"),
    ("tui/screens/",),
    ("tui/screens/__init__",),
    ("tui/frame",),
    ("tui/app",),
    ("tui/__main__",),
    ("tui/_launch",),
)
"""From the ground up. A file imports from its own floor and from those below."""


def _floor_of_tui(path: str) -> int:
    """The longest name that fits says it: ``tui/screens/__init__`` before ``tui/screens/``."""
    fits = [(len(name), at) for at, floor in enumerate(FLOORS_OF_TUI) for name in floor if path.startswith(name)]
    assert fits, f"{path} stands on no floor: name it in FLOORS_OF_TUI"
    return max(fits)[1]


def test_no_import_runs_back_up_inside_tui() -> None:
    arrows = ((path, other) for path, others in imports_within(("tui",)).items() for other in sorted(others))
    assert [f"{path} -> {other}" for path, other in arrows if _floor_of_tui(path) < _floor_of_tui(other)] == []


def test_the_search_for_circles_finds_them() -> None:
    arrows = {"a": frozenset("b"), "b": frozenset("cd"), "c": frozenset("a"), "d": frozenset(), "e": frozenset("a")}
    two = {"f": frozenset("g"), "g": frozenset("fa")}
    assert circles(arrows) == (("a", "b", "c"),)
    assert circles(arrows | two) == (("a", "b", "c"), ("f", "g"))
    assert circles({"a": frozenset("b"), "b": frozenset()}) == ()


def test_lazy_and_type_only_imports_count() -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .b import B\ndef f():\n    from . import c\n"
    every = {"x/a.py", "x/b.py", "x/c.py"}
    assert set(_imported_paths(Module("x/a.py", ast.parse(text)), every)) == {"x/b.py", "x/c.py"}


def test_every_module_of_core_is_imported_without_textual() -> None:
    names = [module.path.removesuffix(".py").replace("/", ".") for module in modules("core")]
    wanted = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    loaded = _in_a_new_process(
        f"import sys, importlib\nfor name in {wanted!r}: importlib.import_module(name)\nprint(*sys.modules)"
    )
    assert {name for name in loaded.split() if name.split(".")[0] in ("textual", "rich", "tui")} == set()


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["genesis", "--help"]])
def test_version_and_help_import_nothing_heavy(words: list[str]) -> None:
    loaded = _in_a_new_process(
        "import sys, contextlib, io\nfrom tui.__main__ import main\n"
        f"with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main({words!r})\n"
        "print(*sys.modules)"
    )
    assert {name for name in loaded.split() if name.split(".")[0] in HEAVY} == set()


def test_version_imports_no_command_line() -> None:
    loaded = _in_a_new_process(
        "import sys\nbefore = set(sys.modules)\nfrom tui.__main__ import main\nmain(['--version'])\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    assert loaded.splitlines()[1].split() == ["core", "core.version", "tui", "tui.__main__"]


# Who touches the world


def test_only_apply_state_and_key_process_write_files() -> None:
    assert places("core", writes, WRITERS) == ()


def test_a_plan_is_made_where_its_real_places_are_filled_in() -> None:
    # A step is asked in one place alone, so that no page or command shows a plan whose paths may lead elsewhere.
    def asks(module: Module) -> Iterator[str]:
        calls = (node.func for node in module.nodes() if isinstance(node, ast.Call))
        yield from (dotted(call) for call in calls if isinstance(call, ast.Attribute) and call.attr == "plan")

    assert [*places("core", asks), *places("tui", asks)] == ["core/run.py: shown.step.plan"]


def test_tui_writes_no_files_but_the_terminal() -> None:
    # The driver opens /dev/tty anew to give it back without waiting for it.
    assert places("tui", writes, ("tui/driver.py",)) == ()


@pytest.mark.parametrize(
    "line",
    [
        "open(path, 'w')",
        "open(path, mode='ab')",
        "path.open('x')",
        "os.fdopen(handle, 'wb')",
        "path.write_bytes(b'')",
        "(folder / 'a').write_text('')",
        "os.open(path, os.O_WRONLY | os.O_CREAT)",
        "os.replace(a, b)",
        "path.replace(other)",
        "(folder / 'a').unlink()",
        "from os import rename",
        "shutil.copy(a, b)",
        "tempfile.mkdtemp()",
    ],
)
def test_the_search_for_writers_finds(line: str) -> None:
    assert list(writes(Module("x.py", ast.parse(line))))


@pytest.mark.parametrize(
    "line",
    [
        "open(path, 'rb')",
        "os.open(path, os.O_RDONLY)",
        "os.open(os.devnull, os.O_RDWR)",
        "text.replace('a', 'b')",
        "replace(card, moniker='x')",
        "State.open(root, 'a-network')",
        "shutil.which('cometbft')",
    ],
)
def test_the_search_for_writers_leaves_alone(line: str) -> None:
    assert list(writes(Module("x.py", ast.parse(line)))) == []


def test_only_the_clock_looks_at_the_time() -> None:
    now = re.compile(r"(.*\.)?(datetime|date)\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime|ctime)")

    def seen(module: Module) -> Iterator[str]:
        calls = (dotted(node.func) for node in module.nodes() if isinstance(node, ast.Call))
        yield from (call for call in calls if now.fullmatch(call))

    assert places("core", seen, CLOCK) == ()
    assert places("tui", seen) == ()


def test_only_adapters_start_programs_and_open_sockets() -> None:
    modules_for_it = (
        "subprocess",
        "socket",
        "ssl",
        "http",
        "urllib.request",
        "ftplib",
        "smtplib",
        "dns",
        "multiprocessing",
    )
    calls_for_it = re.compile(
        r"asyncio\.(create_subprocess_\w+|open_connection|open_unix_connection|start_server)"
        r"|os\.(system|popen|fork|forkpty|exec\w+|spawn\w+|posix_spawn\w*)"
    )

    def seen(module: Module) -> Iterator[str]:
        for name in imported(module):
            if any(name == banned or name.startswith(banned + ".") for banned in modules_for_it):
                yield name
        calls = (dotted(node.func) for node in module.nodes() if isinstance(node, ast.Call))
        yield from (call for call in calls if calls_for_it.fullmatch(call))

    assert places("core", seen, TALKERS) == ()
    assert places("tui", seen) == ()


# Findings


def test_finding_codes_are_kebab_case() -> None:
    assert [use for use in finding_codes() if not CODE.fullmatch(use.code)] == []


TWO_READERS = ("toml-",)
"""A format is read strictly for our documents, and again as the node reads its file: the same is wrong in both."""


def test_a_finding_code_has_one_meaning_and_so_one_feature() -> None:
    by_code: dict[str, set[str]] = defaultdict(set)
    for use in finding_codes():
        if not use.code.startswith(TWO_READERS):
            by_code[use.code].add(use.module.rpartition("/")[0])
    assert {code: sorted(where) for code, where in by_code.items() if len(where) > 1} == {}


# Steps


def test_every_step_of_the_list_is_a_whole_step_in_a_folder_of_its_name() -> None:
    for name in IDS:
        made = step(name)
        assert made.id == name and made.title.lower() == name and made.purpose.endswith("."), name
        names = [field.name for field in made.fields]
        assert len(set(names)) == len(names) and all(field.label and field.help for field in made.fields), name
        assert type(made).__module__ == f"core.{name}.step"


# Names and places


def test_no_module_is_a_junk_drawer() -> None:
    every = (module.path for folder in ("core", "tui", "tests") for module in modules(folder))
    assert [path for path in every if JUNK_DRAWERS & set(Path(path).with_suffix("").parts)] == []


def test_the_map_of_core_names_what_is_there_and_nothing_else() -> None:
    told = re.findall(r"^ {4}(\w+/?)  ", modules("core")[0].tree.body[0].value.value, re.MULTILINE)  # type: ignore[attr-defined]
    there = {
        path.name + "/" if path.is_dir() else path.stem
        for path in (ROOT / "core").iterdir()
        if path.name not in ("__pycache__", "__init__.py", "__main__.py")
    }
    assert sorted(told) == sorted(there)


def _texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("git does not list the files of this tree")
    for name in listed.stdout.decode().split("\0"):
        if (ROOT / name).is_file() and not name.endswith((".sum", ".mod")):
            yield name, (ROOT / name).read_text("utf-8", "replace")


def test_nothing_names_a_place_of_one_machine() -> None:
    places_of_one = ("/" + "work/", "../" + "shared", "." + "library", "bash" + "_jobs")
    hosts = ("pypi" + ".org", "files.python" + "hosted", "proxy." + "golang", "deb." + "debian", "registry." + "npmjs")
    found = [(name, word) for name, text in _texts() for word in (*places_of_one, *hosts) if word in text]
    assert found == []
