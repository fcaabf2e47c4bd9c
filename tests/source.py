"""What the source of the project says, read as syntax trees: imports, calls, and the codes of findings."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FINDING_MAKERS = frozenset({"error", "warning", "info", "unknown", "Finding"})
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, eq=False)
class Module:
    path: str
    """Below the repository, with slashes: ``core/keys/process.py``."""
    tree: ast.Module

    def nodes(self) -> tuple[ast.AST, ...]:
        """All of the tree: walked once, looked at by each test."""
        return _nodes(self)


@cache
def _nodes(module: Module) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(module.tree))


@cache
def modules(folder: str) -> tuple[Module, ...]:
    """Every module below a folder of the repository."""
    files = sorted(file for file in (ROOT / folder).rglob("*.py") if ".cache" not in file.parts)
    return tuple(Module(file.relative_to(ROOT).as_posix(), ast.parse(file.read_bytes(), str(file))) for file in files)


def dotted(node: ast.AST) -> str:
    """``os.path.join`` for that expression; empty for anything but names and attributes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def imported(module: Module) -> Iterator[str]:
    """Every absolute import, as ``package.module`` or ``package.module.name``."""
    for node in module.nodes():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_within(folders: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Of each module of these folders the paths of those that it imports: lazily and for its types too."""
    every = {module.path: module for folder in folders for module in modules(folder)}
    return {path: frozenset(_imported_paths(module, every)) - {path} for path, module in every.items()}


def _imported_paths(module: Module, every: Collection[str]) -> Iterator[str]:
    package = module.path.split("/")[:-1]
    for node in module.nodes():
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base += node.module.split(".") if node.module else []
            names = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for name in names:
            # ``from package import module`` and ``from module import name`` are written alike.
            tries = ("/".join(part) + end for part in (name, name[:-1]) for end in (".py", "/__init__.py"))
            yield from islice((path for path in tries if path in every), 1)


def circles(imports: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """The groups of modules that import each other in a loop, each sorted."""
    left = {path: set(others) for path, others in imports.items()}
    while bare := [path for path, others in left.items() if not others & left.keys()]:
        for path in bare:
            del left[path]
    # What is left lies on a circle or above one; above all that nobody who is left imports.
    while above := left.keys() - set().union(*left.values()):
        for path in above:
            del left[path]
    found: list[tuple[str, ...]] = []
    for path in sorted(left):
        if not any(path in one for one in found):
            group = {path} | {other for other in _reached(path, left) if path in _reached(other, left)}
            found += [tuple(sorted(group))] if len(group) > 1 else []
    return tuple(found)


def _reached(start: str, imports: Mapping[str, AbstractSet[str]]) -> set[str]:
    reached, ahead = set[str](), [start]
    while ahead:
        for other in imports.get(ahead.pop(), set()):
            if other not in reached:
                reached.add(other)
                ahead.append(other)
    return reached


def places(folder: str, seen: Callable[[Module], Iterator[str]], allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
    """``path: what`` for all that ``seen`` finds in modules whose path starts with none of ``allowed``."""
    found = ((module.path, what) for module in modules(folder) for what in seen(module))
    return tuple(f"{path}: {what}" for path, what in found if not path.startswith(allowed))


@dataclass(frozen=True, slots=True, order=True)
class CodeUse:
    code: str
    module: str
    severity: str
    """The word the code was used with, or ``Finding`` where the severity is computed."""


def finding_codes() -> tuple[CodeUse, ...]:
    """Every finding code that stands as a literal in core, once per module and severity, sorted."""
    return tuple(sorted({use for module in modules("core") for use in _codes(module)}))


def _codes(module: Module) -> Iterator[CodeUse]:
    for node in module.nodes():
        if isinstance(node, ast.Call) and (maker := dotted(node.func).rpartition(".")[2]) in FINDING_MAKERS:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield CodeUse(first.value, module.path, maker)


def writes(module: Module) -> Iterator[str]:
    """Every expression that can change a file: what it is, and its line."""
    harmless = {id(inner) for call in _on_devnull(module) for inner in ast.walk(call)}
    for node in module.nodes():
        what = "" if id(node) in harmless else _write(node)
        if what:
            yield f"{what} (line {getattr(node, 'lineno', 0)})"


_WRITING_METHODS = frozenset(
    {"write_text", "write_bytes", "touch", "mkdir", "rmdir", "unlink", "rename", "chmod", "lchmod"}
    | {"symlink_to", "hardlink_to"}
)
_WRITING_OS = frozenset(
    {"rename", "renames", "replace", "remove", "unlink", "rmdir", "removedirs", "mkdir", "makedirs"}
    | {"link", "symlink", "chmod", "lchmod", "fchmod", "chown", "lchown", "fchown"}
    | {"truncate", "ftruncate", "utime", "mkfifo", "mknod"}
)
_WRITING_FLAGS = frozenset({"O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC", "O_TMPFILE"})
_READING_SHUTIL = frozenset({"which", "get_terminal_size", "disk_usage"})
_WRITING_MODE = re.compile(r"(?=.*[wax+])[rwaxbtU+]{1,3}")


def _on_devnull(module: Module) -> Iterator[ast.Call]:
    for node in module.nodes():
        if isinstance(node, ast.Call) and dotted(node.func) == "os.open" and dotted(node.args[0]) == "os.devnull":
            yield node


def _write(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and node.attr in _WRITING_FLAGS:
        return node.attr
    if isinstance(node, ast.ImportFrom) and node.module in ("os", "shutil", "tempfile"):
        names = [alias.name for alias in node.names if _writing_name(node.module, alias.name)]
        return f"from {node.module} import {', '.join(names)}" if names else ""
    return _write_call(node) if isinstance(node, ast.Call) else ""


def _write_call(call: ast.Call) -> str:
    name = dotted(call.func)
    owner, _, last = name.rpartition(".")
    if not name and isinstance(call.func, ast.Attribute):
        last = call.func.attr
    if owner in ("os", "shutil", "tempfile"):
        return name if _writing_name(owner, last) or _opens_to_write(call, last) else ""
    if last in _WRITING_METHODS or _opens_to_write(call, last):
        return name or last
    # str.replace takes two arguments, Path.replace one.
    return "Path.replace" if last == "replace" and owner and len(call.args) == 1 and not call.keywords else ""


def _writing_name(owner: str, name: str) -> bool:
    if owner == "os":
        return name in _WRITING_OS
    return owner == "tempfile" or name not in _READING_SHUTIL


def _opens_to_write(call: ast.Call, name: str) -> bool:
    if name not in ("open", "fdopen"):
        return False
    said = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    modes = (part.value for part in said if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return any(_WRITING_MODE.fullmatch(mode) for mode in modes)
