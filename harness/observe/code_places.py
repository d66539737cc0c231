"""Locates a function's handler, or a failing import, in the function's code without running it."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.observe.code_folders import CODE, folders_of, properties_of
from harness.stack.origin import Origin

MOST_FILES = 400
"""Maximum number of files to search for an import, per function."""
_UNABLE = re.compile(r"Unable to import module '([^']+)': (.*)", re.DOTALL)
_MODULE = re.compile(r"No module named '([^']+)'")
_NAME = re.compile(r"cannot import name '([^']+)' from (?:partially initialized module )?'([^']+)'")


class Line(NamedTuple):
    """A line in a file, counted from 1, with its text."""

    file: Path
    number: int
    text: str


def handler_line(origin: Origin) -> Line | None:
    """Return the line that defines a function's handler, or None if no project file defines it."""
    module, _, name = str(properties_of(origin).get("Handler", "")).rpartition(".")
    folders = [folder for root, folder in folders_of(origin) if root == CODE]
    file = _file_of(module.replace("/", "."), folders) if name else None
    if file is None:
        return None
    for node in _nodes(file):
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        targets = node.targets if isinstance(node, ast.Assign) else []
        if named or any(isinstance(each, ast.Name) and each.id == name for each in targets):
            return _line(file, node)
    return Line(file, 1, "")


def import_line(origin: Origin, message: str) -> Line | None:
    """Return the line of the import that Lambda's error message about a module refers to.

    Search the handler's module first, then the function's own modules that it imports.
    """
    unable = _UNABLE.search(message)
    wanted = _wanted(unable[2]) if unable else None
    if unable is None or wanted is None:
        return None
    folders = [folder for _, folder in folders_of(origin)]
    first = _file_of(unable[1].replace("/", "."), folders)
    waiting, seen = deque([first] if first else []), {first}
    while waiting and len(seen) < MOST_FILES:
        file = waiting.popleft()
        for made in _imports(file, folders):
            if wanted in (made.module, *(f"{made.module}:{name}" for name in made.names)):
                return _line(file, made.node)
            if wanted in (f"{made.module}.{name}" for name in made.names):
                return _line(file, made.node)
            for module in (made.module, *(f"{made.module}.{name}" for name in made.names)):
                inner = _file_of(module, folders)
                if inner is not None and inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)
    return None


class _Import(NamedTuple):
    """An import statement: the full name of the module, and the names imported from it."""

    node: ast.stmt
    module: str
    names: tuple[str, ...]


def _wanted(why: str) -> str | None:
    """Return the missing module, or `module:name` if a name in it is missing."""
    if name := _NAME.search(why):
        return f"{name[2]}:{name[1]}"
    module = _MODULE.search(why)
    return module[1] if module else None


def _imports(file: Path, folders: Sequence[Path]) -> Iterator[_Import]:
    for node in _nodes(file):
        if isinstance(node, ast.Import):
            for each in node.names:
                for module in _with_parents(each.name):
                    yield _Import(node, module, ())
        elif isinstance(node, ast.ImportFrom):
            names = tuple(each.name for each in node.names)
            module = ".".join(filter(None, (_package(file, folders, node.level), node.module)))
            for parent in _with_parents(module)[:-1]:
                yield _Import(node, parent, ())
            yield _Import(node, module, names)


def _with_parents(module: str) -> list[str]:
    """Yield `a`, `a.b` and `a.b.c` for `a.b.c`, because Python imports each of them."""
    parts = module.split(".")
    return [".".join(parts[:number]) for number in range(1, len(parts) + 1)]


def _package(file: Path, folders: Sequence[Path], level: int) -> str:
    """Return the package that a relative import refers to, or "" for an absolute import."""
    if not level:
        return ""
    root = next((each for each in folders if file.is_relative_to(each)), file.parent)
    parts = file.relative_to(root).parts[:-1]
    return ".".join(parts[: len(parts) - (level - 1)])


def _file_of(module: str, folders: Sequence[Path]) -> Path | None:
    """Return the file of a module in a function's folders."""
    path = Path(*module.split(".")) if module.strip(".") else None
    for folder in folders if path is not None else ():
        for file in (folder / f"{path}.py", folder / str(path) / "__init__.py"):
            if file.is_file():
                return file
    return None


def _nodes(file: Path) -> Iterator[ast.AST]:
    """Return a file's import statements, sorted by line. Empty if the file cannot be read."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    yield from sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.stmt)), key=lambda node: node.lineno
    )


def _line(file: Path, node: ast.AST) -> Line:
    number = getattr(node, "lineno", 1)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return Line(file, number, lines[number - 1].strip() if number <= len(lines) else "")
