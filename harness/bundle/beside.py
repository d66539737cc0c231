"""The other files that a project's module needs when another process loads it.

The engine imports answers in Python, and parallel processes also compare expectations. Such a module belongs
to a package for its folder, with imports like `from .rows import ...`. The other files are those in or below
a folder that a string in the module refers to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.files import is_file, read_text


def with_beside(modules: Iterable[Path]) -> tuple[Path, ...]:
    """Return the modules, the modules that they import from their folder, and the files that these
    refer to.
    """
    queue = list(modules)
    found: dict[Path, None] = {}
    while queue:
        path = queue.pop(0)
        if path in found or not is_file(path):
            continue
        found[path] = None
        if path.suffix == ".py":
            queue += _named_in(path)
    return tuple(found)


def _named_in(path: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(read_text(path))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield from _imported(path, node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _may_name(node.value):
            file = path.parent / node.value
            if is_file(file):
                yield file


def _imported(path: Path, node: ast.ImportFrom) -> Iterator[Path]:
    folder = path.parents[node.level - 1] if node.level <= len(path.parents) else path.parent
    base = folder.joinpath(*(node.module or "").split("."))
    names = [base, *(base / alias.name for alias in node.names)]
    for name in names:
        yield from (name / "__init__.py", Path(f"{name}.py"))


def _may_name(text: str) -> bool:
    return 0 < len(text) < 200 and "\n" not in text and not text.startswith(("/", "..", "~"))
