"""Finds the files that a function's code imports, from its source, without running it.

When the source does not list all imports, as with `importlib`, every file next to it counts.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

_IN_DOUBT: Final = frozenset(
    {"__import__", "eval", "exec", "import_module", "importlib", "pkgutil", "runpy", "zipimport"}
)
"""Names in code that indicate imports without import statements."""


@dataclass(frozen=True)
class Imported:
    """The imported Python files, including missing ones that would be imported; None means all."""

    files: frozenset[str] | None

    def has(self, path: Path) -> bool:
        """Return whether a Python file is imported."""
        return self.files is None or str(path) in self.files


ALL: Final = Imported(None)
_Names: TypeAlias = "tuple[tuple[int, str], ...] | None"
"""A file's imported modules: level (number of dots) and name; None if they are not all known."""


def imported(handler: str, roots: Sequence[Path]) -> Imported:
    """Return the files that a handler, such as `app.orders.handler`, imports from folders.

    `roots` are the folders in which Python looks for them, in search order.
    """
    module = handler.rpartition(".")[0].replace("/", ".")
    walk = _Walk([str(root) for root in roots])
    walk.absolute(module)
    if not module or not any(os.path.isfile(path) for path in walk.waiting):
        return ALL
    return Imported(walk.files())


class _Walk:
    """The files found so far, and those whose imports are still to be read."""

    def __init__(self, roots: Sequence[str]) -> None:
        self._roots = roots
        self._found: set[str] = set()
        self._names: set[str] = set()
        self.waiting: list[str] = []

    def files(self) -> frozenset[str] | None:
        """Return all files, or None if one of them may import any file."""
        while self.waiting:
            path = self.waiting.pop()
            status = _status(path)
            names = _read(path, status.st_mtime_ns, status.st_size) if status is not None else ()
            if names is None:
                return None
            for level, name in names:
                if level:
                    self._relative(path, level, name)
                else:
                    self.absolute(name)
        return frozenset(self._found)

    def absolute(self, name: str) -> None:
        """Add the files that may define a module, and its parent packages."""
        while name and name not in self._names:
            self._names.add(name)
            for root in self._roots:
                self._add(root, name)
            name = name.rpartition(".")[0]

    def _relative(self, path: str, level: int, name: str) -> None:
        package = path
        for _ in range(level):
            package = os.path.dirname(package)
        self._take(f"{package}{os.sep}__init__.py")
        while name:
            self._add(package, name)
            name = name.rpartition(".")[0]

    def _add(self, folder: str, name: str) -> None:
        place = f"{folder}{os.sep}{name.replace('.', os.sep)}"
        self._take(f"{place}.py")
        self._take(f"{place}{os.sep}__init__.py")

    def _take(self, path: str) -> None:
        if path not in self._found:
            self._found.add(path)
            self.waiting.append(path)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _read(path: str, _changed_ns: int, _size: int) -> _Names:
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names: dict[tuple[int, str], None] = {}
    for node in ast.walk(tree):
        if _is_in_doubt(node):
            return None
        if isinstance(node, ast.Import):
            names.update(((0, alias.name), None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names[node.level, module] = None
            of_it = (f"{module}.{alias.name}".lstrip(".") for alias in node.names)
            names.update(((node.level, name), None) for name in of_it)
    return tuple(names)


def _is_in_doubt(node: ast.AST) -> bool:
    """Return whether code imports, or may import, modules without import statements."""
    if isinstance(node, ast.Name):
        return node.id in _IN_DOUBT
    if isinstance(node, ast.Attribute):
        return node.attr == "import_module" or (
            node.attr in ("path", "meta_path", "path_hooks", "modules")
            and isinstance(node.value, ast.Name)
            and node.value.id == "sys"
        )
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in _IN_DOUBT for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return not node.level and _of_import(node)
    return False


def _of_import(node: ast.ImportFrom) -> bool:
    doubted = (node.module or "").partition(".")[0] in _IN_DOUBT
    return doubted or any(alias.name == "*" for alias in node.names)
